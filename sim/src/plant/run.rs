//! Lets time pass: the loop that takes the next event and does what it says.

use super::laws::BrokenLaw;
use super::measures::NodeLoad;
use super::{CLOSE, Event, STARTS, World};
use seatrial_contract::GENERATOR;
use seatrial_contract::units::Span;
use seatrial_policies::PolicyFile;
use seatrial_record::{ReasonCount, Record, TierRow, VERSION};

/// Is told how far a run has come.
pub trait Watch: Sync {
    /// So much simulated time has passed in the run of this seed.
    fn passed(&self, seed: u64, time: Span);
}

/// Watches nothing.
pub struct Silent;

impl Watch for Silent {
    fn passed(&self, _: u64, _: Span) {}
}

impl World {
    /// Runs to the end and says what was found.
    pub fn run(
        mut self,
        policies: Option<&PolicyFile>,
        watch: &dyn Watch,
    ) -> Result<Record, BrokenLaw> {
        self.launch(policies);
        let ends_at = self.design.ends_at;
        while let Some((_, event)) = self.agenda.next(ends_at) {
            self.events += 1;
            self.handle(event);
            if event == Event::DayEnds {
                self.check_laws()?;
                watch.passed(self.dice.seed(), self.now().since(STARTS));
            }
        }
        self.agenda.schedule(ends_at, CLOSE, Event::WarmedUp);
        let _ = self.agenda.next(ends_at);
        self.close_day();
        self.check_laws()?;
        Ok(self.record())
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Login(id) => self.login(id),
            Event::SessionEnds(id) => self.session_ends(id),
            Event::GiveUp(id, session) => self.give_up(id, session),
            Event::Started(id, turn) => self.started(id, turn),
            Event::Revived(id, part) => self.revive(id, part),
            Event::LoadTurns(id) => self.load_turns(id),
            Event::Leaves(id) => self.leave(id),
            Event::SignUp => self.sign_up(),
            Event::NodeReady(id) => self.node_ready(id),
            Event::Scrape => self.scrape(),
            Event::Seen => self.seen(),
            Event::Tick => self.tick(),
            Event::Acted => self.acted(),
            Event::Calls(id) => self.stations.call(id, &mut self.agenda),
            Event::Served(id) => self.stations.served(id, &mut self.agenda),
            Event::TimesOut(id) => self.stations.times_out(id, &mut self.agenda),
            Event::DayEnds => {
                self.close_day();
                let tomorrow = self.now().after(Span::days(1));
                self.agenda.schedule(tomorrow, CLOSE, Event::DayEnds);
            }
            Event::WarmedUp => self.warmed_up(),
        }
    }

    fn warmed_up(&mut self) {
        let now = self.now();
        self.measures.reset(now);
        self.stations.reset(now);
        for node in &mut self.nodes {
            node.load = NodeLoad::new(now);
        }
        for tenant in &mut self.tenants {
            tenant.unserved = 0;
        }
    }

    fn record(self) -> Record {
        let now = self.now();
        let words = &self.design.policy_words;
        let reasons =
            self.log.reasons.iter().map(|((policy, verdict, reason), count)| ReasonCount {
                policy: words.get(usize::from(*policy)).copied().unwrap_or_default().to_owned(),
                verdict: (*verdict).to_owned(),
                reason: (*reason).to_owned(),
                count: *count,
            });
        let mut record = Record {
            version: VERSION,
            scenario: self.design.title.clone(),
            seed: self.dice.seed(),
            generator: GENERATOR.to_owned(),
            policy_digest: self.design.policy_digest.clone(),
            duration: now.since(STARTS).0,
            events: self.events,
            metrics: self.metrics(),
            bill: self.bill(),
            tiers: self.tier_rows(),
            tenants: self.bill_by_tenant(),
            reasons: reasons.collect(),
            ..Record::default()
        };
        record.days = self.ledger.days;
        record.nodes = self.measures.node_changes;
        record.actions = self.log.actions;
        record
    }

    fn tier_rows(&self) -> Vec<TierRow> {
        let tiers = self.design.tiers.iter().zip(&self.measures.tiers).enumerate();
        let row = |(index, (design, tier)): (usize, (&super::TierDesign, _))| {
            let tier: &super::measures::TierMeasures = tier;
            TierRow {
                name: design.name.clone(),
                tenants: u32::try_from(tier.present.value()).unwrap_or(u32::MAX),
                unserved: tier.tenants_unserved,
                logins: tier.logins,
                logins_unserved: tier.unserved,
                amount: self.bill_by_tier()[index].0,
                revenue: self.revenue(index).0,
            }
        };
        tiers.map(row).collect()
    }
}
