//! How a cluster is observed: how often, how late, what a scrape brings and what it misses. Looks at nothing.

use crate::missed::Missed;
use crate::services_scrape::ServicesScrape;
use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_contract::view::{Connections, Database};
use seatrial_contract::{DatabaseId, NodeId, PoolerId, TenantId, TierId};
use seatrial_fleet::nodes::Node;
use seatrial_fleet::tenants::Tenant;
use seatrial_format::scenario::Sensing as File;
use std::collections::VecDeque;

/// How the cluster is observed, and what is to be written at the next scrape.
pub(crate) struct Sensing {
    pub(crate) every: Span,
    pub(crate) delay: Span,
    pub(crate) loss: Ppm,
    pub(crate) scrapes: u64,
    /// Machines that a scrape does not reach.
    pub(crate) missed: Missed,
    /// Scrapes on their way.
    pub(crate) late: VecDeque<Scrape>,
    /// Those with a pool for each tier, by their places in the scenario.
    pub(crate) poolers: Vec<usize>,
    pub(crate) buffer: Scrape,
}

/// What one scrape saw.
#[derive(Clone, Default)]
pub(crate) struct Scrape {
    pub(crate) at: Moment,
    pub(crate) nodes: Vec<(NodeId, Node)>,
    pub(crate) tenants: Vec<(TenantId, Tenant)>,
    pub(crate) connections: Vec<(PoolerId, TierId, Connections)>,
    pub(crate) services: ServicesScrape,
    pub(crate) databases: Vec<(DatabaseId, Option<Database>)>,
    pub(crate) missed: Vec<NodeId>,
}

impl Sensing {
    pub(crate) fn new(file: &File, poolers: Vec<usize>, starts: Moment) -> Self {
        Self {
            every: file.every.value.max(Span::millis(1)),
            delay: file.delay.value,
            loss: file.loss.value,
            scrapes: 0,
            missed: Missed::new(file, starts),
            late: VecDeque::new(),
            poolers,
            buffer: Scrape::default(),
        }
    }
}
