//! The rails that decide: they stand in the contract, so that they are rehearsed in both worlds.

use crate::units::{Ppm, Span, percent};
use crate::{element, words};

element! {
    /// When no destructive action is taken, whatever a policy wants.
    pub struct Guard {
        /// Readings older than this justify nothing destructive.
        stale_after: Span = Span::minutes(2),
        /// Whether it is known here who is at a tenant. Nothing is taken from a tenant of which that is
        /// not known.
        sessions: Sessions = Sessions::Required,
        /// Nobody is believed to have been away for longer than this: a moment so far back is a counter
        /// that began anew at zero.
        idle_most: Span = Span::days(1_095),
        /// Where more than this share of the tenants, and more than ten, are told at once to have been
        /// active last at the very same moment, more than a day ago, that moment is not believed. With
        /// 100 % it always is: after a fleet was taken over from elsewhere, say.
        same_moment_most: Ppm = percent(10),
        /// Of the tenants that are there, from so many something may be taken within an hour: they are
        /// put to sleep, moved, evicted or given less. 100 % is no cap, and 0 % none at all.
        tenants_an_hour: Ppm = percent(20),
        /// From so many tenants an hour it always may, so that a small fleet can move too.
        tenants_always: u32 = 10,
        /// Of a pool's machines so many may be closed, emptied or given back within an hour.
        machines_an_hour: Ppm = percent(20),
        /// So many machines of a pool an hour always may.
        machines_always: u32 = 2,
        /// Of a service's replicas so many may be taken away within an hour; Kubernetes knows no cap.
        replicas_an_hour: Ppm = percent(100),
        /// So many replicas of a service an hour always may.
        replicas_always: u32 = 1,
        /// By so much of a pooler's connections the limits of its tiers may be lowered within an hour.
        connections_an_hour: Ppm = percent(100),
        /// By so many connections of a pooler an hour they always may.
        connections_always: u32 = 1,
        /// A view with fewer tenants than this share of before is not believed.
        vanished_below: Ppm = percent(50),
        /// After this long a smaller fleet is believed all the same.
        vanished_until: Span = Span::hours(1),
        /// With more than this share of the tenants, or of a pool's machines, out of sight, nothing
        /// destructive is done anywhere: those that are left may have to carry them.
        unseen_most: Ppm = percent(10),
        /// With more than this share of all machines lost, no tenant of theirs is brought up elsewhere: it is
        /// likelier then that nobody sees them (Kubernetes stops at 55 % of a zone). By default none is ever,
        /// since a machine that nobody sees may run on: say it where machines that are lost are known to be off.
        lost_most: Ppm = Ppm::ZERO,
        /// An action should show its effect within this time.
        effect_within: Span = Span::minutes(5),
        /// How long an action without effect is not repeated; doubled each time.
        back_off: Span = Span::minutes(10),
    }
    former {
        "destructive_most" = "say what may be taken within an hour, each in its own unit: \
            `tenants_an_hour`, `machines_an_hour`, `replicas_an_hour`, `connections_an_hour`",
    }
}

words! {
    /// What it means where nothing says whether somebody is at a tenant.
    pub enum Sessions {
        /// That somebody may be there: nothing is taken from the tenant.
        Required = "required",
        /// Nothing here ever says it, so that one goes by when somebody was last there alone. What was
        /// said once and is old still stops everything that takes something from the tenant.
        NotKnownHere = "not-known-here",
    }
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            stale_after: Span::minutes(2),
            sessions: Sessions::Required,
            idle_most: Span::days(1_095),
            same_moment_most: percent(10),
            tenants_an_hour: percent(20),
            tenants_always: 10,
            machines_an_hour: percent(20),
            machines_always: 2,
            replicas_an_hour: percent(100),
            replicas_always: 1,
            connections_an_hour: percent(100),
            connections_always: 1,
            vanished_below: percent(50),
            vanished_until: Span::hours(1),
            unseen_most: percent(10),
            lost_most: Ppm::ZERO,
            effect_within: Span::minutes(5),
            back_off: Span::minutes(10),
        }
    }
}
