//! Restores of databases from their backups: what is fetched, what is replayed, and what comes back. Decides nothing.

use super::kept::Backup;
use super::{Restore, mark, of, put};
use crate::restoring::OnLink;
use crate::{Event, Fleet, Hosts};
use seatrial_contract::Purpose;
use seatrial_contract::units::{Moment, Span};
use seatrial_traffic::from_backup;

const TAKES: Purpose = Purpose::new("database restore takes");
const ATTACHES: Purpose = Purpose::new("snapshot attached");

/// A database is restored from its newest backup, or another beside it.
pub(crate) fn restore<E: Hosts>(fleet: &mut Fleet<E>, database: u16, is_aside: bool) {
    let now = fleet.now();
    let Some(of) = of(fleet, database) else { return };
    of.begun.1 += 1;
    let replaces = of.restore.is_some();
    let Some(last) = of.kept.last().copied() else { return };
    of.restore = Some(Restore {
        is_aside,
        begun: now,
        number: last.number,
        has: of.kept.has(&last),
        is_replayed: false,
        tried: 0,
        restored_at: now,
    });
    let most = of.most();
    let bytes = fetches(fleet, database, &last);
    if replaces {
        fleet.restoring.link.settle(now);
        fleet.restoring.link.take(OnLink::Restore(database));
    }
    put(fleet, OnLink::Restore(database), bytes, most);
}

/// How much has to be fetched to restore a backup, with what the archive has beyond it.
fn fetches<E: Hosts>(fleet: &mut Fleet<E>, database: u16, backup: &Backup) -> u64 {
    let (lost, _) = from_backup::lost_at(&fleet.traffic.stations, database);
    let until = match lost {
        Some(lost) => lost,
        None => mark(fleet, database),
    };
    let stations = &fleet.traffic.stations;
    let Some(Some(of)) = fleet.restoring.databases.get(usize::from(database)) else { return 0 };
    let log = from_backup::written(stations, database, backup.begins, until).archived;
    let log = if of.kept.is_cut_off { 0 } else { log };
    // A volume is made of a snapshot where that lies.
    let files = if of.terms.snapshots.is_some() { 0 } else { of.kept.fetches(backup.number) };
    files.saturating_add(log)
}

/// A backup has been fetched: it can be used, or an older one is tried.
pub(crate) fn fetched<E: Hosts>(fleet: &mut Fleet<E>, database: u16) {
    let (now, dice) = (fleet.now(), fleet.dice);
    let (lost, _) = from_backup::lost_at(&fleet.traffic.stations, database);
    let until = match lost {
        Some(lost) => lost,
        None => mark(fleet, database),
    };
    let Some(Some(of)) = fleet.restoring.databases.get_mut(usize::from(database)) else { return };
    let turn = u64::from(of.begun.1);
    let Some(restore) = of.restore.as_mut() else { return };
    if lost.is_none() && !restore.is_aside {
        // It is there again without it.
        of.restore = None;
        return;
    }
    let bad = of.kept.first_bad(restore.number);
    if let Some(bad) = bad {
        of.seen.tried_in_vain += 1;
        restore.tried += 1;
        of.kept.drop_chain_from(bad);
    }
    // It may have been lost meanwhile.
    let Some(backup) = of.kept.get(restore.number).copied() else {
        let Some(older) = of.kept.last().copied() else {
            of.seen.drills_failed += u64::from(restore.is_aside);
            of.restore = None;
            return;
        };
        (restore.number, restore.has) = (older.number, of.kept.has(&older));
        let most = of.most();
        let bytes = fetches(fleet, database, &older);
        fleet.restoring.link.put(OnLink::Restore(database), bytes, most, None);
        return;
    };
    let stations = &fleet.traffic.stations;
    restore.is_replayed = from_backup::is_archived(stations, database) && !of.kept.is_cut_off;
    let until = if restore.is_replayed { until } else { backup.ends };
    let bytes = from_backup::written(stations, database, backup.begins, until).bytes;
    let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(of.terms.replays);
    let replay = Span(u64::try_from(nanos).unwrap_or(u64::MAX));
    // That a snapshot is no good is seen once it is attached.
    let mut stream = dice.turn(u64::from(database), ATTACHES, turn);
    let attached = of.terms.snapshots.as_ref().map_or(Span::ZERO, |of| {
        let each = (0..=restore.tried).map(|_| of.attaches.sample(&mut stream));
        each.fold(Span::ZERO, Span::saturating_add)
    });
    let mut stream = dice.turn(u64::from(database), TAKES, turn);
    let takes = attached.saturating_add(replay).saturating_add(of.terms.starts.sample(&mut stream));
    restore.restored_at = now.after(takes);
    let takes = takes.saturating_add(of.terms.verifies.sample(&mut stream));
    #[expect(clippy::cast_possible_truncation, reason = "its low bits, as the event says")]
    let turn = of.begun.1 as u16;
    fleet.later(takes, Event::DatabaseRestored(database, turn));
}

/// What was fetched is up and verified.
pub(crate) fn restored<E: Hosts>(fleet: &mut Fleet<E>, database: u16, turn: u16) {
    let now = fleet.now();
    let (lost, _) = from_backup::lost_at(&fleet.traffic.stations, database);
    let Some(of) = of(fleet, database) else { return };
    #[expect(clippy::cast_possible_truncation, reason = "compared by its low bits")]
    let is_meant = of.begun.1 as u16 == turn;
    let Some(restore) = of.restore.take_if(|_| is_meant) else { return };
    of.note_ages(now);
    // What it brought back: all until it was fetched, or what the backup had.
    of.kept.proven = Some(if restore.is_replayed { restore.begun } else { restore.has.world_at });
    of.kept.tried = Some(now);
    of.note_ages(now);
    if restore.is_aside {
        of.seen.drills += 1;
        return;
    }
    let Some(lost) = lost else { return };
    of.seen.restores += 1;
    let after = |at: Moment| at.since(lost.world_at);
    let has = (!restore.is_replayed).then_some(restore.has);
    let spans = (after(restore.restored_at), after(now));
    fleet.stir();
    let (stations, agenda) = fleet.calls();
    from_backup::restored(stations, database, spans, has, agenda);
    // What was lost then is not lost again.
    let since = mark(fleet, database);
    if let Some(of) = super::of(fleet, database).filter(|_| has.is_some()) {
        of.kept.restored = Some((restore.number, since));
    }
}
