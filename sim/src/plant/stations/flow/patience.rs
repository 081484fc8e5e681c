//! Those who give up in line. Without memory, they leave at a rate (Erlang's A, exactly). With any
//! other law, those who will be served are followed: of those who come, the share whose patience
//! is longer than the wait that is offered (Baccelli and Hebuterne 1981). Knows no line.

use super::spread::Spread;
use crate::kernel::chance::Law;

/// How long callers wait.
#[derive(Clone, Debug)]
pub(super) enum Patience {
    /// So many leave in a second, of each who waits.
    Memoryless(f64),
    /// Any other.
    Any {
        law: Spread,
        /// How long it takes until a slot of the line is served.
        phase: f64,
        /// By the number of slots ahead, the share that stays.
        stays: Vec<f64>,
    },
}

/// Of callers who wait at a place in line.
pub(super) struct Served {
    /// The share that is served.
    pub(super) share: f64,
    /// Of those, the wait.
    pub(super) mean: f64,
    pub(super) scv: f64,
}

/// Beyond so many slots the share is calculated where it is needed.
const TABLE: usize = 2_048;

impl Patience {
    pub(super) fn new(law: &Law) -> Self {
        match law {
            Law::Exponential { mean } if *mean > 0.0 => Self::Memoryless(1e9 / mean),
            _ => Self::Any { law: Spread::of(law), phase: 0.0, stays: Vec::new() },
        }
    }

    /// A slot of the line takes so long from now on.
    pub(super) fn prepare(&mut self, slot_takes: f64) {
        let Self::Any { law, phase, stays } = self else { return };
        if (slot_takes / phase.max(1e-12) - 1.0).abs() < 1e-3 {
            return;
        }
        *phase = slot_takes;
        stays.clear();
        // Where all are alike, it is as quick to look at the one.
        if law.points().len() == 1 {
            return;
        }
        let mut ahead = 0.0;
        while stays.len() < TABLE {
            let share = law.smoothly_above((ahead + 1.0) * slot_takes);
            stays.push(share);
            if share < 1e-9 {
                break;
            }
            ahead += 1.0;
        }
    }

    /// Of those who come behind so many slots, the share that will be served.
    pub(super) fn accepts(&self, ahead: f64) -> f64 {
        let Self::Any { law, phase, stays } = self else { return 1.0 };
        if stays.is_empty() {
            return law.smoothly_above((ahead + 1.0) * phase);
        }
        let low = ahead.max(0.0).floor();
        let at = super::bins::whole(low);
        let here = |at: u64| usize::try_from(at).ok().and_then(|at| stays.get(at)).copied();
        match (here(at), here(at + 1)) {
            (Some(one), Some(next)) => one + (next - one) * (ahead.max(0.0) - low),
            _ if stays.len() < TABLE => 0.0,
            _ => law.smoothly_above((ahead + 1.0) * phase),
        }
    }

    /// How many leave in a second where so many wait.
    pub(super) fn leave(&self, waiting: f64) -> f64 {
        match self {
            Self::Memoryless(pace) => pace * waiting,
            Self::Any { .. } => 0.0,
        }
    }

    /// Of callers who come behind so many customers, the share that is never served, and how long those
    /// stand there.
    pub(super) fn lingering(&self, waiting: f64, slot: f64) -> (f64, f64) {
        let Self::Any { law, phase, .. } = self else { return (0.0, 0.0) };
        if waiting <= 0.0 {
            return (0.0, 0.0);
        }
        let ahead = waiting / slot;
        let share = 1.0 - self.accepts(ahead);
        if share <= 1e-12 {
            return (0.0, 0.0);
        }
        // The mean of the shorter of patience and wait is that of both kinds of callers.
        let wait = (ahead + 1.0) * phase;
        let gone = (law.capped(wait) - (1.0 - share) * wait) / share;
        (share, gone.clamp(0.0, wait))
    }

    /// What becomes of a caller who comes behind so many slots, of so long each.
    pub(super) fn served(&self, ahead: f64, phase: f64) -> Served {
        match self {
            Self::Any { law, .. } => {
                let (share, wait) = (self.accepts(ahead), (ahead + 1.0) * phase);
                // The chain is one of the wait that is offered; nobody is served after the longest.
                let longest = law.points().last().map_or(0.0, |(value, _)| *value);
                Served { share, mean: wait.min(longest), scv: 0.0 }
            }
            Self::Memoryless(pace) => {
                // Those ahead give up too: the one after j others moves up at 1 ÷ phase + j × pace.
                let rate = 1.0 / phase;
                let (near, far) = (rate + 0.5 * pace, rate + (ahead + 1.5) * pace);
                let mean = libm::log(far / near) / pace;
                let variance = (1.0 / near - 1.0 / far) / pace;
                Served {
                    share: rate / (rate + (ahead + 1.0) * pace),
                    mean,
                    scv: variance / (mean * mean),
                }
            }
        }
    }
}
