//! Action → change of the world, after the time it takes to reach its target. An action whose
//! precondition no longer holds is refused. Knows no policy and no reason.

use crate::World;
use crate::event::{Event, STEER};
use crate::fork::fork;
use crate::incidents::answered;
use crate::lives;
use crate::living::Meanwhile;
use seatrial_contract::units::Span;
use seatrial_contract::{Action, Decision, Purpose, Verdict};
use seatrial_faults::Step;
use seatrial_fleet::{actions, cuts};

const LOST: Purpose = Purpose::new("lost action");

impl World {
    /// The policies look, and their actions set out; the next tick is planned.
    pub(crate) fn tick(&mut self) {
        let next = self.fleet.now().after(self.setting.tick);
        self.fleet.schedule.agenda.schedule(next, STEER, Event::Tick);
        if self.faults.control.policies_down > 0 {
            let (now, tick) = (self.fleet.now(), self.setting.tick);
            return self.log.misses(now, tick);
        }
        fork(self);
        if self.saved.start_again(self.faults.control.restarts, self.pilot.as_deref_mut()) {
            // What was looked at after it was saved is forgotten: it looks at everything anew.
            self.view.touch_all();
        }
        self.lose_the_unseen();
        self.tick_and(|world, action| {
            let (now, later) = (world.fleet.now(), world.faults.control.delay());
            match world.acting.send(action, now, later) {
                None => world.apply(action),
                Some(at) => world.fleet.schedule.agenda.schedule(at, STEER, Event::Acted),
            }
        });
        self.saved.keep(self.pilot.as_deref(), self.fleet.now());
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
        let now = self.fleet.now();
        // A clock that is set back goes on more slowly until time has come to where it was, as the bridge's does.
        let (clock, told) = (self.faults.control.clock(now), self.view.taken_at);
        let slower = Span(self.setting.tick.0 / 8 * 7);
        self.view.taken_at = if clock < told { told.after(slower) } else { clock };
        let mut count = 0;
        pilot.tick(&self.view, self.fleet.dice);
        let decisions = pilot.decided();
        if let Some(listener) = &mut self.listener {
            listener.turn(
                now,
                (&self.view, &self.fleet.design),
                &self.setting.policy_words,
                &pilot,
            );
        }
        for decision in &decisions.all {
            let (verdict, reason) = match &decision.verdict {
                Verdict::Hold => ("hold", decision.reason.word()),
                Verdict::Act { action, .. } => (action.word(), decision.reason.word()),
            };
            let policy = self.log.policy(decision.policy);
            self.log.count((policy.0, verdict, reason));
            let Verdict::Act { action, .. } = decision.verdict else { continue };
            count += 1;
            answered(&mut self.faults.incidents, &self.fleet, action, Step::Decided, now);
            if self.fleet.schedule.has_begun {
                self.log.actions.push((now, Decision { policy, ..*decision }));
            }
            deed(self, action);
        }
        self.view.settle();
        self.pilot = Some(pilot);
        count
    }

    /// An action arrives: it is done, or refused where its precondition no longer holds.
    pub(crate) fn apply(&mut self, action: Action) {
        let control = &self.faults.control;
        let is_lost = !control.loses.is_empty() && {
            self.log.actions_lost += 1;
            let mut stream = self.fleet.dice.turn(0, LOST, self.log.actions_lost);
            control.loses(stream.below(1_000_000))
        };
        let arrives = control.rejects == 0 && !is_lost && cuts::arrives(&self.fleet, action);
        let done = arrives && actions::apply(&mut self.fleet, action);
        if done {
            let now = self.fleet.now();
            answered(&mut self.faults.incidents, &self.fleet, action, Step::Acted, now);
            lives::pass(self, Meanwhile::Action(action));
        }
        self.fleet.measures.counts.refused += u64::from(!done);
    }
}
