//! A sweep: how much a database got done with one client, two, and so on, as a file says it.
//! Measures nothing and fits nothing.

use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Path, Place, Problems, element};
use seatrial_contract::units::Span;
use seatrial_format::{Disk, Failure, Loaded, load_from};
use std::path::Path as FilePath;

element! {
    /// What was measured of a database.
    pub struct SweepFile {
        /// What was measured, in a line.
        title: String = String::new(),
        /// The processors of the database's machine.
        cores: Located<NonZeroU32>,
        /// What was found with so many clients; each number of clients once.
        points: Located<Vec<PointFile>>,
    }
}

element! {
    /// What was found with so many clients, each of whom called again as soon as it was answered.
    pub struct PointFile {
        /// How many clients.
        clients: Located<NonZeroU32>,
        /// Transactions per second: a number for each repetition.
        per_second: Located<Vec<f64>>,
        /// How long a transaction took in the mean; only to check that no client ever paused.
        latency: Option<Located<Span>> = None,
    }
}

/// What was measured, checked and in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// What was measured, in a line.
    pub title: String,
    /// The processors of the database's machine.
    pub cores: u32,
    /// By clients.
    pub points: Vec<Point>,
}

/// What was found with so many clients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// How many clients.
    pub clients: u32,
    /// The median of the repetitions, in transactions per second.
    pub per_second: f64,
    /// How far that may be from the median of ever more of them, as a share of it: half of what the
    /// repetitions around it lie apart that hold it with 95 %; all of them, where they are few.
    pub unsure: f64,
}

/// A curve has four parameters and a scale; fewer points could be met by any curve.
const POINTS_LEAST: usize = 5;
/// More are no sweep, and each is left out once.
const POINTS_MOST: usize = 1_000;
/// No database is asked less often by a client that never pauses (a query of a quarter of an hour) or
/// answers more often (ten nanoseconds).
const PER_SECOND: core::ops::RangeInclusive<f64> = 1e-3..=1e8;
/// How far clients may be from transactions per second times their latency.
const PAUSE_MOST: f64 = 0.1;

impl Sweep {
    /// Reads a sweep from a file.
    ///
    /// # Errors
    /// All that is wrong with it, at once.
    pub fn load(path: &FilePath) -> Result<Self, Failure> {
        let Loaded { value, sources, .. } = load_from::<SweepFile>(&Disk, path, &[])?;
        let mut problems = Problems::default();
        check(&value, &mut problems);
        if !problems.is_empty() {
            return Err(Failure::Wrong { problems, sources });
        }
        let points = value.points.value.iter();
        let points = points.map(|point| (point.clients.get(), point.per_second.value.clone()));
        Ok(Self::of(value.title, value.cores.get(), points.collect()))
    }

    /// Of clients with their repetitions, each number of clients once.
    pub(super) fn of(title: String, cores: u32, repeated: Vec<(u32, Vec<f64>)>) -> Self {
        let point = |(clients, mut per_second): (u32, Vec<f64>)| {
            per_second.sort_by(f64::total_cmp);
            let last = per_second.len().saturating_sub(1);
            let median = f64::midpoint(per_second[last / 2], per_second[last.div_ceil(2)]);
            let skipped = outside(per_second.len());
            let unsure = (per_second[last - skipped] - per_second[skipped]) / 2.0 / median;
            Point { clients, per_second: median, unsure }
        };
        let mut points: Vec<Point> = repeated.into_iter().map(point).collect();
        points.sort_by_key(|point| point.clients);
        Self { title, cores, points }
    }
}

/// How many of so many repetitions lie on either side of the interval that holds their median with
/// 95 %: the binomial distribution of how many are below it, by its normal approximation.
fn outside(repetitions: usize) -> usize {
    let count = repetitions as f64;
    let skipped = (count / 2.0 - 0.98 * count.sqrt()).floor().max(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "below their count"
    )]
    let skipped = skipped as usize;
    skipped
}

/// What is wrong with too few points; nothing where they are enough.
pub(super) fn too_few(points: usize) -> Option<(String, &'static str)> {
    let remedy = "measure 1, 2, 4, 8 clients and so on, up to eight times the cores";
    (points < POINTS_LEAST)
        .then(|| (format!("{points} points are fewer than the {POINTS_LEAST} of a curve"), remedy))
}

/// What is wrong with a figure that no database has; nothing where one may have it.
pub(super) fn absurd(per_second: f64) -> Option<(String, &'static str)> {
    let remedy = "write transactions per second, from 0.001 to 100 million";
    (!PER_SECOND.contains(&per_second))
        .then(|| (format!("{per_second:?} in a second is not what any database gets done"), remedy))
}

fn check(file: &SweepFile, problems: &mut Problems) {
    let path = Path::Key(&Path::Root, "points");
    if file.points.len() > POINTS_MOST {
        let message = format!("{} points are more than {POINTS_MOST}", file.points.len());
        let remedy = "keep those that differ, and write repetitions into one point";
        problems.add(&path, file.points.place, message, remedy);
        return;
    }
    if let Some((message, remedy)) = too_few(file.points.len()) {
        problems.add(&path, file.points.place, message, remedy);
    }
    for (index, point) in file.points.iter().enumerate() {
        let path = Path::Index(&path, index);
        let mut tell = |key, place: Place, message: String, remedy: &str| {
            problems.add(&Path::Key(&path, key), place, message, remedy);
        };
        let clients = point.clients.value;
        if file.points[..index].iter().any(|other| other.clients.value == clients) {
            let remedy = "list repetitions in one point: per_second = [9_800, 10_100]";
            let message = format!("{clients} clients have a point already");
            tell("clients", point.clients.place, message, remedy);
        }
        let (per_second, place) = (&point.per_second.value, point.per_second.place);
        if per_second.is_empty() {
            tell("per_second", place, "nothing was measured".into(), "write [10_000]");
        }
        if let Some(none) = per_second.iter().find(|value| **value <= 0.0) {
            let remedy = "leave out rounds in which nothing got done";
            tell("per_second", place, format!("{none} is not above 0"), remedy);
            continue;
        }
        if let Some((message, remedy)) = per_second.iter().find_map(|value| absurd(*value)) {
            tell("per_second", place, message, remedy);
            continue;
        }
        if let Some(latency) = &point.latency
            && let Some(busy) = busy(per_second, latency.value)
            && (busy / f64::from(clients.get()) - 1.0).abs() > PAUSE_MOST
        {
            let message = format!("at this latency {busy:.1} clients are active, not {clients}");
            let remedy = "let each client call again as soon as it is answered, and count \
                          latencies from call to answer";
            tell("latency", latency.place, message, remedy);
        }
    }
}

/// How many clients are active in the mean, by Little's law.
fn busy(per_second: &[f64], latency: Span) -> Option<f64> {
    let sum: f64 = per_second.iter().sum();
    let count = u32::try_from(per_second.len()).ok().filter(|count| *count > 0)?;
    Some(sum / f64::from(count) * latency.as_seconds())
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_format::Style;

    fn read(text: &str) -> Result<Sweep, String> {
        let folder = std::env::temp_dir().join(format!("seatrial-sweep-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{}.toml", text.len()));
        std::fs::write(&path, text).unwrap();
        let read = Sweep::load(&path).map_err(|failure| failure.render(Style::default()));
        std::fs::remove_file(&path).unwrap();
        let _ = std::fs::remove_dir(&folder);
        read
    }

    #[test]
    fn repetitions_become_a_median_and_how_sure_it_is() {
        let text = "cores = 2\npoints = [\n{ clients = 8, per_second = [90, 100, 120] },\n\
            { clients = 1, per_second = [30, 50] },\n{ clients = 2, per_second = [60] },\n\
            { clients = 3, per_second = [70] },\n{ clients = 4, per_second = [80], latency = \"50 ms\" }]";
        let sweep = read(text).unwrap();
        assert_eq!(sweep.points.len(), 5);
        // (30 + 50) / 2 = 40; half of 20 apart is a quarter of 40.
        assert_eq!(sweep.points[0], Point { clients: 1, per_second: 40.0, unsure: 0.25 });
        assert_eq!(sweep.points[4], Point { clients: 8, per_second: 100.0, unsure: 0.15 });
        // Of thirty, nine on either side are outside: the tenth is 10, the 21st 21.
        let thirty = Sweep::of(String::new(), 2, vec![(1, (1..=30).map(f64::from).collect())]);
        let found = thirty.points[0];
        assert_eq!((found.per_second, found.unsure), (15.5, (21.0 - 10.0) / 2.0 / 15.5));
    }

    #[test]
    fn figures_that_no_database_has_are_told() {
        let points = |figure: &str| {
            let point = |clients| format!("{{ clients = {clients}, per_second = [{figure}] }}");
            format!("cores = 2\npoints = [{}]", [1, 2, 3, 4, 5].map(point).join(", "))
        };
        for figure in ["1e300", "1e-300", "2e8", "inf", "nan"] {
            let says = read(&points(figure)).unwrap_err();
            assert!(says.contains("points[0].per_second"), "{figure}: {says}");
        }
        for figure in ["1e8", "0.001"] {
            let sweep = read(&points(figure)).unwrap();
            let found =
                crate::calibrate::calibrate(&sweep, &crate::calibrate::LeaveOut::EverySecond)
                    .unwrap();
            assert!(found.fit.alone.0 > 0);
            assert!(
                found
                    .points
                    .iter()
                    .all(|point| point.alone.is_finite() && point.fitted.is_finite())
            );
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_with_its_remedy() {
        let text = "cores = 2\npoints = [{ clients = 4, per_second = [100], latency = \"9 ms\" },\n\
            { clients = 4, per_second = [] },\n{ clients = 5, per_second = [0] }]";
        let says = read(text).unwrap_err();
        for expected in [
            "points: 3 points are fewer than the 5",
            "points[0].latency: at this latency 0.9 clients are active, not 4",
            "points[1].clients: 4 clients have a point already",
            "points[1].per_second: nothing was measured",
            "points[2].per_second: 0 is not above 0",
            "help: measure 1, 2, 4, 8 clients",
        ] {
            assert!(says.contains(expected), "no `{expected}` in {says}");
        }
    }
}
