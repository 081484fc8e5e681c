//! What can be run and is odd all the same is told before a run: policies with nothing to do, and
//! targets that hold a service at one number of replicas.

mod common;

use common::{err, out, seatrial};
use serde_json::Value;
use std::path::PathBuf;

struct Pair(PathBuf);

impl Pair {
    /// A portal whose replicas stand on machines, with what else there is, under these policies.
    fn new(name: &str, traffic: &str, policies: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("seatrial-odd-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let scenario = format!(
            r#"
            title = "a portal"
            duration = "20 min"
            policies = {{ file = "policies.toml" }}
            [[pools]]
            name = "front"
            count = 3
            tiers = []
            machine = {{ cpu = "8 cores", memory = "16 GiB" }}
            price = "$1/h"
            [[services]]
            name = "portal"
            concurrency = 4
            service_time = "100 ms"
            replicas = 2
            on = {{ pool = "front", cpu = "2 cores", memory = "1 GiB", cpu_per_request = "500m" }}
            {traffic}
            "#
        );
        std::fs::write(folder.join("scenario.toml"), scenario).unwrap();
        std::fs::write(folder.join("policies.toml"), policies).unwrap();
        Self(folder)
    }

    fn check(&self, more: &[&str]) -> std::process::Output {
        let scenario = self.0.join("scenario.toml").display().to_string();
        seatrial(&[&["check", &scenario], more].concat())
    }

    /// What is told of it: the paths and the messages.
    fn warnings(&self) -> Vec<String> {
        let output = self.check(&["--format", "json"]);
        assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
        let document: Value = serde_json::from_str(&out(&output)).unwrap();
        let warnings = document[0]["warnings"].as_array().unwrap();
        warnings
            .iter()
            .map(|one| format!("{}: {}", one["path"], one["message"]).replace('"', ""))
            .collect()
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const CALLED: &str = r#"
    [[traffic]]
    name = "visits"
    service = "portal"
    arrivals = { kind = "poisson", rate = "20/s" }
"#;

fn hpa(bounds: &str, metric: &str) -> String {
    format!(
        "[[policies]]\nkind = \"hpa\"\nservices.portal = {{ {bounds}, metrics = [{{ {metric} }}] }}\n"
    )
}

const BETWEEN: &str = "least = 1, most = 10";

/// Name, bounds and metric of a target, and what is told of it. 4 servers of half a core are 2 cores, all
/// that a replica requests.
const TARGETS: [(&str, &str, &str, Option<&str>); 11] = [
    ("cpu", BETWEEN, "kind = \"cpu\", target = \"50 %\"", None),
    ("cpu-high", BETWEEN, "kind = \"cpu\", target = \"95 %\"", Some("never calls for more")),
    ("cpu-each", BETWEEN, "kind = \"cpu-each\", each = \"3 cores\"", Some("never calls for more")),
    (
        // A replica uses half of what it requests where nothing else is said.
        "memory",
        BETWEEN,
        "kind = \"memory\", target = \"40 %\"",
        Some("at the most, 10"),
    ),
    ("memory-low", BETWEEN, "kind = \"memory-each\", each = \"2 GiB\"", Some("at the fewest, 1")),
    ("memory-on", BETWEEN, "kind = \"memory\", target = \"50 %\"", Some("at what there is")),
    ("calls", BETWEEN, "kind = \"calls\", each = \"5/s\"", None),
    ("calls-most", BETWEEN, "kind = \"calls\", each = \"1/s\"", Some("at the most, 10")),
    (
        "calls-least",
        "least = 3, most = 10",
        "kind = \"calls\", each = \"50/s\"",
        Some("at the fewest, 3"),
    ),
    (
        "bounds",
        "least = 2, most = 2",
        "kind = \"calls\", each = \"5/s\"",
        Some("always has 2 replicas"),
    ),
    ("waiting", BETWEEN, "kind = \"waiting\", each = 2", None),
];

#[test]
fn a_target_that_holds_a_bound_is_told_and_one_that_moves_is_not() {
    for (name, bounds, metric, told) in TARGETS {
        let warnings = Pair::new(name, CALLED, &hpa(bounds, metric)).warnings();
        match told {
            None => assert!(warnings.is_empty(), "{name}: {warnings:?}"),
            Some(told) => {
                assert_eq!(warnings.len(), 1, "{name}: {warnings:?}");
                assert!(warnings[0].contains(told), "{name}: {warnings:?}");
                assert!(warnings[0].starts_with("policies[0].services.portal"), "{warnings:?}");
            }
        }
    }
}

#[test]
fn what_is_told_of_a_bound_is_what_a_run_shows() {
    let pair =
        Pair::new("shown", CALLED, &hpa("least = 1, most = 5", "kind = \"calls\", each = \"1/s\""));
    assert!(pair.warnings()[0].contains("at the most, 5"));
    let scenario = pair.0.join("scenario.toml").display().to_string();
    let output = seatrial(&["run", &scenario, "--format", "json"]);
    assert!(err(&output).contains("W001 policies[0].services.portal"), "{}", err(&output));
    let document: Value = serde_json::from_str(&out(&output)).unwrap();
    let most = document["metrics"]["replicas_mean.portal"]["value"].as_f64().unwrap();
    assert!(most > 4.5, "{most}");
    let quiet = seatrial(&["run", &scenario, "--quiet"]);
    assert!(!err(&quiet).contains("W001"), "{}", err(&quiet));
}

#[test]
fn policies_with_nothing_to_do_are_told() {
    let policies = "[[policies]]\nkind = \"idle-ladder\"\n[[policies]]\nkind = \"spread\"\n\
                    [[policies]]\nkind = \"connection-budget\"\n\
                    [[policies]]\nkind = \"threshold\"\npools = [\"front\"]\n";
    let warnings = Pair::new("idle", CALLED, policies).warnings();
    let told = |text: &str| warnings.iter().any(|warning| warning.contains(text));
    assert_eq!(warnings.len(), 4, "{warnings:?}");
    assert!(told("`idle-ladder` has nothing to do: there are no tenants"), "{warnings:?}");
    assert!(told("`spread` has nothing to do: there are no tenants"), "{warnings:?}");
    assert!(told("no pooler keeps tiers apart"), "{warnings:?}");
    assert!(told("policies[3].pools: the pool `front` always has 3 machines"), "{warnings:?}");
}

#[test]
fn warnings_end_with_0_unless_they_are_denied() {
    let odd =
        Pair::new("deny", CALLED, &hpa("least = 2, most = 2", "kind = \"calls\", each = \"5/s\""));
    let told = odd.check(&[]);
    assert_eq!(told.status.code(), Some(0));
    assert!(out(&told).contains("W001") && out(&told).contains("1 warning"), "{}", out(&told));
    assert!(out(&told).contains("policies.toml:3:"), "{}", out(&told));
    assert_eq!(odd.check(&["--deny", "warnings"]).status.code(), Some(2));
    let fine =
        Pair::new("fine", CALLED, &hpa("least = 2, most = 4", "kind = \"calls\", each = \"5/s\""));
    assert_eq!(fine.check(&["--deny", "warnings"]).status.code(), Some(0));
}
