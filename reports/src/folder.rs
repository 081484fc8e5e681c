//! The folder that one run's files go to. It holds exactly the files of the run that was written
//! last, and whatever others keep there: only what its list names is ever removed.
//!
//! Knows no run.

use crate::names::{LIST, NAMES, STAGING, WriteError};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A folder that may be written.
pub struct Folder {
    path: PathBuf,
    /// What an earlier run wrote here.
    earlier: Vec<String>,
    /// What somebody else keeps here.
    others: Vec<String>,
}

/// The text of the list.
#[derive(Serialize, Deserialize)]
struct List {
    /// Which program wrote it; told to people who find it.
    written_by: String,
    files: Vec<Listed>,
}

#[derive(Serialize, Deserialize)]
struct Listed {
    name: String,
    of: String,
}

/// A file of a run.
pub(crate) struct Output {
    pub(crate) name: String,
    /// Of which runs it tells.
    pub(crate) of: String,
    /// What is to be written; nothing, where it is written already among those on their way.
    pub(crate) text: Option<String>,
}

impl Folder {
    /// Makes the folder where it is missing, and sees that it can be written.
    ///
    /// # Errors
    /// When it cannot be written, or holds a file that a run would write and did not.
    pub fn claim(path: &Path) -> Result<Self, WriteError> {
        let failed = |error| WriteError { path: path.to_owned(), error };
        fs::create_dir_all(path).map_err(failed)?;
        let earlier = earlier(path)?;
        let mut others = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            if name == STAGING || earlier.contains(&name) {
                continue;
            }
            if NAMES.contains(&name.as_str()) {
                let message = format!(
                    "no run is known to have written it ({LIST} does not list it): move it away, \
                     or choose another folder"
                );
                return Err(WriteError { path: path.join(name), error: io::Error::other(message) });
            }
            others.push(name);
        }
        others.sort();
        let folder = Self { path: path.to_owned(), earlier, others };
        folder.stage()?;
        folder.unstage()?;
        Ok(folder)
    }

    /// What is in it beside the files of runs.
    #[must_use]
    pub fn others(&self) -> &[String] {
        &self.others
    }

    /// Where files lie until all are complete.
    pub(crate) fn staging(&self) -> Result<PathBuf, WriteError> {
        let path = self.path.join(STAGING);
        if path.is_dir() { Ok(path) } else { self.stage() }
    }

    /// Puts these files in place of those of an earlier run.
    pub(crate) fn write(&self, texts: &[Output]) -> Result<Vec<PathBuf>, WriteError> {
        let staging = self.staging()?;
        for output in texts {
            if let Some(text) = &output.text {
                put(&staging.join(&output.name), text)?;
            }
        }
        // Until all have their places the list names the old ones and the new ones: whatever a
        // run that dies here leaves behind is known as a run's.
        let new: Vec<Listed> = texts.iter().map(Output::listed).collect();
        let old = self.earlier.iter().filter(|name| !texts.iter().any(|text| text.name == **name));
        let old = old.map(|name| Listed { name: name.clone(), of: "an earlier run".to_owned() });
        self.list(&staging, new.into_iter().chain(old).collect())?;
        for name in self.earlier.iter().filter(|name| *name != LIST) {
            remove(&self.path.join(name), |path| fs::remove_file(path))?;
        }
        let mut written = Vec::new();
        for text in texts {
            let path = self.path.join(&text.name);
            fs::rename(staging.join(&text.name), &path)
                .map_err(|error| WriteError { path: path.clone(), error })?;
            written.push(path);
        }
        self.list(&staging, texts.iter().map(Output::listed).collect())?;
        written.push(self.path.join(LIST));
        self.unstage()?;
        Ok(written)
    }

    /// Puts the list into its place in one step.
    fn list(&self, staging: &Path, files: Vec<Listed>) -> Result<(), WriteError> {
        let list = List { written_by: "seatrial".to_owned(), files };
        let text = serde_json::to_string_pretty(&list).unwrap_or_default();
        put(&staging.join(LIST), &(text + "\n"))?;
        let path = self.path.join(LIST);
        fs::rename(staging.join(LIST), &path).map_err(|error| WriteError { path, error })
    }

    fn stage(&self) -> Result<PathBuf, WriteError> {
        self.unstage()?;
        let path = self.path.join(STAGING);
        match fs::create_dir(&path) {
            Ok(()) => Ok(path),
            Err(error) => Err(WriteError { path, error }),
        }
    }

    fn unstage(&self) -> Result<(), WriteError> {
        let path = self.path.join(STAGING);
        for name in NAMES {
            remove(&path.join(name), |path| fs::remove_file(path))?;
        }
        remove(&path, |path| fs::remove_dir(path))
    }
}

impl Output {
    fn listed(&self) -> Listed {
        Listed { name: self.name.clone(), of: self.of.clone() }
    }
}

/// Puts a file beside those of a run, and into their list; the same file of before is replaced.
pub(crate) fn add(folder: &Path, name: &str, text: &str) -> Result<PathBuf, WriteError> {
    add_with(folder, name, |part| put(part, text))
}

/// The same, of a file that is written by this.
pub(crate) fn add_with<E: From<WriteError>>(
    folder: &Path,
    name: &str,
    write: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<PathBuf, E> {
    let listed = folder.join(LIST);
    let failed = |error| WriteError { path: listed.clone(), error };
    let list = fs::read_to_string(&listed).map_err(failed)?;
    let mut list: List = serde_json::from_str(&list).map_err(|error| failed(error.into()))?;
    let path = folder.join(name);
    if path.exists() && !list.files.iter().any(|file| file.name == name) {
        let what = "no run is known to have written it: move it away, or write elsewhere";
        return Err(WriteError { path, error: io::Error::other(what) }.into());
    }
    let of = list.files.first().map_or_else(String::new, |file| file.of.clone());
    list.files.retain(|file| file.name != name);
    list.files.push(Listed { name: name.to_owned(), of });
    let whole = serde_json::to_string_pretty(&list).unwrap_or_default() + "\n";
    let part = |path: &Path| path.with_extension("part");
    if let Err(error) = write(&part(&path)) {
        let _ = fs::remove_file(part(&path));
        return Err(error);
    }
    put(&part(&listed), &whole)?;
    // The list names it before it is there, so that it is known as a run's whatever happens then.
    for path in [&listed, &path] {
        fs::rename(part(path), path).map_err(|error| WriteError { path: path.clone(), error })?;
    }
    Ok(path)
}

fn put(path: &Path, text: &str) -> Result<(), WriteError> {
    fs::write(path, text).map_err(|error| WriteError { path: path.to_owned(), error })
}

/// What is gone already is fine.
fn remove(path: &Path, how: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), WriteError> {
    match how(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(WriteError { path: path.to_owned(), error })
        }
        _ => Ok(()),
    }
}

/// What the list in the folder names, the list itself among it; only names that a run gives.
fn earlier(folder: &Path) -> Result<Vec<String>, WriteError> {
    let path = folder.join(LIST);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.map_err(|error| WriteError { path: path.clone(), error })?,
    };
    let list: Option<List> = serde_json::from_str(&text).ok();
    let Some(list) = list.filter(|list| list.written_by == "seatrial") else {
        let error = io::Error::other(
            "this is no list of a run's files: move it away, or choose another folder",
        );
        return Err(WriteError { path, error });
    };
    let names = list.files.into_iter().map(|listed| listed.name);
    let names = names.filter(|name| NAMES.contains(&name.as_str()));
    Ok(names.chain([LIST.to_owned()]).collect())
}
