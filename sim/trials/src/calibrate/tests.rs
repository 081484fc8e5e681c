//! Calibration by curves that are known, and by one that no parameters can show.

use super::*;
use seatrial_contract::config::Located;
use seatrial_format::scenario;
use seatrial_traffic::Contention;

const CLIENTS: [u32; 12] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

/// A sweep of a curve that is known, each point so much off in turn.
fn sweep(file: &scenario::Contention, cores: u32, per_second: f64, off: f64) -> Sweep {
    let curve = Contention::new(file, cores);
    let point = |(index, clients): (usize, &u32)| {
        // Up, up, down: neither a scale nor a slope.
        let off = if index % 3 == 2 { 1.0 - off } else { 1.0 + off };
        (*clients, vec![per_second * curve.speed(*clients) * off])
    };
    Sweep::of(String::new(), cores, CLIENTS.iter().enumerate().map(point).collect())
}

fn curve(per_core: f64, knee: f64, crowding: f64, waking: f64) -> scenario::Contention {
    let at = Located::nowhere;
    scenario::Contention {
        per_core: at(per_core),
        knee: at(knee),
        crowding: at(crowding),
        waking: at(waking),
    }
}

fn worst(shares: impl Iterator<Item = f64>) -> f64 {
    shares.map(f64::abs).fold(0.0, f64::max)
}

#[test]
fn known_parameters_are_found_again() {
    for (known, cores) in [
        (curve(1.1, 4.0, 0.02, 0.0), 8),
        (curve(1.4, 2.0, 0.03, 0.2), 4),
        (curve(2.5, 1.5, 0.04, 0.6), 2),
        (curve(0.45, 3.0, 0.01, 0.0), 8),
    ] {
        let found =
            calibrate(&sweep(&known, cores, 10_000.0, 0.0), &LeaveOut::EverySecond).unwrap();
        let close = |found: f64, known: f64, within: f64, what: &str| {
            assert!((found - known).abs() <= within, "{what}: {found}, not {known}");
        };
        let fit = &found.fit.contention;
        close(fit.per_core.value, known.per_core.value, 0.02 * known.per_core.value, "per core");
        close(fit.knee.value, known.knee.value, 0.1 * known.knee.value, "knee");
        close(fit.crowding.value, known.crowding.value, 0.002, "crowding");
        close(fit.waking.value, known.waking.value, 0.02, "waking");
        // 10,000 a second: 100 us each.
        close(found.fit.alone.as_seconds() * 1e6, 100.0, 0.5, "alone");
        assert!(worst(found.points.iter().map(Compared::error)) < 0.005);
        assert!(worst(found.points.iter().filter_map(|point| point.left_out)) < 0.01);
        assert_eq!(found.notes, []);
    }
}

#[test]
fn noise_of_three_percent_is_not_made_more_of() {
    let known = curve(1.1, 4.0, 0.02, 0.1);
    let found = calibrate(&sweep(&known, 4, 5_000.0, 0.03), &LeaveOut::EverySecond).unwrap();
    assert!(worst(found.points.iter().map(Compared::error)) < 0.06);
    assert!(worst(found.points.iter().filter_map(|point| point.left_out)) < 0.1);
}

#[test]
fn a_noisy_sweep_gives_no_absurd_curve() {
    // PostgreSQL 15 on two cores while neighbours were at work.
    let points = [
        (1, 2643),
        (2, 7341),
        (3, 7152),
        (4, 7879),
        (6, 7628),
        (8, 7703),
        (12, 7644),
        (16, 7639),
        (24, 5772),
        (32, 5964),
        (48, 5785),
        (64, 4997),
    ];
    let points = points.map(|(clients, per_second)| (clients, vec![f64::from(per_second)]));
    let noisy = Sweep::of(String::new(), 2, points.into());
    let fit = calibrate(&noisy, &LeaveOut::EverySecond).unwrap().fit.contention;
    assert!((1.0..3.0).contains(&fit.per_core.value), "{fit:?}");
    assert!((0.0..0.06).contains(&fit.crowding.value), "{fit:?}");
}

#[test]
fn a_shape_that_the_curve_cannot_show_is_told() {
    // It breaks down between 16 and 32 clients, and recovers.
    let mut sweep = sweep(&curve(1.0, 4.0, 0.0, 0.0), 4, 1_000.0, 0.0);
    for point in sweep.points.iter_mut().filter(|point| (17..48).contains(&point.clients)) {
        point.per_second /= 3.0;
    }
    let found = calibrate(&sweep, &LeaveOut::EverySecond).unwrap();
    let missed = found.notes.iter().find(|note| matches!(note, Note::Missed { .. }));
    let says = missed.expect("a note").to_string();
    assert!(says.contains("clients: this database has a shape that it cannot show"), "{says}");
    assert!(worst(found.points.iter().map(|point| point.alone)) > 0.3);
}

#[test]
fn what_was_not_measured_is_told() {
    let mut sweep = sweep(&curve(1.0, 4.0, 0.02, 0.0), 8, 1_000.0, 0.0);
    sweep.points.retain(|point| (2..=32).contains(&point.clients));
    sweep.points[2].unsure = 0.3;
    let notes = calibrate(&sweep, &LeaveOut::EverySecond).unwrap().notes;
    assert_eq!(
        notes,
        [
            Note::NoneAlone,
            Note::NeverCrowded { most: 32, wanted: 64 },
            Note::Noisy { clients: 4, unsure: 0.3 },
        ]
    );
}

#[test]
fn the_named_points_are_left_out_and_no_others_can_be() {
    let sweep = sweep(&curve(1.0, 4.0, 0.02, 0.0), 8, 1_000.0, 0.0);
    let left_out = |leave_out: &LeaveOut| -> Vec<u32> {
        let points = calibrate(&sweep, leave_out).unwrap().points;
        let left_out = points.iter().filter(|point| point.left_out.is_some());
        left_out.map(|point| point.measured.clients).collect()
    };
    assert_eq!(left_out(&LeaveOut::EverySecond), [3, 6, 12, 24, 48]);
    assert_eq!(left_out(&LeaveOut::Clients(vec![3, 12])), [3, 12]);
    assert_eq!(calibrate(&sweep, &LeaveOut::Clients(vec![5])), Err(Unknown::Point(5)));
    assert_eq!(calibrate(&sweep, &LeaveOut::Clients(CLIENTS.into())), Err(Unknown::All));
}

#[test]
fn the_same_sweep_gives_the_same_curve() {
    let sweep = sweep(&curve(1.3, 2.0, 0.02, 0.3), 2, 9_000.0, 0.02);
    let again = |_| calibrate(&sweep, &LeaveOut::EverySecond).unwrap();
    assert_eq!(again(0), again(1));
}

#[test]
fn a_sweep_of_many_points_searches_near_its_own_curve_and_finds_the_same() {
    let known = Contention::new(&curve(1.3, 3.0, 0.02, 0.3), 8);
    let point = |clients: u32| {
        let off = if clients % 3 == 2 { 0.97 } else { 1.02 };
        (clients, vec![9_000.0 * known.speed(clients) * off])
    };
    let sweep = Sweep::of(String::new(), 8, (1..=99).map(point).collect());
    let found = calibrate(&sweep, &LeaveOut::EverySecond).unwrap();
    // The slow twin: the whole grid of starts for a point that is left out.
    for index in [0, 1, 7, 50, 98] {
        let skipped = sweep.points[index];
        let others = sweep.points.iter().filter(|other| other.clients != skipped.clients);
        let twin = Fit::of(&others.copied().collect::<Vec<_>>(), 8);
        let away = twin.per_second(skipped.clients, 8) / skipped.per_second - 1.0;
        let alone = found.points[index].alone;
        assert!((alone - away).abs() < 0.002, "{index}: {alone}, not {away}");
    }
}
