//! Memory and cpu that replicas use, beside the cpu of their requests: at rest, for each request, for each
//! connection, and as it wanders; and what an autoscaler makes of it.

mod common;

use common::{figure, run_under};
use seatrial_contract::config::Problems;
use seatrial_format::scenario::Scenario;
use seatrial_record::Record;

const MIB: f64 = 1_048_576.0;

fn text(replicas: u32, uses: &str, rest: &str) -> String {
    format!(
        "title = \"memory\"\nduration = \"1 h\"\nwarm_up = \"20 min\"\n\
         [[pools]]\nname = \"front\"\ncount = 5\ntiers = []\nprice = \"$0/h\"\n\
         machine = {{ cpu = \"8 cores\", memory = \"16 GiB\" }}\n\
         [[services]]\nname = \"s\"\nconcurrency = 400\nreplicas = {replicas}\nservice_time = \"10 s\"\n\
         balance = \"in-turn\"\n\
         on = {{ pool = \"front\", cpu = \"1 cores\", memory = \"1 GiB\", start_time = \"7 s\", \
         cpu_per_request = \"1m\"{uses} }}\n{rest}"
    )
}

fn problems(text: &str) -> Vec<String> {
    let scenario = seatrial_format::read_text::<Scenario>("scenario.toml", text);
    let scenario =
        scenario.unwrap_or_else(|bad| panic!("{}", bad.render(Default::default()))).value;
    let mut problems = Problems::default();
    seatrial_format::check(&scenario, &mut problems);
    problems.sorted().iter().map(|of| format!("{}: {}", of.path, of.message)).collect()
}

/// Runs a scenario that `seatrial check` lets through.
fn run(text: &str, policies: Option<&str>, seed: u64) -> Record {
    assert_eq!(problems(text), Vec::<String>::new(), "{text}");
    run_under(text, policies, &[seed]).remove(0)
}

/// 24 calls a second of 10 s each: 240 at a time.
const CALLS: &str = "[[traffic]]\nname = \"t\"\nservice = \"s\"\narrivals = { kind = \"renewal\", gap = \
                     { kind = \"uniform\", from = \"40 ms\", to = \"43333 us\" } }\n";

fn hpa(metric: &str, target: &str) -> String {
    format!(
        "tick = \"15 s\"\n[[policies]]\nkind = \"hpa\"\n[policies.services.s]\nleast = 2\nmost = 20\n\
         metrics = [{{ kind = \"{metric}\", target = \"{target}\" }}]\n"
    )
}

#[test]
fn a_memory_target_settles_where_the_sum_says() {
    // 240 requests of 10 MiB are 2,400 MiB, whichever replica has them; n replicas use n × 256 MiB + 2,400 MiB of
    // n × 1,024 MiB. Two use 142 %, so ceil(2 × 142 / 70) = 5; five use 72 %, which is on target. Ten use
    // 48 %, so 7; seven use 58 %, so 6; six use 64 %, which is on target (within a tenth).
    let uses = ", uses = { memory = \"256 MiB\", memory_per_request = \"10 MiB\" }";
    for (from, to) in [(2, 5.0), (10, 6.0)] {
        let record = run(&text(from, uses, CALLS), Some(&hpa("memory", "70 %")), 5);
        let end = figure(&record, "replicas_end.s");
        assert!((end - to).abs() < 1e-9, "from {from} replicas to {end}");
        let (memory, wanted) = (figure(&record, "memory_mean.s") / MIB, to * 256.0 + 2_400.0);
        assert!((memory / wanted - 1.0).abs() < 0.02, "{memory} MiB, not {wanted}");
    }
}

#[test]
fn where_nothing_is_said_a_replica_uses_half_of_what_it_requests() {
    let record = run(&text(4, "", CALLS), Some(&hpa("memory", "70 %")), 5);
    // ceil(4 × 50 / 70) = 3; ceil(3 × 50 / 70) = 3.
    assert!((figure(&record, "replicas_end.s") - 3.0).abs() < 1e-9);
    assert!((figure(&record, "memory_mean.s") / MIB - 3.0 * 512.0).abs() < 1.0);
}

#[test]
fn connections_take_memory_while_they_are_open() {
    // Each replica's own pool keeps seven connections open, and one query at a time of a kind that goes to
    // the database itself runs a third of the time.
    let rest = "[[traffic]]\nname = \"t\"\nservice = \"s\"\narrivals = { kind = \"renewal\", gap = \"30 s\" }\n\
                queries = [{ at = \"pool\", service_time = \"10 ms\" }, { at = \"d\", service_time = \"9990 ms\" }]\n\
                [[databases]]\nname = \"d\"\ncores = 8\nconnecting = \"0 s\"\n\
                [[poolers]]\nname = \"pool\"\ndatabase = \"d\"\npool_per = \"replica\"\nmin_pool_size = 7\nidle_timeout = \"5 h\"\n";
    let uses = ", uses = { memory = \"100 MiB\", memory_per_connection = \"10 MiB\" }";
    // Scrapes at 15 s, 30 s, …: a call of 30 s + k × 30 s is served for 10 s, queries until 20 s after it.
    let record = run(&text(2, uses, rest), None, 5);
    let memory = figure(&record, "memory_mean.s") / MIB;
    // 2 × (100 + 70) MiB, and 10 MiB for the connection of its own in every other interval.
    assert!((memory - 345.0).abs() < 1.0, "{memory} MiB");
}

#[test]
fn a_replica_takes_its_base_of_cpu_as_long_as_it_is_there() {
    let uses =
        ", uses = { cpu = \"250m\" }, losses = [{ at = \"30 min\" }], noticed_after = \"60 s\"";
    let record = run(&text(4, uses, CALLS), None, 5);
    // 240 requests of a thousandth of a core; of four replicas one is lost for 60 s of 40 min.
    let wanted = 0.24 + 0.25 * (4.0 - 60.0 / 2_400.0);
    let (cpu, machines) = (figure(&record, "cpu_mean.s"), figure(&record, "cpu_used_share.front"));
    assert!((cpu - wanted).abs() < 0.005, "{cpu}, not {wanted}");
    assert!((machines * 40.0 - cpu).abs() < 1e-6, "{machines}");
}

#[test]
fn memory_wanders_for_each_replica_alike_whatever_else_there_is() {
    let uses = ", uses = { memory = \"300 MiB\", varies = { every = \"2 min\", p95 = 1.5 } }";
    let memory = |text: &str| figure(&run(text, None, 7), "memory_mean.s");
    let alone = memory(&text(4, uses, CALLS));
    let flat = 4.0 * 300.0 * MIB;
    assert!((alone / flat - 1.0).abs() > 0.001 && (alone / flat - 1.0).abs() < 0.3, "{alone}");
    // Others call, and another service stands before it: the same draws.
    let other = "[[services]]\nname = \"other\"\nconcurrency = 1\nservice_time = \"1 s\"\nreplicas = 3\non = { pool = \
                 \"front\", cpu = \"1 cores\", memory = \"1 GiB\" }\n[[services]]\nname = \"s\"";
    let calls = "[[traffic]]\nname = \"t\"\nservice = \"s\"\narrivals = { kind = \"poisson\", rate = \"1/s\" }\n\
                 [[traffic]]\nname = \"o\"\nservice = \"other\"\narrivals = { kind = \"poisson\", rate = \
                 \"1/s\" }\n";
    let beside = text(4, uses, calls).replacen("[[services]]\nname = \"s\"", other, 1);
    assert!((memory(&beside) - alone).abs() < 1.0);
}

#[test]
fn no_more_memory_is_used_than_a_machine_has() {
    // 240 requests of 1 GiB on five machines of 16 GiB.
    let uses = ", uses = { memory = \"15 GiB\", memory_per_request = \"1 GiB\" }";
    let record = run(&text(5, uses, CALLS), None, 5);
    let share = figure(&record, "memory_used_share.front");
    assert!((share - 1.0).abs() < 1e-9, "{share}");
}

#[test]
fn what_no_machine_has_cannot_be_used() {
    let uses = ", uses = { cpu = \"9 cores\", memory = \"17 GiB\", varies = { every = \"0 s\", p95 = 0.5 } }";
    assert_eq!(
        problems(&text(1, uses, CALLS)),
        [
            "services[0].on.uses.cpu: a machine of `front` has 8 cores",
            "services[0].on.uses.memory: a machine of `front` has 16 GiB",
            "services[0].on.uses.varies.every: the memory changes again after 0 s, so time stands still",
            "services[0].on.uses.varies.p95: a factor of 0.5 is outside 1 to 100",
        ]
    );
}
