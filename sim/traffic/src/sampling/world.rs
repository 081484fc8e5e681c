//! What the world does with calls of which only some are lived through: `now` is always its time, not theirs.

use super::Sampling;
use super::library::REACH;
use super::stretch::Stretch;
use super::{gaps, sections};
use crate::event::{Event, Hosts, WORLD};
use crate::{Conditions, Figures, StartCall, Stations};
use crate::{figures, imagining, steadying};
use seatrial_contract::TenantId;
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::Agenda;

/// Paces that change by more than this at once are a step. J.
const STEP: f64 = 0.03;
/// As long as something is lived through that is no part of what is known, it is looked at as often as this,
/// in batches.
const SOON: f64 = 0.1;

impl<E: Hosts> Sampling<E> {
    /// What calls are on while they are sampled.
    pub const fn agenda(&mut self) -> &mut Agenda<E> {
        &mut self.agenda
    }

    /// Events of calls that nothing but calls was told of.
    #[must_use]
    pub const fn quiet(&self) -> u64 {
        self.effort.quiet
    }
}

/// Begins to sample; these are the sources that somebody watches, and how long their calls may take.
pub fn begin<E: Hosts>(
    sampling: &mut Sampling<E>,
    stations: &mut Stations,
    world: &mut Agenda<E>,
    now: Moment,
    watched: impl Iterator<Item = (usize, Span)>,
) {
    sampling.agenda.pass(now);
    sampling.known.library.loads = steadying::loads_of_calls(stations);
    sampling.paces.periods = steadying::periods(stations);
    watched.for_each(|(source, longest)| imagining::watch(stations, source, longest));
    sections::note_paces(sampling, stations, now);
    sections::begin_section(sampling, stations);
    sections::plan_look(sampling, 1.0);
    for (begins, ends) in core::mem::take(&mut sampling.zooms) {
        world.schedule(begins.max(now), WORLD, Event::ZoomBegins.into());
        world.schedule(ends, WORLD, Event::ZoomEnds.into());
    }
    plan_hour(sampling, stations, world, now);
}

/// Plans the next hour of a rhythm.
fn plan_hour<E: Hosts>(
    sampling: &Sampling<E>,
    stations: &Stations,
    world: &mut Agenda<E>,
    now: Moment,
) {
    if let Some(at) = steadying::next_hour(stations, now).filter(|at| *at <= sampling.time.ends_at)
    {
        world.schedule(at, WORLD, Event::HourTurns.into());
    }
}

/// A rhythm goes on to another hour.
pub fn hour_turns<E: Hosts>(
    sampling: &mut Sampling<E>,
    stations: &mut Stations,
    world: &mut Agenda<E>,
    now: Moment,
) {
    let before = sampling.paces.now.clone();
    sections::note_paces(sampling, stations, now);
    if sampling.known.library.loads.paces_apart(&before, &sampling.paces.now) > STEP {
        // The hour that is over was another one.
        stir(sampling, stations, now);
    }
    steadying::follow_rhythms(stations, &mut sampling.agenda);
    plan_hour(sampling, stations, world, now);
}

/// What calls depend on changes now: they are lived through until nothing moves any more.
pub fn stir<E: Hosts>(sampling: &mut Sampling<E>, stations: &mut Stations, now: Moment) {
    end_gap(sampling, stations, now);
    sampling.disturbed.is_stirred = true;
    sampling.disturbed.interrupted = None;
}

/// A tenant does something else than before, and calls more or less: once it is much, what is known is
/// looked up anew.
pub fn slide<E: Hosts>(sampling: &mut Sampling<E>, stations: &mut Stations, now: Moment) {
    sections::note_paces(sampling, stations, now);
    let (before, paces) = (&sampling.gap.conditions.paces, &sampling.paces.now);
    if !sampling.time.is_live && sampling.known.library.loads.paces_apart(before, paces) > REACH {
        gaps::resume(sampling, stations, now);
    }
}

/// A reason to live without gaps comes, or goes.
pub fn hold<E: Hosts>(
    sampling: &mut Sampling<E>,
    stations: &mut Stations,
    now: Moment,
    is_on: bool,
) {
    if !sampling.time.is_live {
        let until = sampling.gap.until;
        gaps::resume(sampling, stations, now);
        sampling.disturbed.interrupted = Some(until);
    }
    sampling.disturbed.is_disturbed = true;
    sampling.disturbed.held =
        if is_on { sampling.disturbed.held + 1 } else { sampling.disturbed.held.saturating_sub(1) };
    if sampling.disturbed.held == 0 {
        sections::plan_look(sampling, SOON);
    }
}

/// A tenant starts and makes its call: how long that takes, where it need not be lived through.
pub fn start_taking<E: Hosts>(
    sampling: &mut Sampling<E>,
    stations: &mut Stations,
    now: Moment,
    id: TenantId,
) -> Option<Span> {
    let conditions = steadying::conditions(stations, now);
    if !sampling.time.is_live {
        let loads = &sampling.known.library.loads;
        let away = |other: &Conditions| loads.apart(&conditions, other);
        if let Some(takes) = sampling.known.starts.draw(&conditions, away, &mut sampling.stream) {
            return Some(takes);
        }
    }
    sampling.known.starts.begins(id.0, now, conditions);
    hold(sampling, stations, now, true);
    None
}

/// What became of a start is known.
pub fn start_is_over<E: Hosts>(
    sampling: &mut Sampling<E>,
    stations: &mut Stations,
    now: Moment,
    call: StartCall,
    is_lived: bool,
) {
    if !is_lived {
        return sampling.known.starts.drawn_ends();
    }
    sampling.known.starts.ends(call.tenant.0, now, call.is_answered);
    hold(sampling, stations, now, false);
}

/// Something was lived through that is no part of what is known; once no more calls are under way than
/// usual, the gap that it fell into goes on.
fn looks_disturbed<E: Hosts>(
    sampling: &mut Sampling<E>,
    stations: &mut Stations,
    world: &mut Agenda<E>,
    now: Moment,
) {
    sections::begin_section(sampling, stations);
    let is_over = sampling.disturbed.held == 0
        && steadying::under_way(stations) <= sampling.disturbed.usual.max(1);
    if !is_over && (sampling.disturbed.held > 0 || sampling.stretch.is_resumed()) {
        return sections::plan_look(sampling, SOON);
    }
    sampling.disturbed.is_disturbed = false;
    match sampling.disturbed.interrupted.take().filter(|until| *until > now) {
        Some(until) => stand_until(sampling, until, stations, world, now),
        None => {
            sampling.batch.runs_in = true;
            sections::plan_look(sampling, 1.0);
        }
    }
}

/// Calls stand still from now on, until then at the latest.
fn stand_until<E: Hosts>(
    sampling: &mut Sampling<E>,
    until: Moment,
    stations: &mut Stations,
    world: &mut Agenda<E>,
    now: Moment,
) {
    gaps::begin_gap(sampling, stations, now, until);
    if until <= sampling.time.ends_at {
        world.schedule(until, WORLD, Event::Resumes(sampling.time.turn).into());
    }
}

/// A batch is over.
pub fn looks<E: Hosts>(
    sampling: &mut Sampling<E>,
    stations: &mut Stations,
    world: &mut Agenda<E>,
    now: Moment,
    turn: u32,
) {
    if turn != sampling.time.turn || !sampling.time.is_live {
        return;
    }
    sections::note_paces(sampling, stations, now);
    if core::mem::take(&mut sampling.disturbed.is_stirred) {
        sampling.stretch = Stretch::default();
        (sampling.batch.runs_in, sampling.disturbed.usual) = (false, 0);
        sections::begin_section(sampling, stations);
        return sections::plan_look(sampling, 1.0);
    }
    if sampling.disturbed.held > 0 || sampling.disturbed.is_disturbed {
        return looks_disturbed(sampling, stations, world, now);
    }
    let is_over = sections::end_batch(sampling, stations, now);
    let gap = if is_over { gaps::gap(sampling, stations, now) } else { None };
    match gap {
        Some(seconds) => {
            stand_until(sampling, now.after(Span::from_seconds(seconds)), stations, world, now);
        }
        None => sections::plan_look(sampling, 1.0),
    }
}

/// Has calls go on, if they stand still.
pub fn end_gap<E: Hosts>(sampling: &mut Sampling<E>, stations: &mut Stations, now: Moment) {
    if !sampling.time.is_live {
        gaps::resume(sampling, stations, now);
    }
}

/// A gap is over.
pub fn resumes<E: Hosts>(
    sampling: &mut Sampling<E>,
    stations: &mut Stations,
    now: Moment,
    turn: u32,
) {
    if turn == sampling.time.turn {
        end_gap(sampling, stations, now);
    }
}

/// Forgets the warm-up of calls, and begins anew.
pub fn reset<E: Hosts>(sampling: &mut Sampling<E>, stations: &mut Stations, now: Moment) {
    let calls_now = sampling.now();
    end_gap(sampling, stations, now);
    sampling.known.library.reset();
    figures::reset(stations, now, calls_now);
    sampling.stretch = Stretch::default();
    // What was before is no earlier state of what is now.
    sampling.batch.mark = Figures::default();
    sections::begin_section(sampling, stations);
}
