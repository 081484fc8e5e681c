//! Action → change of the world, after the time it takes to reach its target. An action whose
//! precondition no longer holds is refused. Knows no policy and no reason.

use crate::World;
use crate::event::{Event, STEER};
use seatrial_contract::units::Span;
use seatrial_contract::{Action, Verdict};
use seatrial_fleet::actions;

impl World {
    /// The policies look, and their actions set out; the next tick is planned.
    pub(crate) fn tick(&mut self) {
        let next = self.fleet.now().after(self.setting.tick);
        self.fleet.schedule.agenda.schedule(next, STEER, Event::Tick);
        self.lose_the_unseen();
        self.tick_and(|world, action| {
            if world.acting.delay == Span::ZERO {
                return world.apply(action);
            }
            world.acting.flying.push_back(action);
            let arrives = world.fleet.now().after(world.acting.delay);
            world.fleet.schedule.agenda.schedule(arrives, STEER, Event::Acted);
        });
    }

    /// The oldest action on its way arrives.
    pub(crate) fn acted(&mut self) {
        if let Some(action) = self.acting.flying.pop_front() {
            self.apply(action);
        }
    }

    /// Has the pilot look, notes its decisions, and hands each action to `deed`. Says how many
    /// there were.
    pub(crate) fn tick_and(&mut self, mut deed: impl FnMut(&mut Self, Action)) -> usize {
        let Some(mut pilot) = self.pilot.take() else { return 0 };
        self.view.taken_at = self.fleet.now();
        let mut count = 0;
        pilot.tick(&self.view, self.fleet.dice);
        let decisions = pilot.decided();
        if let Some(logbook) = &mut self.logbook {
            logbook.turn(&self.view, &self.fleet.design, decisions, &pilot);
        }
        for decision in &decisions.all {
            let (verdict, reason) = match &decision.verdict {
                Verdict::Hold => ("hold", decision.reason.word()),
                Verdict::Act { action, .. } => (action.word(), decision.reason.word()),
            };
            self.log.count((decision.policy.0, verdict, reason));
            let Verdict::Act { action, .. } = decision.verdict else { continue };
            count += 1;
            if self.fleet.schedule.has_begun {
                self.log.actions.push((self.view.taken_at, *decision));
            }
            deed(self, action);
        }
        self.view.settle();
        self.pilot = Some(pilot);
        count
    }

    /// An action arrives: it is done, or refused where its precondition no longer holds.
    pub(crate) fn apply(&mut self, action: Action) {
        let done = actions::apply(&mut self.fleet, action);
        self.fleet.measures.counts.refused += u64::from(!done);
    }
}
