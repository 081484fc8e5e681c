//! Reads a whole logbook, one file or a folder of segments, and tells what became of it. Knows
//! nothing of what its frames say.

use crate::logbook::{Check, LogbookError, LogbookReader};
use crate::segments::{open, segments};
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

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
