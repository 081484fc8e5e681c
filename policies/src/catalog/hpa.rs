//! Has services run as many replicas as what is asked of them calls for, as Kubernetes' horizontal
//! autoscaler (HPA v2) works it out. Knows no tenant and no machine; which replica stops where there
//! are to be fewer is the cluster's to choose.
//!
//! What is worked out is Kubernetes' to the figure (policies/tests/hpa_vectors.rs): rounding, tolerance,
//! replicas that are not ready or not seen, windows, rates. What the guard does is ours: where nothing
//! of a service is seen it is neither scaled down nor up, and scaling down counts as destructive.

mod advice;
mod rates;
mod replicas;
mod rules;
mod window;

pub use advice::{Advice, Scaler, Sight, Sighted, advise};
pub use rates::{Change, Rates};
pub use replicas::{Grace, Proposal, Seen, Unknown, by_average, by_part, by_share, by_whole};
pub use rules::{
    CallsEach, CallsInAll, CpuEach, CpuTarget, Down, MemoryEach, MemoryTarget, Metric, Rate,
    ReplicasPer, Scaled, Select, SharePer, Up, WaitingEach, WaitingInAll,
};
pub use window::{Recommendation, Recommendations};

use crate::kind::{ActsOn, Kind};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use seatrial_contract::config::{Keyed, Located};
use seatrial_contract::units::{Ppm, Span, percent};
use seatrial_contract::{
    Action, ClusterView, Input, Limited, Memory, MemoryError, Policy, Reason, ServiceId, Target,
    Tick, element,
};
use serde::{Deserialize, Serialize};

element! {
    /// How services follow what is asked of them. Where nothing else is said these are the figures of
    /// Kubernetes' controller manager.
    pub struct Hpa {
        /// The services that are scaled, by name.
        services: Keyed<Scaled> = Keyed::<Scaled>(Vec::new()),
        /// How often a service is looked at; at a tick, so that a longer `tick` counts.
        every: Span = Span::seconds(15),
        /// Use that is no further than this from its target is on target.
        tolerance: Ppm = percent(10),
        /// For so long after a replica began to start, its cpu is not counted while it is not ready, or
        /// was sampled while it was not.
        cpu_initialization: Span = Span::minutes(5),
        /// A replica that has been unready since no later than this after it began to start was never
        /// ready, and its cpu is not counted.
        initial_readiness: Span = Span::seconds(30),
        /// What a sample of cpu was taken over.
        sampled_over: Span = Span::seconds(15), // metrics-server's own resolution, as it is deployed.
        /// Services come down to no fewer than were called for at any time within this, unless `down`
        /// says otherwise.
        down_window: Span = Span::minutes(5),
        /// A service without `up` and `down` grows at once to no more than this times what it has,
        up_factor: Ppm = percent(200),
        /// or to this, where that is more.
        up_least: u32 = 4,
    }
}

impl Kind for Hpa {
    const ABOUT: &'static str =
        "Scales services by their use, as the HorizontalPodAutoscaler of Kubernetes does.";

    fn start(&self) -> Box<dyn Policy> {
        Box::new(HpaPolicy::new(self.clone()))
    }

    fn inputs(&self) -> Vec<Input> {
        let metrics = self.services.0.iter().flat_map(|(_, rules)| &rules.metrics);
        let mut inputs: Vec<Input> = metrics.map(Metric::input).chain([Input::Replicas]).collect();
        inputs.sort();
        inputs.dedup();
        inputs
    }

    fn acts_on(&self) -> ActsOn {
        ActsOn::Services
    }

    fn services(&self) -> Vec<&Located<String>> {
        self.services.0.iter().map(|entry| &entry.0).collect()
    }
}

pub(crate) struct HpaPolicy {
    config: Hpa,
    memory: Log,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Log {
    /// By service.
    scalers: Vec<Scaler>,
}

impl HpaPolicy {
    pub(crate) fn new(config: Hpa) -> Self {
        Self { config, memory: Log::default() }
    }

    fn service(&mut self, tick: &mut Tick<'_>, id: ServiceId) {
        let row = tick.view.service(id);
        let Some(rules) = self.config.services.get(&row.name) else { return };
        let scaler = &mut self.memory.scalers[id.index()];
        if !scaler.is_due(tick.now(), self.config.every) {
            return;
        }
        let (target, from) = (Target::Service(id), row.wanted);
        let advice = advise(&self.config, rules, scaler, &sight(tick, id));
        let (to, reason) = match advice {
            Advice::Hold(reason) => return tick.hold(target, reason),
            Advice::Scale { to, reason } => within_cap(tick, id, from, to, reason),
        };
        if tick.act(Action::Scale { service: id, from, to }, reason) {
            scaler.note(rules, tick.now(), from, to);
        }
    }
}

/// As many as the guard lets go of what is to go; all of them where it lets none go, so that it says so.
fn within_cap(
    tick: &Tick<'_>,
    service: ServiceId,
    from: u32,
    to: u32,
    mut reason: Reason,
) -> (u32, Reason) {
    let spare = tick.replicas_to_spare(service, from);
    if to >= from || spare == 0 || from - to <= spare {
        return (to, reason);
    }
    if let Reason::BelowTarget { limited, .. } = &mut reason {
        *limited = Limited::Guard;
    }
    (from - spare, reason)
}

/// What is seen of a service, with what is too old left out.
fn sight(tick: &Tick<'_>, id: ServiceId) -> Sight {
    let (view, now, stale) = (tick.view, tick.now(), tick.guard.stale_after);
    let requested = view.service(id).requested;
    let replicas = view.replicas_of(id).map(|replica| {
        let row = view.replica(replica);
        let cpu = view.replica_cpu().get(replica.index());
        let memory = view.replica_memory().get(replica.index());
        Sighted {
            state: row.state,
            since: row.since,
            started_at: row.started_at,
            requested,
            cpu: cpu.filter(|reading| reading.age(now) <= stale),
            memory: memory.filter(|reading| reading.age(now) <= stale),
        }
    });
    let calls = view.service_calls().get(id.index()).map(|reading| reading.value);
    let waiting = view.service_waiting().get(id.index()).map(|reading| reading.value);
    Sight {
        now,
        wanted: view.service(id).wanted,
        replicas: replicas.collect(),
        unseen: tick.doubt_service(id).unwrap_or(Reason::AbsentReading),
        calls: tick.doubt_calls(id).map_or(calls.ok_or(Reason::AbsentReading), Err),
        waiting: tick.doubt_waiting(id).map_or(waiting.ok_or(Reason::AbsentReading), Err),
    }
}

impl Policy for HpaPolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        let count = tick.view.services().len();
        self.memory.scalers.resize(count, Scaler::default());
        for index in 0..count {
            self.service(tick, ServiceId::at(index));
        }
    }
    fn save(&self) -> Memory {
        Memory::of(&self.memory)
    }
    fn restore(&mut self, memory: &Memory) -> Result<(), MemoryError> {
        self.memory = memory.read()?;
        Ok(())
    }
    fn fits(&self, view: &ClusterView) -> bool {
        self.memory.scalers.len() <= view.services().len()
    }
}
