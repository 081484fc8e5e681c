//! Finds the view of a moment in a logbook.

use crate::exit::{Stop, say};
use crate::progress::Reading;
use seatrial_contract::units::Moment;
use seatrial_policies::{LogbookHead, Rebuilt, TurnReader};
use seatrial_record::{Check, Frame, SegmentReader};
use std::path::Path;

/// Which view of which logbook.
pub struct Wanted<'a> {
    /// A file, or a folder of segments.
    pub logbook: &'a Path,
    /// The last view that was taken no later than this; `last` for the last of all.
    pub moment: &'a str,
    /// The option that said so.
    pub option: &'static str,
    /// Without progress.
    pub quiet: bool,
}

/// A view that was found.
pub struct Found {
    /// The view and its names.
    pub last: Rebuilt,
    /// The head of its segment.
    pub head: LogbookHead,
    /// The check of its frame.
    pub check: Check,
}

impl Wanted<'_> {
    /// Reads up to it. Whatever was tampered with before it is said or refused.
    pub fn find(&self) -> Result<Found, Stop> {
        let mut reader = SegmentReader::open(self.logbook).map_err(|error| self.bad(&error))?;
        let progress = Reading::new(self.quiet, reader.bytes_all());
        let mut turns = TurnReader::default();
        let (mut rebuilt, mut until, mut begins) = (Rebuilt::default(), Moment::NEVER, false);
        let (mut last_head, mut found, mut check) = (None, None, Check::default());
        while let Some(frame) = reader.next_frame().map_err(|error| self.bad(&error))? {
            progress.passed(reader.bytes());
            match frame {
                Frame::Head { text, .. } => {
                    let head = LogbookHead::read(&text).map_err(|error| self.bad(&error))?;
                    until = self.until(&head)?;
                    turns.begin();
                    last_head = Some(head);
                    begins = true;
                }
                Frame::Turn(text) => {
                    let turn = turns.read(&text).map_err(|error| self.bad(&error))?;
                    if turn.seen.taken_at() > until {
                        break;
                    }
                    if std::mem::take(&mut begins) {
                        rebuilt.begin();
                        found = last_head.clone();
                    }
                    rebuilt.turn(&turn).map_err(|error| self.bad(&error))?;
                    check = reader.last();
                }
            }
        }
        progress.done();
        let Some(head) = found else {
            return Err(self.bad(&"it holds no view that was taken by then"));
        };
        reader.told().iter().filter(|told| told.is_tampering()).for_each(|told| {
            say(&format!("{}: {told}", self.logbook.display()));
        });
        Ok(Found { last: rebuilt, head, check })
    }

    fn until(&self, head: &LogbookHead) -> Result<Moment, Stop> {
        if self.moment == "last" {
            return Ok(Moment::NEVER);
        }
        head.clock.read(self.moment).ok_or_else(|| {
            self.bad(&format!("{}: `{}` is no moment here", self.option, self.moment))
        })
    }

    fn bad(&self, problem: &dyn std::fmt::Display) -> Stop {
        Stop::file(self.logbook, problem)
    }
}
