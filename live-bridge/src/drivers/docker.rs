//! A Docker engine as a machine, and its containers as the parts of tenants. Asks and never tells:
//! the wire it holds sends GET alone. Keeps what it needs to look again cheaply; decides nothing.

mod answers;
mod read;

use crate::clock;
use crate::config::{Host, Labels};
use crate::sighting::{MachineSeen, UnitSeen, Use};
use crate::wire::{Wire, WireError};
use answers::{Info, Inspected, Listed, Stats};
use hyper::StatusCode;
use seatrial_contract::Footprint;
use seatrial_contract::units::{Bytes, MilliCores, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// An engine and what was learned about it.
pub struct Engine {
    host: Host,
    wire: Arc<Wire>,
    labels: Labels,
    info: Option<Info>,
    containers: BTreeMap<String, Known>,
    looks: u64,
}

/// A container that was looked at before.
struct Known {
    inspected: Inspected,
    /// What the listing said of it then: another word means that it must be asked again.
    state: String,
    /// The cpu time it had used at the last look, and when that was, by the engine's own clock.
    used: Option<(u64, seatrial_contract::units::Moment)>,
}

/// What seldom changes, such as limits, is asked again after so many looks at the latest.
const ASK_AGAIN: u64 = 20;
/// An engine gathers statistics once a second, and answers with the next ones: so many are asked
/// for at once that all come within half the time between two looks, but never more than…
const AT_ONCE_MAX: usize = 256;
const AT_ONCE_MIN: usize = 8;

impl Engine {
    pub(crate) fn new(host: Host, labels: Labels) -> Self {
        let (wire, containers) = (Arc::clone(&host.wire), BTreeMap::new());
        Self { host, wire, labels, info: None, containers, looks: 0 }
    }

    pub(crate) fn name(&self) -> &str {
        &self.host.name
    }

    pub(crate) fn every(&self) -> Span {
        self.host.every
    }

    pub(crate) fn place(&self) -> String {
        self.wire.place()
    }

    /// Looks at the engine and at all its containers.
    pub(crate) async fn look(&mut self) -> Result<MachineSeen, WireError> {
        let at = clock::now();
        if self.info.is_none() || self.looks.is_multiple_of(ASK_AGAIN) {
            self.info = Some(self.wire.get("/info").await?);
        }
        let listed: Vec<Listed> = self.wire.get("/containers/json?all=1").await?;
        self.meet(&listed).await?;
        let used = self.measure(&listed).await;
        self.looks += 1;
        Ok(self.tell(at, &listed, &used))
    }

    /// Asks about containers that are new, that changed, or whose turn it is.
    async fn meet(&mut self, listed: &[Listed]) -> Result<(), WireError> {
        let there: BTreeSet<&str> = listed.iter().map(|one| one.id.as_str()).collect();
        self.containers.retain(|id, _| there.contains(id.as_str()));
        for (index, one) in (0u64..).zip(listed) {
            let turn = (self.looks + index).is_multiple_of(ASK_AGAIN);
            let known = self.containers.get(&one.id);
            if !turn && known.is_some_and(|known| known.state == one.state) {
                continue;
            }
            let path = format!("/containers/{}/json", one.id);
            let inspected: Inspected = match self.wire.get(&path).await {
                Ok(inspected) => inspected,
                // Removed since it was listed.
                Err(WireError::Refused { status: StatusCode::NOT_FOUND, .. }) => {
                    self.containers.remove(&one.id);
                    continue;
                }
                Err(error) => return Err(error),
            };
            // Another process of its own has used no time of the one before.
            let goes_on =
                |known: &&Known| known.inspected.state.started_at == inspected.state.started_at;
            let used = known.filter(goes_on).and_then(|known| known.used);
            let known = Known { inspected, state: one.state.clone(), used };
            self.containers.insert(one.id.clone(), known);
        }
        Ok(())
    }

    /// What those that run use, by container; those that could not be read are left out.
    async fn measure(&mut self, listed: &[Listed]) -> BTreeMap<String, Use> {
        let running: Vec<&Listed> = listed.iter().filter(|one| one.runs()).collect();
        let rounds = usize::try_from(self.host.every.0 / Span::seconds(2).0).unwrap_or(usize::MAX);
        let at_once = running.len().div_ceil(rounds.max(1)).clamp(AT_ONCE_MIN, AT_ONCE_MAX);
        let slots = Arc::new(Semaphore::new(at_once));
        let mut asked = JoinSet::new();
        for one in running {
            let (wire, slots, id) = (Arc::clone(&self.wire), Arc::clone(&slots), one.id.clone());
            asked.spawn(async move {
                let _slot = slots.acquire().await;
                let path = format!("/containers/{id}/stats?stream=false&one-shot=true");
                let stats: Result<Stats, WireError> = wire.get(&path).await;
                (id, stats.ok())
            });
        }
        let mut used = BTreeMap::new();
        while let Some(joined) = asked.join_next().await {
            let Ok((id, Some(stats))) = joined else { continue };
            let Some(known) = self.containers.get_mut(&id) else { continue };
            if let Some(one) = known.rate(&stats) {
                used.insert(id, one);
            }
        }
        used
    }

    fn tell(
        &self,
        at: seatrial_contract::units::Moment,
        listed: &[Listed],
        used: &BTreeMap<String, Use>,
    ) -> MachineSeen {
        let info = self.info.clone().unwrap_or_default();
        let (mut units, mut beside) = (Vec::new(), Footprint::default());
        let mut complaints = Vec::new();
        for (id, known) in listed.iter().filter_map(|one| self.containers.get_key_value(&one.id)) {
            let used = used.get(id).copied();
            match read::unit(&self.labels, &known.inspected, &mut complaints) {
                Some(unit) => units.push(UnitSeen { used, ..unit }),
                None => {
                    let used = used.map(|used| Footprint { cpu: used.cpu, memory: used.memory });
                    beside = beside.plus(used.unwrap_or_default());
                }
            }
        }
        let label = |name: &str| info.label(&self.labels, name);
        let capacity = read::capacity(&self.labels, &info, self.host.capacity, &mut complaints);
        MachineSeen {
            name: self.host.name.clone(),
            pool: self.host.pool.clone().or_else(|| label("pool")),
            tier: label("tier"),
            zone: self.host.zone.clone().or_else(|| label("zone")).unwrap_or_default(),
            capacity,
            used_beside: beside,
            units,
            at,
            complaints,
        }
    }
}

impl Known {
    /// What it uses by these figures and those before; none the first time.
    fn rate(&mut self, stats: &Stats) -> Option<Use> {
        let read_at = clock::of_text(&stats.read)?;
        let total = stats.cpu_stats.cpu_usage.total_usage;
        let (before, since) = self.used.replace((total, read_at))?;
        let (passed, spent) = (read_at.since(since), total.checked_sub(before)?);
        if passed == Span::ZERO {
            return None;
        }
        // Nanoseconds of processor over nanoseconds of time, in thousandths.
        let cpu = u128::from(spent) * 1_000 / u128::from(passed.0);
        let cpu = MilliCores(u64::try_from(cpu).ok()?);
        let Footprint { cpu, memory } =
            read::sane(Footprint { cpu, memory: Bytes(stats.memory_stats.used()?) });
        Some(Use { cpu, memory })
    }
}
