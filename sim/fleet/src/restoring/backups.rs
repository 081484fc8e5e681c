//! Backups of databases: what is copied and kept, what a restore brings back, and whether anybody has tried it. All of
//! it goes over the link that tenants' data comes back through. Decides nothing.

mod kept;
mod metrics;
mod restores;

use super::{OnLink, go_on};
use crate::{Event, Fleet, Hosts};
use kept::{Backup, Kept};
pub use metrics::backup_metrics;
pub(crate) use restores::{fetched, restore, restored};
use seatrial_contract::Purpose;
use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_contract::view::Database as Seen;
use seatrial_format::scenario::{Database as File, DatabaseBackups};
use seatrial_kernel::chance::Distribution;
use seatrial_kernel::statistics::Sketch;
use seatrial_traffic::distributions::distribution;
use seatrial_traffic::from_backup::{self, Health, Mark};
use seatrial_traffic::recovering;

const SUCCEEDS: Purpose = Purpose::new("database backup succeeds");
const SNAPSHOT: Purpose = Purpose::new("database snapshot takes");
/// Queries keep at the least this part of their disk beside a copy, in millionths.
const KEPT_FREE: u64 = 100_000;

/// The backups of a database.
pub struct Backups {
    name: String,
    terms: Terms,
    kept: Kept,
    running: Option<Running>,
    restore: Option<Restore>,
    /// The number of the backup that is being copied off site.
    leaving: Option<u32>,
    /// How many were ever begun, of backups and of restores.
    begun: (u32, u32),
    /// So many reasons why what is backed up cannot be restored.
    pub(crate) failing: u32,
    /// How many times as long queries take because of a copy, in millionths; nothing where there is none.
    slows: u64,
    seen: Happened,
}

struct Terms {
    data: u64,
    disk: u64,
    copies: u64,
    snapshots: Option<Snapshots>,
    keeps: Span,
    succeed: Ppm,
    off_site: Option<Span>,
    replays: u64,
    starts: Distribution,
    verifies: Distribution,
}

/// Backups are snapshots of its volume.
struct Snapshots {
    takes: Distribution,
    attaches: Distribution,
}

/// A backup that is being made.
struct Running {
    is_full: bool,
    begins: Mark,
    bytes: u64,
    /// How often the database had been lost by then.
    losses: u64,
}

/// A restore under way.
struct Restore {
    /// Of another database beside the one that serves, to see whether it can be done.
    is_aside: bool,
    begun: Moment,
    /// The backup that is restored.
    number: u32,
    /// What it brings back, where that ends with the backup.
    has: Mark,
    is_replayed: bool,
    /// So many backups were tried before it, and were no good.
    tried: u32,
    /// When it would take writes.
    restored_at: Moment,
}

/// What happened.
#[derive(Default)]
struct Happened {
    backups: u64,
    cut_short: u64,
    unusable: u64,
    copied: u64,
    takes: Sketch,
    restores: u64,
    drills: u64,
    drills_failed: u64,
    tried_in_vain: u64,
    stored_most: u64,
    age_most: Span,
    proven_age_most: Span,
}

impl Backups {
    /// What there is to see of them.
    pub(crate) fn seen(&self) -> Seen {
        Seen {
            full: self.kept.full(),
            newest: self.kept.last().map(|of| of.begins.world_at),
            proven: self.kept.proven,
            tried: self.kept.tried,
            backups: self.begun.0,
            restores: self.begun.1,
            backing_up: self.running.is_some(),
            restoring: self.restore.as_ref().is_some_and(|of| !of.is_aside),
            rehearsing: self.restore.as_ref().is_some_and(|of| of.is_aside),
            ..Seen::default()
        }
    }

    /// Those that a file lays down.
    pub(crate) fn new(file: &File) -> Option<Self> {
        let of: &DatabaseBackups = file.backups.as_ref()?;
        Some(Self {
            name: file.name.to_string(),
            terms: Terms {
                data: file.data.value.0,
                disk: file.disk.value.0.max(1),
                copies: of.copies.value.0.max(1),
                snapshots: of.snapshots.as_ref().map(|of| Snapshots {
                    takes: distribution(&of.takes),
                    attaches: distribution(&of.attaches),
                }),
                keeps: of.keeps.value,
                succeed: of.succeed.value,
                off_site: of.off_site.as_ref().map(|of| of.value),
                replays: of.replays.value.0.max(1),
                starts: distribution(&of.starts),
                verifies: distribution(&of.verifies),
            },
            kept: Kept::default(),
            running: None,
            restore: None,
            leaving: None,
            begun: (0, 0),
            failing: 0,
            slows: 0,
            seen: Happened::default(),
        })
    }

    fn most(&self) -> u64 {
        self.terms.copies.min(self.terms.disk)
    }

    /// The ages of what could be restored grow until something newer is there.
    fn note_ages(&mut self, now: Moment) {
        let stored = self.kept.stored();
        self.seen.stored_most = self.seen.stored_most.max(stored);
        if let Some(newest) = self.kept.newest() {
            self.seen.age_most = self.seen.age_most.max(now.since(newest));
        }
        if let Some(proven) = self.kept.proven {
            self.seen.proven_age_most = self.seen.proven_age_most.max(now.since(proven));
        }
    }
}

fn of<E: Hosts>(fleet: &mut Fleet<E>, database: u16) -> Option<&mut Backups> {
    fleet.restoring.databases.get_mut(usize::from(database))?.as_mut()
}

fn mark<E: Hosts>(fleet: &mut Fleet<E>, database: u16) -> Mark {
    let at = (fleet.calls_now(), fleet.now());
    from_backup::mark(&mut fleet.traffic.stations, database, at)
}

/// One full backup of each was made just before time begins.
pub(crate) fn begin<E: Hosts>(fleet: &mut Fleet<E>) {
    for database in 0..fleet.restoring.databases.len() {
        let database = u16::try_from(database).unwrap_or(u16::MAX);
        let mark = mark(fleet, database);
        if let Some(of) = of(fleet, database) {
            let bytes = of.terms.data;
            let first = Backup { is_full: true, begins: mark, ends: mark, bytes, ..Backup::new() };
            of.kept.add(first);
        }
    }
}

/// Whether a backup may begin, or a restore.
pub(crate) fn may_begin<E: Hosts>(fleet: &Fleet<E>, database: u16, restore: Option<bool>) -> bool {
    let health = from_backup::health(&fleet.traffic.stations, database);
    let Some(Some(of)) = fleet.restoring.databases.get(usize::from(database)) else { return false };
    match restore {
        None => health == Health::Serves && of.running.is_none() && !of.kept.is_hidden(),
        Some(true) => of.restore.is_none(),
        // What others bring back by themselves is not overwritten.
        Some(false) => {
            matches!(health, Health::Lost | Health::Gone)
                && of.restore.as_ref().is_none_or(|of| of.is_aside)
        }
    }
}

/// A database is backed up, in full or since the last backup.
pub(crate) fn back_up<E: Hosts>(fleet: &mut Fleet<E>, database: u16, is_full: bool) {
    let begins = mark(fleet, database);
    let stations = &fleet.traffic.stations;
    let (_, losses) = from_backup::lost_at(stations, database);
    let Some(Some(of)) = fleet.restoring.databases.get(usize::from(database)) else { return };
    let is_snapshot = of.terms.snapshots.is_some();
    let last = of.kept.last().filter(|_| is_snapshot || !is_full).map(|of| of.begins);
    let written = last.map(|last| from_backup::written(stations, database, last, begins).bytes);
    let bytes = written.map_or(of.terms.data, |bytes| bytes.min(of.terms.data));
    let most = of.most();
    let dice = fleet.dice;
    let Some(of) = self::of(fleet, database) else { return };
    of.running = Some(Running { is_full: is_snapshot || last.is_none(), begins, bytes, losses });
    of.begun.0 += 1;
    let Some(snapshots) = &of.terms.snapshots else {
        return put(fleet, OnLink::Backup(database), bytes, most);
    };
    let mut stream = dice.turn(u64::from(database), SNAPSHOT, u64::from(of.begun.0));
    let takes = snapshots.takes.sample(&mut stream);
    fleet.later(takes, Event::SnapshotTaken(database));
}

fn put<E: Hosts>(fleet: &mut Fleet<E>, who: OnLink, bytes: u64, most: u64) {
    let now = fleet.now();
    fleet.restoring.link.settle(now);
    fleet.restoring.link.put(who, bytes, most, None);
    go_on(fleet);
}

/// A backup has been copied.
pub(crate) fn made<E: Hosts>(fleet: &mut Fleet<E>, database: u16) {
    let (now, dice) = (fleet.now(), fleet.dice);
    let ends = mark(fleet, database);
    let (lost, losses) = from_backup::lost_at(&fleet.traffic.stations, database);
    let Some(of) = of(fleet, database) else { return };
    let Some(running) = of.running.take() else { return };
    if lost.is_some() || losses != running.losses || of.kept.is_hidden() {
        of.seen.cut_short += 1;
        return;
    }
    let mut stream = dice.turn(u64::from(database), SUCCEEDS, u64::from(of.begun.0));
    let is_good = of.failing == 0 && stream.below(1_000_000) < u64::from(of.terms.succeed.0);
    of.note_ages(now);
    of.seen.backups += 1;
    of.seen.unusable += u64::from(!is_good);
    of.seen.copied = of.seen.copied.saturating_add(running.bytes);
    of.seen.takes.add(now.since(running.begins.world_at).0);
    let Running { is_full, begins, bytes, .. } = running;
    // A snapshot is of the moment at which it was begun.
    let is_snapshot = of.terms.snapshots.is_some();
    let ends = if is_snapshot { begins } else { ends };
    let number = of.kept.add(Backup { is_full, begins, ends, bytes, is_good, ..Backup::new() });
    of.kept.expire(now, of.terms.keeps, is_snapshot.then_some(of.terms.data));
    of.note_ages(now);
    let is_due = |every: &Span| of.kept.left_at.is_none_or(|at| now.since(at) >= *every);
    if is_full && of.leaving.is_none() && of.terms.off_site.as_ref().is_some_and(is_due) {
        of.leaving = Some(number);
        of.kept.left_at = Some(now);
        let most = of.terms.copies;
        if is_snapshot {
            let data = of.terms.data;
            return put(fleet, OnLink::OffSite(database), data, most);
        }
        fleet.restoring.link.put(OnLink::OffSite(database), bytes, most, None);
    }
}

/// A backup is off site too.
pub(crate) fn copied<E: Hosts>(fleet: &mut Fleet<E>, database: u16) {
    if let Some(of) = of(fleet, database)
        && let Some(number) = of.leaving.take()
    {
        of.kept.is_off_site(number);
    }
}

/// Copies take a part of their database's disk from its queries.
pub(crate) fn slow_queries<E: Hosts>(fleet: &mut Fleet<E>) {
    for at in 0..fleet.restoring.databases.len() {
        let database = u16::try_from(at).unwrap_or(u16::MAX);
        let rate = fleet.restoring.link.rate(OnLink::Backup(database));
        let Some(of) = of(fleet, database) else { continue };
        let disk = u128::from(of.terms.disk);
        let free = disk.saturating_sub(rate.into()).max(disk * u128::from(KEPT_FREE) / 1_000_000);
        let slows = if rate == 0 { 0 } else { disk * 1_000_000 / free.max(1) };
        let slows = u64::try_from(slows).unwrap_or(u64::MAX);
        let slowed = core::mem::replace(&mut of.slows, slows);
        if slowed == slows {
            continue;
        }
        fleet.stir();
        let stations = &mut fleet.traffic.stations;
        if slowed > 0 {
            recovering::slow_queries(stations, database, slowed, false);
        }
        if slows > 0 {
            recovering::slow_queries(stations, database, slows, true);
        }
    }
}

/// All backups of a database are lost, but those off site.
pub fn lose<E: Hosts>(fleet: &mut Fleet<E>, database: u16) {
    let now = fleet.now();
    if let Some(of) = of(fleet, database) {
        of.note_ages(now);
        of.kept.lose();
    }
}

/// What is backed up of a database from now on cannot be restored, or there is one reason less why not.
pub fn fail<E: Hosts>(fleet: &mut Fleet<E>, database: u16, so: bool) {
    if let Some(of) = of(fleet, database) {
        of.failing = if so { of.failing + 1 } else { of.failing.saturating_sub(1) };
    }
}

/// Where backups are kept is lost, or there again.
pub(crate) fn hide<E: Hosts>(fleet: &mut Fleet<E>, so: bool) {
    let at = (fleet.calls_now(), fleet.now());
    for database in 0..fleet.restoring.databases.len() {
        let database = u16::try_from(database).unwrap_or(u16::MAX);
        if let Some(of) = of(fleet, database) {
            of.kept.hide(so);
            from_backup::stop_archive(&mut fleet.traffic.stations, database, so, at);
        }
    }
}

/// Statistics begin anew.
pub(crate) fn reset<E: Hosts>(fleet: &mut Fleet<E>) {
    for of in fleet.restoring.databases.iter_mut().flatten() {
        of.seen = Happened::default();
    }
}
