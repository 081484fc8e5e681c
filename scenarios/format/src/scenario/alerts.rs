//! What calls people, and how they come.

use super::DistributionFile;
use super::distribution::{Drawn, Lognormal};
use seatrial_contract::config::{Located, Name, choice, element, words};
use seatrial_contract::units::{Ppm, Span};

element! {
    /// A rule over what is sensed. It is looked at with every scrape that arrives.
    pub struct Alert {
        /// The alert's name.
        name: Located<Name>,
        /// What it looks at.
        watches: Watch,
        /// For so long it must be so before anyone hears of it.
        holds_for: Located<Span> = Located::nowhere(Span::ZERO),
        /// How bad it is.
        severity: Severity = Severity::Warning,
        /// Whether it calls somebody; where left out, a critical one does.
        pages: Option<bool> = None,
    }
}

choice! {
    /// What an alert looks at.
    pub enum Watch {
        /// The cpu in use on each machine.
        MachineCpu(Above) = "machine-cpu",
        /// The memory in use on each machine.
        MachineMemory(Above) = "machine-memory",
        /// How often a tenant's parts were killed for want of memory.
        Kills(Often) = "kills",
        /// How many tenants somebody waits for.
        Waiting(Many) = "waiting",
        /// The 95th percentile of the time to an answer; a call that failed has waited too long.
        SlowCalls(Slow) = "slow-calls",
        /// The share of calls that failed; of those of tenants that start, a failed provisioning.
        FailedCalls(Failing) = "failed-calls",
    }
}

element! {
    /// Over a share of what a machine has.
    pub struct Above {
        /// Of what is there.
        above: Located<Ppm>,
        /// The pools whose machines are looked at; all of them where left out.
        pools: Option<Vec<Located<String>>> = None,
    }
}

element! {
    /// So many times within a while.
    pub struct Often {
        /// More often than this.
        more_than: Located<u32>,
        /// Within this.
        within: Located<Span>,
    }
}

element! {
    /// Answers that take longer than this.
    pub struct Slow {
        /// Whose calls: a kind of traffic.
        calls: Located<String>,
        /// More than one in twenty takes longer.
        above: Located<Span>,
        /// Of those within this.
        within: Located<Span> = Located::nowhere(Span::minutes(5)),
    }
}

element! {
    /// Calls that fail more often than this.
    pub struct Failing {
        /// Whose calls: a kind of traffic.
        calls: Located<String>,
        /// More than this share of them fails.
        above: Located<Ppm>,
        /// Of those within this.
        within: Located<Span> = Located::nowhere(Span::minutes(5)),
    }
}

element! {
    /// So many at once.
    pub struct Many {
        /// More than this.
        more_than: Located<u32>,
    }
}

words! {
    /// How bad an alert is.
    pub enum Severity {
        /// Somebody should look at it in working hours.
        Warning = "warning",
        /// Somebody must look at it now.
        Critical = "critical",
    }
}

element! {
    /// The people who are called.
    pub struct Pager {
        /// From the call until somebody looks, by day. Judgement: half within 5 minutes.
        acknowledged_after: DistributionFile = lognormal(Span::minutes(5), Span::minutes(20)),
        /// The same between 22:00 and 8:00. Judgement: half within 15 minutes.
        acknowledged_after_at_night: DistributionFile = lognormal(Span::minutes(15), Span::hours(1)),
        /// From then on, how long it keeps them. Judgement: half of them 45 minutes, with a heavy tail.
        repaired_after: DistributionFile = lognormal(Span::minutes(45), Span::hours(4)),
    }
}

fn lognormal(median: Span, p95: Span) -> DistributionFile {
    DistributionFile::Drawn(Drawn::Lognormal(Lognormal { median, p95 }))
}

impl Default for Pager {
    fn default() -> Self {
        Self {
            acknowledged_after: lognormal(Span::minutes(5), Span::minutes(20)),
            acknowledged_after_at_night: lognormal(Span::minutes(15), Span::hours(1)),
            repaired_after: lognormal(Span::minutes(45), Span::hours(4)),
        }
    }
}

impl Alert {
    /// Whether it calls somebody.
    #[must_use]
    pub fn calls(&self) -> bool {
        self.pages.unwrap_or(self.severity == Severity::Critical)
    }
}
