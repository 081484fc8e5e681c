//! What a run is like over time: it changes nothing, adds up to what the run found, and loses no spike.

use seatrial_contract::units::Span;
use seatrial_format::{Disk, Style};
use seatrial_host::{
    Opened, Recording, Silent, World, open, open_text, recorded, resolution, told_of,
};
use seatrial_record::{LifeRow, LifeSink, Point, Record, SeriesHead, SeriesSink, Shape, Stretch};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Keeps all that it is told.
#[derive(Default)]
struct Kept {
    heads: Mutex<Vec<SeriesHead>>,
    points: Mutex<Vec<(Stretch, usize, Vec<Point>)>>,
    /// How many states were told, and for how long in all.
    lives: Mutex<(u64, u64)>,
}

impl LifeSink for Kept {
    fn life(&self, row: &LifeRow<'_>) {
        let mut lives = self.lives.lock().unwrap();
        lives.0 += 1;
        lives.1 += row.until - row.from;
    }
}

impl SeriesSink for Kept {
    fn begin(&self, heads: &[SeriesHead]) {
        assert!(self.heads.lock().unwrap().is_empty(), "told once what there is");
        self.heads.lock().unwrap().extend_from_slice(heads);
    }

    fn stretch(&self, stretch: Stretch, first: usize, points: &[Point]) {
        self.points.lock().unwrap().push((stretch, first, points.to_vec()));
    }
}

impl Kept {
    /// A series, stretch by stretch.
    fn series(&self, series: &str, of: &str) -> Vec<(Stretch, Point)> {
        let heads = self.heads.lock().unwrap();
        let at = heads.iter().position(|head| head.series == series && head.of == of);
        let at = at.unwrap_or_else(|| panic!("no series {series} of {of:?}"));
        let points = self.points.lock().unwrap();
        let here = points
            .iter()
            .filter(|(_, first, points)| (*first..*first + points.len()).contains(&at));
        here.map(|(stretch, first, points)| (*stretch, points[at - first])).collect()
    }

    fn total(&self, series: &str, of: &str) -> f64 {
        self.series(series, of).iter().filter_map(|(_, point)| point.total).sum()
    }

    /// The mean over all time.
    fn mean(&self, series: &str, of: &str) -> f64 {
        let all = self.series(series, of);
        let time = |of: &Stretch| (of.until - of.from) as f64;
        let whole: f64 = all.iter().map(|(stretch, _)| time(stretch)).sum();
        let sum = all.iter().map(|(stretch, point)| point.mean.unwrap() * time(stretch));
        sum.sum::<f64>() / whole
    }

    fn most(&self, series: &str, of: &str) -> f64 {
        self.series(series, of).iter().filter_map(|(_, point)| point.most).fold(0.0, f64::max)
    }
}

fn run(opened: &Opened, each: Option<Span>) -> (Record, Arc<Kept>) {
    let kept = Arc::new(Kept::default());
    let world = World::new(&opened.scenario, opened.policies.as_ref(), opened.scenario.seed);
    let sink = Arc::clone(&kept) as Arc<dyn SeriesSink>;
    let world = match each {
        Some(each) => {
            let world = recorded(world, Recording { each, sink });
            told_of(world, Arc::clone(&kept) as Arc<dyn LifeSink>)
        }
        None => world,
    };
    (world.run(&Silent).unwrap_or_else(|broken| panic!("{broken}")), kept)
}

fn text(text: &str, policies: Option<&str>) -> Opened {
    open_text(text, policies)
        .unwrap_or_else(|failure| panic!("{}", failure.render(Style::default())))
}

fn shipped(name: &str, sets: &[&str]) -> Opened {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name);
    let sets: Vec<_> = sets.iter().map(|set| (*set).to_owned().into()).collect();
    open(&Disk, &path, &sets)
        .unwrap_or_else(|failure| panic!("{}", failure.render(Style::default())))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.retain(|path| path.extension().is_some_and(|of| of == "toml"));
    all.sort();
    all
}

#[test]
fn a_run_that_is_recorded_goes_on_as_one_that_is_not() {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut tried = 0;
    for path in [files(&scenarios), files(&scenarios.join("chaos"))].concat() {
        for sets in [vec![], vec!["grain=\"sampled\""]] {
            let sets: Vec<_> = sets.into_iter().map(|set: &str| set.to_owned().into()).collect();
            let Ok(mut opened) = open(&Disk, &path, &sets) else { continue };
            let short = Span::hours(2).min(opened.scenario.duration.value);
            opened.scenario.duration.value = short;
            let (plain, _) = run(&opened, None);
            let (record, kept) = run(&opened, Some(Span::minutes(7)));
            assert_eq!(record.digest(), plain.digest(), "{}", path.display());
            assert!(!kept.points.lock().unwrap().is_empty(), "{}", path.display());
            let machines = opened.scenario.pools.iter().any(|pool| pool.count.value > 0);
            assert_eq!(
                kept.lives.lock().unwrap().0 > 0,
                machines || !opened.scenario.databases.is_empty(),
                "{}",
                path.display()
            );
            tried += 1;
        }
    }
    assert!(tried > 20, "only {tried} were tried");
}

#[test]
fn stretches_follow_one_another_to_the_end_and_every_point_is_sound() {
    let opened = shipped("wake-storm.toml", &["warm_up=90min"]);
    let (record, kept) = run(&opened, Some(Span::minutes(7)));
    let points = kept.points.lock().unwrap();
    let heads = kept.heads.lock().unwrap();
    let firsts: std::collections::BTreeSet<usize> = points.iter().map(|of| of.1).collect();
    assert_eq!(firsts.len(), 2, "the world and its calls");
    for first in firsts {
        let mut until = 0;
        for (stretch, _, points) in points.iter().filter(|of| of.1 == first) {
            assert_eq!(stretch.from, until, "no gap and no overlap");
            assert!(stretch.until > stretch.from && stretch.lived <= stretch.until - stretch.from);
            until = stretch.until;
            for (head, point) in heads[first..].iter().zip(points) {
                sound(head, point);
            }
        }
        assert_eq!(until, record.duration);
    }
}

fn sound(head: &SeriesHead, point: &Point) {
    let what = format!("{} of {}: {point:?}", head.series, head.of);
    match head.shape {
        Shape::Level => {
            let mean = point.mean.unwrap_or_else(|| panic!("{what}"));
            if let (Some(least), Some(most)) = (point.least, point.most) {
                // A mean is rounded once more than what it is of.
                let slack = 1e-9 * most.abs();
                assert!(least <= mean + slack && mean <= most + slack, "{what}");
            }
        }
        Shape::Sum => assert!(point.total.is_some_and(|total| total >= 0.0), "{what}"),
        Shape::Times => {
            let some = point.total != Some(0.0);
            assert_eq!(point.mean.is_some(), some, "{what}");
            assert!(point.p50 <= point.p95 && point.p95 <= point.p99, "{what}");
            assert!(point.p99 <= point.most, "{what}");
        }
        Shape::Ratio => assert!(point.mean.is_none_or(|of| (0.0..=1.0).contains(&of)), "{what}"),
    }
}

fn figure(record: &Record, name: &str) -> f64 {
    record.metric(name).and_then(|of| of.value).unwrap_or_else(|| panic!("no {name}"))
}

fn same(found: f64, wanted: f64, what: &str) {
    assert!(
        (found - wanted).abs() <= 1e-6 * wanted.abs().max(1e-6),
        "{what}: {found}, not {wanted}"
    );
}

#[test]
fn of_a_thousand_users_all_stretches_together_are_the_summary() {
    let opened = shipped("thousand-users.toml", &["duration=9d"]);
    let (record, kept) = run(&opened, Some(resolution(Span::days(9))));
    let tiers = ["free", "basic", "pro", "premium"];
    let over = |series: &str| tiers.iter().map(|tier| kept.total(series, tier)).sum::<f64>();
    same(over("logins"), figure(&record, "logins"), "logins");
    same(over("wakes"), figure(&record, "wakes"), "wakes");
    same(over("logins_unserved"), figure(&record, "logins_unserved"), "unserved");
    same(kept.total("hibernations", ""), figure(&record, "hibernations"), "hibernations");
    let mean = |series: &str| tiers.iter().map(|tier| kept.mean(series, tier)).sum::<f64>();
    same(mean("tenants"), figure(&record, "tenants_mean"), "tenants");
    same(mean("awake"), figure(&record, "awake_mean"), "awake");
    same(kept.mean("serving", ""), figure(&record, "serving_mean"), "serving");
    same(kept.most("serving", ""), figure(&record, "serving_most"), "serving");
    let mut spend = 0.0;
    for pool in &opened.scenario.pools {
        let pool = pool.name.as_str();
        same(kept.mean("machines", pool), figure(&record, &format!("nodes_mean.{pool}")), pool);
        same(kept.most("machines", pool), figure(&record, &format!("nodes_most.{pool}")), pool);
        for what in ["cpu", "memory"] {
            let share = kept.mean(&format!("{what}_used"), pool)
                / kept.mean(&format!("{what}_capacity"), pool);
            same(share, figure(&record, &format!("{what}_used_share.{pool}")), what);
        }
        spend += kept.total("spend", pool);
    }
    let heads = kept.heads.lock().unwrap().clone();
    for head in heads.iter().filter(|of| of.series == "spend" && of.kind != "pool") {
        spend += kept.total("spend", &head.of);
    }
    same(spend, figure(&record, "bill_total"), "spend");
    let stages = heads.iter().filter(|head| head.kind == "stage");
    let stages: f64 = stages.map(|head| kept.mean("tenants", &head.of)).sum();
    same(stages, figure(&record, "tenants_mean"), "all stages");
}

const CALLS: &str = r#"
    title = "calls through a pool to a database"
    duration = "2 h"
    warm_up = "20 min"
    [[databases]]
    name = "main"
    max_connections = 40
    cores = 4
    [[poolers]]
    name = "pool"
    database = "main"
    pool_size = 8
    wait_timeout = "2 s"
    [[services]]
    name = "api"
    replicas = 2
    concurrency = 12
    service_time = { kind = "exponential", mean = "10 ms" }
    [[traffic]]
    name = "calls"
    service = "api"
    arrivals = { kind = "poisson", rate = "60/s" }
    queries = [{ at = "pool", service_time = { kind = "exponential", mean = "30 ms" } }]
    time_out = "3 s"
"#;

#[test]
fn of_calls_all_stretches_after_the_warm_up_together_are_the_summary() {
    let opened = text(CALLS, None);
    let (record, kept) = run(&opened, Some(Span::minutes(1)));
    let warm = Span::minutes(20).0;
    let total = |series: &str, of: &str| -> f64 {
        let counted = kept.series(series, of).into_iter().filter(|of| of.0.from >= warm);
        counted.filter_map(|(_, point)| point.total).sum()
    };
    for name in ["calls", "attempts", "failed"] {
        same(total(name, "calls"), figure(&record, &format!("{name}.calls")), name);
    }
    same(total("arrivals", "api"), figure(&record, "arrivals.api"), "arrivals");
    same(total("query", "main"), figure(&record, "queries.main"), "queries");
    same(total("wait", "pool"), figure(&record, "asked.pool"), "all were given a connection");
    let after: Vec<_> =
        kept.series("connections", "main").into_iter().filter(|of| of.0.from >= warm).collect();
    let mean = after.iter().map(|(_, of)| of.mean.unwrap()).sum::<f64>() / after.len() as f64;
    same(mean, figure(&record, "connections_mean.main"), "connections");
    let most = after.iter().filter_map(|(_, of)| of.most).fold(0.0, f64::max);
    same(most, figure(&record, "connections_most.main"), "connections");
    let slowest = kept.series("response", "calls").into_iter().filter(|of| of.0.from >= warm);
    let slowest = slowest.filter_map(|(_, of)| of.most).fold(0.0, f64::max);
    let max = figure(&record, "response_max.calls");
    assert!((slowest - max).abs() <= max / 256.0, "{slowest}, not {max}");
}

#[test]
fn what_is_sampled_stands_for_all_time() {
    let opened = text(&format!("grain = \"sampled\"\n{CALLS}"), None);
    let mut opened = opened;
    opened.scenario.duration.value = Span::days(3);
    let (record, kept) = run(&opened, Some(Span::minutes(2)));
    let lived = record.sampled.unwrap().lived;
    assert!(lived < record.duration / 2, "most is not lived through");
    // 60 calls a second: of few sections some per cent are chance.
    let calls = kept.total("calls", "calls");
    let wanted = 60.0 * record.duration as f64 / 1e9;
    assert!((calls / wanted - 1.0).abs() < 0.03, "{calls}, not {wanted}");
    let all = kept.series("calls", "calls");
    let told: u64 = all.iter().map(|(stretch, _)| stretch.until - stretch.from).sum();
    assert!(told > record.duration / 100 * 97, "{told}");
    assert!(all.iter().any(|(stretch, _)| stretch.lived < stretch.until - stretch.from));
}

#[test]
fn a_spike_of_a_second_in_a_year_is_the_most_of_its_point() {
    let scenario = r#"
        title = "one second of a year"
        duration = "365 d"
        [[pools]]
        name = "workers"
        count = 3
        machine = { cpu = "4 cores", memory = "8 GiB" }
        price = "$0.10/h"
        [[faults]]
        name = "blink"
        kind = "machine-crash"
        at = "200 d"
        lasts = "1 s"
        machines = 2
        pool = "workers"
    "#;
    let opened = text(scenario, None);
    let each = resolution(Span::days(365));
    let (_, kept) = run(&opened, Some(each));
    let down = kept.series("machines_down", "workers");
    assert_eq!(down.len(), 2_190, "one point for each four hours");
    let spikes: Vec<_> = down.iter().filter(|(_, of)| of.most != Some(0.0)).collect();
    let [(stretch, point)] = spikes[..] else { panic!("{} spikes", spikes.len()) };
    assert_eq!(point.most, Some(2.0));
    assert_eq!(point.least, Some(0.0));
    same(point.mean.unwrap(), 2.0 / 14_400.0, "two machines for a second of four hours");
    let at = Span::days(200).0;
    assert!(stretch.from <= at && at < stretch.until);
    let up = kept.series("machines", "workers");
    assert!(up.iter().any(|(_, of)| of.least == Some(1.0)));
}

#[test]
fn resolutions_come_near_two_thousand_points() {
    let points = |days: u64| Span::days(days).0 / resolution(Span::days(days)).0;
    for days in 1..4_000 {
        assert!((1_000..=3_100).contains(&points(days)), "{days} days: {}", points(days));
    }
    assert_eq!(resolution(Span::days(30)), Span::minutes(20));
    assert_eq!(resolution(Span::ZERO), Span::seconds(1));
}
