//! Connections that nobody needs are closed although others are used: a caller gets the one that came
//! back last, and each of the others is closed when its own time is up.

mod common;

use common::{figure, run_under};
use seatrial_contract::config::Problems;
use seatrial_format::scenario::Scenario;
use seatrial_record::Record;

/// Runs a scenario that `seatrial check` lets through.
fn run(text: &str) -> Record {
    let scenario = seatrial_format::read_text::<Scenario>("scenario.toml", text);
    let scenario =
        scenario.unwrap_or_else(|bad| panic!("{}", bad.render(Default::default()))).value;
    let mut problems = Problems::default();
    seatrial_format::check(&scenario, &mut problems);
    assert!(problems.is_empty(), "{text}\n{problems:?}");
    run_under(text, None, &[3]).remove(0)
}

/// A query of 3 ms every 66 ms, and a database that is out for a second: calls that come meanwhile stand in
/// line and is given a connection of its own when it is back.
fn text(duration: &str, warm_up: &str, pooler: &str) -> String {
    format!(
        "title = \"idle\"\nduration = \"{duration}\"\nwarm_up = \"{warm_up}\"\n\
         [[databases]]\nname = \"d\"\ncores = 64\nmax_connections = 300\nconnecting = \"1 ms\"\n\
         outages = [{{ at = \"9 s\", lasts = \"1 s\" }}]\n\
         [[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 200\nreconnects_after = \"1 s\"\n{pooler}\n\
         [[traffic]]\nname = \"few\"\narrivals = {{ kind = \"renewal\", gap = \"66 ms\" }}\n\
         queries = [{{ at = \"p\", service_time = \"3 ms\" }}]\n"
    )
}

/// How many connections there are between these moments, on the mean, where it is out for ten seconds.
fn after_an_outage(pooler: &str, from: &str, to: &str) -> f64 {
    let text = text(to, from, pooler)
        .replace("kind = \"renewal\", gap = \"66 ms\"", "kind = \"poisson\", rate = \"15/s\"");
    let text = text.replace("lasts = \"1 s\"", "lasts = \"10 s\"");
    figure(&run(&text), "connections_mean.p")
}

#[test]
fn what_an_outage_piled_up_is_closed_while_others_ask() {
    // 15 a second for ten seconds of outage and one more: some 160 stand in line and are given
    // connections, of which two suffice for 15 a second of 3 ms.
    let pooler = "idle_timeout = \"20 s\"";
    let just_after = after_an_outage(pooler, "22 s", "30 s");
    assert!((130.0..=200.0).contains(&just_after), "{just_after}");
    let later = after_an_outage(pooler, "60 s", "90 min");
    assert!((1.0..=3.0).contains(&later), "{later}");
}

#[test]
fn each_kind_of_pool_keeps_what_it_keeps_and_no_more() {
    for (keeps, most) in [(0, 3.0), (7, 7.0)] {
        let later = after_an_outage(
            &format!("idle_timeout = \"20 s\"\nmin_pool_size = {keeps}"),
            "60 s",
            "90 min",
        );
        assert!(later <= most + 1e-9 && later > most - 2.5, "{keeps}: {later}");
    }
}

#[test]
fn a_pool_in_each_process_and_one_for_each_kind_of_calls_close_alike() {
    // Two replicas, in turn.
    let on_replicas = |apart: &str| {
        let text = text("1 h", "60 s", &format!("idle_timeout = \"20 s\"\npool_per = \"{apart}\""))
            .replace(
                "[[traffic]]\nname = \"few\"\n",
                "[[traffic]]\nname = \"few\"\nservice = \"s\"\n",
            )
            .replace(
                "[[traffic]]\nname = \"crowd\"\n",
                "[[traffic]]\nname = \"crowd\"\nservice = \"s\"\n",
            )
            + "[[services]]\nname = \"s\"\nconcurrency = 400\nreplicas = 2\nbalance = \"in-turn\"\nservice_time = \
               \"0 s\"\nwhile_asking = \"free\"\n";
        figure(&run(&text), "connections_mean.p")
    };
    // One connection suffices for those who never meet: two replicas have one each.
    assert!((on_replicas("replica") - 2.0).abs() < 0.01, "{}", on_replicas("replica"));
    assert!((on_replicas("traffic") - 1.0).abs() < 0.01, "{}", on_replicas("traffic"));
    assert!((on_replicas("database") - 1.0).abs() < 0.01, "{}", on_replicas("database"));
}

#[test]
fn a_connection_is_closed_when_its_own_time_is_up() {
    // Both kinds come at the same moments, each third of the one with the other: of the second connection
    // nobody has need for 3 s, then again; with a time-out of 4 s it stays, with one of 2 s it is opened
    // and closed again and again: open for 2 s and 3 ms of each 3 s, and the millisecond it takes to open.
    let mean = |idles: &str| {
        let text = format!(
            "title = \"idle\"\nduration = \"301 s\"\nwarm_up = \"61 s\"\n\
             [[databases]]\nname = \"d\"\ncores = 64\nconnecting = \"0 s\"\n\
             [[poolers]]\nname = \"p\"\ndatabase = \"d\"\nidle_timeout = \"{idles}\"\n\
             [[traffic]]\nname = \"often\"\narrivals = {{ kind = \"renewal\", gap = \"1 s\" }}\n\
             queries = [{{ at = \"p\", service_time = \"3 ms\" }}]\n\
             [[traffic]]\nname = \"seldom\"\narrivals = {{ kind = \"renewal\", gap = \"3 s\" }}\n\
             queries = [{{ at = \"p\", service_time = \"3 ms\" }}]\n"
        );
        figure(&run(&text), "connections_mean.p")
    };
    assert!((mean("4 s") - 2.0).abs() < 1e-9, "{}", mean("4 s"));
    assert!((mean("2 s") - (1.0 + 2.003 / 3.0)).abs() < 1e-6, "{}", mean("2 s"));
}
