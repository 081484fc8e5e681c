//! Names that point to other sections: a tier's stack, a pool's tiers, a call's service.

use super::{at, each};
use crate::overrides::name_of;
use crate::scenario::{Arrivals, Scenario, Starts, Tenants};
use seatrial_contract::config::{Located, Name, Node, Path, Problems, Value, nearest};
use std::collections::{BTreeMap, BTreeSet};

/// The names that a scenario gives, section by section.
pub(crate) struct Names<'a> {
    pub(super) tiers: Known<'a>,
    pub(super) pools: Known<'a>,
    stacks: Known<'a>,
    pub(super) stages: Known<'a>,
    rhythms: Known<'a>,
    pub(super) services: Known<'a>,
    pub(super) caches: Known<'a>,
    pub(super) databases: Known<'a>,
    pub(super) poolers: Known<'a>,
    pub(super) traffic: Known<'a>,
}

/// The names of one section.
pub(super) struct Known<'a> {
    what: &'static str,
    section: &'static str,
    /// In the order written.
    listed: Vec<&'a str>,
    set: BTreeSet<&'a str>,
    /// What the listed ones are to become.
    mended: BTreeSet<Name>,
}

/// More names than this are no help.
const LISTED_MAX: usize = 12;
/// Guessing what was meant compares with all names; nobody reads further guesses.
const GUESSES_MAX: usize = 100;
const COMPARED_MAX: usize = 1_000;

impl<'a> Names<'a> {
    /// Those of a scenario that could be read.
    pub(crate) fn of_scenario(scenario: &'a Scenario) -> Self {
        Self {
            tiers: Known::new("tier", "tiers", scenario.tiers.iter().map(|of| of.name.as_str())),
            pools: Known::new("pool", "pools", scenario.pools.iter().map(|of| of.name.as_str())),
            stacks: Known::new(
                "stack",
                "stacks",
                scenario.stacks.iter().map(|of| of.name.as_str()),
            ),
            stages: stages(scenario.sleep.stages.iter().map(|of| of.as_str())),
            rhythms: Known::new(
                "rhythm",
                "rhythms",
                scenario.rhythms.iter().map(|of| of.name.as_str()),
            ),
            services: Known::new(
                "service",
                "services",
                scenario.services.iter().map(|of| of.name.as_str()),
            ),
            caches: Known::new(
                "cache",
                "caches",
                scenario.caches.iter().map(|of| of.name.as_str()),
            ),
            databases: Known::new(
                "database",
                "databases",
                scenario.databases.iter().map(|of| of.name.as_str()),
            ),
            poolers: Known::new(
                "pooler",
                "poolers",
                scenario.poolers.iter().map(|of| of.name.as_str()),
            ),
            traffic: Known::new(
                "traffic",
                "traffic",
                scenario.traffic.iter().map(|of| of.name.as_str()),
            ),
        }
    }

    /// Those of a file, whatever else is wrong with the entries that have them.
    pub(crate) fn of_file(root: &'a Node) -> Self {
        let known = |what, section| {
            let entries = match root.get(section).map(|node| &node.value) {
                Some(Value::List(entries)) => entries.as_slice(),
                _ => &[],
            };
            let mut known = Known::new(what, section, entries.iter().filter_map(name_of));
            // Once a name is mended, those who use it mended are right.
            known.mended = known.listed.iter().filter_map(|name| Name::near(name)).collect();
            known
        };
        Self {
            tiers: known("tier", "tiers"),
            pools: known("pool", "pools"),
            stacks: known("stack", "stacks"),
            stages: stages(stages_of(root).into_iter()),
            rhythms: known("rhythm", "rhythms"),
            services: known("service", "services"),
            caches: known("cache", "caches"),
            databases: known("database", "databases"),
            poolers: known("pooler", "poolers"),
            traffic: known("traffic", "traffic"),
        }
    }
}

/// The stages of sleep that a file names.
fn stages_of(root: &Node) -> Vec<&str> {
    let Some(sleep) = root.get("sleep") else { return vec!["asleep"] };
    let Some(Value::List(all)) = sleep.get("stages").map(|node| &node.value) else {
        return vec!["asleep"];
    };
    let text = all.iter().filter_map(|node| match &node.value {
        Value::Text(name) => Some(name.as_str()),
        Value::Bool(_)
        | Value::Integer(_)
        | Value::Decimal(_)
        | Value::List(_)
        | Value::Table(_)
        | Value::Other(_) => None,
    });
    text.collect()
}

impl<'a> Known<'a> {
    pub(super) fn new(
        what: &'static str,
        section: &'static str,
        names: impl Iterator<Item = &'a str>,
    ) -> Self {
        let listed: Vec<&str> = names.collect();
        let set = listed.iter().copied().collect();
        Self { what, section, listed, set, mended: BTreeSet::new() }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        let mended = || Name::new(name).is_some_and(|name| self.mended.contains(&name));
        self.set.contains(name) || mended()
    }

    /// Adds a problem where nobody has this name.
    pub(super) fn demand(&self, named: &Located<String>, path: &Path<'_>, problems: &mut Problems) {
        let name = named.value.as_str();
        if self.has(name) {
            return;
        }
        let Self { what, section, listed, .. } = self;
        let guess = (problems.len() < GUESSES_MAX)
            .then(|| nearest(name, listed.iter().copied().take(COMPARED_MAX)))
            .flatten();
        let remedy = match guess {
            Some(near) => format!("did you mean `{near}`?"),
            None if *section == SLEEP => {
                let new = Name::near(name).unwrap_or_default();
                format!(
                    "have {}; name others in `[sleep]`: stages = [\"{new}\", …]",
                    listed.join(", ")
                )
            }
            None if listed.is_empty() => {
                format!("there are no {section}: add a table `[[{section}]]` with this name")
            }
            None => {
                let more = if listed.len() > LISTED_MAX { ", …" } else { "" };
                let some: Vec<&str> = listed.iter().copied().take(LISTED_MAX).collect();
                format!("have {}{more}", some.join(", "))
            }
        };
        problems.add(path, named.place, format!("no {what} `{name}`"), remedy);
    }

    pub(super) fn maybe(
        &self,
        named: Option<&Located<String>>,
        path: &Path<'_>,
        problems: &mut Problems,
    ) {
        if let Some(named) = named {
            self.demand(named, path, problems);
        }
    }
}

/// Adds the names that nobody has.
pub(super) fn check(scenario: &Scenario, names: &Names<'_>, problems: &mut Problems) {
    each("pools", &scenario.pools, |path, pool| {
        let path = Path::Key(path, "tiers");
        let mut seen = BTreeSet::new();
        for (index, tier) in pool.tiers.iter().flatten().enumerate() {
            let path = Path::Index(&path, index);
            names.tiers.demand(tier, &path, problems);
            if !seen.insert(tier.value.as_str()) {
                let message = format!("`{}` is in this list twice", tier.value);
                problems.add(&path, tier.place, message, "remove one of the two");
            }
        }
    });
    each("tiers", &scenario.tiers, |path, tier| {
        names.stacks.demand(&tier.stack, &Path::Key(path, "stack"), problems);
        let path = Path::Key(path, "sessions");
        names.rhythms.maybe(tier.sessions.rhythm.as_ref(), &Path::Key(&path, "rhythm"), problems);
    });
    if let Some(growth) = &scenario.growth {
        let path = Path::Key(&Path::Root, "growth");
        names.rhythms.maybe(growth.rhythm.as_ref(), &Path::Key(&path, "rhythm"), problems);
        let mix = Path::Key(&path, "mix");
        for (tier, _) in &growth.mix.0 {
            names.tiers.demand(tier, &Path::Key(&mix, &tier.value), problems);
        }
    }
    each("traffic", &scenario.traffic, |path, traffic| {
        names.services.maybe(traffic.service.as_ref(), &Path::Key(path, "service"), problems);
        if let Some(cached) = &traffic.cache {
            let path = Path::Key(path, "cache");
            names.caches.demand(&cached.name, &Path::Key(&path, "name"), problems);
        }
        let path = Path::Key(path, "arrivals");
        match &traffic.arrivals {
            Arrivals::Poisson(poisson) => {
                names.rhythms.maybe(poisson.rhythm.as_ref(), &Path::Key(&path, "rhythm"), problems);
            }
            Arrivals::Tenants(Tenants { tiers, .. }) | Arrivals::Starts(Starts { tiers, .. }) => {
                for (index, tier) in tiers.iter().flatten().enumerate() {
                    let path = Path::Key(&path, "tiers");
                    names.tiers.demand(tier, &Path::Index(&path, index), problems);
                }
            }
            Arrivals::Renewal(_) | Arrivals::Closed(_) => {}
        }
    });
}

/// Adds names that two entries have. The loader sees those within one file; these come from
/// overrides, or from sections that share a bill.
pub(super) fn repeated(scenario: &Scenario, problems: &mut Problems) {
    let mut pools = BTreeSet::new();
    each("pools", &scenario.pools, |path, pool| {
        unique(&pool.name, &mut pools, path, problems);
    });
    let mut servers = BTreeSet::new();
    each("servers", &scenario.servers, |path, server| {
        unique(&server.name, &mut servers, path, problems);
        if pools.contains(server.name.as_str()) {
            billed_twice("pool", &server.name, path, problems);
        }
    });
    let mut caches = BTreeSet::new();
    each("caches", &scenario.caches, |path, cache| {
        unique(&cache.name, &mut caches, path, problems);
        let name = cache.name.as_str();
        if cache.price.is_some() && (pools.contains(name) || servers.contains(name)) {
            let what = if pools.contains(name) { "pool" } else { "server" };
            billed_twice(what, &cache.name, path, problems);
        }
    });
    let mut asked = BTreeSet::new();
    each("databases", &scenario.databases, |path, of| {
        unique(&of.name, &mut asked, path, problems);
        let (path, mut seen) = (Path::Key(path, "standbys"), BTreeSet::new());
        for (index, standby) in of.standbys.iter().enumerate() {
            unique(&standby.name, &mut seen, &Path::Index(&path, index), problems);
        }
    });
    // A query names either, so they share their names.
    each("poolers", &scenario.poolers, |path, of| unique(&of.name, &mut asked, path, problems));
    let mut billed = &pools | &(&servers | &caches);
    let priced = scenario.databases.iter().map(|of| (&of.name, &of.price));
    let priced = priced.chain(scenario.poolers.iter().map(|of| (&of.name, &of.price)));
    let priced = priced.map(|(name, price)| (name, price.is_some()));
    let stored = scenario.objects.iter().map(|of| (&of.name, true));
    for (name, is_priced) in priced.chain(stored) {
        if is_priced && !billed.insert(name.as_str()) {
            billed_twice("line of the bill", name, &Path::Root, problems);
        }
    }
    let mut seen = BTreeSet::new();
    each("tiers", &scenario.tiers, |path, of| unique(&of.name, &mut seen, path, problems));
    let mut seen = BTreeSet::new();
    each("rhythms", &scenario.rhythms, |path, of| unique(&of.name, &mut seen, path, problems));
    let mut seen = BTreeSet::new();
    each("services", &scenario.services, |path, of| unique(&of.name, &mut seen, path, problems));
    let mut seen = BTreeSet::new();
    each("traffic", &scenario.traffic, |path, of| unique(&of.name, &mut seen, path, problems));
    figures(scenario, problems);
    let mut seen = BTreeSet::new();
    each("stacks", &scenario.stacks, |path, stack| {
        unique(&stack.name, &mut seen, path, problems);
        let (path, mut seen) = (Path::Key(path, "parts"), BTreeSet::new());
        for (index, part) in stack.parts.iter().enumerate() {
            unique(&part.name, &mut seen, &Path::Index(&path, index), problems);
        }
    });
    let mut seen = BTreeSet::new();
    each("objectives", &scenario.objectives, |path, of| {
        unique(&of.name, &mut seen, path, problems);
    });
    let mut seen = BTreeSet::new();
    each("claims", &scenario.claims, |path, of| unique(&of.name, &mut seen, path, problems));
}

/// Whatever has figures of the same kinds needs a name of its own: `response_mean.shop` is of one thing.
fn figures(scenario: &Scenario, problems: &mut Problems) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    let services = scenario.services.iter().map(|of| ("service", "services", &of.name));
    let caches = scenario.caches.iter().map(|of| ("cache", "caches", &of.name));
    let databases = scenario.databases.iter().map(|of| ("database", "databases", &of.name));
    let poolers = scenario.poolers.iter().map(|of| ("pooler", "poolers", &of.name));
    let calls = scenario.traffic.iter().filter(|of| of.is_traced());
    let calls = calls.map(|of| ("kind of calls", "traffic", &of.name));
    for (what, section, name) in services.chain(caches).chain(databases).chain(poolers).chain(calls)
    {
        match seen.get(name.as_str()) {
            // Of the same section: told already, and so are databases and poolers.
            Some(other) if *other == what || (*other == "database" && what == "pooler") => {}
            Some(other) => {
                let message = format!("a {other} is called `{}` already", name.value);
                let remedy = "rename one of the two: their figures have the same names";
                let path = Path::Key(&Path::Root, section);
                at(&path, "name", name.place, (message, remedy), problems);
            }
            None => {
                seen.insert(name.as_str(), what);
            }
        }
    }
}

/// A name that two lines of the bill would have.
fn billed_twice(what: &str, name: &Located<Name>, path: &Path<'_>, problems: &mut Problems) {
    let message = format!("a {what} is called `{}` already", name.value);
    let remedy = "rename one of the two: both are lines of the bill";
    at(path, "name", name.place, (message, remedy), problems);
}

pub(super) fn unique<'a>(
    name: &'a Located<Name>,
    seen: &mut BTreeSet<&'a str>,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    if !seen.insert(name.as_str()) {
        let message = format!("the name `{}` is taken", name.value);
        at(path, "name", name.place, (message, "rename this one or the other"), problems);
    }
}

/// Where stages are named.
pub(super) const SLEEP: &str = "sleep";

/// The stages that a section names.
pub(super) fn stages<'a>(stages: impl Iterator<Item = &'a str>) -> Known<'a> {
    Known::new("stage of sleep", SLEEP, stages)
}
