//! Free ports for the servers of a test. Starts nothing.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

/// Below 32768, from where Linux takes ports for outgoing connections.
const PORTS: std::ops::Range<u32> = 20_000..32_000;

/// A free port, which no other thread of this test is given.
pub fn free_port() -> u16 {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let length = PORTS.end - PORTS.start;
    let first = std::process::id().wrapping_mul(7_919);
    let found = (0..length).find_map(|_| {
        let step = first.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(PORTS.start + step % length).ok()?;
        TcpListener::bind(("127.0.0.1", port)).is_ok().then_some(port)
    });
    found.expect("a free port between 20000 and 32000")
}
