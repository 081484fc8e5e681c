//! The folder of a plan: the plan, copies of the files that it is made of, and what each unit found. What is written
//! has its name when all of it is on the disk, so that whoever is killed leaves nothing that is half there.

use super::files::Copied;
use crate::exit::Stop;
use seatrial_record::{PLAN_VERSION, SweepPlan, UNIT_VERSION, UnitFound, digest};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The plan itself.
const PLAN: &str = "plan.json";
/// Copies of the files that the scenarios are made of.
const FILES: &str = "files";
/// What the units found, one file each.
const UNITS: &str = "units";
/// What a file of a unit begins with; then comes the digest of the rest, which begins on the next line.
const HEAD: &str = "seatrial unit ";

/// A folder with a plan.
pub struct PlanFolder {
    path: PathBuf,
    /// The plan.
    pub plan: SweepPlan,
}

/// What there is of a unit.
pub enum Kept {
    /// What it found.
    Found(Box<UnitFound>),
    /// Nothing.
    Missing,
    /// Something that nobody wrote so.
    Damaged(&'static str),
}

impl PlanFolder {
    /// Writes a plan; whether it was there already.
    pub fn write(path: &Path, plan: &SweepPlan, files: &Copied) -> Result<bool, Stop> {
        match fs::read(path.join(PLAN)) {
            Ok(_) => {
                let there = Self::open(path)?;
                if there.plan == *plan {
                    return Ok(true);
                }
                let what = "it holds another plan: choose another folder, or remove it";
                return Err(Stop::file(path, &what));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Stop::unwritten(&path.join(PLAN), &error)),
        }
        if let Some(other) = others(path)? {
            let what =
                format!("there is `{other}` in it, which no plan has: choose another folder");
            return Err(Stop::file(path, &what));
        }
        for folder in [FILES, UNITS] {
            let folder = path.join(folder);
            fs::create_dir_all(&folder).map_err(|error| Stop::unwritten(&folder, &error))?;
        }
        for file in &plan.files {
            let bytes = files.0.get(&file.path).map(Vec::as_slice).unwrap_or_default();
            put(&path.join(FILES).join(&file.copy), bytes)?;
        }
        // Last: a folder that has it has all.
        let text = serde_json::to_string_pretty(plan).unwrap_or_default() + "\n";
        put(&path.join(PLAN), text.as_bytes())?;
        Ok(false)
    }

    /// Reads a plan.
    pub fn open(path: &Path) -> Result<Self, Stop> {
        let file = path.join(PLAN);
        let bytes = fs::read(&file).map_err(|error| {
            let hint = "; `seatrial sweep plan SCENARIO --vary … -o FOLDER` writes one";
            Stop::file(&file, &format!("this is no plan: {error}{hint}"))
        })?;
        let damaged = |why: String| {
            Stop::file(
                &file,
                &format!("{why}; copy it anew, or write the plan again into another folder"),
            )
        };
        let version = serde_json::from_slice::<serde_json::Value>(&bytes)
            .map_err(|error| damaged(format!("it is not understood: {error}")))?["version"]
            .as_u64();
        if version != Some(PLAN_VERSION.into()) {
            let told = version.map_or("unknown".to_owned(), |of| of.to_string());
            return Err(damaged(format!(
                "its version is {told}, and this program reads {PLAN_VERSION}"
            )));
        }
        let plan: SweepPlan = serde_json::from_slice(&bytes)
            .map_err(|error| damaged(format!("it is not understood: {error}")))?;
        if plan.checked() != plan.check || !plan.is_whole() {
            return Err(damaged("it is not as it was written".to_owned()));
        }
        Ok(Self { path: path.to_owned(), plan })
    }

    /// The files that the scenarios are made of, as they were when it was planned.
    pub fn files(&self) -> Result<Copied, Stop> {
        let mut copied = Copied::default();
        for file in &self.plan.files {
            let copy = self.path.join(FILES).join(&file.copy);
            let wrong = |why: String| {
                let what =
                    format!("{why}; copy the folder of the plan anew, or plan again into another");
                Stop::file(&copy, &what)
            };
            let bytes =
                fs::read(&copy).map_err(|error| wrong(format!("it cannot be read: {error}")))?;
            if digest(&bytes) != file.digest {
                return Err(wrong("it is not as it was planned".to_owned()));
            }
            copied.0.insert(file.path.clone(), bytes);
        }
        Ok(copied)
    }

    fn unit(&self, id: &str) -> PathBuf {
        self.path.join(UNITS).join(format!("{id}.unit"))
    }

    /// What there is of a unit.
    pub fn kept(&self, at: usize) -> Result<Kept, Stop> {
        let id = &self.plan.units[at].id;
        let file = self.unit(id);
        match fs::read(&file) {
            Ok(bytes) => Ok(match understood(&bytes, id) {
                Ok(found) => Kept::Found(Box::new(found)),
                Err(why) => Kept::Damaged(why),
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Kept::Missing),
            Err(error) => Err(Stop::Unreached(format!("cannot read {}: {error}", file.display()))),
        }
    }

    /// Keeps what a unit found.
    pub fn keep(&self, found: &UnitFound) -> Result<(), Stop> {
        let body = serde_json::to_string(found).unwrap_or_default() + "\n";
        let text = format!("{HEAD}{}\n{body}", digest(body.as_bytes()));
        put(&self.unit(&found.unit), text.as_bytes())
    }

    /// Makes the folder of the units where it was left out when the plan was copied.
    pub fn with_units(self) -> Result<Self, Stop> {
        let units = self.path.join(UNITS);
        fs::create_dir_all(&units).map_err(|error| Stop::unwritten(&units, &error))?;
        Ok(self)
    }
}

fn understood(bytes: &[u8], id: &str) -> Result<UnitFound, &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text")?;
    let told = text.strip_prefix(HEAD).and_then(|rest| rest.split_once('\n'));
    let (check, body) = told.ok_or("it does not begin as a unit does")?;
    if digest(body.as_bytes()) != check {
        return Err("it is not as it was written");
    }
    let found: UnitFound = serde_json::from_str(body).map_err(|_| "it is not understood")?;
    match (found.version == UNIT_VERSION, found.unit == id) {
        (true, true) => Ok(found),
        (false, _) => Err("it is of another version"),
        (true, false) => Err("it is another unit's"),
    }
}

/// Something in a folder that no plan has there.
fn others(path: &Path) -> Result<Option<String>, Stop> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Stop::unwritten(path, &error)),
    };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> =
        names.filter(|name| ![FILES, UNITS].contains(&name.as_str()) && !is_part(name)).collect();
    names.sort();
    Ok(names.into_iter().next().map(|name| seatrial_contract::outside::name(&name)))
}

/// Whether it is a file that somebody was writing.
fn is_part(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|of| of == "part")
}

/// Writes a file so that it has its name when all of it is on the disk, whoever else writes it at the same time.
pub fn put(file: &Path, bytes: &[u8]) -> Result<(), Stop> {
    let unwritten = |error: std::io::Error| Stop::unwritten(file, &error);
    let folder = file.parent().filter(|of| !of.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    // Processes of several machines have the same numbers.
    let mut own = [0; 8];
    getrandom::fill(&mut own).map_err(|error| Stop::unwritten(file, &error))?;
    let own: String = own.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = folder.join(format!(".{name}.{own}.part"));
    let written = File::create_new(&part)
        .and_then(|mut part| part.write_all(bytes).and_then(|()| part.sync_all()))
        .and_then(|()| fs::rename(&part, file))
        .and_then(|()| synced(folder));
    written.map_err(|error| {
        let _ = fs::remove_file(&part);
        unwritten(error)
    })
}

/// Brings the names in a folder to the disk, where its file system has a way to.
fn synced(folder: &Path) -> std::io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error) if [ErrorKind::InvalidInput, ErrorKind::Unsupported].contains(&error.kind()) => {
            Ok(())
        }
        synced => synced,
    }
}
