//! The logbook of a simulated pilot: the same file that a real one writes. Decides nothing.

use seatrial_contract::{ClusterView, Decisions, LogbookHead, TurnTaker};
use seatrial_record::LogbookWriter;
use std::io::{self, Write};

/// Writes down what the pilot saw and decided.
pub struct Logbook {
    writer: LogbookWriter<Box<dyn Write>>,
    turns: TurnTaker,
    /// The first write that failed; nothing is written after it.
    failed: Option<io::Error>,
}

impl Logbook {
    /// Begins a logbook.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn begin(out: Box<dyn Write>, head: &LogbookHead) -> io::Result<Self> {
        let mut writer = LogbookWriter::begin(out)?;
        writer.append(&serde_json::to_string(head).map_err(io::Error::other)?)?;
        Ok(Self { writer, turns: TurnTaker::default(), failed: None })
    }

    pub(crate) fn turn(&mut self, view: &ClusterView, decided: &Decisions) {
        let turn = self.turns.take(view, decided);
        if self.failed.is_none() {
            let text = serde_json::to_string(&turn).map_err(io::Error::other);
            self.failed = text.and_then(|text| self.writer.append(&text)).err();
        }
    }

    /// Says whether all was written.
    ///
    /// # Errors
    /// The first write that failed.
    pub fn close(mut self) -> io::Result<()> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.writer.flush(),
        }
    }
}
