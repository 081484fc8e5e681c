//! One deflate stream through all frames of a segment, flushed after each. Knows no file.

use crate::logbook::LENGTH_MAX;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use std::io;

/// What a flush ends with, and what no frame repeats.
const FLUSHED: [u8; 4] = [0, 0, 0xff, 0xff];

/// Makes texts short.
pub(crate) struct Deflater {
    stream: Compress,
    broken: bool,
}

impl Deflater {
    pub(crate) fn new() -> Self {
        Self { stream: Compress::new(Compression::default(), false), broken: false }
    }

    /// What was deflated last will not be read: nothing that follows could be.
    pub(crate) fn break_off(&mut self) {
        self.broken = true;
    }

    /// Appends the deflated text.
    pub(crate) fn deflate(&mut self, text: &[u8], into: &mut Vec<u8>) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("a frame before this one could not be written"));
        }
        if text.len() > LENGTH_MAX {
            return Err(io::Error::other("a frame of more than 1 GiB"));
        }
        if text.is_empty() {
            return Ok(());
        }
        // More than deflate ever makes of a text: then one call is all.
        into.reserve(text.len() + text.len() / 8 + 128);
        let end = self.stream.total_in() + text.len() as u64;
        self.stream.compress_vec(text, into, FlushCompress::Sync).map_err(io::Error::other)?;
        if self.stream.total_in() != end || !into.ends_with(&FLUSHED) {
            self.broken = true;
            return Err(io::Error::other("a frame could not be deflated"));
        }
        into.truncate(into.len() - FLUSHED.len());
        Ok(())
    }
}

/// Makes them long again.
pub(crate) struct Inflater(Decompress);

impl Inflater {
    pub(crate) fn new() -> Self {
        Self(Decompress::new(false))
    }

    /// The text; none where this is no deflated one.
    pub(crate) fn inflate(&mut self, mut body: Vec<u8>) -> Option<Vec<u8>> {
        if body.is_empty() {
            return Some(body);
        }
        body.extend_from_slice(&FLUSHED);
        let mut text = Vec::with_capacity(body.len() * 8);
        let begin = self.0.total_in();
        loop {
            let done = usize::try_from(self.0.total_in() - begin).ok()?;
            let before = (done, text.len());
            self.0.decompress_vec(&body[done..], &mut text, FlushDecompress::Sync).ok()?;
            let done = usize::try_from(self.0.total_in() - begin).ok()?;
            if done == body.len() && text.len() < text.capacity() {
                return Some(text);
            }
            let stuck = before == (done, text.len()) && text.len() < text.capacity();
            if stuck || text.len() > LENGTH_MAX {
                return None;
            }
            text.reserve(text.len().max(1_024));
        }
    }
}
