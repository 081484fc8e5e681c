//! `seatrial compare`

use crate::exit::{Exit, Stop, Undecided, colours, json, print, say};
use crate::progress::Progress;
use crate::sides::{Built, Side, trial};
use crate::{ask, open};
use clap::{Args, ValueEnum};
use seatrial_format::Override;
use seatrial_host::Opened;
use seatrial_host::estimate::{Estimate, Load};
use seatrial_record::{Comparison, VerdictWord};
use seatrial_reports::{
    HalfFound, Results, Style, claim, comparison, comparison_markdown, write_comparison,
};
use seatrial_trials::compare::{Chosen, Compared, Margin, Terms, World, compare, declared};
use seatrial_trials::judging::{Looks, PAIRS_MOST, Scale};
use seatrial_trials::metrics;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};

/// Say whether a world is better, worse or as good as another, by pairs of runs of one seed.
///
/// What is compared: two scenario files; one under two policy files (`--policies`); or one as it is here with what it was
/// at a revision of this repository, policies and their code (`--base`). Gated are the bill of a month and what objectives
/// and claims are about, or the metrics that are named (`--metric`).
#[derive(Args)]
#[command(after_help = "Examples:
  seatrial compare scenarios/thousand-users.toml --policies policies/thousand-users.toml mine.toml
  seatrial compare scenarios/thousand-users.toml --base main
  seatrial compare a.toml b.toml --metric bill_month=1% --metric wake_wait_p95=10s --metric kills=0.5

Exit codes: 0 nothing gated is worse; 1 something is; 2 bad input; 3 a half could not be built or run; \
4 not decided (`--undecided` says what that counts as).")]
pub struct Compare {
    /// What the other is compared with, or the only scenario file.
    first: PathBuf,
    /// What is compared with it.
    second: Option<PathBuf>,
    /// Compare one scenario under two policy files.
    #[arg(long, num_args = 2, value_names = ["FIRST", "SECOND"], conflicts_with_all = ["second", "base"])]
    policies: Vec<PathBuf>,
    /// Compare with this revision of the repository: its program is built (once a commit, into `target/base`) and runs
    /// its own files.
    #[arg(long, value_name = "REV", conflicts_with = "second")]
    base: Option<String>,
    /// Compare with what this program makes of the same files.
    #[arg(long, value_name = "PROGRAM", conflicts_with_all = ["second", "base", "policies"])]
    base_binary: Option<PathBuf>,
    /// Change a value of both scenarios, or of their policy files: `--set duration=7d`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Gate this metric, and say what is no difference: `bill_month=1%` by ratio, `wake_wait_p95=10s` or `kills=0.5` in
    /// its unit, `restores.db=yes-no` where it is that; its usual margin where left out.
    #[arg(long = "metric", value_name = "NAME[=MARGIN]", value_parser = chosen)]
    metrics: Vec<Chosen>,
    /// Run so many pairs at the most.
    #[arg(long, value_name = "PAIRS", default_value = "50")]
    most: NonZeroU32,
    /// Look after every pair, by a test that allows that, until all is decided; at most 1,000 pairs where `--most` is left
    /// out. Where 50 pairs do, declared looks are sharper.
    #[arg(long)]
    until_decided: bool,
    /// The first seed; the first scenario's own where left out.
    #[arg(long)]
    seed: Option<u64>,
    /// Use at most so many threads; all cores where left out. The result is the same.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// What a gated metric that is not decided counts as; exit code 4 where left out.
    #[arg(long, value_enum, value_name = "AS")]
    undecided: Option<Undecided>,
    /// How the result is written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write what was found into this folder, and what each run measured as tables, for `seatrial report` and docs/data.md.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Run whatever time and memory it is estimated to take: above 30 minutes or 4 GiB it is asked first.
    #[arg(long, short)]
    yes: bool,
    /// Show no progress.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For a comment on a pull request.
    Markdown,
    /// For programs.
    Json,
}

const MOST: u32 = 50;

fn chosen(text: &str) -> Result<Chosen, String> {
    let (name, margin) = match text.split_once('=') {
        Some((name, margin)) => {
            (name, Some(margin.parse::<Margin>().map_err(|wrong| wrong.to_string())?))
        }
        None => (text, None),
    };
    Ok(Chosen { name: name.to_owned(), margin, better: None })
}

impl Compare {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let [first, second] = self.sides()?;
        let opened = |of: &Side| match of {
            Side::Here { path, overrides, .. } => {
                let opened = open::scenario(path, overrides);
                opened.map(Some).map_err(|failure| open::stop(&failure))
            }
            Side::Built(_) => Ok(None),
        };
        let (a, b) = (opened(&first)?, opened(&second)?);
        let all: Vec<&Opened> = [&a, &b].into_iter().flatten().collect();
        all.iter().for_each(|opened| open::warn(opened, self.quiet));
        let Some(of) = all.first() else { return Ok(Exit::BadInput) };
        let most = match self.most.get() {
            MOST if self.until_decided => PAIRS_MOST,
            most => most,
        };
        if most > PAIRS_MOST {
            let what = format!("{most} pairs are too many; have at most {PAIRS_MOST}");
            return Err(Stop::Argument { name: "--most", what });
        }
        let at_once = self.threads.map_or_else(ask::cores, NonZeroUsize::get);
        let mut load = Load::default();
        for opened in &all {
            let estimate = Estimate::of(&opened.scenario, opened.policies.as_ref());
            load = load.and(estimate, most.min(MOST), at_once);
        }
        ask::first(&load, self.yes)?;
        // What cannot be written fails before the runs, not after them.
        if let Some(folder) = &self.out {
            claim(folder, Results::Comparison)
                .map_err(|error| Stop::Unwritten(error.to_string()))?;
        }
        let seed = self.seed.unwrap_or(of.scenario.seed);
        let progress = Progress::new(self.quiet, *of.scenario.duration, most.saturating_mul(2));
        let first = first.world(a.as_ref(), &progress)?;
        let second = second.world(b.as_ref(), &progress)?;
        // What there is to gate stands in the scenario alone.
        let found = self.compared(&*first, &*second, (seed, most), &all)?;
        progress.over();
        self.tell(&found.found)?;
        if let Some(folder) = &self.out {
            self.write(folder, &found)?;
        }
        Ok(self.judge(&found.found))
    }

    /// What is compared with what.
    fn sides(&self) -> Result<[Side; 2], Stop> {
        let overrides = |policies: Option<&PathBuf>| -> Vec<Override> {
            let file = policies.map(|path| {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                format!("policies.file={}", path.display())
            });
            file.into_iter().chain(self.sets.iter().cloned()).map(Into::into).collect()
        };
        let here = |path: &PathBuf, policies: Option<&PathBuf>| Side::Here {
            name: policies.unwrap_or(path).display().to_string(),
            path: path.clone(),
            overrides: overrides(policies),
        };
        if let [a, b] = self.policies.as_slice() {
            return Ok([here(&self.first, Some(a)), here(&self.first, Some(b))]);
        }
        let second = here(self.second.as_ref().unwrap_or(&self.first), None);
        if let Some(revision) = &self.base {
            let built = Built::at(revision, &self.first, &self.sets, self.quiet)?;
            return Ok([Side::Built(built), second]);
        }
        if let Some(program) = &self.base_binary {
            let built = Built::of(program, &self.first, &self.sets);
            return Ok([Side::Built(built), second]);
        }
        if self.second.is_none() {
            let what = "there is nothing to compare it with: name another scenario file, two policy files \
                        (--policies), or a revision (--base)";
            return Err(Stop::Argument { name: "compare", what: what.to_owned() });
        }
        Ok([here(&self.first, None), second])
    }

    fn compared(
        &self,
        first: &dyn World<Error = Stop>,
        second: &dyn World<Error = Stop>,
        (seed, most): (u64, u32),
        opened: &[&Opened],
    ) -> Result<Compared, Stop> {
        // What either has counts; where the other has it not, that is told.
        let all =
            opened.iter().flat_map(|opened| metrics(&trial(opened, seed))).collect::<Vec<_>>();
        let goals = [first.half().goals, second.half().goals].concat();
        let measures = declared(&self.metrics, &goals, &all);
        let measures = measures
            .map_err(|wrong| Stop::Argument { name: "--metric", what: wrong.to_string() })?;
        if measures.is_empty() {
            let what =
                "nothing costs anything and nothing is wished for: name what counts".to_owned();
            return Err(Stop::Argument { name: "--metric", what });
        }
        if self.until_decided && measures.iter().any(|of| of.scale == Scale::YesNo) {
            let what =
                "what is yes or no is judged at declared looks alone: leave this out".to_owned();
            return Err(Stop::Argument { name: "--until-decided", what });
        }
        let looks = if self.until_decided {
            Looks::until_decided(measures.len(), most)
        } else {
            Looks::planned(measures.len(), most).ok_or_else(|| Stop::Argument {
                name: "--most",
                what: format!("{most} pairs decide nothing about {} metrics", measures.len()),
            })?
        };
        let threads = self.threads.map(NonZeroUsize::get);
        let terms = Terms { measures, looks, seed, second_seed: seed, threads, may_go_on: None };
        compare(first, second, &terms)
    }

    fn write(&self, folder: &Path, compared: &Compared) -> Result<(), Stop> {
        let Compared { found, rows: [first, second], .. } = compared;
        let half = |side, half, rows| HalfFound { case: "", side, half, rows };
        let halves = [half("first", &found.first, first), half("second", &found.second, second)];
        write_comparison(folder, found, &halves)
            .map_err(|error| Stop::Unwritten(error.to_string()))?;
        if !self.quiet {
            say(&format!("wrote {}; `seatrial report` makes a page of it", folder.display()));
        }
        Ok(())
    }

    fn tell(&self, found: &Comparison) -> Result<(), Stop> {
        match self.format {
            Format::Table => {
                print(&comparison(found, Style { colour: colours(&std::io::stdout()) }))
            }
            Format::Markdown => print(&comparison_markdown(found)),
            Format::Json => print(&(json(found) + "\n")),
        }
    }

    fn judge(&self, found: &Comparison) -> Exit {
        let is =
            |words: &[VerdictWord]| found.verdicts.iter().any(|row| words.contains(&row.verdict));
        if is(&[VerdictWord::Worse]) {
            return Exit::Failed;
        }
        match self.undecided {
            _ if !is(&[VerdictWord::Undecided, VerdictWord::Inconsistent]) => Exit::Fine,
            None => Exit::Undecided,
            Some(Undecided::Pass) => Exit::Fine,
            Some(Undecided::Fail) => Exit::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_shares_amounts_or_yes_and_no() {
        let of = |text: &str| chosen(text).map(|of| of.margin);
        assert_eq!(of("bill_month"), Ok(None));
        assert_eq!(of("a=1%"), Ok(Some(Margin::Share(0.01))));
        assert_eq!(of("a=0.5"), Ok(Some(Margin::Amount(0.5))));
        assert_eq!(of("a=$20"), Ok(Some(Margin::Amount(20.0))));
        assert_eq!(of("a=10 s"), Ok(Some(Margin::Amount(10.0))));
        assert_eq!(of("a=1 MiB"), Ok(Some(Margin::Amount(1_048_576.0))));
        assert_eq!(of("a=yes-no"), Ok(Some(Margin::YesNo)));
        for wrong in ["a=", "a=0", "a=-1%", "a=much", "a=NaN", "a=inf"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }
}
