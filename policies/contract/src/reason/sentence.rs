//! Reasons as people read them: a word for tables, a sentence for the rest. Knows no reason that is not
//! data.

use super::Reason;
use crate::units::Moment;
use crate::view::Conflict;
use crate::{Implausible, Limited, Measure, Protected};
use alloc::string::String;

impl Reason {
    /// The word for it in tables and files.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::LowestLoad { .. } => "lowest-load",
            Self::TightestFit { .. } => "tightest-fit",
            Self::FewestTenants { .. } => "fewest-tenants",
            Self::NoRoom { .. } => "no-room",
            Self::Idle { .. } => "idle",
            Self::NotIdleYet { .. } => "not-idle-yet",
            Self::InSession => "in-session",
            Self::PresenceUnknown { .. } => "presence-unknown",
            Self::WaitingUnknown { .. } => "waiting-unknown",
            Self::Implausible { .. } => "implausible",
            Self::Contested { .. } => "contested",
            Self::DeepEnough { .. } => "deep-enough",
            Self::Wanted { .. } => "wanted",
            Self::Emptying { .. } => "emptying",
            Self::MovesAtOnce { .. } => "moves-at-once",
            Self::WakesAtOnce { .. } => "wakes-at-once",
            Self::Expected { .. } => "expected",
            Self::Unexpected { .. } => "unexpected",
            Self::CpuHigh { .. } => "cpu-high",
            Self::MemoryHigh { .. } => "memory-high",
            Self::TenantsHigh { .. } => "tenants-high",
            Self::TenantsWait { .. } => "tenants-wait",
            Self::NotLongEnough { .. } => "not-long-enough",
            Self::WithinLimits { .. } => "within-limits",
            Self::Spare { .. } => "spare",
            Self::Emptied => "emptied",
            Self::PoolAtMost { .. } => "pool-at-most",
            Self::PoolAtLeast { .. } => "pool-at-least",
            Self::Booting { .. } => "booting",
            Self::CoolingDown { .. } => "cooling-down",
            Self::StaleReading { .. } => "stale-reading",
            Self::Undersized { .. } => "undersized",
            Self::Oversized { .. } => "oversized",
            Self::OffSize { .. } => "off-size",
            Self::RightSize { .. } => "right-size",
            Self::FitsElsewhere { .. } => "fits-elsewhere",
            Self::NotEmptied { .. } => "not-emptied",
            Self::Spared { .. } => "spared",
            Self::MovesAnHour { .. } => "moves-an-hour",
            Self::ResizesAtOnce { .. } => "resizes-at-once",
            Self::AbsentReading => "absent-reading",
            Self::FleetVanished { .. } => "fleet-vanished",
            Self::TenantsUnseen { .. } => "tenants-unseen",
            Self::MachinesLost { .. } => "machines-lost",
            Self::MachineLost { .. } => "machine-lost",
            Self::Asked { .. } => "asked",
            Self::InFlight { .. } => "in-flight",
            Self::OwnedBy { .. } => "owned-by",
            Self::BlastCap { .. } => "blast-cap",
            Self::NoEffect { .. } => "no-effect",
            Self::AboveTarget { .. } => "above-target",
            Self::BelowTarget { .. } => "below-target",
            Self::OnTarget { .. } => "on-target",
            Self::OutOfBounds { .. } => "out-of-bounds",
            Self::SwitchedOff => "switched-off",
            Self::NoReplica => "no-replica",
            Self::NothingRequested { .. } => "nothing-requested",
            Self::Own(own) => own.declared().word,
        }
    }

    /// The reason as a sentence, for people, at the moment it was given: spans are told, since only
    /// the host knows what its moments are called.
    #[must_use]
    pub fn sentence(&self, now: Moment) -> String {
        use alloc::format;
        let ago = |since: Moment| now.since(since);
        let ahead = |until: Moment| until.since(now);
        match self {
            Self::LowestLoad { score, of } => {
                format!("lowest load score, {score:#}, of {of} machines that fit")
            }
            Self::TightestFit { left, of } => {
                format!("tightest fit of {of} machines: {left:#} stays free")
            }
            Self::FewestTenants { in_zone, on_node, of } => {
                format!(
                    "fewest tenants of {of} machines: {in_zone} of all tiers in the zone, {on_node} on \
                     the machine"
                )
            }
            Self::NoRoom { eligible, asked } => {
                format!("none of {eligible} machines has room for {asked}")
            }
            Self::Idle { idle, limit, stage } => {
                format!("idle for {idle:#}, over the {limit:#} to stage {} of sleep", stage.0)
            }
            Self::NotIdleYet { idle, limit } => format!("idle for {idle:#}, less than {limit:#}"),
            Self::InSession => "somebody is there".into(),
            Self::PresenceUnknown { age: None, .. } => {
                "nothing says whether somebody is there".into()
            }
            Self::PresenceUnknown { age: Some(age), limit } => {
                format!("whether somebody is there was last seen {age:#} ago, over {limit:#}")
            }
            Self::WaitingUnknown { age: None, .. } => "nothing says whether somebody waits".into(),
            Self::WaitingUnknown { age: Some(age), limit } => {
                format!("whether somebody waits was last seen {age:#} ago, over {limit:#}")
            }
            Self::Implausible { what, idle } => {
                format!("nobody can have been there last {idle:#} ago: {}", implausible(*what))
            }
            Self::Contested { by: Conflict::None } => {
                "what is seen of it contradicts itself".into()
            }
            Self::Contested { by: Conflict::Tier } => "its containers name different tiers".into(),
            Self::Contested { by: Conflict::Unclear } => {
                "one of its containers is there and cannot be looked at".into()
            }
            Self::Contested { by: Conflict::RunsTwice } => {
                "one of its containers runs on two machines".into()
            }
            Self::DeepEnough { stage } => {
                format!("the tier goes no deeper than stage {} of sleep", stage.0)
            }
            Self::Wanted { since } => format!("somebody has waited for it for {:#}", ago(*since)),
            Self::Emptying { node } => format!("machine {} is being emptied", node.0),
            Self::MovesAtOnce { moving, limit } => {
                format!("{moving} are on the move, the limit is {limit:#}")
            }
            Self::WakesAtOnce { starting, limit, ahead } => {
                format!("{starting} start already, the limit is {limit}; {ahead} are ahead of it")
            }
            Self::Expected { chance, until } => format!(
                "somebody came at this time in {chance:#} of the weeks before; kept awake for {:#}",
                ahead(*until)
            ),
            Self::Unexpected { chance, limit } => format!(
                "somebody came at this time in {chance:#} of the weeks before, less than {limit:#}"
            ),
            Self::CpuHigh { used, limit } => format!("cpu at {used:#}, over {limit:#}"),
            Self::MemoryHigh { used, limit } => format!("memory at {used:#}, over {limit:#}"),
            Self::TenantsHigh { held, limit } => {
                format!("{held:#} of the tenants it may hold, over {limit:#}")
            }
            Self::TenantsWait { waiting, longest } => {
                format!("{waiting} tenants wait for room, the longest for {longest:#}")
            }
            Self::NotLongEnough { since, limit } => {
                format!("over a limit for {:#}, not yet for {limit:#}", ago(*since))
            }
            Self::WithinLimits { cpu, memory } => {
                format!(
                    "within limits; one machine fewer would give cpu {cpu:#}, memory {memory:#}"
                )
            }
            Self::Spare { cpu, memory } => {
                format!("one machine fewer still gives only cpu {cpu:#}, memory {memory:#}")
            }
            Self::Emptied => "nobody lives on it any more".into(),
            Self::PoolAtMost { count } => format!("the pool may not have more than {count}"),
            Self::PoolAtLeast { count } => format!("the pool may not have fewer than {count}"),
            Self::Booting { count } => format!("{count} machines are on their way"),
            Self::CoolingDown { until } => format!("cooling down for another {:#}", ahead(*until)),
            Self::StaleReading { age, limit } => {
                format!("the reading is {age:#} old, over {limit:#}")
            }
            Self::Undersized { by } => format!("asks for less than it needs; changes by {by:#}"),
            Self::Oversized { by } => format!("asks for more than it needs; changes by {by:#}"),
            Self::OffSize { by, limit } => {
                format!("what it asks for is {by:#} off, not less than {limit:#}")
            }
            Self::RightSize { by, limit } => {
                format!("what it asks for is only {by:#} off, less than {limit:#}")
            }
            Self::FitsElsewhere { tenants, onto } => {
                format!("its {tenants} tenants fit onto {onto} fuller machines")
            }
            Self::NotEmptied { since, limit } => {
                format!("not empty after {:#}, the limit is {limit:#}", ago(*since))
            }
            Self::Spared { priority } => format!("tenants of {priority} priority are not moved"),
            Self::MovesAnHour { done, limit } => {
                format!("{done} were moved within the hour, the limit is {limit:#}")
            }
            Self::ResizesAtOnce { limit } => {
                format!("{limit} were resized in this round, the limit is {limit:#}")
            }
            Self::AbsentReading => "there is no reading".into(),
            Self::FleetVanished { seen, before } => {
                format!("only {seen} of {before} are in view: the view is not believed")
            }
            Self::TenantsUnseen { unseen, of } => {
                format!("{unseen} of {of} tenants are out of sight")
            }
            Self::MachinesLost { lost, of } => {
                format!("{lost} of a pool's {of} machines do not answer")
            }
            Self::MachineLost { node } => format!("machine {} does not answer", node.0),
            Self::Asked { rate, limit } => format!("asked {rate}, not less than {limit}"),
            Self::InFlight { since } => {
                format!("an action has been on its way for {:#}", ago(*since))
            }
            Self::OwnedBy { policy } => format!("policy {} has it", policy.0),
            Self::BlastCap { unit, done, limit } => {
                format!("{} within the hour, the limit is {limit:#}", taken(*unit, *done))
            }
            Self::NoEffect { until } => {
                format!("the last try had no effect; none for another {:#}", ahead(*until))
            }
            Self::AboveTarget { by, used, wants, limited }
            | Self::BelowTarget { by, used, wants, limited } => {
                format!(
                    "{} {used:#} of the target: {wants} replicas wanted{}",
                    told(*by),
                    kept_by(*limited)
                )
            }
            Self::OnTarget { by, used } => {
                format!("{} {used:#} of the target: as many replicas as there are", told(*by))
            }
            Self::OutOfBounds { least, most } => {
                format!("it may have no fewer than {least} and no more than {most} replicas")
            }
            Self::SwitchedOff => "it was set to no replica at all".into(),
            Self::NoReplica => "it has no replica to go by".into(),
            Self::Own(own) => own.sentence(now, &super::Nameless),
            Self::NothingRequested { by } => {
                format!("its replicas request no {by}, of which what they use could be a share")
            }
        }
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
