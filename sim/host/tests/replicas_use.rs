//! What replicas use: the cpu that is booked and the cpu that is seen are the work that was done, however
//! long requests take, whatever becomes of them, and whether somebody scrapes in between or not.

mod common;

use common::{figure, run_under};
use seatrial_contract::config::Problems;
use seatrial_format::scenario::Scenario;
use seatrial_record::Record;

/// Runs a scenario that `seatrial check` lets through.
fn run_checked(text: &str, policies: Option<&str>) -> Record {
    let scenario = seatrial_format::read_text::<Scenario>("scenario.toml", text);
    let scenario =
        scenario.unwrap_or_else(|bad| panic!("{}", bad.render(Default::default()))).value;
    let mut problems = Problems::default();
    seatrial_format::check(&scenario, &mut problems);
    assert!(problems.is_empty(), "{text}\n{problems:?}");
    run_under(text, policies, &[3]).remove(0)
}

/// A service on three machines of eight cores, for so many seconds with a warm-up that ends in the midst of
/// a sensing interval, and so does the run.
fn served(service: &str, on: &str, rest: &str, every: &str) -> String {
    format!(
        "title = \"use\"\nduration = \"3607 s\"\nwarm_up = \"611 s\"\nsensing = {{ every = \"{every}\" }}\n\
         [[pools]]\nname = \"front\"\ncount = 3\ntiers = []\nprice = \"$0/h\"\n\
         machine = {{ cpu = \"8 cores\", memory = \"16 GiB\" }}\n\
         [[services]]\nname = \"s\"\n{service}\n\
         on = {{ pool = \"front\", cpu = \"2 cores\", memory = \"2 GiB\", start_time = \"7 s\"{on} }}\n{rest}"
    )
}

fn of(record: &Record, name: &str) -> f64 {
    figure(record, name)
}

/// Cores that the machines of all replicas were seen to spend.
fn on_machines(record: &Record) -> f64 {
    of(record, "cpu_used_share.front") * of(record, "nodes_mean.front") * 8.0
}

#[test]
fn cpu_used_is_the_work_done_for_every_discipline_and_length_of_request() {
    let losses = "losses = [{ at = \"1009 s\" }, { at = \"2003 s\", replicas = 2 }]";
    let callers = "[[traffic]]\nname = \"urgent\"\nservice = \"s\"\npriority = 1\narrivals = { kind = \
                   \"closed\", clients = 4, think = { kind = \"exponential\", mean = \"20 s\" } }\n\
                   [[traffic]]\nname = \"usual\"\nservice = \"s\"\npriority = 2\narrivals = { kind = \
                   \"closed\", clients = 9, think = \"3 s\" }\n";
    for discipline in ["fifo", "priority", "preemptive-priority", "processor-sharing"] {
        // Neither the shared nor the interrupted lose patience; the format says so.
        let patience = match discipline {
            "fifo" | "priority" => "patience = \"50 s\"\n",
            _ => "",
        };
        for takes in ["200 ms", "5 s", "30 s", "60 s", "10 min"] {
            for every in ["15 s", "1 h"] {
                let service = format!(
                    "concurrency = 2\nreplicas = 3\ndiscipline = \"{discipline}\"\n{patience}\
                     service_time = {{ kind = \"exponential\", mean = \"{takes}\" }}"
                );
                let on = format!(", cpu_per_request = \"500m\", grace_period = \"5 s\", {losses}");
                let text = served(&service, &on, callers, every);
                let record = &run_checked(&text, None);
                // Servers at work, of which each takes half a core.
                let busy = of(record, "in_system_mean.s") - of(record, "queue_mean.s");
                let cpu = of(record, "cpu_mean.s");
                let what = format!("{discipline}, {takes}, seen every {every}");
                assert!((cpu - busy / 2.0).abs() < 1e-6, "{what}: {cpu}, not {}", busy / 2.0);
                let machines = on_machines(record);
                assert!((machines - cpu).abs() < 1e-6, "{what}: {machines}, not {cpu}");
                assert!(cpu > 0.01, "{what}: nobody was served");
            }
        }
    }
}

#[test]
fn a_server_that_waits_for_a_database_uses_no_cpu() {
    // Two seconds of work in each ten, and the server kept for thirty more.
    for discipline in ["fifo", "priority"] {
        let service =
            format!("concurrency = 8\ndiscipline = \"{discipline}\"\nservice_time = \"2 s\"");
        let rest = "[[traffic]]\nname = \"t\"\nservice = \"s\"\narrivals = { kind = \"renewal\", gap = \
                    \"10 s\" }\nqueries = [{ at = \"d\", service_time = \"30 s\" }]\n\
                    [[databases]]\nname = \"d\"\ncores = 64\n";
        let text = served(&service, "", rest, "15 s").replace("3607 s", "3611 s");
        let record = &run_checked(&text, None);
        assert!((of(record, "cpu_mean.s") - 0.2).abs() < 1e-6, "{}", of(record, "cpu_mean.s"));
        assert!((on_machines(record) - 0.2).abs() < 1e-6);
        assert!(of(record, "utilisation.s") > 0.39, "its servers are kept");
    }
}

/// Under an HPA, how many replicas eight callers have after an hour whose requests take so long.
fn replicas_for(takes: &str, discipline: &str) -> f64 {
    let service = format!(
        "concurrency = 1\ndiscipline = \"{discipline}\"\nbalance = \"least-of-two\"\nservice_time = \"{takes}\"\n\
         replicas = 2"
    );
    let rest = "[[traffic]]\nname = \"t\"\nservice = \"s\"\narrivals = { kind = \"closed\", clients = 64, \
                think = \"10 ms\" }\n";
    let text = served(&service, "", rest, "15 s").replace("cpu = \"2 cores\"", "cpu = \"1 cores\"");
    let policies = "tick = \"15 s\"\n[[policies]]\nkind = \"hpa\"\n[policies.services.s]\nleast = 1\nmost = 6\n\
                    metrics = [{ kind = \"cpu\", target = \"60 %\" }]\n";
    of(&run_checked(&text, Some(policies)), "replicas_end.s")
}

#[test]
fn an_autoscaler_sees_long_requests() {
    for discipline in ["fifo", "priority", "preemptive-priority", "processor-sharing"] {
        for takes in ["5 s", "30 s", "60 s", "10 min"] {
            if (discipline, takes) == ("processor-sharing", "10 min") {
                continue; // Nobody is done within the hour, so that nobody comes to a new replica.
            }
            // All servers are always busy, which is 100 %, and more than 60 %.
            let replicas = replicas_for(takes, discipline);
            assert!((replicas - 6.0).abs() < 1e-9, "{discipline}, {takes}: {replicas} replicas");
        }
    }
}
