//! A fault, and when it comes. Knows no kind.

use seatrial_contract::Purpose;
use seatrial_contract::units::Span;
use seatrial_kernel::chance::Distribution;

/// A fault, and when it comes.
pub(crate) struct Planned<F> {
    pub(crate) fault: F,
    /// When it comes first, counted from the start of the run.
    pub(crate) at: Distribution,
    /// After which it comes again, counted from its beginning.
    pub(crate) every: Option<Distribution>,
    /// The same, counted from its end.
    pub(crate) again_after: Option<Distribution>,
    /// None that is never over.
    pub(crate) lasts: Option<Distribution>,
    /// Whether each of its targets has it on its own.
    pub(crate) is_each: bool,
    /// How many can be repaired at the same time.
    pub(crate) crews: Option<u32>,
}

impl<F> Planned<F> {
    /// One that comes once.
    pub(crate) fn once(fault: F, at: Span, lasts: Option<Span>) -> Self {
        Self {
            fault,
            at: Distribution::Fixed(at),
            every: None,
            again_after: None,
            lasts: lasts.map(Distribution::Fixed),
            is_each: false,
            crews: None,
        }
    }

    /// After which it comes again, however that is counted.
    pub(crate) fn gap(&self) -> Option<&Distribution> {
        self.every.as_ref().or(self.again_after.as_ref())
    }

    /// The same of another fault.
    pub(crate) fn with<G>(self, of: impl FnOnce(F) -> G) -> Planned<G> {
        Planned {
            fault: of(self.fault),
            at: self.at,
            every: self.every,
            again_after: self.again_after,
            lasts: self.lasts,
            is_each: self.is_each,
            crews: self.crews,
        }
    }
}

/// What a fault draws for.
#[derive(Clone, Copy)]
pub(crate) struct Purposes {
    pub(crate) strikes: Purpose,
    pub(crate) gap: Purpose,
    pub(crate) lasts: Purpose,
    pub(crate) ends: Purpose,
}

impl Purposes {
    pub(crate) fn of(name: &str) -> Self {
        let purpose = |what: &str| Purpose::new(&format!("fault {name}: {what}"));
        Self {
            strikes: purpose("strikes"),
            gap: purpose("gap"),
            lasts: purpose("lasts"),
            ends: purpose("ends"),
        }
    }
}
