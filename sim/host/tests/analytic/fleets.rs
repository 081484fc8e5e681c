//! Tenants against formulas: sleep after a fixed idle time, and a crowd that shares one machine.
//! A minute of the reference is a second here, so that runs stay short.

use super::calls::{exponential, span};
use super::{RUNS, Trial, number};
use serde_json::Value;

/// Sessions at the least, over all runs of the first batch.
const SESSIONS_MIN: f64 = 2e5;

/// One part that stands still when the bots do and uses so many cores while somebody is there,
/// tenants with these sessions, one large machine.
fn fleet(seconds: f64, tenants: f64, used: f64, sessions: &str, cpu: f64) -> String {
    // Requested to the millicore, and used to the millionth of that.
    let requested = (used * 1_000.0).ceil() / 1_000.0;
    let busy = format!("{:.0} ppm", used / requested * 1e6);
    // All are promised what they request, however seldom they use it.
    let overcommit = (tenants * requested / cpu * 100.0).ceil().max(100.0);
    format!(
        r#"
        title = "fleet"
        duration = {duration}
        warm_up = {warm_up}
        sensing = {{ every = "50 ms" }}
        waking = {{ start_time = "0 s" }}
        [[stacks]]
        name = "one"
        [[stacks.parts]]
        name = "app"
        cpu = "{requested} cores"
        memory = "1 MiB"
        quiet = {{ cpu = "0 %" }}
        busy = {{ cpu = "{busy}" }}
        stops_at = "asleep"
        [[tiers]]
        name = "tenants"
        tenants = {tenants}
        stack = "one"
        [tiers.sessions]
        {sessions}
        [[pools]]
        name = "workers"
        count = 1
        machine = {{ cpu = "{cpu} cores", memory = "1 TiB" }}
        price = "$1/h"
        starts_at_once = 100000
        overcommit = {{ cpu = "{overcommit} %" }}
        "#,
        duration = span(seconds),
        warm_up = span(seconds / 10.0),
    )
}

/// Tenants who sleep after a fixed time without a session.
pub fn keep_alive(case: &Value) -> Vec<Trial> {
    let of = &case["params"];
    let keep_alive = number(of, "keep_alive_min").expect("a keep-alive time");
    // Either a mean gap, or an activity in words: "session exp(mean 15 min), gap exp(mean 90 min)".
    let words = of["activity"].as_str().unwrap_or_default();
    let named = |word: &str| {
        let rest = words.split(&format!("{word} exp(mean ")).nth(1)?;
        rest.split(' ').next()?.parse::<f64>().ok()
    };
    let gap = number(of, "mean_gap_min").or_else(|| named("gap")).expect("a mean gap");
    let length = named("session").or(number(of, "session_length_min")).unwrap_or(0.0);
    let length = if length > 0.0 { exponential(length) } else { "\"0 s\"".to_owned() };
    let tenants = 400.0;
    let seconds = (SESSIONS_MIN / RUNS as f64 / tenants * (gap + 15.0)).max(20.0 * keep_alive);
    let sessions = format!("gap = {}\nlength = {length}", exponential(gap));
    let text = fleet(seconds, tenants, 1.0, &sessions, 1_000.0);
    let policies = format!(
        r#"
        tick = "50 ms"
        guard = {{ tenants_an_hour = "100 %" }}
        [[policies]]
        kind = "spread"
        [[policies]]
        kind = "idle-ladder"
        ladder = {{ asleep = {} }}
        "#,
        span(keep_alive)
    );
    let figures = [
        ("cold_start_fraction", "logins_cold_share"),
        ("awake_fraction", "awake_share"),
        // Sessions take no time where this is asked, so a tenant that is awake is idle.
        ("mean_idle_awake_min_per_session", "awake_per_login"),
    ];
    let figures = figures.map(|(key, metric)| (key.to_owned(), metric.to_owned()));
    vec![Trial { text, policies: Some(policies), figures: figures.into() }]
}

/// Tenants who each ask for so much, so often, of one machine.
pub fn crowd(case: &Value) -> Vec<Trial> {
    let of = &case["params"];
    let value = |key: &str| number(of, key).unwrap_or_else(|| panic!("no {key}"));
    let (active, demand) = (value("prob_active"), value("demand_when_active"));
    let gap = (1.0 - active) / active;
    let sessions = format!("gap = {}\nlength = {}", exponential(gap), exponential(1.0));
    let text = fleet(4_000.0, value("tenants"), demand, &sessions, value("capacity"))
        .replace("every = \"50 ms\"", "every = \"1 h\"");
    let policies = "tick = \"1 h\"\n[[policies]]\nkind = \"spread\"".to_owned();
    let figures = [("prob_overload", "cpu_overload_share"), ("mean_shed", "cpu_shed_cores")];
    let figures = figures.map(|(key, metric)| (key.to_owned(), metric.to_owned()));
    vec![Trial { text, policies: Some(policies), figures: figures.into() }]
}

/// Whatever the reference asks for, its fleets are scenarios that users may run.
#[test]
fn fleets_pass_the_check_that_users_get() {
    let mut trials = Vec::new();
    for (active, demand) in [(0.02, 0.25), (0.1, 1.0), (0.5, 0.123_456)] {
        let (tenants, capacity) = (400.0, 400.0 * active * demand);
        let params = serde_json::json!({
            "prob_active": active, "demand_when_active": demand, "tenants": tenants,
            "capacity": capacity,
        });
        trials.extend(crowd(&serde_json::json!({ "params": params })));
    }
    let params = serde_json::json!({ "keep_alive_min": 15.0, "mean_gap_min": 30.0 });
    trials.extend(keep_alive(&serde_json::json!({ "params": params })));
    for trial in trials {
        let opened = seatrial_host::open_text(&trial.text, trial.policies.as_deref());
        if let Err(failure) = opened {
            panic!("{}\n{}", trial.text, failure.render(Default::default()));
        }
    }
}
