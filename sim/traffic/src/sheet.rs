//! Reads levels, counts and times off a world, one after another in the same order each time, and tells what each
//! came to since the last time. Knows no clock and not who keeps it.
//!
//! What is read must stand in the same order at every reading: the first one says what there is.

use crate::telling::{number, quantile, ratio};
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::statistics::{Sketch, TimeWeighted};
use seatrial_record::{Point, SeriesHead, Shape, Unit};

/// All series of one part of a world.
#[derive(Default)]
pub struct Sheet {
    heads: Vec<SeriesHead>,
    marks: Vec<Mark>,
    points: Vec<Point>,
    /// Which comes next.
    at: usize,
    reading: Reading,
}

/// How far a series had come when it was read last.
enum Mark {
    Held(u128),
    Count(u64),
    Amount(f64),
    Times(Vec<Sketch>),
    Share(u64, u64),
}

/// The reading that is under way.
#[derive(Clone, Copy, Default)]
struct Reading {
    now: Moment,
    /// How much time passed since the last, for what is read.
    passed: Span,
    /// How many times as much it stands for.
    stands_for: f64,
    /// Nothing is told, only noted.
    marks_only: bool,
}

/// What is read next: its name, what it is of, and what it is counted in.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// What is measured.
    pub series: &'static str,
    /// What kind of thing it is measured of.
    pub kind: &'static str,
    /// Which.
    pub of: &'a str,
    /// What it is counted in.
    pub unit: Unit,
}

impl<'a> Row<'a> {
    /// A count of one thing.
    #[must_use]
    pub const fn count(series: &'static str, kind: &'static str, of: &'a str) -> Self {
        Self { series, kind, of, unit: Unit::Count }
    }

    /// The same in another unit.
    #[must_use]
    pub const fn unit(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }
}

impl Sheet {
    /// A reading begins at this moment of what is read, so long after the last one.
    pub fn begin(&mut self, now: Moment, passed: Span, stands_for: f64) {
        self.reading = Reading { now, passed, stands_for, marks_only: false };
        self.at = 0;
        self.points.clear();
    }

    /// A reading begins that only notes how far all has come.
    pub fn mark(&mut self, now: Moment) {
        self.begin(now, Span::ZERO, 1.0);
        self.reading.marks_only = true;
    }

    /// Whatever was counted until now belongs to the next reading.
    pub fn from_nothing(&mut self) {
        for mark in &mut self.marks {
            match mark {
                Mark::Held(so_far) => *so_far = 0,
                Mark::Count(so_far) => *so_far = 0,
                Mark::Amount(so_far) => *so_far = 0.0,
                Mark::Times(so_far) => so_far.clear(),
                Mark::Share(part, whole) => (*part, *whole) = (0, 0),
            }
        }
    }

    /// The moment of this reading.
    #[must_use]
    pub const fn now(&self) -> Moment {
        self.reading.now
    }

    /// What there is.
    #[must_use]
    pub fn heads(&self) -> &[SeriesHead] {
        &self.heads
    }

    /// What the last reading found.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    fn next(&mut self, row: Row<'_>, shape: Shape, mark: impl FnOnce() -> Mark) -> &mut Mark {
        if self.at == self.marks.len() {
            let Row { series, kind, of, unit } = row;
            self.heads.push(SeriesHead { series, kind, of: of.to_owned(), unit, shape });
            self.marks.push(mark());
        }
        self.at += 1;
        &mut self.marks[self.at - 1]
    }

    fn tell(&mut self, point: Point) {
        if !self.reading.marks_only {
            self.points.push(point);
        }
    }

    /// A level; so many of it are one of its unit.
    pub fn level(&mut self, row: Row<'_>, level: &mut TimeWeighted, one: u64) {
        let (least, most) = level.look();
        self.held(row, level.integral(self.reading.now), Some((least, most)), one);
    }

    /// What many levels are together: their mean is known, not what they were at once.
    pub fn together(&mut self, row: Row<'_>, levels: impl Iterator<Item = u128>, one: u64) {
        self.held(row, levels.sum(), None, one);
    }

    fn held(&mut self, row: Row<'_>, now: u128, ends: Option<(u64, u64)>, one: u64) {
        let Mark::Held(before) = self.next(row, Shape::Level, || Mark::Held(0)) else { return };
        let came = now.saturating_sub(core::mem::replace(before, now));
        let time = u128::from(self.reading.passed.0) * u128::from(one.max(1));
        let part = |of: u64| number(of) / number(one.max(1));
        let (least, most) = (ends.map(|of| part(of.0)), ends.map(|of| part(of.1)));
        self.tell(Point { least, mean: ratio(came, time), most, ..Point::default() });
    }

    /// What is laid down, and seldom changes.
    pub fn fixed(&mut self, row: Row<'_>, value: u64) {
        self.next(row, Shape::Level, || Mark::Count(0));
        let value = Some(number(value));
        self.tell(Point { least: value, mean: value, most: value, ..Point::default() });
    }

    /// How often something has happened so far.
    pub fn sum(&mut self, row: Row<'_>, so_far: u64) {
        let Mark::Count(before) = self.next(row, Shape::Sum, || Mark::Count(0)) else { return };
        let came = so_far.saturating_sub(core::mem::replace(before, so_far));
        let total = Some(number(came) * self.reading.stands_for);
        self.tell(Point { total, ..Point::default() });
    }

    /// How much there is of something so far that grows by parts.
    pub fn amount(&mut self, row: Row<'_>, so_far: f64) {
        let Mark::Amount(before) = self.next(row, Shape::Sum, || Mark::Amount(0.0)) else { return };
        let came = so_far - core::mem::replace(before, so_far);
        let total = Some(came * self.reading.stands_for);
        self.tell(Point { total, ..Point::default() });
    }

    /// How long things took so far, those of all of these together.
    pub fn times<'a>(&mut self, row: Row<'_>, so_far: impl Iterator<Item = &'a Sketch>) {
        let stands_for = self.reading.stands_for;
        let marks_only = self.reading.marks_only;
        let Mark::Times(before) = self.next(row, Shape::Times, || Mark::Times(Vec::new())) else {
            return;
        };
        let mut came = Sketch::default();
        for (at, sketch) in so_far.enumerate() {
            if at == before.len() {
                before.push(Sketch::default());
            }
            if marks_only {
                before[at].clone_from(sketch);
            } else {
                came.merge(&sketch.since(&mut before[at]));
            }
        }
        self.tell(Point {
            mean: came.mean().map(|nanos| nanos / 1e9),
            most: came.maximum().map(|nanos| Span(nanos).as_seconds()),
            total: Some(number(came.count()) * stands_for),
            p50: quantile(&came, 500_000),
            p95: quantile(&came, 950_000),
            p99: quantile(&came, 990_000),
            ..Point::default()
        });
    }

    /// How many of how many so far.
    pub fn share(&mut self, row: Row<'_>, part: u64, whole: u64) {
        let Mark::Share(part_before, whole_before) =
            self.next(row.unit(Unit::Share), Shape::Ratio, || Mark::Share(0, 0))
        else {
            return;
        };
        let part = part.saturating_sub(core::mem::replace(part_before, part));
        let whole = whole.saturating_sub(core::mem::replace(whole_before, whole));
        let mean = ratio(u128::from(part), u128::from(whole));
        let total = Some(number(whole) * self.reading.stands_for);
        self.tell(Point { mean, total, ..Point::default() });
    }
}
