//! Databases with connections that run out, and the poolers in front of them.

use super::{Contention, DistributionFile, Each, Failover, WhenAlone};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Name, element, words};
use seatrial_contract::units::{Bytes, Ppm, Price, Span, mib};

element! {
    /// A database server, such as a Postgres.
    pub struct Database {
        /// The database's name; poolers and databases share one set of names.
        name: Located<Name>,
        /// With `tenant`, a small server for each tenant that asks it, as large as said here; what such a
        /// server costs is what its container asks of the tenant's machine.
        one_per: Option<Located<Each>> = None,
        /// Its processor cores.
        cores: Located<NonZeroU32>,
        /// Connections at the most; beyond them it refuses at once (Postgres' own default).
        max_connections: Located<NonZeroU32> = Located::nowhere(MAX_CONNECTIONS),
        /// How many of them are kept for its operators (Postgres: superuser_reserved_connections).
        reserved: Located<u32> = Located::nowhere(3),
        /// How much work active connections get done together.
        contention: Contention = Contention::default(),
        /// How long it takes to open a connection.
        connecting: DistributionFile = DistributionFile::Fixed(Span::millis(5)),
        /// Its memory; connections beyond it crash it. Unbounded where left out.
        memory: Option<Located<Bytes>> = None,
        /// What it takes of that without any connection (Postgres: shared_buffers).
        shared_memory: Located<Bytes> = Located::nowhere(Bytes::ZERO),
        /// What each open connection takes.
        memory_per_connection: Located<Bytes> = Located::nowhere(mib(5)),
        /// From a crash until it takes connections again.
        recovery: DistributionFile = DistributionFile::Fixed(Span::seconds(30)),
        /// Copies that follow it by its log of writes.
        standbys: Vec<Standby> = vec![],
        /// Where its primary stands at the start: a region, a zone, a rack, or a machine such as `workers/1`.
        /// With that place the primary is lost. Nowhere that is lost where left out.
        place: Option<Located<String>> = None,
        /// Who makes a standby the primary once the primary is lost; nobody where left out: then all wait
        /// until the primary is back.
        failover: Option<Failover> = None,
        /// From then until callers find the new primary: names that are looked up again, pools that connect
        /// anew, drivers that wait.
        reconnecting: DistributionFile = DistributionFile::Fixed(Span::ZERO),
        /// From then until a new standby stands in place of what was lost. Where left out, none does: what
        /// was lost follows as a standby once its fault is over and it has caught up.
        rebuild: Option<DistributionFile> = None,
        /// What a primary does that has no synchronous standby any more.
        when_alone: WhenAlone = WhenAlone::GoesOn,
        /// How soon it is to take writes again after a loss (RTO); `rto_missed_share` says how often it is not.
        rto: Option<Located<Span>> = None,
        /// How old the oldest write may be that a loss takes with it (RPO).
        rpo: Option<Located<Span>> = None,
        /// What it holds.
        data: Located<Bytes> = Located::nowhere(mib(10_240)),
        /// What its disk carries in a second. What is copied takes a part of that from queries. Our judgement.
        disk: Located<Bytes> = Located::nowhere(mib(500)),
        /// How it is backed up, once a policy has it done (`back-up`), and what a restore takes. Where left out,
        /// what all its servers lost stays lost.
        backups: Option<DatabaseBackups> = None,
        /// When it cannot be reached.
        outages: Vec<Outage> = vec![],
        /// What it costs; nothing where left out.
        price: Option<Located<Price>> = None,
    }
}

/// Postgres' own default.
const MAX_CONNECTIONS: NonZeroU32 = match NonZeroU32::new(100) {
    Some(connections) => connections,
    None => NonZeroU32::MIN,
};

words! {
    /// Whether a commit waits for a standby.
    pub enum Following {
        /// It waits: nothing that was acknowledged is lost while the standby lives.
        Synchronous = "synchronous",
        /// It does not: what the standby lacks is lost with the primary.
        Asynchronous = "asynchronous",
    }
}

element! {
    /// A copy that follows a database by its log of writes.
    pub struct Standby {
        /// The standby's name.
        name: Located<Name>,
        /// Whether commits wait for it.
        following: Following = Following::Asynchronous,
        /// How long a message takes there and back; a synchronous commit waits for it.
        round_trip: DistributionFile = DistributionFile::Fixed(Span::millis(1)),
        /// Where it stands, as its database's `place`.
        place: Option<Located<String>> = None,
        /// How much of the log it applies in a second.
        applies: Located<Bytes> = Located::nowhere(mib(100)),
    }
}

element! {
    /// Backups of a database's files, and an archive of its log. One full backup is made before the run begins.
    /// They go over the link of `restoring`, as all that is restored does.
    pub struct DatabaseBackups {
        /// What one copies, or fetches, at the most in a second (pg_basebackup: 300 to 500 MiB).
        copies: Located<Bytes> = Located::nowhere(mib(400)),
        /// Backups are snapshots of the volume that it stands on, where it stands on one that can be snapshot: none is
        /// copied by itself. Where left out, they are copies of its files.
        snapshots: Option<VolumeSnapshots> = None,
        /// How the log is archived. Where left out, a restore comes back to the end of a backup.
        archive: Option<Archive> = None,
        /// How long backups are kept; the newest full one always is, with what builds on it.
        keeps: Located<Span> = Located::nowhere(Span::days(7)),
        /// The share of backups that can be restored; others fail, and nobody knows until one is tried.
        succeed: Located<Ppm> = Located::nowhere(Ppm::WHOLE),
        /// How often a full backup is copied to where it is not lost with the others. Not at all where left out.
        off_site: Option<Located<Span>> = None,
        /// How much of the log is replayed in a second: one process does it (48 to 64 MB measured).
        replays: Located<Bytes> = Located::nowhere(Bytes(50_000_000)),
        /// From then until it would take writes.
        starts: DistributionFile = DistributionFile::Fixed(Span::seconds(10)),
        /// How long it takes to verify what was restored, before callers are let in. Our judgement.
        verifies: DistributionFile = DistributionFile::Fixed(Span::minutes(1)),
    }
}

element! {
    /// Snapshots of a volume: each is of the moment at which it is begun, can be restored by itself, and takes the room of
    /// what was written since the one before. The first takes that of all data. One that is copied off site is copied
    /// in full.
    pub struct VolumeSnapshots {
        /// From then until it can be used. Our judgement: what was written is copied behind the scenes.
        takes: DistributionFile = DistributionFile::Fixed(Span::minutes(2)),
        /// How long it takes to make a volume of it and to attach that. Our judgement.
        attaches: DistributionFile = DistributionFile::Fixed(Span::minutes(1)),
    }
}

element! {
    /// An archive of the log, by segments that are pushed one after another.
    pub struct Archive {
        /// A segment that was written to is closed when it is as old as this (Postgres: archive_timeout). Where left
        /// out, only when it is full: what a quiet database wrote may wait for long.
        time_out: Option<Located<Span>> = None,
        /// How long it takes to push one. Our judgement.
        push: Located<Span> = Located::nowhere(Span::seconds(1)),
        /// How large one is (Postgres: wal_segment_size).
        segment: Located<Bytes> = Located::nowhere(mib(16)),
    }
}

element! {
    /// A time in which the database cannot be reached; connections that were open are cut off.
    pub struct Outage {
        /// When it begins, counted from the start of the run.
        at: Located<Span>,
        /// How long it lasts.
        lasts: Located<Span>,
    }
}

words! {
    /// Whose connections are pooled together.
    pub enum PoolPer {
        /// Those of all callers.
        Database = "database",
        /// Those of each kind of calls: a pool for each user.
        Traffic = "traffic",
        /// Those of each tenant: a pool for each tenant's own database.
        Tenant = "tenant",
        /// Those of each tier: a pool for each tier's role. A policy may change its limit.
        Tier = "tier",
        /// Those of each copy of the service that calls: a pool in each process.
        Replica = "replica",
    }
}

words! {
    /// How long a caller keeps the connection it was given.
    pub enum Pooling {
        /// For one query.
        Transaction = "transaction",
        /// For all of its queries.
        Session = "session",
    }
}

element! {
    /// Pools of connections to a database, such as a PgBouncer or the pool within a process.
    pub struct Pooler {
        /// The pooler's name.
        name: Located<Name>,
        /// The database it connects to.
        database: Located<String>,
        /// Connections of one pool at the most (PgBouncer: default_pool_size). Of pools that tiers have
        /// apart it is the limit at the start.
        pool_size: Located<NonZeroU32> = Located::nowhere(POOL_SIZE),
        /// Connections that a pool keeps open once somebody uses it, needed or not (PgBouncer:
        /// min_pool_size; the minimum of idle ones of pools in processes, which by default is all).
        min_pool_size: Located<u32> = Located::nowhere(0),
        /// Whose connections are pooled together, and whose apart.
        pool_per: PoolPer = PoolPer::Database,
        /// How long a caller keeps a connection.
        pooling: Pooling = Pooling::Transaction,
        /// Connections of all its pools at the most (PgBouncer: max_db_connections). No limit of its own where
        /// left out.
        most: Option<Located<NonZeroU32>> = None,
        /// Callers at the most, with a connection or waiting for one; others are refused
        /// (PgBouncer: max_client_conn). Unbounded where left out.
        clients_most: Option<Located<NonZeroU32>> = None,
        /// How long a caller waits for a connection (PgBouncer: query_wait_timeout).
        wait_timeout: Located<Span> = Located::nowhere(Span::seconds(120)),
        /// How long a connection that nobody uses stays open (PgBouncer: server_idle_timeout). A caller is
        /// given the connection that came back last.
        idle_timeout: Located<Span> = Located::nowhere(Span::minutes(10)),
        /// From an attempt to connect that failed until the next (PgBouncer: server_login_retry).
        reconnects_after: Located<Span> = Located::nowhere(Span::seconds(15)),
        /// Where it stands, as a database's `place`: with that place it is lost. With its database where left out.
        place: Option<Located<String>> = None,
        /// What it costs; nothing where left out.
        price: Option<Located<Price>> = None,
    }
}

/// PgBouncer's own default.
const POOL_SIZE: NonZeroU32 = match NonZeroU32::new(20) {
    Some(connections) => connections,
    None => NonZeroU32::MIN,
};

element! {
    /// What a call asks of a database.
    pub struct Query {
        /// The database or the pooler that is asked.
        at: Located<String>,
        /// How long it takes when nobody else asks anything.
        service_time: DistributionFile,
        /// How many of these, one after another.
        count: Located<NonZeroU32> = Located::nowhere(NonZeroU32::MIN),
        /// What each writes to the log.
        writes: Located<Bytes> = Located::nowhere(Bytes::ZERO),
    }
}
