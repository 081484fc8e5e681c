//! Kubernetes' own test figures for its horizontal autoscaler, through the very code that `hpa` runs.
//! The figures are read where they lie and never copied.

use seatrial_contract::config::{Element, Node, Path, Problems, Value as Setting};
use seatrial_contract::units::{Bytes, MilliCores, Moment, Ppm, Span, percent};
use seatrial_contract::view::ReplicaState;
use seatrial_contract::{Footprint, Limited, Reading, Reason};
use seatrial_policies::catalog::hpa::Hpa;
use seatrial_policies::catalog::hpa::{
    Advice, Change, Grace, Rate, Rates, Recommendation, Recommendations, ReplicasPer, Scaled,
    Scaler, Seen, Select, SharePer, Sight, Sighted, advise, by_average, by_part, by_share,
    by_whole,
};
use serde_json::Value;

/// Beside the working copies of the project.
const FIGURES: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference/hpa/hpa_vectors.json");
const NOW: Moment = Moment(Span::days(100).0);

/// Each case of a group; says how many there were.
fn each(group: &str, claim: impl Fn(&Value, &Hpa)) {
    let Ok(text) = std::fs::read_to_string(FIGURES) else {
        println!("skipped: no reference data");
        return;
    };
    let figures: Value = serde_json::from_str(&text).unwrap();
    let cases = figures["groups"][group].as_array().unwrap_or_else(|| panic!("no group {group}"));
    assert!(!cases.is_empty());
    let config = config(&figures["parameters"]);
    cases.iter().for_each(|case| claim(case, &config));
    println!("{group}: {} cases", cases.len());
}

/// The reference's tests run with other parameters than its servers do.
fn config(parameters: &Value) -> Hpa {
    let span = |key: &str| Node::text(&format!("{} s", number(parameters, key)));
    let times = |key: &str| Node::text(&format!("{} %", parameters[key].as_f64().unwrap() * 100.0));
    let count = |key: &str| Setting::Integer(number(parameters, key)).nowhere();
    let node = Node::table([
        ("tolerance", times("tolerance")),
        ("cpu_initialization", span("cpu_initialization_period_s")),
        ("initial_readiness", span("delay_of_initial_readiness_s")),
        ("sampled_over", Node::text("1 min")),
        ("down_window", span("downscale_stabilization_window_s")),
        ("up_factor", times("scale_up_limit_factor_in_tests")),
        ("up_least", count("scale_up_limit_minimum")),
    ]);
    read(&node)
}

fn read<T: Element>(node: &Node) -> T {
    let mut problems = Problems::default();
    T::read(node, &Path::Root, &mut problems).unwrap_or_else(|| panic!("{problems:?}"))
}

fn number(value: &Value, key: &str) -> i64 {
    value[key].as_i64().unwrap_or_else(|| panic!("no {key} in {value}"))
}

fn count(value: &Value, key: &str) -> u32 {
    u32::try_from(number(value, key)).unwrap()
}

/// The reference notes its ages a moment before it looks.
fn ago(seconds: &Value) -> Moment {
    Moment(NOW.0 - Span::seconds(seconds.as_u64().unwrap()).0 - 1)
}

fn seen(pod: &Value, requested: u64, used: Option<u64>) -> Seen {
    let state = match (pod["phase"].as_str().unwrap(), pod["ready"].as_bool().unwrap()) {
        _ if pod["deleting"] == true => ReplicaState::Stopping,
        ("Failed", _) => ReplicaState::Failed,
        ("Pending", _) => ReplicaState::Pending,
        ("Running", true) => ReplicaState::Ready,
        ("Running", false) => ReplicaState::Unready,
        other => panic!("{other:?}"),
    };
    let since = match &pod["start_age_s"] {
        Value::Null => Moment::START,
        age @ (Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_)) => ago(age),
    };
    let sample = used.map(|value| Reading { value, seen_at: NOW });
    Seen { state, since, started_at: Some(since), requested, sample }
}

fn grace(config: &Hpa) -> Grace {
    Grace {
        now: NOW,
        cpu_initialization: config.cpu_initialization,
        initial_readiness: config.initial_readiness,
        sampled_over: config.sampled_over,
    }
}

/// The sum over a pod's containers, or one of them where the case names it.
fn use_of(case: &Value, pod: &Value) -> Option<u64> {
    let metrics = case["metrics"].as_array()?;
    let found = metrics.iter().find(|metric| metric["pod"] == pod["name"])?;
    let all = found["usage_milli_per_container"].as_array().unwrap();
    match case["container"].as_str() {
        None => Some(all.iter().map(|one| one.as_u64().unwrap()).sum()),
        Some(name) => all.get(container(name))?.as_u64(),
    }
}

fn container(name: &str) -> usize {
    name.strip_prefix("container").unwrap().parse::<usize>().unwrap() - 1
}

#[test]
fn what_a_measure_calls_for_is_kubernetes_own() {
    each("replica_calculator", |case, config| {
        let pods = case["pods"].as_array().unwrap();
        let levels: Vec<u64> = case["levels_milli"]
            .as_array()
            .map_or(vec![], |levels| levels.iter().map(|level| level.as_u64().unwrap()).collect());
        let containers = if case["container"].is_string() { 1 } else { 2 };
        let seen: Vec<Seen> = pods
            .iter()
            .enumerate()
            .map(|(index, pod)| {
                let asked = pod["request_milli_per_container"].as_u64().unwrap_or(0) * containers;
                seen(pod, asked, use_of(case, pod).or(levels.get(index).copied()))
            })
            .collect();
        let (grace, tolerance) = (grace(config), f64::from(config.tolerance.0) / 1e6);
        let current = count(case, "current_replicas");
        let target = |key: &str| u64::try_from(number(case, key)).unwrap();
        let total = levels.iter().sum();
        let found = match case["kind"].as_str().unwrap() {
            "resource" => {
                let grace = (case["resource"] == "cpu").then_some(&grace);
                let percent = case["target_utilization_pct"].as_f64().unwrap();
                by_share(current, percent, &seen, grace, tolerance)
            }
            "pods" => by_average(current, target("target_milli"), &seen, None, tolerance),
            "object" | "external" => {
                by_whole(current, target("target_milli"), total, &seen, tolerance)
            }
            "object_per_pod" | "external_per_pod" => {
                Ok(by_part(current, target("target_per_pod_milli"), total, tolerance))
            }
            other => panic!("{other}"),
        };
        let (name, expected) = (&case["name"], &case["expected"]);
        if expected["error"].is_string() {
            assert!(found.is_err(), "{name}: {found:?}");
            return;
        }
        let found = found.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(i64::from(found.replicas), number(expected, "replicas"), "{name}: {found:?}");
        assert_eq!(found.percent, expected["utilization_pct"].as_u64(), "{name}");
        let figure = &expected["raw_average_milli"];
        let figure = figure.as_u64().or(expected["utilization_milli"].as_u64());
        assert_eq!(Some(found.figure), figure, "{name}");
    });
}

/// Rules as a file would say them.
fn rules(rules: &Value) -> (Select, Vec<Rate>) {
    let select = match rules["select"].as_str().unwrap() {
        "Max" => Select::Most,
        "Min" => Select::Least,
        "Disabled" => Select::Off,
        other => panic!("{other}"),
    };
    let rates = rules["policies"].as_array().unwrap().iter().map(|policy| {
        let (value, per) =
            (count(policy, "value"), Span::seconds(count(policy, "period_s").into()));
        match policy["type"].as_str().unwrap() {
            "Pods" => Rate::Replicas(ReplicasPer { count: value, per }),
            "Percent" => Rate::Share(SharePer { share: percent(value), per }),
            other => panic!("{other}"),
        }
    });
    (select, rates.collect())
}

fn changes(case: &Value, key: &str) -> Vec<Change> {
    let change = |event: &Value| Change { at: ago(&event["age_s"]), by: count(event, "change") };
    case[key].as_array().map_or(vec![], |events| events.iter().map(change).collect())
}

fn recommendations(value: &Value) -> Option<Recommendations> {
    let one =
        |of: &Value| Recommendation { at: ago(&of["age_s"]), replicas: count(of, "replicas") };
    value.as_array().map(|all| Recommendations(all.iter().map(one).collect()))
}

fn way(rules: &Value) -> Node {
    let (select, rates) = self::rules(rules);
    let rates = Setting::List(rates.iter().map(|rate| rate.write().nowhere()).collect());
    let window = Node::text(&format!("{} s", number(rules, "stabilization_s")));
    Node::table([
        ("select", Node::text(select.word())),
        ("rates", rates.nowhere()),
        ("window", window),
    ])
}

#[test]
fn what_a_service_is_told_to_have_is_kubernetes_own() {
    each("hpa_controller_cpu", |case, config| {
        let whole = |key: &str| Setting::Integer(number(case, key)).nowhere();
        let target = Node::text(&format!("{} %", number(case, "cpu_target_pct")));
        let cpu = Node::table([("kind", Node::text("cpu")), ("target", target)]);
        let optional = |key: &str| match &case[key] {
            Value::Null => Setting::NOTHING.nowhere(),
            rules @ (Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_)) => way(rules),
        };
        let scaled: Scaled = read(&Node::table([
            ("least", whole("min_replicas")),
            ("most", whole("max_replicas")),
            ("metrics", Setting::List(vec![cpu]).nowhere()),
            ("up", optional("scaleUpRules")),
            ("down", optional("scaleDownRules")),
        ]));
        let replicas = case["pods"].as_array().unwrap().iter().map(|pod| {
            let requested = pod["request_milli"].as_u64().unwrap_or(0);
            let seen = seen(pod, requested, pod["usage_milli"].as_u64());
            Sighted {
                state: seen.state,
                since: seen.since,
                started_at: seen.started_at,
                requested: Footprint { cpu: MilliCores(requested), memory: Bytes(0) },
                cpu: seen.sample.map(|of| Reading { value: MilliCores(of.value), seen_at: NOW }),
                memory: None,
            }
        });
        let wanted = count(case, "spec_replicas");
        let sight = Sight {
            now: NOW,
            wanted,
            replicas: replicas.collect(),
            unseen: Reason::AbsentReading,
            calls: Err(Reason::AbsentReading),
            waiting: Err(Reason::AbsentReading),
        };
        let mut scaler = Scaler::default();
        scaler.recommendations = recommendations(&case["recommendations"]);
        let found = advise(config, &scaled, &mut scaler, &sight);
        let to = match found {
            Advice::Scale { to, .. } => to,
            Advice::Hold(_) => wanted,
        };
        let expected = number(&case["expected"], "desired_replicas");
        assert_eq!(i64::from(to), expected, "{}: {found:?}", case["name"]);
    });
}

/// What stands against a count, by the reference's words.
fn condition(case: &Value) -> Limited {
    match case["expected"]["condition"].as_str().unwrap() {
        "DesiredWithinRange" => Limited::Nothing,
        "TooFewReplicas" => Limited::Least,
        "TooManyReplicas" => Limited::Most,
        "ScaleUpLimit" | "ScaleDownLimit" => Limited::Rate,
        other => panic!("{other}"),
    }
}

#[test]
fn rates_are_kubernetes_own() {
    each("behavior_rate_limits", |case, _| {
        let ups = changes(case, "scale_up_events");
        let downs = changes(case, "scale_down_events");
        let (up, down) = (rules(&case["scale_up_rules"]), rules(&case["scale_down_rules"]));
        let (least, most) = (count(case, "min"), count(case, "max"));
        let current = count(case, "current");
        let rates = Rates { now: NOW, current, least, most, ups: &ups, downs: &downs };
        let found = rates.limit(count(case, "desired"), (up.0, &up.1), (down.0, &down.1));
        let expected = (count(&case["expected"], "replicas"), condition(case));
        assert_eq!(found, expected, "{}", case["name"]);
    });
}

#[test]
fn the_lesser_of_two_rates_is_kubernetes_own() {
    each("scale_limits_min_policy", |case, _| {
        let (select, of) = rules(&case["rules"]);
        let current = count(case, "current");
        let (ups, downs) = (changes(case, "scale_up_events"), changes(case, "scale_down_events"));
        let rates = Rates { now: NOW, current, least: 0, most: u32::MAX, ups: &ups, downs: &downs };
        let found = match case["direction"].as_str().unwrap() {
            "up" => rates.highest(select, &of),
            "down" => rates.lowest(select, &of),
            other => panic!("{other}"),
        };
        assert_eq!(found, count(&case["expected"], "limit"), "{}", case["name"]);
    });
}

#[test]
fn bounds_without_rules_are_kubernetes_own() {
    each("min_max_and_default_scale_up_limit", |case, config| {
        let (least, most) = (count(case, "min"), count(case, "max"));
        let current = count(case, "current");
        let rates = Rates { now: NOW, current, least, most, ups: &[], downs: &[] };
        let factor: Ppm = config.up_factor;
        let found = rates.limit_plainly(count(case, "desired"), factor, config.up_least);
        let expected = (count(&case["expected"], "replicas"), condition(case));
        assert_eq!(found, expected, "{}", case["name"]);
    });
}

#[test]
fn the_window_without_rules_is_kubernetes_own() {
    each("downscale_stabilization_300s", |case, config| {
        let mut log = recommendations(&case["recommendations"]).unwrap();
        let found = log.most_within(NOW, count(case, "desired"), config.down_window);
        let expected = &case["expected"];
        assert_eq!(found, count(expected, "replicas"), "{}", case["name"]);
        assert_eq!(log.0.len(), count(expected, "log_length") as usize, "{}", case["name"]);
    });
}

#[test]
fn windows_are_kubernetes_own() {
    each("behavior_stabilization", |case, _| {
        let mut log = recommendations(&case["recommendations"]).unwrap();
        let window = |key: &str| Span::seconds(count(case, key).into());
        let windows = (window("up_window_s"), window("down_window_s"));
        let found = log.within(NOW, count(case, "current"), count(case, "desired"), windows);
        let expected = &case["expected"];
        assert_eq!(found, count(expected, "replicas"), "{}", case["name"]);
        let stored: Vec<u32> = log.0.iter().map(|one| one.replicas).collect();
        let expected: Vec<u32> = serde_json::from_value(expected["stored"].clone()).unwrap();
        assert_eq!(stored, expected, "{}", case["name"]);
    });
}
