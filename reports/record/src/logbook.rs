//! An append-only file of what a host saw and decided, tick by tick.
//!
//! A line that names the format, the place of this segment in its logbook (its number, and the last
//! check of the segment before), then frames: a length, a seal over it, a check and a deflated text.
//! Seals and checks cover the check before them, so that a byte flipped, dropped or moved anywhere
//! is found, and told from a death in the middle of a write: that leaves the last frame short, which
//! is said and does no harm. One deflate stream goes through all frames, flushed after each, so that
//! a frame is as short as if its like had been said before, and is readable as soon as it is there. A
//! frame may hold several texts with [`BETWEEN`] between them: a flush costs more than a text, and who
//! can do without the last texts after a death gathers them.
//! Knows no view and no policy; what a frame says is the host's own.
//!
//! Measured on a day of a thousand users (5,762 ticks of 1,214 B of JSON), per tick, before the 16 B
//! of length, seal and check: JSON deflated 96 B, 21 µs to write, 4 µs to read (level 1: 133 B, 13 µs;
//! 9: 95 B, 27 µs); postcard deflated 78 B, 18 µs, 4 µs; JSON with lz4 137 B, 15 µs. JSON it is: a
//! field can be added to it, and old logbooks stay readable. All in all a tick takes 101 B.

use crate::frames::{Deflater, Effort, Inflater, LENGTH_MAX};
use std::io::{self, Read, Write};

/// The first line of every logbook, without the number of its format.
const TITLE: &[u8] = b"SEATRIAL LOGBOOK ";
/// The format written here.
const FORMAT: &[u8] = b"4\n";
/// The formats before: every turn says what was decided; and one text to a frame.
const FORMATS_BEFORE: [&[u8]; 2] = [b"3\n", b"2\n"];

/// Stands between the texts of a frame, as in JSON text sequences (RFC 7464): no JSON contains it.
pub const BETWEEN: char = '\u{1e}';
/// Title, format, number and last check before.
const OPENING: usize = TITLE.len() + FORMAT.len() + 4 + CHECK;

const SEAL: usize = 4;
const CHECK: usize = 8;
/// Length, seal and check.
const HEAD: usize = 4 + SEAL + CHECK;

/// The check of a frame: it covers all that stands before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Check([u8; CHECK]);

impl core::fmt::Display for Check {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Where a segment stands in its logbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number, counted from one.
    pub number: u32,
    /// The last check of the segment before; zeros where there is none.
    pub previous: Check,
}

impl Default for Place {
    fn default() -> Self {
        Self { number: 1, previous: Check::default() }
    }
}

impl Place {
    fn opening(self) -> Vec<u8> {
        [TITLE, FORMAT, &self.number.to_le_bytes(), &self.previous.0].concat()
    }
}

/// Writes a logbook of one segment.
pub struct LogbookWriter<W> {
    out: W,
    deflater: Deflater,
    last: Check,
    written: u64,
}

impl<W: Write> LogbookWriter<W> {
    /// Begins a logbook that is one file.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn begin(out: W) -> io::Result<Self> {
        Self::begin_at(out, Place::default(), Effort::default())
    }

    /// Begins the segment at this place.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn begin_at(mut out: W, place: Place, effort: Effort) -> io::Result<Self> {
        let opening = place.opening();
        out.write_all(&opening)?;
        let last = first_check(&opening);
        Ok(Self { out, deflater: Deflater::new(effort), last, written: opening.len() as u64 })
    }

    /// Adds a frame, in one write: a text, or several with [`BETWEEN`] between them. After an error nothing more can be added.
    ///
    /// # Errors
    /// Whatever the writer says, or a text that is too long.
    pub fn append(&mut self, text: &str) -> io::Result<()> {
        let mut frame = vec![0; HEAD];
        self.deflater.deflate(text.as_bytes(), &mut frame)?;
        let length = u32::try_from(frame.len() - HEAD).map_err(io::Error::other)?;
        let (head, body) = frame.split_at_mut(HEAD);
        let length = length.to_le_bytes();
        let last = check(self.last, length, body);
        head[..4].copy_from_slice(&length);
        head[4..4 + SEAL].copy_from_slice(&seal(self.last, length));
        head[4 + SEAL..].copy_from_slice(&last.0);
        if let Err(error) = self.out.write_all(&frame) {
            // Part of the frame may be there: whatever followed it would be unreadable.
            self.deflater.break_off();
            return Err(error);
        }
        self.last = last;
        self.written += frame.len() as u64;
        Ok(())
    }

    /// How far it is written.
    pub(crate) fn mark(&self) -> (Check, u64) {
        (self.last, self.written)
    }

    /// The frames after a mark are taken back from what was written to. Nothing can be added any
    /// more: the stream of deflated text goes on from them.
    pub(crate) fn take_back(&mut self, (last, written): (Check, u64)) {
        (self.last, self.written) = (last, written);
        self.deflater.break_off();
    }

    /// Hands everything to the system.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// The check of the last frame.
    #[must_use]
    pub fn last(&self) -> Check {
        self.last
    }

    /// How many bytes were written.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    /// What is written to.
    pub(crate) fn out(&self) -> &W {
        &self.out
    }
}

/// Reads one segment of a logbook, frame by frame.
pub struct LogbookReader<R> {
    input: R,
    inflater: Inflater,
    place: Place,
    last: Check,
    at: u64,
    torn: Option<Torn>,
    /// The other texts of the frame that was read last.
    rest: std::vec::IntoIter<String>,
}

/// A host died in the middle of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The first byte of the frame that is not all there.
    pub at: u64,
    /// How many bytes of it are there, to no avail.
    pub lost: u64,
}

/// Why a logbook cannot be read on.
#[derive(Debug)]
pub enum LogbookError {
    /// It does not begin as one.
    NoLogbook,
    /// It is of another format.
    OtherFormat {
        /// The number of its format.
        format: String,
    },
    /// The writer died before it had written who decides.
    Unbegun,
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
            Self::NoLogbook => f.write_str("this is no logbook of Seatrial's"),
            Self::OtherFormat { format } if format == "1" => f.write_str(
                "this logbook was written by an older Seatrial, in format 1; this one reads \
                 formats 2 and 3: replay it with the program that wrote it",
            ),
            Self::OtherFormat { format } => write!(
                f,
                "this logbook was written by another Seatrial, in format {format}; this one reads \
                 formats 2 and 3: replay it with the program that wrote it"
            ),
            Self::Unbegun => f.write_str("the logbook ends before it says who decided"),
            Self::Changed { at } => {
                write!(f, "the logbook was changed: the frame at byte {at} fails its check")
            }
            Self::Unreadable(error) => write!(f, "the logbook cannot be read: {error}"),
        }
    }
}

impl std::error::Error for LogbookError {}

impl<R: Read> LogbookReader<R> {
    /// Opens a segment.
    ///
    /// # Errors
    /// When it does not begin as one.
    pub fn open(mut input: R) -> Result<Self, LogbookError> {
        let mut opening = [0; OPENING];
        let read = fill(&mut input, &mut opening).map_err(LogbookError::Unreadable)?;
        let (title, rest) = opening.split_at(TITLE.len());
        let (format, rest) = rest.split_at(FORMAT.len());
        if title[..read.min(title.len())] != TITLE[..read.min(title.len())] {
            return Err(LogbookError::NoLogbook);
        }
        let format_read = read.saturating_sub(title.len()).min(format.len());
        let is = |known: &[u8]| format[..format_read] == known[..format_read];
        if !is(FORMAT) && !FORMATS_BEFORE.iter().any(|before| is(before)) {
            let digits = opening[TITLE.len()..read].split(|byte| *byte == b'\n').next();
            let format: String =
                digits.unwrap_or_default().iter().map(|byte| char::from(*byte)).collect();
            let is_number = !format.is_empty() && format.bytes().all(|b| b.is_ascii_digit());
            return Err(match is_number {
                true => LogbookError::OtherFormat { format },
                false => LogbookError::NoLogbook,
            });
        }
        if read < OPENING {
            return Err(LogbookError::Unbegun);
        }
        let (number, previous) = rest.split_at(4);
        let place = Place {
            number: u32::from_le_bytes(number.try_into().unwrap_or_default()),
            previous: Check(previous.try_into().unwrap_or_default()),
        };
        let last = first_check(&opening);
        Ok(Self {
            input,
            inflater: Inflater::new(),
            place,
            last,
            at: OPENING as u64,
            torn: None,
            rest: Vec::new().into_iter(),
        })
    }

    /// Where the segment says that it stands.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// The check of the last frame that was read.
    #[must_use]
    pub fn last(&self) -> Check {
        self.last
    }

    /// How many bytes were read, torn ones aside.
    #[must_use]
    pub fn at(&self) -> u64 {
        self.at
    }

    /// Where the file ends in the middle of a frame, once it was met.
    #[must_use]
    pub fn torn(&self) -> Option<Torn> {
        self.torn
    }

    /// The next text, of this frame or of the next; none at the end, torn or not.
    ///
    /// # Errors
    /// When a frame fails its check, or the file cannot be read.
    pub fn next_frame(&mut self) -> Result<Option<String>, LogbookError> {
        if let Some(text) = self.rest.next() {
            return Ok(Some(text));
        }
        let at = self.at;
        let Some(body) = self.next_body()? else { return Ok(None) };
        let text = self.inflater.inflate(body).and_then(|text| String::from_utf8(text).ok());
        let text = text.ok_or(LogbookError::Changed { at })?;
        if !text.contains(BETWEEN) {
            return Ok(Some(text));
        }
        let texts: Vec<String> = text.split(BETWEEN).map(str::to_owned).collect();
        self.rest = texts.into_iter();
        Ok(self.rest.next())
    }

    /// Checks the frames that are left, without a look at what they say, and counts them.
    ///
    /// # Errors
    /// When a frame fails its check, or the file cannot be read.
    pub fn check_all(&mut self) -> Result<u64, LogbookError> {
        let mut count = 0;
        while self.next_body()?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    fn next_body(&mut self) -> Result<Option<Vec<u8>>, LogbookError> {
        if self.torn.is_some() {
            return Ok(None);
        }
        let changed = LogbookError::Changed { at: self.at };
        let mut head = [0; HEAD];
        let read = fill(&mut self.input, &mut head).map_err(LogbookError::Unreadable)?;
        if read < head.len() {
            self.torn = (read > 0).then_some(Torn { at: self.at, lost: read as u64 });
            return Ok(None);
        }
        let [a, b, c, d, ..] = head;
        let length = [a, b, c, d];
        let (sealed, expected) = head[4..].split_at(SEAL);
        if sealed != seal(self.last, length) {
            return self.zeros(head).map(|()| None);
        }
        let wanted = u64::from(u32::from_le_bytes(length));
        if wanted > LENGTH_MAX as u64 {
            return Err(changed);
        }
        let mut body = Vec::new();
        let read = (&mut self.input).take(wanted).read_to_end(&mut body);
        let read = read.map_err(LogbookError::Unreadable)? as u64;
        if read < wanted {
            self.torn = Some(Torn { at: self.at, lost: HEAD as u64 + read });
            return Ok(None);
        }
        let found = check(self.last, length, &body);
        if found.0 != expected {
            return Err(changed);
        }
        self.last = found;
        self.at += HEAD as u64 + wanted;
        Ok(Some(body))
    }

    /// A machine that lost its power may leave a file that is longer than what was written: zeros
    /// to its end are a torn tail too.
    fn zeros(&mut self, head: [u8; HEAD]) -> Result<(), LogbookError> {
        let at = self.at;
        let mut lost = HEAD as u64;
        let mut rest = head.to_vec();
        loop {
            if rest.iter().any(|byte| *byte != 0) {
                return Err(LogbookError::Changed { at });
            }
            rest.clear();
            let read = (&mut self.input).take(1 << 16).read_to_end(&mut rest);
            match read.map_err(LogbookError::Unreadable)? {
                0 => break,
                read => lost += read as u64,
            }
        }
        self.torn = Some(Torn { at, lost });
        Ok(())
    }
}

fn first_check(opening: &[u8]) -> Check {
    check(Check::default(), [0; 4], opening)
}

fn check(last: Check, length: [u8; 4], body: &[u8]) -> Check {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&last.0).update(&length).update(body);
    let mut check = Check::default();
    check.0.copy_from_slice(&hasher.finalize().as_bytes()[..CHECK]);
    check
}

/// Covers a length alone: a length that was changed is no torn tail.
fn seal(last: Check, length: [u8; 4]) -> [u8; SEAL] {
    let hash = blake3::hash(&[&last.0[..], &length].concat());
    let mut seal = [0; SEAL];
    seal.copy_from_slice(&hash.as_bytes()[..SEAL]);
    seal
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
mod tests;
