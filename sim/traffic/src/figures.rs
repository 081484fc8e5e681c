//! Every statistic of the stations, one after another: so that what a stretch of time has added to
//! them can be told, and can stand for time that was not lived through. Knows no metric.

use super::Stations;
use crate::imagining;
use crate::poolers;
use seatrial_contract::units::Moment;
use seatrial_kernel::statistics::{Scaled, Sketch, TimeWeighted, float, float_wide};
use std::collections::BTreeMap;

/// A statistic that is kept.
pub(super) enum Kept<'a> {
    /// How often something happened.
    Count(&'a mut u64),
    /// How long something took, each time.
    Times(&'a mut Sketch),
    /// What was held over time.
    Held(&'a mut TimeWeighted),
}

/// Is shown statistics: which thing they are of, and one after another.
pub(super) type Show<'a> = dyn FnMut(Kept<'_>) + 'a;

/// What a statistic came to in a stretch of time.
#[derive(Clone, Debug)]
enum Figure {
    Count(u64),
    Times(Sketch),
    Held(u128),
}

/// What all statistics came to in a stretch of time. Of each thing as many as it has, in a fixed
/// order; things that are made later stand there when they are made.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    things: BTreeMap<Thing, Vec<Figure>>,
}

/// Whose statistics they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Service(usize),
    Source(usize),
    Pooler(usize),
    Database(usize),
    /// By its place, and by its tenant's among those that it stands for.
    Cache(usize, usize),
}

/// What figures come to that stand for more time than was lived through.
#[derive(Clone, Debug, Default)]
pub struct Stood {
    things: BTreeMap<Thing, Vec<Standing>>,
}

#[derive(Clone, Debug)]
enum Standing {
    Count(f64),
    Times(Scaled),
    Held(f64),
}

/// Shows every statistic, thing by thing.
fn show_all(stations: &mut Stations, show: &mut dyn FnMut(Thing, Kept<'_>)) {
    for (at, service) in stations.serving.services.iter_mut().enumerate() {
        service.show(&mut |kept| show(Thing::Service(at), kept));
    }
    for (at, source) in stations.sources.iter_mut().enumerate() {
        source.show(&mut |kept| show(Thing::Source(at), kept));
    }
    for (at, pooler) in stations.stores.poolers.iter_mut().enumerate() {
        poolers::metrics::show(pooler, &mut |kept| show(Thing::Pooler(at), kept));
    }
    for (at, database) in stations.stores.databases.iter_mut().enumerate() {
        database.show(&mut |kept| show(Thing::Database(at), kept));
    }
    for (at, cache) in stations.stores.caches.iter_mut().enumerate() {
        cache.show(&mut |kept| show(Thing::Cache(at, 0), kept));
        for (tenant, own) in cache.own_by_tenant() {
            own.show(&mut |kept| show(Thing::Cache(at, tenant + 1), kept));
        }
    }
}

/// What all statistics have come to until now.
pub(crate) fn figures(stations: &mut Stations, now: Moment) -> Figures {
    let mut figures = Figures::default();
    show_all(stations, &mut |thing, kept| {
        let figure = match kept {
            Kept::Count(count) => Figure::Count(*count),
            Kept::Times(times) => Figure::Times(times.clone()),
            Kept::Held(held) => Figure::Held(held.integral(now)),
        };
        figures.things.entry(thing).or_default().push(figure);
    });
    figures
}

/// What came since the mark, which is brought up to now.
pub(crate) fn figures_since(stations: &mut Stations, mark: &mut Figures, now: Moment) -> Figures {
    let mut came = Figures::default();
    show_marked(stations, mark, &mut |thing, kept, mark| {
        let figure = match (kept, mark) {
            (Kept::Count(count), Figure::Count(before)) => {
                Figure::Count(count.saturating_sub(core::mem::replace(before, *count)))
            }
            (Kept::Times(times), Figure::Times(before)) => Figure::Times(times.since(before)),
            (Kept::Held(held), Figure::Held(before)) => {
                let held = held.integral(now);
                Figure::Held(held.saturating_sub(core::mem::replace(before, held)))
            }
            (Kept::Count(_) | Kept::Times(_) | Kept::Held(_), mark) => mark.clone(),
        };
        came.things.entry(thing).or_default().push(figure);
    });
    came
}

/// Brings the mark up to now.
pub(crate) fn mark_figures(stations: &mut Stations, mark: &mut Figures, now: Moment) {
    show_marked(stations, mark, &mut |_, kept, mark| match (kept, mark) {
        (Kept::Count(count), Figure::Count(before)) => *before = *count,
        (Kept::Times(times), Figure::Times(before)) => before.mark(times),
        (Kept::Held(held), Figure::Held(before)) => *before = held.integral(now),
        (Kept::Count(_) | Kept::Times(_) | Kept::Held(_), _) => {}
    });
}

/// Shows every statistic beside its mark; what is new was nothing before.
fn show_marked(
    stations: &mut Stations,
    mark: &mut Figures,
    show: &mut dyn FnMut(Thing, Kept<'_>, &mut Figure),
) {
    let mut last = None;
    let mut at = 0;
    show_all(stations, &mut |thing, kept| {
        at = if last == Some(thing) { at + 1 } else { 0 };
        last = Some(thing);
        let marks = mark.things.entry(thing).or_default();
        if at == marks.len() {
            marks.push(match kept {
                Kept::Count(_) => Figure::Count(0),
                Kept::Times(_) => Figure::Times(Sketch::default()),
                Kept::Held(_) => Figure::Held(0),
            });
        }
        show(thing, kept, &mut marks[at]);
    });
}

/// Has every statistic be what was lived through, and what that stands for beside it, as told at
/// this moment of the world.
pub(crate) fn restate(stations: &mut Stations, lived: &Figures, stood: &Stood, world: Moment) {
    let mut last = None;
    let mut at = 0;
    show_all(stations, &mut |thing, kept| {
        at = if last == Some(thing) { at + 1 } else { 0 };
        last = Some(thing);
        let lived = lived.things.get(&thing).and_then(|all| all.get(at));
        let stood = stood.things.get(&thing).and_then(|all| all.get(at));
        match (kept, lived) {
            (Kept::Count(count), Some(Figure::Count(lived))) => {
                let more = match stood {
                    Some(Standing::Count(more)) => rounded(*more),
                    Some(Standing::Times(_) | Standing::Held(_)) | None => 0,
                };
                *count = lived + u64::try_from(more).unwrap_or(u64::MAX);
            }
            (Kept::Times(times), Some(Figure::Times(lived))) => {
                times.clone_from(lived);
                if let Some(Standing::Times(more)) = stood {
                    times.merge(&more.rounded());
                }
            }
            (Kept::Held(held), Some(Figure::Held(lived))) => {
                let more = match stood {
                    Some(Standing::Held(more)) => rounded(*more),
                    Some(Standing::Times(_) | Standing::Count(_)) | None => 0,
                };
                held.restate(world, lived + more);
            }
            (Kept::Count(_) | Kept::Times(_) | Kept::Held(_), _) => {}
        }
    });
}

impl Figures {
    /// Together with those of another stretch.
    pub fn merge(&mut self, other: &Self) {
        for (thing, figures) in &other.things {
            let kept = self.things.entry(*thing).or_default();
            for (at, figure) in figures.iter().enumerate() {
                let Some(kept) = kept.get_mut(at) else {
                    kept.push(figure.clone());
                    continue;
                };
                match (kept, figure) {
                    (Figure::Count(kept), Figure::Count(more)) => *kept += more,
                    (Figure::Held(kept), Figure::Held(more)) => *kept += more,
                    (Figure::Times(kept), Figure::Times(more)) => kept.merge(more),
                    (Figure::Count(_) | Figure::Held(_) | Figure::Times(_), _) => {}
                }
            }
        }
    }
}

impl Stood {
    /// These figures stand for so many times their calls, so many times those of each source, and so many
    /// times their time.
    pub fn add(&mut self, figures: &Figures, calls: f64, sources: &[f64], time: f64) {
        for (thing, figures) in &figures.things {
            let calls = match thing {
                Thing::Source(at) => sources.get(*at).copied().unwrap_or(calls),
                Thing::Service(_) | Thing::Pooler(_) | Thing::Database(_) | Thing::Cache(..) => {
                    calls
                }
            };
            let kept = self.things.entry(*thing).or_default();
            for (at, figure) in figures.iter().enumerate() {
                if at == kept.len() {
                    kept.push(match figure {
                        Figure::Count(_) => Standing::Count(0.0),
                        Figure::Times(_) => Standing::Times(Scaled::default()),
                        Figure::Held(_) => Standing::Held(0.0),
                    });
                }
                match (&mut kept[at], figure) {
                    (Standing::Count(kept), Figure::Count(count)) => *kept += calls * float(*count),
                    (Standing::Times(kept), Figure::Times(times)) => kept.add(times, calls),
                    (Standing::Held(kept), Figure::Held(held)) => *kept += time * float_wide(*held),
                    (Standing::Count(_) | Standing::Times(_) | Standing::Held(_), _) => {}
                }
            }
        }
    }
}

/// The nearest whole number that is not below nothing.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn rounded(value: f64) -> u128 {
    (value + 0.5) as u128
}

/// Forgets the warm-up; requests that are there stay there.
pub fn reset(stations: &mut Stations, world: Moment, now: Moment) {
    imagining::reset_imagined(stations);
    stations.clock.since = world;
    for service in &mut stations.serving.services {
        service.load.reset(now);
        service.replicas.reset(now);
    }
    stations.sources.iter_mut().for_each(super::Source::reset);
    stations.needs.reset();
    stations.stores.caches.iter_mut().for_each(|cache| cache.reset(now));
    stations.stores.databases.iter_mut().for_each(|database| database.reset(now));
    stations.stores.poolers.iter_mut().for_each(|pooler| pooler.reset(now));
}
