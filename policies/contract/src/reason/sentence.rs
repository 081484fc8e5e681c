//! Reasons as people read them: a word for tables, a sentence for the rest. Knows no reason that is not
//! data.

use super::Reason;
use crate::units::{Moment, Span};
use crate::view::Conflict;
use crate::{Implausible, Limited, Measure, Protected};
use alloc::string::String;

/// A word and a sentence for each reason that the contract has.
macro_rules! told {
    ($now:ident; $(
        $reason:ident $({ $($fact:ident),* })? = $word:literal : $sentence:literal $(, $value:expr)*;
    )*) => {
        impl Reason {
            /// The word for it in tables and files.
            #[must_use]
            pub fn word(&self) -> &'static str {
                match self {
                    $(Self::$reason { .. } => $word,)*
                    Self::Own(own) => own.declared().word,
                }
            }

            /// The reason as a sentence, for people, at the moment it was given: spans are told, since
            /// only the host knows what its moments are called.
            #[must_use]
            pub fn sentence(&self, $now: Moment) -> String {
                match self {
                    $(Self::$reason $({ $($fact),* })? => alloc::format!($sentence $(, $value)*),)*
                    Self::Own(own) => own.sentence($now, &super::Nameless),
                }
            }
        }
    };
}

told! { now;
    LowestLoad { score, of } = "lowest-load":
        "lowest load score, {score:#}, of {of} machines that fit";
    TightestFit { left, of } = "tightest-fit": "tightest fit of {of} machines: {left:#} stays free";
    FewestTenants { in_zone, on_node, of } = "fewest-tenants":
        "fewest tenants of {of} machines: {in_zone} of all tiers in the zone, {on_node} on the machine";
    NoRoom { eligible, asked } = "no-room": "none of {eligible} machines has room for {asked}";
    Idle { idle, limit, stage } = "idle":
        "idle for {idle:#}, over the {limit:#} to stage {} of sleep", stage.0;
    NotIdleYet { idle, limit } = "not-idle-yet": "idle for {idle:#}, less than {limit:#}";
    InSession = "in-session": "somebody is there";
    PresenceUnknown { age, limit } = "presence-unknown":
        "{}", unseen("somebody is there", *age, *limit);
    WaitingUnknown { age, limit } = "waiting-unknown": "{}", unseen("somebody waits", *age, *limit);
    Implausible { what, idle } = "implausible":
        "nobody can have been there last {idle:#} ago: {}", implausible(*what);
    Contested { by } = "contested": "{}", contested(*by);
    DeepEnough { stage } = "deep-enough": "the tier goes no deeper than stage {} of sleep", stage.0;
    Wanted { since } = "wanted": "somebody has waited for it for {:#}", ago(now, *since);
    Emptying { node } = "emptying": "machine {} is being emptied", node.0;
    MovesAtOnce { moving, limit } = "moves-at-once":
        "{moving} are on the move, the limit is {limit:#}";
    WakesAtOnce { starting, limit, ahead } = "wakes-at-once":
        "{starting} start already, the limit is {limit}; {ahead} are ahead of it";
    Expected { chance, until } = "expected":
        "somebody came at this time in {chance:#} of the weeks before; kept awake for {:#}", ahead(now, *until);
    Unexpected { chance, limit } = "unexpected":
        "somebody came at this time in {chance:#} of the weeks before, less than {limit:#}";
    CpuHigh { used, limit } = "cpu-high": "cpu at {used:#}, over {limit:#}";
    MemoryHigh { used, limit } = "memory-high": "memory at {used:#}, over {limit:#}";
    TenantsHigh { held, limit } = "tenants-high":
        "{held:#} of the tenants it may hold, over {limit:#}";
    TenantsWait { waiting, longest } = "tenants-wait":
        "{waiting} tenants wait for room, the longest for {longest:#}";
    NotLongEnough { since, limit } = "not-long-enough":
        "over a limit for {:#}, not yet for {limit:#}", ago(now, *since);
    WithinLimits { cpu, memory } = "within-limits":
        "within limits; one machine fewer would give cpu {cpu:#}, memory {memory:#}";
    Spare { cpu, memory } = "spare":
        "one machine fewer still gives only cpu {cpu:#}, memory {memory:#}";
    Emptied = "emptied": "nobody lives on it any more";
    PoolAtMost { count } = "pool-at-most": "the pool may not have more than {count}";
    PoolAtLeast { count } = "pool-at-least": "the pool may not have fewer than {count}";
    Booting { count } = "booting": "{count} machines are on their way";
    CoolingDown { until } = "cooling-down": "cooling down for another {:#}", ahead(now, *until);
    StaleReading { age, limit } = "stale-reading": "the reading is {age:#} old, over {limit:#}";
    Undersized { by } = "undersized": "asks for less than it needs; changes by {by:#}";
    Oversized { by } = "oversized": "asks for more than it needs; changes by {by:#}";
    OffSize { by, limit } = "off-size": "what it asks for is {by:#} off, not less than {limit:#}";
    RightSize { by, limit } = "right-size":
        "what it asks for is only {by:#} off, less than {limit:#}";
    FitsElsewhere { tenants, onto } = "fits-elsewhere":
        "its {tenants} tenants fit onto {onto} fuller machines";
    NotEmptied { since, limit } = "not-emptied":
        "not empty after {:#}, the limit is {limit:#}", ago(now, *since);
    Spared { priority } = "spared": "tenants of {priority} priority are not moved";
    MovesAnHour { done, limit } = "moves-an-hour":
        "{done} were moved within the hour, the limit is {limit:#}";
    ResizesAtOnce { limit } = "resizes-at-once":
        "{limit} were resized in this round, the limit is {limit:#}";
    AbsentReading = "absent-reading": "there is no reading";
    FleetVanished { seen, before } = "fleet-vanished":
        "only {seen} of {before} are in view: the view is not believed";
    TenantsUnseen { unseen, of } = "tenants-unseen": "{unseen} of {of} tenants are out of sight";
    MachinesLost { lost, of } = "machines-lost": "{lost} of a pool's {of} machines do not answer";
    MachineLost { node } = "machine-lost": "machine {} does not answer", node.0;
    Asked { rate, limit } = "asked": "asked {rate}, not less than {limit}";
    InFlight { since } = "in-flight": "an action has been on its way for {:#}", ago(now, *since);
    OwnedBy { policy } = "owned-by": "policy {} has it", policy.0;
    BlastCap { unit, done, limit } = "blast-cap":
        "{} within the hour, the limit is {limit:#}", taken(*unit, *done);
    NoEffect { until } = "no-effect":
        "the last try had no effect; none for another {:#}", ahead(now, *until);
    AboveTarget { by, used, wants, limited } = "above-target":
        "{} {used:#} of the target: {wants} replicas wanted{}", told(*by), kept_by(*limited);
    BelowTarget { by, used, wants, limited } = "below-target":
        "{} {used:#} of the target: {wants} replicas wanted{}", told(*by), kept_by(*limited);
    OnTarget { by, used } = "on-target":
        "{} {used:#} of the target: as many replicas as there are", told(*by);
    OutOfBounds { least, most } = "out-of-bounds":
        "it may have no fewer than {least} and no more than {most} replicas";
    SwitchedOff = "switched-off": "it was set to no replica at all";
    NoReplica = "no-replica": "it has no replica to go by";
    NothingRequested { by } = "nothing-requested":
        "its replicas request no {by}, of which what they use could be a share";
}

fn ago(now: Moment, since: Moment) -> Span {
    now.since(since)
}

fn ahead(now: Moment, until: Moment) -> Span {
    until.since(now)
}

fn unseen(what: &str, age: Option<Span>, limit: Span) -> String {
    match age {
        None => alloc::format!("nothing says whether {what}"),
        Some(age) => alloc::format!("whether {what} was last seen {age:#} ago, over {limit:#}"),
    }
}

fn contested(by: Conflict) -> &'static str {
    match by {
        Conflict::None => "what is seen of it contradicts itself",
        Conflict::Tier => "its containers name different tiers",
        Conflict::Unclear => "one of its containers is there and cannot be looked at",
        Conflict::RunsTwice => "one of its containers runs on two machines",
    }
}

fn implausible(what: Implausible) -> &'static str {
    match what {
        Implausible::Future => "that moment is still to come",
        Implausible::TooLongAgo => "that is further back than is believed",
        Implausible::BeforeTenant => "the tenant was not there yet",
        Implausible::SameForMany => "many tenants tell the very same moment",
    }
}

fn taken(unit: Protected, done: u32) -> String {
    match unit {
        Protected::Tenants => alloc::format!("something was taken from {done} tenants"),
        Protected::Machines => alloc::format!("{done} machines of the pool were taken out"),
        Protected::Replicas => alloc::format!("{done} replicas were taken away"),
        Protected::Connections => alloc::format!("{done} connections were taken away"),
    }
}

fn told(measure: Measure) -> &'static str {
    match measure {
        Measure::Cpu => "cpu at",
        Measure::Memory => "memory at",
        Measure::Calls => "calls at",
        Measure::Waiting => "those who wait are",
    }
}

fn kept_by(limited: Limited) -> &'static str {
    match limited {
        Limited::Nothing => "",
        Limited::Window => ", other counts were wanted of late",
        Limited::Rate => ", not all at once",
        Limited::Guard => ", no more may be taken away within the hour",
        Limited::Most => ", over the most that it may have",
        Limited::Least => ", under the fewest that it may have",
    }
}
