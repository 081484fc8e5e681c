//! What each tenant, machine, replica and database is going through, and since when: kept so that a state is told when
//! it is over. Knows no world, and keeps nothing that is over.

use seatrial_contract::Action;
use seatrial_contract::units::Moment;
use seatrial_contract::{NodeId, Stage};
use seatrial_record::LifeSink;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whoever wants to be told, and what they were not told yet.
pub(crate) struct Living {
    pub(crate) sink: Arc<dyn LifeSink>,
    /// Tenants, machines, replicas and databases by their numbers; nothing for what is gone.
    pub(crate) tenants: Vec<Option<Known>>,
    pub(crate) nodes: Vec<Option<Known>>,
    pub(crate) replicas: Vec<Option<(Known, u32)>>,
    pub(crate) databases: Vec<(u16, Known)>,
    pub(crate) names: MachineNames,
    /// By service, the places of its replicas that are free again; and how many there ever were.
    pub(crate) places: Vec<(BTreeSet<u32>, u32)>,
}

/// What machines are called, as far as they were seen.
#[derive(Default)]
pub(crate) struct MachineNames {
    pub(crate) all: Vec<String>,
    /// How many of each pool have a name.
    pub(crate) of_pool: Vec<u32>,
}

/// What something is going through.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) state: State,
    pub(crate) on: Option<NodeId>,
    pub(crate) from: Moment,
    pub(crate) cause: Cause,
}

/// What something can go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Awake,
    Asleep(Stage),
    /// Somebody is there, and nothing was begun yet.
    Waiting,
    Queued,
    /// The same, of one that slept before.
    QueuedToWake,
    Waking,
    Starting,
    Restoring,
    Homeless,
    Down,
    Booting,
    Ready,
    Cordoned,
    Draining,
    Pending,
    Lost,
    Ending,
    Up,
}

/// What brought something about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cause {
    #[default]
    Own,
    /// The decision of that number.
    Decision(u64),
    /// The fault that has this place among all, that struck then.
    Fault(usize, Moment),
}

/// What happens meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Meanwhile {
    /// An event of the world.
    Event,
    /// An action is done.
    Action(Action),
}

impl State {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Awake => "awake",
            Self::Asleep(_) => "asleep",
            Self::Waiting => "waiting",
            Self::Queued | Self::QueuedToWake => "queued",
            Self::Waking => "waking",
            Self::Starting => "starting",
            Self::Restoring => "restoring",
            Self::Homeless => "homeless",
            Self::Down => "down",
            Self::Booting => "booting",
            Self::Ready => "ready",
            Self::Cordoned => "cordoned",
            Self::Draining => "draining",
            Self::Pending => "pending",
            Self::Lost => "lost",
            Self::Ending => "ending",
            Self::Up => "up",
        }
    }

    /// Whether it is one that something else must have brought about.
    pub(crate) const fn is_loss(self) -> bool {
        matches!(self, Self::Down | Self::Lost)
    }

    /// Which stage of sleep it is.
    pub(crate) const fn stage(self) -> Option<Stage> {
        match self {
            Self::Asleep(stage) => Some(stage),
            Self::Awake
            | Self::Waiting
            | Self::Queued
            | Self::QueuedToWake
            | Self::Waking
            | Self::Starting
            | Self::Restoring
            | Self::Homeless
            | Self::Down
            | Self::Booting
            | Self::Ready
            | Self::Cordoned
            | Self::Draining
            | Self::Pending
            | Self::Lost
            | Self::Ending
            | Self::Up => None,
        }
    }

    /// Whether it leads from sleep to being awake.
    pub(crate) const fn is_before_waking(self) -> bool {
        matches!(self, Self::Asleep(_) | Self::Waiting | Self::QueuedToWake | Self::Waking)
    }
}

impl Known {
    /// Whether it is in another state than this.
    pub(crate) fn is_other(&self, state: State, on: Option<NodeId>) -> bool {
        self.state != state || self.on != on
    }
}

impl Living {
    pub(crate) fn new(sink: Arc<dyn LifeSink>) -> Self {
        Self {
            sink,
            tenants: Vec::new(),
            nodes: Vec::new(),
            replicas: Vec::new(),
            databases: Vec::new(),
            names: MachineNames::default(),
            places: Vec::new(),
        }
    }

    /// A place for one more replica of a service.
    pub(crate) fn take_place(&mut self, service: usize) -> u32 {
        if self.places.len() <= service {
            self.places.resize_with(service + 1, Default::default);
        }
        let (free, ever) = &mut self.places[service];
        free.pop_first().unwrap_or_else(|| {
            *ever += 1;
            *ever
        })
    }
}
