//! What backups and restores see of a database and do to it: where its log is, whether it is lost, and that it is there
//! again. Copies nothing, and decides nothing.

use crate::databases::failover::Chain;
pub use crate::databases::log::{Mark, Written};
pub use crate::databases::members::Health;
use crate::event::Hosts;
use crate::recovering::hold;
use crate::{Stations, connecting, endings};
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::Agenda;

/// How a database is.
#[must_use]
pub fn health(stations: &Stations, database: u16) -> Health {
    stations.stores.databases[usize::from(database)].members.health()
}

/// Where a database's log was when it was lost, while it is, and how often it was.
#[must_use]
pub fn lost_at(stations: &Stations, database: u16) -> (Option<Mark>, u64) {
    stations.stores.databases[usize::from(database)].members.lost_at()
}

/// Where a database's log is now, by the time of calls and by the world's, which goes on while that of calls stands
/// still.
pub fn mark(stations: &mut Stations, database: u16, (now, world): (Moment, Moment)) -> Mark {
    stations.stores.databases[usize::from(database)].members.log.mark(now, world)
}

/// What was written between two marks.
#[must_use]
pub fn written(stations: &Stations, database: u16, from: Mark, to: Mark) -> Written {
    stations.stores.databases[usize::from(database)].members.log.between(from, to)
}

/// Whether a database's log is archived.
#[must_use]
pub fn is_archived(stations: &Stations, database: u16) -> bool {
    stations.stores.databases[usize::from(database)].members.log.is_archived()
}

/// Nothing of a database's log is archived from now on, or there is one reason less why not.
pub fn stop_archive(
    stations: &mut Stations,
    database: u16,
    so: bool,
    (now, world): (Moment, Moment),
) {
    stations.stores.databases[usize::from(database)].members.log.stop_archive(so, now, world);
}

/// All that a database holds is deleted by mistake, and its standbys follow.
pub fn delete(stations: &mut Stations, database: u16, agenda: &mut Agenda<impl Hosts>) {
    let now = agenda.now();
    let at = (now, now.after(stations.clock.ahead));
    let of = &mut stations.stores.databases[usize::from(database)];
    if of.members.delete(at) {
        of.go_down(now, agenda);
        connecting::cut_off(stations, database, agenda);
        endings::fail_cut_off(stations, agenda);
    }
    hold(stations, database, agenda);
}

/// A database is there again from a backup: it would have taken writes at `restored` and was verified at `verified`,
/// counted from the loss. `has` is what the backup has, and nothing where the archive has the rest.
pub fn restored(
    stations: &mut Stations,
    database: u16,
    (restored, verified): (Span, Span),
    has: Option<Mark>,
    agenda: &mut Agenda<impl Hosts>,
) {
    let (now, dice) = (agenda.now(), stations.dice);
    let chain = Chain { steps: None, restored, verified };
    let of = &mut stations.stores.databases[usize::from(database)];
    let Some((recovered, next)) = of.members.comes_from_backup(chain, has, dice, now) else {
        return;
    };
    // Callers are let in once it is verified, which is now.
    let callers = recovered.clients_back.saturating_sub(recovered.chain.verified);
    of.recoveries.add(recovered);
    stations.stores.planned.back(database, callers);
    hold(stations, database, agenda);
    stations.stores.planned.add_all(database, next);
}
