//! `seatrial gate`

mod cases;
mod receipt;

use crate::exit::{Exit, Stop, Undecided, colours, json, print, say};
use crate::open;
use crate::progress::Progress;
use cases::Prepared;
use clap::{Args, ValueEnum};
use receipt::date;
use seatrial_contract::config::Problems;
use seatrial_contract::units::Span;
use seatrial_format::suite::{CountsAs, Suite};
use seatrial_format::{Failure, Loaded};
use seatrial_record::{
    Baseline, BaselineCase, GATED_VERSION, Gated, GatedCase, Outcome, Row, VerdictRow, VerdictWord,
};
use seatrial_reports as reports;
use seatrial_reports::{HalfFound, Results, claim, write_gated};
use seatrial_trials::compare::World;
use seatrial_trials::gate::{CaseFound, GateCase, gate, looks, outcome};
use seatrial_trials::judging::{Looks, PAIRS_MOST, false_verdicts};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Run a suite of scenarios, and say whether a change makes anything worse that it gates.
///
/// Each case of the suite is compared as `seatrial compare` does it; all of them count together. An objective is broken
/// when more runs break it than may.
#[derive(Args)]
#[command(after_help = "Examples:
  seatrial gate scenarios/suites/thousand-users.toml --base main
  seatrial gate suite.toml --accept                    write the baseline that the suite names
  seatrial gate suite.toml --format markdown           one comment for a pull request
  seatrial gate suite.toml --self-test                 how often it cries wolf on these very runs

Exit codes: 0 it passes; 1 something is worse, or an objective is broken; 2 bad input; 3 a half could not \
be built or run; 4 not decided (`--undecided` says what that counts as).")]
pub struct Gate {
    /// The suite.
    suite: PathBuf,
    /// Compare with this revision of the repository, in place of what the suite says.
    #[arg(long, value_name = "REV", group = "against")]
    base: Option<String>,
    /// Compare with what this program makes of the same files.
    #[arg(long, value_name = "PROGRAM", group = "against")]
    base_binary: Option<PathBuf>,
    /// Compare with the same scenarios under this policy file.
    #[arg(long, value_name = "FILE", group = "against")]
    base_policies: Option<PathBuf>,
    /// Compare with what was found before, as `--accept` wrote it.
    #[arg(long, value_name = "FILE", group = "against")]
    baseline: Option<PathBuf>,
    /// Write what is found now as the baseline, and compare with nothing.
    #[arg(long)]
    accept: bool,
    /// Turn the pairs about by chance, 2,000 times, so that there is nothing to find, and say how often something is
    /// found all the same.
    #[arg(long)]
    self_test: bool,
    /// What a gated metric that is not decided counts as; the suite's word, or exit code 4.
    #[arg(long, value_enum, value_name = "AS")]
    undecided: Option<Undecided>,
    /// Use at most so many threads; all cores where left out. The result is the same.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// How the result is written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write it as this, too, into a file: `junit=gate.xml`; as often as is wanted.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = also)]
    also: Vec<(Format, PathBuf)>,
    /// Write what was found into this folder, and what each run measured as tables, for `seatrial report` and docs/data.md.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["accept", "self_test"])]
    out: Option<PathBuf>,
    /// Where it passes, write a receipt: which policies it is for, and what they went through. Everything is run anew for
    /// it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["accept", "self_test"])]
    receipt: Option<PathBuf>,
    /// Sign the receipt with this secret key: `seatrial receipt keygen` makes one.
    #[arg(long, value_name = "FILE", requires = "receipt")]
    sign: Option<PathBuf>,
    /// The date that the receipt bears, such as 2026-11-30.
    #[arg(long, value_name = "DATE", requires = "receipt", value_parser = date)]
    date: Option<String>,
    /// Keep runs in this folder, and run again only what changed.
    #[arg(long, value_name = "DIR", default_value = "target/gate")]
    cache: PathBuf,
    /// Run everything, and keep nothing.
    #[arg(long)]
    no_cache: bool,
    /// Show no progress.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For one comment on a pull request.
    Markdown,
    /// For programs.
    Json,
    /// For any CI.
    Junit,
    /// For code hosts: SARIF 2.1.0.
    Sarif,
    /// For GitHub's runner: annotations.
    Github,
}

fn also(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text.split_once('=').ok_or("write it as `junit=gate.xml`")?;
    Ok((Format::from_str(format, false)?, file.into()))
}

/// What was found, and what each run of each case measured.
fn write(folder: &Path, gated: &Gated, rows: &[[Vec<Row>; 2]]) -> Result<(), Stop> {
    let halves = gated.cases.iter().zip(rows).flat_map(|(case, [first, second])| {
        let half = |side, half, rows| HalfFound { case: &case.name, side, half, rows };
        let found = &case.comparison;
        [half("first", &found.first, first), half("second", &found.second, second)]
    });
    let halves: Vec<HalfFound<'_>> = halves.collect();
    write_gated(folder, gated, &halves).map_err(|error| Stop::Unwritten(error.to_string()))
}

const TURNS: u32 = 2_000;

impl Gate {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let loaded = self.suite()?;
        let suite = &loaded.value;
        let key = self.key()?;
        self.claim()?;
        let quiet = Progress::new(true, Span::seconds(1), 1);
        let opened = self.opened(&loaded)?;
        let prepared = opened.prepared(&self, &quiet)?;
        let cases: Vec<GateCase<'_, Stop>> = prepared.iter().map(Prepared::case).collect();
        let most = suite.most.value.get();
        if most > PAIRS_MOST {
            let what = format!("{most} pairs are too many; have at most {PAIRS_MOST}");
            return Err(Stop::Argument { name: "most", what });
        }
        let all: usize = cases.iter().map(|case| case.measures.len()).sum();
        let looks = looks(&cases, most).ok_or_else(|| Stop::Argument {
            name: "most",
            what: format!("{most} pairs decide nothing about {all} metrics: give the suite more"),
        })?;
        if self.accept {
            return self.accepted(suite, &prepared, most);
        }
        let ends = suite.budget.map(|of| Instant::now() + Duration::from_nanos(of.value.0));
        let may_go_on = || ends.is_none_or(|ends| Instant::now() < ends);
        let told = |case: &str| {
            if !self.quiet {
                say(&format!("{case} …"));
            }
        };
        let mut found = Vec::new();
        for (case, of) in cases.iter().zip(&prepared) {
            told(&of.name);
            let threads = self.threads.map(NonZeroUsize::get);
            found.extend(gate(std::slice::from_ref(case), &looks, threads, &may_go_on)?);
        }
        if self.self_test {
            return self_tested(&found, &cases, &looks);
        }
        let outcome = outcome(&found, self.counts_as(suite));
        self.receive((suite, key.as_ref()), (&prepared, &found), (opened.program(), outcome))?;
        let is_short = |of: &CaseFound| {
            let open = |row: &VerdictRow| row.verdict == VerdictWord::Undecided;
            let pairs = of.comparison.seeds.len();
            pairs < looks.last() as usize && of.comparison.verdicts.iter().any(open)
        };
        let cut_short = suite
            .budget
            .filter(|_| found.iter().any(is_short))
            .map(|of| format!("The budget of {} is spent: no more pairs were begun.", of.value));
        let rows: Vec<[Vec<Row>; 2]> =
            found.iter_mut().map(|of| core::mem::take(&mut of.rows)).collect();
        let cases = prepared.iter().zip(found).map(|(case, found)| case.gated(found));
        let gated = Gated {
            version: GATED_VERSION,
            title: suite.title.clone(),
            file: self.suite.display().to_string(),
            outcome,
            cut_short,
            cases: cases.collect(),
        };
        self.tell(&gated, &rows)?;
        Ok(match outcome {
            Outcome::Pass => Exit::Fine,
            Outcome::Fail => Exit::Failed,
            Outcome::Undecided => Exit::Undecided,
        })
    }

    /// What cannot be written fails before the runs, not after them.
    fn claim(&self) -> Result<(), Stop> {
        let folder = self.out.as_deref().map_or(Ok(()), |of| claim(of, Results::Gate));
        folder.map_err(|error| Stop::Unwritten(error.to_string()))
    }

    /// Writes and prints what was found, wherever that is wanted.
    fn tell(&self, gated: &Gated, rows: &[[Vec<Row>; 2]]) -> Result<(), Stop> {
        if let Some(folder) = &self.out {
            write(folder, gated, rows)?;
        }
        for (format, file) in &self.also {
            let text = text(gated, *format);
            std::fs::write(file, text).map_err(|error| Stop::unwritten(file, &error))?;
        }
        print(&text(gated, self.format))
    }

    /// Whether something that is not decided passes, where somebody says.
    fn counts_as(&self, suite: &Suite) -> Option<bool> {
        match (self.undecided, suite.undecided) {
            (Some(Undecided::Pass), _) | (None, Some(CountsAs::Pass)) => Some(true),
            (Some(Undecided::Fail), _) | (None, Some(CountsAs::Fail)) => Some(false),
            (None, None) => None,
        }
    }

    /// The suite, or all that is wrong with it.
    fn suite(&self) -> Result<Loaded<Suite>, Stop> {
        let loaded = seatrial_format::load::<Suite>(&self.suite, &[]);
        let loaded = loaded.map_err(|failure| open::stop(&failure))?;
        let mut problems = Problems::default();
        loaded.value.check(&mut problems);
        if problems.is_empty() {
            return Ok(loaded);
        }
        let sources = loaded.sources;
        Err(open::stop(&Failure::Wrong { problems, sources }))
    }

    /// Runs every pair's second half, and writes down what its gated metrics came to.
    fn accepted(&self, suite: &Suite, prepared: &[Prepared<'_>], most: u32) -> Result<Exit, Stop> {
        let named = suite.against.as_ref().and_then(|of| of.value.baseline.as_ref());
        let beside =
            |file: &str| self.suite.parent().map_or_else(|| file.into(), |of| of.join(file));
        let file = self.baseline.clone().or_else(|| named.map(|of| beside(&of.value)));
        let Some(file) = file else {
            let what = "the suite names no `against.baseline`: say which file with --baseline";
            return Err(Stop::Argument { name: "--accept", what: what.to_owned() });
        };
        let mut baseline = Baseline::default();
        for case in prepared {
            if !self.quiet {
                say(&format!("{} …", case.name));
            }
            let rows = case.all_rows(most, self.threads.map(NonZeroUsize::get))?;
            let values = |name: &str| {
                let value = |row: &Row| row.metrics.iter().find(|of| of.name == name)?.value;
                rows.iter().map(value).collect::<Vec<Option<f64>>>()
            };
            let metrics = case.measures.iter().map(|of| (of.name.clone(), values(&of.name)));
            let of = BaselineCase {
                scenario: case.scenario.clone(),
                policies: case.second.half().policies,
                seed: case.seed,
                metrics: metrics.collect(),
            };
            baseline.cases.insert(case.name.clone(), of);
        }
        std::fs::write(&file, baseline.to_text())
            .map_err(|error| Stop::unwritten(&file, &error))?;
        if !self.quiet {
            say(&format!("wrote {}: read its diff before you commit it", file.display()));
        }
        Ok(Exit::Fine)
    }
}

/// How often something is found where there is nothing.
fn self_tested(
    found: &[CaseFound],
    cases: &[GateCase<'_, Stop>],
    looks: &Looks,
) -> Result<Exit, Stop> {
    let metrics = |(case, of): (&GateCase<'_, Stop>, &CaseFound)| {
        let measures = case.measures.iter().cloned().zip(of.values.iter().cloned());
        measures.collect::<Vec<_>>()
    };
    let all: Vec<_> = cases.iter().zip(found).map(metrics).collect();
    let wrong = false_verdicts(&all, looks, TURNS, 1);
    let share = f64::from(wrong) / f64::from(TURNS) * 100.0;
    print(&format!(
        "turned about by chance {TURNS} times: better or worse was found in {wrong} ({share:.2} %, of 5 % that may be)\n"
    ))?;
    Ok(if share <= 5.0 { Exit::Fine } else { Exit::Failed })
}

fn text(gated: &Gated, format: Format) -> String {
    match format {
        Format::Table => {
            reports::gate(gated, reports::Style { colour: colours(&std::io::stdout()) })
        }
        Format::Markdown => reports::gate_markdown(gated),
        Format::Json => json(gated) + "\n",
        Format::Junit => reports::gate_junit(gated),
        Format::Sarif => json(&reports::gate_sarif(gated)) + "\n",
        Format::Github => reports::gate_annotations(gated),
    }
}

impl Prepared<'_> {
    fn gated(&self, found: CaseFound) -> GatedCase {
        let mut objectives = found.objectives;
        for of in &mut objectives {
            of.place = self.places.get(&of.name).cloned();
        }
        GatedCase {
            name: self.name.clone(),
            scenario: self.scenario.clone(),
            note: self.note.clone(),
            place: Some(self.place.clone()),
            changed: self.changed.clone(),
            comparison: found.comparison,
            objectives,
        }
    }
}
