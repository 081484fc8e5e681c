//! Finds free ports of 127.0.0.1. Reserves none: who uses one must be ready to ask again.

use std::io;
use std::net::TcpListener;
use std::time::{SystemTime, UNIX_EPOCH};

// Below 32768, where Linux begins to hand ports to outgoing connections
// (ip_local_port_range): such a port stays free while a server that had it is down.
const FIRST: u32 = 20_000;
const COUNT: u32 = 12_000;

/// Prints free ports, one a line.
pub fn print(count: usize) -> io::Result<()> {
    for port in free(count, start())? {
        println!("{port}");
    }
    Ok(())
}

/// Somewhere in the range, so that two boxes that start together seldom ask for the same ports.
fn start() -> u32 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.subsec_micros().wrapping_add(std::process::id().wrapping_mul(7_919))
}

fn free(count: usize, start: u32) -> io::Result<Vec<u16>> {
    let mut held = Vec::new();
    for step in 0..COUNT {
        if held.len() == count {
            break;
        }
        let port = FIRST + start.wrapping_add(step) % COUNT;
        let port = u16::try_from(port).expect("the range ends below 65536");
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            held.push((port, listener));
        }
    }
    if held.len() < count {
        return Err(io::Error::other("no free port between 20000 and 32000"));
    }
    Ok(held.into_iter().map(|(port, _)| port).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ_and_can_be_bound() {
        let ports = free(3, start()).unwrap();
        let listeners: Vec<TcpListener> =
            ports.iter().map(|port| TcpListener::bind(("127.0.0.1", *port)).unwrap()).collect();
        assert_eq!(listeners.len(), 3);
    }

    #[test]
    fn a_port_in_use_is_passed_over() {
        let start = start();
        let taken = free(1, start).unwrap()[0];
        let _listener = TcpListener::bind(("127.0.0.1", taken)).unwrap();
        assert_ne!(free(1, start).unwrap()[0], taken);
    }
}
