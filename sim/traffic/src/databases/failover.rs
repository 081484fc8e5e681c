//! How long it takes until another takes over from a primary that was lost: each manager by its own timers, drawn
//! as they happen to stand. Knows no database.

use crate::distributions::distribution;
use seatrial_contract::Stream;
use seatrial_contract::units::Span;
use seatrial_format::scenario::{CloudNative, Failover as File, Manual, Patroni, Probing};
use seatrial_kernel::chance::Distribution;

/// Who makes a standby the primary.
#[derive(Clone, Debug)]
pub(crate) enum Manager {
    Patroni(Patroni),
    CloudNative(CloudNative, Distribution),
    /// Noticed, acknowledged, done.
    Manual([Distribution; 3]),
    /// A script that asks and promotes.
    Probing(Probing, Distribution),
    /// Whoever is told to, and nobody else: how long it takes.
    ByPolicy(Distribution),
    /// A managed service, or something with a time of its own: from the loss until all is done.
    Timed(Distribution),
}

/// How a primary is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Its machine does not answer any more.
    Machine,
    /// Its process has crashed on a machine that lives, and would be there again after so long.
    Process(Span),
}

/// What comes of a loss, in spans from it that never decrease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Somebody knows; it is decided what is to be done; it is being done. A managed service does not say.
    pub steps: Option<[Span; 3]>,
    /// The database takes writes.
    pub restored: Span,
    /// Whoever sends callers there has seen that it does.
    pub verified: Span,
}

/// Who takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heir {
    /// A standby.
    Standby,
    /// The same, started again.
    Itself,
}

/// When a standby counts as gone where nothing else says so: as long as Patroni's lock lives.
const GONE_AFTER: Span = Span::seconds(30);
/// A promotion takes from a tenth of a second to two.
const PROMOTION: (Span, Span) = (Span::millis(100), Span::seconds(2));

impl Manager {
    pub(crate) fn new(file: &File) -> Self {
        match file {
            File::Patroni(file) => Self::Patroni(file.clone()),
            File::CloudNative(file) => {
                Self::CloudNative(file.clone(), distribution(&file.promotes))
            }
            File::Manual(Manual { noticed, acknowledged, acts }) => {
                Self::Manual([noticed, acknowledged, acts].map(distribution))
            }
            File::ManagedMultiAz(file) => Self::Timed(distribution(&file.takes)),
            File::ManagedTwoStandby(file) => Self::Timed(distribution(&file.takes)),
            File::Probing(file) => Self::Probing(file.clone(), distribution(&file.promotes)),
            File::ByPolicy(file) => Self::ByPolicy(distribution(&file.promotes)),
            File::Timed(file) => Self::Timed(distribution(&file.takes)),
        }
    }

    /// Whether the primary before takes no writes any more once another does, though nobody reaches it.
    pub(crate) const fn fences(&self) -> bool {
        !matches!(self, Self::Probing(..))
    }

    /// How much a standby may lack that takes over.
    pub(crate) fn lag_most(&self) -> u64 {
        match self {
            Self::Patroni(file) => file.maximum_lag_on_failover.value.0,
            Self::CloudNative(..)
            | Self::Manual(_)
            | Self::Probing(..)
            | Self::ByPolicy(_)
            | Self::Timed(_) => u64::MAX,
        }
    }

    /// How long a primary without its synchronous standby waits before it goes on alone.
    pub(crate) fn alone_after(&self) -> Span {
        match self {
            Self::Patroni(file) => file.ttl.value,
            Self::CloudNative(file, _) => file.machine_lost_after.value,
            Self::Manual(_) | Self::Probing(..) | Self::ByPolicy(_) | Self::Timed(_) => GONE_AFTER,
        }
    }

    /// Who takes over from a primary that is lost so, and when; people take so many millionths of their usual time.
    pub(crate) fn take_over(&self, loss: Loss, people: u64, stream: &mut Stream) -> (Heir, Chain) {
        match (self, loss) {
            (Self::Patroni(file), _) => patroni(file, loss, stream),
            (Self::CloudNative(file, promotes), _) => {
                let probes = times(file.probe_every.value, file.probes.get() - 1);
                let noticed = match loss {
                    Loss::Machine => file.machine_lost_after.value,
                    Loss::Process(_) => probes,
                };
                // Somewhere between two looks.
                let detected = noticed.saturating_add(within(file.probe_every.value, stream));
                if let Loss::Process(back) = loss
                    && back <= detected
                {
                    return (Heir::Itself, Chain::at_once(back));
                }
                let restored = detected.saturating_add(promotes.sample(stream));
                (Heir::Standby, Chain::of([detected; 3], restored, restored))
            }
            (Self::Manual([noticed, acknowledged, acts]), _) => {
                let detected = noticed.sample(stream);
                let slowed = |span: Span| {
                    let nanos = u128::from(span.0) * u128::from(people) / 1_000_000;
                    Span(u64::try_from(nanos).unwrap_or(u64::MAX))
                };
                let decided = detected.saturating_add(slowed(acknowledged.sample(stream)));
                let restored = decided.saturating_add(slowed(acts.sample(stream)));
                // A process that is there again before somebody looks needs nobody.
                if let Loss::Process(back) = loss
                    && back <= decided
                {
                    return (Heir::Itself, Chain::at_once(back));
                }
                (Heir::Standby, Chain::of([detected, decided, decided], restored, restored))
            }
            (Self::Probing(file, promotes), _) => {
                let asks = times(file.every.value, file.threshold.get() - 1);
                let waits = match loss {
                    Loss::Machine => file.time_out.value,
                    Loss::Process(_) => Span::ZERO,
                };
                // Its first question comes somewhere between two.
                let detected = within(file.every.value, stream).saturating_add(asks);
                let detected = detected.saturating_add(waits);
                if let Loss::Process(back) = loss
                    && back <= detected
                {
                    return (Heir::Itself, Chain::at_once(back));
                }
                let restored = detected.saturating_add(promotes.sample(stream));
                (Heir::Standby, Chain::of([detected; 3], restored, restored))
            }
            (Self::ByPolicy(takes) | Self::Timed(takes), _) => {
                (Heir::Standby, Chain::at_once(takes.sample(stream)))
            }
        }
    }
}

/// The lock runs out, a standby's next look finds it free, it is promoted, and the load balancer asks until it
/// believes it. Of a process that crashed, Patroni first tries to start it again.
fn patroni(file: &Patroni, loss: Loss, stream: &mut Stream) -> (Heir, Chain) {
    let look = file.loop_wait.value;
    let seen = |restored: Span, stream: &mut Stream| {
        let more = times(file.check_fast.value, file.rise.get() - 1);
        restored.saturating_add(within(file.check_every.value, stream)).saturating_add(more)
    };
    let (detected, starting) = match loss {
        // The lock was renewed at its last look.
        Loss::Machine => (file.ttl.value.saturating_sub(within(look, stream)), Span::ZERO),
        Loss::Process(back) => {
            let detected = within(look, stream);
            let start = file.primary_start_timeout.value;
            if back <= start {
                let restored = detected.saturating_add(back);
                let verified = seen(restored, stream);
                return (Heir::Itself, Chain::of([detected; 3], restored, verified));
            }
            (detected, start)
        }
    };
    let given_up = detected.saturating_add(starting);
    let decided = given_up.saturating_add(within(look, stream));
    let (least, most) = PROMOTION;
    let promotes = least.saturating_add(within(most.saturating_sub(least), stream));
    let restored = decided.saturating_add(promotes);
    let verified = seen(restored, stream);
    (Heir::Standby, Chain::of([detected, decided, decided], restored, verified))
}

impl Chain {
    const fn of(steps: [Span; 3], restored: Span, verified: Span) -> Self {
        Self { steps: Some(steps), restored, verified }
    }

    /// The same, counted from so much earlier.
    pub(crate) fn after(self, earlier: Span) -> Self {
        let later = |span: Span| span.saturating_add(earlier);
        Self {
            steps: self.steps.map(|steps| steps.map(later)),
            restored: later(self.restored),
            verified: later(self.verified),
        }
    }

    /// Nothing is known of its parts.
    pub(crate) const fn at_once(restored: Span) -> Self {
        Self { steps: None, restored, verified: restored }
    }
}

fn times(span: Span, count: u32) -> Span {
    Span(span.0.saturating_mul(u64::from(count)))
}

/// Evenly between nothing and so long.
fn within(most: Span, stream: &mut Stream) -> Span {
    Span(stream.below(most.0.saturating_add(1)))
}
