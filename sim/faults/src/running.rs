//! The faults of a run: each has clocks that say when it comes, one or one for each that it may strike; what
//! lasts is kept until it is over. Knows no kind.

use crate::catalog::FaultConfig;
use crate::control::Control;
use crate::entry::Entry;
use crate::event::{Event, Hosts};
use crate::incidents::{Incidents, without_primary};
use crate::kind::{Scene, Step, Struck, Target};
use crate::planned::{Planned, Purposes};
use crate::{machines, stores};
use seatrial_contract::config::{Element, Path, Problems};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, Stream};
use seatrial_fleet::{self as fleet, Fleet, cuts};
use seatrial_format::scenario::Scenario;
use seatrial_kernel::chance::Distribution;
use seatrial_traffic::WORLD;
use std::collections::VecDeque;
use std::sync::Arc;

/// All faults of a run.
pub struct Faults {
    known: Vec<Known>,
    clocks: Vec<Clock>,
    /// Those that last; some places are free again.
    lasting: Vec<Lasting>,
    free: Vec<u32>,
    /// What is wrong with those who see and steer.
    pub control: Control,
    /// What they took.
    pub incidents: Incidents,
}

/// A fault of this run.
struct Known {
    name: String,
    planned: Planned<FaultConfig>,
    file: Option<Arc<str>>,
    /// What it strikes by chance depends on its name, and on how many of that name come before it in the file.
    purposes: Purposes,
    number: u64,
    crews: Crews,
}

/// Who repairs what a fault has struck.
#[derive(Default)]
struct Crews {
    busy: u32,
    /// Those that wait for a crew, with how long their repair takes.
    waiting: VecDeque<(u32, Span)>,
}

/// When a fault comes.
struct Clock {
    fault: usize,
    on: Option<Target>,
    /// How often it has come.
    times: u64,
    wait: Wait,
}

/// Something drawn that is waited for; what was due at another moment than this is nothing any more.
#[derive(Clone, Copy, Default)]
struct Wait {
    since: Moment,
    due: Moment,
}

/// What a fault does that is not over.
#[derive(Default)]
struct Lasting {
    clock: u32,
    began: Moment,
    struck: Struck,
    /// Whether an end of it is to come, and when.
    ends: bool,
    wait: Wait,
    /// Its incident, where that is kept.
    incident: Option<usize>,
}

impl Faults {
    /// The faults of a scenario that was checked.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let elsewhere = FaultConfig::elsewhere(scenario).into_iter();
        let mut all: Vec<_> =
            elsewhere.map(|planned| (planned.fault.word().to_owned(), planned, None)).collect();
        for table in &scenario.faults {
            let entry = Entry::read(&table.node, &Path::Root, &mut Problems::default());
            if let Some(entry) = entry {
                all.push((entry.name().to_owned(), entry.planned(), table.file.clone()));
            }
        }
        let names: Vec<String> = all.iter().map(|of| of.0.clone()).collect();
        let known = all.into_iter().enumerate().map(|(at, (name, planned, file))| Known {
            planned,
            file,
            purposes: Purposes::of(&name),
            number: names[..at].iter().filter(|other| **other == name).count() as u64,
            name,
            crews: Crews::default(),
        });
        Self {
            known: known.collect(),
            clocks: Vec::new(),
            lasting: Vec::new(),
            free: Vec::new(),
            control: Control::default(),
            incidents: Incidents::default(),
        }
    }

    /// Has each of them come for the first time.
    pub fn plan<E: Hosts>(&mut self, fleet: &mut Fleet<E>) {
        for fault in 0..self.known.len() {
            let planned = &self.known[fault].planned;
            if planned.is_each {
                for on in planned.fault.targets(fleet) {
                    self.set_clock(fault, Some(on), fleet);
                }
            } else {
                self.set_clock(fault, None, fleet);
            }
        }
    }

    /// A fault is to come from now on.
    fn set_clock<E: Hosts>(&mut self, fault: usize, on: Option<Target>, fleet: &mut Fleet<E>) {
        let clock = Clock { fault, on, times: 0, wait: Wait::default() };
        let known = &self.known[fault];
        let at = known.planned.at.sample(&mut known.stream(&clock, fleet.dice, |of| of.gap));
        // What comes at the very start comes then.
        let since = fleet.now();
        let number = numbered(self.clocks.len());
        let wait = Wait { since, due: since.after(at) };
        self.clocks.push(Clock { wait, ..clock });
        comes(wait.due, number, fleet);
    }

    /// Something happens to the fleet.
    #[inline]
    pub fn happen<E: Hosts>(&mut self, fleet: &mut Fleet<E>, event: Event) {
        match event {
            Event::Fleet(event) => {
                fleet::happen(fleet, event);
                if let fleet::Event::NodeReady(id) = event {
                    self.meet(Target::Machine(id), fleet);
                }
                self.take_note(fleet);
            }
            Event::Begins(clock) => self.begin(clock, fleet),
            Event::GoesOn(place) => self.go_on(place, fleet),
            Event::Ends(place) => self.end(place, fleet),
        }
    }

    /// Whether the process of the policies may stop by itself; it may with the place where it stands too.
    #[must_use]
    pub fn may_stop_policies(&self) -> bool {
        self.known.iter().any(|known| known.planned.fault.stops_policies())
    }

    /// Tenants that serve again.
    pub fn take_note<E: Hosts>(&mut self, fleet: &mut Fleet<E>) {
        for (id, at) in fleet.measures.machines.losses.back.drain(..) {
            self.incidents.back(id, at);
        }
    }

    /// What the fault is called that has this place among all, and how often it has come.
    pub fn names(&self) -> impl Iterator<Item = (&str, u64)> {
        self.known.iter().enumerate().map(|(at, known)| {
            let clocks = self.clocks.iter().filter(|clock| clock.fault == at);
            (known.name.as_str(), clocks.map(|clock| clock.times).sum())
        })
    }

    /// The kind of the fault that has this place among all, and how often it has come.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let kind = |of: &Known| of.planned.fault.word();
        self.known.iter().map(kind).zip(self.names().map(|of| of.1))
    }

    /// What was not there before can be struck from now on.
    fn meet<E: Hosts>(&mut self, on: Target, fleet: &mut Fleet<E>) {
        for fault in 0..self.known.len() {
            let planned = &self.known[fault].planned;
            let has_clock = || self.clocks.iter().any(|of| of.fault == fault && of.on == Some(on));
            if planned.is_each && planned.fault.targets(fleet).contains(&on) && !has_clock() {
                self.set_clock(fault, Some(on), fleet);
            }
        }
    }

    fn begin<E: Hosts>(&mut self, number: u32, fleet: &mut Fleet<E>) {
        let clock = &mut self.clocks[number as usize];
        let known = &self.known[clock.fault];
        if clock.wait.due != fleet.now() {
            return; // It was drawn anew.
        }
        if clock.on.is_some_and(|on| !on.is_there(fleet)) {
            return;
        }
        clock.times += 1;
        let dice = fleet.dice;
        let stream = known.stream(clock, dice, |of| of.strikes);
        let lost_before = without_primary(fleet);
        let (on, file) = (clock.on, known.file.as_deref());
        let mut scene = Scene { fleet, control: &mut self.control, stream, on, file };
        let struck = known.planned.fault.begin(&mut scene);
        let incident = self.incidents.begins(clock.fault, &struck, &lost_before, fleet);
        let drawn = |of: &Option<Distribution>, purpose: fn(&Purposes) -> _| {
            let stream = &mut known.stream(clock, dice, purpose);
            of.as_ref().map(|of| of.sample(stream).max(Span::nanos(1)))
        };
        let lasts = drawn(&known.planned.lasts, |of| of.lasts);
        if let Some(gap) = drawn(&known.planned.every, |of| of.gap) {
            let since = fleet.now();
            clock.wait = Wait { since, due: since.after(gap) };
            comes(clock.wait.due, number, fleet);
        }
        if lasts.is_none() && struck.script.is_empty() {
            return;
        }
        let began = fleet.now();
        let place = self.place(Lasting {
            clock: number,
            began,
            struck,
            ends: lasts.is_some(),
            wait: Wait::default(),
            incident,
        });
        self.go_on(place, fleet);
        if let Some(lasts) = lasts {
            self.repair(place, lasts, fleet);
        }
    }

    /// A crew begins to repair, or will once one is free.
    fn repair<E: Hosts>(&mut self, place: u32, lasts: Span, fleet: &mut Fleet<E>) {
        let clock = self.lasting[place as usize].clock;
        let known = &mut self.known[self.clocks[clock as usize].fault];
        if known.planned.crews.is_some_and(|crews| known.crews.busy >= crews) {
            return known.crews.waiting.push_back((place, lasts));
        }
        known.crews.busy += 1;
        let since = fleet.now();
        self.lasting[place as usize].wait = Wait { since, due: since.after(lasts) };
        fleet.later(lasts, Event::Ends(place));
    }

    /// Does what its script says for now, and comes back for the rest.
    fn go_on<E: Hosts>(&mut self, place: u32, fleet: &mut Fleet<E>) {
        let Lasting { began, struck, ends, incident, .. } = &mut self.lasting[place as usize];
        let now = fleet.now();
        while let Some((after, step)) = struck.script.front().copied() {
            let at = began.after(after);
            if at > now {
                return fleet.later(at.since(now), Event::GoesOn(place));
            }
            struck.script.pop_front();
            match step {
                Step::Return => {
                    for what in core::mem::take(&mut struck.stands) {
                        stores::bring_back(fleet, &mut self.control, what);
                    }
                }
                Step::Noticed => cuts::noticed(fleet),
                Step::Reclaim(id) => {
                    machines::reclaim(fleet, &mut self.control, id);
                    if let Some(number) = *incident {
                        self.incidents.reclaimed(number, id, *began);
                    }
                }
                Step::Lose(id) => machines::lose_one(fleet, &mut self.control, struck, id),
                Step::BringBack(id) => {
                    machines::bring_one_back(fleet, &mut self.control, struck, id);
                }
            }
            let down = core::mem::take(&mut fleet.measures.machines.losses.fresh);
            if let Some(number) = *incident {
                self.incidents.rows[number].machines.extend(&struck.machines);
                self.incidents.takes(number, down);
            }
        }
        if !*ends {
            self.free.push(place);
        }
    }

    fn end<E: Hosts>(&mut self, place: u32, fleet: &mut Fleet<E>) {
        if self.lasting[place as usize].wait.due != fleet.now() {
            return; // It was drawn anew.
        }
        let lasting = core::mem::take(&mut self.lasting[place as usize]);
        let clock = &mut self.clocks[lasting.clock as usize];
        let known = &mut self.known[clock.fault];
        let stream = known.stream(clock, fleet.dice, |of| of.ends);
        let (on, file) = (clock.on, known.file.as_deref());
        let mut scene = Scene { fleet, control: &mut self.control, stream, on, file };
        known.planned.fault.end(&mut scene, &lasting.struck);
        if let Some(number) = lasting.incident {
            self.incidents.rows[number].healed = Some(fleet.now());
            if lasting.struck.is_gray {
                self.incidents.cleared(number, fleet);
            }
        }
        if let Some(again) = &known.planned.again_after {
            let gap = again.sample(&mut known.stream(clock, fleet.dice, |of| of.gap));
            let since = fleet.now();
            clock.wait = Wait { since, due: since.after(gap.max(Span::nanos(1))) };
            comes(clock.wait.due, lasting.clock, fleet);
        }
        known.crews.busy -= 1;
        let next = known.crews.waiting.pop_front();
        // Where the script was to go on, its event finds nothing to do, and the place is free then.
        if lasting.struck.script.is_empty() {
            self.free.push(place);
        }
        if let Some((next, lasts)) = next {
            self.repair(next, lasts, fleet);
        }
    }

    fn place(&mut self, lasting: Lasting) -> u32 {
        let place = self.free.pop().unwrap_or_else(|| {
            self.lasting.push(Lasting::default());
            numbered(self.lasting.len() - 1)
        });
        self.lasting[place as usize] = lasting;
        place
    }
}

impl Faults {
    /// What is waited for is drawn anew, as it may be after it was waited for so long: from here on the future is
    /// another one.
    pub fn redraw<E: Hosts>(&mut self, fleet: &mut Fleet<E>) {
        let (now, dice) = (fleet.now(), fleet.dice);
        for number in 0..self.clocks.len() {
            let clock = &self.clocks[number];
            let planned = &self.known[clock.fault].planned;
            let gap = if clock.times == 0 { Some(&planned.at) } else { planned.gap() };
            let Some(gap) = gap.filter(|_| clock.wait.due > now) else { continue };
            let mut stream = self.known[clock.fault].stream(clock, dice, |of| of.gap);
            let wait = clock.wait.again(gap, now, &mut stream);
            self.clocks[number].wait = wait;
            comes(wait.due, numbered(number), fleet);
        }
        for place in 0..self.lasting.len() {
            let lasting = &self.lasting[place];
            let Some(clock) = self.clocks.get(lasting.clock as usize) else { continue };
            let known = &self.known[clock.fault];
            let lasts = known.planned.lasts.as_ref();
            let Some(lasts) = lasts.filter(|_| lasting.wait.due > now) else { continue };
            let mut stream = known.stream(clock, dice, |of| of.lasts);
            let wait = lasting.wait.again(lasts, now, &mut stream);
            self.lasting[place].wait = wait;
            fleet.later(wait.due.since(now), Event::Ends(numbered(place)));
        }
    }
}

impl Wait {
    /// Drawn anew, knowing that it has lasted until now.
    fn again(self, of: &Distribution, now: Moment, stream: &mut Stream) -> Self {
        let waited = now.since(self.since);
        let mut draws = (0..REDRAWS_MOST).map(|_| of.sample(stream));
        match draws.find(|span| *span > waited) {
            Some(span) => Self { since: self.since, due: self.since.after(span) },
            None => self,
        }
    }
}

/// What has lasted longer than all but one in so many is left as it is.
const REDRAWS_MOST: u32 = 100_000;

impl Known {
    /// The chance of one time that it comes at a clock.
    fn stream(
        &self,
        clock: &Clock,
        dice: Dice,
        purpose: fn(&Purposes) -> seatrial_contract::Purpose,
    ) -> Stream {
        let on = clock.on.map_or(0, |on| match on {
            Target::Machine(id) => 1 + u64::from(id.0),
            Target::Place(place) => 1 + place.number(),
            Target::Database(at) => 1 + u64::from(at),
        });
        dice.turn(on << 32 | self.number, purpose(&self.purposes), clock.times)
    }
}

/// The fault at a clock comes then, if the run goes on for so long.
fn comes<E: Hosts>(at: Moment, clock: u32, fleet: &mut Fleet<E>) {
    if at <= fleet.schedule.ends_at {
        fleet.schedule.agenda.schedule(at, WORLD, Event::Begins(clock).into());
    }
}

fn numbered(number: usize) -> u32 {
    u32::try_from(number).expect("faults can be numbered")
}
