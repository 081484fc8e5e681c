//! The parts of an engine's answers that are read. What is left out of an answer has a default that
//! claims nothing.

use crate::config::Labels;
use serde::Deserialize;
use std::collections::BTreeMap;

/// `GET /info`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Info {
    #[serde(rename = "NCPU", default)]
    pub(super) processors: u64,
    #[serde(default)]
    pub(super) mem_total: u64,
    /// `key=value`
    #[serde(default)]
    labels: Option<Vec<String>>,
}

impl Info {
    /// The value of one of the engine's own labels.
    pub(super) fn label(&self, labels: &Labels, name: &str) -> Option<String> {
        let mut pairs = self.labels.iter().flatten().filter_map(|label| label.split_once('='));
        let named = |key: &str| key.strip_prefix(&labels.prefix) == Some(name);
        pairs.find(|pair| named(pair.0)).map(|pair| pair.1.to_owned())
    }
}

/// One of `GET /containers/json`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    pub(super) id: String,
    #[serde(default)]
    pub(super) state: String,
}

impl Listed {
    /// Whether it has a process.
    pub(super) fn runs(&self) -> bool {
        matches!(self.state.as_str(), "running" | "paused")
    }
}

/// `GET /containers/ID/json`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Inspected {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) created: String,
    #[serde(default)]
    pub(super) state: State,
    #[serde(default)]
    pub(super) host_config: HostConfig,
    #[serde(default)]
    pub(super) config: Config,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct State {
    pub(super) status: String,
    #[serde(rename = "OOMKilled")]
    pub(super) oom_killed: bool,
    pub(super) started_at: String,
    pub(super) finished_at: String,
    pub(super) health: Option<Health>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Health {
    pub(super) status: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct HostConfig {
    pub(super) nano_cpus: u64,
    pub(super) cpu_quota: i64,
    pub(super) cpu_period: i64,
    pub(super) memory: u64,
    pub(super) memory_reservation: u64,
    pub(super) restart_policy: RestartPolicy,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct RestartPolicy {
    pub(super) name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Config {
    pub(super) labels: Option<BTreeMap<String, String>>,
}

/// `GET /containers/ID/stats`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Stats {
    pub(super) read: String,
    pub(super) cpu_stats: CpuStats,
    pub(super) memory_stats: MemoryStats,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CpuStats {
    pub(super) cpu_usage: CpuUsage,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CpuUsage {
    pub(super) total_usage: u64,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MemoryStats {
    usage: Option<u64>,
    stats: BTreeMap<String, u64>,
}

impl MemoryStats {
    /// What is in use, files that the kernel would drop left out, as the docker command has it.
    pub(super) fn used(&self) -> Option<u64> {
        // cgroup version 1 and version 2.
        let dropped = ["total_inactive_file", "inactive_file"];
        let dropped = dropped.iter().find_map(|key| self.stats.get(*key)).copied();
        Some(self.usage?.saturating_sub(dropped.unwrap_or_default()))
    }
}
