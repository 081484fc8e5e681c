//! Calls of which only some are lived through against all of them: the same scenarios, the same figures, to
//! what is promised and what is told. Knows no formula; all seeds are fixed.

mod common;
#[path = "../examples/grains/named.rs"]
mod named;
#[path = "../examples/grains/random.rs"]
mod random;
#[path = "../examples/grains/shapes.rs"]
#[expect(dead_code, reason = "some is for a table")]
mod shapes;

use common::{figure, run_under};
use seatrial_contract::units::percent;
use seatrial_kernel::statistics::confidence_interval;
use seatrial_record::{Metric, Record};

fn run(text: &str, seed: u64) -> Record {
    run_under(text, None, &[seed]).remove(0)
}

fn sampled(text: &str, seed: u64) -> Record {
    run(&format!("grain = \"sampled\"\n{text}"), seed)
}

fn lived(record: &Record) -> f64 {
    record.sampled.expect("calls are sampled").lived as f64 / record.duration as f64
}

fn metric<'a>(record: &'a Record, name: &str) -> &'a Metric {
    let found = record.metrics.iter().find(|metric| metric.name == name);
    found.unwrap_or_else(|| panic!("no metric {name}"))
}

/// What is wrong with a figure, if anything: it is farther from what several runs find than its target, what
/// it tells of itself, and what those do not know.
fn wrong(name: &str, target: f64, requests: &[Record], sampled: &Record) -> Option<String> {
    let values: Vec<f64> = requests.iter().filter_map(|run| metric(run, name).value).collect();
    let known = confidence_interval(&values, percent(95))?;
    let found = metric(sampled, name);
    let (value, within) = (found.value.unwrap_or(0.0), found.within.unwrap_or(0.0));
    let away = (value - known.mean).abs();
    let may = target * known.mean.abs() + within + known.half_width;
    (away > may).then(|| {
        let (mean, half) = (known.mean, known.half_width);
        format!("{name} is {mean:.6} ± {half:.6}, sampled {value:.6} ± {within:.6}")
    })
}

#[test]
fn of_every_family_of_scenarios_all_that_is_known_is_found() {
    let seed = 11;
    let mut bad = Vec::new();
    let (mut figures, mut gaps) = (0, 0);
    for number in 0..21 {
        let made = random::scenario(number, seed, 0.5);
        let requests: Vec<Record> = (1..=3).map(|seed| run(&made.text, seed)).collect();
        let sampled = sampled(&made.text, 1);
        gaps += u32::from(lived(&sampled) < 0.9);
        for (at, metric) in requests[0].metrics.iter().enumerate() {
            let kind = metric.name.split('.').next().unwrap_or_default();
            let judged =
                ["wait_mean", "response_mean", "queue_mean", "utilisation", "served", "answered"];
            let values: Vec<f64> =
                requests.iter().filter_map(|run| run.metrics[at].value).collect();
            let known = confidence_interval(&values, percent(95));
            if judged.contains(&kind) && known.is_some_and(|of| of.half_width <= 0.02 * of.mean) {
                figures += 1;
                let wrong = wrong(&metric.name, 0.05, &requests, &sampled);
                bad.extend(wrong.map(|what| format!("{number} {}: {what}", made.family)));
            }
        }
    }
    println!("{figures} figures; {gaps} of 21 scenarios are not lived through wholly");
    assert!(
        figures > 80 && gaps > 5,
        "{figures} figures, {gaps} with gaps: too little is looked at"
    );
    assert!(bad.is_empty(), "random scenarios of seed {seed}:\n{}", bad.join("\n"));
}

#[test]
fn what_rates_had_wrong_is_right() {
    let mut bad = Vec::new();
    for shape in named::named() {
        let requests: Vec<Record> = (1..=3).map(|seed| run(&shape.text, seed)).collect();
        let sampled = sampled(&shape.text, 1);
        println!("{}: {:.0} % lived", shape.name, lived(&sampled) * 100.0);
        for (name, target) in &shape.metrics {
            let wrong = wrong(name, *target, &requests, &sampled);
            bad.extend(wrong.map(|what| format!("{}: {what}", shape.name)));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn where_all_is_lived_through_all_is_the_same() {
    // Too short for anything to be known of it.
    let short = |duration: &str| {
        format!(
            "title = \"short\"\nduration = \"{duration}\"\nwarm_up = \"10 s\"\n[[rhythms]]\nname = \"day\"\n\
             hours = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]\n\
             [[services]]\nname = \"s\"\nconcurrency = 4\nservice_time = {{ kind = \"exponential\", mean = \"100 ms\" }}\n\
             [[traffic]]\nname = \"a\"\nservice = \"s\"\narrivals = {{ kind = \"poisson\", rate = \"30/s\", \
             rhythm = \"day\" }}\ntime_out = \"1 s\"\n"
        )
    };
    let (request, sampled) = (run(&short("90 s"), 5), sampled(&short("90 s"), 5));
    assert_eq!(sampled.sampled.map(|of| of.lived), Some(sampled.duration));
    assert_eq!(request.metrics, sampled.metrics);
}

#[test]
fn an_outage_that_ends_just_as_a_pool_connects_again_is_over_by_then() {
    // Four times the fifteen seconds after which a pool tries again. All of it is lived through.
    let text = "title = \"t\"\nduration = \"200 s\"\n[[databases]]\nname = \"d\"\ncores = 4\n\
                max_connections = 50\noutages = [{ at = \"100 s\", lasts = \"60 s\" }]\n[[poolers]]\n\
                name = \"p\"\ndatabase = \"d\"\npool_size = 8\nwait_timeout = \"1 s\"\n\
                [[traffic]]\nname = \"t\"\narrivals = { kind = \"poisson\", rate = \"5/s\" }\n\
                queries = [{ at = \"p\", service_time = \"10 ms\" }]\ntime_out = \"2 s\"\n";
    let (request, sampled) = (run(text, 5), sampled(text, 5));
    assert!(figure(&request, "failed.t") > 200.0);
    assert_eq!(request.metrics, sampled.metrics);
}

#[test]
fn what_grows_is_lived_through_and_what_is_steady_is_not() {
    let service = "[[services]]\nname = \"s\"\nconcurrency = 10\nservice_time = { kind = \"exponential\", \
                   mean = \"100 ms\" }\n";
    let text = |rate: &str| {
        format!(
            "title = \"t\"\nduration = \"30000 s\"\n{service}[[traffic]]\nname = \"t\"\nservice = \"s\"\n\
             arrivals = {{ kind = \"poisson\", rate = \"{rate}\" }}\n"
        )
    };
    let (steady, growing) = (sampled(&text("60/s"), 3), sampled(&text("106/s"), 3));
    println!("{} and {}", lived(&steady), lived(&growing));
    assert!(lived(&steady) < 0.6, "{}", lived(&steady));
    assert!(lived(&growing) > 0.99, "{}", lived(&growing));
}

#[test]
fn equal_seeds_give_equal_bytes_and_others_do_not() {
    let text = &shapes::shapes()[0].text;
    let digest = |seed| sampled(text, seed).digest();
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

/// A day in which one service of so many servers is called so often, with a rhythm.
fn day(times: u32, more: &str) -> String {
    format!(
        "title = \"rate\"\nduration = \"14 d\"\n{more}\n[[rhythms]]\nname = \"day\"\n\
         hours = [2, 1, 1, 1, 1, 2, 4, 8, 12, 15, 19, 24, 24, 24, 24, 24, 24, 24, 22, 20, 14, 10, 6, 4]\n\
         [[services]]\nname = \"s\"\nconcurrency = {}\n\
         service_time = {{ kind = \"exponential\", mean = \"10 ms\" }}\n[[traffic]]\nname = \"t\"\n\
         service = \"s\"\narrivals = {{ kind = \"poisson\", rate = \"{}/s\", rhythm = \"day\" }}\n",
        10 * times,
        300 * times
    )
}

#[test]
fn a_hundred_times_the_rate_costs_what_once_does() {
    let (once, often) = (sampled(&day(1, ""), 1), sampled(&day(100, ""), 1));
    println!("{} events and {}", once.events, often.events);
    assert!(often.events * 10 < once.events * 13, "{} events, {}", once.events, often.events);
    // And counts are a hundred times as many, of two weeks at 300 a second.
    let calls = 300.0 * 14.0 * 86_400.0;
    for (record, times) in [(&once, 1.0), (&often, 100.0)] {
        let served = figure(record, "served.s") / times / calls;
        assert!((served - 1.0).abs() < 0.01, "{served}");
    }
}

#[test]
fn an_interval_is_lived_through_where_that_is_asked_for() {
    let zoomed = sampled(&day(1, "zoom = [{ at = \"10 h\", lasts = \"2 h\" }]"), 1);
    let plain = sampled(&day(1, ""), 1);
    let hours = (lived(&zoomed) - lived(&plain)) * 14.0 * 24.0;
    assert!((1.5..2.5).contains(&hours), "{hours} hours more");
    let away = figure(&zoomed, "served.s") / figure(&plain, "served.s") - 1.0;
    assert!(away.abs() < 0.01, "{away}");
}

#[test]
fn figures_are_surer_the_more_is_asked_of_them() {
    let text =
        |more: &str| format!("{more}\n{}", shapes::shapes()[3].text.replace("20000 s", "200000 s"));
    let (rough, fine) = (sampled(&text("precision = \"20 %\""), 1), sampled(&text(""), 1));
    let within = |record: &Record| metric(record, "wait_mean.s").within.expect("told");
    assert!(lived(&rough) < lived(&fine), "{} {}", lived(&rough), lived(&fine));
    assert!(within(&rough) > within(&fine), "{} {}", within(&rough), within(&fine));
}

#[test]
fn trouble_that_goes_on_is_trouble_in_gaps_too() {
    let text = "title = \"t\"\nduration = \"10 h\"\n[[services]]\nname = \"s\"\nconcurrency = 10\n\
                waiting_room = 5\nservice_time = { kind = \"exponential\", mean = \"100 ms\" }\n\
                [[traffic]]\nname = \"t\"\nservice = \"s\"\narrivals = { kind = \"poisson\", rate = \"110/s\" }\n\
                time_out = \"5 s\"\n";
    let (request, sampled) = (run(text, 1), sampled(text, 1));
    assert!(lived(&sampled) < 0.5, "{}", lived(&sampled));
    let trouble = |record: &Record| figure(record, "trouble_time.t");
    assert!((trouble(&request) - 36_000.0).abs() < 61.0, "{}", trouble(&request));
    assert!((trouble(&sampled) - trouble(&request)).abs() < 361.0, "{}", trouble(&sampled));
    let overloaded = |record: &Record| figure(record, "trouble_overloaded.t.s");
    let (one, other) = (overloaded(&request), overloaded(&sampled));
    assert!((one - other).abs() < 720.0, "{one} and {other}");
}

#[test]
fn a_little_too_much_for_hours_is_lived_through() {
    // From the tenth hour on 2 % more comes than can be done, for four hours: chance hides that for long.
    let text = "title = \"steps\"\nduration = \"1 d\"\nwarm_up = \"1 h\"\n\
                [[rhythms]]\nname = \"day\"\nhours = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1.353, 1.353, 1.353, 1.353, 1, 1, \
                1, 1, 1, 1, 1, 1, 1, 1]\n\
                [[services]]\nname = \"s\"\nconcurrency = 3\n\
                service_time = { kind = \"lognormal-scv\", mean = \"15294 us\", scv = 1.4 }\n\
                [[traffic]]\nname = \"t\"\nservice = \"s\"\n\
                arrivals = { kind = \"poisson\", rate = \"156.7/s\", rhythm = \"day\" }\n";
    let requests: Vec<Record> = (1..=2).map(|seed| run(text, seed)).collect();
    let sampled = sampled(text, 1);
    let mean = requests.iter().map(|run| figure(run, "queue_mean.s")).sum::<f64>() / 2.0;
    let found = figure(&sampled, "queue_mean.s");
    assert!((found / mean - 1.0).abs() < 0.15, "{found} of {mean}");
    assert!(lived(&sampled) < 0.5, "{}", lived(&sampled));
}

#[test]
fn a_run_says_whether_its_calls_could_collapse() {
    let may_fall = |retry: &str| {
        let text = format!(
            "title = \"retries\"\nduration = \"2 h\"\nwarm_up = \"60 s\"\n\
             [[services]]\nname = \"s\"\nconcurrency = 10\n\
             service_time = {{ kind = \"exponential\", mean = \"100 ms\" }}\n\
             [[traffic]]\nname = \"t\"\nservice = \"s\"\ntime_out = \"2 s\"\n\
             arrivals = {{ kind = \"poisson\", rate = \"50/s\" }}\n{retry}\n"
        );
        sampled(&text, 1).sampled.expect("calls are sampled").may_fall
    };
    // Half of what can be done, up to four times or 1.1 times.
    assert!(may_fall("retry = { most = 3, wait = \"100 ms\" }"));
    assert!(!may_fall("retry = { most = 3, wait = \"100 ms\", budget = \"10 %\" }"));
    assert!(!may_fall(""));
}
