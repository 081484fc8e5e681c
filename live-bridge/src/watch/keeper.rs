//! Keeps the logbook, and goes on from it after a restart. Decides nothing.

use super::Mode;
use crate::clock::Timeline;
use crate::config::Bridge;
use crate::registry::{Note, Registry};
use seatrial_contract::view::Names;
use seatrial_contract::{ClusterView, Decisions, config::Element, units::Span};
use seatrial_policies::{
    Clock, LogbookHead, LogbookHost, LogbookMode, Pilot, Recovered, Recovery, Scribe, digest,
};
use seatrial_record::{SegmentLimits, SegmentWriter, newest};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Writes every turn down.
pub(super) struct Keeper {
    folder: PathBuf,
    scribe: Scribe,
    writer: SegmentWriter,
    /// A segment does not cover more.
    span: Span,
    remembers: bool,
    /// The last write failed: the segment may end in the middle of a turn.
    failed: bool,
    /// Held as long as this process keeps the logbook.
    _lock: File,
}

/// What an earlier bridge left.
pub(super) struct Kept {
    pub(super) registry: Registry,
    pub(super) pilot: Pilot,
}

/// Why there is no logbook.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// Another process has it.
    #[error("another bridge keeps the logbook in {0}: stop it, or name another folder")]
    Taken(PathBuf),
    /// The file system says no.
    #[error("cannot keep the logbook in {folder}: {error}")]
    Unwritable {
        /// Where.
        folder: PathBuf,
        /// What it says.
        error: io::Error,
    },
}

impl Keeper {
    /// Opens the logbook; the view and the pilot are as an earlier bridge left them, or new.
    pub(super) fn open(
        bridge: &mut Bridge,
        mode: Mode,
        registry: Registry,
        time: &Timeline,
    ) -> Result<(Self, Kept, Vec<Note>), KeepError> {
        let folder = bridge.logbook.folder.clone();
        let unwritable = |error| KeepError::Unwritable { folder: folder.clone(), error };
        std::fs::create_dir_all(&folder).map_err(unwritable)?;
        let lock = lock_file(&folder.join("lock")).map_err(unwritable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(KeepError::Taken(folder)),
            Err(TryLockError::Error(error)) => return Err(unwritable(error)),
        }
        let head = head(bridge, mode);
        let mut notes = Vec::new();
        let found = recover(&folder, bridge, &mut |text| {
            notes.push(Note { at: time.now(), text });
        });
        // Time goes on from the last view, whatever the wall clock says now.
        let ahead = found.as_ref().and_then(|found| time.go_on_from(found.last.view.taken_at));
        let mut note = |text| notes.push(Note { at: time.now(), text });
        if let Some(ahead) = ahead {
            note(format!(
                "the logbook ends {ahead} ahead of this machine's clock, which was set back: time \
                 goes on from there, and weekdays and hours are wrong by as much; name another \
                 folder for the logbook to begin anew"
            ));
        }
        let (kept, remembers) = match found {
            Some(found) => resume(found, &head, bridge, registry, &mut note),
            None => (Kept { registry, pilot: Pilot::new(&bridge.policies) }, false),
        };
        let mut kept = kept;
        let old = bridge.policies.guard.stale_after.saturating_add(Span::seconds(1));
        kept.registry.trust_nothing(time.now(), old);
        let looked_at: Vec<String> = bridge.hosts.iter().map(|host| host.name.clone()).collect();
        for found in kept.registry.keep_only(&looked_at, time.now()) {
            note(found.text);
        }
        let mut scribe = Scribe::new(head);
        let memory = (remembers && mode == Mode::Shadow).then(|| kept.pilot.save());
        let limits = SegmentLimits {
            size: bridge.logbook.segment_bytes,
            segments: bridge.logbook.keep.unwrap_or_default(),
            bytes: 0,
        };
        let writer =
            SegmentWriter::open(&folder, limits, &scribe.begin(memory)).map_err(unwritable)?;
        note(format!(
            "segment {} of {} begins{}",
            writer.number(),
            folder.display(),
            if remembers { ", where the one before it ended" } else { "" }
        ));
        let keeper = Self {
            folder: folder.clone(),
            scribe,
            writer,
            span: bridge.logbook.segment_span,
            remembers: mode == Mode::Shadow,
            failed: false,
            _lock: lock,
        };
        Ok((keeper, kept, notes))
    }

    /// Begins a new segment where the old one is full, or could not be written.
    pub(super) fn make_room(&mut self, pilot: &Pilot) -> Result<(), KeepError> {
        if !self.failed && !self.writer.is_full() && self.scribe.covers() < self.span {
            return Ok(());
        }
        let head = self.scribe.begin(self.remembers.then(|| pilot.save()));
        let begun = self.writer.begin(&head);
        self.failed = begun.is_err();
        begun.map_err(|error| self.unwritable(error))
    }

    /// Adds a turn, and has the disk hold it.
    pub(super) fn write(
        &mut self,
        view: &ClusterView,
        names: &Names,
        decided: &Decisions,
    ) -> Result<(), KeepError> {
        let text = self.scribe.turn(view, names, decided);
        let written = self.writer.append_synced(&text);
        self.failed = written.is_err();
        written.map_err(|error| self.unwritable(error))
    }

    fn unwritable(&self, error: io::Error) -> KeepError {
        KeepError::Unwritable { folder: self.folder.clone(), error }
    }
}

/// A lock that is nobody else's file: no link is followed, nothing is cut short, and what is no
/// plain file is refused.
fn lock_file(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let mut options = File::options();
    let options = options.write(true).create(true).truncate(false).custom_flags(flags);
    let told = |error: io::Error| {
        io::Error::new(error.kind(), format!("{}: {error}; remove it", path.display()))
    };
    let file = options.open(path).map_err(told)?;
    if !file.metadata()?.is_file() {
        return Err(told(io::Error::other("it is no plain file")));
    }
    Ok(file)
}

fn head(bridge: &Bridge, mode: Mode) -> LogbookHead {
    LogbookHead {
        of: bridge.title.clone(),
        host: LogbookHost::Bridge,
        mode: match mode {
            Mode::Observe => LogbookMode::Observed,
            Mode::Shadow => LogbookMode::Decided,
        },
        policy_digest: digest(&bridge.policies),
        policies: bridge.policies.write().to_string(),
        seed: bridge.seed,
        clock: Clock::Utc,
        memory: None,
    }
}

/// What the newest segment says.
fn recover(folder: &Path, bridge: &Bridge, note: &mut impl FnMut(String)) -> Option<Recovered> {
    let mut unreadable = |error: &dyn std::fmt::Display| {
        note(format!("the newest segment of the logbook cannot be gone on from: {error}"));
    };
    let mut newest = newest(folder).map_err(|error| unreadable(&error)).ok()??;
    let begun = Recovery::begin(&newest.head, &bridge.policies);
    let mut recovery = begun.map_err(|error| unreadable(&error)).ok()?;
    loop {
        match newest.turns.next_frame() {
            Ok(Some(text)) => recovery.turn(&text).map_err(|error| unreadable(&error)).ok()?,
            Ok(None) => break,
            // What was read up to there still holds.
            Err(error) => {
                unreadable(&error);
                return None;
            }
        }
    }
    if let Some(torn) = newest.turns.torn() {
        note(format!(
            "segment {} ends in the middle of a tick, at byte {}",
            newest.number, torn.at
        ));
    }
    Some(recovery.end())
}

/// Goes on with what was found, as far as it is still of use.
fn resume(
    found: Recovered,
    head: &LogbookHead,
    bridge: &Bridge,
    registry: Registry,
    note: &mut impl FnMut(String),
) -> (Kept, bool) {
    let afresh = |registry| Kept { registry, pilot: Pilot::new(&bridge.policies) };
    let mut view = found.last.view;
    view.settle();
    if found.head.of != head.of {
        note(format!("the logbook was of `{}` until now: it is not gone on from", found.head.of));
        return (afresh(registry), false);
    }
    let fresh = || Registry::of(bridge);
    let Some(registry) = registry.resume(view, found.last.names) else {
        note("tiers or pools are others than before: the view begins anew".to_owned());
        return (afresh(fresh()), false);
    };
    match found.pilot {
        Some(pilot) if found.differing == 0 && found.head.seed == head.seed => {
            (Kept { registry, pilot }, true)
        }
        _ => {
            if found.head.mode == head.mode {
                note(
                    "other policies decided until now: these begin with nothing remembered"
                        .to_owned(),
                );
            }
            // They must look at everything once.
            (afresh(registry.looked_at_anew()), false)
        }
    }
}
