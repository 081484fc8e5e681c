//! What the summary says of trouble: for each sentence a scenario in which it is so, by figures that do not
//! come from the sentence, and one in which it is not and must not be said.

mod common;

use common::{err, out, seatrial};
use serde_json::Value;

/// The summary of a scenario, and its figures.
struct Told {
    text: String,
    document: Value,
}

impl Told {
    fn of(name: &str, scenario: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("seatrial-told-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("scenario.toml");
        std::fs::write(&path, scenario).unwrap();
        let path = path.display().to_string();
        let run = |more: &[&str]| {
            let output = seatrial(&[&["run", &path, "--fail-on", "nothing"][..], more].concat());
            assert_eq!(output.status.code(), Some(0), "{scenario}\n{}", err(&output));
            out(&output)
        };
        let (text, json) = (run(&[]), run(&["--format", "json"]));
        std::fs::remove_dir_all(&folder).unwrap();
        let line = |line: &&str| {
            ["  calls: ", "note ", "sampled "].iter().any(|begins| line.starts_with(begins))
        };
        let text = text.lines().filter(line).collect::<Vec<_>>().join("\n");
        Self { text, document: serde_json::from_str(&json).unwrap() }
    }

    fn figure(&self, metric: &str) -> f64 {
        let value = &self.document["metrics"][metric]["value"];
        value.as_f64().unwrap_or_else(|| panic!("no {metric}\n{}", self.text))
    }

    #[track_caller]
    fn says(&self, words: &str) {
        assert!(self.text.contains(words), "{words:?} is not in\n{}", self.text);
    }

    #[track_caller]
    fn does_not_say(&self, words: &[&str]) {
        for words in words {
            assert!(!self.text.contains(words), "{words:?} is in\n{}", self.text);
        }
    }
}

const ALIVE: &str = "kept itself alive";
const SMALL: &str = "was too small";
const OUT: &str = "the database could not be reached";
const OURS: [&str; 9] = [
    "nobody answered in time",
    "no connection was to be had",
    OUT,
    "the database had run out of memory and crashed",
    "the replica that had them was lost",
    "the replica that had them was ended before they were done",
    "the service turned them away",
    "there was no replica to take them",
    "they stood in line too long",
];

/// Of all causes only this one is told, and all attempts that failed are counted under it.
#[track_caller]
fn only(told: &Told, words: &str, metric: &str) {
    told.says(&format!("100 % because {words}"));
    let others: Vec<&str> = OURS.into_iter().filter(|other| *other != words).collect();
    told.does_not_say(&others);
    let of = |name: &str| told.figure(&format!("attempts_{name}.calls"));
    let all = ["timed_out", "unconnected", "lost", "refused", "impatient"].map(of);
    assert!(of(metric) > 0.0 && (all.iter().sum::<f64>() - of(metric)).abs() < 0.5, "{all:?}");
}

/// A service that is called ten times a second, and has a database.
fn scenario(duration: &str, service: &str, calls: &str, more: &str) -> String {
    format!(
        "title = \"told\"\nduration = \"{duration}\"\n\
         [[services]]\nname = \"portal\"\n{service}\n\
         [[traffic]]\nname = \"calls\"\nservice = \"portal\"\narrivals = {{ kind = \"poisson\", rate = \
         \"10/s\" }}\n{calls}\n{more}"
    )
}

const QUICK: &str = "concurrency = 8\nservice_time = \"10 ms\"";
const ASKS: &str = "queries = [{ at = \"primary\", service_time = \"5 ms\" }]";

fn database(more: &str) -> String {
    format!("[[databases]]\nname = \"primary\"\ncores = 8\nconnecting = \"0 s\"\n{more}\n")
}

fn on_machines(more: &str) -> String {
    format!("on = {{ pool = \"front\", cpu = \"1 cores\", memory = \"1 GiB\", {more} }}")
}

const FRONT: &str = "[[pools]]\nname = \"front\"\ncount = 4\ntiers = []\nprice = \"$0/h\"\nmachine = { cpu = \
                     \"4 cores\", memory = \"8 GiB\" }\n";

#[test]
fn a_database_that_is_out_could_not_be_reached() {
    let out = database("outages = [{ at = \"5 min\", lasts = \"3 min\" }]");
    let told = Told::of("out", &scenario("20 min", QUICK, ASKS, &out));
    only(&told, OUT, "lost_outage");
    assert!(
        told.figure("trouble_down.calls") >= 120.0 && told.figure("trouble_outlived.calls") < 1.0
    );
    told.does_not_say(&[ALIVE, SMALL]);
}

#[test]
fn a_database_without_memory_has_crashed() {
    // Of a hundred callers at once, 60 connections of 10 MiB fill 600 MiB.
    let crash =
        database("memory = \"600 MiB\"\nmemory_per_connection = \"10 MiB\"\nrecovery = \"2 min\"");
    let calls = "queries = [{ at = \"primary\", service_time = \"8 s\" }]";
    let service = "concurrency = 400\nservice_time = \"10 ms\"\nwhile_asking = \"free\"";
    let told = Told::of("crash", &scenario("20 min", service, calls, &crash));
    assert!(told.figure("crashes.primary") > 0.0);
    only(&told, "the database had run out of memory and crashed", "lost_crash");
    told.does_not_say(&[ALIVE]);
}

#[test]
fn replicas_that_are_lost_are_no_outage_of_the_database() {
    // Requests of half a minute, and a replica of two is lost every minute.
    let losses: Vec<String> = (2..10).map(|at| format!("{{ at = \"{at} min\" }}")).collect();
    let on = on_machines(&format!("noticed_after = \"0 s\", losses = [{}]", losses.join(", ")));
    let service = format!("concurrency = 900\nreplicas = 2\nservice_time = \"30 s\"\n{on}");
    let told = Told::of("lost", &scenario("20 min", &service, ASKS, &(database("") + FRONT)));
    assert!((told.figure("replicas_lost.portal") - 8.0).abs() < 1e-9);
    only(&told, "the replica that had them was lost", "lost_replica");
    told.does_not_say(&[ALIVE, SMALL]);
}

#[test]
fn replicas_that_had_to_end_are_no_outage_of_the_database() {
    let on = on_machines("grace_period = \"5 s\"");
    let service = format!("concurrency = 900\nreplicas = 8\nservice_time = \"60 s\"\n{on}");
    let policies = "tick = \"15 s\"\n[[policies]]\nkind = \"hpa\"\n[policies.services.portal]\nleast = 1\nmost = \
                    8\nmetrics = [{ kind = \"memory\", target = \"90 %\" }]\n";
    let file = std::env::temp_dir().join(format!("seatrial-told-{}.policies", std::process::id()));
    std::fs::write(&file, policies).unwrap();
    let more = database("") + FRONT + &format!("[policies]\nfile = \"{}\"\n", file.display());
    let told = Told::of("ended", &scenario("40 min", &service, ASKS, &more));
    assert!(told.figure("scalings.portal") > 0.0 && told.figure("replicas_lost.portal") < 1.0);
    only(&told, "the replica that had them was ended before they were done", "lost_ended");
    told.does_not_say(&[ALIVE, SMALL]);
    std::fs::remove_file(file).unwrap();
}

#[test]
fn calls_to_a_replica_that_nobody_misses_are_not_turned_away() {
    let on = on_machines("noticed_after = \"5 min\", losses = [{ at = \"4 min\" }]");
    let service = format!("{QUICK}\n{on}");
    let told = Told::of(
        "absent",
        &scenario("20 min", &service, "retry = { most = 1, wait = \"100 ms\" }", FRONT),
    );
    only(&told, "there was no replica to take them", "refused_absent");
    told.does_not_say(&[ALIVE, SMALL]);
}

#[test]
fn a_service_that_is_too_small_is_said_to_be_and_no_more() {
    // Ten a second of 200 ms are two servers' work, and there is one; and an outage that has nothing to do
    // with it, hours later.
    let service = "concurrency = 1\nservice_time = \"200 ms\"\nwhile_asking = \"free\"";
    let calls = format!("{ASKS}\ntime_out = \"5 s\"\nretry = {{ most = 3, wait = \"1 s\" }}");
    let out = database("outages = [{ at = \"60 min\", lasts = \"1 min\" }]");
    let told = Told::of("small", &scenario("3 h", service, &calls, &out));
    told.says("portal was too small");
    told.says("nobody answered in time");
    told.does_not_say(&[ALIVE, "after the last outage"]);
    assert!(told.figure("trouble_overloaded.calls.portal") > 10_000.0);
    assert!(told.figure("trouble_outlived.calls") < 1.0);
}

#[test]
fn a_pool_or_a_database_that_is_too_small_is_told_apart_from_its_service() {
    let service = "concurrency = 400\nservice_time = \"1 ms\"\nwhile_asking = \"free\"";
    let pool = "[[poolers]]\nname = \"pool\"\ndatabase = \"primary\"\npool_size = 2\nwait_timeout = \"5 s\"\n";
    let calls = "queries = [{ at = \"pool\", service_time = \"400 ms\" }]";
    let told = Told::of("pool", &scenario("1 h", service, calls, &(database("") + pool)));
    told.says("pool was too small");
    only(&told, "no connection was to be had", "unconnected");
    let calls = "queries = [{ at = \"primary\", service_time = \"1 s\" }]\ntime_out = \"5 s\"";
    let one = database("max_connections = 20000").replace("cores = 8", "cores = 1");
    let told = Told::of("database", &scenario("20 min", service, calls, &one));
    told.says("primary was too small");
    only(&told, "nobody answered in time", "timed_out");
}

#[test]
fn a_storm_that_needs_no_cause_keeps_itself_alive() {
    // Ten a second of 75 ms are 75 % of one server, so that what piles up in five minutes is done in
    // fifteen. But each attempt is served though its caller has left, and is made again up to five times.
    let service = "concurrency = 1\nservice_time = \"70 ms\"";
    let storm = |retry: &str| {
        let calls = format!("{ASKS}\ntime_out = \"2 s\"\n{retry}");
        let out = database("outages = [{ at = \"10 min\", lasts = \"5 min\" }]");
        let slow =
            "[[poolers]]\nname = \"pool\"\ndatabase = \"primary\"\nreconnects_after = \"1 s\"\n";
        let text = scenario("2 h", service, &calls, &(out + slow));
        text.replace("at = \"primary\", takes", "at = \"pool\", takes")
    };
    let told = Told::of("storm", &storm("retry = { most = 5, wait = \"100 ms\" }"));
    told.says("after the last outage: it kept itself alive");
    told.does_not_say(&[SMALL]);
    assert!(told.figure("trouble_from.calls") >= 540.0);
    assert!(told.figure("trouble_outlived.calls") >= 3_600.0);
    // The same with a budget for retries: it heals, and is not said to.
    let told =
        Told::of("healed", &storm("retry = { most = 5, wait = \"100 ms\", budget = \"2 %\" }"));
    assert!(told.figure("trouble_until.calls") < 3_600.0, "{}", told.text);
    told.does_not_say(&[ALIVE, SMALL]);
}

#[test]
fn trouble_that_began_before_an_outage_is_not_its_trouble() {
    // A time-out shorter than the service: from the start nobody is answered, though the load is small.
    let calls = format!("{ASKS}\ntime_out = \"5 ms\"\nretry = {{ most = 2, wait = \"1 s\" }}");
    let out = database("outages = [{ at = \"60 min\", lasts = \"1 min\" }]");
    let told = Told::of("before", &scenario("2 h", QUICK, &calls, &out));
    told.does_not_say(&[ALIVE, SMALL, "after the last outage"]);
    told.says("in trouble from 0 s to 2 h");
    assert!(told.figure("trouble_outlived.calls") < 1.0);
}

#[test]
fn a_full_room_and_impatience_are_told_as_such() {
    let room = "concurrency = 1\nservice_time = \"200 ms\"\nwaiting_room = 3";
    let told =
        Told::of("room", &scenario("20 min", room, "retry = { most = 1, wait = \"100 ms\" }", ""));
    only(&told, "the service turned them away", "refused_full");
    told.says("portal was too small");
    let patience = "concurrency = 1\nservice_time = \"200 ms\"\npatience = \"2 s\"";
    let told = Told::of(
        "patience",
        &scenario("20 min", patience, "retry = { most = 1, wait = \"100 ms\" }", ""),
    );
    only(&told, "they stood in line too long", "impatient");
}

#[test]
fn a_run_that_samples_its_calls_says_so_and_one_of_single_calls_does_not() {
    let text = scenario("2000 min", QUICK, "", "");
    let single = Told::of("single", &format!("grain = \"request\"\n{text}"));
    let sampled = Told::of("sampled", &format!("grain = \"sampled\"\n{text}"));
    sampled.says("of the time was lived through call by call");
    single.does_not_say(&["lived through"]);
    assert!(single.document["sampled"].is_null());
    let lived = sampled.document["sampled"]["lived_seconds"].as_f64().expect("told");
    assert!(lived < 120_000.0 && lived > 10.0, "{lived}");
}
