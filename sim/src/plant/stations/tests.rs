//! What holds of all stations, whatever they serve.

use super::*;
use crate::plant::{Silent, World};
use seatrial_record::Metric;

const TEXT: &str = r#"
title = "two services"
duration = "300 s"
warm_up = "100 s"

[[services]]
name = "front"
concurrency = 2
replicas = 2
waiting_room = 3
service_time = { kind = "exponential", mean = "2 s" }
patience = { kind = "exponential", mean = "1 s" }

[[services]]
name = "back"
concurrency = 1
discipline = "processor-sharing"
service_time = "900 ms"

[[traffic]]
name = "web"
service = "front"
arrivals = { kind = "poisson", rate = "3/s" }

[[traffic]]
name = "bots"
service = "front"
arrivals = { kind = "closed", clients = 4, think = "1 s" }

[[traffic]]
name = "jobs"
service = "back"
arrivals = { kind = "renewal", gap = "1 s" }
"#;

fn scenario() -> Scenario {
    let opened = crate::open_text(TEXT, None);
    opened.unwrap_or_else(|failure| panic!("{}", failure.render(Default::default()))).scenario
}

fn value(metrics: &[Metric], name: &str) -> f64 {
    let metric = metrics.iter().find(|metric| metric.name == name);
    metric.unwrap_or_else(|| panic!("no {name}")).value.unwrap_or_else(|| panic!("{name} is empty"))
}

#[test]
fn metrics_have_the_same_names_before_and_after_a_run() {
    let scenario = scenario();
    let before = World::new(&scenario, None, 1).metrics();
    let after = World::new(&scenario, None, 1).run(None, &Silent).expect("laws hold").metrics;
    let names = |of: &[Metric]| of.iter().map(|m| (m.name.clone(), m.unit)).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    assert!(after.iter().all(|metric| metric.value.is_some()));
    let of_web = names(&before).iter().filter(|(name, _)| name.ends_with(".front.web")).count();
    assert_eq!(of_web, 11);
    // A service's only source has no metrics of its own.
    assert!(!before.iter().any(|metric| metric.name.ends_with(".jobs")));
}

#[test]
fn the_warm_up_is_left_out() {
    let found = World::new(&scenario(), None, 1).run(None, &Silent).expect("laws hold").metrics;
    // Calls at 101 … 300 s count; each is alone, so those of 100 … 299 s are done in that time.
    assert!((value(&found, "arrivals.back") - 200.0).abs() < 1e-9);
    assert!((value(&found, "served.back") - 200.0).abs() < 1e-9);
    assert!((value(&found, "throughput.back") - 1.0).abs() < 1e-9);
    assert!((value(&found, "utilisation.back") - 0.9).abs() < 1e-9);
    assert!((value(&found, "slowdown_mean.back") - 1.0).abs() < 1e-9);
}

#[test]
fn nobody_is_lost() {
    let mut stations = Stations::new(&scenario(), Dice::new(3), Moment::START);
    let mut agenda = Agenda::new();
    stations.launch(&mut agenda, Moment::START);
    while let Some((_, event)) = agenda.next(stations.ends_at) {
        match event {
            Event::Calls(id) => stations.call(id, &mut agenda),
            Event::Served(id) => stations.served(id, &mut agenda),
            Event::TimesOut(id) => stations.times_out(id, &mut agenda),
            other => panic!("{other:?} at a station"),
        }
        let sum = |of: fn(&measures::Seen) -> u64| -> u64 {
            stations.sources.iter().map(|source| of(&source.seen)).sum()
        };
        let present: u64 = stations.desks.iter().map(|desk| u64::from(desk.present)).sum();
        assert_eq!(stations.broken(), None);
        assert_eq!(sum(|s| s.arrivals), sum(|s| s.refused + s.settled()) + present);
        // At the two copies: four served and six waiting at the most.
        let front = &stations.services[0].load;
        assert!(front.busy.value() <= 4 && front.waiting.value() <= 6);
    }
    assert_eq!(agenda.pending(), 0, "nothing is planned past the end");
    let web = &stations.sources[0].seen;
    assert!(web.refused > 30 && web.abandoned > 30 && web.sojourn.count() > 30, "{web:?}");
}
