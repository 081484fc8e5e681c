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
        /// How many tenants' worth of destructive actions may be taken within an hour.
        destructive_most: Ppm = percent(20),
        /// A view with fewer tenants than this share of before is not believed.
        vanished_below: Ppm = percent(50),
        /// After this long a smaller fleet is believed all the same.
        vanished_until: Span = Span::hours(1),
        /// With more than this share of the tenants, or of a pool's machines, out of sight, nothing
        /// destructive is done anywhere: those that are left may have to carry them.
        unseen_most: Ppm = percent(10),
        /// An action should show its effect within this time.
        effect_within: Span = Span::minutes(5),
        /// How long an action without effect is not repeated; doubled each time.
        back_off: Span = Span::minutes(10),
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
            destructive_most: percent(20),
            vanished_below: percent(50),
            vanished_until: Span::hours(1),
            unseen_most: percent(10),
            effect_within: Span::minutes(5),
            back_off: Span::minutes(10),
        }
    }
}
