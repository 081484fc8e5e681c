//! Lets time pass: the loop that takes the next event and does what it says.

use crate::event::{CLOSE, Event};
use crate::incidents;
use crate::invariants::BrokenInvariant;
use crate::living::Meanwhile;
use crate::naming::Naming;
use crate::onlooker::{Listener, Onlooker};
use crate::{Logbook, World};
use crate::{lives, recorder};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Decision, GENERATOR, Verdict};
use seatrial_fleet::design::TierDesign;
use seatrial_fleet::measures::TierMeasures;
use seatrial_fleet::replicas::uses;
use seatrial_fleet::{bill, metrics};
use seatrial_policies::{Clock, Teller};
use seatrial_record::{
    AlertRow, DecisionRow, Json, Metric, ReasonCount, Record, TierRow, Unit, VERSION,
};
use seatrial_traffic::Hosts;
use seatrial_traffic::needs;
use seatrial_traffic::sampling::told;
use seatrial_traffic::telling::number;

/// Is told how far a run has come.
pub trait Watch: Sync {
    /// So much simulated time has passed in a run since it was told last, in so many events.
    fn passed(&self, time: Span, events: u64);
}

/// How often a watch is told: a million events take less than a second.
const EVENTS_TOLD: u64 = 1 << 16;

/// Watches nothing.
pub struct Silent;

impl Watch for Silent {
    fn passed(&self, _: Span, _: u64) {}
}

impl World {
    /// Runs to the end and says what was found.
    ///
    /// # Errors
    /// A broken invariant: a bug of ours.
    pub fn run(mut self, watch: &dyn Watch) -> Result<Record, BrokenInvariant> {
        self.go(watch)?;
        Ok(self.record())
    }

    /// Runs to the end with a logbook, and hands it back.
    ///
    /// # Errors
    /// A broken invariant: a bug of ours.
    pub fn run_logged(
        mut self,
        watch: &dyn Watch,
        logbook: Logbook,
    ) -> Result<(Record, Option<Logbook>), BrokenInvariant> {
        self.listener = Some(Listener::Logbook(Box::new(logbook)));
        self.go(watch)?;
        let logbook = match self.listener.take() {
            Some(Listener::Logbook(logbook)) => Some(*logbook),
            Some(Listener::Onlooker(..)) | None => None,
        };
        Ok((self.record(), logbook))
    }

    fn go(&mut self, watch: &dyn Watch) -> Result<(), BrokenInvariant> {
        go_until(self, Moment::NEVER, watch)?;
        close(self)
    }

    pub(crate) fn handle(&mut self, event: Event) {
        match event.of_calls() {
            // That is what most events are.
            Some(calls) => self.fleet.call_happens(calls),
            None => self.happen(event),
        }
        seatrial_fleet::after_event(&mut self.fleet);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::World(event) => self.faults.happen(&mut self.fleet, event),
            Event::Scrape => self.scrape(),
            Event::Seen => self.seen(),
            Event::Tick => self.tick(),
            Event::Acted => self.acted(),
            Event::DayEnds => {
                bill::close_day(&mut self.fleet);
                let tomorrow = self.fleet.now().after(Span::days(1));
                self.fleet.schedule.agenda.schedule(tomorrow, CLOSE, Event::DayEnds);
            }
            Event::WarmedUp => {
                recorder::turn(self);
                seatrial_fleet::warmed_up(&mut self.fleet);
                self.alerts.reset(self.fleet.now());
                self.log.counted_from = self.log.actions.len();
                recorder::mark(self);
            }
        }
    }

    pub(crate) fn record(self) -> Record {
        let now = self.fleet.now();
        let words = &self.setting.policy_words;
        let reasons =
            self.log.reasons().into_iter().map(|((policy, verdict, reason), count)| ReasonCount {
                policy: words.get(usize::from(policy)).cloned().unwrap_or_default(),
                verdict: verdict.to_owned(),
                reason: reason.to_owned(),
                count,
            });
        let mut record = Record {
            version: VERSION,
            scenario: self.setting.title.clone(),
            seed: self.fleet.dice.seed(),
            generator: GENERATOR.to_owned(),
            departure: self.log.departed.clone(),
            sampled: self.fleet.traffic.sampling.as_ref().map(|sampling| told::sampled(sampling)),
            policy_digest: self.setting.policy_digest.clone(),
            duration: now.since(self.fleet.schedule.starts).0,
            events: self.log.events + self.fleet.sampled_events(),
            metrics: self.metrics(),
            bill: bill::bill(&self.fleet),
            tiers: self.tier_rows(),
            tenants: bill::bill_by_tenant(&self.fleet),
            reasons: reasons.collect(),
            actions: self.action_rows(),
            incidents: incidents::rows(&self),
            struck: incidents::struck(&self),
            alerts: alert_rows(&self),
            tenant_names: self.fleet.design.names.tenants.clone(),
            ..Record::default()
        };
        if let Some(sampling) = &self.fleet.traffic.sampling {
            told::tell(sampling, &mut record.metrics);
        }
        record.days = self.fleet.ledger.days;
        record.nodes = self.fleet.measures.machines.changes;
        record
    }

    /// Every metric, in a fixed order.
    #[must_use]
    pub fn metrics(&self) -> Vec<Metric> {
        let mut all = metrics::of_tenants(&self.fleet);
        incidents::strikes(self, &mut all);
        incidents::recoveries(self, &mut all);
        if self.pilot.is_some() && self.fleet.measures.machines.losses.may_come {
            let missed = number(self.log.ticks_missed);
            all.push(Metric::new("ticks_missed", Unit::Count, Some(missed)));
        }
        if self.pilot.is_some() {
            let decided = self.log.decided().into_iter();
            all.extend(decided.map(|(word, times)| {
                Metric::new(format!("decided.{word}"), Unit::Count, Some(number(times)))
            }));
        }
        all.extend(self.alerts.metrics(self.fleet.now(), self.fleet.measures.since));
        all.extend(metrics::of_traffic(&self.fleet));
        all
    }

    /// Every action, with the names of what it is about.
    fn action_rows(&self) -> Vec<DecisionRow> {
        let mut naming = Naming::default();
        let names = naming.of(&self.view, &self.fleet.design);
        let teller = Teller { words: &self.setting.policy_words, names, view: &self.view };
        let starts = self.fleet.schedule.starts;
        let row = |(at, decision): &(Moment, Decision)| {
            let Verdict::Act { id, action } = decision.verdict else { return None };
            Some(DecisionRow {
                at: at.since(starts).0,
                id: id.0,
                policy: teller.policy(decision).to_owned(),
                action: Json::of(&teller.action(action)),
                reason: Json::of(&teller.reason(&decision.reason, Clock::Run { starts })),
            })
        };
        self.log.actions.iter().filter_map(row).collect()
    }

    fn tier_rows(&self) -> Vec<TierRow> {
        let tiers = self.fleet.design.tiers.iter().zip(&self.fleet.measures.tiers).enumerate();
        let row = |(index, (design, tier)): (usize, (&TierDesign, _))| {
            let tier: &TierMeasures = tier;
            TierRow {
                name: design.name.clone(),
                tenants: u32::try_from(tier.present.value()).unwrap_or(u32::MAX),
                unserved: tier.tenants_unserved,
                logins: tier.logins,
                logins_unserved: tier.unserved,
                amount: bill::bill_by_tier(&self.fleet)[index].0,
                revenue: bill::revenue(&self.fleet, index).0,
            }
        };
        tiers.map(row).collect()
    }
}

/// When alerts went off, with the names of their machines.
fn alert_rows(world: &World) -> Vec<AlertRow> {
    let mut naming = Naming::default();
    let names = naming.of(&world.view, &world.fleet.design);
    world.alerts.rows(world.fleet.schedule.starts, |machine| names.node(machine))
}

/// Runs a world until a moment, or to its end if that is before, and has somebody look on.
///
/// # Errors
/// A broken invariant: a bug of ours.
pub fn look_on(
    mut world: World,
    until: Moment,
    onlooker: Onlooker,
    watch: &dyn Watch,
) -> Result<(), BrokenInvariant> {
    world.listener = Some(Listener::Onlooker(onlooker, Naming::default()));
    go_until(&mut world, until, watch)
}

/// Begins, and lets all happen that does until a moment, and before the end.
fn go_until(world: &mut World, until: Moment, watch: &dyn Watch) -> Result<(), BrokenInvariant> {
    world.begin();
    recorder::mark(world);
    lives::begin(world);
    let ends_at = world.fleet.schedule.ends_at;
    let mut told = (world.fleet.schedule.starts, world.log.events);
    while let Some(event) = world.fleet.next_event(ends_at) {
        if world.fleet.now() > until {
            break;
        }
        world.log.events += 1;
        recorder::pass(world);
        world.handle(event);
        lives::pass(world, Meanwhile::Event);
        if event == Event::DayEnds {
            world.check_invariants()?;
        }
        if world.log.events.is_multiple_of(EVENTS_TOLD) || event == Event::DayEnds {
            let now = world.fleet.now();
            watch.passed(now.since(told.0), world.log.events - told.1);
            told = (now, world.log.events);
        }
    }
    watch.passed(ends_at.min(until).since(told.0), world.log.events - told.1);
    Ok(())
}

/// Nothing happens any more: what is counted over time is counted to the end.
pub(crate) fn close(world: &mut World) -> Result<(), BrokenInvariant> {
    let ends_at = world.fleet.schedule.ends_at;
    // Time goes on to the end, where nothing may be due.
    world.fleet.schedule.agenda.schedule(ends_at, CLOSE, Event::DayEnds);
    let _ = world.fleet.schedule.agenda.next(ends_at);
    recorder::pass(world);
    recorder::turn(world);
    lives::close(world);
    world.fleet.end_gap();
    needs::judge_all(&mut world.fleet.traffic.stations, ends_at);
    uses::count_uses(&mut world.fleet);
    bill::close_day(&mut world.fleet);
    world.faults.take_note(&mut world.fleet);
    world.check_invariants()?;
    world.fleet.end_sampling();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::TenantId;
    use seatrial_contract::config::{Element, Node, Path, Problems, Value};
    use seatrial_faults as faults;
    use seatrial_fleet as fleet;
    use seatrial_policies::PolicyFile;

    const FLEET: &str = r#"
        title = "two hundred tenants on three machines"
        duration = "6 d"
        [[rhythms]]
        name = "daily"
        hours = [0, 0, 0, 0, 0, 1, 2, 4, 6, 8, 8, 6, 4, 6, 8, 8, 6, 4, 4, 4, 4, 2, 1, 0]
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        cpu = "0.5 cores"
        memory = "700 MiB"
        stops_at = "asleep"
        [[stacks.parts]]
        name = "database"
        cpu = "0.2 cores"
        memory = "100 MiB"
        [waking]
        start_time = { kind = "uniform", from = "2 min", to = "3 min" }
        [[tiers]]
        name = "free"
        tenants = 200
        stack = "app"
        lifetime = { kind = "exponential", mean = "60 d" }
        [tiers.sessions]
        gap = { kind = "lognormal", median = "10 h", p95 = "5 d" }
        rhythm = "daily"
        length = { kind = "lognormal", median = "20 min", p95 = "2 h" }
        patience = "5 min"
        [growth]
        signups = "10/d"
        rhythm = "daily"
        mix = { free = 1 }
        [[pools]]
        name = "workers"
        count = 3
        most = 6
        machine = { cpu = "16 cores", memory = "32 GiB" }
        price = "$0.34/h"
        overcommit = { cpu = "600 %", memory = "120 %" }
        zones = ["zone-a", "zone-b"]
    "#;

    fn policies(placement: &str) -> PolicyFile {
        let kinds = [placement, "idle-ladder", "threshold"];
        let rungs = Node::table([("asleep", Node::text("1 d"))]);
        let one = |kind: &str| match kind {
            "idle-ladder" => Node::table([("kind", Node::text(kind)), ("ladder", rungs.clone())]),
            _ => Node::table([("kind", Node::text(kind))]),
        };
        let list = Value::List(kinds.into_iter().map(one).collect()).nowhere();
        let file = Node::table([("policies", list)]);
        PolicyFile::read(&file, &Path::Root, &mut Problems::default()).expect("a policy file")
    }

    type Logins = Vec<(Moment, TenantId)>;

    /// Who came when, and the record.
    fn runs(placement: &str, seed: u64) -> (Logins, Record) {
        let scenario = crate::open_text(FLEET, Some("[[policies]]\nkind = \"spread\""))
            .unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())))
            .scenario;
        let file = policies(placement);
        let mut world = World::new(&scenario, Some(&file), seed);
        world.begin();
        let mut logins = Vec::new();
        while let Some((at, event)) = world.fleet.schedule.agenda.next(world.fleet.schedule.ends_at)
        {
            if let Event::World(faults::Event::Fleet(fleet::Event::Login(id))) = event {
                logins.push((at, id));
            }
            world.handle(event);
            if event == Event::DayEnds {
                world.check_invariants().unwrap_or_else(|broken| panic!("{broken}"));
            }
        }
        bill::close_day(&mut world.fleet);
        (logins, world.record())
    }

    #[test]
    fn everyone_comes_at_the_same_instants_under_any_placement() {
        let (least_loaded, first) = runs("least-loaded", 7);
        assert!(least_loaded.len() > 500, "too few logins to compare: {}", least_loaded.len());
        for placement in ["best-fit", "spread"] {
            let (logins, record) = runs(placement, 7);
            assert_eq!(logins, least_loaded, "under {placement}");
            assert_ne!(record.digest(), first.digest(), "{placement} placed as least-loaded did");
        }
        assert_ne!(runs("least-loaded", 8).0, least_loaded, "another seed, other people");
    }

    #[test]
    fn signups_and_churn_come_as_often_as_the_file_says() {
        let (_, record) = runs("spread", 7);
        let value = |name: &str| record.metric(name).and_then(|m| m.value).unwrap_or(f64::NAN);
        // 10 a day for 6 days: 60, with a deviation of 8; 230 tenants over 60 days: 23, with 5.
        assert!((30.0..90.0).contains(&value("signups")), "{}", value("signups"));
        assert!((5.0..45.0).contains(&value("churned")), "{}", value("churned"));
        assert!(value("wakes") > 20.0 && value("hibernations") > 20.0);
    }

    #[test]
    fn a_sleeping_tenant_costs_less_than_a_kibibyte() {
        use core::mem::size_of;
        let readings = 2 * size_of::<u64>();
        let unit = size_of::<seatrial_contract::view::Unit>() + 2 * readings;
        let tenant = size_of::<seatrial_fleet::tenants::Tenant>()
            + size_of::<seatrial_contract::view::Tenant>()
            + readings
            // Its slot, its deadline and its place in the order of deadlines, with the slack of
            // the tree that holds it.
            + size_of::<TenantId>() + size_of::<Moment>() + 2 * size_of::<(Moment, TenantId)>();
        let stack = 5;
        assert!(tenant + stack * unit < 1_024, "{} bytes", tenant + stack * unit);
    }
}
