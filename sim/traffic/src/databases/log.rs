//! What was written to a database, and what of that is in an archive of its log: segments that are closed once they
//! are full or old enough, and pushed one after another. Knows no server and no backup.

use super::standby::LostWrites;
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::Archive as File;
use std::collections::VecDeque;

/// So much of calls' time tells how much is written.
const LIVED_LEAST: Span = Span::minutes(1);

/// All that was ever written, by the time of calls.
pub(crate) struct Log {
    began: Moment,
    bytes: u64,
    writes: u64,
    /// When the first write after each mark was acknowledged.
    firsts: Vec<Option<Moment>>,
    archive: Option<Archive>,
}

/// A place in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Bytes and writes before it.
    pub bytes: u64,
    /// How many writes were before it.
    pub writes: u64,
    /// How many segments were closed before it.
    segments: u64,
    /// When it was made, by the time of calls and by the world's.
    at: Moment,
    /// The same, by the world's time.
    pub world_at: Moment,
    number: usize,
}

/// What was written between two marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// In bytes.
    pub bytes: u64,
    /// How many writes.
    pub writes: u64,
    /// What the archive has of it: whole segments, however little is in each.
    pub archived: u64,
    /// When the first of them was acknowledged, by the world's time.
    pub first: Option<Moment>,
}

struct Archive {
    /// A segment that somebody wrote to is closed when it is as old as this.
    every: Option<Span>,
    /// How long pushing one takes.
    push: Span,
    segment: u64,
    /// So many reasons why nothing is pushed, and where the log was when that began.
    stopped: u32,
    stopped_at: Option<Mark>,
    /// The segment that is written to may be closed then.
    closes_at: Moment,
    open: Segment,
    /// Closed and not pushed yet, the oldest first.
    coming: VecDeque<(Moment, Segment)>,
    /// Whoever pushes is free from then on.
    free_at: Moment,
    /// How many were ever closed.
    closed: u64,
    /// The oldest that a write was when it came into the archive.
    behind_most: Span,
}

#[derive(Clone, Copy, Default)]
struct Segment {
    bytes: u64,
    writes: u64,
    first: Option<Moment>,
}

impl Log {
    pub(super) fn new(file: Option<&File>, now: Moment) -> Self {
        let archive = file.map(|file| {
            let every = file.time_out.as_ref().map(|of| of.value.max(Span::seconds(1)));
            Archive {
                every,
                push: file.push.value,
                segment: file.segment.value.0.max(1),
                stopped: 0,
                stopped_at: None,
                closes_at: now.after(every.unwrap_or(Span::MAX)),
                open: Segment::default(),
                coming: VecDeque::new(),
                free_at: now,
                closed: 0,
                behind_most: Span::ZERO,
            }
        });
        Self { began: now, bytes: 0, writes: 0, firsts: Vec::new(), archive }
    }

    /// So much is written now, and acknowledged then.
    pub(super) fn write(&mut self, bytes: u64, acknowledged: Moment, now: Moment) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.writes += 1;
        if let Some(first) = self.firsts.last_mut() {
            first.get_or_insert(acknowledged);
        }
        if let Some(archive) = &mut self.archive {
            archive.pass(now);
            archive.open.bytes += bytes;
            archive.open.writes += 1;
            archive.open.first.get_or_insert(acknowledged);
            if archive.open.bytes >= archive.segment {
                archive.close(now);
                archive.closes_at = now.after(archive.every.unwrap_or(Span::MAX));
            }
        }
    }

    /// Where the log is now.
    pub(crate) fn mark(&mut self, now: Moment, world_at: Moment) -> Mark {
        self.firsts.push(None);
        let number = self.firsts.len() - 1;
        let archive = self.archive.as_mut();
        let segments = archive.map_or(0, |archive| {
            archive.pass(now);
            archive.closed
        });
        Mark { bytes: self.bytes, writes: self.writes, segments, at: now, world_at, number }
    }

    /// What was written between two marks. Where some of the time was not lived through, as much in it as in the rest.
    pub(crate) fn between(&self, from: Mark, to: Mark) -> Written {
        let (lived, passed) = (to.at.since(from.at).0, to.world_at.since(from.world_at).0);
        // Where next to nothing was lived through, it is as at all times until then.
        let is_lived = lived >= passed / 20 || lived >= LIVED_LEAST.0;
        let (before, lived) =
            if is_lived { (from, lived) } else { (Mark::default(), to.at.since(self.began).0) };
        let all = |count: u64| {
            let count = u128::from(count) * u128::from(passed) / u128::from(lived.max(1));
            u64::try_from(count).unwrap_or(u64::MAX)
        };
        let writes = all(to.writes - before.writes);
        let firsts = self.firsts.get(from.number..to.number).unwrap_or_default();
        let first = firsts.iter().flatten().next();
        let first = first.map(|at| from.world_at.after(at.since(from.at)).min(to.world_at));
        let segment = self.archive.as_ref().map_or(0, |archive| archive.segment);
        Written {
            bytes: all(to.bytes - before.bytes),
            writes,
            archived: all(to.segments - before.segments).saturating_mul(segment),
            first: if is_lived { first } else { (writes > 0).then_some(from.world_at) },
        }
    }

    /// Whether there is an archive.
    pub(crate) const fn is_archived(&self) -> bool {
        self.archive.is_some()
    }

    /// Acknowledged writes that are not in the archive now.
    pub(super) fn unarchived(&mut self, now: Moment, world: Moment) -> LostWrites {
        let stopped = self.archive.as_ref().and_then(|archive| archive.stopped_at);
        let since = stopped.map(|from| {
            let to = self.mark(now, world);
            self.between(from, to)
        });
        let Some(archive) = &mut self.archive else { return LostWrites::default() };
        archive.pass(now);
        let all = archive.coming.iter().map(|(_, of)| *of).chain([archive.open]);
        let lost = all.filter(|of| of.writes > 0);
        let mut lost = lost.fold(LostWrites::default(), |lost, of| LostWrites {
            count: lost.count + of.writes,
            oldest: lost.oldest.or(of.first.filter(|at| *at <= now)),
        });
        // Where some of the time was not lived through there is more than was seen, and it is older.
        if let Some(Written { writes, first: Some(first), .. }) = since
            && writes > lost.count
        {
            let age = world.since(first);
            lost = LostWrites { count: writes, oldest: Some(Moment(now.0.saturating_sub(age.0))) };
        }
        let waits = lost.oldest.map_or(Span::ZERO, |oldest| now.since(oldest));
        archive.behind_most = archive.behind_most.max(waits);
        lost
    }

    /// How old a write was at the most before it was in the archive; nothing where there is none.
    pub(super) fn behind_most(&self, now: Moment) -> Option<Span> {
        let archive = self.archive.as_ref()?;
        let oldest = archive.coming.front().map_or(archive.open.first, |(_, of)| of.first);
        let waits = oldest.map_or(Span::ZERO, |first| now.since(first));
        Some(archive.behind_most.max(waits))
    }

    pub(super) fn reset(&mut self) {
        if let Some(archive) = &mut self.archive {
            archive.behind_most = Span::ZERO;
        }
    }

    /// What is not archived is gone: another log begins.
    pub(super) fn begins_anew(&mut self, now: Moment) {
        if let Some(archive) = &mut self.archive {
            archive.pass(now);
            archive.coming.clear();
            archive.open = Segment::default();
        }
    }

    /// Nothing is pushed from now on, or there is one reason less why not.
    pub(crate) fn stop_archive(&mut self, so: bool, now: Moment, world: Moment) {
        let mark = so.then(|| self.mark(now, world));
        if let Some(archive) = &mut self.archive {
            archive.pass(now);
            archive.stopped =
                if so { archive.stopped + 1 } else { archive.stopped.saturating_sub(1) };
            archive.free_at = archive.free_at.max(now);
            archive.stopped_at =
                if archive.stopped > 0 { archive.stopped_at.or(mark) } else { None };
        }
    }
}

impl Archive {
    /// Time has passed: what became old enough is closed, and what could be is pushed.
    fn pass(&mut self, now: Moment) {
        if let Some(every) = self.every.filter(|_| self.closes_at <= now) {
            if self.open.writes > 0 {
                self.close(self.closes_at);
            }
            let times = now.since(self.closes_at).0 / every.0 + 1;
            self.closes_at = self.closes_at.after(Span(every.0.saturating_mul(times)));
        }
        while let Some((closed, segment)) = self.coming.front()
            && self.stopped == 0
        {
            let pushed = self.free_at.max(*closed).after(self.push);
            if pushed > now {
                break;
            }
            self.free_at = pushed;
            let behind = segment.first.map_or(Span::ZERO, |first| pushed.since(first));
            self.behind_most = self.behind_most.max(behind);
            self.coming.pop_front();
        }
    }

    fn close(&mut self, at: Moment) {
        self.closed += 1;
        self.coming.push_back((at, core::mem::take(&mut self.open)));
    }
}
