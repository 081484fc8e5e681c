//! The figures of databases' backups by name. Counts begin at the warm-up's end.
//!
//! - `backups` are those that were made; `backups_cut_short` were under way when their database was lost;
//!   `backups_unusable` cannot be restored, which nobody knows until one is tried.
//! - `backup` is how long one takes; `backups_stored` is what all that are kept take.
//! - `restores` brought a database back; `restore_drills` were done beside it; `backups_tried_in_vain` were fetched and
//!   found out to be unusable.
//! - `backup_age` is how old the newest backup is; `proven_age` how old what was restored last with success would be
//!   now (exposure). Without any restore there is none.

use super::Backups;
use crate::{Fleet, Hosts};
use seatrial_contract::units::{Moment, Span};
use seatrial_record::{Metric, Unit};
use seatrial_traffic::telling::{number, quantiles};

/// Every metric of every database that is backed up, at the end.
pub fn backup_metrics<E: Hosts>(fleet: &Fleet<E>, all: &mut Vec<Metric>) {
    let now = fleet.now();
    fleet.restoring.databases.iter().flatten().for_each(|of| of.metrics(now, all));
}

impl Backups {
    fn metrics(&self, now: Moment, all: &mut Vec<Metric>) {
        let mut add = |name: &str, unit, value: Option<f64>| {
            all.push(Metric::new(format!("{name}.{}", self.name), unit, value));
        };
        let seen = &self.seen;
        add("backups", Unit::Count, Some(number(seen.backups)));
        add("backups_cut_short", Unit::Count, Some(number(seen.cut_short)));
        add("backups_unusable", Unit::Count, Some(number(seen.unusable)));
        for (figure, value) in quantiles(&seen.takes) {
            add(&format!("backup_{figure}"), Unit::Seconds, value);
        }
        add("backups_copied", Unit::Bytes, Some(number(seen.copied)));
        add("backups_stored_end", Unit::Bytes, Some(number(self.kept.stored())));
        add("backups_stored_most", Unit::Bytes, Some(number(seen.stored_most)));
        add("backups_tried_in_vain", Unit::Count, Some(number(seen.tried_in_vain)));
        add("restores", Unit::Count, Some(number(seen.restores)));
        add("restore_drills", Unit::Count, Some(number(seen.drills)));
        add("restore_drills_failed", Unit::Count, Some(number(seen.drills_failed)));
        let age = |at: Option<Moment>| at.map(|at| now.since(at).as_seconds());
        add("backup_age_end", Unit::Seconds, age(self.kept.newest()));
        let most = |at: Moment, most: Span| most.max(now.since(at)).as_seconds();
        let newest = self.kept.newest().map(|at| most(at, seen.age_most));
        add("backup_age_most", Unit::Seconds, newest);
        add("proven_age_end", Unit::Seconds, age(self.kept.proven));
        let proven = self.kept.proven.map(|at| most(at, seen.proven_age_most));
        add("proven_age_most", Unit::Seconds, proven);
    }
}
