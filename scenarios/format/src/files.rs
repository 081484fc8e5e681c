//! Where texts come from: the disk, or a map in tests. Parses nothing.

use crate::bounds::BYTES_MAX;
use seatrial_contract::config::nearest;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Something that has files.
pub trait Files {
    /// The bytes of a file; more than four mebibytes may be cut.
    ///
    /// # Errors
    /// As the file system says.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// The names of the files in a folder; none where it cannot be listed.
    fn names(&self, folder: &Path) -> Vec<String>;
    /// One path for all ways to write it, to tell whether two paths mean one file.
    fn identity(&self, path: &Path) -> PathBuf {
        path.to_path_buf()
    }
}

/// The file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

/// What is neither a file nor a folder.
const NO_FILE: &str = "it is a pipe, a device or a socket";

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        // A pipe would be waited for, a device never ends; a folder is told apart by opening it.
        let kind = std::fs::metadata(path)?.file_type();
        if !kind.is_file() && !kind.is_dir() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, NO_FILE));
        }
        let limit = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX) + 1;
        std::fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
    fn names(&self, folder: &Path) -> Vec<String> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let files = entries.flatten().filter(|entry| entry.path().is_file());
        files.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
    fn identity(&self, path: &Path) -> PathBuf {
        path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
    }
}

/// Files that are only in memory, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InMemory(pub BTreeMap<PathBuf, Vec<u8>>);

impl InMemory {
    /// One file more.
    #[must_use]
    pub fn with(mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.insert(path.into(), bytes.into());
        self
    }
}

impl Files for InMemory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
    fn names(&self, folder: &Path) -> Vec<String> {
        let here = self.0.keys().filter(|path| path.parent() == Some(folder));
        here.filter_map(|path| Some(path.file_name()?.to_str()?.to_string())).collect()
    }
}

/// A file that could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}; {remedy}")]
pub struct Unreadable {
    /// The path as the user wrote it.
    pub path: PathBuf,
    /// What the system said, by kind.
    pub kind: io::ErrorKind,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Unreadable {
    pub(crate) fn explain(files: &dyn Files, path: &Path, error: &io::Error) -> Self {
        let shown = path.display();
        #[expect(clippy::wildcard_enum_match_arm, reason = "the others are not ours to list")]
        let (message, remedy) = match error.kind() {
            io::ErrorKind::NotFound => {
                (format!("there is no file `{shown}`"), meant_instead(files, path))
            }
            io::ErrorKind::IsADirectory => {
                let inside = tables_in(files, path).into_iter().next();
                let inside =
                    inside.map_or("it".into(), |name| path.join(name).display().to_string());
                let remedy = match inside.as_str() {
                    "it" => "name a file".to_string(),
                    inside => format!("name a file in it, such as `{inside}`"),
                };
                (format!("`{shown}` is a folder, not a file"), remedy)
            }
            io::ErrorKind::PermissionDenied => {
                let remedy = "ask its owner, or `chmod u+r` it if that is you";
                (format!("`{shown}` may not be read by you"), remedy.into())
            }
            io::ErrorKind::NotADirectory => {
                let remedy = "check the folders in front of its name";
                (format!("`{shown}` goes through something that is no folder"), remedy.into())
            }
            io::ErrorKind::InvalidInput => {
                let remedy = "write what it gives into a file, and name that";
                (format!("`{shown}` is no file: {error}"), remedy.into())
            }
            _ => (format!("`{shown}` cannot be read: {error}"), "try it again".into()),
        };
        Self { path: path.to_path_buf(), kind: error.kind(), message, remedy }
    }
}

/// Names of scenario files in a folder, in order.
fn tables_in(files: &dyn Files, folder: &Path) -> Vec<String> {
    let mut names = files.names(folder);
    names.retain(|name| Path::new(name).extension().is_some_and(|ending| ending == "toml"));
    names.sort();
    names
}

fn meant_instead(files: &dyn Files, path: &Path) -> String {
    let folder = path.parent().unwrap_or(Path::new(""));
    let tables = tables_in(files, folder);
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = wanted.strip_suffix(".toml").unwrap_or(&wanted);
    let stems = tables.iter().filter_map(|name| name.strip_suffix(".toml"));
    if let Some(near) = nearest(stem, stems) {
        let near = folder.join(format!("{near}.toml"));
        return format!("did you mean `{}`?", near.display());
    }
    let place = if folder.as_os_str().is_empty() {
        "this folder".to_string()
    } else {
        format!("`{}`", folder.display())
    };
    if tables.is_empty() {
        return format!("{place} has no .toml files; check the path");
    }
    let more = if tables.len() > 5 { ", …" } else { "" };
    let some = tables.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
    format!("{place} has {some}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(files: &dyn Files, path: &str) -> String {
        let error = files.read(Path::new(path)).unwrap_err();
        Unreadable::explain(files, Path::new(path), &error).to_string()
    }

    #[test]
    fn a_missing_file_names_the_likeliest() {
        let files = InMemory::default().with("s/week.toml", "").with("s/storm.toml", "");
        let no = |path| format!("there is no file `{path}`; ");
        assert_eq!(told(&files, "s/wek.toml"), no("s/wek.toml") + "did you mean `s/week.toml`?");
        assert_eq!(told(&files, "s/week"), no("s/week") + "did you mean `s/week.toml`?");
        assert_eq!(told(&files, "s/x.toml"), no("s/x.toml") + "`s` has storm.toml, week.toml");
        assert_eq!(
            told(&files, "t/x.toml"),
            no("t/x.toml") + "`t` has no .toml files; check the path"
        );
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = std::env::temp_dir();
        let told = told(&Disk, &folder.display().to_string());
        assert!(told.contains("is a folder, not a file; name a file"), "{told}");
    }

    #[test]
    fn a_pipe_or_a_device_is_refused_at_once() {
        let pipe = std::env::temp_dir().join(format!("seatrial-pipe-{}", std::process::id()));
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.is_ok_and(|status| status.success()));
        for path in [&*pipe, Path::new("/dev/zero")] {
            let told = told(&Disk, &path.display().to_string());
            assert!(
                told.contains("is no file: it is a pipe, a device or a socket; write"),
                "{told}"
            );
        }
        std::fs::remove_file(&pipe).unwrap();
    }
}
