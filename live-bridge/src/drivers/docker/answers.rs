//! The parts of an engine's answers that are read. What is left out of an answer has a default that
//! claims nothing.

use crate::config::Labels;
use serde::Deserialize;
use serde::de::{Error, SeqAccess, Visitor};
use std::collections::BTreeMap;

/// `GET /info`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Info {
    #[serde(rename = "NCPU", default)]
    pub(super) processors: u64,
    #[serde(default)]
    pub(super) mem_total: u64,
    /// What the engine's clock says.
    #[serde(default)]
    pub(super) system_time: String,
    /// `key=value`
    #[serde(default)]
    labels: Option<Vec<String>>,
}

impl Info {
    /// Keeps the labels that are read.
    pub(super) fn compact(&mut self, labels: &Labels) {
        let ours =
            |label: &String| label.starts_with(&labels.prefix) && label.len() <= 2 * NAME_MAX;
        let all = self.labels.iter_mut().flatten();
        self.labels = Some(all.filter(|label| ours(label)).map(core::mem::take).take(32).collect());
    }

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
    names: Option<Vec<String>>,
    #[serde(default)]
    pub(super) state: String,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
}

/// All that an engine lists.
#[derive(Debug)]
pub(super) struct Listing(pub(super) Vec<Listed>);

/// No engine runs more: Docker itself is tried with a thousand.
const CONTAINERS_MAX: usize = 4_000;

impl<'de> Deserialize<'de> for Listing {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Listing;
            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("a list of containers")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Listing, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = list.next_element::<Listed>()? {
                    if all.len() == CONTAINERS_MAX {
                        return Err(A::Error::custom(format!(
                            "more than {CONTAINERS_MAX} containers; remove those that no longer run"
                        )));
                    }
                    all.push(one);
                }
                Ok(Listing(all))
            }
        }
        from.deserialize_seq(All)
    }
}

/// Longer names and labels are left out: nothing that policies know is called so.
pub(super) const NAME_MAX: usize = 255;

impl Listed {
    /// Whether it has a process.
    pub(super) fn runs(&self) -> bool {
        matches!(self.state.as_str(), "running" | "paused")
    }

    /// Whether the id can be asked for: anything else would be another question.
    pub(super) fn is_named(&self) -> bool {
        let fits = (1..=128).contains(&self.id.len());
        fits && self.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    }

    /// Keeps what is read.
    pub(super) fn compact(&mut self, labels: &Labels) {
        if let Some(all) = &mut self.labels {
            let ours = |key: &str| key.starts_with(&labels.prefix) && key.len() <= NAME_MAX;
            all.retain(|key, value| ours(key) && value.len() <= NAME_MAX);
        }
        // The words for states are short.
        if self.state.len() > NAME_MAX {
            self.state = String::new();
        }
        if let Some(names) = &mut self.names {
            names.truncate(1);
            names.retain(|name| name.len() <= NAME_MAX);
        }
    }

    /// What people call it.
    pub(super) fn name(&self) -> &str {
        let name = self.names.iter().flatten().find(|name| name.len() <= NAME_MAX);
        name.map_or(self.id.as_str(), |name| name.trim_start_matches('/'))
    }

    /// Whose it says that it is, and which of theirs.
    pub(super) fn whose(&self, labels: &Labels) -> Option<(String, String)> {
        let all = self.labels.as_ref()?;
        let label = |key: &str| {
            let value = all.get(&format!("{}{key}", labels.prefix))?;
            (!value.is_empty() && value.len() <= NAME_MAX).then(|| value.clone())
        };
        Some((label("tenant")?, label("unit").unwrap_or_else(|| self.name().to_owned())))
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

impl Inspected {
    /// Keeps what is read, and says whether something was left out for its length.
    pub(super) fn compact(&mut self, labels: &Labels) -> bool {
        let mut long = false;
        if let Some(all) = &mut self.config.labels {
            all.retain(|key, _| key.starts_with(&labels.prefix) && key.len() <= NAME_MAX);
            let before = all.len();
            all.retain(|_, value| value.len() <= NAME_MAX);
            long = all.len() < before;
            // Ours are six.
            while all.len() > 32 {
                all.pop_last();
            }
        }
        let State { status, started_at, finished_at, health, .. } = &mut self.state;
        let words = [&mut self.name, &mut self.created, status, started_at, finished_at];
        let health = health.as_mut().map(|health| &mut health.status);
        let policy = &mut self.host_config.restart_policy.name;
        for word in words.into_iter().chain(health).chain([policy]) {
            if word.len() > NAME_MAX + 1 {
                long = true;
                *word = String::new();
            }
        }
        long
    }
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
        // A container that runs uses some: none at all is a counter that says nothing.
        let usage = self.usage.filter(|usage| *usage > 0)?;
        Some(usage.saturating_sub(dropped.unwrap_or_default()))
    }
}
