//! A logbook as a folder of segments: `000001.logbook`, `000002.logbook` and so on.
//!
//! Each segment stands alone: its first frame is a head, and the turn after it the whole view. Each
//! names its number and the last check of the one before, so that a segment that was exchanged,
//! taken out of the middle or cut short is found. A writer that starts begins a segment: it never
//! adds to a file whose tail may be torn. Knows files and bytes, and nothing of what they say.

use crate::frames::Effort;
use crate::logbook::{Check, LogbookError, LogbookReader, LogbookWriter, Place};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

const EXTENSION: &str = "logbook";

/// When a segment is full, and how many are kept. Zero stands for no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentLimits {
    /// A segment of so many bytes is full.
    pub size: u64,
    /// So many segments are kept, the one that is written among them.
    pub segments: u32,
    /// All segments together take no more bytes than this, a frame aside.
    pub bytes: u64,
}

impl Default for SegmentLimits {
    fn default() -> Self {
        // 16 MiB: a month of a thousand tenants, read back in a few seconds.
        Self { size: 16 << 20, segments: 0, bytes: 0 }
    }
}

/// Writes a folder of segments.
pub struct SegmentWriter {
    folder: PathBuf,
    limits: SegmentLimits,
    effort: Effort,
    number: u32,
    writer: LogbookWriter<File>,
    /// Bytes after the first turn, which is the whole view: no segment is full before it holds as
    /// much again.
    opening: u64,
    frames: u64,
    synced: u64,
}

impl SegmentWriter {
    /// Begins a segment with this head, after all that are in the folder. Makes the folder where
    /// it is missing.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open(folder: &Path, limits: SegmentLimits, head: &str) -> io::Result<Self> {
        Self::open_with(folder, limits, Effort::default(), head)
    }

    /// The same, with so much effort to make frames short.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn open_with(
        folder: &Path,
        limits: SegmentLimits,
        effort: Effort,
        head: &str,
    ) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let before = segments(folder)?;
        let number = before.last().map_or(1, |last| last.0 + 1);
        let previous = last_check(&before)?;
        Self::create(folder, limits, effort, Place { number, previous }, head)
    }

    fn create(
        folder: &Path,
        limits: SegmentLimits,
        effort: Effort,
        place: Place,
        head: &str,
    ) -> io::Result<Self> {
        let path = folder.join(format!("{:06}.{EXTENSION}", place.number));
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        let begun = Self::write_head(folder, file, (place, effort), head);
        // One without a head is of no use, and a disk that stays full would gather them.
        let writer = begun.inspect_err(|_| drop(fs::remove_file(&path)))?;
        let written = writer.written();
        let new = Self {
            folder: folder.to_owned(),
            limits,
            effort,
            number: place.number,
            writer,
            opening: written,
            frames: 1,
            synced: written,
        };
        new.remove_oldest()?;
        Ok(new)
    }

    fn write_head(
        folder: &Path,
        file: File,
        (place, effort): (Place, Effort),
        head: &str,
    ) -> io::Result<LogbookWriter<File>> {
        let mut writer = LogbookWriter::begin_at(file, place, effort)?;
        writer.append(head)?;
        writer.out().sync_all()?;
        // A new file is there after a loss of power only once its folder says so.
        File::open(folder)?.sync_all()?;
        Ok(writer)
    }

    /// Begins the next segment with this head. After a failed write it is the way to go on.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn begin(&mut self, head: &str) -> io::Result<()> {
        self.sync()?;
        let before = segments(&self.folder)?;
        let (number, previous) = match before.last() {
            // The one after this was tried before, and could not be begun.
            Some((newest, _)) if *newest > self.number => (*newest, last_check(&before)?),
            _ => (self.number, self.writer.last()),
        };
        let place = Place { number: number + 1, previous };
        *self = Self::create(&self.folder, self.limits, self.effort, place, head)?;
        Ok(())
    }

    /// Adds a turn, in one write.
    ///
    /// # Errors
    /// Whatever the file system says. Then only [`SegmentWriter::begin`] goes on.
    pub fn append(&mut self, text: &str) -> io::Result<()> {
        self.writer.append(text)?;
        self.frames += 1;
        if self.frames == 2 {
            self.opening = self.writer.written();
        }
        Ok(())
    }

    /// Adds a turn and has the disk hold it; where either fails, nothing of it stays, as far as the
    /// disk lets itself be told.
    ///
    /// # Errors
    /// Whatever the file system says. Then only [`SegmentWriter::begin`] goes on.
    pub fn append_synced(&mut self, text: &str) -> io::Result<()> {
        let (mark, frames) = (self.writer.mark(), self.frames);
        let written = self.append(text).and_then(|()| self.sync());
        if written.is_err() {
            self.writer.take_back(mark);
            self.frames = frames;
            let cut = self.writer.out().set_len(mark.1);
            drop(cut.and_then(|()| self.writer.out().sync_data()));
            self.synced = mark.1;
        }
        written
    }

    /// Whether the next segment should begin.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let written = self.writer.written();
        let size = self.limits.size;
        size > 0 && self.frames > 1 && written >= size && written >= 2 * self.opening
    }

    /// Has the disk hold all that was written. Measured on a virtual disk: 150 µs.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn sync(&mut self) -> io::Result<()> {
        if self.synced < self.writer.written() {
            self.writer.out().sync_data()?;
            self.synced = self.writer.written();
        }
        Ok(())
    }

    /// The number of the segment that is written.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Bytes in the segment that is written.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.writer.written()
    }

    fn remove_oldest(&self) -> io::Result<()> {
        let mut before = segments(&self.folder)?;
        before.retain(|segment| segment.0 < self.number);
        let mut bytes = 0;
        let mut kept = 1;
        for (_, path) in before.iter().rev() {
            bytes += fs::metadata(path)?.len();
            kept += 1;
            let many = self.limits.segments > 0 && kept > self.limits.segments;
            // The one that is written will grow to its full size.
            let much = self.limits.bytes > 0 && bytes + self.limits.size > self.limits.bytes;
            if many || much {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// The segments of a folder, in order.
pub(crate) fn segments(folder: &Path) -> io::Result<Vec<(u32, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != EXTENSION) {
            continue;
        }
        let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
        if let Some(number) = number {
            found.push((number, path));
        }
    }
    found.sort();
    Ok(found)
}

/// Opens one segment.
pub(crate) fn open(path: &Path) -> Result<LogbookReader<BufReader<File>>, LogbookError> {
    // A pipe would be waited for, a device never ends.
    if !fs::metadata(path).map_err(LogbookError::Unreadable)?.is_file() {
        return Err(LogbookError::NoLogbook);
    }
    let file = File::open(path).map_err(LogbookError::Unreadable)?;
    LogbookReader::open(BufReader::new(file))
}

/// The check of the last good frame; of a segment that was changed, of the frame before the change.
fn last_check(segments: &[(u32, PathBuf)]) -> io::Result<Check> {
    for (_, path) in segments.iter().rev() {
        let mut reader = match open(path) {
            Ok(reader) => reader,
            Err(LogbookError::Unreadable(error)) => return Err(error),
            // Its writer died before it had begun: it is as if it were not there.
            Err(_) => continue,
        };
        return match reader.check_all() {
            Err(LogbookError::Unreadable(error)) => Err(error),
            Ok(_) | Err(_) => Ok(reader.last()),
        };
    }
    Ok(Check::default())
}

/// The newest segment that holds a turn, opened after its head.
pub struct Newest {
    /// Its number.
    pub number: u32,
    /// Its head.
    pub head: String,
    /// Reads its turns.
    pub turns: LogbookReader<BufReader<File>>,
}

/// Opens the newest segment of a folder that holds a turn: what a writer that starts goes on from.
///
/// # Errors
/// When a segment cannot be read.
pub fn newest(folder: &Path) -> Result<Option<Newest>, LogbookError> {
    let all = match segments(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        all => all.map_err(LogbookError::Unreadable)?,
    };
    for (number, path) in all.into_iter().rev() {
        let mut turns = match open(&path) {
            Ok(turns) => turns,
            Err(LogbookError::Unbegun) => continue,
            Err(error) => return Err(error),
        };
        let mut probe = open(&path)?;
        let two = probe.next_frame()?.is_some() && probe.next_frame()?.is_some();
        if two && let Some(head) = turns.next_frame()? {
            return Ok(Some(Newest { number, head, turns }));
        }
    }
    Ok(None)
}
