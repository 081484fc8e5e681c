//! The last tick before a moment: what the policies saw, what they decided on it, and what was in flight.

use super::story::{Story, Subject};
use super::teller;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{Health, Phase, ReplicaState, ViewDocument};
use seatrial_contract::{ClusterView, Flight, FlightState, ServiceId, Verdict};
use seatrial_host::Ticked;
use seatrial_record::{DecidedRow, FlightRow, SeenRow};
use std::collections::BTreeMap;

/// Somebody who looks on until a moment.
#[derive(Default)]
pub(super) struct Looking {
    starts: Moment,
    until: Moment,
    tick: Span,
    /// The last tick that there was.
    pub(super) last_tick: Option<Moment>,
    /// The last tick before the moment, if it is no further from it than ticks are from each other.
    pub(super) moment: Option<Snapshot>,
    pub(super) story: Option<Story>,
}

/// A tick.
pub(super) struct Snapshot {
    pub(super) looked: u64,
    pub(super) seen: Vec<SeenRow>,
    pub(super) decided: Vec<DecidedRow>,
    pub(super) flights: Vec<FlightRow>,
    pub(super) document: ViewDocument,
}

impl Looking {
    pub(super) fn new(subject: Option<Subject>, starts: Moment, until: Moment, tick: Span) -> Self {
        let story = subject.map(|subject| Story::new(subject, starts));
        Self { starts, until, tick, story, ..Self::default() }
    }

    pub(super) fn tick(&mut self, ticked: &Ticked<'_>) {
        self.last_tick = Some(ticked.at);
        if let Some(story) = &mut self.story {
            story.tick(ticked);
        }
        // Another one may come before it; at the last that there was, none does.
        if ticked.at.after(self.tick) > self.until {
            self.moment = Some(self.snapshot(ticked));
        }
    }

    fn snapshot(&self, ticked: &Ticked<'_>) -> Snapshot {
        Snapshot {
            looked: ticked.at.since(self.starts).0,
            seen: seen(ticked.view),
            decided: decided(ticked),
            flights: self.flights(ticked),
            document: ViewDocument::of(ticked.view, ticked.names),
        }
    }

    fn flights(&self, ticked: &Ticked<'_>) -> Vec<FlightRow> {
        let teller = teller(ticked);
        let flights = ticked.book.flights().filter(|of| of.state != FlightState::Spent);
        let row = |of: &Flight| FlightRow {
            target: teller.target(of.action.target()),
            what: teller.does(of.action),
            policy: ticked.words.get(of.policy.index()).cloned().unwrap_or_default(),
            since: of.since.since(self.starts).0,
            due: of.due.since(self.starts).0,
            failures: of.failures,
            waits: of.state == FlightState::Flying,
        };
        let mut rows: Vec<FlightRow> = flights.map(row).collect();
        rows.sort_by_key(|of| of.since);
        rows
    }
}

/// What was decided: each action, and how many were left alone for the same reason.
fn decided(ticked: &Ticked<'_>) -> Vec<DecidedRow> {
    let teller = teller(ticked);
    let mut rows: Vec<DecidedRow> = Vec::new();
    let mut places: BTreeMap<(usize, &'static str), usize> = BTreeMap::new();
    for decision in &ticked.decided.all {
        let key = (decision.policy.index(), decision.reason.word());
        let is_hold = matches!(decision.verdict, Verdict::Hold);
        if let Some(at) = places.get(&key).filter(|_| is_hold) {
            rows[*at].count += 1;
            continue;
        }
        if is_hold {
            places.insert(key, rows.len());
        }
        rows.push(DecidedRow {
            policy: teller.policy(decision).to_owned(),
            count: 1,
            target: teller.target(decision.target),
            what: teller.deed(decision),
            why: teller.because(decision),
        });
    }
    // What is done comes before what is left.
    rows.sort_by_key(|of| of.what == "hold");
    rows
}

/// The cluster in a few rows.
fn seen(view: &ClusterView) -> Vec<SeenRow> {
    let mut rows = Vec::new();
    let mut row = |of: String, is: String| rows.push(SeenRow { of, is });
    for pool in view.pools() {
        let sums = &pool.sums;
        let parts = [
            (sums.ready, "ready"),
            (sums.booting, "on their way"),
            (sums.closed, "closed"),
            (sums.lost, "lost"),
            (sums.tenants, "tenants"),
        ];
        row(format!("pool {}", pool.name), told(&parts));
    }
    let mut stages: BTreeMap<(u8, String), u32> = BTreeMap::new();
    let mut phases: BTreeMap<Phase, u32> = BTreeMap::new();
    let mut waiting = 0;
    for tenant in view.tenants() {
        *phases.entry(tenant.phase).or_default() += 1;
        if tenant.phase == Phase::Gone {
            continue;
        }
        waiting += u32::from(tenant.wanted_since.is_some());
        let name = view.stages().name(tenant.stage).to_owned();
        *stages.entry((tenant.stage.0, name)).or_default() += 1;
    }
    let stages: Vec<(u32, &str)> = stages.iter().map(|(of, count)| (*count, &*of.1)).collect();
    row("tenants by stage".to_owned(), told(&stages));
    let phases: Vec<(u32, &str)> = phases.iter().map(|(of, count)| (*count, of.word())).collect();
    row("tenants by phase".to_owned(), told(&phases));
    row("tenants that somebody waits for".to_owned(), waiting.to_string());
    for (id, service) in view.services().iter().enumerate() {
        let id = ServiceId::at(id);
        let ready =
            view.replicas_of(id).filter(|id| view.replica(*id).state == ReplicaState::Ready);
        let is = format!("{} of {} wanted are ready", ready.count(), service.wanted);
        row(format!("service {}", service.name), is);
    }
    for (id, name) in view.databases().iter().enumerate() {
        let Some(of) = view.database_states().get(id) else { continue };
        let of = of.value;
        let parts = [(of.backing_up, "being backed up"), (of.restoring, "being restored")];
        let more = parts.into_iter().filter(|of| of.0).map(|of| format!(", {}", of.1));
        let health: Health = of.health;
        row(format!("database {name}"), health.word().to_owned() + &more.collect::<String>());
    }
    rows
}

/// What there is of several, and nothing of what there is not.
fn told(parts: &[(u32, &str)]) -> String {
    let parts = parts.iter().filter(|of| of.0 > 0).map(|(count, what)| format!("{count} {what}"));
    let told = parts.collect::<Vec<_>>().join(", ");
    if told.is_empty() { "none".to_owned() } else { told }
}
