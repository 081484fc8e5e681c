//! What runs in a tenant's container: burns the cpu and holds the memory that a file asks for.
//! Handles no signal: its containers are stopped by SIGKILL.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(200);
// The period of Linux' own cpu quotas (cpu.cfs_period_us), which hold the containers.
const PERIOD: Duration = Duration::from_millis(100);

/// How much to burn and to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Load {
    millicores: u64,
    mebibytes: usize,
}

/// Works until the container ends.
pub fn run(steer: &Path) -> io::Result<()> {
    let file = steer.join("load");
    let asked = Arc::new(AtomicU64::new(0));
    let (mut burners, mut memory) = (0, Vec::new());
    let mut load = Load::default();
    loop {
        let next = std::fs::read_to_string(&file).ok().and_then(|text| parse(&text));
        let next = next.unwrap_or_default();
        if next.mebibytes != load.mebibytes {
            drop(memory);
            memory = resident(next.mebibytes);
        }
        asked.store(next.millicores, Ordering::Relaxed);
        while burners < next.millicores.div_ceil(1_000) {
            let (asked, index) = (Arc::clone(&asked), burners);
            thread::Builder::new().spawn(move || burn(index, &asked))?;
            burners += 1;
        }
        load = next;
        thread::sleep(POLL);
    }
}

/// Two whole numbers; anything else is no load.
fn parse(text: &str) -> Option<Load> {
    let mut words = text.split_whitespace();
    let load =
        Load { millicores: words.next()?.parse().ok()?, mebibytes: words.next()?.parse().ok()? };
    words.next().is_none().then_some(load)
}

/// Memory that was written to: only such memory counts as used.
fn resident(mebibytes: usize) -> Vec<u8> {
    vec![1; mebibytes.saturating_mul(1 << 20)]
}

/// Burns one core's part of what is asked.
fn burn(index: u64, asked: &AtomicU64) {
    loop {
        let busy = busy_in_period(index, asked.load(Ordering::Relaxed));
        if busy.is_zero() {
            thread::sleep(POLL);
            continue;
        }
        let started = Instant::now();
        while started.elapsed() < busy {
            std::hint::spin_loop();
        }
        thread::sleep(PERIOD.saturating_sub(started.elapsed()));
    }
}

/// For how long of each period the burner with this index is busy.
fn busy_in_period(index: u64, millicores: u64) -> Duration {
    let own = millicores.saturating_sub(index.saturating_mul(1_000)).min(1_000);
    PERIOD * u32::try_from(own).expect("at most 1000") / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_two_whole_numbers() {
        assert_eq!(parse("150 24\n"), Some(Load { millicores: 150, mebibytes: 24 }));
        for malformed in ["", "150", "150 24 1", "-1 2", "a b", "1.5 2"] {
            assert_eq!(parse(malformed), None, "{malformed:?}");
        }
    }

    #[test]
    fn burners_share_what_is_asked() {
        // 1500m: the first burns 1000m, the second 500m of each 100 ms, the third nothing.
        let busy = [0, 1, 2].map(|index| busy_in_period(index, 1_500).as_millis());
        assert_eq!(busy, [100, 50, 0]);
    }

    #[test]
    fn memory_has_the_size_asked_for() {
        assert_eq!(resident(2).len(), 2 * 1024 * 1024);
        assert!(resident(0).is_empty());
    }
}
