//! A logbook as a folder of segments: `000001.logbook`, `000002.logbook` and so on.
//!
//! Each segment stands alone: its first frame is a head, and the turn after it the whole view. Each
//! names its number and the last check of the one before, so that a segment that was exchanged,
//! taken out of the middle or cut short is found. A writer that starts begins a segment: it never
//! adds to a file whose tail may be torn. Knows files and bytes, and nothing of what they say.

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
        fs::create_dir_all(folder)?;
        let before = segments(folder)?;
        let number = before.last().map_or(1, |last| last.0 + 1);
        let previous = last_check(&before)?;
        Self::create(folder, limits, Place { number, previous }, head)
    }

    fn create(folder: &Path, limits: SegmentLimits, place: Place, head: &str) -> io::Result<Self> {
        let path = folder.join(format!("{:06}.{EXTENSION}", place.number));
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let mut writer = LogbookWriter::begin_at(file, place)?;
        writer.append(head)?;
        writer.out().sync_all()?;
        // A new file is there after a loss of power only once its folder says so.
        File::open(folder)?.sync_all()?;
        let written = writer.written();
        let new = Self {
            folder: folder.to_owned(),
            limits,
            number: place.number,
            writer,
            opening: written,
            frames: 1,
            synced: written,
        };
        new.remove_oldest()?;
        Ok(new)
    }

    /// Begins the next segment with this head. After a failed write it is the way to go on.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn begin(&mut self, head: &str) -> io::Result<()> {
        self.sync()?;
        let place = Place { number: self.number + 1, previous: self.writer.last() };
        *self = Self::create(&self.folder, self.limits, place, head)?;
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

    /// Whether the next segment should begin.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let written = self.writer.written();
        let size = self.limits.size;
        size > 0 && self.frames > 1 && written >= size && written >= 2 * self.opening
    }

    /// Has the disk hold all that was written.
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
fn segments(folder: &Path) -> io::Result<Vec<(u32, PathBuf)>> {
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

fn open(path: &Path) -> Result<LogbookReader<BufReader<File>>, LogbookError> {
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
            _ => Ok(reader.last()),
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

/// Reads a whole logbook, one file or a folder, frame by frame.
pub struct SegmentReader {
    left: std::vec::IntoIter<(u32, PathBuf)>,
    folder: bool,
    current: Option<Current>,
    /// The last check of the last segment that had begun, where it is known.
    chain: Option<Check>,
    /// The number of the last file, begun or not.
    last: Option<u32>,
    told: Vec<Told>,
    segments: u32,
    bytes: u64,
}

struct Current {
    number: u32,
    reader: LogbookReader<BufReader<File>>,
    begun: bool,
}

/// A frame of a logbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A segment begins.
    Head {
        /// Its number.
        segment: u32,
        /// What the host says.
        text: String,
        /// Whether nothing is missing between it and the segment before.
        follows: bool,
    },
    /// A turn.
    Turn(String),
}

/// What is to be told of a logbook besides its frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Older segments were removed: this is the first that is left.
    OlderRemoved {
        /// The first that is left.
        first: u32,
    },
    /// A host died in the middle of a write.
    Torn {
        /// In which segment.
        segment: u32,
        /// At which byte.
        at: u64,
        /// How many bytes were lost.
        lost: u64,
    },
    /// A host died before it had written a segment's head.
    Unbegun {
        /// Which segment.
        segment: u32,
    },
    /// Segments are missing.
    Gap {
        /// The last one before.
        after: u32,
        /// The first one again.
        next: u32,
    },
    /// A segment does not begin where the one before ends: one of the two was cut or exchanged.
    Broken {
        /// Which segment.
        segment: u32,
    },
}

impl Told {
    /// Whether somebody tampered with the logbook; a host that died did not.
    #[must_use]
    pub fn is_tampering(&self) -> bool {
        matches!(self, Self::Gap { .. } | Self::Broken { .. })
    }
}

impl core::fmt::Display for Told {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::OlderRemoved { first } => {
                write!(f, "begins with segment {first}: older ones were removed")
            }
            Self::Torn { segment, at, lost } => write!(
                f,
                "segment {segment} ends in the middle of a tick, at byte {at}: {lost} bytes lost"
            ),
            Self::Unbegun { segment } => {
                write!(f, "segment {segment} ends before it says who decided")
            }
            Self::Gap { after, next } => {
                write!(f, "segments are missing between {after} and {next}")
            }
            Self::Broken { segment } => write!(
                f,
                "segment {segment} does not begin where the one before it ends: one of the two was \
                 cut or exchanged"
            ),
        }
    }
}

/// A segment that cannot be read on.
#[derive(Debug)]
pub struct SegmentError {
    /// Which, in a folder.
    pub segment: Option<u32>,
    /// Why.
    pub error: LogbookError,
}

impl core::fmt::Display for SegmentError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if let Some(segment) = self.segment {
            write!(f, "segment {segment}: ")?;
        }
        self.error.fmt(f)
    }
}

impl std::error::Error for SegmentError {}

impl SegmentReader {
    /// Opens a logbook.
    ///
    /// # Errors
    /// When there is nothing that could be one.
    pub fn open(path: &Path) -> Result<Self, SegmentError> {
        let unreadable =
            |error| SegmentError { segment: None, error: LogbookError::Unreadable(error) };
        let folder = fs::metadata(path).map_err(unreadable)?.is_dir();
        let all = match folder {
            true => segments(path).map_err(unreadable)?,
            // A file stands alone, whatever it is called.
            false => vec![(0, path.to_owned())],
        };
        if all.is_empty() {
            return Err(SegmentError { segment: None, error: LogbookError::NoLogbook });
        }
        Ok(Self {
            left: all.into_iter(),
            folder,
            current: None,
            chain: None,
            last: None,
            told: Vec::new(),
            segments: 0,
            bytes: 0,
        })
    }

    /// What was met so far, in order.
    #[must_use]
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    /// The check of the last frame that was read: it covers all that stands before it.
    #[must_use]
    pub fn last(&self) -> Check {
        let current = self.current.as_ref().map(|current| current.reader.last());
        current.or(self.chain).unwrap_or_default()
    }

    /// How many segments were begun so far.
    #[must_use]
    pub fn segments(&self) -> u32 {
        self.segments
    }

    /// How many bytes were read so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes + self.current.as_ref().map_or(0, |current| current.reader.at())
    }

    /// How many bytes there are, as far as the file system knows.
    #[must_use]
    pub fn bytes_all(&self) -> u64 {
        let ahead = self.left.as_slice().iter();
        self.bytes()
            + ahead.filter_map(|(_, path)| fs::metadata(path).ok()).map(|m| m.len()).sum::<u64>()
    }

    /// The next frame; none at the end.
    ///
    /// # Errors
    /// When a segment was changed or cannot be read.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, SegmentError> {
        loop {
            let Some(current) = &mut self.current else {
                if !self.next_segment()? {
                    return Ok(None);
                }
                continue;
            };
            let segment = current.number;
            let named = self.folder.then_some(segment);
            let text = current.reader.next_frame();
            match text.map_err(|error| SegmentError { segment: named, error })? {
                Some(text) if current.begun => return Ok(Some(Frame::Turn(text))),
                Some(text) => {
                    current.begun = true;
                    self.segments += 1;
                    let follows = !self.told.iter().any(|told| match told {
                        Told::Gap { next, .. } => *next == segment,
                        Told::Broken { segment: broken } => *broken == segment,
                        Told::OlderRemoved { .. } | Told::Torn { .. } | Told::Unbegun { .. } => {
                            false
                        }
                    });
                    return Ok(Some(Frame::Head { segment, text, follows }));
                }
                None => self.end_segment(),
            }
        }
    }

    fn end_segment(&mut self) {
        let Some(Current { number, reader, begun }) = self.current.take() else { return };
        self.bytes += reader.at();
        self.chain = Some(reader.last());
        match reader.torn() {
            Some(torn) => {
                self.told.push(Told::Torn { segment: number, at: torn.at, lost: torn.lost });
            }
            None if !begun => self.told.push(Told::Unbegun { segment: number }),
            None => {}
        }
    }

    /// Whether there was another segment.
    fn next_segment(&mut self) -> Result<bool, SegmentError> {
        let Some((number, path)) = self.left.next() else { return Ok(false) };
        let gap = self.last.is_some_and(|last| last + 1 != number);
        match self.last {
            Some(after) if gap => self.told.push(Told::Gap { after, next: number }),
            None if number > 1 => self.told.push(Told::OlderRemoved { first: number }),
            // Nothing stands before the very first.
            None if self.folder => self.chain = Some(Check::default()),
            _ => {}
        }
        self.last = Some(number);
        let reader = match open(&path) {
            Ok(reader) => reader,
            Err(LogbookError::Unbegun) if self.folder => {
                self.told.push(Told::Unbegun { segment: number });
                return Ok(true);
            }
            Err(error) => {
                return Err(SegmentError { segment: self.folder.then_some(number), error });
            }
        };
        let place = reader.place();
        let number = if self.folder { number } else { place.number };
        // What stood before the first that is left is not known.
        let follows = self.chain.is_none_or(|last| place.previous == last);
        if !gap && (place.number != number || !follows) {
            self.told.push(Told::Broken { segment: number });
        }
        self.current = Some(Current { number, reader, begun: false });
        Ok(true)
    }
}
