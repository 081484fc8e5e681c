//! What must hold of backups in every world of the swarm: they take time and room, and no restore brings back what was
//! written after its backup. Knows no fault.

use crate::World;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{Database, Health};
use seatrial_contract::{DatabaseId, units::Bytes};
use seatrial_fleet::databases;
use seatrial_record::Record;
use seatrial_traffic::from_backup::{self, Mark};
use seatrial_traffic::recovering::losses;

/// What all data of the worlds' database takes, and what is copied of it in a second at the most.
const DATA: Bytes = Bytes(40 << 30);
const COPIES: Bytes = Bytes(400 << 20);
/// How long a snapshot takes.
const SNAPSHOT: Span = Span::minutes(2);
/// The worlds' database, by its place.
const DB: u16 = 0;

/// What was seen of a database's backups, tick by tick.
#[derive(Default)]
pub(super) struct Witness {
    /// When the newest backup was begun, and how many losses there were.
    newest: Option<Moment>,
    losses: usize,
    /// It is in no backup what was written from then until then.
    from: Mark,
    until: Mark,
    fulls: u32,
    full: Option<Moment>,
}

impl Witness {
    /// Looks at a tick; what does not hold, if anything.
    pub(super) fn look(&mut self, world: &mut World, is_archived: bool) -> Option<String> {
        let of = databases::look(&world.fleet, DatabaseId::at(0))?;
        let stations = &world.fleet.traffic.stations;
        let (_, rows) = losses(stations, DB);
        let written = from_backup::written(stations, DB, self.from, self.until).writes;
        let fresh = rows.get(self.losses..).unwrap_or_default();
        let newer = fresh.iter().find(|row| row.from_backup && row.writes_lost < written);
        let newer = newer.filter(|_| !is_archived).map(|row| {
            format!("no backup has {written} writes, and a restore lost {}", row.writes_lost)
        });
        let is_new = self.losses != rows.len() || self.newest != of.newest || of.backing_up;
        (self.losses, self.newest) = (rows.len(), of.newest);
        self.fulls += u32::from(of.full > self.full);
        self.full = of.full;
        if is_new || of.health == Health::Serves {
            self.mark(world, is_new, &of);
        }
        newer
    }

    fn mark(&mut self, world: &mut World, is_new: bool, of: &Database) {
        let at = (world.fleet.calls_now(), world.fleet.now());
        let mark = from_backup::mark(&mut world.fleet.traffic.stations, DB, at);
        // Nothing is written while it is lost.
        if of.health == Health::Serves {
            self.until = mark;
        }
        if is_new {
            (self.from, self.until) = (mark, mark);
        }
    }

    /// What does not hold of what was found, if anything.
    pub(super) fn broken(&self, record: &Record, text: &str, is_told: bool) -> Option<String> {
        let value = |name: &str| record.metric(name).and_then(|metric| metric.value).unwrap_or(0.0);
        let is_snapshot = text.contains("snapshots = ");
        #[expect(clippy::cast_precision_loss, reason = "bytes and seconds, compared roughly")]
        let least = if is_snapshot {
            value("backups.db") * SNAPSHOT.as_seconds()
        } else {
            value("backups_copied.db") / COPIES.0 as f64
        };
        let takes = value("backup_mean.db") * value("backups.db");
        if takes < 0.99 * least {
            return Some(format!("backups take {takes} s, and not {least} s"));
        }
        // Of two full ones the older is there while the newer is made, but where it was found to be bad.
        let stored = value("backups_stored_most.db");
        let is_kept = !is_snapshot && value("backups_unusable.db") == 0.0;
        #[expect(clippy::cast_precision_loss, reason = "bytes, compared roughly")]
        let room = DATA.0 as f64 * if is_kept && self.fulls > 1 { 2.0 } else { 1.0 };
        (is_told && stored < room)
            .then(|| format!("backups take room for {stored} bytes, and not {room}"))
    }
}
