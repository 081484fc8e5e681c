//! Every policy there is, by the word that names it in a policy file. A new one is a file beside
//! this one and a line here.

use crate::best_fit::BestFit;
use crate::connection_budget::{ConnectionBudget, ConnectionBudgetPolicy};
use crate::hpa::{Hpa, HpaPolicy};
use crate::idle_ladder::{IdleLadder, IdleLadderPolicy};
use crate::least_loaded::LeastLoaded;
use crate::pack::{Pack, PackPolicy};
use crate::placing::Placing;
use crate::pre_wake::{PreWake, PreWakePolicy};
use crate::right_size::{RightSize, RightSizePolicy};
use crate::spread::Spread;
use crate::threshold::{Threshold, ThresholdPolicy};
use crate::wake_admission::{WakeAdmission, WakeAdmissionPolicy};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use seatrial_contract::config::Located;
use seatrial_contract::{Input, Policy, choice};

choice! {
    /// One policy and its configuration.
    pub enum PolicyConfig {
        /// Lets only so many tenants start at the same time, the most urgent first.
        WakeAdmission(WakeAdmission) = "wake-admission",
        /// Places tenants on the machine with the lowest weighted load.
        LeastLoaded(LeastLoaded) = "least-loaded",
        /// Places tenants where the least room stays unused.
        BestFit(BestFit) = "best-fit",
        /// Places tenants where the fewest are, zone by zone.
        Spread(Spread) = "spread",
        /// Orders and gives back machines by thresholds on their use.
        Threshold(Threshold) = "threshold",
        /// Empties machines whose tenants fit elsewhere, gently.
        Pack(Pack) = "pack",
        /// Wakes sleepers before they are likely to be wanted.
        PreWake(PreWake) = "pre-wake",
        /// Lets idle tenants sleep, step by step, and wakes them.
        IdleLadder(IdleLadder) = "idle-ladder",
        /// Has containers ask for what they are seen to need.
        RightSize(RightSize) = "right-size",
        /// Keeps connections to databases for each tier, and lends those that are not used.
        ConnectionBudget(ConnectionBudget) = "connection-budget",
        /// Scales services by their use, as the HorizontalPodAutoscaler of Kubernetes does.
        Hpa(Hpa) = "hpa",
    }
}

impl PolicyConfig {
    /// The policy, with nothing remembered yet.
    #[must_use]
    pub fn start(&self) -> Box<dyn Policy> {
        match self {
            Self::WakeAdmission(config) => Box::new(WakeAdmissionPolicy::new(config.clone())),
            Self::Pack(config) => Box::new(PackPolicy::new(config.clone())),
            Self::RightSize(config) => Box::new(RightSizePolicy::new(config.clone())),
            Self::PreWake(config) => Box::new(PreWakePolicy::new(config.clone())),
            Self::LeastLoaded(config) => Box::new(Placing::new(config.clone())),
            Self::BestFit(config) => Box::new(Placing::new(config.clone())),
            Self::Spread(config) => Box::new(Placing::new(config.clone())),
            Self::Threshold(config) => Box::new(ThresholdPolicy::new(config.clone())),
            Self::IdleLadder(config) => Box::new(IdleLadderPolicy::new(config.clone())),
            Self::ConnectionBudget(config) => Box::new(ConnectionBudgetPolicy::new(config.clone())),
            Self::Hpa(config) => Box::new(HpaPolicy::new(config.clone())),
        }
    }

    /// The word that names it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::WakeAdmission(_) => "wake-admission",
            Self::PreWake(_) => "pre-wake",
            Self::Pack(_) => "pack",
            Self::RightSize(_) => "right-size",
            Self::LeastLoaded(_) => "least-loaded",
            Self::BestFit(_) => "best-fit",
            Self::Spread(_) => "spread",
            Self::Threshold(_) => "threshold",
            Self::IdleLadder(_) => "idle-ladder",
            Self::ConnectionBudget(_) => "connection-budget",
            Self::Hpa(_) => "hpa",
        }
    }

    /// What it measures by.
    #[must_use]
    pub fn inputs(&self) -> Vec<Input> {
        match self {
            Self::LeastLoaded(_) => [Input::MachineUse, Input::Waiting].into(),
            Self::WakeAdmission(_) | Self::BestFit(_) | Self::Spread(_) => [Input::Waiting].into(),
            Self::Pack(_) => [Input::MachineUse, Input::Sessions, Input::Waiting].into(),
            Self::RightSize(_) => [Input::ContainerUse, Input::Sessions, Input::Waiting].into(),
            Self::PreWake(_) => [Input::Sessions, Input::Waiting].into(),
            Self::Threshold(config) => config.inputs(),
            Self::IdleLadder(config) => config.inputs(),
            Self::ConnectionBudget(_) => [Input::Connections].into(),
            Self::Hpa(config) => config.inputs(),
        }
    }

    /// The tiers it names, so that a host can say which do not exist.
    #[must_use]
    pub fn tiers(&self) -> Vec<&Located<String>> {
        match self {
            Self::IdleLadder(config) => config.tiers.0.iter().map(|entry| &entry.0).collect(),
            Self::ConnectionBudget(config) => config.shares.0.iter().map(|of| &of.0).collect(),
            _ => Vec::new(),
        }
    }

    /// The stages of sleep it names, so that a host can say which do not exist.
    #[must_use]
    pub fn stages(&self) -> Vec<&Located<String>> {
        match self {
            Self::IdleLadder(config) => config.stages().collect(),
            _ => Vec::new(),
        }
    }

    /// The services it names, so that a host can say which do not exist.
    #[must_use]
    pub fn services(&self) -> Vec<&Located<String>> {
        match self {
            Self::Hpa(config) => config.services.0.iter().map(|entry| &entry.0).collect(),
            _ => Vec::new(),
        }
    }

    /// The pools it names, so that a host can say which do not exist.
    #[must_use]
    pub fn pools(&self) -> Vec<&Located<String>> {
        match self {
            Self::Threshold(config) => config.pools.iter().flatten().collect(),
            _ => Vec::new(),
        }
    }
}
