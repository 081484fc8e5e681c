//! The record of a drill that was held in simulation: what a scenario wishes for beside what its runs came to, what went
//! otherwise, and how it compares. Runs nothing.

use seatrial_format::scenario::{Data, Failover, Scenario};
use seatrial_record::{
    Backup, Beside, BesideRow, DRILL_VERSION, Drill, DrillCheck as Check, Finding, GoalKind, Held,
    IncidentRow, Runs, Severity, Step, Subject, Target, Verdict,
};

/// What whoever holds a drill says of it.
#[derive(Clone, Debug, Default)]
pub struct DrillTerms {
    /// Its series.
    pub series: String,
    /// When it is held.
    pub date: Option<String>,
    /// Who answers for findings.
    pub owner: Option<String>,
    /// By when they are to be mended.
    pub due: Option<String>,
    /// The last of the series.
    pub last: Option<Drill>,
    /// What was forecast.
    pub forecast: Option<Drill>,
}

const NOTICE: &str = "simulated, not a test of production";

/// The record of a drill that these runs are.
#[must_use]
pub fn drill(scenario: &Scenario, runs: &Runs, terms: DrillTerms) -> Drill {
    let targets = targets(scenario, runs);
    let steps: Vec<Step> =
        runs.first.incidents.iter().flat_map(|row| steps(row, scenario)).collect();
    let verdicts = verdicts(runs);
    let checks = checks(runs);
    let findings = findings(&targets, &verdicts, &checks, &runs.first.incidents, &terms);
    let beside = |other: &Drill| beside(other, &targets);
    // Two that are held on different days are two, though they find the same.
    let date = terms.date.clone().unwrap_or_default();
    let digest = Runs::digest(&[&runs.record_digest, &date]);
    let short = |digest: &str| digest.chars().take(12).collect::<String>();
    Drill {
        version: DRILL_VERSION,
        id: format!("{}-{}", terms.series, short(&digest)),
        held: Held::Simulated,
        notice: NOTICE.to_owned(),
        subject: subject(scenario, runs),
        backups: backups(scenario, runs),
        last: terms.last.as_ref().map(beside),
        forecast: terms.forecast.as_ref().map(beside),
        previous: terms.last.as_ref().map(Drill::digest),
        series: terms.series,
        date: terms.date,
        owner: terms.owner,
        targets,
        checks,
        steps,
        verdicts,
        findings,
    }
}

fn figure(runs: &Runs, name: &str) -> Option<f64> {
    runs.estimates.iter().find(|of| of.name == name)?.value
}

fn subject(scenario: &Scenario, runs: &Runs) -> Subject {
    let databases = scenario.databases.iter().map(|of| format!("database {}", *of.name));
    let caches = scenario.caches.iter().map(|of| format!("cache {}", *of.name));
    let services = scenario.services.iter().map(|of| format!("service {}", *of.name));
    let pools = scenario.pools.iter().map(|of| format!("pool {}", *of.name));
    let strikes = runs.first.metrics.iter().filter_map(|metric| {
        let name = metric.name.strip_prefix("strikes.")?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let count = metric.value? as u64;
        Some((name.to_owned(), count))
    });
    Subject {
        title: scenario.title.clone(),
        policies: runs.first.policy_digest.clone(),
        record: runs.record_digest.clone(),
        runs: u32::try_from(runs.seeds.len()).unwrap_or(u32::MAX),
        seed: runs.first.seed,
        faults: strikes.collect(),
        systems: databases.chain(caches).chain(services).chain(pools).collect(),
        tenants: runs.first.tiers.iter().map(|tier| (tier.name.clone(), tier.tenants)).collect(),
    }
}

fn targets(scenario: &Scenario, runs: &Runs) -> Vec<Target> {
    let target = |of: &str, what: &str, metric: &str, wish: Option<f64>, missed: Option<&str>| {
        let quantile = |which: &str| figure(runs, &format!("{metric}_{which}.{of}"));
        let count = figure(runs, &format!("tenants_down.{of}"));
        Target {
            of: of.to_owned(),
            what: what.to_owned(),
            target: wish,
            count: count.filter(|_| metric.starts_with("recovery")),
            p50: quantile("p50"),
            p95: quantile("p95"),
            max: quantile("max"),
            missed: missed.and_then(|of_it| figure(runs, &format!("{of_it}.{of}"))),
        }
    };
    let mut all = Vec::new();
    for tier in &scenario.tiers {
        let (name, rto) = (tier.name.as_str(), tier.rto.as_ref().map(|of| of.value.as_seconds()));
        let rpo = tier.rpo.as_ref().map(|of| of.value.as_seconds());
        let missed = rto.map(|_| "rto_missed_share");
        all.push(target(name, "back for users", "recovery", rto, missed));
        let missed = rpo.map(|_| "rpo_missed_share");
        all.push(target(name, "oldest write lost", "recovery_point", rpo, missed));
    }
    for database in scenario.databases.iter().filter(|of| of.failover.is_some()) {
        let name = database.name.as_str();
        let rto = database.rto.as_ref().map(|of| of.value.as_seconds());
        let rpo = database.rpo.as_ref().map(|of| of.value.as_seconds());
        all.push(target(name, "verified", "rto_verified", None, None));
        let missed = rto.map(|_| "rto_missed_share");
        all.push(target(name, "back for callers", "rto_clients", rto, missed));
        let missed = rpo.map(|_| "rpo_missed_share");
        all.push(target(name, "oldest write lost", "rpo", rpo, missed));
    }
    all.retain(|of| of.target.is_some() || of.max.is_some());
    all
}

fn backups(scenario: &Scenario, runs: &Runs) -> Vec<Backup> {
    let of = scenario.tiers.iter().filter_map(|tier| {
        let Data::OnMachine(data) = &tier.data else { return None };
        let backups = data.backups.as_ref()?;
        Some(Backup {
            of: tier.name.to_string(),
            every: backups.every.value.as_seconds(),
            bytes: backups.size.value.0,
            oldest_loss: figure(runs, &format!("recovery_point_max.{}", *tier.name)),
        })
    });
    of.collect()
}

fn checks(runs: &Runs) -> Vec<Check> {
    let none = |what: &str, metric: &str| {
        let found = figure(runs, metric)?;
        Some(Check { what: what.to_owned(), found: format!("{found}"), passes: found <= 0.0 })
    };
    let mut all: Vec<Check> = [
        none("tenants that came back without their data", "tenants_without_data"),
        none("tenants that are still down at the end", "tenants_down_end"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let lost = runs.estimates.iter().filter_map(|of| {
        let database = of.name.strip_prefix("writes_lost.")?;
        none(&format!("acknowledged writes of {database} that were lost"), &of.name)
    });
    all.extend(lost);
    all.extend(rehearsed(runs));
    all
}

/// What was tried while all served: restores beside databases, and how old what is proven is; tenants and databases that
/// ran twice.
fn rehearsed(runs: &Runs) -> Vec<Check> {
    let mut all = Vec::new();
    let mut check = |what: String, found: String, passes| all.push(Check { what, found, passes });
    for of in &runs.estimates {
        let Some(found) = of.value else { continue };
        if let Some(database) = of.name.strip_prefix("restore_drills_failed.") {
            let tried = figure(runs, &format!("restore_drills.{database}")).unwrap_or_default();
            if tried + found > 0.0 {
                let what =
                    format!("restores beside {database} that failed, of all that were tried");
                check(what, format!("{found} of {}", tried + found), found <= 0.0);
            }
        }
        if let Some(database) = of.name.strip_prefix("proven_age_end.") {
            let what = format!("days since what was last restored of {database} was written");
            check(what, format!("{:.1}", found / 86_400.0), true);
        }
        if let Some(database) = of.name.strip_prefix("two_primaries.") {
            let what = format!("seconds that two servers of {database} took writes");
            check(what, format!("{found}"), found <= 0.0);
        }
        if of.name == "tenants_ran_twice" {
            check("tenants that ran twice".to_owned(), format!("{found}"), found <= 0.0);
        }
    }
    all
}

/// The steps of an incident. Those of a database that is failed over by hand are people's.
fn steps(row: &IncidentRow, scenario: &Scenario) -> Vec<Step> {
    let by_hand = |name: &String| {
        let found = scenario.databases.iter().find(|of| of.name.as_str() == name);
        found.is_some_and(|of| matches!(of.failover, Some(Failover::Manual(_))))
    };
    let actor = if row.databases.iter().any(by_hand) { "person" } else { "machine" };
    // Nobody verifies tenants, who may be back later.
    let verified = if row.tenants > 0 { "verified, of databases" } else { "verified" };
    let steps = [
        ("detected", row.detected, actor),
        ("decided", row.decided, actor),
        ("acted", row.acted, actor),
        ("restored", row.restored, "machine"),
        (verified, row.verified, "machine"),
        ("users back", row.clients_back, "machine"),
    ];
    #[expect(clippy::cast_precision_loss, reason = "seconds to the microsecond are enough")]
    let seconds = |nanos: u64| nanos as f64 / 1e9;
    let is_told = |(step, at, _): &(&str, Option<u64>, &str)| {
        at.is_some() || *step != verified || !row.databases.is_empty()
    };
    let told = steps.into_iter().filter(is_told);
    let step = |(step, at, actor): (&str, Option<u64>, &str)| Step {
        incident: row.fault.clone(),
        struck: seconds(row.at),
        step: step.to_owned(),
        actor: actor.to_owned(),
        after: at.map(|at| seconds(at.saturating_sub(row.at))),
        absent: if at.is_none() { why_absent(row) } else { String::new() },
    };
    told.map(step).collect()
}

fn why_absent(row: &IncidentRow) -> String {
    if row.absent.is_empty() { "nothing was to be done".to_owned() } else { row.absent.clone() }
}

fn verdicts(runs: &Runs) -> Vec<Verdict> {
    let objectives = runs.goals.iter().filter(|goal| goal.kind == GoalKind::Objective);
    let verdict = |goal: &seatrial_record::Goal| Verdict {
        objective: goal.name.clone(),
        metric: goal.metric.clone(),
        at_least: goal.bound.at_least,
        at_most: goal.bound.at_most,
        measured: goal.value,
        holds: goal.holds,
    };
    objectives.map(verdict).collect()
}

fn findings(
    targets: &[Target],
    verdicts: &[Verdict],
    checks: &[Check],
    incidents: &[IncidentRow],
    terms: &DrillTerms,
) -> Vec<Finding> {
    let finding = |severity, what: String| Finding {
        severity,
        what,
        owner: terms.owner.clone(),
        due: terms.due.clone(),
        retest: terms.series.clone(),
    };
    let missed = targets.iter().filter(|of| of.missed.is_some_and(|part| part > 0.0));
    let missed = missed.map(|of| {
        let part = of.missed.unwrap_or_default() * 100.0;
        let what = format!("{}, {}: {part:.1} % missed the target", of.of, of.what);
        finding(Severity::High, what)
    });
    let broken = verdicts.iter().filter(|of| !of.holds);
    let broken = broken.map(|of| {
        finding(Severity::High, format!("the objective `{}` does not hold", of.objective))
    });
    let failed = checks.iter().filter(|of| !of.passes);
    let failed = failed.map(|of| finding(Severity::High, format!("{}: {}", of.what, of.found)));
    let mut told: Vec<String> = Vec::new();
    for row in incidents.iter().filter(|row| !row.absent.is_empty()) {
        let what = format!("{}: {}", row.fault, row.absent);
        if !told.contains(&what) {
            told.push(what);
        }
    }
    let absent = told.into_iter().map(|what| finding(Severity::Medium, what));
    missed.chain(broken).chain(failed).chain(absent).collect()
}

/// Figures that both have.
fn beside(other: &Drill, targets: &[Target]) -> Beside {
    let mut rows = Vec::new();
    for here in targets {
        let found = other.targets.iter().find(|of| of.of == here.of && of.what == here.what);
        let Some(there) = found else { continue };
        for (which, there, value) in [
            ("p50", there.p50, here.p50),
            ("p95", there.p95, here.p95),
            ("max", there.max, here.max),
        ] {
            if let (Some(other), Some(value)) = (there, value) {
                let what = format!("{}, {which}", here.what);
                rows.push(BesideRow { of: here.of.clone(), what, other, here: value });
            }
        }
    }
    Beside { id: other.id.clone(), rows }
}
