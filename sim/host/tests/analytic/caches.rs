//! Caches against formulas: LRU by Che's approximation, FIFO and RANDOM by their product form. What
//! is missed is written at once, as the formulas have it.

use super::{REQUESTS_MIN, RUNS, Trial, number};
use crate::calls::span;
use serde_json::Value;

/// A cache that is asked for objects of one byte, 1,000 times a second.
pub fn independent(case: &Value) -> Vec<Trial> {
    let of = &case["params"];
    let value = |key: &str| number(of, key).unwrap_or_else(|| panic!("no {key}"));
    let (objects, exponent) = (value("objects"), value("zipf_exponent"));
    let capacity = value("cache_objects");
    // "LRU", or "FIFO or RANDOM": the formula is the same for both.
    let words = of["policy"].as_str().unwrap_or_default().to_lowercase();
    let known = ["lru", "fifo", "random"];
    let policies: Vec<&str> =
        known.into_iter().filter(|word| words.split(' ').any(|part| part == *word)).collect();
    assert!(!policies.is_empty(), "{}: what is the policy {words}?", case["id"]);
    let requests = REQUESTS_MIN / RUNS as f64;
    // An LRU cache has forgotten its start when it is full; the others are given ten times that.
    let warm_up = 10.0 * filled_after(objects, exponent, capacity) + requests / 9.0;
    let per_second = 1_000.0;
    let trial = |policy: &str| {
        let text = format!(
            "title = \"cache\"\nduration = {}\nwarm_up = {}\n\
             [[caches]]\nname = \"c\"\nmaxmemory = \"{capacity} B\"\npolicy = \"{policy}\"\n\
             service_time = \"0 s\"\n\
             [[services]]\nname = \"s\"\nconcurrency = 1\nservice_time = \"0 s\"\n\
             [[traffic]]\nname = \"t\"\nservice = \"s\"\n\
             arrivals = {{ kind = \"poisson\", rate = \"1000/s\" }}\n\
             cache = {{ name = \"c\", objects = {objects}, zipf = {exponent:?}, entry = \"1 B\" }}\n",
            span((requests + warm_up) / per_second),
            span(warm_up / per_second),
        );
        let figures = vec![("hit_ratio".to_owned(), "hit_ratio.c".to_owned())];
        Trial { text, policies: None, figures }
    };
    policies.into_iter().map(trial).collect()
}

/// How many requests fill a cache, in the mean: Che's characteristic time.
fn filled_after(objects: f64, exponent: f64, capacity: f64) -> f64 {
    if capacity >= objects {
        return 10.0 * objects;
    }
    che(&[(1.0, objects as u32, exponent)], capacity).0
}

/// Che's approximation for several kinds of calls (rate, objects, exponent) that share an LRU cache
/// of so many entries: its characteristic time, and the hit ratio of each kind.
pub fn che(kinds: &[(f64, u32, f64)], capacity: f64) -> (f64, Vec<f64>) {
    let rates: Vec<Vec<f64>> = kinds
        .iter()
        .map(|(rate, objects, exponent)| {
            let weights: Vec<f64> =
                (1..=*objects).map(|rank| f64::from(rank).powf(-exponent)).collect();
            let whole: f64 = weights.iter().sum();
            weights.iter().map(|weight| rate * weight / whole).collect()
        })
        .collect();
    let filled =
        |time: f64| -> f64 { rates.iter().flatten().map(|rate| -(-rate * time).exp_m1()).sum() };
    let (mut low, mut high) = (0.0, 1.0);
    while filled(high) < capacity {
        high *= 2.0;
        assert!(high.is_finite(), "{capacity} entries hold all objects");
    }
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if filled(middle) < capacity { low = middle } else { high = middle }
    }
    let ratio = |(rates, (rate, _, _)): (&Vec<f64>, &(f64, u32, f64))| {
        rates.iter().map(|one| one / rate * -(-one * high).exp_m1()).sum()
    };
    (high, rates.iter().zip(kinds).map(ratio).collect())
}

#[test]
fn several_kinds_share_a_cache_as_che_says() {
    use super::{estimate, run_under};
    // Rate, objects, exponent of each; entries of all.
    for (kinds, capacity) in [
        (vec![(900.0, 5_000, 0.8), (100.0, 5_000, 0.8)], 2_000),
        (vec![(500.0, 20_000, 1.1), (300.0, 1_000, 0.4), (200.0, 3_000, 0.0)], 1_500),
    ] {
        let mut text = format!(
            "title = \"shared\"\nduration = \"330 s\"\nwarm_up = \"30 s\"\n\
             [[caches]]\nname = \"c\"\nmaxmemory = \"{capacity} kB\"\npolicy = \"lru\"\n\
             service_time = \"0 s\"\n[[services]]\nname = \"s\"\nconcurrency = 1\nservice_time = \"0 s\"\n"
        );
        for (kind, (rate, objects, exponent)) in kinds.iter().enumerate() {
            text += &format!(
                "[[traffic]]\nname = \"t{kind}\"\nservice = \"s\"\n\
                 arrivals = {{ kind = \"poisson\", rate = \"{rate}/s\" }}\n\
                 cache = {{ name = \"c\", objects = {objects}, zipf = {exponent:?}, \
                 entry = \"1 kB\" }}\n"
            );
        }
        let records = run_under(&text, None, &[1, 2, 3, 4]);
        let expected = che(&kinds, f64::from(capacity)).1;
        for (kind, expected) in expected.iter().enumerate() {
            let name = format!("hit_ratio.c.t{kind}");
            let found = estimate(&records, &name, seatrial_contract::units::percent(99));
            println!("{name}: {:.4} ± {:.4}, by Che {expected:.4}", found.mean, found.half_width);
            let away = (found.mean - expected).abs();
            assert!(away < 0.005 + found.half_width, "{name}: {} by Che {expected}", found.mean);
        }
    }
}
