//! Kubernetes' own test figures for its vertical autoscaler's histograms and estimators, through the
//! very code that `right-size` runs. The figures are read where they lie and never copied.

use seatrial_contract::units::{Bytes, MilliCores, Moment, Span};
use seatrial_contract::view::Footprint;
use seatrial_contract::{Dice, Purpose};
use seatrial_policies::catalog::right_size::{
    Buckets, Confidence, Decay, Histogram, footprint, scaled, with_margin,
};
use serde_json::Value;

/// Beside the working copies of the project.
const FIGURES: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference/vpa/vpa_vectors.json");

fn figures() -> Option<Value> {
    let Ok(text) = std::fs::read_to_string(FIGURES) else {
        println!("skipped: no reference data");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or_else(|| panic!("no {key} in {value}"))
}

fn close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= expected.abs() * 1e-9, "{what}: {found}, not {expected}");
}

/// Every percentile that a case expects; says how many there were.
fn holds(case: &Value, buckets: &Buckets, histogram: &Histogram) -> usize {
    let expected = case["expected_percentiles"].as_object().unwrap();
    for (share, end) in expected {
        let found = histogram.percentile(buckets, share.parse().unwrap());
        close(found, end.as_f64().unwrap(), &format!("{} at {share}", case["name"]));
    }
    expected.len()
}

#[test]
fn percentiles_are_kubernetes_own() {
    let Some(figures) = figures() else { return };
    let mut checked = 0;
    for case in figures["histogram"].as_array().unwrap() {
        let options = &case["options"];
        let buckets = Buckets::equal(number(options, "max"), number(options, "bucket"));
        let mut histogram = Histogram::default();
        for sample in case["samples"].as_array().unwrap() {
            histogram.add(buckets.find(number(sample, "value")), number(sample, "weight"));
        }
        checked += holds(case, &buckets, &histogram);
    }
    assert_eq!(checked, 20);
}

#[test]
fn percentiles_of_what_is_forgotten_by_half_are_kubernetes_own() {
    let Some(figures) = figures() else { return };
    let hour = |hours: f64| Span::from_seconds(hours * 3_600.0);
    // From the zero, and from far away, where the reference has moved before.
    for began in [Moment::START, Moment::START.after(Span::days(20_000))] {
        let mut checked = 0;
        for case in figures["decaying"].as_array().unwrap() {
            let buckets = Buckets::equal(10.0, 1.0);
            let mut decay = Decay::new(hour(number(&figures, "decaying_half_life_h")));
            let mut histogram = Histogram::default();
            for sample in case["samples"].as_array().unwrap() {
                let (factor, halvings) = decay.factor(began.after(hour(number(sample, "t_h"))));
                histogram.age(halvings);
                let bucket = buckets.find(number(sample, "value"));
                histogram.add(bucket, number(sample, "weight") * factor);
            }
            checked += holds(case, &buckets, &histogram);
        }
        assert_eq!(checked, 22);
    }
}

#[test]
fn estimates_are_kubernetes_own() {
    let Some(figures) = figures() else { return };
    let mut checked = 0;
    for case in figures["estimators"].as_array().unwrap() {
        let cores = number(case, "base_cpu");
        // Its memory is as many gigabytes.
        let base = footprint(cores, cores * 1e9);
        let expected = &case["expected"];
        let found = if let Some(margin) = case["margin"].as_f64() {
            with_margin(base, margin)
        } else {
            let minutes = |key: &str| case[key].as_f64().map(|n| Span::from_seconds(n * 60.0));
            let hours = case["confidence_interval_h"].as_f64();
            let interval = minutes("confidence_interval_min")
                .or_else(|| hours.map(|n| Span::from_seconds(n * 3_600.0)))
                .unwrap();
            let samples = u32::try_from(case["samples"].as_u64().unwrap()).unwrap();
            let watched = Span(minutes("sample_period_min").unwrap().0 * u64::from(samples));
            let confidence = Confidence::new(watched, samples, interval);
            close(confidence.figure(), number(expected, "confidence"), "confidence");
            scaled(base, confidence.factor(number(case, "multiplier"), number(case, "exponent")))
        };
        // Kubernetes counts in whole millicores.
        let cpu = (number(expected, "cpu") * 1_000.0).round();
        close(found.cpu.0 as f64, cpu, &format!("cpu of {}", case["name"]));
        if let Some(bytes) = expected["memory_bytes"].as_f64() {
            close(found.memory.0 as f64, bytes, &format!("memory of {}", case["name"]));
        }
        checked += 1;
    }
    assert_eq!(checked, 3);
}

#[test]
fn buckets_of_cpu_and_memory_are_those_of_kubernetes() {
    // 0.01 × (1.05^n − 1) ÷ 0.05 reaches 1,000 cores at the 175th, and so do 10 MB and 1 TB.
    for (buckets, first) in [(Buckets::of_cores(), 0.01), (Buckets::of_bytes(), 1e7)] {
        assert_eq!(buckets.count(), 176);
        close(buckets.end(0), first, "the first");
        close(buckets.end(1), first * 2.05, "the second is 5 % wider");
        for bucket in 0..175 {
            let middle = (buckets.start(bucket) + buckets.start(bucket + 1)) / 2.0;
            assert_eq!(buckets.find(middle), bucket);
        }
        assert_eq!(buckets.find(f64::MAX), 175, "what is too much is in the last");
    }
}

/// Kubernetes' histogram as it is written there: a float for every bucket, all of them looked at.
struct Twin {
    weights: Vec<f64>,
    half_life: f64,
}

impl Twin {
    fn percentile(&self, buckets: &Buckets, share: f64) -> f64 {
        let threshold = share * self.weights.iter().sum::<f64>();
        let mut sum = 0.0;
        let over = |weight: &f64| {
            sum += weight;
            sum >= threshold && sum > 0.0
        };
        let bucket = self.weights.iter().position(over).unwrap();
        buckets.end(u16::try_from(bucket).unwrap())
    }
}

#[test]
fn a_histogram_of_whole_numbers_agrees_with_one_of_floats_over_a_month() {
    let buckets = Buckets::of_cores();
    let (mut asked, mut apart) = (0, 0);
    for seed in 0..20 {
        let mut stream = Dice::new(seed).stream(0, Purpose::new("samples"));
        let mut decay = Decay::new(Span::hours(24));
        let mut histogram = Histogram::default();
        let mut twin = Twin { weights: vec![0.0; 176], half_life: 1_440.0 };
        for minute in 0..43_200_u32 {
            let cores = stream.unit() * stream.unit() * 4.0;
            let weight = 0.1 + stream.unit();
            let at = Moment::START.after(Span::minutes(u64::from(minute)));
            let (factor, halvings) = decay.factor(at);
            histogram.age(halvings);
            histogram.add(buckets.find(cores), weight * factor);
            let growing = f64::from(minute) / twin.half_life;
            twin.weights[usize::from(buckets.find(cores))] += weight * growing.exp2();
            if minute % 997 == 0 {
                for share in [0.5, 0.9, 0.95] {
                    let found = histogram.percentile(&buckets, share);
                    asked += 1;
                    let expected = twin.percentile(&buckets, share);
                    apart += u32::from((found / expected - 1.0).abs() > 1e-9);
                }
            }
        }
        assert!(histogram.len() < 150);
    }
    // Where a share falls between two buckets to the last digits, either may be told.
    assert!(asked > 2_500 && apart <= 2, "{apart} of {asked} differ");
}

#[test]
fn what_is_cut_to_whole_units_never_overflows() {
    let some = Footprint { cpu: MilliCores(100), memory: Bytes(1 << 30) };
    // Nothing is known yet: the upper bound has no end, the lower one is nothing.
    let unknown = Confidence::new(Span::ZERO, 0, Span::days(1));
    let most =
        Footprint { cpu: MilliCores(100_000_000_000_000), memory: Bytes(100_000_000_000_000) };
    assert_eq!(scaled(some, unknown.factor(1.0, 1.0)), most);
    assert_eq!(scaled(some, unknown.factor(0.001, -2.0)), Footprint::default());
}
