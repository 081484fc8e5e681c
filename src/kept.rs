//! Runs that are kept: a run is named by what it is made of, so that what did not change is not run again.

use crate::exit::Stop;
use seatrial_record::{Half, Row};
use seatrial_trials::compare::World;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A world whose runs are kept in a folder, under a name that is all that they depend on.
pub struct Kept<'a> {
    /// The world.
    pub world: Box<dyn World<Error = Stop> + 'a>,
    /// The folder of its runs; none are kept where left out.
    pub folder: Option<PathBuf>,
    /// None that is kept is believed: all are run.
    pub is_fresh: bool,
}

impl World for Kept<'_> {
    type Error = Stop;

    fn half(&self) -> Half {
        self.world.half()
    }

    fn row(&self, seed: u64, is_whole: bool) -> Result<Row, Stop> {
        let file = self.folder.as_ref().map(|folder| {
            let whole = if is_whole { "-actions" } else { "" };
            folder.join(format!("{seed}{whole}.json"))
        });
        if let Some(row) =
            file.as_deref().filter(|_| !self.is_fresh).and_then(read).filter(|row| row.seed == seed)
        {
            return Ok(row);
        }
        let row = self.world.row(seed, is_whole)?;
        if let Some(file) = file {
            // What cannot be kept is run again.
            let _ = write(&file, &row);
        }
        Ok(row)
    }
}

/// A folder for what can be made again: where it is new, it is no part of the repository that it is in.
pub fn kept_out(folder: &Path) -> std::io::Result<()> {
    if folder.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(".gitignore"), "*\n")
}

fn read(file: &Path) -> Option<Row> {
    serde_json::from_slice(&std::fs::read(file).ok()?).ok()
}

/// Writes it under its name at once, so that nobody reads half of it.
fn write(file: &Path, row: &Row) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    // Both halves may be one, and run the same seed at the same time.
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let part = file.with_extension(format!("{}-{number}.part", std::process::id()));
    std::fs::write(&part, serde_json::to_vec(row)?)?;
    std::fs::rename(&part, file)
}
