//! What files may say, for people: the same text in a terminal and as a page. It is made from the
//! elements that read the files, so that it cannot say anything else. Reads no file.

mod page;
mod sections;
mod terminal;
mod values;

use crate::bridge::BridgeFile;
use crate::scenario::{DistributionFile, SizeFile};
use crate::suite::Suite;
use seatrial_contract::config::{Element, Shape, nearest};
use sections::Walk;

/// All that files may say, and all that a run measures.
pub struct Reference {
    chapters: Vec<Chapter>,
    metrics: Vec<Measured>,
}

/// A metric, or several of one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Its name; words in capitals stand for a name of the scenario, or for one of several figures.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// The section that makes it.
    pub made_by: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// The sections of one kind of file.
struct Chapter {
    title: &'static str,
    intro: &'static str,
    sections: Vec<Section>,
}

/// One table of a file.
#[derive(Clone, Debug)]
struct Section {
    /// What it is asked for by: `pools.machine`.
    name: String,
    doc: String,
    /// The words that its `kind` may be, each with its meaning.
    kinds: Vec<(&'static str, String)>,
    keys: Vec<Key>,
    /// The shortest that may stand there.
    example: String,
    limit: String,
}

/// One key of a table.
#[derive(Clone, Debug)]
struct Key {
    name: &'static str,
    doc: String,
    accepts: String,
    default: String,
    limit: String,
    words: Vec<(&'static str, &'static str)>,
    /// The section that describes its table.
    see: Option<String>,
}

/// The files of complete worlds, as small as they can be: what is in them, what they are called, and
/// what they say.
pub const MINIMAL: [(&str, &str, &str); 4] = [
    ("Machines and tenants", "tenants.toml", include_str!("tenants.toml")),
    ("The policies of that", "tenants-policies.toml", include_str!("tenants-policies.toml")),
    ("Services and databases", "services.toml", include_str!("services.toml")),
    ("Both: tenants that call a service", "both.toml", include_str!("both.toml")),
];

impl Reference {
    /// The reference of scenario files and of policy files with these shapes, of suites, of the bridge's file, and of
    /// these metrics.
    #[must_use]
    pub fn new(scenario: &Shape, policy_file: &Shape, metrics: Vec<Measured>) -> Self {
        let chapters = vec![
            Chapter {
                title: "Scenario files",
                intro: "A scenario file says what the world is like, which policies run it, and what must \
                    hold. `seatrial run` simulates it.",
                sections: Walk::scenario(scenario),
            },
            Chapter {
                title: "Distributions",
                intro: "Where a key takes a distribution, a plain quantity means that it is always the \
                    same, and a table with a `kind` that it is drawn anew each time.",
                sections: [
                    Walk::shared(
                        "distribution",
                        "How long something takes.",
                        &DistributionFile::shape(),
                    ),
                    Walk::shared(
                        "size-distribution",
                        "How large something is.",
                        &SizeFile::shape(),
                    ),
                ]
                .concat(),
            },
            Chapter {
                title: "Policy files",
                intro: "A policy file says which policies run the cluster. The simulator and the bridge \
                    read the same file.",
                sections: Walk::policy_file(policy_file),
            },
            Chapter {
                title: "Suites",
                intro: "A suite says what a change must not make worse. `seatrial gate` runs it.",
                sections: Walk::suite(&Suite::shape()),
            },
            Chapter {
                title: "The bridge's file",
                intro: "The file of the daemon `seatrial-bridge` says which real systems it looks at.",
                sections: Walk::bridge(&BridgeFile::shape()),
            },
        ];
        Self { chapters, metrics }
    }

    /// All topics, with a line each, for lines of so many columns.
    #[must_use]
    pub fn topics(&self, width: usize) -> String {
        terminal::topics(self, width)
    }

    /// What there is to say about a topic; where there is nothing, what may have been meant.
    ///
    /// # Errors
    ///
    /// Says that there is no such topic, and which are near.
    pub fn topic(&self, topic: &str, width: usize) -> Result<String, String> {
        let topic = topic.trim();
        if let Some(("metrics", metric)) = topic.split_once([' ', '.']).or(Some((topic, ""))) {
            return self.metrics_named(metric.trim(), width);
        }
        if let Some(section) = self.sections().find(|section| section.name == topic) {
            let ending = format!(".{topic}");
            let others = self.sections().filter(|other| other.name.ends_with(&ending));
            let others: Vec<&str> = others.map(|other| other.name.as_str()).collect();
            return Ok(terminal::section(section, &others, width));
        }
        let ending = format!(".{topic}");
        let sections = || self.sections().filter(|section| section.name.ends_with(&ending));
        if let (Some(only), 1) = (sections().next(), sections().count()) {
            return Ok(terminal::section(only, &[], width));
        }
        let (table, key) = topic.rsplit_once('.').unwrap_or(("", topic));
        let is_meant = |section: &Section| {
            table.is_empty()
                || section.name == table
                || section.name.ends_with(&format!(".{table}"))
        };
        let keys: Vec<(&Section, &Key)> = self
            .sections()
            .filter(|section| is_meant(section))
            .flat_map(|section| section.keys.iter().map(move |of| (section, of)))
            .filter(|(_, of)| of.name == key)
            .collect();
        if !keys.is_empty() {
            return Ok(terminal::keys(&keys, width));
        }
        if self.metrics.iter().any(|known| known.is_called(topic)) {
            return self.metrics_named(topic, width);
        }
        Err(format!("no topic `{topic}`; {}", self.candidates(topic)))
    }

    /// The page that says all of it.
    #[must_use]
    pub fn markdown(&self) -> String {
        page::markdown(self)
    }

    fn sections(&self) -> impl Iterator<Item = &Section> {
        self.chapters.iter().flat_map(|chapter| &chapter.sections)
    }

    fn metrics_named(&self, name: &str, width: usize) -> Result<String, String> {
        let fits = |known: &&Measured| name.is_empty() || known.is_called(name);
        let found: Vec<&Measured> = self.metrics.iter().filter(fits).collect();
        if found.is_empty() {
            let stems = self.metrics.iter().map(Measured::stem);
            let near = nearest(stem(name), stems.clone());
            let begins = stem(name).split('_').next().unwrap_or(name);
            let mut some: Vec<&str> = stems.filter(|known| known.contains(begins)).collect();
            some.dedup();
            let remedy = match (near, some.is_empty()) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, false) => format!("there are {}", listed(&some)),
                (None, true) => "`seatrial reference metrics` lists them all".to_owned(),
            };
            return Err(format!("no metric `{name}`; {remedy}"));
        }
        Ok(terminal::metrics(&found, width))
    }

    fn candidates(&self, topic: &str) -> String {
        let last = topic.rsplit('.').next().unwrap_or(topic);
        let names = || self.sections().map(|section| section.name.as_str());
        let keys = || self.sections().flat_map(|of| of.keys.iter().map(|key| key.name));
        if let Some(near) = nearest(topic, names().chain(["metrics"])) {
            return format!("did you mean `{near}`?");
        }
        if let Some(near) = nearest(last, keys()) {
            return format!("did you mean the key `{near}`?");
        }
        let some: Vec<&str> = names().filter(|name| name.contains(last)).collect();
        match some.len() {
            0 => "`seatrial reference` lists all topics".to_owned(),
            _ => format!("there are {}", listed(&some)),
        }
    }
}

/// Nobody reads more names in one line.
const LISTED_MAX: usize = 8;

fn listed(names: &[&str]) -> String {
    let some: Vec<String> = names.iter().take(LISTED_MAX).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(LISTED_MAX);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", some.join(", "))
}

fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

impl Measured {
    /// The figures that one name stands for.
    pub const FIGURES: [&'static str; 4] = ["mean", "p50", "p95", "max"];

    fn stem(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }

    /// Whether somebody who names this metric, with or without a part of the world, means it.
    fn is_called(&self, name: &str) -> bool {
        let (own, asked) = (self.stem(), stem(name));
        let any = Self::FIGURES.iter().any(|figure| own.replace("FIGURE", figure) == asked);
        let bare = own.strip_suffix("_FIGURE") == Some(asked);
        own == asked || any || bare
    }
}
