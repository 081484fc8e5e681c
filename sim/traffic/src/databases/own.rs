//! Databases of which each tenant has one of its own: what a file says once stands for as many servers as
//! tenants have asked. They stand behind those of the file, in the order in which they were first asked.
//! Knows no query.

use super::super::Stations;
use super::Database;
use seatrial_contract::TenantId;
use seatrial_contract::units::Moment;
use seatrial_format::scenario::Database as DatabaseFile;

/// The servers of one section, by tenant.
pub(in super::super) struct Own {
    file: DatabaseFile,
    of_tenant: Vec<Option<u16>>,
}

impl Own {
    /// None where all ask the same server.
    pub(in super::super) fn new(file: &DatabaseFile) -> Option<Self> {
        file.one_per.is_some().then(|| Self { file: file.clone(), of_tenant: Vec::new() })
    }

    /// The servers that there are, by their places.
    pub(super) fn all(&self) -> impl Iterator<Item = usize> {
        self.of_tenant.iter().flatten().map(|number| usize::from(*number))
    }
}

/// The server that a tenant asks by this database's name: its own, where each has one.
pub(crate) fn server_of(
    stations: &mut Stations,
    database: u16,
    tenant: Option<TenantId>,
    now: Moment,
) -> u16 {
    // The format lets nobody but tenants ask what each has for itself.
    let (Some(Some(own)), Some(tenant)) =
        (stations.stores.own.get_mut(usize::from(database)), tenant)
    else {
        return database;
    };
    let at = tenant.index();
    if own.of_tenant.len() <= at {
        own.of_tenant.resize(at + 1, None);
    }
    let all = &mut stations.stores.databases;
    *own.of_tenant[at].get_or_insert_with(|| {
        let number = u16::try_from(all.len()).expect("the format lets no more through");
        let mut server = Database::new(&own.file, now);
        // How long each recovers is drawn by its number among its own, which are no other's.
        server.crashes_ever = (u64::from(tenant.0) + 1) << 32;
        all.push(server);
        number
    })
}
