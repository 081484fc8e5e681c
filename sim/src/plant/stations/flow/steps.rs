//! Carries the flow through time, step by step: how long each step is, and what happens in it, in
//! which order.

use super::deposit::Counted;
use super::gate::{Asking, Beside};
use super::line::Feed;
use super::{Flow, Sinks, Stream};
use crate::plant::stations::Doing;
use crate::plant::stations::source::{Calls, Source};
use seatrial_contract::TenantId;
use seatrial_contract::units::{Moment, Span};

/// Steps are no shorter than this, in seconds.
const STEP_LEAST: f64 = 1e-4;
/// The first one after everything may have changed.
const SUDDEN: f64 = 1e-2;
/// Seconds of a wait that decide what is counted at the end.
const LONG: f64 = 2.0;
/// After so many times the slowest call, nobody is left of those who were there before.
const CALMS: f64 = 10.0;
/// Nor longer than this where many are made again.
const STEP_MOST_AGAIN: f64 = 2.0;

/// A station that is less busy than this has hardly a line, and forgets what was at once.
pub(super) const QUIET: f64 = 0.3;
/// One that is less busy than this has short lines, which follow its rate within seconds.
pub(super) const EASY: f64 = 0.6;

/// However fast tenants come and go, what they do in so short a time is taken together.
const SWING_LEAST: Span = Span::seconds(1);

impl Flow {
    /// Carries all calls up to a moment; until then no rate changes by itself.
    pub(super) fn carry(&mut self, now: Moment, at: &mut Sinks<'_>) {
        if self.until < now {
            let until = self.until;
            self.streams.iter_mut().for_each(|stream| stream.settle_callers(until, now));
        }
        while self.until < now {
            let left = now.since(self.until);
            let starts = self.until;
            if core::mem::take(&mut self.is_stirred) {
                (self.step, self.stirred_at) = (SUDDEN, starts);
            } else if self.is_sudden(starts) {
                self.step = self.step.min(0.25 * self.quickness().min(1.0));
            } else if self.gates.iter().any(|gate| gate.is_fresh && gate.fails()) {
                // What callers find there they feel in the next step.
                self.step = self.step.min(1.0);
            } else if starts < self.stirred_at.after(self.calms()) {
                // Each step may be twice as long as the one before.
            } else if self.load().max(self.offered(starts)) < QUIET {
                // Nobody remembers what was before, but caches that fill.
                let fills = self.shelves.iter().any(|shelf| !shelf.is_settled());
                self.step = self.step.max(if fills { 1.0 } else { 1e9 });
            }
            if self.streams.iter().any(Stream::tries_again) {
                // What is due within a step is made in the next.
                self.step = self.step.min(STEP_MOST_AGAIN);
            }
            // Who comes in the last moments is counted or not by how long the line is just then.
            let (waits, counted) = (self.waits(), self.counted_to.since(starts).as_seconds());
            if waits > LONG && counted < 1.2 * waits + self.step {
                self.step = self.step.min(0.05 * waits);
            }
            let step = Span::from_seconds(self.step.max(STEP_LEAST)).min(left);
            // A last step that is a bit of nothing is not worth its own.
            let step = if left.0 - step.0 < step.0 / 4 { left } else { step };
            let ends = starts.after(step);
            let factor = self.advance(starts, ends, at);
            // Nothing that matters is quicker than half a service, after the first moments.
            let quick = self.quickness().min(1.0) * 0.5;
            let next = step.as_seconds() * factor;
            self.step = if factor < 1.0 { next.max(quick.min(step.as_seconds())) } else { next };
            self.until = ends;
        }
    }

    /// How quick the quickest calls are, in seconds.
    fn quickness(&self) -> f64 {
        let all = self.streams.iter().map(Stream::quickness);
        all.fold(f64::INFINITY, f64::min)
    }

    /// How long until all is as it will be, where nothing is busy.
    fn calms(&self) -> Span {
        let slowest = self.streams.iter().map(Stream::quickness).fold(0.0, f64::max);
        Span::from_seconds(CALMS * slowest)
    }

    /// The longest that callers wait anywhere on the mean.
    fn waits(&self) -> f64 {
        let lines = self.lines.iter().flat_map(|line| &line.passages);
        let lines = lines.map(|passage| passage.wait.mean());
        let gates = self.gates.iter().map(|gate| gate.found.wait.mean());
        lines.chain(gates).fold(0.0, f64::max)
    }

    /// How busy the busiest station is, as a share of what it can do.
    pub(super) fn load(&self) -> f64 {
        let lines = self.lines.iter().map(super::Line::load);
        let gates = self.gates.iter().map(|gate| gate.load(&self.bases[gate.database]));
        lines.chain(gates).fold(0.0, f64::max)
    }

    /// How busy stations would be with the calls that come now.
    fn offered(&self, now: Moment) -> f64 {
        let mut lines = vec![0.0; self.lines.len()];
        let mut gates = vec![0.0; self.gates.len()];
        for stream in &self.streams {
            let calls = stream.calling.rate(now, stream.callers);
            if let Some(line) = stream.line {
                lines[line] += calls * stream.quickness() / self.lines[line].capacity();
            }
            for leg in &stream.path.legs {
                let gate = &self.gates[leg.gate];
                let takes = f64::from(leg.times) * leg.alone.mean();
                gates[leg.gate] += calls * takes / gate.capacity(&self.bases[gate.database]);
            }
        }
        lines.into_iter().chain(gates).fold(0.0, f64::max)
    }

    /// Whether many more or fewer calls come now than in the last step, and that matters.
    fn is_sudden(&self, now: Moment) -> bool {
        let load = self.load().max(self.offered(now));
        self.streams.iter().any(|stream| {
            let calls = stream.calling.rate(now, stream.callers);
            let before = stream.again.rates[0];
            let changed = (calls - before).abs() > 0.05 * calls.max(before) + 1e-6;
            let load = load * (calls / before.max(1e-9)).max(1.0);
            changed && load > QUIET && !stream.calling.is_closed() && stream.single <= 0.0
        })
    }

    /// One step.
    fn advance(&mut self, starts: Moment, ends: Moment, at: &mut Sinks<'_>) -> f64 {
        let seconds = ends.since(starts).as_seconds();
        let counted = Counted::new((starts, ends), self.counted_from, self.counted_to);
        let mut factor: f64 = 2.0;
        for stream in &mut self.streams {
            factor = factor.min(stream.look(starts, ends));
            if stream.is_new() {
                stream.find_path(&self.gates, &mut self.tools.bins);
            }
        }
        factor = factor.min(self.advance_shelves(seconds, ends, at));
        factor = factor.min(self.advance_lines(seconds, ends, at));
        factor = factor.min(self.advance_gates(seconds, (starts, ends), counted, at));
        for stream in &mut self.streams {
            stream.find_path(&self.gates, &mut self.tools.bins);
            let passage = stream.line.map(|line| (line, stream.place));
            let passage = passage.map(|(line, place)| {
                let line = &self.lines[line];
                (&line.passages[place], line.is_fresh)
            });
            stream.pass(passage, &self.shelves, (starts, ends), counted, &mut self.tools);
        }
        factor
    }

    fn advance_shelves(&mut self, seconds: f64, ends: Moment, at: &mut Sinks<'_>) -> f64 {
        let mut factor: f64 = 2.0;
        for (index, shelf) in self.shelves.iter_mut().enumerate() {
            let mut rates = vec![0.0; shelf.spaces.len()];
            for stream in &self.streams {
                if let Some((space, rate, lag)) = stream.looks_up(index) {
                    rates[space] += rate;
                    shelf.spaces[space].lag = lag;
                }
            }
            factor = factor.min(shelf.advance(seconds, &rates));
            shelf.tell(ends, &mut at.caches[index]);
        }
        factor
    }

    fn advance_lines(&mut self, seconds: f64, ends: Moment, at: &mut Sinks<'_>) -> f64 {
        let mut factor: f64 = 2.0;
        for (index, line) in self.lines.iter_mut().enumerate() {
            let here = self.streams.iter_mut().filter(|stream| stream.line == Some(index));
            let feeds: Vec<Feed> = here
                .enumerate()
                .map(|(place, stream)| {
                    stream.place = place;
                    stream.feed(&self.shelves, &mut self.tools.bins)
                })
                .collect();
            if feeds.is_empty() {
                continue;
            }
            factor = factor.min(line.advance(seconds, &feeds, &mut self.tools));
            let load = &mut at.services[index].load;
            load.busy.held_mean(ends, line.busy);
            load.waiting.held_mean(ends, line.waiting);
        }
        factor
    }

    fn advance_gates(
        &mut self,
        seconds: f64,
        (starts, ends): (Moment, Moment),
        counted: Counted,
        at: &mut Sinks<'_>,
    ) -> f64 {
        if self.gates.is_empty() {
            return 2.0;
        }
        let mut asking: Vec<Vec<Asking>> = vec![Vec::new(); self.gates.len()];
        for stream in &self.streams {
            let passage = stream.line.map(|line| &self.lines[line].passages[stream.place]);
            let calls = stream.asks_databases(passage, &self.shelves);
            stream.path.ask(calls, stream.heads(), &self.gates, &mut asking);
        }
        let mut factor: f64 = 2.0;
        for (index, asking) in asking.iter().enumerate() {
            let database = self.gates[index].database;
            let others = self.gates.iter().enumerate();
            let others =
                others.filter(|(other, gate)| *other != index && gate.database == database);
            let (active, open) = others.fold((0.0, 0.0), |sum, (_, gate)| {
                (sum.0 + gate.found.active, sum.1 + gate.found.connections)
            });
            let base = &self.bases[database];
            let beside = Beside {
                base,
                active,
                connections: (base.most - open).max(1.0),
                down: base.down(starts),
            };
            let gate = &mut self.gates[index];
            factor = factor.min(gate.advance(seconds, asking, beside, &mut self.tools));
            gate.count(seconds, asking, counted, &mut self.tools.bins);
        }
        for (index, database) in at.databases.iter_mut().enumerate() {
            let here = || self.gates.iter().filter(|gate| gate.database == index);
            let sum = |of: &dyn Fn(&super::Gate) -> f64| here().map(of).sum::<f64>();
            let (active, work) = (sum(&|gate| gate.found.active), sum(&|gate| gate.found.work));
            let open = sum(&|gate| gate.found.connections);
            database.flowed(ends, (open, active, work));
        }
        for (index, pooler) in at.poolers.iter_mut().enumerate() {
            let here = || self.gates.iter().filter(|gate| gate.pooler == Some(index));
            let open: f64 = here().map(|gate| gate.found.connections).sum();
            let waiting: f64 = here().map(|gate| gate.found.waiting).sum();
            let used: f64 = here().map(|gate| gate.found.used).sum();
            pooler.flowed(ends, (open, waiting, used + waiting));
        }
        factor
    }

    /// Whether many tenants have begun or ceased to call since the flow was carried the last time,
    /// and that is a while ago.
    pub(super) fn swings(&self, now: Moment) -> bool {
        now > self.until.after(SWING_LEAST)
            && self.load() > 0.5 * QUIET
            && self.streams.iter().any(Stream::swings)
    }

    /// A tenant does something else than before.
    pub(super) fn tenants_change(
        &mut self,
        id: TenantId,
        doing: Doing,
        sources: &mut [Source],
        now: Moment,
    ) {
        for (stream, source) in self.streams.iter_mut().zip(sources) {
            if let Calls::Tenants(crowd) = &mut source.calls {
                let more = crowd.flows(id, doing);
                if more != (0, 0) {
                    stream.callers_change(more, now);
                }
            }
        }
    }
}
