//! Networks that are cut, between two places, one way only, or around one place; and what stands at their ends: small
//! worlds, worked out by hand.

mod common;

use common::{figure, run_under};
use seatrial_host::open_text;
use seatrial_record::Record;

/// A call a second, of which each asks a database in the east once.
fn stores(settings: &str, traffic: &str, faults: &str) -> String {
    format!(
        r#"
        title = "cut"
        duration = "2 h"
        zones = [{{ name = "east" }}, {{ name = "west" }}, {{ name = "north" }}]
        [[databases]]
        name = "d"
        cores = 4
        place = "east"
        {settings}
        [[services]]
        name = "api"
        replicas = 1
        concurrency = 1000
        service_time = "0 s"
        place = "west"
        [[traffic]]
        name = "users"
        service = "api"
        queries = [{{ at = "d", service_time = "1 ms", writes = "1 KiB" }}]
        arrivals = {{ kind = "renewal", gap = "1 s" }}
        {traffic}
        {faults}
        "#
    )
}

fn cut(more: &str) -> String {
    format!("[[faults]]\nkind = \"partition\"\nat = \"30 min\"\nlasts = \"10 min\"\n{more}\n")
}

fn run(text: &str) -> Record {
    run_under(text, None, &[3]).remove(0)
}

fn is(record: &Record, name: &str, expected: f64) {
    let found = figure(record, name);
    assert!((found - expected).abs() < 1e-6, "{name} is {found}, expected {expected}");
}

fn near(record: &Record, name: &str, expected: f64, by: f64) {
    let found = figure(record, name);
    assert!((found - expected).abs() <= by, "{name} is {found}, expected {expected} within {by}");
}

const BETWEEN: &str = "from = \"west\"\nto = \"east\"";

#[test]
fn who_asks_across_a_cut_waits_in_vain_and_gives_up() {
    let record = run(&stores("", "", &cut(BETWEEN)));
    // Six hundred calls, each for as long as Linux tries to connect.
    near(&record, "failed.users", 600.0, 1.0);
    near(&record, "attempts_lost_outage.users", 600.0, 1.0);
    near(&record, "in_system_mean.api", 600.0 * 127.0 / 7_200.0, 0.1);
    // What does not arrive is not done, and a caller of a place that is not cut off asks on.
    near(&record, "queries.d", 6_600.0, 2.0);
    // Twice as long, twice as many; half the patience, half as many at a time.
    let longer = cut(BETWEEN).replace("10 min", "20 min");
    near(&run(&stores("", "", &longer)), "failed.users", 1_200.0, 1.0);
    let sooner = cut(&format!("{BETWEEN}\ngives_up = \"1 min\""));
    near(&run(&stores("", "", &sooner)), "in_system_mean.api", 5.0, 0.1);
    // A cut between others leaves them alone, and nothing was lost with any.
    let elsewhere = run(&stores("", "", &cut("from = \"north\"\nto = \"east\"")));
    is(&elsewhere, "failed.users", 0.0);
    is(&record, "down.d", 0.0);
    // A caller with a time-out of its own waits no longer, and its server does.
    let timed = run(&stores("", "time_out = \"5 s\"", &cut(BETWEEN)));
    near(&timed, "attempts_timed_out.users", 600.0, 1.0);
    near(&timed, "in_system_mean.api", 600.0 * 127.0 / 7_200.0, 0.1);
    // All is well once it is over.
    let healed = stores("", "", &cut(BETWEEN)).replace("title", "warm_up = \"45 min\"\ntitle");
    is(&run(&healed), "failed.users", 0.0);
}

#[test]
fn one_way_only_questions_arrive_on_open_connections_and_answers_do_not() {
    let pooled = "[[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 300\n";
    let world = |faults: &str| {
        stores("", "", &format!("{pooled}{faults}")).replace("at = \"d\", s", "at = \"p\", s")
    };
    let there = run(&world(&cut(&format!("{BETWEEN}\none_way = true"))));
    // What the west sends is lost: nothing is asked.
    near(&there, "failed.users", 600.0, 1.0);
    near(&there, "queries.d", 6_600.0, 2.0);
    // What the east sends is lost: all is done, and nobody hears of it.
    let back = "from = \"east\"\nto = \"west\"\none_way = true\ngives_up = \"1 min\"";
    let back = run(&world(&cut(back)));
    near(&back, "failed.users", 600.0, 1.0);
    near(&back, "queries.d", 7_200.0, 2.0);
    // Nobody connects anew who hears no answer.
    let direct = run(&stores("", "", &cut("from = \"east\"\nto = \"west\"\none_way = true")));
    near(&direct, "queries.d", 6_600.0, 2.0);
}

const STANDBY: &str = "standbys = [{ name = \"s\", following = \"synchronous\", place = \"north\" }]\n\
                       rebuild = \"1 min\"\n";

#[test]
fn a_standby_that_is_cut_off_is_not_waited_for_and_catches_up() {
    let patroni = format!("{STANDBY}failover = {{ kind = \"patroni\" }}");
    let apart = cut("from = \"east\"\nto = \"north\"");
    let record = run(&stores(&patroni, "", &apart));
    is(&record, "primary_losses.d", 0.0);
    // Writes wait until the standby counts as gone, and none fails.
    is(&record, "failed.users", 0.0);
    assert!(figure(&record, "response_max.users") > 20.0);
    assert!(figure(&run(&stores(&patroni, "", "")), "response_max.users") < 1.0);
    // Strict: none is taken while nobody else has it.
    let strict = format!("{patroni}\nwhen_alone = \"stops\"");
    near(&run(&stores(&strict, "", &apart)), "failed.users", 600.0, 3.0);
    // A primary that is lost meanwhile has nobody who takes over, until the network heals.
    let lost =
        format!("{apart}[[faults]]\nkind = \"primary-loss\"\ndatabase = \"d\"\nat = \"35 min\"\n");
    let lost = run(&stores(&patroni, "", &lost));
    near(&lost, "down_without_standby.d", 300.0, 5.0);
    is(&lost, "failovers.d", 1.0);
}

#[test]
fn a_primary_that_is_cut_off_steps_down_unless_nobody_tells_it_to() {
    let off = cut("from = \"east\"");
    let patroni = format!("{STANDBY}failover = {{ kind = \"patroni\" }}");
    let fenced = run(&stores(&patroni, "", &off));
    is(&fenced, "failovers.d", 1.0);
    is(&fenced, "two_primaries.d", 0.0);
    let probing = format!("{STANDBY}failover = {{ kind = \"probing\" }}");
    let both = run(&stores(&probing, "", &off));
    is(&both, "failovers.d", 1.0);
    // From when the other was promoted until the network healed: never silent.
    let (two, restored) = (figure(&both, "two_primaries.d"), figure(&both, "rto_verified_max.d"));
    assert!((two - (600.0 - restored)).abs() < 0.01, "{two} s after {restored} s");
    let row = both.incidents.first().expect("an incident");
    assert!((row.two_primaries as f64 / 1e9 - two).abs() < 1e-6, "{row:?}");
    // It lasts as long as the cut, to the end of the run where that never heals.
    let never = off.replace("lasts = \"10 min\"\n", "");
    let never = figure(&run(&stores(&probing, "", &never)), "two_primaries.d");
    assert!((never - (5_400.0 - restored)).abs() < 0.01, "{never}");
    // Two cuts that overlap are one; a server that is lost while it is cut off takes no writes any more.
    let later = off.replace("30 min", "35 min");
    let longer = figure(&run(&stores(&probing, "", &format!("{off}{later}"))), "two_primaries.d");
    assert!((longer - (900.0 - restored)).abs() < 0.01, "{longer}");
    let rebuilds = probing.replace("rebuild = \"1 min\"\n", "");
    let dies = "[[faults]]\nkind = \"zone-loss\"\nzone = \"east\"\nat = \"35 min\"\n";
    let dies = figure(&run(&stores(&rebuilds, "", &format!("{off}{dies}"))), "two_primaries.d");
    assert!((dies - (300.0 - restored)).abs() < 0.01, "{dies}");
    // The one that took over is cut off too, and a third takes over: the first is back before the second.
    let third = probing.replace("}]\n", "}, { name = \"t\", place = \"west\" }]\n");
    let north = later.replace("east", "north").replace("10 min", "20 min");
    let three = run(&stores(&third, "", &format!("{off}{north}")));
    is(&three, "failovers.d", 2.0);
    let each: Vec<f64> = three.incidents.iter().map(|of| of.two_primaries as f64 / 1e9).collect();
    assert!((each[0] - (600.0 - restored)).abs() < 3.0, "{each:?}");
    assert!((each[1] - (1_200.0 - restored)).abs() < 3.0, "{each:?}");
    // Without a standby it is out of reach as long as the cut, and needs no recovery.
    near(&run(&stores("recovery = \"5 min\"", "", &off)), "down.d", 600.0, 0.01);
}

#[test]
fn a_load_balancer_sends_nobody_across_a_cut_once_it_has_noticed() {
    let world = |more: &str, faults: &str| {
        format!(
            r#"
            title = "balanced"
            duration = "2 h"
            zones = [{{ name = "east" }}, {{ name = "west" }}]
            pools = [{{ name = "w", count = 2, zones = ["east", "west"],
                        machine = {{ cpu = "4 cores", memory = "8 GiB" }}, price = "$1/h" }}]
            [[services]]
            name = "api"
            replicas = 2
            concurrency = 1000
            service_time = "10 ms"
            balance = "in-turn"
            on = {{ pool = "w", cpu = "2 cores", memory = "1 GiB" }}
            [[traffic]]
            name = "users"
            service = "api"
            time_out = "5 s"
            arrivals = {{ kind = "renewal", gap = "1 s" }}
            {more}
            {faults}
            "#
        )
    };
    let placed = "place = \"east\"";
    let record = run(&world(placed, &cut("from = \"east\"\nto = \"west\"")));
    // Every second call of ten seconds.
    near(&record, "failed.users", 5.0, 1.0);
    let later = cut("from = \"east\"\nto = \"west\"\nnoticed = \"20 s\"");
    near(&run(&world(placed, &later)), "failed.users", 10.0, 1.0);
    is(&run(&world("", &later)), "failed.users", 0.0);
    // It goes with the place where it stands.
    let lost =
        "[[faults]]\nkind = \"zone-loss\"\nzone = \"east\"\nat = \"30 min\"\nlasts = \"10 min\"\n";
    near(&run(&world(placed, lost)), "failed.users", 600.0, 12.0);
}

#[test]
fn a_pooler_goes_with_its_place_and_stands_at_an_end_of_a_cut() {
    let pooled = "[[poolers]]\nname = \"p\"\ndatabase = \"d\"\nplace = \"north\"\n";
    let world = |faults: &str| {
        stores("", "", &format!("{pooled}{faults}")).replace("at = \"d\", s", "at = \"p\", s")
    };
    let north =
        "[[faults]]\nkind = \"zone-loss\"\nzone = \"north\"\nat = \"30 min\"\nlasts = \"10 min\"\n";
    let lost = run(&world(north));
    near(&lost, "failed.users", 600.0, 1.0);
    is(&lost, "down.d", 0.0);
    // The same of its process alone.
    let process =
        north.replace("zone-loss", "pooler-loss").replace("zone = \"north\"", "pooler = \"p\"");
    near(&run(&world(&process)), "failed.users", 600.0, 1.0);
    // The way by the pooler is whole where the direct one is cut, and the other way round.
    is(&run(&world(&cut(BETWEEN))), "failed.users", 0.0);
    near(&run(&world(&cut("from = \"west\"\nto = \"north\""))), "failed.users", 600.0, 1.0);
    near(&run(&world(&cut("from = \"north\"\nto = \"east\""))), "failed.users", 600.0, 1.0);
}

/// Tenants on machines in two zones; those who steer and see stand in the west.
fn fleet(more: &str, faults: &str) -> String {
    format!(
        r#"
        title = "fleet"
        duration = "10 h"
        zones = [{{ name = "east" }}, {{ name = "west" }}]
        policies = {{ place = "west" }}
        sensing = {{ place = "west", lost_after = "2 min" }}
        waking = {{ start_time = "1 min" }}
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        cpu = "1 cores"
        memory = "1 GiB"
        [[tiers]]
        name = "free"
        stack = "app"
        tenants = 20
        sessions = {{ gap = "2 h", length = "2 h" }}
        data = {{ kind = "on-machine", backups = {{ every = "1 h", size = "1 GiB" }} }}
        [[pools]]
        name = "workers"
        count = 4
        zones = ["east", "west"]
        machine = {{ cpu = "16 cores", memory = "64 GiB" }}
        price = "$1/h"
        {more}
        {faults}
        "#
    )
}

const SPREAD: &str = "tick = \"15 s\"\n[[policies]]\nkind = \"spread\"\n";
const EVACUATE: &str = "[guard]\nlost_most = \"100 %\"\n[[policies]]\nkind = \"evacuate\"\n";

fn steered(text: &str, policies: &str) -> Record {
    run_under(text, Some(policies), &[7]).remove(0)
}

#[test]
fn what_is_cut_off_runs_on_and_is_back_at_once() {
    let off = cut("from = \"east\"").replace("30 min", "3 h").replace("10 min", "1 h");
    let record = steered(&fleet("", &off), SPREAD);
    let lost = off.replace("partition", "zone-loss").replace("from = ", "zone = ");
    let lost = steered(&fleet("", &lost), SPREAD);
    is(&record, "machines_lost", 2.0);
    assert!(figure(&record, "tenants_down") > 5.0);
    is(&record, "tenants_down", figure(&lost, "tenants_down"));
    // The hour, and a minute more for those who have to start again.
    is(&record, "recovery_max", 3_600.0);
    assert!(figure(&lost, "recovery_max") > 3_659.0);
    is(&record, "tenants_ran_twice", 0.0);
    // Who is placed elsewhere meanwhile runs twice.
    let evacuated = steered(&fleet("", &off), &format!("{SPREAD}{EVACUATE}"));
    assert!(figure(&evacuated, "tenants_ran_twice") > 5.0);
    let lost = cut("zone = \"east\"").replace("partition", "zone-loss").replace("30 min", "3 h");
    is(&steered(&fleet("", &lost), &format!("{SPREAD}{EVACUATE}")), "tenants_ran_twice", 0.0);
}

#[test]
fn who_sees_and_steers_does_neither_across_a_cut() {
    let between = cut(BETWEEN).replace("30 min", "3 h").replace("10 min", "1 h");
    let record = steered(&fleet("", &between), SPREAD);
    // The machines serve on, and count as lost to those who do not see them.
    is(&record, "machines_lost", 0.0);
    is(&record, "tenants_down", 0.0);
    // Who gives up what is not seen brings it up twice, and it makes no difference which way is cut.
    let policies = format!("{SPREAD}{EVACUATE}");
    let evacuated = steered(&fleet("", &between), &policies);
    assert!(figure(&evacuated, "tenants_restored") > 5.0);
    is(&evacuated, "tenants_ran_twice", figure(&evacuated, "tenants_restored"));
    for way in ["from = \"east\"\nto = \"west\"", "from = \"west\"\nto = \"east\""] {
        let one = between.replace(BETWEEN, &format!("{way}\none_way = true"));
        let one = steered(&fleet("", &one), &policies);
        is(&one, "tenants_ran_twice", figure(&evacuated, "tenants_ran_twice"));
    }
    // From the other end of it all is seen.
    let seen = fleet("", &between).replace("place = \"west\"", "place = \"east\"");
    let without = fleet("", "").replace("place = \"west\"", "place = \"east\"");
    is(
        &steered(&seen, &format!("{SPREAD}{EVACUATE}")),
        "actions_refused",
        figure(&steered(&without, &format!("{SPREAD}{EVACUATE}")), "actions_refused"),
    );
}

#[test]
fn what_cannot_be_cut_is_said_so() {
    let message = |fault: &str| {
        let text = stores("", "", &cut(fault)).replace(
            "{ name = \"west\" }",
            "{ name = \"west\", region = \"here\", racks = [\"w1\"] }",
        );
        let failure = open_text(&text, None).expect_err("it is refused");
        failure.render(seatrial_format::Style::default())
    };
    for (fault, said) in [
        ("from = \"south\"", "no place `south`"),
        ("from = \"west\"\nto = \"south\"", "no place `south`"),
        ("from = \"west\"\nto = \"west\"", "`west` is at both ends"),
        ("from = \"west\"\none_way = true", "cut off from all others"),
        ("from = \"west\"\nto = \"here\"", "`west` lies in `here`"),
        ("from = \"w1\"\nto = \"west\"", "`w1` lies in `west`"),
        ("from = \"here\"\nto = \"w1\"", "`w1` lies in `here`"),
        ("to = \"west\"", "from"),
    ] {
        assert!(message(fault).contains(said), "{fault}: {}", message(fault));
    }
}
