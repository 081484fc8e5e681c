//! The files that scenarios are made of: noted while they are read, and read again from what was noted.

use seatrial_format::{Disk, Files};
use seatrial_record::digest;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Files as they were when they were read first, by the path that they were read by.
#[derive(Clone, Debug, Default)]
pub struct Copied(pub BTreeMap<String, Vec<u8>>);

impl Files for Copied {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0
            .get(&path.display().to_string())
            .cloned()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
    fn names(&self, _: &Path) -> Vec<String> {
        Vec::new()
    }
}

/// Files on the disk that are read once, however often they are asked for.
#[derive(Default)]
pub struct Noted(Mutex<Copied>);

impl Noted {
    fn all(&self) -> MutexGuard<'_, Copied> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All that was read.
    pub fn copied(self) -> Copied {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same files for one who wants to know which it reads.
    pub fn by_one(&self) -> ByOne<'_> {
        ByOne { noted: self, read: Mutex::default() }
    }
}

/// Somebody who reads files.
pub struct ByOne<'a> {
    noted: &'a Noted,
    read: Mutex<BTreeSet<String>>,
}

impl ByOne<'_> {
    /// Path and digest of each file that was read.
    pub fn digests(&self) -> Vec<(String, String)> {
        let (read, all) =
            (self.read.lock().unwrap_or_else(PoisonError::into_inner), self.noted.all());
        let of = |path: &String| Some((path.clone(), digest(all.0.get(path)?)));
        read.iter().filter_map(of).collect()
    }
}

impl Files for ByOne<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let name = path.display().to_string();
        let kept = self.noted.all().0.get(&name).cloned();
        let bytes = match kept {
            Some(bytes) => bytes,
            None => {
                let bytes = Disk.read(path)?;
                // Who comes second takes what the first has read.
                self.noted.all().0.entry(name.clone()).or_insert(bytes).clone()
            }
        };
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        Ok(bytes)
    }
    fn names(&self, folder: &Path) -> Vec<String> {
        Disk.names(folder)
    }
    fn identity(&self, path: &Path) -> PathBuf {
        Disk.identity(path)
    }
}
