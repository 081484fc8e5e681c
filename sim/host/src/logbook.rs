//! The logbook of a simulated pilot: the same that a real one writes. Decides nothing.

use crate::departure::Departure;
use crate::departure::starts;
use crate::naming::Naming;
use seatrial_contract::config::Element;
use seatrial_contract::units::Span;
use seatrial_contract::{ClusterView, Decisions};
use seatrial_fleet::design::Design;
use seatrial_format::scenario::Scenario;
use seatrial_policies::{
    Clock, LogbookHead, LogbookHost, LogbookMode, Pilot, PolicyFile, Said, Scribe, digest,
};
use seatrial_record::{BETWEEN, Effort, LogbookWriter, Place, SegmentLimits, SegmentWriter};
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Writes down what the pilot saw and decided. A thread of its own writes, so that the run waits for neither
/// texts nor the disk; it is handed one thing after another, and what it writes is the same however quick
/// it is.
pub struct Logbook {
    scribe: Scribe,
    naming: Naming,
    /// Not handed over yet.
    turns: Vec<Said>,
    /// Written, to be freed by who made them: two threads that allocate and free each other's would wait for
    /// one another at every one.
    back: Receiver<Vec<Said>>,
    /// Nobody listens any more where something could not be written.
    to: SyncSender<Word>,
    writer: JoinHandle<io::Result<()>>,
    /// Where there are segments: how much simulated time one covers at the most, and turns since it was
    /// asked whether this one is full.
    segments: Option<(Span, u32)>,
}

/// What the writing thread is told.
enum Word {
    Turns(Vec<Said>),
    /// All until now is to be written; tell whether the segment is full.
    Settle(SyncSender<bool>),
    /// Another segment begins, with this head.
    Begin(String),
}

/// Turns are handed over by so many: waking a thread costs more than a turn.
const TURNS: usize = 128;
/// So often as many may wait to be written.
const WAITING: usize = 4;
/// A segment is asked so often whether it is full, in turns.
const ASKED: u32 = 256;
/// A frame is of so many bytes of turns: then flushing it costs little beside deflating it. Nobody goes on
/// from a run that died, so nothing is lost with them.
const GATHERED: usize = 256 << 10;

enum Out {
    File(LogbookWriter<Box<dyn Write + Send>>),
    Folder(SegmentWriter),
}

/// Who writes.
struct Writing {
    out: Out,
    gathered: Vec<u8>,
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
            clock: Clock::Run { starts: starts(scenario, from) },
            memory: None,
        }
    }

    /// Begins a logbook that is one file.
    ///
    /// # Errors
    /// Whatever the writer says.
    pub fn file(out: Box<dyn Write + Send>, head: LogbookHead) -> io::Result<Self> {
        let mut scribe = Scribe::new(head);
        let mut writer = LogbookWriter::begin_at(out, Place::default(), Effort::Quick)?;
        writer.append(&scribe.begin(None))?;
        Ok(Self::new(Out::File(writer), None, scribe))
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
        Ok(Self::new(Out::Folder(writer), Some((age, 0)), scribe))
    }

    fn new(out: Out, segments: Option<(Span, u32)>, scribe: Scribe) -> Self {
        let (to, words) = sync_channel(WAITING);
        let (give_back, back) = sync_channel(2 * WAITING);
        let writing = Writing { out, gathered: Vec::new() };
        let writer = std::thread::spawn(move || writing.listen(&words, &give_back));
        Self { scribe, naming: Naming::default(), turns: Vec::new(), back, to, writer, segments }
    }

    pub(crate) fn turn(
        &mut self,
        view: &ClusterView,
        design: &Design,
        decided: &Decisions,
        pilot: &Pilot,
    ) {
        let said = self.scribe.hear(view, self.naming.of(view, design), decided);
        self.turns.push(said);
        if self.turns.len() >= TURNS {
            self.hand_over();
        }
        let Some((age, turns)) = &mut self.segments else { return };
        *turns += 1;
        let is_old = self.scribe.covers() >= *age;
        if *turns < ASKED && !is_old {
            return;
        }
        *turns = 0;
        if self.settles() || is_old {
            let head = self.scribe.begin(Some(pilot.save()));
            let _ = self.to.send(Word::Begin(head));
        }
    }

    /// Where nobody listens, `close` says why.
    fn hand_over(&mut self) {
        let mut turns = self.back.try_recv().unwrap_or_default();
        turns.clear();
        let _ = self.to.send(Word::Turns(core::mem::replace(&mut self.turns, turns)));
    }

    /// Waits until all is written; whether the segment is full.
    fn settles(&mut self) -> bool {
        self.hand_over();
        let (to, answer) = sync_channel(1);
        let _ = self.to.send(Word::Settle(to));
        answer.recv().unwrap_or_default()
    }

    /// Says whether all was written.
    ///
    /// # Errors
    /// The first write that failed.
    pub fn close(mut self) -> io::Result<()> {
        self.hand_over();
        drop(self.to);
        let broken = || io::Error::other("the thread that writes the logbook has ended");
        self.writer.join().map_err(|_| broken())?
    }
}

impl Writing {
    fn listen(
        mut self,
        words: &Receiver<Word>,
        give_back: &SyncSender<Vec<Said>>,
    ) -> io::Result<()> {
        for word in words {
            match word {
                Word::Turns(turns) => {
                    turns.iter().try_for_each(|said| self.turn(said))?;
                    let _ = give_back.try_send(turns);
                }
                Word::Settle(to) => {
                    self.write()?;
                    let is_full = match &self.out {
                        Out::File(_) => false,
                        Out::Folder(writer) => writer.is_full(),
                    };
                    let _ = to.send(is_full);
                }
                Word::Begin(head) => match &mut self.out {
                    Out::File(_) => {}
                    Out::Folder(writer) => writer.begin(&head)?,
                },
            }
        }
        self.write()?;
        match &mut self.out {
            Out::File(writer) => writer.flush(),
            Out::Folder(writer) => writer.sync(),
        }
    }

    fn turn(&mut self, said: &Said) -> io::Result<()> {
        if !self.gathered.is_empty() {
            let mut between = [0; 4];
            self.gathered.extend_from_slice(BETWEEN.encode_utf8(&mut between).as_bytes());
        }
        serde_json::to_writer(&mut self.gathered, said)?;
        if self.gathered.len() >= GATHERED { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        // JSON is UTF-8.
        let text = core::str::from_utf8(&self.gathered).map_err(io::Error::other)?;
        match &mut self.out {
            Out::File(writer) => writer.append(text)?,
            Out::Folder(writer) => writer.append(text)?,
        }
        self.gathered.clear();
        Ok(())
    }
}
