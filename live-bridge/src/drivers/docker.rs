//! A Docker engine as a machine, and its containers as the parts of tenants. Asks and never tells:
//! the wire it holds sends GET alone. Keeps what it needs to look again cheaply; decides nothing.

mod answers;
mod read;

use crate::clock::{self, Dated, SourceClock, Timeline};
use crate::config::{Host, Labels};
use crate::sighting::{MachineSeen, UnitSeen, Use};
use crate::wire::{Bound, Wire, WireError};
use answers::{Info, Inspected, Listed, Listing, Stats};
use seatrial_contract::Footprint;
use seatrial_contract::units::{Bytes, MilliCores, Moment, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// An engine and what was learned about it.
pub struct Engine {
    host: Host,
    wire: Arc<Wire>,
    labels: Labels,
    time: Arc<Timeline>,
    clock: SourceClock,
    info: Option<Info>,
    containers: BTreeMap<String, Known>,
    /// Why containers could not be asked about, by id: as it was first said, so that it is told once.
    unclear: BTreeMap<String, String>,
    looks: u64,
}

/// A container that was looked at before.
struct Known {
    inspected: Inspected,
    /// What the listing said of it then: another word means that it must be asked again.
    state: String,
    /// The cpu time it had used at the last look, and when that was, by the engine's own clock.
    used: Option<(u64, Moment)>,
}

/// What a container uses; cpu, a rate, is not known the first time.
#[derive(Clone, Copy)]
struct Figure {
    cpu: Option<MilliCores>,
    memory: Bytes,
}

/// What came of one look, beside what is known.
struct Look<'a> {
    at: Moment,
    clock: Dated,
    listed: &'a [Listed],
    /// Containers that could not be asked about, by id, and why.
    unclear: &'a BTreeMap<String, String>,
    figures: &'a BTreeMap<String, Figure>,
}

/// What seldom changes, such as limits, is asked again after so many looks at the latest.
const ASK_AGAIN: u64 = 20;
/// An engine gathers statistics once a second, and answers with the next ones: so many are asked
/// for at once that all come within half the time between two looks, but never more than…
const AT_ONCE_MAX: usize = 256;
const AT_ONCE_MIN: usize = 8;
/// An engine that leaves so many questions about containers unanswered in one look hangs.
const SILENT_MOST: usize = 8;

/// Bounds: docs/bridge-bounds.md lists them. Sound answers take 5 KiB, 1 KiB a container, 10 KiB, 5 KiB.
const INFO: Bound = Bound { most: 1 << 20, remedy: "no sound engine says so much of itself" };
const LISTING: Bound = Bound { most: 8 << 20, remedy: "remove containers that no longer run" };
const CONTAINER: Bound =
    Bound { most: 512 << 10, remedy: "give the container fewer labels or variables" };
const STATISTICS: Bound =
    Bound { most: 64 << 10, remedy: "no sound engine says so much of one container" };

impl Engine {
    pub(crate) fn new(host: Host, labels: Labels, time: Arc<Timeline>) -> Self {
        Self {
            wire: Arc::clone(&host.wire),
            host,
            labels,
            time,
            clock: SourceClock::default(),
            info: None,
            containers: BTreeMap::new(),
            unclear: BTreeMap::new(),
            looks: 0,
        }
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
        let at = self.time.now();
        let mut engine_says = None;
        if self.info.is_none() || self.looks.is_multiple_of(ASK_AGAIN) {
            let mut info: Info = self.wire.get("/info", INFO).await?.body;
            engine_says = clock::of_text(&info.system_time);
            info.compact(&self.labels);
            self.info = Some(info);
        }
        let asked = self.time.now();
        let path = "/containers/json?all=1";
        let answer = self.wire.get(path, LISTING).await?;
        let Listing(mut listed) = answer.body;
        listed.iter_mut().for_each(|one| one.compact(&self.labels));
        let came = self.time.now();
        let clock = match answer.date.or(engine_says) {
            Some(theirs) => self.clock.read(theirs, asked, came),
            None => Ok(self.clock.carry(came)),
        };
        let clock = clock.map_err(|error| self.wire.strange(path, error.to_string()))?;
        let unnamed = listed.len();
        listed.retain(Listed::is_named);
        let unnamed = unnamed - listed.len();
        let mut unclear = self.meet(&listed).await?;
        for (id, why) in &mut unclear {
            self.unclear.get(id).into_iter().for_each(|first| why.clone_from(first));
        }
        self.unclear.clone_from(&unclear);
        let figures = self.measure(at, &listed).await;
        let look = Look { at, clock, listed: &listed, unclear: &unclear, figures: &figures };
        let mut seen = self.tell(&look)?;
        if unnamed > 0 {
            seen.complaints.push(format!("{unnamed} containers have no id that can be asked for"));
        }
        self.looks += 1;
        Ok(seen)
    }

    /// Asks about containers that are new, that changed, or whose turn it is. One that cannot be
    /// asked about keeps nobody from seeing the others.
    async fn meet(&mut self, listed: &[Listed]) -> Result<BTreeMap<String, String>, WireError> {
        let there: BTreeSet<&str> = listed.iter().map(|one| one.id.as_str()).collect();
        self.containers.retain(|id, _| there.contains(id.as_str()));
        let slots = Arc::new(Semaphore::new(AT_ONCE_MIN));
        let mut asked = JoinSet::new();
        for (index, one) in (0u64..).zip(listed) {
            let turn = (self.looks + index).is_multiple_of(ASK_AGAIN);
            let known = self.containers.get(&one.id);
            if !turn && known.is_some_and(|known| known.state == one.state) {
                continue;
            }
            let (wire, slots) = (Arc::clone(&self.wire), Arc::clone(&slots));
            let (id, state) = (one.id.clone(), one.state.clone());
            let labels = self.labels.clone();
            asked.spawn(async move {
                let _slot = slots.acquire().await;
                let path = format!("/containers/{id}/json");
                let inspected = wire.get::<Inspected>(&path, CONTAINER).await;
                let inspected = inspected.map(|mut answer| {
                    let long = answer.body.compact(&labels);
                    (answer.body, long)
                });
                (id, state, inspected)
            });
        }
        let (mut unclear, mut silent) = (BTreeMap::new(), 0);
        while let Some(joined) = asked.join_next().await {
            let Ok((id, state, inspected)) = joined else { continue };
            match inspected {
                Ok((inspected, long)) => {
                    if long {
                        unclear.insert(id.clone(), LONG.to_owned());
                    } else if inspected.state.status != state {
                        // It changed in between, or one of the two is not true.
                        let why = format!(
                            "the listing says that it is `{state}`, and it itself `{}`",
                            inspected.state.status
                        );
                        unclear.insert(id.clone(), why);
                        self.ask_again(&id);
                        continue;
                    }
                    self.know(id, state, inspected);
                }
                Err(error) => {
                    silent += usize::from(matches!(error, WireError::Silent { .. }));
                    let gone = matches!(error, WireError::Unreachable { .. });
                    if gone || silent >= SILENT_MOST {
                        return Err(error);
                    }
                    self.ask_again(&id);
                    unclear.insert(id, error.to_string());
                }
            }
        }
        Ok(unclear)
    }

    fn ask_again(&mut self, id: &str) {
        if let Some(known) = self.containers.get_mut(id) {
            known.state.clear();
        }
    }

    fn know(&mut self, id: String, state: String, inspected: Inspected) {
        // Another process of its own has used no time of the one before.
        let goes_on =
            |known: &&Known| known.inspected.state.started_at == inspected.state.started_at;
        let used = self.containers.get(&id).filter(goes_on).and_then(|known| known.used);
        self.containers.insert(id, Known { inspected, state, used });
    }

    /// What those that run use, by container; those that could not be read are left out.
    async fn measure(&mut self, at: Moment, listed: &[Listed]) -> BTreeMap<String, Figure> {
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
                let stats = wire.get::<Stats>(&path, STATISTICS).await;
                (id, stats.ok())
            });
        }
        let mut figures = BTreeMap::new();
        while let Some(joined) = asked.join_next().await {
            let Ok((id, Some(stats))) = joined else { continue };
            let clock = self.clock.carry(self.time.now());
            let Some(known) = self.containers.get_mut(&id) else { continue };
            // What was measured before it was asked for is not of this look.
            let of_now = |read: &Moment| {
                clock.ours(*read).is_some_and(|read| read.after(clock::SLACK) >= at)
            };
            if let Some(figure) = known.figure(&stats.body, of_now) {
                figures.insert(id, figure);
            }
        }
        figures
    }

    fn tell(&self, look: &Look<'_>) -> Result<MachineSeen, WireError> {
        let info = self.info.clone().unwrap_or_default();
        let mut seen = MachineSeen { at: look.at, ..MachineSeen::default() };
        for one in look.listed {
            let figure = look.figures.get(&one.id).copied();
            // The first look knows no rate: nothing that runs is measured yet.
            seen.unmeasured |= one.runs() && (figure.is_none() || self.looks == 0);
            let known = self.containers.get(&one.id);
            let unclear = look.unclear.get(&one.id);
            if let (Some(known), None) = (known, unclear) {
                self.tell_container(look, (&one.id, known), figure, &mut seen);
                continue;
            }
            let why = unclear.map_or("nothing was said of it", String::as_str);
            seen.complaints.push(format!("container {}: {why}: it is not seen", one.name()));
            seen.unclear.extend(one.whose(&self.labels));
            // Whether it runs is not known: what it uses is, or the machine's use is not.
            seen.unmeasured |= figure.is_none();
            seen.used_beside = seen.used_beside.plus(beside(figure, Footprint::default()));
        }
        let label = |name: &str| info.label(&self.labels, name);
        seen.capacity =
            read::capacity(&self.labels, &info, self.host.capacity, &mut seen.complaints);
        if seen.capacity.cpu == MilliCores(0) || seen.capacity.memory == Bytes(0) {
            let error = "no machine has no processor or no memory; say `cpu` and `memory` in the \
                         bridge's file";
            return Err(self.wire.strange("/info", error.to_owned()));
        }
        seen.name.clone_from(&self.host.name);
        seen.pool = self.host.pool.clone().or_else(|| label("pool"));
        seen.tier = label("tier");
        seen.zone = self.host.zone.clone().or_else(|| label("zone")).unwrap_or_default();
        Ok(seen)
    }

    fn tell_container(
        &self,
        look: &Look<'_>,
        (id, known): (&str, &Known),
        figure: Option<Figure>,
        seen: &mut MachineSeen,
    ) {
        let (container, complaints) = (&known.inspected, &mut seen.complaints);
        match read::unit(&self.labels, (id, container), &look.clock, complaints) {
            Some(unit) => {
                let used = figure.and_then(|one| Some(Use { cpu: one.cpu?, memory: one.memory }));
                seen.units.push(UnitSeen { used, ..unit });
            }
            None => {
                let limits = read::limits(container);
                seen.used_beside = seen.used_beside.plus(beside(figure, limits));
            }
        }
    }
}

const LONG: &str = "a name or label of it is longer than 255 bytes";

/// What a container of no tenant's uses; cpu is its limit until it is known.
fn beside(figure: Option<Figure>, limits: Footprint) -> Footprint {
    figure.map_or(Footprint::default(), |figure| Footprint {
        cpu: figure.cpu.unwrap_or(limits.cpu),
        memory: figure.memory,
    })
}

impl Known {
    /// What it uses by these figures and those before; none where they say nothing of now.
    fn figure(&mut self, stats: &Stats, of_now: impl Fn(&Moment) -> bool) -> Option<Figure> {
        let read_at = clock::of_text(&stats.read).filter(of_now)?;
        // What runs has used some time: none at all is a counter that says nothing.
        let total = Some(stats.cpu_stats.cpu_usage.total_usage).filter(|total| *total > 0)?;
        let memory = stats.memory_stats.used()?;
        let before = self.used.replace((total, read_at));
        let cpu = before.and_then(|(before, since)| {
            let (passed, spent) = (read_at.since(since), total.checked_sub(before)?);
            // Nanoseconds of processor over nanoseconds of time, in thousandths.
            let cpu = (u128::from(spent) * 1_000).checked_div(u128::from(passed.0))?;
            Some(MilliCores(u64::try_from(cpu).unwrap_or(u64::MAX)))
        });
        let sane = read::sane(Footprint { cpu: cpu.unwrap_or_default(), memory: Bytes(memory) });
        Some(Figure { cpu: cpu.map(|_| sane.cpu), memory: sane.memory })
    }
}
