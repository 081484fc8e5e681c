//! Decisions as documents for programs: every thing by its name, every moment and span as people
//! read it and in seconds beside it. Knows no file.

use super::Teller;
use crate::Clock;
use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{
    Action, Decision, FactKind, FactNames, NodeId, OwnReason, Reason, Stage, TierId, UnitId,
    Verdict, ZoneId,
};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// An action or a reason: the word for it first, then what goes with it, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    word: (&'static str, &'static str),
    fields: BTreeMap<String, Value>,
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len() + 1))?;
        map.serialize_entry(self.word.0, self.word.1)?;
        for (key, value) in &self.fields {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Document {
    /// What the contract writes of a thing, without its word.
    fn of(word: (&'static str, &'static str), thing: &impl Serialize) -> Self {
        let fields = match serde_json::to_value(thing) {
            Ok(Value::Object(fields)) => fields.into_iter().filter(|(key, _)| key != word.0),
            // Actions and reasons are maps.
            _ => return Self { word, fields: BTreeMap::new() },
        };
        Self { word, fields: fields.collect() }
    }

    fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.fields.insert(key.to_owned(), value.into());
    }

    fn moment(&mut self, key: &str, moment: Moment, clock: Clock) {
        self.set(key, clock.tell(moment));
        self.set(&format!("{key}_seconds"), clock.seconds(moment));
    }

    /// Spans that are not told yet: nothing else is written as they are.
    fn spans(&mut self) {
        let read = |value: &Value| serde_json::from_value::<Span>(value.clone()).ok();
        let spans = self.fields.iter().filter(|(_, value)| value.is_string());
        let spans: Vec<(String, Span)> =
            spans.filter_map(|(key, value)| Some((key.clone(), read(value)?))).collect();
        for (key, span) in spans {
            self.set(&key, format!("{span:#}"));
            self.set(&format!("{key}_seconds"), Duration::from_nanos(span.0).as_secs_f64());
        }
    }
}

impl Teller<'_> {
    /// An action with the names of what it is about.
    #[must_use]
    pub fn action(&self, action: Action) -> Document {
        let mut told = Document::of(("do", action.word()), &action);
        match action {
            Action::Place { tenant, node } => {
                told.set("tenant", self.names.tenant(tenant));
                told.set("node", self.names.node(node));
            }
            Action::Move { tenant, from, node } => {
                told.set("tenant", self.names.tenant(tenant));
                told.set("from", self.names.node(from));
                told.set("node", self.names.node(node));
            }
            Action::Evict { tenant, from } | Action::Abandon { tenant, from } => {
                told.set("tenant", self.names.tenant(tenant));
                told.set("from", self.names.node(from));
            }
            Action::Resize { tenant, unit, .. } => {
                told.set("tenant", self.names.tenant(tenant));
                told.set("unit", self.unit(unit));
            }
            Action::Hibernate { tenant, stage } => {
                told.set("tenant", self.names.tenant(tenant));
                told.set("stage", self.view.stages().name(stage));
            }
            Action::Wake { tenant } => told.set("tenant", self.names.tenant(tenant)),
            Action::AddNodes { pool, .. } => {
                let name = self.view.pools().get(pool.index()).map(|pool| pool.name.clone());
                told.set("pool", name.unwrap_or_else(|| format!("pool-{}", pool.0)));
            }
            Action::Cordon { node }
            | Action::Uncordon { node }
            | Action::Drain { node }
            | Action::RemoveNode { node } => told.set("node", self.names.node(node)),
            Action::LimitConnections { pooler, tier, .. } => {
                let of = self.view.poolers().get(pooler.index()).map(|of| of.name.clone());
                told.set("pooler", of.unwrap_or_else(|| format!("pooler-{}", pooler.0)));
                told.set("tier", self.tier(tier));
            }
            Action::BackUp { database, .. }
            | Action::Restore { database, .. }
            | Action::FailOver { database, .. } => {
                let of = self.view.databases().get(database.index()).cloned();
                told.set("database", of.unwrap_or_else(|| format!("database-{}", database.0)));
            }
            Action::Scale { service, .. } | Action::RevertRelease { service, .. } => {
                let of = self.view.services().get(service.index()).map(|of| of.name.clone());
                told.set("service", of.unwrap_or_else(|| format!("service-{}", service.0)));
            }
        }
        told
    }

    /// A reason with names, moments and spans as people read them.
    #[must_use]
    pub fn reason(&self, reason: &Reason, clock: Clock) -> Document {
        let mut told = Document::of(("why", reason.word()), reason);
        if let Reason::Wanted { since }
        | Reason::NotLongEnough { since, .. }
        | Reason::NotEmptied { since, .. }
        | Reason::InFlight { since } = reason
        {
            told.moment("since", *since, clock);
        }
        if let Reason::Expected { until, .. }
        | Reason::CoolingDown { until }
        | Reason::NoEffect { until } = reason
        {
            told.moment("until", *until, clock);
        }
        if let Reason::Emptying { node } | Reason::MachineLost { node } = reason {
            told.set("node", self.names.node(*node));
        }
        if let Reason::Idle { stage, .. } | Reason::DeepEnough { stage } = reason {
            told.set("stage", self.view.stages().name(*stage));
        }
        if let Reason::OwnedBy { policy } = reason {
            told.set("policy", self.words.get(policy.index()).map_or("?", String::as_str));
        }
        if let Reason::Own(own) = reason {
            self.own_facts(own, &mut told, clock);
        }
        told.spans();
        told
    }

    /// Facts that have names, and moments.
    fn own_facts(&self, own: &OwnReason, told: &mut Document, clock: Clock) {
        for (name, kind, number) in own.facts() {
            let id = usize::try_from(number).unwrap_or(usize::MAX);
            match kind {
                FactKind::Moment => told.moment(name, Moment(number), clock),
                FactKind::Node => told.set(name, self.node(NodeId::at(id))),
                FactKind::Zone => told.set(name, self.zone(ZoneId::at(id))),
                FactKind::Tier => told.set(name, self.tier(TierId::at(id))),
                FactKind::Stage => {
                    told.set(
                        name,
                        self.view.stages().name(Stage(id.try_into().unwrap_or(u8::MAX))),
                    );
                }
                FactKind::Count
                | FactKind::Share
                | FactKind::Span
                | FactKind::Cpu
                | FactKind::Memory => {}
            }
        }
    }

    /// Why, as a sentence with names.
    #[must_use]
    pub fn because(&self, decision: &Decision) -> String {
        let reason = decision.reason;
        if let Reason::Emptying { node } = reason {
            return format!("machine {} is being emptied", self.names.node(node));
        }
        if let Reason::MachineLost { node } = reason {
            return format!("machine {} does not answer", self.names.node(node));
        }
        if let Reason::OwnedBy { policy } = reason {
            let word = self.words.get(policy.index()).map_or("another policy", String::as_str);
            return format!("{word} has it");
        }
        if let Reason::Idle { idle, limit, stage } = reason {
            return format!("idle for {idle:#}, over the {limit:#} to {}", self.stage(stage));
        }
        if let Reason::DeepEnough { stage } = reason {
            return format!("the tier goes no deeper than {}", self.stage(stage));
        }
        if let Reason::Own(own) = reason {
            return own.sentence(self.view.taken_at, self);
        }
        reason.sentence(self.view.taken_at)
    }

    /// A decision as a document.
    #[must_use]
    pub fn document(&self, decision: &Decision, clock: Clock) -> Value {
        let mut told = serde_json::Map::new();
        let mut set = |key: &str, value: Value| told.insert(key.to_owned(), value);
        set("policy", self.policy(decision).into());
        set("target", self.target(decision.target).into());
        if let Verdict::Act { id, action } = decision.verdict {
            set("id", id.0.into());
            set("action", serde_json::to_value(self.action(action)).unwrap_or_default());
        }
        let reason = self.reason(&decision.reason, clock);
        set("reason", serde_json::to_value(reason).unwrap_or_default());
        set("says", format!("{}: {}", self.deed(decision), self.because(decision)).into());
        Value::Object(told)
    }

    fn unit(&self, id: UnitId) -> String {
        let name = self.names.units.get(id.index()).map(ToString::to_string);
        name.unwrap_or_else(|| format!("unit-{}", id.0))
    }
}

/// By the names that the view and its host have for them.
impl FactNames for Teller<'_> {
    fn node(&self, node: NodeId) -> String {
        self.names.node(node)
    }

    fn zone(&self, zone: ZoneId) -> String {
        let name = self.names.zones.get(zone.index()).map(ToString::to_string);
        name.unwrap_or_else(|| format!("zone-{}", zone.0))
    }

    fn tier(&self, id: TierId) -> String {
        let name = self.view.tiers().get(id.index()).map(|tier| tier.name.clone());
        name.unwrap_or_else(|| format!("tier-{}", id.0))
    }

    fn stage(&self, stage: Stage) -> String {
        Teller::stage(self, stage)
    }
}
