//! Alerts over what is sensed, and the people they call. A rule costs what changed: only machines
//! that a scrape found changed are looked at again. Knows no cure: what people mend comes with
//! faults.

use seatrial_contract::units::{Moment, Ppm, Span, percent};
use seatrial_contract::view::NodeState;
use seatrial_contract::{ClusterView, Dice, NodeId, PoolId, Purpose, TenantId};
use seatrial_format::scenario::{Scenario, Watch as File};
use seatrial_kernel::chance::Distribution;
use seatrial_kernel::statistics::{Sketch, TimeWeighted};
use seatrial_record::{AlertRow, Metric, Unit};
use seatrial_traffic::Stations;
use seatrial_traffic::distributions::distribution;
use seatrial_traffic::imagining;
use seatrial_traffic::sheet::{Row, Sheet};
use seatrial_traffic::telling::{number, quantile, ratio};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const ACKNOWLEDGE: Purpose = Purpose::new("acknowledge a page");
const REPAIR: Purpose = Purpose::new("repair after a page");

/// Outside of these hours people are asleep (our own judgement).
const MORNING: u64 = 8;
const EVENING: u64 = 22;

/// All rules and where they stand.
pub(crate) struct Alerts {
    rules: Vec<Rule>,
    pager: Pager,
    /// So since then, not yet for long enough.
    pending: BTreeMap<Spot, Moment>,
    /// When each of those is.
    due: BTreeSet<(Moment, Spot)>,
    /// Gone off then, and still so.
    firing: BTreeMap<Spot, Moment>,
    /// When and where they went off and were over, as long as there are not too many.
    history: Vec<(Spot, Moment, Option<Moment>)>,
    /// Kills that no scrape has brought yet, and those within the longest window.
    pub(crate) kills_unseen: Vec<TenantId>,
    kills: VecDeque<(Moment, TenantId)>,
    /// Tenants that somebody is seen to wait for.
    waiting: u32,
}

/// A rule at one machine or tenant; a rule over all of them has one spot.
type Spot = (u16, u32);

struct Rule {
    name: String,
    watch: Watch,
    holds_for: Span,
    pages: bool,
    fired: u64,
    firing: TimeWeighted,
    /// Nanoseconds during which it fired anywhere.
    anywhere: TimeWeighted,
    longest: Span,
}

enum Watch {
    MachineCpu { above: Ppm, pools: Vec<PoolId> },
    MachineMemory { above: Ppm, pools: Vec<PoolId> },
    Kills { more_than: u32, within: Span },
    Waiting { more_than: u32 },
    Calls(Box<CallWatch>),
}

/// More than that nobody reads.
const HISTORY: usize = 10_000;

/// A share of a source's calls that are too slow, or fail.
struct CallWatch {
    source: usize,
    /// What takes longer is too slow.
    longest: Span,
    above: Ppm,
    within: Span,
    /// Calls over and bad ones so far, as each scrape found them.
    seen: VecDeque<(Moment, u64, u64)>,
}

/// The rest of the 95th percentile.
const SLOWEST: Ppm = percent(5);

struct Pager {
    by_day: Distribution,
    by_night: Distribution,
    repair: Distribution,
    pages: u64,
    at_night: u64,
    acknowledged: Sketch,
    /// Nanoseconds of people's work.
    work: u128,
    /// Pages of the whole run: those before the warm-up ended shift no draw.
    called: u64,
    /// How long they take, in millionths of what they usually do.
    people: u64,
}

impl Alerts {
    pub(crate) fn new(scenario: &Scenario, starts: Moment) -> Self {
        let pool = |name: &str| scenario.pools.iter().position(|p| p.name.as_str() == name);
        let pools = |named: &Option<Vec<_>>| match named {
            None => (0..scenario.pools.len()).map(PoolId::at).collect(),
            Some(named) => {
                let named: &Vec<seatrial_contract::config::Located<String>> = named;
                named.iter().filter_map(|name| pool(&name.value)).map(PoolId::at).collect()
            }
        };
        let rule = |alert: &seatrial_format::scenario::Alert| Rule {
            name: alert.name.to_string(),
            watch: match &alert.watches {
                File::MachineCpu(of) => {
                    Watch::MachineCpu { above: *of.above, pools: pools(&of.pools) }
                }
                File::MachineMemory(of) => {
                    Watch::MachineMemory { above: *of.above, pools: pools(&of.pools) }
                }
                File::Kills(of) => Watch::Kills { more_than: *of.more_than, within: *of.within },
                File::Waiting(of) => Watch::Waiting { more_than: *of.more_than },
                File::SlowCalls(of) => {
                    Watch::calls(scenario, &of.calls, (*of.above, SLOWEST), *of.within)
                }
                File::FailedCalls(of) => {
                    Watch::calls(scenario, &of.calls, (Span::MAX, *of.above), *of.within)
                }
            },
            holds_for: *alert.holds_for,
            pages: alert.calls(),
            fired: 0,
            firing: TimeWeighted::new(starts, 0),
            anywhere: TimeWeighted::new(starts, 0),
            longest: Span::ZERO,
        };
        Self {
            rules: scenario.alerts.iter().map(rule).collect(),
            pager: Pager {
                by_day: distribution(&scenario.pager.acknowledged_after),
                by_night: distribution(&scenario.pager.acknowledged_after_at_night),
                repair: distribution(&scenario.pager.repaired_after),
                pages: 0,
                at_night: 0,
                acknowledged: Sketch::default(),
                work: 0,
                called: 0,
                people: 1_000_000,
            },
            pending: BTreeMap::new(),
            due: BTreeSet::new(),
            firing: BTreeMap::new(),
            history: Vec::new(),
            kills_unseen: Vec::new(),
            kills: VecDeque::new(),
            waiting: 0,
        }
    }

    /// People take so many millionths of their usual time.
    pub(crate) fn people_take(&mut self, millionths: u64) {
        self.pager.people = millionths;
    }

    /// At how many places each rule goes off, over time.
    pub(crate) fn read(&mut self, sheet: &mut Sheet) {
        for rule in &mut self.rules {
            sheet.level(Row::count("firing", "alert", &rule.name), &mut rule.firing, 1);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Somebody is seen to wait for a tenant, or no longer.
    pub(crate) fn waits(&mut self, before: bool, after: bool) {
        self.waiting = self.waiting - u32::from(before) + u32::from(after);
    }

    /// A scrape arrived: these machines changed.
    pub(crate) fn look(
        &mut self,
        now: Moment,
        view: &ClusterView,
        changed: impl Iterator<Item = NodeId>,
        (stations, dice): (&Stations, Dice),
    ) {
        for node in changed {
            for rule in 0..self.rules.len() {
                if let Some(so) = self.rules[rule].watch.is_so_at(view, node) {
                    self.note(now, (spot(rule), node.0), so);
                }
            }
        }
        self.look_at_kills(now);
        for rule in 0..self.rules.len() {
            if let Watch::Waiting { more_than } = self.rules[rule].watch {
                let so = self.waiting > more_than;
                self.note(now, (spot(rule), 0), so);
            }
            if let Watch::Calls(watch) = &mut self.rules[rule].watch {
                let so = watch.is_so(now, stations);
                self.note(now, (spot(rule), 0), so);
            }
        }
        while let Some((at, spot)) = self.due.first().copied().filter(|due| due.0 <= now) {
            self.due.remove(&(at, spot));
            self.pending.remove(&spot);
            self.go_off(now, spot);
            if self.rules[usize::from(spot.0)].pages {
                let hour = now.of_week().0 % Span::days(1).0 / Span::hours(1).0;
                self.pager.call(!(MORNING..EVENING).contains(&hour), dice);
            }
        }
    }

    fn look_at_kills(&mut self, now: Moment) {
        if self.kills_unseen.is_empty() && self.kills.is_empty() {
            return;
        }
        self.kills.extend(self.kills_unseen.drain(..).map(|tenant| (now, tenant)));
        let mut longest = Span::ZERO;
        for rule in 0..self.rules.len() {
            let Watch::Kills { more_than, within } = self.rules[rule].watch else { continue };
            longest = longest.max(within);
            let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
            for (_, tenant) in self.kills.iter().filter(|kill| now.since(kill.0) < within) {
                *counts.entry(tenant.0).or_default() += 1;
            }
            let all = (spot(rule), 0)..=(spot(rule), u32::MAX);
            let known = self.pending.range(all.clone()).map(|known| known.0.1);
            let known = known.chain(self.firing.range(all).map(|known| known.0.1));
            let known: BTreeSet<u32> = known.chain(counts.keys().copied()).collect();
            for tenant in known {
                let so = counts.get(&tenant).is_some_and(|count| *count > more_than);
                self.note(now, (spot(rule), tenant), so);
            }
        }
        while self.kills.front().is_some_and(|kill| now.since(kill.0) >= longest) {
            self.kills.pop_front();
        }
    }

    /// The sources whose calls are looked at, and how long those may take.
    pub(crate) fn watched(&self) -> impl Iterator<Item = (usize, Span)> {
        self.rules.iter().filter_map(|rule| match &rule.watch {
            Watch::Calls(watch) => Some((watch.source, watch.longest)),
            Watch::MachineCpu { .. }
            | Watch::MachineMemory { .. }
            | Watch::Kills { .. }
            | Watch::Waiting { .. } => None,
        })
    }

    /// At this spot it is so now, or it is not.
    fn note(&mut self, now: Moment, spot: Spot, so: bool) {
        if so {
            if !self.firing.contains_key(&spot) && !self.pending.contains_key(&spot) {
                self.pending.insert(spot, now);
                let rule = &self.rules[usize::from(spot.0)];
                self.due.insert((now.after(rule.holds_for), spot));
            }
            return;
        }
        if let Some(since) = self.pending.remove(&spot) {
            let rule = &self.rules[usize::from(spot.0)];
            self.due.remove(&(since.after(rule.holds_for), spot));
        }
        if let Some(since) = self.firing.remove(&spot) {
            let rule = &mut self.rules[usize::from(spot.0)];
            rule.firing.add(now, -1);
            rule.anywhere.set(now, u64::from(rule.firing.value() > 0));
            rule.longest = rule.longest.max(now.since(since));
            let begun = self.history.iter_mut().rev().find(|of| (of.0, of.1) == (spot, since));
            if let Some(begun) = begun {
                begun.2 = Some(now);
            }
        }
    }

    /// When alerts went off, by the names of rules and machines.
    pub(crate) fn rows(&self, starts: Moment, machine: impl Fn(NodeId) -> String) -> Vec<AlertRow> {
        let row = |(spot, at, until): &(Spot, Moment, Option<Moment>)| {
            let rule = &self.rules[usize::from(spot.0)];
            let is_at =
                matches!(rule.watch, Watch::MachineCpu { .. } | Watch::MachineMemory { .. });
            AlertRow {
                alert: rule.name.clone(),
                machine: if is_at { machine(NodeId(spot.1)) } else { String::new() },
                at: at.since(starts).0,
                until: until.map(|until| until.since(starts).0),
            }
        };
        self.history.iter().map(row).collect()
    }

    fn go_off(&mut self, now: Moment, spot: Spot) {
        if self.history.len() < HISTORY {
            self.history.push((spot, now, None));
        }
        self.firing.insert(spot, now);
        let rule = &mut self.rules[usize::from(spot.0)];
        rule.fired += 1;
        rule.firing.add(now, 1);
        rule.anywhere.set(now, 1);
    }

    /// Statistics begin anew; what goes off goes on.
    pub(crate) fn reset(&mut self, now: Moment) {
        for rule in &mut self.rules {
            let firing = rule.firing.value();
            rule.fired = 0;
            rule.longest = Span::ZERO;
            if let Watch::Calls(watch) = &mut rule.watch {
                watch.seen.clear();
            }
            rule.firing = TimeWeighted::new(now, firing);
            rule.anywhere = TimeWeighted::new(now, u64::from(firing > 0));
        }
        let pager = &mut self.pager;
        (pager.pages, pager.at_night, pager.work) = (0, 0, 0);
        pager.acknowledged = Sketch::default();
    }

    /// All that it measures, in a fixed order.
    pub(crate) fn metrics(&self, now: Moment, since: Moment) -> Vec<Metric> {
        let mut all = Vec::new();
        if self.rules.is_empty() {
            return all;
        }
        let span = u128::from(now.since(since).0);
        let mut add = |name: String, unit, value| all.push(Metric::new(name, unit, value));
        let fired = self.rules.iter().map(|rule| rule.fired).sum();
        add("alerts".to_owned(), Unit::Count, Some(number(fired)));
        add("pages".to_owned(), Unit::Count, Some(number(self.pager.pages)));
        add("pages_at_night".to_owned(), Unit::Count, Some(number(self.pager.at_night)));
        let late = quantile(&self.pager.acknowledged, 950_000);
        add("page_acknowledged_p95".to_owned(), Unit::Seconds, late);
        add("people_at_work_mean".to_owned(), Unit::Count, ratio(self.pager.work, span));
        for (index, rule) in self.rules.iter().enumerate() {
            let name = &rule.name;
            add(format!("alerts.{name}"), Unit::Count, Some(number(rule.fired)));
            let share = ratio(rule.anywhere.integral(now), span);
            add(format!("alert_share.{name}"), Unit::Share, share);
            let all = (spot(index), 0)..=(spot(index), u32::MAX);
            let open = self.firing.range(all).map(|(_, at)| now.since((*at).max(since))).max();
            let longest = rule.longest.max(open.unwrap_or_default());
            let longest = (rule.fired > 0 || open.is_some()).then(|| longest.as_seconds());
            add(format!("alert_longest.{name}"), Unit::Seconds, longest);
        }
        all
    }
}

impl Watch {
    fn calls(
        scenario: &Scenario,
        named: &str,
        (longest, above): (Span, Ppm),
        within: Span,
    ) -> Self {
        let source = scenario.traffic.iter().position(|of| of.name.as_str() == named);
        // The format has checked that there is one.
        let source = source.unwrap_or(usize::MAX);
        Self::Calls(Box::new(CallWatch { source, longest, above, within, seen: VecDeque::new() }))
    }

    /// Whether it is so at this machine; none where machines do not matter to it.
    fn is_so_at(&self, view: &ClusterView, id: NodeId) -> Option<bool> {
        let node = view.node(id);
        let high = |pools: &[PoolId], share: Ppm, above: Ppm| {
            node.state == NodeState::Ready && pools.contains(&node.pool) && share > above
        };
        match self {
            Self::MachineCpu { above, pools } => {
                let used = view.node_cpu().last(id.index());
                Some(high(pools, used.share_of(node.capacity.cpu), *above))
            }
            Self::MachineMemory { above, pools } => {
                let used = view.node_memory().last(id.index());
                Some(high(pools, used.share_of(node.capacity.memory), *above))
            }
            Self::Kills { .. } | Self::Waiting { .. } | Self::Calls(_) => None,
        }
    }
}

impl CallWatch {
    /// Whether too many of the calls within the window were bad.
    fn is_so(&mut self, now: Moment, stations: &Stations) -> bool {
        let (all, bad) = imagining::worse_than(stations, self.source, self.longest);
        // The last one before the window is what is counted from.
        while self.seen.get(1).is_some_and(|seen| now.since(seen.0) >= self.within) {
            self.seen.pop_front();
        }
        let before = self.seen.front().map_or((0, 0), |seen| (seen.1, seen.2));
        self.seen.push_back((now, all, bad));
        let (all, bad) = (all - before.0, bad - before.1);
        u128::from(bad) * 1_000_000 > u128::from(all) * u128::from(self.above.0)
    }
}

impl Pager {
    /// Somebody is called.
    fn call(&mut self, night: bool, dice: Dice) {
        let distribution = if night { &self.by_night } else { &self.by_day };
        let slowed = |span: Span| {
            let nanos = u128::from(span.0) * u128::from(self.people) / 1_000_000;
            Span(u64::try_from(nanos).unwrap_or(u64::MAX))
        };
        let waited = slowed(distribution.sample(&mut dice.turn(0, ACKNOWLEDGE, self.called)));
        let work = slowed(self.repair.sample(&mut dice.turn(0, REPAIR, self.called)));
        self.called += 1;
        self.pages += 1;
        self.at_night += u64::from(night);
        self.acknowledged.add(waited.0);
        self.work += u128::from(work.0);
    }
}

fn spot(rule: usize) -> u16 {
    u16::try_from(rule).unwrap_or(u16::MAX)
}
