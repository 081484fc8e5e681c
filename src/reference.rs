//! `seatrial reference`

use crate::exit::{Exit, Stop, print};
use clap::{Args, ValueEnum};
use seatrial_contract::config::Element;
use seatrial_format::reference::{Measured, Reference as Manual};
use seatrial_format::scenario::Scenario;
use seatrial_host::catalogue::CATALOGUE;
use seatrial_policies::PolicyFile;

/// Say what files may say, section by section and key by key, and what a run measures.
#[derive(Args)]
#[command(after_help = "\
Examples:
  seatrial reference                      all topics
  seatrial reference pools                the keys of [[pools]]
  seatrial reference traffic.arrivals     the kinds of arrivals
  seatrial reference idle-ladder          the keys of a policy
  seatrial reference wait_timeout         a key, wherever it may stand
  seatrial reference faults --format markdown    the page on faults
  seatrial reference metrics              all that a run measures
  seatrial reference metrics response_p95 one of them")]
pub struct Reference {
    /// A section, a kind, a key, or `metrics` and the name of one; all topics where left out.
    #[arg(num_args = 0..=2)]
    topic: Vec<String>,
    /// As what to print it.
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text for a terminal.
    Text,
    /// All topics as one page.
    Markdown,
}

/// As for help.
const WIDTH_MAX: usize = 100;

impl Reference {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let scenario = Scenario::shape_with(seatrial_faults::shape());
        let manual = Manual::new(&scenario, &PolicyFile::shape(), measured());
        let width = width();
        let topic = self.topic.join(" ");
        let text = match (self.format, self.topic.is_empty()) {
            (Format::Markdown, true) => Ok(manual.markdown()),
            (Format::Markdown, false) if topic == "faults" => Ok(seatrial_faults::page()),
            (Format::Markdown, false) => {
                Err("there is a page of all topics and one of `faults`: leave the topic out, or the format".to_owned())
            }
            (Format::Text, true) => Ok(manual.topics(width)),
            (Format::Text, false) => manual.topic(&topic, width),
        };
        print(&text.map_err(|what| Stop::Argument { name: "TOPIC", what })?)?;
        Ok(Exit::Fine)
    }
}

fn measured() -> Vec<Measured> {
    let known = CATALOGUE.iter().map(|known| Measured {
        name: known.name,
        unit: known.unit.word(),
        made_by: known.made_by,
        meaning: known.meaning,
    });
    known.collect()
}

/// How many columns there are: those of the terminal, if it is one.
fn width() -> usize {
    let columns = terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0));
    columns.unwrap_or(WIDTH_MAX).min(WIDTH_MAX)
}
