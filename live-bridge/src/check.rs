//! What can be reached, what cannot, and which inputs of the policies would be missing. Looks twice
//! at everything, since cpu is a rate; writes nothing down.

use crate::clock::Timeline;
use crate::config::Bridge;
use crate::drivers::{Source, sources};
use crate::registry::Registry;
use crate::sighting::{Column, Sighting};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{Phase, UnitState};
use seatrial_contract::{Guard, Input, Sessions};
use seatrial_policies::digest;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::task::JoinSet;

/// All that was found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The digest of the policy set, equal to the one that `seatrial run` tells.
    pub policy_digest: String,
    /// What is looked at.
    pub sources: Vec<Reached>,
    /// What the policies measure by.
    pub inputs: Vec<Finding>,
    /// What else should be known.
    pub notes: Vec<String>,
}

/// One source.
#[derive(Debug, Serialize)]
pub struct Reached {
    /// What it is called.
    pub source: String,
    /// Where it is.
    pub place: String,
    /// What it showed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shows: Option<String>,
    /// Why it could not be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One input.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// Which.
    pub input: Input,
    /// The policies that measure by it.
    pub wanted_by: Vec<String>,
    /// What is missing of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
}

impl Report {
    /// Whether everything was reached.
    #[must_use]
    pub fn all_reached(&self) -> bool {
        self.sources.iter().all(|source| source.error.is_none())
    }

    /// Whether the policies would know all that they measure by.
    #[must_use]
    pub fn all_known(&self) -> bool {
        self.inputs.iter().all(|input| input.missing.is_none())
    }
}

/// Between the two looks; an engine renews its figures once a second.
const PAUSE: Duration = Duration::from_millis(1_100);
/// More names than these are no help.
const NAMED_MOST: usize = 5;

/// Looks at everything a file names.
pub async fn look_round(bridge: Bridge) -> Report {
    let policy_digest = digest(&bridge.policies);
    let guard = bridge.policies.guard.clone();
    let mut wanted: BTreeMap<Input, Vec<String>> = BTreeMap::new();
    for policy in bridge.policies.policies.iter() {
        for input in policy.inputs() {
            wanted.entry(input).or_default().push(policy.name().to_owned());
        }
    }
    let columns: BTreeSet<Column> = bridge.queries.iter().map(|query| query.column).collect();
    let mut registry = Registry::of(&bridge);
    let mut looks = JoinSet::new();
    let time = Timeline::of_system();
    for (index, source) in sources(bridge, &time).into_iter().enumerate() {
        looks.spawn(look_twice(index, source));
    }
    let mut looked = looks.join_all().await;
    // Machines before columns: a tenant that is not on a machine is not known by name.
    looked.sort_by_key(|one| one.index);
    let (mut reached, mut notes) = (Vec::new(), Vec::new());
    for Looked { name, place, seen, .. } in looked {
        let (shows, error) = match &seen {
            Ok(sighting) => (Some(shown(sighting, time.now())), None),
            Err(error) => (None, Some(error.clone())),
        };
        if let Ok(sighting) = seen {
            let found = registry.take(&name, sighting, time.now());
            notes.extend(found.into_iter().map(|note| note.text));
        }
        reached.push(Reached { source: name, place, shows, error });
    }
    registry.ready(time.now());
    let inputs = wanted.into_iter().map(|(input, wanted_by)| Finding {
        input,
        wanted_by,
        missing: missing(input, &registry, &columns, &guard),
    });
    Report { policy_digest, sources: reached, inputs: inputs.collect(), notes }
}

struct Looked {
    index: usize,
    name: String,
    place: String,
    seen: Result<Sighting, String>,
}

async fn look_twice(index: usize, mut source: Source) -> Looked {
    let (name, place) = (source.to_string(), source.place());
    let mut seen = source.look().await;
    if matches!(seen, Ok(Sighting::Machine(_))) {
        tokio::time::sleep(PAUSE).await;
        seen = source.look().await;
    }
    Looked { index, name, place, seen: seen.map_err(|error| error.to_string()) }
}

fn shown(sighting: &Sighting, now: Moment) -> String {
    match sighting {
        Sighting::Machine(seen) => {
            let tenants: BTreeSet<&str> =
                seen.units.iter().map(|unit| unit.tenant.as_str()).collect();
            let running = seen.units.iter().filter(|unit| unit.state == UnitState::Running).count();
            format!(
                "{} tenants in {} containers, {running} running; {}, {}",
                tenants.len(),
                seen.units.len(),
                seen.capacity.cpu,
                seen.capacity.memory
            )
        }
        Sighting::Column(seen) => match seen.rows.iter().map(|row| row.seen_at).min() {
            Some(oldest) => {
                let age = Span::seconds(now.since(oldest).0 / 1_000_000_000);
                format!("{} tenants, the oldest measured {age} ago", seen.rows.len())
            }
            None => "no tenant".to_owned(),
        },
    }
}

/// What is missing of an input.
fn missing(
    input: Input,
    registry: &Registry,
    columns: &BTreeSet<Column>,
    guard: &Guard,
) -> Option<String> {
    let stale = guard.stale_after;
    let (view, names) = (registry.view(), registry.names());
    let present: Vec<usize> =
        (0..view.tenants().len()).filter(|row| view.tenants()[*row].phase != Phase::Gone).collect();
    let without = |column: Column, known: &dyn Fn(usize) -> bool| {
        if !columns.contains(&column) {
            return Some(format!("nothing gives it: add `{column}` under [prometheus]"));
        }
        let lacking = present.iter().copied().filter(|row| !known(*row));
        named(lacking.map(|row| names.tenants[row].as_str()).collect(), present.len(), "tenants")
    };
    let now = view.taken_at;
    match input {
        Input::MachineUse => machine_use(registry, stale),
        Input::ContainerUse => container_use(registry, stale),
        Input::LastActive => {
            without(Column::LastActive, &|row| view.last_active().fresh(row, now, stale).is_some())
        }
        Input::Requests => {
            without(Column::Requests, &|row| view.requests().fresh(row, now, stale).is_some())
        }
        Input::Sessions if columns.contains(&Column::Sessions) => {
            without(Column::Sessions, &|row| view.sessions().fresh(row, now, stale).is_some())
        }
        Input::Sessions if guard.sessions == Sessions::Required => Some(format!(
            "nothing gives it, and nothing is taken from tenants that may be in use: add `{}` under \
             [prometheus], or write sessions = \"{}\" under [guard] in the policy file",
            Column::Sessions,
            Sessions::NotKnownHere
        )),
        Input::Waiting if !columns.contains(&Column::Waiting) => {
            let derived = columns.contains(&Column::LastActive);
            (!derived).then(|| {
                format!("nothing gives it: add `{}` under [prometheus]", Column::LastActive)
            })
        }
        Input::Connections if view.poolers().is_empty() => Some(
            "nothing gives it: there is no driver yet that looks at PgBouncer or Postgres"
                .to_owned(),
        ),
        Input::Replicas | Input::ServiceCalls | Input::ServiceWaiting | Input::ReplicaAnswers
            if view.services().is_empty() =>
        {
            Some("nothing gives it: there is no driver yet that looks at services".to_owned())
        }
        Input::Databases if view.databases().is_empty() => Some(
            "nothing gives it: there is no driver yet that looks at databases and their backups"
                .to_owned(),
        ),
        Input::Sessions
        | Input::Waiting
        | Input::Connections
        | Input::Databases
        | Input::Replicas
        | Input::ServiceCalls
        | Input::ServiceWaiting
        | Input::ReplicaAnswers => None,
    }
}

/// Machines whose use is not known.
fn machine_use(registry: &Registry, stale: Span) -> Option<String> {
    let (view, names) = (registry.view(), registry.names());
    let rows = 0..view.nodes().len();
    if rows.is_empty() {
        return Some("no machine is in view".to_owned());
    }
    let known = |row: &usize| {
        view.node_cpu().fresh(*row, view.taken_at, stale).is_some()
            && view.node_memory().fresh(*row, view.taken_at, stale).is_some()
    };
    let lacking = rows.clone().filter(|row| !known(row));
    named(lacking.map(|row| names.nodes[row].as_str()).collect(), rows.len(), "machines")
}

/// Running containers whose use is not known.
fn container_use(registry: &Registry, stale: Span) -> Option<String> {
    let (view, names) = (registry.view(), registry.names());
    let units = view.units().iter().enumerate();
    let running = units.filter(|(_, unit)| unit.state == UnitState::Running);
    let running: Vec<usize> = running.map(|(row, _)| row).collect();
    let known = |row: &usize| {
        view.unit_cpu().fresh(*row, view.taken_at, stale).is_some()
            && view.unit_memory().fresh(*row, view.taken_at, stale).is_some()
    };
    let lacking = running.iter().filter(|row| !known(row));
    let lacking = lacking.map(|row| names.units[*row].as_str()).collect();
    named(lacking, running.len(), "running containers")
}

fn named(lacking: Vec<&str>, of: usize, what: &str) -> Option<String> {
    if lacking.is_empty() {
        return None;
    }
    let some = lacking.iter().take(NAMED_MOST).copied().collect::<Vec<_>>().join(", ");
    let more = if lacking.len() > NAMED_MOST { ", …" } else { "" };
    Some(format!("{} of {of} {what} have none that is fresh: {some}{more}", lacking.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_that_nothing_looks_at_are_told_to_be_missing() {
        let registry = Registry::new(
            &seatrial_contract::Stages::default(),
            &[],
            &[],
            Span::minutes(1),
            Span::days(1),
        );
        let found = missing(Input::Connections, &registry, &BTreeSet::new(), &Guard::default());
        assert!(found.is_some_and(|why| why.contains("no driver yet")));
    }

    #[test]
    fn services_that_nothing_looks_at_are_told_to_be_missing() {
        let registry = Registry::new(
            &seatrial_contract::Stages::default(),
            &[],
            &[],
            Span::minutes(1),
            Span::days(1),
        );
        let of_services =
            [Input::Replicas, Input::ServiceCalls, Input::ServiceWaiting, Input::ReplicaAnswers];
        for input in of_services {
            let found = missing(input, &registry, &BTreeSet::new(), &Guard::default());
            assert!(found.is_some_and(|why| why.contains("no driver yet")), "{input}");
        }
    }
}
