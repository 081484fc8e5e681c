//! The logbook of a simulated pilot: the same that a real one writes. Decides nothing.

use crate::naming::Naming;
use crate::plant::{Departure, Design, starts};
use seatrial_contract::config::Element;
use seatrial_contract::units::Span;
use seatrial_contract::{ClusterView, Decisions};
use seatrial_format::scenario::Scenario;
use seatrial_policies::{
    Clock, LogbookHead, LogbookHost, LogbookMode, Pilot, PolicyFile, Scribe, digest,
};
use seatrial_record::{LogbookWriter, SegmentLimits, SegmentWriter};
use std::io::{self, Write};
use std::path::Path;

/// Writes down what the pilot saw and decided.
pub struct Logbook {
    out: Out,
    scribe: Scribe,
    naming: Naming,
    /// The first write that failed; nothing is written after it.
    failed: Option<io::Error>,
}

enum Out {
    File(LogbookWriter<Box<dyn Write>>),
    Folder(SegmentWriter, Span),
}

impl Logbook {
    /// What the head of a simulated logbook says.
    #[must_use]
    pub fn head(
        scenario: &Scenario,
        policies: Option<&PolicyFile>,
        seed: u64,
        from: Option<&Departure>,
    ) -> LogbookHead {
        LogbookHead {
            of: scenario.title.clone(),
            host: LogbookHost::Simulator,
            mode: LogbookMode::Decided,
            policy_digest: policies.map(digest).unwrap_or_default(),
            policies: policies.map(|file| file.write().to_string()).unwrap_or_default(),
            seed,
            clock: Clock::Voyage { starts: starts(scenario, from) },
            memory: None,
        }
    }

    /// Begins a logbook that is one file.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn file(out: Box<dyn Write>, head: LogbookHead) -> io::Result<Self> {
        let mut scribe = Scribe::new(head);
        let mut writer = LogbookWriter::begin(out)?;
        writer.append(&scribe.begin(None))?;
        Ok(Self::new(Out::File(writer), scribe))
    }

    /// Begins a logbook that is a folder of segments, a new one after so much simulated time at
    /// the latest.
    ///
    /// # Errors
    /// Whatever the file system says.
    pub fn folder(
        folder: &Path,
        limits: SegmentLimits,
        age: Span,
        head: LogbookHead,
    ) -> io::Result<Self> {
        let mut scribe = Scribe::new(head);
        let writer = SegmentWriter::open(folder, limits, &scribe.begin(None))?;
        Ok(Self::new(Out::Folder(writer, age), scribe))
    }

    fn new(out: Out, scribe: Scribe) -> Self {
        Self { out, scribe, naming: Naming::default(), failed: None }
    }

    pub(crate) fn turn(
        &mut self,
        view: &ClusterView,
        design: &Design,
        decided: &Decisions,
        pilot: &Pilot,
    ) {
        if self.failed.is_some() {
            return;
        }
        let text = self.scribe.turn(view, self.naming.of(view, design), decided);
        self.failed = self.write(&text, pilot).err();
    }

    fn write(&mut self, text: &str, pilot: &Pilot) -> io::Result<()> {
        match &mut self.out {
            Out::File(writer) => writer.append(text),
            Out::Folder(writer, age) => {
                writer.append(text)?;
                if writer.is_full() || self.scribe.covers() >= *age {
                    writer.begin(&self.scribe.begin(Some(pilot.save())))?;
                }
                Ok(())
            }
        }
    }

    /// Says whether all was written.
    ///
    /// # Errors
    /// The first write that failed.
    pub fn close(mut self) -> io::Result<()> {
        match (self.failed.take(), &mut self.out) {
            (Some(error), _) => Err(error),
            (None, Out::File(writer)) => writer.flush(),
            (None, Out::Folder(writer, _)) => writer.sync(),
        }
    }
}
