//! The cases of a suite, opened: what is compared with what, and where each thing stands.

use super::Gate;
use crate::exit::Stop;
use crate::kept::{Kept, kept_out};
use crate::open;
use crate::progress::Progress;
use crate::sides::{Built, Side, tidy, trial};
use seatrial_contract::config::{Element as _, Place as Where};
use seatrial_format::suite::{Against, Better as BetterWord, Case, Suite};
use seatrial_format::{Loaded, Override, Sources};
use seatrial_host::Opened;
use seatrial_record::{Baseline, GatedPlace, Metric, Row, digest};
use seatrial_trials::compare::{Before, Chosen, Margin, World, declared, rows};
use seatrial_trials::gate::GateCase;
use seatrial_trials::judging::{Better, Measure};
use seatrial_trials::metrics;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a suite's cases are compared with.
enum With {
    Revision(String),
    Program(PathBuf),
    Policies(PathBuf),
    Baseline(PathBuf, Baseline),
    /// Nothing: the baseline is being written.
    Nothing,
}

/// All cases, open.
pub(super) struct OpenCases {
    with: With,
    cases: Vec<OpenCase>,
    /// What this program is.
    program: String,
}

/// One case, open.
struct OpenCase {
    name: String,
    place: GatedPlace,
    path: PathBuf,
    sets: Vec<String>,
    may_fail: Vec<(String, u32)>,
    chosen: Vec<Chosen>,
    seed: u64,
    second: Opened,
    /// The same under other policies.
    first: Option<Opened>,
    metrics: Vec<Metric>,
}

/// One case, ready to be run.
pub(super) struct Prepared<'a> {
    pub(super) name: String,
    pub(super) place: GatedPlace,
    /// Where objectives stand.
    pub(super) places: BTreeMap<String, GatedPlace>,
    pub(super) changed: Option<GatedPlace>,
    pub(super) note: Option<String>,
    /// The digest of the scenario.
    pub(super) scenario: String,
    pub(super) seed: u64,
    pub(super) measures: Vec<Measure>,
    pub(super) second: Kept<'a>,
    first: Option<Half<'a>>,
    may_fail: Vec<(String, u32)>,
    /// The policy file.
    pub(super) file: String,
}

impl Gate {
    fn with(&self, suite: &Suite) -> Result<With, Stop> {
        if self.accept {
            return Ok(With::Nothing);
        }
        let beside =
            |file: &str| self.suite.parent().map_or_else(|| file.into(), |of| of.join(file));
        let baseline = |file: PathBuf| {
            let text = std::fs::read_to_string(&file).map_err(|error| {
                let hint = if error.kind() == std::io::ErrorKind::NotFound {
                    "; `--accept` writes it"
                } else {
                    ""
                };
                Stop::file(&file, &format!("it cannot be read: {error}{hint}"))
            })?;
            let found = Baseline::of_text(&text).map_err(|wrong| Stop::file(&file, &wrong))?;
            Ok(With::Baseline(file, found))
        };
        if let Some(revision) = &self.base {
            return Ok(With::Revision(revision.clone()));
        }
        if let Some(program) = &self.base_binary {
            return Ok(With::Program(program.clone()));
        }
        if let Some(policies) = &self.base_policies {
            return Ok(With::Policies(policies.clone()));
        }
        if let Some(file) = &self.baseline {
            return baseline(file.clone());
        }
        match suite.against.as_ref().map(|of| &of.value) {
            Some(Against { revision: Some(of), .. }) => Ok(With::Revision(of.value.clone())),
            Some(Against { policies: Some(of), .. }) => Ok(With::Policies(beside(&of.value))),
            Some(Against { baseline: Some(of), .. }) => baseline(beside(&of.value)),
            Some(_) | None => {
                let what = "there is nothing to compare with: give --base, --base-policies or --baseline, or the suite \
                            an `against`";
                Err(Stop::Argument { name: "gate", what: what.to_owned() })
            }
        }
    }

    /// Where runs are kept that are made of all this.
    fn folder(&self, of: &[&str]) -> Option<PathBuf> {
        let key: String = seatrial_record::Runs::digest(of).chars().take(32).collect();
        (!self.no_cache).then(|| self.cache.join(key))
    }

    /// Opens all cases.
    pub(super) fn opened(&self, loaded: &Loaded<Suite>) -> Result<OpenCases, Stop> {
        let suite = &loaded.value;
        if !self.no_cache {
            // Where it cannot be written nothing is kept.
            let _ = kept_out(&self.cache);
        }
        let with = self.with(suite)?;
        let folder = self.suite.parent().unwrap_or(Path::new("."));
        let one = |case: &Case| open_case(case, folder, &with, &loaded.sources);
        let cases = suite.cases.iter().map(one).collect::<Result<_, Stop>>()?;
        let exe = std::env::current_exe().and_then(std::fs::read);
        let program = exe.map_or_else(|_| crate::VERSION.clone(), |bytes| digest(&bytes));
        Ok(OpenCases { with, cases, program })
    }
}

fn open_case(case: &Case, folder: &Path, with: &With, sources: &Sources) -> Result<OpenCase, Stop> {
    let path = folder.join(&case.scenario.value);
    let overrides: Vec<Override> = case.set.iter().cloned().map(Into::into).collect();
    let opened = |overrides: &[Override]| {
        open::scenario(&path, overrides).map_err(|failure| open::stop(&failure))
    };
    let second = opened(&overrides)?;
    let first = match with {
        With::Policies(file) => {
            let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
            let file = Override::from(format!("policies.file={}", file.display()));
            Some(opened(&[&[file], &overrides[..]].concat())?)
        }
        With::Revision(_) | With::Program(_) | With::Baseline(..) | With::Nothing => None,
    };
    let place = place(sources, case.name.place).unwrap_or_default();
    let wrong = |what: String| {
        let name = case.name.value.as_str();
        Stop::file(Path::new(&place.file), &format!("case `{name}`: {what}"))
    };
    let mut chosen = Vec::new();
    for of in &case.metrics {
        let margin = of.margin.as_ref().map(|of| match &of.value {
            seatrial_format::scenario::Amount::Number(number) => number.to_string(),
            seatrial_format::scenario::Amount::Text(text) => text.clone(),
        });
        let margin = margin.map(|text| text.parse::<Margin>()).transpose();
        let margin = margin.map_err(|no| wrong(no.to_string()))?;
        let better = of.better.map(|better| match better {
            BetterWord::Less => Better::Less,
            BetterWord::More => Better::More,
        });
        chosen.push(Chosen { name: of.name.value.clone(), margin, better });
    }
    for of in &case.may_fail {
        let is_there = second.goals.iter().any(|goal| goal.name == of.objective.value);
        if !is_there {
            return Err(wrong(format!("no objective is called `{}`", of.objective.value)));
        }
    }
    let seed = case.seed.unwrap_or(second.scenario.seed);
    let may_fail = case.may_fail.iter().map(|of| (of.objective.value.clone(), of.runs));
    Ok(OpenCase {
        name: case.name.value.to_string(),
        path,
        sets: case.set.clone(),
        may_fail: may_fail.collect(),
        chosen,
        seed,
        metrics: metrics(&trial(&second, seed)),
        second,
        first,
        place,
    })
}

fn place(sources: &Sources, at: Where) -> Option<GatedPlace> {
    let source = sources.of(at)?;
    Some(GatedPlace { file: tidy(Path::new(&source.name)), line: source.spot(at.start).line })
}

impl OpenCases {
    /// The digest of this program.
    pub(super) fn program(&self) -> &str {
        &self.program
    }

    /// All of them, ready to be run.
    pub(super) fn prepared<'a>(
        &'a self,
        gate: &Gate,
        quiet: &'a Progress,
    ) -> Result<Vec<Prepared<'a>>, Stop> {
        self.cases.iter().map(|case| self.one(case, gate, quiet)).collect()
    }

    fn one<'a>(
        &'a self,
        case: &'a OpenCase,
        gate: &Gate,
        quiet: &'a Progress,
    ) -> Result<Prepared<'a>, Stop> {
        let second = self.here(case, &case.second, &tidy(&case.path), gate, quiet)?;
        let scenario = canonical(&case.second);
        let measures = declared(&case.chosen, &second.half().goals, &case.metrics);
        let measures = measures.map_err(|wrong| {
            Stop::file(Path::new(&case.place.file), &format!("case `{}`: {wrong}", case.name))
        })?;
        // Those that are named are to be able to fail it.
        let is_named = |name: &str| case.chosen.iter().any(|of| of.name == name);
        let never = |of: &&Measure| of.better == Better::Neither && is_named(&of.name);
        if let Some(of) = measures.iter().find(never) {
            let what = format!(
                "case `{}`: no objective and no claim says which way {} is better, so it could never be worse; give it \
                 `better = \"less\"` or `\"more\"`",
                case.name, of.name
            );
            return Err(Stop::file(Path::new(&case.place.file), &what));
        }
        let own = policy_file(&case.second);
        let file = own.as_deref().map(tidy).unwrap_or_default();
        let (first, before) = self.first(case, gate, quiet, (own.as_deref(), &measures))?;
        let note = match &self.with {
            With::Baseline(_, baseline) => baseline.cases.get(&case.name),
            With::Nothing | With::Policies(_) | With::Revision(_) | With::Program(_) => None,
        };
        let note = note.filter(|of| of.scenario != scenario);
        let changed = before.zip(own).and_then(|(before, own)| first_change(&before, &own));
        Ok(Prepared {
            name: case.name.clone(),
            place: case.place.clone(),
            places: objectives(&case.second),
            changed,
            note: note.map(|_| OTHER_SCENARIO.to_owned()),
            scenario,
            seed: case.seed,
            measures,
            second,
            first,
            may_fail: case.may_fail.clone(),
            file,
        })
    }

    /// A half that this program runs.
    fn here<'a>(
        &self,
        case: &OpenCase,
        opened: &'a Opened,
        name: &str,
        gate: &Gate,
        quiet: &'a Progress,
    ) -> Result<Kept<'a>, Stop> {
        let (name, path) = (name.to_owned(), case.path.clone());
        let side = Side::Here { name, path, overrides: Vec::new() };
        let world = side.world(Some(opened), quiet)?;
        let policies = world.half().policies;
        let folder = gate.folder(&[&self.program, &canonical(opened), &policies]);
        Ok(Kept { world, folder, is_fresh: gate.receipt.is_some() })
    }

    /// What a case is compared with, and the policy file of that.
    fn first<'a>(
        &'a self,
        case: &'a OpenCase,
        gate: &Gate,
        quiet: &'a Progress,
        (own, measures): (Option<&Path>, &[Measure]),
    ) -> Result<(Option<Half<'a>>, Option<PathBuf>), Stop> {
        match &self.with {
            With::Nothing => Ok((None, None)),
            With::Policies(file) => {
                let name = file.display().to_string();
                let Some(opened) = &case.first else { return Ok((None, None)) };
                let half: Half<'a> = Box::new(self.here(case, opened, &name, gate, quiet)?);
                Ok((Some(half), Some(file.clone())))
            }
            With::Revision(revision) => {
                let built = Built::at(revision, &case.path, &case.sets, gate.quiet)?;
                let before = own.and_then(|own| built.before(own));
                Ok((Some(Box::new(built_half(case, built, gate, quiet)?)), before))
            }
            With::Program(program) => {
                let built = Built::of(program, &case.path, &case.sets);
                Ok((Some(Box::new(built_half(case, built, gate, quiet)?)), None))
            }
            With::Baseline(file, baseline) => {
                let before = before(file, baseline, case, measures)?;
                Ok((Some(Box::new(before)), None))
            }
        }
    }
}

/// A half of a case.
type Half<'a> = Box<dyn World<Error = Stop> + 'a>;

const OTHER_SCENARIO: &str = "the scenario is not the one that the baseline was accepted with";

/// What a baseline has of a case.
fn before<'a>(
    file: &Path,
    baseline: &'a Baseline,
    case: &'a OpenCase,
    measures: &[Measure],
) -> Result<Before<'a, Stop>, Stop> {
    let wrong = |what: String| Stop::file(file, &format!("{what}: accept it anew"));
    let of = baseline.cases.get(&case.name);
    let of = of.ok_or_else(|| wrong(format!("it has no case `{}`", case.name)))?;
    if let Some(missing) = measures.iter().find(|measure| !of.metrics.contains_key(&measure.name)) {
        return Err(wrong(format!("case `{}` has no {}", case.name, missing.name)));
    }
    if of.seed != case.seed {
        return Err(wrong(format!("case `{}` begins with seed {}", case.name, of.seed)));
    }
    Ok(Before {
        name: file.display().to_string(),
        case: of,
        units: &case.metrics,
        goals: Vec::new(),
        duration: case.second.scenario.duration.value.0,
        told: |no| Stop::Argument { name: "--baseline", what: no.to_string() },
    })
}

/// A half that another program runs.
fn built_half<'a>(
    case: &OpenCase,
    built: Built,
    gate: &Gate,
    quiet: &'a Progress,
) -> Result<Kept<'a>, Stop> {
    let (program, files) = built.digests(&canonical(&case.second))?;
    let sets = case.sets.join("\n");
    let path = case.path.display().to_string();
    let world = Side::Built(built).world(None, quiet)?;
    let policies = world.half().policies;
    let folder = gate.folder(&[&program, &files, &path, &sets, &policies]);
    Ok(Kept { world, folder, is_fresh: gate.receipt.is_some() })
}

impl Prepared<'_> {
    /// As the trials take it.
    pub(super) fn case(&self) -> GateCase<'_, Stop> {
        GateCase {
            first: self.first.as_deref().unwrap_or(&self.second),
            second: &self.second,
            measures: self.measures.clone(),
            seed: self.seed,
            may_fail: self.may_fail.clone(),
        }
    }

    /// The rows of the gated half, so many of them.
    pub(super) fn all_rows(&self, most: u32, threads: Option<usize>) -> Result<Vec<Row>, Stop> {
        rows(&self.second, (self.seed, most), threads)
    }
}

/// All that a scenario says, defaults filled in, and whatever else it reads.
fn canonical(opened: &Opened) -> String {
    let read = opened.warnings.sources.iter().filter(|of| !of.name.ends_with(".toml"));
    let texts: Vec<&str> = read.map(|of| of.text.as_str()).collect();
    let said = opened.scenario.write().to_string();
    let all: Vec<&str> = [said.as_str()].into_iter().chain(texts).collect();
    digest(all.join("\n").as_bytes())
}

/// Where the objectives of a scenario stand.
fn objectives(opened: &Opened) -> BTreeMap<String, GatedPlace> {
    let sources = &opened.warnings.sources;
    let all = opened.scenario.objectives.iter();
    all.filter_map(|of| Some((of.name.value.to_string(), place(sources, of.name.place)?))).collect()
}

fn policy_file(opened: &Opened) -> Option<PathBuf> {
    let file = &opened.scenario.policies.as_ref()?.file;
    Some(opened.warnings.sources.beside(file.place, &file.value))
}

/// The first line of a file that is not as it was in another.
fn first_change(before: &Path, now: &Path) -> Option<GatedPlace> {
    let (was, is) = (std::fs::read_to_string(before).ok()?, std::fs::read_to_string(now).ok()?);
    let (mut was, mut line) = (was.lines(), 0);
    for text in is.lines() {
        line += 1;
        if was.next() != Some(text) {
            return Some(GatedPlace { file: tidy(now), line });
        }
    }
    was.next().map(|_| GatedPlace { file: tidy(now), line: line.max(1) })
}
