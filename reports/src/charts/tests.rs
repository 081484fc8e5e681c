//! The charts as a whole: what is in them, and that no record breaks them.

use super::*;
use core::fmt::Write;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use seatrial_record::{NodeChange, Record, TierRow};

const DAY: u64 = NANOS_PER_DAY;

fn runs(first: Record) -> Runs {
    Runs {
        each: Vec::new(),
        seeds: vec![first.seed],
        first,
        record_digest: String::new(),
        events: 0,
        estimates: Vec::new(),
        goals: Vec::new(),
    }
}

fn tier(name: &str) -> TierRow {
    TierRow {
        name: name.to_owned(),
        tenants: 0,
        unserved: 0,
        logins: 0,
        logins_unserved: 0,
        amount: 0,
        revenue: 0,
    }
}

fn day(day: u32, tenants: u32, asleep: u32, logins: u64, by_tier: &[i64]) -> DayRow {
    let amount = by_tier.iter().fold(0, |sum: i64, part| sum.saturating_add(*part));
    let by_tier = by_tier.to_vec();
    DayRow { day, amount, by_tier, tenants, asleep, nodes: 0, logins, wakes: 0 }
}

fn change(at: u64, pool: &str, ready: u32) -> NodeChange {
    NodeChange { at, pool: pool.to_owned(), ready, booting: 0 }
}

/// Four days of two pools and two tiers.
fn small() -> Record {
    Record {
        scenario: "Small & <made up>".to_owned(),
        seed: 7,
        duration: 4 * DAY,
        tiers: vec![tier("free"), tier("pro")],
        days: vec![
            day(0, 10, 2, 30, &[4_000_000, 8_000_000]),
            day(1, 10, 4, 20, &[4_000_000, 8_000_000]),
            day(2, 12, 4, 10, &[2_000_000, 9_000_000]),
            day(3, 12, 6, 40, &[3_000_000, 9_000_000]),
            day(4, 12, 6, 0, &[0, 0]), // opens as the run ends
        ],
        nodes: vec![
            change(0, "low", 1),
            change(0, "low", 3), // at once: only the last counts
            change(0, "high", 1),
            change(DAY, "high", 2),
            change(2 * DAY, "high", 2), // changes nothing
            change(3 * DAY, "high", 1),
        ],
        ..Record::default()
    }
}

/// The words, lines and areas of a picture, without their looks.
fn outline(svg: &str) -> String {
    let attribute = |line: &str, name: &str| {
        let from = line.split_once(&format!(" {name}=\""))?.1;
        Some(from.split_once('"')?.0.trim_end().to_owned())
    };
    let mut text = String::new();
    let mut lines = svg.lines();
    while let Some(line) = lines.next() {
        let tag = line.trim_start_matches('<').split([' ', '>']).next().unwrap_or_default();
        let of = |names: &[&str]| {
            names.iter().filter_map(|name| attribute(line, name)).collect::<Vec<_>>().join(" ")
        };
        let _ = match tag {
            "text" => writeln!(text, "{}: {}", of(&["x", "y"]), lines.next().unwrap_or_default()),
            "polyline" => writeln!(text, "line {} {}", of(&["stroke"]), of(&["points"])),
            "polygon" => writeln!(text, "area {} {}", of(&["fill"]), of(&["points"])),
            "rect" => {
                writeln!(text, "rect {} {}", of(&["fill"]), of(&["x", "y", "width", "height"]))
            }
            "title" => writeln!(text, "{line}"),
            _ => Ok(()),
        };
    }
    text
}

fn picture(record: Record, name: &str) -> Option<String> {
    charts(&runs(record)).into_iter().find(|(file, _)| *file == name).map(|(_, svg)| svg)
}

/// Holds what a reader of XML needs: closed tags, no bare signs, no forbidden characters.
fn well_formed(svg: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let Some((tag, text)) = tag.split_once('>') else { return false };
        let name = tag.split_whitespace().next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(name) if open.pop() != Some(name) => return false,
            None if !tag.ends_with('/') => open.push(name),
            _ => {}
        }
        let entities = ["amp;", "lt;", "gt;", "quot;", "apos;"];
        let bare = |rest: &str| !entities.iter().any(|entity| rest.starts_with(entity));
        if text.contains('>') || text.split('&').skip(1).any(bare) {
            return false;
        }
    }
    open.is_empty() && svg.chars().all(|letter| letter == '\n' || !letter.is_control())
}

#[test]
fn machines_stand_in_lanes() {
    insta::assert_snapshot!(outline(&picture(small(), "machines.svg").unwrap()));
}

#[test]
fn tenants_asleep_lie_within_all_tenants() {
    insta::assert_snapshot!(outline(&picture(small(), "tenants.svg").unwrap()));
}

#[test]
fn the_bill_is_stacked_by_tier() {
    insta::assert_snapshot!(outline(&picture(small(), "bill.svg").unwrap()));
}

#[test]
fn text_is_text_and_needs_no_font_file() {
    for (name, svg) in charts(&runs(small())) {
        assert!(svg.contains("<text ") && svg.contains("font-family=\"sans-serif\""), "{name}");
        assert!(!svg.contains("<image") && !svg.contains("@font-face"), "{name}");
    }
}

#[test]
fn a_chart_with_nothing_to_show_is_left_out() {
    let names = |record| charts(&runs(record)).into_iter().map(|(n, _)| n).collect::<Vec<_>>();
    assert!(names(Record::default()).is_empty());
    assert_eq!(names(Record { days: Vec::new(), ..small() }), ["machines.svg"]);
    assert_eq!(names(Record { tiers: Vec::new(), ..small() }), ["machines.svg", "tenants.svg"]);
    assert_eq!(names(Record { nodes: Vec::new(), ..small() }), ["tenants.svg", "bill.svg"]);
}

#[test]
fn one_day_is_drawn_as_one_day() {
    let record = Record { duration: DAY, ..small() };
    let bill = outline(&picture(record.clone(), "bill.svg").unwrap());
    assert!(bill.contains("$4.00 in all") && bill.contains("$8.00 in all"), "{bill}");
    assert!(picture(record, "tenants.svg").unwrap().contains("10 at the end"));
}

#[test]
fn a_short_run_is_told_in_minutes() {
    let nodes = vec![change(0, "low", 1), change(DAY / 24 / 12, "low", 2)];
    let record = Record { duration: DAY / 24 / 6, nodes, ..small() };
    assert!(picture(record, "machines.svg").unwrap().contains("minutes since the start"));
}

#[test]
fn fifty_pools_are_seven_lanes_and_a_word_for_the_rest() {
    let pools = (1..=50).map(|pool: u32| change(0, &format!("pool-{pool}"), pool));
    let svg = picture(Record { nodes: pools.collect(), ..small() }, "machines.svg").unwrap();
    assert!(svg.contains("and 43 smaller pools"));
    assert!(svg.contains("\npool-50\n") && !svg.contains("\npool-43\n"));
}

#[test]
fn tiers_without_a_colour_share_one() {
    let tiers = (0..9).map(|number| tier(&format!("tier-{number}"))).collect();
    let days = vec![day(0, 1, 0, 0, &[1_000_000; 9])];
    let svg = picture(Record { tiers, days, ..small() }, "bill.svg").unwrap();
    assert!(svg.contains("2 more tiers") && svg.contains("$2.00 in all"));
}

#[test]
fn what_belongs_to_no_tier_is_still_on_the_bill() {
    let mut record = small();
    record.days[0].amount += 5_000_000;
    let svg = picture(record, "bill.svg").unwrap();
    assert!(svg.contains("of no tier") && svg.contains("$5.00 in all"));
}

#[test]
fn many_years_stay_small() {
    let days = (0..3_650).map(|d| day(d, 1_000, d % 700, u64::from(d), &[1_000_000, 500_000]));
    let nodes = (0..50_000).map(|turn: u32| {
        change(u64::from(turn) * DAY / 14, "low", turn.wrapping_mul(2_654_435_761) % 40)
    });
    let record =
        Record { duration: 3_650 * DAY, days: days.collect(), nodes: nodes.collect(), ..small() };
    for (name, svg) in charts(&runs(record)) {
        assert!(svg.len() < 60_000 && well_formed(&svg), "{name}: {} bytes", svg.len());
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just(String::new()),
        Just("名前の長いプール".repeat(20)),
        Just("a\u{301}\u{0}\u{ffff}<&>\"'\u{202e}".to_owned()),
        Just("\u{301}".repeat(500)),
    ]
}

fn odd_day() -> impl Strategy<Value = DayRow> {
    let day = prop_oneof![0..40_u32, any::<u32>()];
    let amounts = proptest::collection::vec(any::<i64>(), 0..12);
    (day, any::<i64>(), amounts, any::<u32>(), any::<u32>(), any::<u64>()).prop_map(
        |(day, amount, by_tier, tenants, asleep, logins)| DayRow {
            day,
            amount,
            by_tier,
            tenants,
            asleep,
            nodes: 0,
            logins,
            wakes: 0,
        },
    )
}

fn odd_record() -> impl Strategy<Value = Record> {
    let at = prop_oneof![Just(0), 0..40 * DAY, any::<u64>()];
    let change = (at, name(), any::<u32>());
    let changes = change.prop_map(|(at, pool, ready)| change_of(at, pool, ready));
    let duration = prop_oneof![Just(0), Just(1), Just(30 * DAY), any::<u64>()];
    let nodes = proptest::collection::vec(changes, 0..60);
    let days = proptest::collection::vec(odd_day(), 0..60);
    let tiers = proptest::collection::vec(name().prop_map(|name| tier(&name)), 0..12);
    (name(), duration, nodes, days, tiers).prop_map(|(scenario, duration, nodes, days, tiers)| {
        Record { scenario, duration, nodes, days, tiers, ..Record::default() }
    })
}

fn change_of(at: u64, pool: String, ready: u32) -> NodeChange {
    NodeChange { at, pool, ready, booting: 0 }
}

proptest! {
    #[test]
    fn no_record_breaks_a_chart(record in odd_record()) {
        let runs = runs(record);
        let drawn = charts(&runs);
        for (name, svg) in &drawn {
            prop_assert!(well_formed(svg), "{name}: {svg}");
            prop_assert!(!svg.contains("\nNaN") && !svg.contains("\ninf\n"), "{name}: {svg}");
        }
        prop_assert_eq!(drawn, charts(&runs));
    }
}
