//! Hands what is seen to the pilot, tick after tick, and writes all of it into the logbook. What it
//! decides is told and written down; nothing here can carry it out.

mod keeper;
mod look;

pub use keeper::KeepError;

use crate::clock::{Clocks, Step, SystemClocks, Timeline};
use crate::config::Bridge;
use crate::drivers::{Source, sources};
use crate::registry::{Note, Registry};
use keeper::Keeper;
use look::{Looked, look_after};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Decision, Decisions, Dice, Verdict};
use seatrial_policies::{Pilot, PilotMemory, PolicyFile, Teller};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// What the bridge does with what it sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Writes it down.
    Observe,
    /// Lets the policies decide on it, too, and writes down what they would do.
    Shadow,
}

/// What is told while it goes on.
pub enum Told<'a> {
    /// Something happened.
    Note(&'a Note),
    /// A policy would act.
    Would {
        /// When.
        at: Moment,
        /// What, and why.
        decision: &'a Decision,
        /// Knows what things are called.
        teller: &'a Teller<'a>,
    },
}

/// What there was, once it is over.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// Ticks written down.
    pub turns: u64,
    /// Actions by their word.
    pub actions: BTreeMap<&'static str, u64>,
    /// Holds by the word of their reason.
    pub holds: BTreeMap<&'static str, u64>,
    /// The last view's machines and tenants.
    pub seen: (usize, u32),
}

/// Watches until `stop` is done.
///
/// # Errors
/// When the logbook cannot be kept.
pub async fn watch(
    bridge: Bridge,
    mode: Mode,
    stop: impl Future<Output = ()>,
    tell: &mut dyn FnMut(Told<'_>),
) -> Result<Ending, KeepError> {
    watch_by(Arc::new(SystemClocks), bridge, mode, stop, tell).await
}

/// The same by other clocks than the machine's.
///
/// # Errors
/// When the logbook cannot be kept.
pub async fn watch_by(
    clocks: Arc<dyn Clocks>,
    mut bridge: Bridge,
    mode: Mode,
    stop: impl Future<Output = ()>,
    tell: &mut dyn FnMut(Told<'_>),
) -> Result<Ending, KeepError> {
    let time = Arc::new(Timeline::new(clocks));
    let registry = Registry::of(&bridge);
    let every = Duration::from_nanos(bridge.policies.tick.0.0);
    let (keeper, kept, notes) = Keeper::open(&mut bridge, mode, registry, &time)?;
    notes.iter().for_each(|note| tell(Told::Note(note)));
    let mut watch = Watch {
        mode,
        keeper,
        registry: kept.registry,
        pilot: kept.pilot,
        dice: Dice::new(bridge.seed),
        words: bridge.policies.names(),
        policies: bridge.policies.clone(),
        time: Arc::clone(&time),
        failing: BTreeSet::new(),
        unwritten: false,
        tell,
        ending: Ending::default(),
    };
    watch.run(sources(bridge, &time), every, stop).await;
    watch.ending.seen =
        (watch.registry.view().nodes().len(), watch.registry.view().tenants_present());
    Ok(watch.ending)
}

struct Watch<'a> {
    mode: Mode,
    keeper: Keeper,
    registry: Registry,
    pilot: Pilot,
    dice: Dice,
    /// What the policies are called.
    words: Vec<String>,
    policies: PolicyFile,
    time: Arc<Timeline>,
    /// Sources that could not be read at the last look.
    failing: BTreeSet<String>,
    /// The last tick could not be written.
    unwritten: bool,
    tell: &'a mut dyn FnMut(Told<'_>),
    ending: Ending,
}

impl Watch<'_> {
    async fn run(&mut self, sources: Vec<Source>, every: Duration, stop: impl Future<Output = ()>) {
        let (sender, mut looked) = mpsc::channel(sources.len().max(1) * 2);
        let mut silent: BTreeSet<String> = sources.iter().map(ToString::to_string).collect();
        let looking = look_after(sources, &sender, &self.time);
        // Nothing is decided on a cluster of which half was not looked at yet; nobody is waited
        // for longer than one tick, and at least so long that cpu, a rate, is known.
        let mut ticks = interval_at(Instant::now() + every, every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let patience = Instant::now() + every.max(Duration::from_secs(10));
        tokio::pin!(stop);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(one) = looked.recv() => {
                    silent.remove(&one.source);
                    self.take(one);
                }
                _ = ticks.tick() => {
                    if silent.is_empty() || Instant::now() >= patience {
                        self.turn();
                    }
                }
            }
        }
        looking.abort();
    }

    fn take(&mut self, looked: Looked) {
        let Looked { source, at, seen } = looked;
        match seen {
            Ok(sighting) => {
                if self.failing.remove(&source) {
                    self.say(at, format!("{source} can be read again"));
                }
                for note in self.registry.take(&source, sighting, at) {
                    (self.tell)(Told::Note(&note));
                }
            }
            Err(error) => {
                if self.failing.insert(source.clone()) {
                    self.say(at, format!("{source} cannot be read: {error}"));
                }
            }
        }
    }

    fn say(&mut self, at: Moment, text: String) {
        (self.tell)(Told::Note(&Note { at, text }));
    }

    /// One tick: it is written, and only then told.
    fn turn(&mut self) {
        self.look_at_the_clock();
        let now = self.time.now();
        for note in self.registry.ready(now) {
            (self.tell)(Told::Note(&note));
        }
        if let Err(error) = self.keeper.make_room(&self.pilot) {
            return self.lost(now, &error);
        }
        let before = (self.mode == Mode::Shadow).then(|| self.pilot.save());
        let decided = match self.mode {
            Mode::Observe => Decisions::default(),
            Mode::Shadow => self.pilot.tick(self.registry.view(), self.dice).clone(),
        };
        let (view, names) = (self.registry.view(), self.registry.names());
        if let Err(error) = self.keeper.write(view, names, &decided) {
            before.iter().for_each(|memory| self.forget_tick(now, memory));
            return self.lost(now, &error);
        }
        if core::mem::take(&mut self.unwritten) {
            self.say(now, "the logbook can be written again".to_owned());
        }
        self.tell_decided(now, &decided);
        self.registry.settle();
        self.ending.turns += 1;
    }

    fn tell_decided(&mut self, now: Moment, decided: &Decisions) {
        let (view, names) = (self.registry.view(), self.registry.names());
        let teller = Teller { words: &self.words, names, view };
        for decision in &decided.all {
            match decision.verdict {
                Verdict::Act { action, .. } => {
                    *self.ending.actions.entry(action.word()).or_default() += 1;
                    (self.tell)(Told::Would { at: now, decision, teller: &teller });
                }
                Verdict::Hold => {
                    *self.ending.holds.entry(decision.reason.word()).or_default() += 1;
                }
            }
        }
    }

    /// What could not be written down is not decided: nobody could say why. What changed stays in
    /// the view for the next tick.
    fn lost(&mut self, now: Moment, error: &KeepError) {
        if !core::mem::replace(&mut self.unwritten, true) {
            self.say(now, format!("nothing is decided until this ends: {error}"));
        }
    }

    /// The pilot goes on as if the tick had not been.
    fn forget_tick(&mut self, now: Moment, memory: &PilotMemory) {
        self.pilot = Pilot::new(&self.policies);
        if let Err(error) = self.pilot.restore(memory) {
            self.say(now, format!("the policies begin with nothing remembered: {error}"));
        }
    }

    fn look_at_the_clock(&mut self) {
        let Some(step) = self.time.step() else { return };
        let now = self.time.now();
        match step {
            Step::Ahead(by) => {
                let old = self.policies.guard.stale_after.saturating_add(Span::seconds(1));
                self.registry.trust_nothing(now, old);
                self.say(
                    now,
                    format!(
                        "this machine's clock went ahead by {by}: nothing counts as seen until it \
                         is seen again"
                    ),
                );
            }
            Step::Back(by) => self.say(
                now,
                format!(
                    "this machine's clock went back by {by}: time goes on as before, and weekdays \
                     and hours are ahead by as much until the clock has caught up"
                ),
            ),
        }
    }
}

#[cfg(test)]
mod tests;
