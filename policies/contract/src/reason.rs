//! Why something was done, and why nothing was: data, not prose. Nothing here logs.

mod declared;
mod sentence;

pub use declared::{Declared, FACTS_MOST, Fact, FactKind, FactNames, Nameless, OwnReason};

use crate::units::{Frequency, MilliCores, Moment, Ppm, Span};
use crate::view::Conflict;
use crate::{Implausible, Limited, Measure, NodeId, PolicyId, Priority, Protected, Stage};
use serde::{Deserialize, Serialize};

macro_rules! built_in {
    ($(
        $(#[$doc:meta])*
        $reason:ident $({ $($(#[$said:meta])* $fact:ident : $type:ty),* $(,)? })?
    ),* $(,)?) => {
        /// Why a policy acts or holds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "why", rename_all = "kebab-case", from = "BuiltIn")]
        pub enum Reason {
            $($(#[$doc])* $reason $({ $($(#[$said])* $fact: $type),* })?,)*
            /// One that a policy has declared for itself. Who reads one back has to know what was declared.
            #[serde(untagged)]
            Own(OwnReason),
        }

        /// Those that can be read by who knows no policy.
        #[derive(Deserialize)]
        #[serde(tag = "why", rename_all = "kebab-case")]
        enum BuiltIn {
            $($reason $({ $($fact: $type),* })?,)*
        }

        impl From<BuiltIn> for Reason {
            fn from(read: BuiltIn) -> Self {
                match read {
                    $(BuiltIn::$reason $({ $($fact),* })? => Self::$reason $({ $($fact),* })?,)*
                }
            }
        }
    };
}

built_in! {
    /// The machine had the lowest load score of those that fit.
    LowestLoad {
        /// Its score.
        score: Ppm,
        /// How many machines were eligible.
        of: u32,
    },
    /// The machine leaves the least room unused.
    TightestFit {
        /// What stays free of the scarcer of cpu and memory.
        left: Ppm,
        /// How many machines were eligible.
        of: u32,
    },
    /// The zone, and of its machines this one, holds the fewest tenants of any tier.
    FewestTenants {
        /// Tenants of all tiers in the zone, those on their way counted.
        in_zone: u32,
        /// Tenants on the machine.
        on_node: u32,
        /// How many machines were eligible.
        of: u32,
    },
    /// No machine that takes the tier has room.
    NoRoom {
        /// Machines that take the tier.
        eligible: u32,
        /// The cpu that was asked for.
        asked: MilliCores,
    },
    /// Nobody came for so long.
    Idle {
        /// Idle for this long.
        idle: Span,
        /// The ladder's limit for that stage.
        limit: Span,
        /// The stage to sleep at.
        stage: Stage,
    },
    /// Somebody came not long ago.
    NotIdleYet {
        /// Idle for this long.
        idle: Span,
        /// The ladder's limit for the next stage.
        limit: Span,
    },
    /// Somebody is there now.
    InSession,
    /// Nobody knows whether somebody is there now: there is no reading, or it is too old.
    PresenceUnknown {
        /// How old; nothing where there is no reading.
        age: Option<Span>,
        /// The limit.
        limit: Span,
    },
    /// Nobody knows whether somebody waits for it: that was last known too long ago.
    WaitingUnknown {
        /// How long ago; nothing where it was never known.
        age: Option<Span>,
        /// The limit.
        limit: Span,
    },
    /// When somebody was last there cannot have been then: the reading is taken for absent.
    Implausible {
        /// What is wrong with it.
        what: Implausible,
        /// So long ago, as it says.
        idle: Span,
    },
    /// What is seen of the tenant contradicts itself.
    Contested {
        /// In this way.
        by: Conflict,
    },
    /// The ladder has no deeper stage for this tier.
    DeepEnough {
        /// The stage it is in.
        stage: Stage,
    },
    /// Somebody waits for a sleeping tenant.
    Wanted {
        /// Since when.
        since: Moment,
    },
    /// The machine is being emptied.
    Emptying {
        /// Which machine.
        node: NodeId,
    },
    /// Too many tenants are on the move already.
    MovesAtOnce {
        /// How many are moving.
        moving: u32,
        /// The limit.
        limit: u32,
    },
    /// As many tenants start already as may at the same time; it has its turn when one is done.
    WakesAtOnce {
        /// How many start, or are about to.
        starting: u32,
        /// The limit.
        limit: u32,
        /// How many wait for their turn before it.
        ahead: u32,
    },
    /// Somebody came at this time in so many of the weeks before.
    Expected {
        /// In this share of the weeks known.
        chance: Ppm,
        /// It is kept awake until then.
        until: Moment,
    },
    /// Somebody came at this time in too few of the weeks before.
    Unexpected {
        /// In this share of the weeks known.
        chance: Ppm,
        /// The limit.
        limit: Ppm,
    },
    /// Cpu use was above the limit for long enough.
    CpuHigh {
        /// Mean use.
        used: Ppm,
        /// The limit.
        limit: Ppm,
    },
    /// Memory use was above the limit for long enough.
    MemoryHigh {
        /// Mean use.
        used: Ppm,
        /// The limit.
        limit: Ppm,
    },
    /// The pool holds too many tenants for its machines.
    TenantsHigh {
        /// Tenants over what the machines may hold.
        held: Ppm,
        /// The limit.
        limit: Ppm,
    },
    /// Tenants waited too long for room.
    TenantsWait {
        /// How many wait.
        waiting: u32,
        /// The longest wait.
        longest: Span,
    },
    /// A limit is crossed, but not for long enough yet.
    NotLongEnough {
        /// Crossed since.
        since: Moment,
        /// For this long it must be.
        limit: Span,
    },
    /// All limits are kept; no machine is given back.
    WithinLimits {
        /// Mean cpu use with one machine fewer.
        cpu: Ppm,
        /// Mean memory use with one machine fewer.
        memory: Ppm,
    },
    /// One machine fewer keeps all limits.
    Spare {
        /// Mean cpu use without it.
        cpu: Ppm,
        /// Mean memory use without it.
        memory: Ppm,
    },
    /// Nobody lives on the machine that was being emptied.
    Emptied,
    /// The pool has as many machines as it may.
    PoolAtMost {
        /// How many.
        count: u32,
    },
    /// The pool has as few machines as it may.
    PoolAtLeast {
        /// How many.
        count: u32,
    },
    /// Machines are on their way already.
    Booting {
        /// How many.
        count: u32,
    },
    /// It is too soon after the last action.
    CoolingDown {
        /// Until then.
        until: Moment,
    },
    /// The reading is too old to act on.
    StaleReading {
        /// How old.
        age: Span,
        /// The limit.
        limit: Span,
    },
    /// It asks for less than it is seen to need, or was killed for want of memory.
    Undersized {
        /// By how much its request changes, cpu and memory added up.
        by: Ppm,
    },
    /// It asks for more than it may ever be seen to need.
    Oversized {
        /// By how much its request changes, cpu and memory added up.
        by: Ppm,
    },
    /// What it needs differs from what it asks for.
    OffSize {
        /// By how much its request changes, cpu and memory added up.
        by: Ppm,
        /// The limit.
        limit: Ppm,
    },
    /// It asks for what it is seen to need.
    RightSize {
        /// By how much its request would change, cpu and memory added up.
        by: Ppm,
        /// The limit.
        limit: Ppm,
    },
    /// All tenants of the machine fit onto fuller ones.
    FitsElsewhere {
        /// So many live on it.
        tenants: u32,
        /// They would go onto so many others.
        onto: u32,
    },
    /// The machine was not emptied in time.
    NotEmptied {
        /// Begun then.
        since: Moment,
        /// The limit.
        limit: Span,
    },
    /// Tenants of that priority are not moved.
    Spared {
        /// How urgent.
        priority: Priority,
    },
    /// As many were moved within the hour as may be.
    MovesAnHour {
        /// How many were moved.
        done: u32,
        /// The limit.
        limit: u32,
    },
    /// As many were resized in this round as may be.
    ResizesAtOnce {
        /// The limit.
        limit: u32,
    },
    /// There is no reading.
    AbsentReading,
    /// So much of the fleet is missing from the view that the view is not believed.
    FleetVanished {
        /// Seen now.
        seen: u32,
        /// Seen before.
        before: u32,
    },
    /// More tenants are out of sight than may be: missing, or on machines that do not answer.
    TenantsUnseen {
        /// Out of sight now.
        unseen: u32,
        /// Of so many, those out of sight included.
        of: u32,
    },
    /// More of a pool's machines do not answer than may be.
    MachinesLost {
        /// They do not answer.
        lost: u32,
        /// Of so many.
        of: u32,
    },
    /// The machine does not answer.
    MachineLost {
        /// Which.
        node: NodeId,
    },
    /// It is asked for something too often to be idle.
    Asked {
        /// This often.
        rate: Frequency,
        /// The limit.
        limit: Frequency,
    },
    /// An earlier action at this target is still on its way.
    InFlight {
        /// Since when.
        since: Moment,
    },
    /// A policy that stands earlier in the file has this target.
    OwnedBy {
        /// Which.
        policy: PolicyId,
    },
    /// More would be taken within the hour than may be.
    BlastCap {
        /// Of what.
        unit: Protected,
        /// So much was taken within the hour.
        done: u32,
        /// The limit.
        limit: u32,
    },
    /// An earlier action at this target had no effect; it is not repeated so soon.
    NoEffect {
        /// Not before.
        until: Moment,
    },
    /// More is used of a service than its replicas should carry.
    AboveTarget {
        /// By this measure.
        by: Measure,
        /// Use over target.
        used: Ppm,
        /// So many replicas that calls for.
        wants: u32,
        /// What stands against so many.
        limited: Limited,
    },
    /// Less is used of a service than its replicas should carry.
    BelowTarget {
        /// By this measure.
        by: Measure,
        /// Use over target.
        used: Ppm,
        /// So many replicas that calls for.
        wants: u32,
        /// What stands against so few.
        limited: Limited,
    },
    /// As many replicas as there should be are called for: use is near its target, or those that are
    /// not ready or cannot be seen might make up for the rest.
    OnTarget {
        /// By this measure.
        by: Measure,
        /// Use over target.
        used: Ppm,
    },
    /// The service should have fewer or more replicas than it may have.
    OutOfBounds {
        /// The fewest that it may have.
        least: u32,
        /// The most.
        most: u32,
    },
    /// The service was set to no replica at all, and is left so.
    SwitchedOff,
    /// The service has no replica to go by.
    NoReplica,
    /// What is used is a share of what is asked for, and nothing is asked for.
    NothingRequested {
        /// By this measure.
        by: Measure,
    },
}
