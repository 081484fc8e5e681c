//! Machines that fail and are repaired, against formulas: k of n with crews, one that alternates whatever its
//! distributions, zones that take what stands in them.

use super::calls::{exponential, span};
use super::{RUNS, Trial, distribution_of, number};
use serde_json::Value;

/// Failures at the least, over all runs of the first batch.
const FAILURES_MIN: f64 = 2e5;
const HOUR: f64 = 3_600.0;

/// So many machines in these zones, of which so many are needed, and faults.
fn pool(hours: f64, machines: f64, needs: f64, zones: &[String], faults: &str) -> String {
    format!(
        r#"
        title = "repairs"
        duration = {duration}
        warm_up = {warm_up}
        [[pools]]
        name = "p"
        count = {machines}
        needs = {needs}
        zones = {zones:?}
        machine = {{ cpu = "1 cores", memory = "1 GiB" }}
        price = "$1/h"
        {faults}
        "#,
        duration = span(hours * HOUR),
        warm_up = span(hours * HOUR / 10.0),
    )
}

/// A fault that each has on its own, up for so long and then down for so long.
fn alternating(kind: &str, up: &str, down: &str, more: &str) -> String {
    format!(
        "[[faults]]\nkind = \"{kind}\"\neach = true\nat = {up}\nagain_after = {up}\nlasts = {down}\n{more}\n"
    )
}

/// How long one of the runs lasts, in hours, so that they have failures enough together.
fn hours(per_hour: f64) -> f64 {
    FAILURES_MIN / per_hour / RUNS as f64 / 0.9
}

/// Nodes that fail, and crews that repair them.
pub fn crews(case: &Value) -> Vec<Trial> {
    let of = &case["params"];
    let value = |key: &str| number(of, key).unwrap_or_else(|| panic!("no {key}"));
    let (mttf, mttr) = (value("mttf_h"), value("mttr_h"));
    // In minutes in place of hours: only their relation counts.
    let minutes = |mean: f64| exponential(mean * 60.0);
    let crews = format!("crews = {}", value("repair_crews"));
    let faults = alternating("machine-crash", &minutes(mttf), &minutes(mttr), &crews);
    let hours = hours(value("nodes") / mttf) / 60.0;
    let none: [String; 1] = ["z".to_owned()];
    let of_k = |needs: f64, key: &str, metric: &str| Trial {
        text: pool(hours, value("nodes"), needs, &none, &faults),
        policies: None,
        figures: vec![(key.to_owned(), metric.to_owned())],
    };
    let k = value("k");
    vec![
        of_k(k, "1-node_availability", "machine_time_down_share.p"),
        of_k(k, "1-prob_at_least_k_up", "1-enough_up_share.p"),
        of_k(k, "prob_all_up", "all_up_share.p"),
    ]
}

/// One machine that is up and down in turn, with any distributions.
pub fn alternating_renewal(case: &Value) -> Vec<Trial> {
    let of = &case["params"];
    let value = |key: &str| number(of, key).unwrap_or_else(|| panic!("no {key}"));
    let spelled = |key: &str, mean: f64| {
        let words: Vec<&str> =
            of[key].as_str().unwrap_or("exponential").split_whitespace().collect();
        let after = |word: &str| {
            let at = words.iter().position(|of| *of == word)?;
            words.get(at + 1)?.parse::<f64>().ok()
        };
        match words.first() {
            Some(&"weibull") => format!(
                "{{ kind = \"weibull\", shape = {:?}, scale = {} }}",
                after("shape").expect("a shape"),
                span(after("scale").expect("a scale") * HOUR)
            ),
            Some(word) => distribution_of(word, mean * HOUR, after("scv")),
            None => exponential(mean * HOUR),
        }
    };
    let (up, down) = (value("mttf_h"), value("mttr_h"));
    let faults = alternating("machine-crash", &spelled("ttf", up), &spelled("ttr", down), "");
    // Many machines side by side are as good as one for longer.
    let machines = 100.0;
    let text = pool(hours(machines / up), machines, 1.0, &["z".to_owned()], &faults);
    let figures = vec![("1-availability".to_owned(), "machine_time_down_share.p".to_owned())];
    vec![Trial { text, policies: None, figures }]
}

/// Zones that are lost with all that stands there, and machines that fail by themselves.
pub fn zones(case: &Value) -> Vec<Trial> {
    let of = &case["params"];
    let value = |key: &str| number(of, key).unwrap_or_else(|| panic!("no {key}"));
    let (zones, each) = (value("zones"), value("replicas_per_zone"));
    // Down for a minute on the mean, up for as long as the availability wants.
    let turns = |kind: &str, availability: f64| {
        let up = exponential(60.0 * availability / (1.0 - availability));
        alternating(kind, &up, &exponential(60.0), "")
    };
    let faults = turns("zone-loss", value("zone_availability"))
        + &turns("machine-crash", value("node_availability_given_zone"));
    let mut names = Vec::new();
    while (names.len() as f64) < zones {
        names.push(format!("z{}", names.len()));
    }
    let text = pool(2_000.0, zones * each, value("need"), &names, &faults);
    let figures = vec![("1-prob_ok".to_owned(), "1-enough_up_share.p".to_owned())];
    vec![Trial { text, policies: None, figures }]
}

/// A database that somebody asks once a year, and faults of its primary; `database` is what there is to say of it.
fn database(years: f64, database: &str, mtbf_hours: f64) -> String {
    let year = 8_766.0 * HOUR;
    format!(
        r#"
        title = "failover"
        duration = {duration}
        [[databases]]
        name = "d"
        cores = 1
        standbys = [{{ name = "s", following = "synchronous" }}]
        {database}
        [[traffic]]
        name = "calls"
        queries = [{{ at = "d", service_time = "1 ms" }}]
        arrivals = {{ kind = "renewal", gap = {year} }}
        [[faults]]
        kind = "primary-loss"
        database = "d"
        at = {up}
        every = {up}
        "#,
        duration = span(years * year),
        year = span(year),
        up = exponential(mtbf_hours * HOUR),
    )
}

fn failover(seconds: f64, rebuild: &str) -> String {
    format!("failover = {{ kind = \"timed\", takes = {} }}\nrebuild = {rebuild}", span(seconds))
}

/// A primary whose standby is always ready.
pub fn failover_delay(case: &Value) -> Vec<Trial> {
    let of = &case["params"];
    let value = |key: &str| number(of, key).unwrap_or_else(|| panic!("no {key}"));
    let years = 100.0;
    let text =
        database(years, &failover(value("failover_delay_s"), "\"0 s\""), value("primary_mtbf_h"));
    let of = |key: &str, metric: String| (key.to_owned(), metric);
    let figures = vec![
        of("unavailability", "down_share.d".to_owned()),
        of("downtime_min_per_year", format!("down.d*{}", 1.0 / 60.0 / years)),
        of("failovers_per_year", format!("failovers.d*{}", 1.0 / years)),
    ];
    vec![Trial { text, policies: None, figures }]
}

/// A pair, of which the one that was lost is built anew.
pub fn pair(case: &Value) -> Vec<Trial> {
    let of = &case["params"];
    let value = |key: &str| number(of, key).unwrap_or_else(|| panic!("no {key}"));
    let years = 100.0;
    let rebuild = exponential(value("mean_rebuild_h") * HOUR);
    let text =
        database(years, &failover(value("failover_delay_s"), &rebuild), value("primary_mtbf_h"));
    let seconds = years * 8_766.0 * HOUR;
    let of = |key: &str, metric: String| (key.to_owned(), metric);
    let figures = vec![
        of("unavailability", "down_share.d".to_owned()),
        of("fraction_down_waiting_rebuild", format!("down_without_standby.d*{}", 1.0 / seconds)),
        of("failovers_per_year", format!("failovers.d*{}", 1.0 / years)),
    ];
    vec![Trial { text, policies: None, figures }]
}

/// Tenants that write all the time, whose machine is lost now and then, and who come back from their last backup.
pub fn backups(case: &Value) -> Vec<Trial> {
    let of = &case["params"];
    let value = |key: &str| number(of, key).unwrap_or_else(|| panic!("no {key}"));
    let (every, succeed) = (value("backup_interval_h"), value("backup_success_prob"));
    let text = format!(
        r#"
        title = "backups"
        duration = {duration}
        waking = {{ start_time = "1 min" }}
        sensing = {{ every = "1 h" }}
        restoring = {{ link = "1 TiB", each = "1 TiB" }}
        [[stacks]]
        name = "app"
        parts = [{{ name = "web", cpu = "1 m", memory = "1 MiB", runs_bots = true }}]
        [[tiers]]
        name = "all"
        stack = "app"
        tenants = 400
        rpo = {every}
        sessions = {{ gap = "1000 d", length = "1 s" }}
        data = {{ kind = "on-machine", backups = {{ every = {every}, size = "1 B", succeed = "{succeed:.0} ppm" }} }}
        [[pools]]
        name = "p"
        count = 8
        machine = {{ cpu = "16 cores", memory = "64 GiB" }}
        price = "$1/h"
        starts_at_once = 400
        [[faults]]
        kind = "machine-crash"
        each = true
        at = {up}
        again_after = {up}
        lasts = "20 h"
        "#,
        duration = span(every * 10_000.0 * HOUR),
        every = span(every * HOUR),
        succeed = succeed * 1e6,
        up = exponential(every * 200.0 * HOUR),
    );
    let policies = "tick = \"1 h\"\n[guard]\nlost_most = \"50 %\"\ntenants_an_hour = \"100 %\"\nstale_after = \"3 h\"\n\
                    [[policies]]\nkind = \"spread\"\n\
                    [[policies]]\nkind = \"evacuate\"\nlost_for = \"0 s\"\nat_once = 1000\n";
    let of = |key: &str, metric: &str| (key.to_owned(), metric.to_owned());
    let hours = format!("*{}", 1.0 / HOUR);
    let figures = vec![
        of("mean_loss_h", &format!("recovery_point_mean{hours}")),
        of("loss_p95_h", &format!("recovery_point_p95{hours}")),
        of("prob_loss_over_interval", "rpo_missed_share.all"),
    ];
    vec![Trial { text, policies: Some(policies.to_owned()), figures }]
}

/// Two copies of the same data, each of which is lost now and then and built anew from the other: how long until both
/// are lost, against (3 λ + μ) ÷ 2 λ². The reference has no such case here; the figures are our own.
pub fn mirrored() -> Trial {
    let (lost, rebuilt) = (exponential(100.0 * HOUR), exponential(2.0 * HOUR));
    let faults = alternating("machine-crash", &lost, &rebuilt, "");
    let years = 50.0;
    let text = pool(years * 8_766.0, 2.0, 1.0, &["z".to_owned()], &faults);
    // A tenth of it is the warm-up.
    let hours = years * 8_766.0 * 0.9;
    let figures = vec![("losses_per_hour".to_owned(), format!("shortages.p*{}", 1.0 / hours))];
    Trial { text, policies: None, figures }
}
