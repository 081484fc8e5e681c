//! What policies ask of databases: which are meant, and what is known of each.

use alloc::string::String;
use alloc::vec::Vec;
use seatrial_contract::config::Located;
use seatrial_contract::view::Database;
use seatrial_contract::{ClusterView, DatabaseId, Tick};

/// Those that are named, in that order; all where none are.
pub(crate) fn meant(view: &ClusterView, named: Option<&[Located<String>]>) -> Vec<DatabaseId> {
    match named {
        None => (0..view.databases().len()).map(DatabaseId::at).collect(),
        Some(named) => {
            let place = |name: &Located<String>| {
                view.databases().iter().position(|of| *of == name.value).map(DatabaseId::at)
            };
            named.iter().filter_map(place).collect()
        }
    }
}

/// What is known of one, where that is not to be doubted.
pub(crate) fn known(tick: &Tick<'_>, id: DatabaseId) -> Option<Database> {
    let seen = tick.view.database(id)?;
    tick.doubt_database(id).is_none().then_some(seen.value)
}

/// The same, of one that can be backed up.
pub(crate) fn known_backed_up(tick: &Tick<'_>, id: DatabaseId) -> Option<Database> {
    known(tick, id).filter(|of| of.is_backed_up)
}
