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
use seatrial_record::{BETWEEN, Effort, LogbookWriter, Place, SegmentLimits, SegmentWriter};
use std::io::{self, Write};
use std::path::Path;

/// Writes down what the pilot saw and decided.
pub struct Logbook {
    out: Out,
    scribe: Scribe,
    naming: Naming,
    /// Turns that become one frame: nobody goes on from a run that died, so nothing is lost with them.
    gathered: String,
    /// The first write that failed; nothing is written after it.
    failed: Option<io::Error>,
}

/// A frame of so many bytes of turns: then flushing it costs little beside deflating it.
const GATHERED: usize = 256 << 10;

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
        let mut writer = LogbookWriter::begin_at(out, Place::default(), Effort::Quick)?;
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
        let writer = SegmentWriter::open_with(folder, limits, Effort::Quick, &scribe.begin(None))?;
        Ok(Self::new(Out::Folder(writer, age), scribe))
    }

    fn new(out: Out, scribe: Scribe) -> Self {
        Self { out, scribe, naming: Naming::default(), gathered: String::new(), failed: None }
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
        if !self.gathered.is_empty() {
            self.gathered.push(BETWEEN);
        }
        self.gathered += &text;
        if self.gathered.len() >= GATHERED || self.is_old() {
            self.failed = self.write().and_then(|()| self.begin_next(pilot)).err();
        }
    }

    fn is_old(&self) -> bool {
        match &self.out {
            Out::File(_) => false,
            Out::Folder(_, age) => self.scribe.covers() >= *age,
        }
    }

    fn write(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        match &mut self.out {
            Out::File(writer) => writer.append(&self.gathered)?,
            Out::Folder(writer, _) => writer.append(&self.gathered)?,
        }
        self.gathered.clear();
        Ok(())
    }

    /// Begins the next segment, where it is time to.
    fn begin_next(&mut self, pilot: &Pilot) -> io::Result<()> {
        let is_old = self.is_old();
        match &mut self.out {
            Out::Folder(writer, _) if is_old || writer.is_full() => {
                writer.begin(&self.scribe.begin(Some(pilot.save())))
            }
            Out::File(_) | Out::Folder(..) => Ok(()),
        }
    }

    /// Says whether all was written.
    ///
    /// # Errors
    /// The first write that failed.
    pub fn close(mut self) -> io::Result<()> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.write()?;
        match &mut self.out {
            Out::File(writer) => writer.flush(),
            Out::Folder(writer, _) => writer.sync(),
        }
    }
}
