//! What the bridge says to people: what policies would do on stdout, what happens on stderr.

use seatrial_bridge::{Ending, Mode, Report, Told};
use seatrial_contract::outside;
use seatrial_policies::Clock;
use std::io::Write;

/// A note may name several places and what was seen there.
const NOTE_MAX: usize = 1_000;

/// Writes a line to stderr; a reader that went away is no fault.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}", outside::page(line));
}

/// Writes a result to stdout; a reader that went away is no fault.
pub fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", outside::page(text));
}

/// Writes a document to stdout.
pub fn print_json(document: &impl serde::Serialize) {
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    let _ = writeln!(std::io::stdout(), "{}", outside::json(&text));
}

/// Tells what happens, as it happens.
pub struct Teller {
    quiet: bool,
}

impl Teller {
    /// One that is quiet about all but what policies would do.
    pub fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Tells one thing.
    pub fn tell(&mut self, told: &Told<'_>) {
        match told {
            Told::Note(_) if self.quiet => {}
            Told::Note(note) => {
                say(&format!(
                    "{} {}",
                    Clock::Utc.tell(note.at),
                    outside::line(&note.text, NOTE_MAX)
                ));
            }
            Told::Would { at, decision, teller } => print(&format!(
                "{} {} would {} ({}): {}",
                Clock::Utc.tell(*at),
                teller.target(decision.target),
                teller.deed(decision),
                teller.policy(decision),
                teller.because(decision)
            )),
        }
    }

    /// Says what there was.
    pub fn end(&self, mode: Mode, ending: &Ending) {
        if self.quiet {
            return;
        }
        let (machines, tenants) = ending.seen;
        say(&format!(
            "{} ticks; at the end {machines} machines and {tenants} tenants",
            ending.turns
        ));
        if mode == Mode::Observe {
            return;
        }
        let list = |counts: &std::collections::BTreeMap<&str, u64>| match counts.len() {
            0 => "none".to_owned(),
            _ => {
                let all = counts.iter().map(|(word, count)| format!("{count} {word}"));
                all.collect::<Vec<_>>().join(", ")
            }
        };
        say(&format!("would have done: {}", list(&ending.actions)));
        say(&format!("held: {}", list(&ending.holds)));
    }
}

/// What a check found.
pub fn report(report: &Report) -> String {
    let mut text = String::new();
    let width = report.sources.iter().map(|one| one.source.chars().count()).max().unwrap_or(0);
    for one in &report.sources {
        text += &match (&one.shows, &one.error) {
            (Some(shows), _) => {
                let shows = outside::line(shows, NOTE_MAX);
                format!("reached  {:width$}  {}: {shows}\n", one.source, outside::name(&one.place))
            }
            (None, error) => {
                let error = error.as_deref().unwrap_or("nothing was seen");
                format!("cannot   {:width$}  {}\n", one.source, outside::sentence(error))
            }
        };
    }
    for note in &report.notes {
        text += &format!("note     {}\n", outside::line(note, NOTE_MAX));
    }
    for one in &report.inputs {
        let wanted = one.wanted_by.join(", ");
        text += &match &one.missing {
            None => format!("known    {}, wanted by {wanted}\n", one.input),
            Some(missing) => format!("missing  {}, wanted by {wanted}: {missing}\n", one.input),
        };
    }
    text + &format!("policies {}", report.policy_digest)
}
