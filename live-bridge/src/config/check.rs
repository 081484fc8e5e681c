//! From what a file says to what is looked at: all that cannot be is told at once.

use super::query::selects_only;
use super::secrets::{NoSecrets, token};
use super::{Bridge, Host, Labels, Logbook, Query};
use crate::Column;
use crate::wire::{Route, TlsFiles, Wire};
use rustls::pki_types::ServerName;
use seatrial_contract::TierId;
use seatrial_contract::config::{Located, Path, Place, Problems};
use seatrial_contract::units::{Bytes, Span};
use seatrial_contract::view::{Pool, PoolSums, Tier};
use seatrial_format::bridge::{BridgeFile, HostFile, PoolFile, PrometheusFile, QueryFile, TlsFile};
use seatrial_format::{
    Failure, Loaded, Override, Sources, check_names, check_sleep, check_stages, read_beside,
};
use seatrial_policies::PolicyFile;
use std::collections::BTreeSet;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

/// Reads a bridge's file and the policies it names, whose values `policies.…` changes as for a scenario.
///
/// # Errors
/// All that is wrong with it, at once.
pub fn open(path: &FilePath, overrides: &[Override]) -> Result<Bridge, Failure> {
    let (own, of_policies) = Override::parted(overrides);
    let Loaded { value: file, mut sources, .. } =
        seatrial_format::load_from::<BridgeFile>(&NoSecrets, path, &own)?;
    let mut problems = Problems::default();
    let way = Path::Key(&Path::Root, "policies");
    let named = &file.policies;
    let policies = read_beside(&NoSecrets, named, &way, &of_policies, &mut sources, &mut problems);
    let bridge = Check { sources: &sources, problems: &mut problems }.bridge(&file, policies);
    match bridge {
        Some(bridge) if problems.is_empty() => Ok(bridge),
        _ => Err(Failure::Wrong { problems, sources }),
    }
}

struct Check<'a> {
    sources: &'a Sources,
    problems: &'a mut Problems,
}

impl Check<'_> {
    fn bridge(&mut self, file: &BridgeFile, policies: Option<PolicyFile>) -> Option<Bridge> {
        self.names(file, policies.as_ref());
        let tiers: Vec<Tier> = file
            .tiers
            .iter()
            .map(|tier| Tier { name: tier.name.to_string(), priority: tier.priority })
            .collect();
        let hosts = self.hosts(file);
        let queries = file.prometheus.as_ref().map(|file| self.prometheus(file));
        self.times(file, policies.as_ref());
        let limit = file.logbook.segment;
        if limit.value < Bytes(64 << 10) {
            let way = Path::Key(&Path::Root, "logbook");
            let message = format!("a segment of {} is full at once", limit.value);
            self.add(&Path::Key(&way, "segment"), &limit, message, "write \"64 KiB\" or more");
        }
        let looks = *file.docker.every;
        Some(Bridge {
            title: file.title.clone(),
            policies: policies?,
            seed: file.seed,
            pools: file.pools.iter().map(|pool| self.pool(pool, &tiers)).collect(),
            tiers,
            logbook: Logbook {
                folder: self.sources.beside(file.logbook.folder.place, &file.logbook.folder),
                segment_bytes: limit.value.0,
                segment_span: *file.logbook.segment_span,
                keep: file.logbook.keep.map(core::num::NonZeroU32::get),
            },
            hosts,
            labels: Labels { prefix: file.docker.labels.clone(), stages: file.sleep.named() },
            queries: queries.unwrap_or_default(),
            lost_after: file.lost_after.map_or(Span(looks.0.saturating_mul(3)), |span| *span),
            forget_after: *file.forget_after,
        })
    }

    fn add<T>(
        &mut self,
        path: &Path<'_>,
        at: &Located<T>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.problems.add(path, at.place, message, remedy);
    }

    fn names(&mut self, file: &BridgeFile, policies: Option<&PolicyFile>) {
        let all = policies.map_or(&[][..], |policies| &policies.policies);
        let mut tiers: Vec<_> = all.iter().flat_map(|policy| policy.tiers()).collect();
        tiers.extend(file.pools.iter().flat_map(|pool| pool.tiers.iter().flatten()));
        let have = file.tiers.iter().map(|tier| tier.name.as_str());
        check_names("tier", "tiers", have, &tiers, self.problems);
        let mut pools: Vec<_> = all.iter().flat_map(|policy| policy.pools()).collect();
        pools.extend(file.docker.hosts.iter().filter_map(|host| host.pool.as_ref()));
        let have = file.pools.iter().map(|pool| pool.name.as_str());
        check_names("pool", "pools", have, &pools, self.problems);
        check_sleep(&file.sleep, self.problems);
        let stages: Vec<_> = all.iter().flat_map(|policy| policy.stages()).collect();
        check_stages(&file.sleep, &stages, self.problems);
        let lists = [
            ("tiers", file.tiers.iter().map(|tier| &tier.name).collect::<Vec<_>>()),
            ("pools", file.pools.iter().map(|pool| &pool.name).collect()),
            ("docker.hosts", file.docker.hosts.iter().map(|host| &host.name).collect()),
        ];
        for (section, names) in lists {
            let mut seen = BTreeSet::new();
            for name in names {
                if !seen.insert(name.as_str()) {
                    let message = format!("the name `{}` is taken", name.value);
                    let way = Path::Key(&Path::Root, section);
                    self.add(&way, name, message, "rename this one or the other");
                }
            }
        }
    }

    fn pool(&self, file: &PoolFile, tiers: &[Tier]) -> Pool {
        let id = |name: &Located<String>| tiers.iter().position(|tier| tier.name == name.value);
        let named = file.tiers.iter().flatten();
        Pool {
            name: file.name.to_string(),
            tiers: named.filter_map(id).map(TierId::at).collect(),
            least: *file.least,
            most: file.most.map_or(0, |most| *most),
            tenants_most: file.tenants_most.get(),
            overcommit_cpu: *file.overcommit.cpu,
            overcommit_memory: *file.overcommit.memory,
            sums: PoolSums::default(),
        }
    }

    fn hosts(&mut self, file: &BridgeFile) -> Vec<Host> {
        let (docker, list) = (Path::Key(&Path::Root, "docker"), &file.docker.hosts);
        let way = Path::Key(&docker, "hosts");
        if list.is_empty() {
            let message = "no engine is looked at, so nobody is seen";
            let remedy = "add a table `[[docker.hosts]]` with its name and its socket";
            self.problems.add(&way, Place::default(), message, remedy);
        }
        let mut hosts = Vec::new();
        for (index, host) in list.iter().enumerate() {
            let way = Path::Index(&way, index);
            let Some(route) = self.route(&way, host) else { continue };
            let patience = Duration::from_nanos(file.docker.patience.0);
            hosts.push(Host {
                name: host.name.to_string(),
                wire: Arc::new(Wire::new(route, "", None, patience)),
                pool: host.pool.as_ref().map(|pool| pool.value.clone()),
                zone: host.zone.as_ref().map(|zone| zone.to_string()),
                capacity: (host.cpu.map(|cpu| *cpu), host.memory.map(|memory| *memory)),
                every: *file.docker.every,
            });
        }
        hosts
    }

    fn route(&mut self, way: &Path<'_>, host: &HostFile) -> Option<Route> {
        match (&host.socket, &host.address, &host.tls) {
            (Some(socket), None, None) => {
                Some(Route::Unix(self.sources.beside(socket.place, &socket.value)))
            }
            (None, Some(address), Some(tls)) => {
                self.tls(&Path::Key(way, "tls"), &Path::Key(way, "address"), address, tls)
            }
            (None, Some(address), None) => {
                let message = format!("`{}` would be spoken to without TLS", address.value);
                let remedy = "add tls = { authority = \"…\", certificate = \"…\", key = \"…\" }: \
                              anybody who reaches an engine without it owns the machine";
                self.add(&Path::Key(way, "address"), address, message, remedy);
                None
            }
            (None, None, _) => {
                let message = format!("nothing says where the engine of `{}` is", host.name.value);
                let remedy = "add socket = \"/var/run/docker.sock\", or an address with tls";
                self.add(way, &host.name, message, remedy);
                None
            }
            (Some(socket), _, _) => {
                let message = "an engine is at a socket or at an address, not both";
                self.add(&Path::Key(way, "socket"), socket, message, "leave one of the two out");
                None
            }
        }
    }

    fn tls(
        &mut self,
        way: &Path<'_>,
        at: &Path<'_>,
        address: &Located<String>,
        file: &TlsFile,
    ) -> Option<Route> {
        let beside = |named: &Located<String>| self.sources.beside(named.place, &named.value);
        let own = match (&file.certificate, &file.key) {
            (Some(certificate), Some(key)) => Some((beside(certificate), beside(key))),
            (None, None) => None,
            (Some(lonely), None) | (None, Some(lonely)) => {
                let message = "a certificate and its key go together";
                self.add(way, lonely, message, "write both `certificate` and `key`, or neither");
                return None;
            }
        };
        let files = TlsFiles { authority: beside(&file.authority), own };
        let config = match files.open() {
            Ok(config) => config,
            Err((path, error)) => {
                let message = format!("{}: {error}", path.display());
                self.add(way, &file.authority, message, "name PEM files that can be read");
                return None;
            }
        };
        let host = self.host_of(at, address)?;
        let Ok(name) = ServerName::try_from(host.clone()) else {
            let message = format!("`{host}` is no name that a certificate can have");
            self.add(at, address, message, "write \"host.example:2376\" or \"10.0.0.7:2376\"");
            return None;
        };
        Some(Route::Tls(address.value.clone(), name, config))
    }

    /// The host of `host:port`.
    fn host_of(&mut self, way: &Path<'_>, address: &Located<String>) -> Option<String> {
        if self.has_credentials(way, address) {
            return None;
        }
        let split = address.value.rsplit_once(':');
        match split.filter(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok()) {
            Some((host, _)) => Some(host.trim_matches(['[', ']']).to_owned()),
            None => {
                let message = format!("`{}` is no address with a port", address.value);
                self.add(way, address, message, "write \"host.example:2376\"");
                None
            }
        }
    }

    /// Whether an address carries a name or a password, which everybody who sees it would see. The line
    /// of the file is not shown either.
    fn has_credentials(&mut self, way: &Path<'_>, address: &Located<String>) -> bool {
        let rest = address.value.split_once("://").map_or(address.value.as_str(), |two| two.1);
        let found = rest.contains('@');
        if found {
            let message = "an address must not hold a name or a password (`…@host`)";
            let remedy = "write the host alone, and put a token into a file: token_file = \"…\"";
            self.problems.add(way, Place::default(), message, remedy);
        }
        found
    }

    fn prometheus(&mut self, file: &PrometheusFile) -> Vec<Query> {
        let way = Path::Key(&Path::Root, "prometheus");
        let wire = self.prometheus_wire(&way, file).map(Arc::new);
        let columns = [
            (Column::LastActive, &file.last_active),
            (Column::Sessions, &file.sessions),
            (Column::Waiting, &file.waiting),
            (Column::Requests, &file.requests),
        ];
        let mut queries = Vec::new();
        for (column, query) in columns {
            let Some(query) = query else { continue };
            let seen = self.seen(&Path::Key(&way, column.word()), query);
            let (Some(seen), Some(wire)) = (seen, &wire) else { continue };
            queries.push(Query {
                column,
                wire: Arc::clone(wire),
                query: query.query.value.clone(),
                seen,
                tenant: query.tenant.value.clone(),
                every: *file.every,
            });
        }
        if columns.iter().all(|column| column.1.is_none()) {
            let message = "nothing is asked of Prometheus";
            let remedy = "add last_active = { query = \"…\", tenant = \"…\" }";
            self.add(&way, &file.address, message, remedy);
        }
        queries
    }

    fn prometheus_wire(&mut self, way: &Path<'_>, file: &PrometheusFile) -> Option<Wire> {
        let at = Path::Key(way, "address");
        if self.has_credentials(&at, &file.address) {
            return None;
        }
        let (secure, rest) = match file.address.split_once("://") {
            Some(("http", rest)) => (false, rest),
            Some(("https", rest)) => (true, rest),
            _ => {
                let message = format!("`{}` is no address of a Prometheus", file.address.value);
                self.add(&at, &file.address, message, "write \"http://127.0.0.1:9090\"");
                return None;
            }
        };
        let (address, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let port = if secure { 443 } else { 80 };
        let value = if address.trim_end_matches(|c: char| c.is_ascii_digit()).ends_with(':') {
            address.to_owned()
        } else {
            format!("{address}:{port}")
        };
        let address = Located { value, place: file.address.place };
        let route = match (secure, &file.tls) {
            (true, Some(tls)) => self.tls(&Path::Key(way, "tls"), &at, &address, tls)?,
            (true, None) => {
                let remedy = "add tls = { authority = \"…\" } with the certificate that signed it";
                self.add(&at, &file.address, "https needs to know whom to trust", remedy);
                return None;
            }
            (false, _) => {
                self.host_of(&at, &address)?;
                Route::Tcp(address.value)
            }
        };
        let token = match &file.token_file {
            None => None,
            Some(named) => {
                let path = self.sources.beside(named.place, &named.value);
                match token(&path) {
                    Ok(token) => Some(token),
                    Err(error) => {
                        let message = format!("{}: {error}", path.display());
                        let way = Path::Key(way, "token_file");
                        self.add(&way, named, message, "name a file that holds the token alone");
                        return None;
                    }
                }
            }
        };
        let prefix = if prefix.is_empty() { String::new() } else { format!("/{prefix}") };
        Some(Wire::new(route, &prefix, token, Duration::from_nanos(file.patience.0)))
    }

    /// What tells when the values were measured.
    fn seen(&mut self, way: &Path<'_>, file: &QueryFile) -> Option<String> {
        if let Some(seen) = &file.seen {
            return Some(seen.value.clone());
        }
        if selects_only(&file.query) {
            return Some(format!("timestamp({})", file.query.value));
        }
        let message = "what is worked out does not say when it was measured";
        let remedy = "add seen = \"timestamp(…)\" over the metric that it is worked out from; \
                      without it, values of a target that died would seem fresh";
        self.add(&Path::Key(way, "query"), &file.query, message, remedy);
        None
    }

    fn times(&mut self, file: &BridgeFile, policies: Option<&PolicyFile>) {
        let mut looks = vec![("docker", &file.docker.every, &file.docker.patience)];
        if let Some(prometheus) = &file.prometheus {
            looks.push(("prometheus", &prometheus.every, &prometheus.patience));
        }
        for (section, every, patience) in looks {
            let way = Path::Key(&Path::Root, section);
            if every.value < Span::millis(100) {
                let message = format!("looking every {} does nothing else", every.value);
                self.add(&Path::Key(&way, "every"), every, message, "write \"1 s\" or more");
            }
            if patience.value < Span::millis(10) {
                let message = format!("no server answers within {}", patience.value);
                self.add(&Path::Key(&way, "patience"), patience, message, "write \"5 s\"");
            }
            let Some(policies) = policies else { continue };
            let stale = policies.guard.stale_after;
            if every.value >= stale {
                let message = format!(
                    "looking every {} leaves readings older than the {stale} after which the \
                     policies' guard holds them stale",
                    every.value
                );
                let remedy = "look more often, or raise guard.stale_after in the policy file";
                self.add(&Path::Key(&way, "every"), every, message, remedy);
            }
        }
        if let Some(lost) = file.lost_after
            && lost.value < file.docker.every.value
        {
            let message =
                format!("every machine is lost between two looks, {}", file.docker.every.value);
            let remedy = "write three times docker.every";
            self.add(&Path::Key(&Path::Root, "lost_after"), &lost, message, remedy);
        }
    }
}
