//! Has a service go back to the release that it ran before where the new one answers with failures that the one
//! before did not have. Goes back once: what ran before that is not tried. Knows no machine and no tenant.

use crate::answers::{Recent, failed, fresh};
use crate::kind::{ActsOn, Kind};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use seatrial_contract::units::{Moment, Ppm, Span, percent};
use seatrial_contract::view::Answers;
use seatrial_contract::{
    Action, ClusterView, Declared, Input, Memory, MemoryError, Policy, ServiceId, Target, Tick,
    element, reasons,
};
use serde::{Deserialize, Serialize};

element! {
    /// When a release is taken for a bad one.
    pub struct RevertRelease {
        /// So much larger must the share of failures be than under the release before. J.
        fails: Ppm = percent(5),
        /// How many answers of the new release must have been seen. J.
        least: NonZeroU32 = NonZeroU32::new(50).unwrap_or(NonZeroU32::MIN),
        /// Answers of this long count. J.
        over: Span = Span::minutes(2),
        /// A release that has run for longer is not gone back from: what fails then has another cause. J.
        within: Span = Span::hours(1),
    }
}

reasons! {
    /// Too many answers of a new release are failures.
    pub ReleaseFails = "release-fails": "{failed} of its {all} answers were failures; before it {before}" {
        failed: u32,
        all: u32,
        before: Ppm,
    }
    /// It fails, and there is no release to go back to.
    pub NoReleaseBefore = "no-release-before": "{failed} of its {all} answers were failures, and there is no release to go back to" {
        failed: u32,
        all: u32,
    }
}

impl Kind for RevertRelease {
    const ABOUT: &'static str =
        "Goes back to the release before where the new one answers with failures.";
    const REASONS: &'static [&'static Declared] = REASONS;

    fn start(&self) -> Box<dyn Policy> {
        Box::new(RevertReleasePolicy { config: self.clone(), memory: Seen::default() })
    }

    fn inputs(&self) -> Vec<Input> {
        [Input::Replicas, Input::ReplicaAnswers].into()
    }

    fn acts_on(&self) -> ActsOn {
        ActsOn::Replicas
    }
}

struct RevertReleasePolicy {
    config: RevertRelease,
    memory: Seen,
}

/// What was seen of services, by their numbers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    services: Vec<OfService>,
}

/// What was seen of one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfService {
    release: u32,
    /// The share of failures under the release before.
    before: Ppm,
    seen_until: Moment,
    /// What is seen next still tells of the release before too.
    is_mixed: bool,
    recent: Recent,
}

impl RevertReleasePolicy {
    /// Looks at a service's answers since the last look; says what the release that runs answered of late.
    fn look(&mut self, tick: &Tick<'_>, id: ServiceId) -> Answers {
        let (view, now, of) = (tick.view, tick.now(), &mut self.memory.services[id.index()]);
        let release = view.service(id).release;
        if of.release != release.number {
            of.recent.keep(now, self.config.over, Moment::START);
            let before = of.recent.sum();
            // Whoever went back is measured by what was before that too, and a few answers say nothing.
            if release.number > of.release && before.all >= self.config.least.get() {
                of.before = failed(before);
            }
            of.release = release.number;
            of.recent = Recent::default();
            of.seen_until = of.seen_until.max(release.since);
            of.is_mixed = true;
        }
        let replicas = view.replicas_of(id);
        let stale = tick.guard.stale_after;
        let all: Vec<_> =
            replicas.filter_map(|of_it| fresh(view, of_it, of.seen_until, stale)).collect();
        of.seen_until = all.iter().map(|of| of.seen_at).fold(of.seen_until, Moment::max);
        let is_mixed = of.is_mixed;
        of.is_mixed = is_mixed && all.is_empty();
        if !is_mixed {
            all.into_iter().for_each(|reading| of.recent.add(reading));
        }
        of.recent.keep(now, self.config.over, release.since);
        of.recent.sum()
    }

    fn service(&mut self, tick: &mut Tick<'_>, id: ServiceId) {
        let Answers { all, failed: failures } = self.look(tick, id);
        let (release, before) =
            (tick.view.service(id).release, self.memory.services[id.index()].before);
        let worse = failed(Answers { all, failed: failures }).0.saturating_sub(before.0);
        let is_young = tick.now().since(release.since) <= self.config.within;
        if all < self.config.least.get() || worse < self.config.fails.0 || !is_young {
            return;
        }
        let Some(to) = release.before else {
            return tick.hold(Target::Service(id), NoReleaseBefore { failed: failures, all });
        };
        let action = Action::RevertRelease { service: id, from: release.number, to };
        tick.act(action, ReleaseFails { failed: failures, all, before });
    }
}

impl Policy for RevertReleasePolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        let count = tick.view.services().len();
        self.memory.services.resize_with(count, OfService::default);
        (0..count).for_each(|index| self.service(tick, ServiceId::at(index)));
    }

    fn save(&self) -> Memory {
        Memory::of(&self.memory)
    }

    fn restore(&mut self, memory: &Memory) -> Result<(), MemoryError> {
        self.memory = memory.read()?;
        Ok(())
    }

    fn fits(&self, view: &ClusterView) -> bool {
        self.memory.services.len() <= view.services().len()
    }
}
