//! What became of losses of a database's primary: how long until it took writes and until callers were back, and
//! which acknowledged writes went with it. Decides nothing.
//!
//! - `rto_verified` is from the loss until whoever sends callers there has seen that it takes writes, `rto_clients`
//!   until callers are back.
//! - `rpo` is from the oldest acknowledged write that was lost until the loss; nothing where none was.

use super::members::Recovered;
use crate::telling::{number, quantiles, share};
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::Database as File;
use seatrial_kernel::statistics::Sketch;
use seatrial_record::{Metric, Unit};

/// Losses that are over.
pub(crate) struct Recoveries {
    is_told: bool,
    rto: Option<Span>,
    rpo: Option<Span>,
    seen: Seen,
    /// The first of them, one by one.
    pub(crate) rows: Vec<Recovered>,
}

#[derive(Default)]
struct Seen {
    failovers: u64,
    verified: Sketch,
    clients: Sketch,
    rpo: Sketch,
    writes_lost: u64,
    waited: Span,
    two_primaries: Span,
    rto_missed: u64,
    rpo_missed: u64,
}

/// More of them are counted, and not kept one by one.
const ROWS_MOST: usize = 1_000;

impl Recoveries {
    pub(super) fn new(file: &File) -> Self {
        let of = |span: &Option<seatrial_contract::config::Located<Span>>| span.map(|of| of.value);
        Self {
            is_told: file.failover.is_some()
                || file.backups.is_some()
                || file.rto.is_some()
                || file.rpo.is_some(),
            rto: of(&file.rto),
            rpo: of(&file.rpo),
            seen: Seen::default(),
            rows: Vec::new(),
        }
    }

    /// Callers are back after a loss, or will be.
    pub(crate) fn add(&mut self, recovered: Recovered) {
        let seen = &mut self.seen;
        seen.failovers += u64::from(recovered.failed_over);
        seen.verified.add(recovered.chain.verified.0);
        seen.clients.add(recovered.clients_back.0);
        seen.rpo.add(recovered.rpo.0);
        seen.writes_lost += recovered.writes_lost;
        seen.waited = seen.waited.saturating_add(recovered.waited);
        seen.rto_missed += u64::from(self.rto.is_some_and(|rto| recovered.clients_back > rto));
        seen.rpo_missed += u64::from(self.rpo.is_some_and(|limit| recovered.rpo > limit));
        if self.rows.len() < ROWS_MOST {
            self.rows.push(recovered);
        }
    }

    /// A server that ran on beside the one that took over from it takes no writes any more.
    pub(crate) fn one_primary_again(&mut self, server: usize, now: Moment) {
        let all = self.rows.iter_mut().filter_map(|row| row.two_primaries.as_mut());
        for two in all.filter(|of| of.server == server && of.lasted.is_none()) {
            let span = now.since(two.since);
            two.lasted = Some(span);
            self.seen.two_primaries = self.seen.two_primaries.saturating_add(span);
        }
    }

    pub(super) fn reset(&mut self) {
        self.seen = Seen::default();
    }

    /// Every metric, in a fixed order.
    pub(super) fn metrics(&self, database: &str, now: Moment, all: &mut Vec<Metric>) {
        if !self.is_told {
            return;
        }
        let mut add = |name: &str, unit, value: Option<f64>| {
            all.push(Metric::new(format!("{name}.{database}"), unit, value));
        };
        let seen = &self.seen;
        let losses = seen.clients.count();
        add("primary_losses", Unit::Count, Some(number(losses)));
        add("failovers", Unit::Count, Some(number(seen.failovers)));
        for (name, sketch) in
            [("rto_verified", &seen.verified), ("rto_clients", &seen.clients), ("rpo", &seen.rpo)]
        {
            for (figure, value) in quantiles(sketch) {
                add(&format!("{name}_{figure}"), Unit::Seconds, value);
            }
        }
        add("writes_lost", Unit::Count, Some(number(seen.writes_lost)));
        add("down_without_standby", Unit::Seconds, Some(seen.waited.as_seconds()));
        let open = self.rows.iter().filter_map(|row| row.two_primaries);
        let open = open.filter(|of| of.lasted.is_none()).map(|of| now.since(of.since));
        let two = open.fold(seen.two_primaries, Span::saturating_add);
        add("two_primaries", Unit::Seconds, Some(two.as_seconds()));
        if self.rto.is_some() {
            add("rto_missed_share", Unit::Share, share(seen.rto_missed, losses));
        }
        if self.rpo.is_some() {
            add("rpo_missed_share", Unit::Share, share(seen.rpo_missed, losses));
        }
    }
}
