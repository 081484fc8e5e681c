//! What disturbs a fleet: something is lost, cut off or slowed from a moment on, perhaps until another. One
//! kind a file, and one line in `catalog.rs`. Knows no cure: what fails over, starts anew or is replaced
//! does so where it stands, in `seatrial-traffic` and `seatrial-fleet`.

mod catalog;
mod entry;
mod event;
mod kind;
mod machines;

pub use event::{Event, Hosts};

use catalog::FaultConfig;
use entry::Entry;
use kind::Struck;
use seatrial_contract::config::{Element, Path, Problems, Shape};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, Purpose};
use seatrial_fleet::Fleet;
use seatrial_format::scenario::Scenario;
use seatrial_kernel::agenda::Agenda;
use seatrial_kernel::chance::Distribution;
use seatrial_traffic::WORLD;

/// What a table `[[faults]]` may say, kind by kind.
#[must_use]
pub fn shape() -> Shape {
    Entry::shape()
}

/// Adds what is wrong with the faults of a scenario.
pub fn check(scenario: &Scenario, problems: &mut Problems) {
    each(scenario, problems, |entry, path, problems| entry.check(path, scenario, problems));
}

/// Adds what is odd about the faults of a scenario that was checked.
pub fn warnings(scenario: &Scenario, problems: &mut Problems) {
    each(scenario, problems, |entry, path, problems| entry.warn(path, scenario, problems));
}

/// Looks at each that can be read; says why others cannot.
fn each(
    scenario: &Scenario,
    problems: &mut Problems,
    look: impl Fn(&Entry, &Path<'_>, &mut Problems),
) {
    let section = Path::Key(&Path::Root, "faults");
    for (index, table) in scenario.faults.iter().enumerate() {
        let path = Path::Index(&section, index);
        if let Some(entry) = Entry::read(&table.0, &path, problems) {
            look(&entry, &path, problems);
        }
    }
}

/// A fault, and when it comes.
struct Planned<F> {
    fault: F,
    /// When it comes first, counted from the start of the run.
    at: Distribution,
    /// After which it comes again.
    every: Option<Distribution>,
    /// None that is never over.
    lasts: Option<Distribution>,
}

impl<F> Planned<F> {
    /// One that comes once.
    fn once(fault: F, at: Span, lasts: Option<Span>) -> Self {
        Self {
            fault,
            at: Distribution::Fixed(at),
            every: None,
            lasts: lasts.map(Distribution::Fixed),
        }
    }
}

/// All faults of a run.
pub struct Faults {
    known: Vec<Known>,
    /// Those that last, by their numbers, and what they struck; some places are free again.
    lasting: Vec<(usize, Struck)>,
    free: Vec<u32>,
}

/// A fault of this run.
struct Known {
    planned: Planned<FaultConfig>,
    /// What it strikes by chance depends on its name, and on how many of that name come before it in the file.
    purposes: Purposes,
    number: u64,
    /// How often it has come.
    times: u64,
}

/// What a fault draws for.
struct Purposes {
    strikes: Purpose,
    gap: Purpose,
    lasts: Purpose,
}

impl Purposes {
    fn of(name: &str) -> Self {
        let purpose = |what: &str| Purpose::new(&format!("fault {name}: {what}"));
        Self { strikes: purpose("strikes"), gap: purpose("gap"), lasts: purpose("lasts") }
    }
}

impl Faults {
    /// The faults of a scenario that was checked.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let elsewhere = FaultConfig::elsewhere(scenario).into_iter();
        let mut all: Vec<(String, Planned<FaultConfig>)> =
            elsewhere.map(|planned| (planned.fault.word().to_owned(), planned)).collect();
        let read = |table: &_| Entry::read(table, &Path::Root, &mut Problems::default());
        for entry in scenario.faults.iter().filter_map(|table| read(&table.0)) {
            all.push((entry.name().to_owned(), entry.planned()));
        }
        let names: Vec<String> = all.iter().map(|(name, _)| name.clone()).collect();
        let known = all.into_iter().enumerate().map(|(at, (name, planned))| Known {
            planned,
            purposes: Purposes::of(&name),
            number: names[..at].iter().filter(|other| **other == name).count() as u64,
            times: 0,
        });
        Self { known: known.collect(), lasting: Vec::new(), free: Vec::new() }
    }

    /// Has each of them come for the first time in a run that starts then.
    pub fn plan<E: Hosts>(&self, starts: Moment, dice: Dice, agenda: &mut Agenda<E>) {
        for (number, known) in self.known.iter().enumerate() {
            let mut stream = dice.turn(known.number, known.purposes.gap, 0);
            let at = starts.after(known.planned.at.sample(&mut stream));
            agenda.schedule(at, WORLD, Event::Begins(numbered(number)).into());
        }
    }

    /// Something happens to the fleet.
    #[inline]
    pub fn happen<E: Hosts>(&mut self, fleet: &mut Fleet<E>, event: Event) {
        match event {
            Event::Fleet(event) => seatrial_fleet::happen(fleet, event),
            Event::Begins(number) => self.begin(number as usize, fleet),
            Event::Ends(number) => {
                let (fault, struck) = &mut self.lasting[number as usize];
                let struck = core::mem::take(struck);
                self.free.push(number);
                self.known[*fault].planned.fault.end(fleet, &struck);
            }
        }
    }

    fn begin<E: Hosts>(&mut self, number: usize, fleet: &mut Fleet<E>) {
        let dice = fleet.dice;
        let known = &mut self.known[number];
        known.times += 1;
        let mut stream = dice.turn(known.number, known.purposes.strikes, known.times);
        let struck = known.planned.fault.begin(fleet, &mut stream);
        if let Some(lasts) = &known.planned.lasts {
            let mut stream = dice.turn(known.number, known.purposes.lasts, known.times);
            let lasts = lasts.sample(&mut stream).max(Span::nanos(1));
            let place = self.free.pop().unwrap_or_else(|| {
                self.lasting.push((0, Struck::default()));
                numbered(self.lasting.len() - 1)
            });
            self.lasting[place as usize] = (number, struck);
            fleet.later(lasts, Event::Ends(place));
        }
        if let Some(gap) = known.gap(dice) {
            fleet.later(gap, Event::Begins(numbered(number)));
        }
    }
}

impl Known {
    /// After which it comes again.
    fn gap(&self, dice: Dice) -> Option<Span> {
        let mut stream = dice.turn(self.number, self.purposes.gap, self.times);
        let every = self.planned.every.as_ref()?;
        Some(every.sample(&mut stream).max(Span::nanos(1)))
    }
}

fn numbered(number: usize) -> u32 {
    u32::try_from(number).expect("faults can be numbered")
}
