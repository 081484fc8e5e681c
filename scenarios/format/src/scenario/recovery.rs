//! How what was lost is taken over by another: who decides it, and how long that takes.

use super::{DistributionFile, Drawn, Uniform};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, choice, element, words};
use seatrial_contract::units::{Bytes, Span, mib};

choice! {
    /// Who makes a standby the primary once the primary is lost.
    pub enum Failover {
        /// Patroni behind a load balancer that asks it who is primary (HAProxy).
        Patroni(Patroni) = "patroni",
        /// A managed database with a synchronous standby in another zone (RDS Multi-AZ).
        ManagedMultiAz(MultiAz) = "managed-multi-az",
        /// A managed database with two readable standbys (RDS Multi-AZ cluster).
        ManagedTwoStandby(TwoStandby) = "managed-two-standby",
        /// An operator on Kubernetes (CloudNativePG).
        CloudNative(CloudNative) = "cloudnative",
        /// People, who are called and do it by hand.
        Manual(Manual) = "manual",
        /// A script beside the standby that asks the primary and promotes.
        Probing(Probing) = "probing",
        /// Nobody but a policy: `fail-over`, or `switch-over` while its primary serves.
        ByPolicy(ByPolicy) = "by-policy",
        /// Something that takes a time of its own.
        Timed(Timed) = "timed",
    }
}

element! {
    /// Patroni's settings and those of the load balancer in front.
    pub struct Patroni {
        /// How long the primary's lock lives without being renewed.
        ttl: Located<Span> = Located::nowhere(Span::seconds(30)),
        /// How often each member looks (loop_wait).
        loop_wait: Located<Span> = Located::nowhere(Span::seconds(10)),
        /// How long a primary whose process has crashed on a live machine may take to start again before another
        /// takes over (primary_start_timeout).
        primary_start_timeout: Located<Span> = Located::nowhere(Span::seconds(300)),
        /// A standby that lacks more than this does not take over (maximum_lag_on_failover).
        maximum_lag_on_failover: Located<Bytes> = Located::nowhere(mib(1)),
        /// How often the load balancer asks each member whether it is primary (inter).
        check_every: Located<Span> = Located::nowhere(Span::seconds(2)),
        /// The same while one has just changed (fastinter).
        check_fast: Located<Span> = Located::nowhere(Span::seconds(1)),
        /// How many answers in a row count (rise).
        rise: Located<NonZeroU32> = Located::nowhere(THREE),
    }
}

const THREE: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);

element! {
    /// A managed database with a standby.
    pub struct MultiAz {
        /// From the loss until the standby takes connections.
        takes: DistributionFile = between(60, 120),
    }
}

element! {
    /// A managed database with two standbys. The bound is documented, the distribution below it our judgement.
    pub struct TwoStandby {
        /// From the loss until one of them takes connections.
        takes: DistributionFile = between(15, 35),
    }
}

element! {
    /// An operator on Kubernetes.
    pub struct CloudNative {
        /// How long a machine is silent before it counts as lost (the node lifecycle).
        machine_lost_after: Located<Span> = Located::nowhere(Span::seconds(50)),
        /// How often the database's own health is looked at.
        probe_every: Located<Span> = Located::nowhere(Span::seconds(10)),
        /// How many bad answers in a row count.
        probes: Located<NonZeroU32> = Located::nowhere(THREE),
        /// From the decision until the standby takes connections. Our judgement.
        promotes: DistributionFile = between(2, 10),
    }
}

element! {
    /// People who are called. Our judgement, as nobody publishes such times.
    pub struct Manual {
        /// From the loss until somebody has noticed it and was called.
        noticed: DistributionFile = DistributionFile::Fixed(Span::minutes(1)),
        /// From the call until somebody looks.
        acknowledged: DistributionFile = lognormal(5, 20),
        /// From then until a standby was made the primary.
        acts: DistributionFile = lognormal(40, 180),
    }
}

element! {
    /// A script that asks the primary and, where no answer comes, makes the standby the primary.
    pub struct Probing {
        /// How often it asks.
        every: Located<Span> = Located::nowhere(Span::seconds(1)),
        /// How many times in a row no answer must come.
        threshold: Located<NonZeroU32> = Located::nowhere(THREE),
        /// How long it waits for an answer. A process that is gone says so at once.
        time_out: Located<Span> = Located::nowhere(Span::seconds(1)),
        /// From the decision until the standby takes writes. Our judgement, of one that has nothing left to apply.
        promotes: DistributionFile = DistributionFile::Drawn(Drawn::Uniform(Uniform {
            from: Span::millis(50),
            to: Span::millis(250),
        })),
    }
}

element! {
    /// Whoever does what a policy says.
    pub struct ByPolicy {
        /// From the action until the standby takes writes. Our judgement.
        promotes: DistributionFile = between(1, 5),
    }
}

element! {
    /// Something that takes a time of its own.
    pub struct Timed {
        /// From the loss until the standby takes connections.
        takes: DistributionFile,
    }
}

words! {
    /// What a primary does that has no synchronous standby any more.
    pub enum WhenAlone {
        /// It goes on alone once the standby counts as lost (Patroni: synchronous_mode). What is written then is
        /// lost with it.
        GoesOn = "goes-on",
        /// It takes no writes until there is one (Patroni: synchronous_mode_strict).
        Stops = "stops",
    }
}

/// Evenly between so many seconds and so many.
const fn between(from: u64, to: u64) -> DistributionFile {
    DistributionFile::Drawn(Drawn::Uniform(Uniform {
        from: Span::seconds(from),
        to: Span::seconds(to),
    }))
}

/// Heavy-tailed, by its median and 95th percentile in minutes.
const fn lognormal(median: u64, p95: u64) -> DistributionFile {
    DistributionFile::Drawn(Drawn::Lognormal(super::Lognormal {
        median: Span::minutes(median),
        p95: Span::minutes(p95),
    }))
}
