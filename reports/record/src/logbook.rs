//! An append-only file of what a host saw and decided, tick by tick.
//!
//! A line that names the format, then frames: a length, a check and a text. Each check covers the
//! check before it, so that a byte flipped, dropped or moved anywhere is found. A host may die in
//! the middle of a write: then the last frame is short, which is told and does no harm.
//! Knows no view and no policy; what a frame says is the host's own.

use std::io::{self, Read, Write};

/// The first line of every logbook of this format.
const TITLE: &[u8] = b"SEATRIAL LOGBOOK 1\n";

/// No tick of a cluster that fits in memory says more; a larger length is a broken one.
const LENGTH_MAX: u32 = 1 << 30;

const CHECK: usize = 8;

type Check = [u8; CHECK];

/// Writes a logbook.
pub struct LogbookWriter<W> {
    out: W,
    last: Check,
}

impl<W: Write> LogbookWriter<W> {
    /// Begins a logbook.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(TITLE)?;
        Ok(Self { out, last: Check::default() })
    }

    /// Adds a frame, in one write.
    ///
    /// # Errors
    /// Whatever the writer says, or a text that is too long.
    pub fn append(&mut self, text: &str) -> io::Result<()> {
        let length = u32::try_from(text.len()).ok().filter(|length| *length <= LENGTH_MAX);
        let length = length.ok_or_else(|| io::Error::other("a frame of more than 1 GiB"))?;
        self.last = check(self.last, text.as_bytes());
        let mut frame = Vec::with_capacity(4 + CHECK + text.len());
        frame.extend_from_slice(&length.to_le_bytes());
        frame.extend_from_slice(&self.last);
        frame.extend_from_slice(text.as_bytes());
        self.out.write_all(&frame)
    }

    /// Hands everything to the system.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Reads a logbook, frame by frame.
pub struct LogbookReader<R> {
    input: R,
    last: Check,
    at: u64,
    torn: Option<u64>,
}

/// Why a logbook cannot be read on.
#[derive(Debug)]
pub enum LogbookError {
    /// It does not begin as one.
    NoLogbook,
    /// It was changed after it was written, in the frame that begins at this byte.
    Changed {
        /// The first byte of the frame.
        at: u64,
    },
    /// The file could not be read.
    Unreadable(io::Error),
}

impl core::fmt::Display for LogbookError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoLogbook => f.write_str("this is no logbook of Seatrial's, version 1"),
            Self::Changed { at } => {
                write!(f, "the logbook was changed: the frame at byte {at} fails its check")
            }
            Self::Unreadable(error) => write!(f, "the logbook cannot be read: {error}"),
        }
    }
}

impl std::error::Error for LogbookError {}

impl<R: Read> LogbookReader<R> {
    /// Opens a logbook.
    ///
    /// # Errors
    /// When it does not begin as one.
    pub fn open(mut input: R) -> Result<Self, LogbookError> {
        let mut title = [0; TITLE.len()];
        let read = fill(&mut input, &mut title).map_err(LogbookError::Unreadable)?;
        if read < title.len() || title != TITLE {
            return Err(LogbookError::NoLogbook);
        }
        Ok(Self { input, last: Check::default(), at: TITLE.len() as u64, torn: None })
    }

    /// The byte at which the file ends in the middle of a frame, once it was met.
    #[must_use]
    pub fn torn(&self) -> Option<u64> {
        self.torn
    }

    /// The text of the next frame; none at the end, torn or not.
    ///
    /// # Errors
    /// When a frame fails its check, or the file cannot be read.
    pub fn next_frame(&mut self) -> Result<Option<String>, LogbookError> {
        let mut head = [0; 4 + CHECK];
        let read = fill(&mut self.input, &mut head).map_err(LogbookError::Unreadable)?;
        if read < head.len() {
            self.torn = (read > 0).then_some(self.at);
            return Ok(None);
        }
        let (length, expected) = head.split_at(4);
        let length = u32::from_le_bytes(length.try_into().unwrap_or_default());
        if length > LENGTH_MAX {
            return Err(LogbookError::Changed { at: self.at });
        }
        let mut text = Vec::new();
        let wanted = u64::from(length);
        let read = (&mut self.input).take(wanted).read_to_end(&mut text);
        if (read.map_err(LogbookError::Unreadable)? as u64) < wanted {
            self.torn = Some(self.at);
            return Ok(None);
        }
        let found = check(self.last, &text);
        if found != expected {
            return Err(LogbookError::Changed { at: self.at });
        }
        let text = String::from_utf8(text).map_err(|_| LogbookError::Changed { at: self.at })?;
        self.last = found;
        self.at += head.len() as u64 + wanted;
        Ok(Some(text))
    }
}

fn check(last: Check, text: &[u8]) -> Check {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&last).update(&(text.len() as u64).to_le_bytes()).update(text);
    let mut check = Check::default();
    check.copy_from_slice(&hasher.finalize().as_bytes()[..CHECK]);
    check
}

/// Reads until the buffer is full or the input ends; says how much was read.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match input.read(&mut buffer[done..]) {
            Ok(0) => break,
            Ok(read) => done += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = LogbookWriter::begin(&mut bytes).unwrap();
        for text in ["first", "", "the third, a little longer"] {
            writer.append(text).unwrap();
        }
        bytes
    }

    type Found = Result<(Vec<String>, Option<u64>), LogbookError>;

    fn read(bytes: &[u8]) -> Found {
        let mut reader = LogbookReader::open(bytes)?;
        let mut all = Vec::new();
        while let Some(text) = reader.next_frame()? {
            all.push(text);
        }
        Ok((all, reader.torn()))
    }

    #[test]
    fn what_was_written_is_read() {
        let (all, torn) = read(&written()).unwrap();
        assert_eq!(all, ["first", "", "the third, a little longer"]);
        assert_eq!(torn, None);
    }

    #[test]
    fn a_flipped_bit_anywhere_is_found() {
        let whole = written();
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                // A length that grew past the end looks like a torn tail: it is told as well.
                let found = read(&bytes);
                let told = match found {
                    Err(_) => true,
                    Ok((all, torn)) => torn.is_some() && all.len() < 3,
                };
                assert!(told, "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn a_death_at_any_byte_costs_the_last_frame_at_most() {
        let whole = written();
        let ends: Vec<usize> = [5, 0, 26]
            .iter()
            .scan(TITLE.len(), |at, n| {
                *at += 12 + n;
                Some(*at)
            })
            .collect();
        for length in TITLE.len()..whole.len() {
            let (all, torn) = read(&whole[..length]).unwrap();
            assert_eq!(all.len(), ends.iter().filter(|end| **end <= length).count());
            let clean = length == TITLE.len() || ends.contains(&length);
            assert_eq!(torn.is_none(), clean, "at byte {length}");
        }
    }

    #[test]
    fn other_files_are_refused() {
        assert!(matches!(read(b"hello"), Err(LogbookError::NoLogbook)));
        assert!(matches!(read(b""), Err(LogbookError::NoLogbook)));
    }
}
