//! The two sides of a comparison: a world that this program runs, or one that another program runs.

use crate::exit::{Stop, say};
use crate::kept::kept_out;
use crate::progress::Progress;
use seatrial_contract::outside;
use seatrial_format::Override;
use seatrial_host::Opened;
use seatrial_record::{Half, ROWS_VERSION, Row, Rows, digest};
use seatrial_trials::compare::World;
use seatrial_trials::{Trial, half, row};
use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Output};

/// One side.
pub enum Side {
    /// A scenario file that this program runs.
    Here {
        /// What it is called.
        name: String,
        /// The file.
        path: PathBuf,
        /// What is changed in it.
        overrides: Vec<Override>,
    },
    /// One that another program runs.
    Built(Built),
}

impl Side {
    /// The world of it; `opened` is what is in the file of one that this program runs.
    pub fn world<'a>(
        self,
        opened: Option<&'a Opened>,
        watch: &'a Progress,
    ) -> Result<Box<dyn World<Error = Stop> + 'a>, Stop> {
        match (self, opened) {
            (Self::Here { name, .. }, Some(opened)) => {
                Ok(Box::new(Here { name, trial: trial(opened, opened.scenario.seed), watch }))
            }
            (Self::Here { path, .. }, None) => Err(Stop::file(&path, &"it was not opened")),
            (Self::Built(mut built), _) => {
                built.half = Half { name: built.name.clone(), ..built.rows(&["--reps", "0"])?.of };
                Ok(Box::new(built))
            }
        }
    }
}

/// What is run of a scenario that is open.
pub fn trial(opened: &Opened, seed: u64) -> Trial<'_> {
    Trial {
        scenario: &opened.scenario,
        policies: opened.policies.as_ref(),
        departure: None,
        goals: opened.goals.clone(),
        seed,
        replications: 1,
        threads: None,
        series: None,
    }
}

/// A world that this program runs.
struct Here<'a> {
    name: String,
    trial: Trial<'a>,
    watch: &'a Progress,
}

impl World for Here<'_> {
    type Error = Stop;

    fn half(&self) -> Half {
        half(&self.name, &crate::VERSION, &self.trial)
    }

    fn row(&self, seed: u64, is_whole: bool) -> Result<Row, Stop> {
        row(&self.trial, seed, is_whole, self.watch).map_err(Stop::Broken)
    }
}

/// Another program, and the files that it runs.
pub struct Built {
    name: String,
    program: PathBuf,
    scenario: PathBuf,
    sets: Vec<String>,
    half: Half,
    /// The repository, and where its revision is.
    moved: Option<(PathBuf, PathBuf)>,
}

impl World for Built {
    type Error = Stop;

    fn half(&self) -> Half {
        self.half.clone()
    }

    fn row(&self, seed: u64, is_whole: bool) -> Result<Row, Stop> {
        let seed = seed.to_string();
        let mut arguments = vec!["--seed", &*seed];
        arguments.extend(is_whole.then_some("--actions"));
        let rows = self.rows(&arguments)?.rows;
        let broken = || self.broken("it ran no seed");
        rows.into_iter().next().ok_or_else(broken)
    }
}

impl Built {
    /// A program, with the files as they are here.
    pub fn of(program: &Path, scenario: &Path, sets: &[String]) -> Self {
        // A name without a folder is a file here, not a program on the path.
        let program = std::path::absolute(program).unwrap_or_else(|_| program.to_owned());
        Self {
            name: format!("{} by {}", tidy(scenario), program.display()),
            program,
            scenario: scenario.to_owned(),
            sets: sets.to_vec(),
            half: Half::default(),
            moved: None,
        }
    }

    /// A file of the repository as it was at the revision.
    pub fn before(&self, file: &Path) -> Option<PathBuf> {
        let (root, sources) = self.moved.as_ref()?;
        Some(sources.join(file.canonicalize().ok()?.strip_prefix(root).ok()?))
    }

    /// What the program is, and what its files are: those of a revision by their place, others by that digest.
    pub fn digests(&self, here: &str) -> Result<(String, String), Stop> {
        let bytes =
            std::fs::read(&self.program).map_err(|error| self.broken(&error.to_string()))?;
        let files =
            self.moved.as_ref().map_or_else(|| here.to_owned(), |of| of.1.display().to_string());
        Ok((digest(&bytes), files))
    }

    /// The program of a revision of the repository that a scenario is in, or else of the folder that one is in, with the
    /// revision's files.
    pub fn at(revision: &str, scenario: &Path, sets: &[String], quiet: bool) -> Result<Self, Stop> {
        let beside = scenario.parent().filter(|of| !of.as_os_str().is_empty());
        let root = root(beside.unwrap_or(Path::new("."))).or_else(|_| root(Path::new(".")))?;
        let asked = format!("{revision}^{{commit}}");
        let commit =
            line(git(&root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &asked]))
                .ok_or_else(|| Stop::Argument {
                    name: "--base",
                    what: format!(
                        "`{}` is no revision of {}",
                        outside::name(revision),
                        root.display()
                    ),
                })?;
        let short: String = commit.chars().take(12).collect();
        let cache = root.join("target").join("base");
        let sources = cache.join(&short);
        let mut program = cache.join(format!("seatrial-{short}"));
        let _alone = alone(&cache)?;
        if line(git(&root, &["cat-file", "-t", &format!("{commit}:Cargo.toml")])).is_none() {
            // It has no program to build: its files are run by this one.
            program =
                std::env::current_exe().map_err(|error| Stop::Unreached(error.to_string()))?;
            if !sources.join(".git").is_dir() {
                checked_out(&root, &commit, &sources)?;
            }
        } else if !program.is_file() {
            if !quiet {
                say(&format!(
                    "building {short} in {} (once a commit, some minutes)",
                    cache.display()
                ));
            }
            // Anew, also where half of it is there: cargo tells by their age which files it has built, whosever they are.
            checked_out(&root, &commit, &sources)?;
            build(&sources, &cache.join("build"), &program)?;
        } else if !sources.join(".git").is_dir() {
            checked_out(&root, &commit, &sources)?;
        }
        // What is in the repository is the revision's; what is not is as it is here.
        let here = scenario.canonicalize().map_err(|error| Stop::file(scenario, &error))?;
        let there = here.strip_prefix(&root).map(|of| sources.join(of));
        let there = there.unwrap_or_else(|_| scenario.to_owned());
        if !there.is_file() {
            let what = format!("it is not there at {short}; compare two files instead");
            return Err(Stop::file(scenario, &what));
        }
        let name = format!("{} at {} ({short})", tidy(scenario), outside::name(revision));
        let moved = Some((root, sources));
        Ok(Self { name, moved, ..Self::of(&program, &there, sets) })
    }

    /// What the program finds.
    fn rows(&self, arguments: &[&str]) -> Result<Rows, Stop> {
        let mut command = Command::new(&self.program);
        command.arg("rows").arg(&self.scenario).args(arguments);
        self.sets.iter().for_each(|set| _ = command.arg("--set").arg(set));
        let output = command.output().map_err(|error| self.broken(&error.to_string()))?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr);
            let hint = if told.contains("unrecognized subcommand") {
                "it is older than `seatrial compare`: "
            } else {
                ""
            };
            return Err(self.broken(&format!("{hint}{}", outside::page(told.trim()))));
        }
        let rows: Rows = serde_json::from_slice(&output.stdout)
            .map_err(|error| self.broken(&format!("what it says is not understood: {error}")))?;
        if rows.version != ROWS_VERSION {
            let what = format!("it writes rows of version {}, not {ROWS_VERSION}", rows.version);
            return Err(self.broken(&what));
        }
        Ok(rows)
    }

    fn broken(&self, what: &str) -> Stop {
        Stop::Unreached(format!("{}: {what}", self.program.display()))
    }
}

/// The repository that a folder is in.
fn root(folder: &Path) -> Result<PathBuf, Stop> {
    let found = line(git(folder, &["rev-parse", "--show-toplevel"]));
    found.map(PathBuf::from).ok_or_else(|| Stop::Argument {
        name: "--base",
        what: format!("{} is in no git repository", folder.display()),
    })
}

/// Has nobody else check out or build there until it is dropped.
fn alone(cache: &Path) -> Result<File, Stop> {
    let lock = cache.join("lock");
    let locked = kept_out(cache).and_then(|()| File::create(&lock));
    let locked = locked.and_then(|file| file.lock().map(|()| file));
    locked.map_err(|error| Stop::unwritten(&lock, &error))
}

/// The sources of a commit, in a folder of their own.
fn checked_out(root: &Path, commit: &str, sources: &Path) -> Result<(), Stop> {
    let told = |what: &str, output: std::io::Result<Output>| match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(Stop::Unreached(format!("{what}: {}", outside::page(why.trim()))))
        }
        Err(error) => Err(Stop::Unreached(format!("{what}: {error}"))),
    };
    // A folder that is half there is begun anew, and one that is whole has its name at once.
    let half = sources.with_extension(format!("{}.part", std::process::id()));
    let _ = std::fs::remove_dir_all(&half);
    let _ = std::fs::remove_dir_all(sources);
    let place = half.to_string_lossy().into_owned();
    told("git clone", git(root, &["clone", "--quiet", "--shared", "--no-checkout", ".", &place]))?;
    told("git checkout", git(&half, &["checkout", "--quiet", "--detach", commit]))?;
    std::fs::rename(&half, sources).map_err(|error| Stop::unwritten(sources, &error))
}

/// Builds the program of some sources.
fn build(sources: &Path, target: &Path, program: &Path) -> Result<(), Stop> {
    // Much quicker to build, and what it finds is the same.
    let output = Command::new("cargo")
        .current_dir(sources)
        .args(["build", "--release", "--locked", "--quiet", "--bin", "seatrial"])
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env_remove("RUSTFLAGS")
        .output()
        .map_err(|error| Stop::Unreached(format!("cargo: {error}")))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let place = sources.display();
        return Err(Stop::Unreached(format!(
            "cannot build {place}:\n{}",
            outside::page(told.trim())
        )));
    }
    let part = program.with_extension("part");
    let built = target.join("release").join("seatrial");
    std::fs::copy(&built, &part)
        .and_then(|_| std::fs::rename(&part, program))
        .map_err(|error| Stop::unwritten(program, &error))
}

fn git(folder: &Path, arguments: &[&str]) -> std::io::Result<Output> {
    Command::new("git").current_dir(folder).args(arguments).output()
}

/// The line that it answers; none where it cannot.
fn line(output: std::io::Result<Output>) -> Option<String> {
    let output = output.ok()?;
    let line = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}

/// A path without steps back, as code hosts name files.
pub fn tidy(path: &Path) -> String {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        let is_back = part == Component::ParentDir;
        let last = tidy.components().next_back();
        match last {
            Some(Component::Normal(_)) if is_back => _ = tidy.pop(),
            Some(_) | None if part == Component::CurDir => {}
            Some(_) | None => tidy.push(part),
        }
    }
    tidy.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_they_are_in_the_repository() {
        let of = |path: &str| tidy(Path::new(path));
        assert_eq!(of("scenarios/suites/../../policies/p.toml"), "policies/p.toml");
        assert_eq!(of("./a/./b.toml"), "a/b.toml");
        assert_eq!(of("../a/../../b.toml"), "../../b.toml");
        assert_eq!(of("/a/../b.toml"), "/b.toml");
    }
}
