//! What happens to tenants on machines: starts queue, cpu slows, memory kills, machines come and
//! go, eyes and hands are slow. Small scenarios, worked out by hand.

mod common;

use common::{figure, run_under};
use seatrial_record::Record;

/// A fleet of one tier and one pool; `more` is laid in at the end of the tier's table.
struct Fleet<'a> {
    head: &'a str,
    tier: &'a str,
    pool: &'a str,
    policies: &'a str,
}

impl Fleet<'_> {
    fn run(&self) -> Record {
        let Self { head, tier, pool, policies } = self;
        let text = format!(
            r#"
            title = "fleet"
            {head}
            [[stacks]]
            name = "app"
            [[stacks.parts]]
            name = "web"
            cpu = "1 cores"
            memory = "1 GiB"
            quiet = {{ cpu = "10 %", memory = "50 %" }}
            stops_at = "asleep"
            [[stacks.parts]]
            name = "database"
            cpu = "100 m"
            memory = "100 MiB"
            quiet = {{ cpu = "10 %" }}
            [[tiers]]
            name = "free"
            stack = "app"
            {tier}
            [[pools]]
            name = "workers"
            price = "$1/h"
            {pool}
            "#
        );
        let policies = format!("tick = \"15 s\"\n{policies}");
        run_under(&text, Some(&policies), &[11]).remove(0)
    }
}

/// A count, which is a whole number.
fn count(record: &Record, name: &str) -> u64 {
    let found = figure(record, name);
    assert!((found - found.round()).abs() < 1e-9, "{name} is no count: {found}");
    format!("{found:.0}").parse().unwrap()
}

fn close(found: f64, expected: f64, within: f64, what: &str) {
    assert!((found - expected).abs() <= within, "{what}: {found}, expected {expected} ± {within}");
}

/// Ten tenants who slept since yesterday all come at the same minute.
const TEN_SLEEPERS: Fleet<'static> = Fleet {
    head: "duration = \"2 d\"\nwaking = { start_time = \"150 s\" }",
    tier: "tenants = 10\nstart = \"awake\"\nsessions = { gap = \"30 h\", length = \"2 h\" }",
    pool: "count = 1\nmachine = { cpu = \"64 cores\", memory = \"64 GiB\" }\nstarts_at_once = 1",
    policies: "[[policies]]\nkind = \"spread\"\n[[policies]]\nkind = \"idle-ladder\"\n\
               ladder = { asleep = \"1 h\" }",
};

#[test]
fn wakes_queue_for_the_machine_that_starts_them() {
    let record = TEN_SLEEPERS.run();
    assert_eq!(count(&record, "wakes"), 10);
    // Seen within a scrape of 15 s and acted on in the same tick; then 150 s each, one by one:
    // the first waits 150 s, the last 1,500 s, the mean is 825 s.
    close(figure(&record, "wake_wait_mean"), 825.0, 15.1, "mean");
    close(figure(&record, "wake_wait_max"), 1_500.0, 15.1, "max");
    let at_once = Fleet {
        pool: "count = 1\nmachine = { cpu = \"64 cores\", memory = \"64 GiB\" }",
        ..TEN_SLEEPERS
    };
    // Eight at once by default: two wait for a second round.
    close(figure(&at_once.run(), "wake_wait_max"), 300.0, 15.1, "max of eight at once");
}

#[test]
fn a_crowded_machine_starts_more_slowly() {
    let crowded = Fleet {
        pool: "count = 1\nmachine = { cpu = \"4 cores\", memory = \"64 GiB\" }\n\
               starts_at_once = 10\novercommit = { cpu = \"500 %\" }",
        ..TEN_SLEEPERS
    };
    let record = crowded.run();
    // The ten who are there ask for eleven cores of four: the last start takes 11/4 of 150 s.
    close(figure(&record, "wake_wait_max"), 412.5, 15.1, "max");
    assert!(figure(&record, "cpu_overload_share") > 0.0);
}

#[test]
fn memory_that_is_not_there_kills_and_what_was_killed_comes_back() {
    let tight = Fleet {
        head: "duration = \"2 d\"\nwaking = { start_time = \"150 s\" }",
        tier: "tenants = 10\nstart = \"awake\"\nsessions = { gap = \"10 h\", length = \"2 h\" }",
        // Away they use 6.1 GiB, at work 11: one GiB more than there is.
        pool: "count = 1\nmachine = { cpu = \"64 cores\", memory = \"10 GiB\" }\n\
               overcommit = { memory = \"200 %\" }",
        policies: "[[policies]]\nkind = \"spread\"",
    };
    let record = tight.run();
    let kills = figure(&record, "kills");
    // Two hours of work, four times: a part is killed, comes back after 150 s, and makes one
    // killed again: 2 h / 150 s = 48 times each, four times over.
    assert!((150.0..250.0).contains(&kills), "{kills} kills");
    let roomy =
        Fleet { pool: "count = 1\nmachine = { cpu = \"64 cores\", memory = \"12 GiB\" }", ..tight };
    assert_eq!(count(&roomy.run(), "kills"), 0);
}

#[test]
fn a_part_over_its_own_limit_is_killed() {
    let limited = Fleet {
        head: "duration = \"1 d\"",
        tier: "tenants = 1\nstart = \"awake\"\nsessions = { gap = \"10 h\", length = \"5 min\" }\n\
               limit = { cpu = \"1 cores\", memory = \"700 MiB\" }",
        pool: "count = 1\nmachine = { cpu = \"64 cores\", memory = \"64 GiB\" }",
        policies: "[[policies]]\nkind = \"spread\"",
    };
    // At work it wants 1 GiB: killed at once, and again when it comes back after 150 s; twice a
    // day, five minutes each.
    assert_eq!(count(&limited.run(), "kills"), 4);
}

#[test]
fn a_tenant_whose_part_is_killed_as_it_starts_comes_up_all_the_same() {
    let tier =
        format!("{}\nlimit = {{ cpu = \"2 cores\", memory = \"900 MiB\" }}", TEN_SLEEPERS.tier);
    let record = Fleet { tier: &tier, ..TEN_SLEEPERS }.run();
    assert!(count(&record, "kills") >= 10);
    assert_eq!(count(&record, "wakes"), count(&TEN_SLEEPERS.run(), "wakes"));
}

#[test]
fn nobody_waits_longer_than_patience_lasts() {
    let impatient = Fleet {
        tier: "tenants = 10\nstart = \"awake\"\n\
               sessions = { gap = \"30 h\", length = \"2 h\", patience = \"10 min\" }",
        ..TEN_SLEEPERS
    };
    let record = impatient.run();
    // 150 s each: the first three are served within ten minutes, the fourth just not (a scrape).
    assert_eq!(count(&record, "logins_unserved"), 7);
    assert_eq!(count(&record, "tenants_unserved"), 7);
    assert_eq!(count(&record, "logins"), 10);
}

#[test]
fn slow_hands_delay_every_wake() {
    let head =
        "duration = \"2 d\"\nwaking = { start_time = \"150 s\" }\nacting = { delay = \"2 min\" }";
    let slow = Fleet {
        head,
        pool: "count = 1\nmachine = { cpu = \"64 cores\", memory = \"64 GiB\" }\nstarts_at_once = 10",
        ..TEN_SLEEPERS
    };
    let record = slow.run();
    close(figure(&record, "wake_wait_mean"), 270.0, 15.1, "mean");
    assert_eq!(count(&record, "actions_refused"), 0, "one action a target while it flies");
}

#[test]
fn late_eyes_delay_every_wake_and_blind_ones_stop_all_sleep() {
    let late = Fleet {
        head: "duration = \"2 d\"\nwaking = { start_time = \"150 s\" }\nsensing = { delay = \"1 min\" }",
        pool: "count = 1\nmachine = { cpu = \"64 cores\", memory = \"64 GiB\" }\nstarts_at_once = 10",
        ..TEN_SLEEPERS
    };
    close(figure(&late.run(), "wake_wait_mean"), 210.0, 15.1, "mean");
    let blind =
        Fleet { head: "duration = \"2 d\"\nsensing = { loss = \"100 %\" }", ..TEN_SLEEPERS };
    let record = blind.run();
    assert_eq!(count(&record, "hibernations"), 0, "nobody is put to sleep unseen");
    assert_eq!(count(&record, "awake_share"), 1);
}

#[test]
fn a_machine_too_many_is_emptied_given_back_and_no_longer_paid_for() {
    let spare = Fleet {
        head: "duration = \"2 d\"\nwaking = { start_time = \"150 s\" }",
        tier: "tenants = 8\nstart = \"awake\"\nsessions = { gap = \"90 d\", length = \"2 h\" }",
        pool: "count = 3\nleast = 1\nmost = 3\nmachine = { cpu = \"8 cores\", memory = \"16 GiB\" }\n\
               overcommit = { cpu = \"200 %\" }",
        policies: "[[policies]]\nkind = \"spread\"\nmoves_at_once = 2\n[[policies]]\n\
                   kind = \"threshold\"\nspare_for = \"30 min\"\npause_down = \"1 h\"",
    };
    let record = spare.run();
    let ready = record.nodes.last().map(|change| change.ready);
    assert_eq!(ready, Some(1), "{:?}", record.nodes);
    assert!(figure(&record, "moves") >= 5.0, "its tenants were moved");
    // Three machines for half an hour, two for an hour more, then one; and some minutes to move.
    let hours = figure(&record, "bill_total");
    assert!((49.0..54.0).contains(&hours), "{hours} machine hours");
    assert!(record.reasons.iter().any(|r| r.verdict == "remove-node" && r.reason == "emptied"));
}

#[test]
fn a_pool_grows_when_it_is_too_busy_for_ten_minutes_and_not_before() {
    let busy = Fleet {
        head: "duration = \"4 h\"\nwaking = { start_time = \"150 s\" }",
        // All come after an hour and stay: 11 cores of 12 are used.
        tier: "tenants = 10\nstart = \"awake\"\nsessions = { gap = \"1 h\", length = \"20 h\" }",
        pool: "count = 1\nmost = 3\nmachine = { cpu = \"12 cores\", memory = \"64 GiB\" }\n\
               boot = \"5 min\"",
        policies: "[[policies]]\nkind = \"spread\"\n[[policies]]\nkind = \"threshold\"",
    };
    let record = busy.run();
    let ordered = record.nodes.iter().find(|change| change.booting == 1 && change.at > 0);
    let minutes = ordered.map(|change| change.at / 60_000_000_000);
    // An hour, ten minutes, and at most a scrape and a tick.
    assert_eq!(minutes, Some(70), "{:?}", record.nodes);
    assert!(record.reasons.iter().any(|r| r.verdict == "add-nodes" && r.reason == "cpu-high"));
}

#[test]
fn what_happened_in_the_warm_up_is_not_counted() {
    let cold = TEN_SLEEPERS.run();
    let warmed = Fleet {
        head: "duration = \"2 d\"\nwarm_up = \"36 h\"\nwaking = { start_time = \"150 s\" }",
        ..TEN_SLEEPERS
    };
    let record = warmed.run();
    assert_eq!(count(&cold, "logins"), 10);
    assert_eq!(count(&record, "logins"), 0);
    assert_eq!(count(&record, "wakes"), 0);
    // The bill is that of the whole run.
    assert_eq!(record.bill, cold.bill);
}

/// Forty free users and ten who pay more left on Sunday at midnight, and all come back on Monday
/// at nine. One machine starts eight at the same time.
const MONDAY_AT_NINE: Fleet<'static> = Fleet {
    head: "duration = \"2 d\"\nstarts_on = \"sunday\"\nwaking = { start_time = \"150 s\" }",
    tier: "tenants = 40\nstart = \"awake\"\nsessions = { gap = \"33 h\", length = \"8 h\" }\n\
           [[tiers]]\nname = \"pro\"\npriority = \"high\"\nstack = \"app\"\ntenants = 10\n\
           start = \"awake\"\nsessions = { gap = \"33 h\", length = \"8 h\" }",
    pool: "count = 1\nmachine = { cpu = \"64 cores\", memory = \"128 GiB\" }\nstarts_at_once = 8",
    policies: "[[policies]]\nkind = \"spread\"\n[[policies]]\nkind = \"idle-ladder\"\n\
               ladder = { asleep = \"1 h\" }",
};

/// The same with wake admission of so many.
fn admitted(fleet: &Fleet<'_>, at_once: u32) -> Record {
    let admission = format!("[[policies]]\nkind = \"wake-admission\"\nat_once = {at_once}\n");
    Fleet { policies: &(admission + fleet.policies), ..*fleet }.run()
}

fn p95(record: &Record, tier: &str) -> f64 {
    figure(record, &format!("wake_wait_p95.{tier}"))
}

#[test]
fn admission_starts_the_urgent_first() {
    let stormed = MONDAY_AT_NINE.run();
    // Eight at a time, 150 s each: who pays more came last and has the sixth and the seventh turn.
    close(p95(&stormed, "pro"), 1_050.0, 15.1, "pro without admission");
    close(figure(&stormed, "wake_wait_max"), 1_050.0, 15.1, "longest without admission");
    let admitted = admitted(&MONDAY_AT_NINE, 8);
    assert_eq!(count(&admitted, "wakes"), 50);
    // The ten have the first two turns, and the last turn is as late as it was: starts of 150 s are
    // done when a scrape is due.
    close(p95(&admitted, "pro"), 300.0, 15.1, "pro with admission");
    close(figure(&admitted, "wake_wait_max"), 1_050.0, 15.1, "longest with admission");
    assert!(admitted.reasons.iter().any(|r| r.verdict == "hold" && r.reason == "wakes-at-once"));
    assert!(stormed.reasons.iter().all(|r| r.reason != "wakes-at-once"));
}

#[test]
fn admission_below_what_a_machine_can_start_makes_everyone_wait_longer() {
    // Two at a time: 25 turns.
    close(figure(&admitted(&MONDAY_AT_NINE, 2), "wake_wait_max"), 25.0 * 150.0, 15.1, "longest");
}

#[test]
fn admission_shortens_the_wakes_of_the_urgent_on_a_crowded_machine_at_the_others_cost() {
    let crowded = Fleet {
        pool: "count = 1\nmachine = { cpu = \"12 cores\", memory = \"128 GiB\" }\n\
               starts_at_once = 50\novercommit = { cpu = \"500 %\" }",
        ..MONDAY_AT_NINE
    };
    let stormed = crowded.run();
    // All start together and stay: the last start takes 50 × 1.1 / 12 times 150 s.
    close(p95(&stormed, "pro"), 687.5, 30.1, "pro without admission");
    let admitted = admitted(&crowded, 16);
    // Sixteen start, the ten among them, and fifty databases are asked: (16 × 1 + 50 × 0.1) / 12.
    close(p95(&admitted, "pro"), 262.5, 15.1, "pro with admission");
    // Users who have come stay and slows the starts after: three turns more, each slower.
    let longest = [figure(&stormed, "wake_wait_max"), figure(&admitted, "wake_wait_max")];
    close(longest[0], 687.5, 15.1, "longest without admission");
    assert!(longest[1] > 1.8 * longest[0], "longest with admission: {longest:?}");
}

/// Thirty people who come at nine on every workday for two hours, for five weeks.
const OFFICE: Fleet<'static> = Fleet {
    head: "duration = \"35 d\"\nwarm_up = \"14 d\"\nwaking = { start_time = \"150 s\" }\n\
           [[rhythms]]\nname = \"nine\"\n\
           hours = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]\n\
           days = [1, 1, 1, 1, 1, 0, 0]",
    // A fifth of a week by the rhythm is a workday, but for what the visit itself takes of it.
    tier: "tenants = 30\n[tiers.sessions]\nrhythm = \"nine\"\n\
           gap = { kind = \"uniform\", from = \"30 h\", to = \"36 h\" }\nlength = \"2 h\"",
    pool: "count = 1\nmachine = { cpu = \"64 cores\", memory = \"128 GiB\" }",
    policies: "[[policies]]\nkind = \"spread\"\n[[policies]]\nkind = \"idle-ladder\"\n\
               ladder = { asleep = \"1 h\" }",
};

#[test]
fn who_comes_every_workday_is_awake_before() {
    let alone = OFFICE.run();
    let pre_wake = format!("[[policies]]\nkind = \"pre-wake\"\n{}", OFFICE.policies);
    let woken = Fleet { policies: &pre_wake, ..OFFICE }.run();
    assert_eq!(count(&alone, "logins"), count(&woken, "logins"), "the same people come");
    let cold = |record: &Record| figure(record, "logins_cold_share");
    assert!(cold(&alone) > 0.95, "{} found a sleeper", cold(&alone));
    assert!(cold(&woken) < 0.1, "{} found a sleeper", cold(&woken));
    // A visit and the idle hour after it are three hours; kept from ten to eight until twelve, and on
    // workdays on which nobody comes after all, they are awake twice as long.
    let awake = |record: &Record| figure(record, "awake_mean");
    close(awake(&woken) / awake(&alone), 2.0, 0.1, "times as long awake");
}

/// How often a reason was given.
fn given(record: &Record, reason: &str) -> u64 {
    record.reasons.iter().filter(|of| of.reason == reason).map(|of| of.count).sum()
}

const SIGN_UPS: Fleet<'static> = Fleet {
    head: "duration = \"2 d\"\nwaking = { start_time = \"150 s\" }\n\
           growth = { signups = \"24/d\", mix = { free = 1 } }",
    tier: "tenants = 10\nstart = \"awake\"\nsessions = { gap = \"90 d\", length = \"2 h\" }",
    pool: "count = 1\nmachine = { cpu = \"64 cores\", memory = \"64 GiB\" }\nstarts_at_once = 10",
    ..TEN_SLEEPERS
};

#[test]
fn who_signs_up_is_placed_once_a_scrape_has_seen_it() {
    let seen = SIGN_UPS.run();
    let signups = count(&seen, "signups");
    assert!(signups > 20, "{signups}");
    assert_eq!(count(&seen, "logins_unserved"), 0);
    // At most a scrape until it is seen, then 150 s to start.
    let under = |sensing: &str| {
        let head = format!("sensing = {{ {sensing} }}\n{}", SIGN_UPS.head);
        Fleet { head: &head, ..SIGN_UPS }.run()
    };
    let (soon, late) = (figure(&seen, "wake_wait_max"), under("every = \"5 min\""));
    assert!((150.0..=165.1).contains(&soon), "{soon}");
    let late = figure(&late, "wake_wait_max");
    assert!((300.0..=450.1).contains(&late), "{late}");
    let blind = under("loss = \"100 %\"");
    assert_eq!(given(&blind, "fewest-tenants"), 10, "nobody is placed unseen");
    assert_eq!(count(&blind, "signups"), signups);
    assert_eq!(count(&blind, "logins_unserved"), count(&blind, "logins"));
}

#[test]
fn machines_that_scrapes_miss_count_as_lost_and_come_back() {
    let missed = |share: &str| {
        let head = format!(
            "sensing = {{ missed = \"{share}\", lost_after = \"30 s\" }}\n{}",
            TEN_SLEEPERS.head
        );
        let three =
            "count = 3\nmachine = { cpu = \"64 cores\", memory = \"64 GiB\" }\nstarts_at_once = 1";
        Fleet { head: &head, pool: three, ..TEN_SLEEPERS }.run()
    };
    let [never, often, always] = ["0 %", "70 %", "100 %"].map(missed);
    assert_eq!(given(&never, "machine-lost") + given(&never, "machines-lost"), 0);
    assert_eq!(count(&never, "hibernations"), count(&TEN_SLEEPERS.run(), "hibernations"));
    // Lost a third of the time: what would take something waits until it is seen.
    assert!(given(&often, "machine-lost") + given(&often, "machines-lost") > 0);
    assert!(count(&often, "hibernations") > 0, "it is seen again");
    assert_eq!(
        count(&always, "hibernations"),
        0,
        "nobody is put to sleep on a machine that nobody sees"
    );
}
