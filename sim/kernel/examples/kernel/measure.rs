//! CPU time, resident memory, and the line that reports them. Knows no workload.

use std::time::Instant;

/// Begun when the timed part begins.
pub struct Measure {
    wall: Instant,
    cpu: f64,
}

/// What one run did.
pub struct Run {
    /// Who did it.
    pub contender: &'static str,
    /// Which workload.
    pub workload: &'static str,
    /// Its size.
    pub size: u64,
    /// Units of work.
    pub units: u64,
    /// Memory for each pending event, where that was measured.
    pub bytes_each: f64,
    /// A figure that all contenders must agree on.
    pub check: String,
}

impl Measure {
    /// From now.
    pub fn begin() -> Self {
        Self { wall: Instant::now(), cpu: cpu_seconds() }
    }

    /// Until now: prints the line.
    pub fn end(self, run: &Run) {
        let (wall, cpu) = (self.wall.elapsed().as_secs_f64(), cpu_seconds() - self.cpu);
        let Run { contender, workload, size, units, bytes_each, check } = run;
        println!(
            "{{\"c\":\"{contender}\",\"w\":\"{workload}\",\"n\":{size},\"units\":{units},\
             \"wall\":{wall:.6},\"cpu\":{cpu:.6},\"per_s\":{:.0},\"B\":{bytes_each:.1},\
             \"check\":\"{check}\"}}",
            *units as f64 / cpu
        );
    }
}

/// CPU time of this process.
pub fn cpu_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    #[expect(unsafe_code, reason = "the standard library does not tell CPU time")]
    // SAFETY: `time` is a valid place to write to, and the clock exists on every Linux.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    assert_eq!(result, 0, "CPU time is not to be had here");
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Memory of this process that is really there, in bytes.
pub fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok())
        .map_or(0, |kibibytes: u64| kibibytes * 1024)
}
