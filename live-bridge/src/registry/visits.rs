//! What the columns say of a tenant, and which moments of a last visit cannot be. Pure.

use crate::clock;
use crate::sighting::{ColumnSeen, RowSeen};
use seatrial_contract::TenantId;
use seatrial_contract::units::{Moment, Span};
use std::collections::BTreeMap;

/// What the columns say of a tenant.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Visits {
    pub(super) login: Option<Moment>,
    /// The login as its source said it, which never grows less.
    pub(super) said: Option<f64>,
    /// The tenant was there by then: nobody came before that.
    pub(super) known_since: Option<Moment>,
    /// Somebody was there then.
    pub(super) there_at: Option<Moment>,
    pub(super) waiting: Option<Moment>,
    pub(super) missing_since: Option<Moment>,
}

/// A login this much later than it was measured is a clock that differs; more is no login.
const AHEAD_MOST: Span = Span::minutes(5);
/// Docker's first release, 20 March 2013: no container is older, and so no tenant.
const EARLIEST: f64 = 1_363_737_600.0;
/// So many tenants are not last visited at the very same moment, a day or longer ago: that is a
/// moment that somebody set.
const TOGETHER_MOST: u32 = 10;
const LONG_AGO: Span = Span::days(1);

/// How many tenants share a moment of a last visit.
pub(super) struct Together {
    counts: BTreeMap<u64, u32>,
    rows: usize,
}

impl Together {
    pub(super) fn of(rows: &[(TenantId, RowSeen)]) -> Self {
        let mut counts = BTreeMap::new();
        for (_, row) in rows {
            *counts.entry(row.value.to_bits()).or_default() += 1;
        }
        Self { counts, rows: rows.len() }
    }

    /// Ten and more, or most of three and more.
    fn are_too_many_at(&self, value: f64) -> bool {
        let count = self.counts.get(&value.to_bits()).copied().unwrap_or_default();
        let most = count >= 3 && count as usize * 2 > self.rows;
        count >= TOGETHER_MOST || most
    }
}

impl Visits {
    /// One of the tenant's containers was made then.
    pub(super) fn made(&mut self, created: Option<Moment>) {
        if let Some(created) = created {
            self.known_since = Some(self.known_since.map_or(created, |known| known.min(created)));
        }
    }

    /// When somebody was last there, by this row; or why that cannot be.
    pub(super) fn login_of(
        &mut self,
        seen: &ColumnSeen,
        row: &RowSeen,
        together: &Together,
    ) -> Result<Moment, &'static str> {
        const NEVER: &str = "no moment that was";
        if row.value < EARLIEST {
            return Err(NEVER);
        }
        let login = clock::of_unix(row.value).ok_or(NEVER)?;
        let measured = seen.clock.map_or(row.seen_at, |clock| clock.theirs());
        if login.since(measured) > AHEAD_MOST {
            return Err(NEVER);
        }
        let login = seen.moment(row.value).ok_or(NEVER)?.min(row.seen_at);
        let again = self.said.is_some_and(|said| said.to_bits() == row.value.to_bits());
        if self.said.is_some_and(|said| row.value < said) {
            return Err("earlier than it was before, as of a counter that began anew");
        }
        if self.known_since.is_some_and(|since| login.after(clock::SLACK) < since) {
            return Err("earlier than the tenant itself");
        }
        let long_ago = row.seen_at.since(login) > LONG_AGO;
        if long_ago && !again && together.are_too_many_at(row.value) {
            return Err("the same for many tenants at once");
        }
        (self.login, self.said) = (Some(login), Some(row.value));
        Ok(login)
    }
}
