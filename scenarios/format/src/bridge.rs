//! What a file of the daemon `seatrial-bridge` may say. Checks nothing across sections: the daemon does.

use crate::scenario::{Overcommit, Sleep};
use core::num::NonZeroU32;
use seatrial_contract::Priority;
use seatrial_contract::config::{Located, Name, element};
use seatrial_contract::units::{Bytes, MilliCores, Span, mib};

element! {
    /// What a bridge looks at, and which policies look through it.
    pub struct BridgeFile {
        /// What the cluster is called.
        title: String,
        /// The policy file, the same that scenarios name; relative to this file.
        policies: Located<String>,
        /// The seed of the chance that policies are handed.
        seed: u64 = 0,
        /// The logbook: where all that is seen and decided is written down, and how much of it is kept.
        logbook: LogbookFile = LogbookFile::default(),
        /// The tiers, by the names that containers' labels use.
        tiers: Vec<TierFile> = Vec::new(),
        /// The pools, by the names that engines' labels use.
        pools: Vec<PoolFile> = Vec::new(),
        /// The stages of sleep, by the names that containers' labels `stops-at` use.
        sleep: Sleep = Sleep::default(),
        /// The Docker engines.
        docker: DockerFile = DockerFile::default(),
        /// What Docker does not know.
        prometheus: Option<PrometheusFile> = None,
        /// A machine that was not seen for so long counts as lost; three looks where left out.
        lost_after: Option<Located<Span>> = None,
        /// A tenant that its machine no longer knows is gone after so long.
        forget_after: Located<Span> = Located::nowhere(Span::days(1)),
    }
}

element! {
    /// Where the logbook goes, and how much of it is kept.
    pub struct LogbookFile {
        /// Its folder, relative to this file.
        folder: Located<String> = Located::nowhere("logbook".to_owned()),
        /// A new segment begins when one has become so long.
        segment: Located<Bytes> = Located::nowhere(mib(16)),
        /// A new segment begins after so much time, too.
        segment_span: Located<Span> = Located::nowhere(Span::days(1)),
        /// So many segments are kept, the newest; all where left out.
        keep: Option<NonZeroU32> = None,
    }
}

impl Default for LogbookFile {
    fn default() -> Self {
        Self {
            folder: Located::nowhere("logbook".to_owned()),
            segment: Located::nowhere(mib(16)),
            segment_span: Located::nowhere(Span::days(1)),
            keep: None,
        }
    }
}

element! {
    /// Tenants who pay for the same.
    pub struct TierFile {
        /// Its name.
        name: Located<Name>,
        /// Who goes first when not all can be served.
        priority: Priority = Priority::Medium,
    }
}

element! {
    /// Machines that policies treat alike.
    pub struct PoolFile {
        /// Its name.
        name: Located<Name>,
        /// The tiers it takes; all of them where left out.
        tiers: Option<Vec<Located<String>>> = None,
        /// The fewest machines that a policy may leave.
        least: Located<u32> = Located::nowhere(1),
        /// The most that a policy may order; no more than there are where left out.
        most: Option<Located<u32>> = None,
        /// The most tenants that one machine takes, sleepers included.
        tenants_most: NonZeroU32 = NonZeroU32::MAX,
        /// How much may be promised of what is there.
        overcommit: Overcommit = Overcommit::default(),
    }
}

element! {
    /// Docker engines as machines, their containers as the parts of tenants.
    ///
    /// An engine says by its own labels `seatrial.pool` (or `seatrial.tier`), `seatrial.zone`,
    /// `seatrial.cpu` and `seatrial.memory` what it is for; a container by `seatrial.tenant`,
    /// `seatrial.tier`, `seatrial.unit` and `seatrial.stops-at` whose it is.
    pub struct DockerFile {
        /// The engines.
        hosts: Vec<HostFile> = Vec::new(),
        /// How often each is looked at.
        every: Located<Span> = Located::nowhere(Span::seconds(15)),
        /// How long one request may take.
        patience: Located<Span> = Located::nowhere(Span::seconds(10)),
        /// What stands before the names of labels.
        labels: String = "seatrial.".to_owned(),
    }
}

impl Default for DockerFile {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            every: Located::nowhere(Span::seconds(15)),
            patience: Located::nowhere(Span::seconds(10)),
            labels: "seatrial.".to_owned(),
        }
    }
}

element! {
    /// A Docker engine: either at a socket or at an address.
    pub struct HostFile {
        /// What the machine is called.
        name: Located<Name>,
        /// The engine's Unix socket, relative to this file.
        socket: Option<Located<String>> = None,
        /// The engine's address with its port, for TLS.
        address: Option<Located<String>> = None,
        /// The certificates for the address.
        tls: Option<TlsFile> = None,
        /// Its pool; its label where left out.
        pool: Option<Located<String>> = None,
        /// Its zone; its label where left out.
        zone: Option<Located<Name>> = None,
        /// The processors that are for tenants; its label, or all of them, where left out.
        cpu: Option<Located<MilliCores>> = None,
        /// The memory that is for tenants; its label, or all of it, where left out.
        memory: Option<Located<Bytes>> = None,
    }
}

element! {
    /// Certificates, relative to this file.
    pub struct TlsFile {
        /// Who signed the server's certificate.
        authority: Located<String>,
        /// Our own certificate, where the server asks for one.
        certificate: Option<Located<String>> = None,
        /// The key to it.
        key: Option<Located<String>> = None,
    }
}

element! {
    /// What is asked of Prometheus.
    pub struct PrometheusFile {
        /// Where it is, such as `http://127.0.0.1:9090`.
        address: Located<String>,
        /// How often it is asked.
        every: Located<Span> = Located::nowhere(Span::seconds(15)),
        /// How long one request may take.
        patience: Located<Span> = Located::nowhere(Span::seconds(10)),
        /// Certificates, for an address with https.
        tls: Option<TlsFile> = None,
        /// A file with a bearer token, relative to this file.
        token_file: Option<Located<String>> = None,
        /// When somebody was last at a tenant, in Unix seconds.
        last_active: Option<QueryFile> = None,
        /// How many are at a tenant now.
        sessions: Option<QueryFile> = None,
        /// Since when somebody waits for a tenant, in Unix seconds; none or 0 where nobody does.
        /// Where left out, a visitor who comes after a tenant fell asleep waits for it.
        waiting: Option<QueryFile> = None,
        /// How often a tenant is asked for something, per second.
        requests: Option<QueryFile> = None,
    }
}

element! {
    /// A query over all tenants.
    pub struct QueryFile {
        /// The PromQL that gives the values.
        query: Located<String>,
        /// The PromQL that gives the moments at which they were measured. A query that only selects
        /// (`metric{label="value"}`) needs none.
        seen: Option<Located<String>> = None,
        /// The label that names the tenant.
        tenant: Located<String> = Located::nowhere("tenant".to_owned()),
    }
}
