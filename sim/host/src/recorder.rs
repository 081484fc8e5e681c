//! Tells what a run is like over time, one stretch after another. It reads what is there anyway, between two events,
//! and plans none: a run that is recorded goes on exactly as one that is not.
//!
//! Where calls are sampled, a stretch in which none was lived through is told together with the next one.

use crate::World;
use crate::recording::{Part, Recorder, Recording};
use seatrial_contract::units::{Moment, Span};
use seatrial_fleet::series as fleet;
use seatrial_record::Stretch;
use seatrial_traffic::series as traffic;
use seatrial_traffic::sheet::Sheet;

/// Calls lived through for less are too few to stand for a stretch.
const LIVED_LEAST: Span = Span::seconds(1);

/// Has what a run is like be told from its beginning on.
#[must_use]
pub fn recorded(mut world: World, recording: Recording) -> World {
    world.log.recorder = Some(Box::new(Recorder {
        each: recording.each.max(Span::millis(1)),
        sink: recording.sink,
        due: Moment::NEVER,
        world: Part::default(),
        calls: Part::default(),
        has_begun: false,
    }));
    world
}

/// From now on it is counted: at the beginning, and again when counts begin anew.
pub(crate) fn mark(world: &mut World) {
    let Some(mut recorder) = world.log.recorder.take() else { return };
    let now = world.fleet.now();
    let calls_now = world.fleet.calls_now();
    recorder.world.sheet.mark(now);
    read_world(world, &mut recorder.world.sheet);
    recorder.calls.sheet.mark(calls_now);
    traffic::read(&mut world.fleet.traffic.stations, &mut recorder.calls.sheet);
    (recorder.world.from, recorder.world.clock) = (now, now);
    (recorder.calls.from, recorder.calls.clock) = (now, calls_now);
    if !recorder.has_begun {
        recorder.has_begun = true;
        // Who is there when the run begins came before it, and counts.
        recorder.world.sheet.from_nothing();
        recorder.calls.sheet.from_nothing();
        recorder.due = now.after(recorder.each);
        let heads = [recorder.world.sheet.heads(), recorder.calls.sheet.heads()].concat();
        recorder.sink.begin(&heads);
    }
    world.log.recorder = Some(recorder);
}

/// Time has come to now: stretches that are over are told.
#[inline]
pub(crate) fn pass(world: &mut World) {
    let now = world.fleet.now();
    let due = |world: &World| world.log.recorder.as_ref().map(|of| of.due);
    while let Some(due) = due(world).filter(|due| *due <= now) {
        tell(world, due, false);
    }
}

/// The stretch ends here, though it would be longer.
pub(crate) fn turn(world: &mut World) {
    let now = world.fleet.now();
    if world.log.recorder.as_ref().is_some_and(|of| of.world.from < now || of.calls.from < now) {
        tell(world, now, true);
    }
}

/// Tells the stretch until then.
#[cold]
fn tell(world: &mut World, until: Moment, is_last: bool) {
    let Some(mut recorder) = world.log.recorder.take() else { return };
    let starts = world.fleet.schedule.starts;
    let part = &mut recorder.world;
    if until > part.from {
        let passed = until.since(part.from);
        part.sheet.begin(until, passed, 1.0);
        read_world(world, &mut part.sheet);
        let stretch = stretch(part.from, until, passed, starts);
        recorder.sink.stretch(stretch, 0, part.sheet.points());
        (part.from, part.clock) = (until, until);
    }
    let first = part.sheet.heads().len();
    // Where calls are sampled, their clock stands still at times, and is read when it has passed.
    let sampled = world.fleet.traffic.sampling.is_some();
    let clock = if sampled { world.fleet.calls_now() } else { until };
    let part = &mut recorder.calls;
    let (passed, lived) = (until.since(part.from), clock.since(part.clock));
    let is_told = lived >= LIVED_LEAST.min(passed) || (is_last && lived > Span::ZERO);
    if passed > Span::ZERO && is_told {
        let stands_for = passed.as_seconds() / lived.as_seconds();
        part.sheet.begin(clock, lived, stands_for);
        traffic::read(&mut world.fleet.traffic.stations, &mut part.sheet);
        let stretch = stretch(part.from, until, lived.min(passed), starts);
        recorder.sink.stretch(stretch, first, part.sheet.points());
        (part.from, part.clock) = (until, clock);
    }
    if recorder.due == until {
        recorder.due = until.after(recorder.each);
    }
    world.log.recorder = Some(recorder);
}

fn stretch(from: Moment, until: Moment, lived: Span, starts: Moment) -> Stretch {
    Stretch { from: from.since(starts).0, until: until.since(starts).0, lived: lived.0 }
}

/// What there is beside calls.
fn read_world(world: &mut World, sheet: &mut Sheet) {
    fleet::read(&mut world.fleet, sheet);
    world.alerts.read(sheet);
}
