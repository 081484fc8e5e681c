//! What an engine's answers mean. Pure; asks nobody.

use super::answers::{HostConfig, Info, Inspected, State};
use crate::clock::{self, Dated};
use crate::config::Labels;
use crate::sighting::UnitSeen;
use seatrial_contract::Footprint;
use seatrial_contract::units::{Bytes, MilliCores, Moment, Quantity, cores, gib};
use seatrial_contract::view::UnitState;
use seatrial_policies::Clock;

/// A tenant's container; none where it says that it belongs to no tenant.
pub(super) fn unit(
    labels: &Labels,
    (id, container): (&str, &Inspected),
    clock: &Dated,
    complaints: &mut Vec<String>,
) -> Option<UnitSeen> {
    let name = container.name.trim_start_matches('/');
    let all = container.config.labels.as_ref()?;
    let label = |key: &str| all.get(&format!("{}{key}", labels.prefix)).cloned();
    let tenant = label("tenant").filter(|tenant| !tenant.is_empty())?;
    let stops_at = label("stops-at").and_then(|word| {
        let stage = labels.stages.of_label(&word);
        if stage.is_none() {
            complaints.push(format!(
                "container {name}: label {}stops-at is `{word}`, not one of {}: it is taken never \
                 to stop",
                labels.prefix,
                labels.stages.names().join(", ")
            ));
        }
        stage
    });
    let (state, since) = state(&container.state, &container.created, &container.host_config);
    let since = clock::of_text(since).map(|since| {
        clock.ours(since).unwrap_or_else(|| {
            complaints.push(format!(
                "container {name} changed at {}, which lies ahead of the engine's own clock: since \
                 when it is so is not known",
                Clock::Utc.tell(since)
            ));
            Moment::START
        })
    });
    let created = clock::of_text(&container.created).and_then(|created| clock.ours(created));
    let whose = format!("container {name}");
    let said = |key: &'static str| label(key).map(|text| (text, whose.as_str(), key));
    let requested = Footprint {
        cpu: quantity(said("cpu"), labels, complaints)
            .or_else(|| cpu_limit(&container.host_config))
            .unwrap_or_default(),
        memory: quantity(said("memory"), labels, complaints)
            .or_else(|| memory_limit(&container.host_config))
            .unwrap_or_default(),
    };
    if requested.cpu == MilliCores(0) || requested.memory == Bytes(0) {
        complaints.push(format!(
            "container {name} has no limit of cpu or memory, and no label {0}cpu or {0}memory: \
             nothing is promised to it",
            labels.prefix
        ));
    }
    Some(UnitSeen {
        tenant,
        tier: label("tier").unwrap_or_default(),
        unit: label("unit").unwrap_or_else(|| name.to_owned()),
        container: id.to_owned(),
        created,
        stops_at,
        state,
        since: since.unwrap_or_default(),
        requested: sane(requested),
        used: None,
    })
}

/// No more than any machine has, whatever an engine or a label says: sums over a fleet stay within
/// 64 bits. The largest machines for rent have 1,920 cores and 32 TiB.
pub(super) fn sane(amount: Footprint) -> Footprint {
    Footprint { cpu: amount.cpu.min(cores(65_536)), memory: amount.memory.min(gib(64 << 10)) }
}

/// A quantity that a label says: its text, whose it is, and the label's name.
fn quantity<Q: Quantity>(
    said: Option<(String, &str, &str)>,
    labels: &Labels,
    complaints: &mut Vec<String>,
) -> Option<Q> {
    let (text, whose, key) = said?;
    match Q::parse(&text) {
        Ok(quantity) => Some(quantity),
        Err(error) => {
            complaints.push(format!(
                "{whose}: label {}{key}: {}; {}",
                labels.prefix, error.message, error.remedy
            ));
            None
        }
    }
}

/// How a container is, and since when, in the engine's words.
fn state<'a>(state: &'a State, created: &'a str, host: &HostConfig) -> (UnitState, &'a str) {
    let returns =
        matches!(host.restart_policy.name.as_str(), "always" | "unless-stopped" | "on-failure");
    let checked = state.health.as_ref().map(|health| health.status.as_str());
    match state.status.as_str() {
        "running" if checked == Some("starting") => (UnitState::Starting, &state.started_at),
        "running" => (UnitState::Running, &state.started_at),
        "paused" => (UnitState::Paused, &state.started_at),
        "restarting" if state.oom_killed => (UnitState::Killed, &state.finished_at),
        "restarting" => (UnitState::Starting, &state.finished_at),
        "exited" if state.oom_killed && returns => (UnitState::Killed, &state.finished_at),
        "created" => (UnitState::Stopped, created),
        _ => (UnitState::Stopped, &state.finished_at),
    }
}

/// What a container may take; nothing where it may take all.
pub(super) fn limits(container: &Inspected) -> Footprint {
    let host = &container.host_config;
    sane(Footprint {
        cpu: cpu_limit(host).unwrap_or_default(),
        memory: memory_limit(host).unwrap_or_default(),
    })
}

fn cpu_limit(host: &HostConfig) -> Option<MilliCores> {
    if host.nano_cpus > 0 {
        return Some(MilliCores(host.nano_cpus / 1_000_000));
    }
    let (quota, period) =
        (u64::try_from(host.cpu_quota).ok()?, u64::try_from(host.cpu_period).ok()?);
    // An engine that is told a quota alone takes a period of 100 ms.
    let period = if period == 0 { 100_000 } else { period };
    (quota > 0).then(|| MilliCores(quota.saturating_mul(1_000) / period))
}

fn memory_limit(host: &HostConfig) -> Option<Bytes> {
    let limits = [host.memory_reservation, host.memory];
    limits.into_iter().find(|limit| *limit > 0).map(Bytes)
}

/// What part of the machine is for tenants: what the file says, else the engine's label, else all.
pub(super) fn capacity(
    labels: &Labels,
    info: &Info,
    file: (Option<MilliCores>, Option<Bytes>),
    complaints: &mut Vec<String>,
) -> Footprint {
    let label = |key: &'static str| info.label(labels, key).map(|text| (text, "engine", key));
    let cpu = file.0.or_else(|| quantity(label("cpu"), labels, complaints));
    let memory = file.1.or_else(|| quantity(label("memory"), labels, complaints));
    sane(Footprint {
        cpu: cpu.unwrap_or(MilliCores(info.processors.saturating_mul(1_000))),
        memory: memory.unwrap_or(Bytes(info.mem_total)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SourceClock;
    use seatrial_contract::{Stage, Stages};

    fn now() -> Moment {
        clock::of_text("2026-11-21T12:00:00Z").unwrap_or_default()
    }

    #[test]
    fn a_change_ahead_of_the_engines_clock_is_told_and_has_no_moment() {
        let (unit, complaints) = read(&BOTS.replace("10:00:05", "12:00:05"));
        assert_eq!(unit.map(|unit| unit.since), Some(Moment::START));
        assert!(complaints[0].contains("ahead of the engine's own clock"), "{complaints:?}");
    }

    fn labels() -> Labels {
        Labels { prefix: "seatrial.".to_owned(), stages: Stages::default() }
    }

    fn container(text: &str) -> Inspected {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}"))
    }

    fn read(text: &str) -> (Option<UnitSeen>, Vec<String>) {
        let mut complaints = Vec::new();
        let clock = SourceClock::default().carry(now());
        (unit(&labels(), ("1f", &container(text)), &clock, &mut complaints), complaints)
    }

    const BOTS: &str = r#"{ "Name": "/ann.bots", "Created": "2026-11-21T10:00:00Z",
        "State": { "Status": "running", "StartedAt": "2026-11-21T10:00:05Z",
            "FinishedAt": "0001-01-01T00:00:00Z", "OOMKilled": false },
        "HostConfig": { "NanoCpus": 200000000, "Memory": 50331648, "MemoryReservation": 0,
            "RestartPolicy": { "Name": "unless-stopped" } },
        "Config": { "Labels": { "seatrial.tenant": "ann", "seatrial.tier": "free",
            "seatrial.unit": "bots", "seatrial.stops-at": "bots-stopped" } } }"#;

    #[test]
    fn labels_say_whose_a_container_is() {
        let (unit, complaints) = read(BOTS);
        let unit = unit.unwrap_or_else(|| panic!("{complaints:?}"));
        assert_eq!(
            (unit.tenant.as_str(), unit.tier.as_str(), unit.unit.as_str()),
            ("ann", "free", "bots")
        );
        assert_eq!(unit.stops_at, Some(Stage(1)));
        assert_eq!(unit.requested, Footprint { cpu: MilliCores(200), memory: Bytes(48 << 20) });
        assert_eq!(unit.since, clock::of_text("2026-11-21T10:00:05Z").unwrap_or_default());
        assert_eq!(complaints, Vec::<String>::new());
        assert_eq!(read(r#"{ "Name": "/other", "Config": { "Labels": null } }"#).0, None);
    }

    #[test]
    fn every_state_of_docker_has_its_own() {
        let with = |status: &str, more: &str| {
            let text =
                BOTS.replace(r#""Status": "running""#, &format!(r#""Status": "{status}"{more}"#));
            read(&text).0.map(|unit| unit.state)
        };
        assert_eq!(with("running", ""), Some(UnitState::Running));
        assert_eq!(
            with("running", r#", "Health": { "Status": "starting" }"#),
            Some(UnitState::Starting)
        );
        assert_eq!(
            with("running", r#", "Health": { "Status": "healthy" }"#),
            Some(UnitState::Running)
        );
        assert_eq!(with("paused", ""), Some(UnitState::Paused));
        assert_eq!(with("restarting", ""), Some(UnitState::Starting));
        assert_eq!(with("created", ""), Some(UnitState::Stopped));
        assert_eq!(with("exited", ""), Some(UnitState::Stopped));
        assert_eq!(with("dead", ""), Some(UnitState::Stopped));
        let killed = BOTS.replace(r#""running""#, r#""exited""#);
        let killed = killed.replace(r#""OOMKilled": false"#, r#""OOMKilled": true"#);
        assert_eq!(read(&killed).0.map(|unit| unit.state), Some(UnitState::Killed));
        let for_good = killed.replace("unless-stopped", "no");
        assert_eq!(read(&for_good).0.map(|unit| unit.state), Some(UnitState::Stopped));
    }

    #[test]
    fn limits_come_from_labels_quotas_or_reservations() {
        let with = |from: &str, to: &str| {
            let (unit, complaints) = read(&BOTS.replace(from, to));
            (unit.map(|unit| unit.requested).unwrap_or_default(), complaints)
        };
        // 50 ms of each 100 ms.
        let quota = r#""NanoCpus": 0, "CpuQuota": 50000, "CpuPeriod": 0"#;
        assert_eq!(with(r#""NanoCpus": 200000000"#, quota).0.cpu, MilliCores(500));
        let reserved = r#""MemoryReservation": 1048576"#;
        assert_eq!(with(r#""MemoryReservation": 0"#, reserved).0.memory, Bytes(1 << 20));
        let label = r#""Labels": { "seatrial.cpu": "1.5 cores","#;
        assert_eq!(with(r#""Labels": {"#, label).0.cpu, MilliCores(1_500));
        let (requested, complaints) = with(r#""NanoCpus": 200000000"#, r#""NanoCpus": 0"#);
        assert_eq!(requested.cpu, MilliCores(0));
        assert!(complaints[0].contains("has no limit"), "{complaints:?}");
        let (_, complaints) = with(r#""Labels": {"#, r#""Labels": { "seatrial.cpu": "many","#);
        assert!(complaints[0].contains("label seatrial.cpu"), "{complaints:?}");
    }

    proptest::proptest! {
        /// Whatever an engine may answer, something can be said of it.
        #[test]
        fn no_answer_panics(at in 0..BOTS.len(), byte in 0x20u8..0x7f, word in "[ -~]{0,12}") {
            let mut bytes = BOTS.as_bytes().to_vec();
            bytes[at] = byte;
            let mutated = String::from_utf8_lossy(&bytes).into_owned();
            for text in [mutated, BOTS.replace("free", &word), BOTS.replace("running", &word)] {
                if let Ok(container) = serde_json::from_str(&text) {
                    let clock = SourceClock::default().carry(now());
                    let _ = unit(&labels(), ("1f", &container), &clock, &mut Vec::new());
                }
            }
        }
    }

    #[test]
    fn limits_of_any_size_are_read() {
        let most = u64::MAX.to_string();
        let text = BOTS.replace("200000000", &most).replace("50331648", &most);
        let unit = read(&text).0.unwrap_or_else(|| panic!("it has a tenant"));
        assert_eq!(unit.requested, sane(unit.requested), "no more than any machine has");
        let quota = BOTS.replace(
            r#""NanoCpus": 200000000"#,
            r#""NanoCpus": 0, "CpuQuota": 9223372036854775807, "CpuPeriod": 1"#,
        );
        assert!(read(&quota).0.is_some());
    }

    #[test]
    fn a_stage_that_is_none_is_told() {
        let (unit, complaints) = read(&BOTS.replace("bots-stopped", "asleep"));
        assert_eq!(unit.and_then(|unit| unit.stops_at), None);
        assert!(complaints[0].contains("`asleep`"), "{complaints:?}");
    }

    #[test]
    fn an_engine_says_what_of_it_is_for_tenants() {
        let info = |labels: &str| -> Info {
            let text = format!(r#"{{ "NCPU": 2, "MemTotal": 1024, "Labels": {labels} }}"#);
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}"))
        };
        let of = |info: &Info, file| capacity(&labels(), info, file, &mut Vec::new());
        let all = Footprint { cpu: MilliCores(2_000), memory: Bytes(1_024) };
        assert_eq!(of(&info("null"), (None, None)), all);
        let labelled = info(r#"["seatrial.cpu=1 cores", "other=2"]"#);
        assert_eq!(of(&labelled, (None, None)).cpu, MilliCores(1_000));
        assert_eq!(of(&labelled, (Some(MilliCores(500)), None)).cpu, MilliCores(500));
    }
}
