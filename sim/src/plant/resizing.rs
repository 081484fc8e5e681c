//! Parts that request more or less than their stack lays down. What they use stays what it was.
//! Knows no policy.

use super::{Event, Phase, Tenant, World};
use crate::plant::design::PartDesign;
use seatrial_contract::units::{Bytes, MilliCores, Span};
use seatrial_contract::{Footprint, NodeId, TenantId, UnitId};
use seatrial_format::scenario::{Limits, Resizing};
use std::sync::Arc;

/// What a part requests, and what it may use at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    requested: Footprint,
    limit: Option<Footprint>,
}

impl Tenant {
    /// What a part requests.
    pub(crate) fn requested(&self, index: usize, part: &PartDesign) -> Footprint {
        self.sizes.as_ref().map_or(part.requested, |sizes| sizes[index].requested)
    }

    /// What a part may use at most.
    pub(crate) fn limit(&self, index: usize, part: &PartDesign) -> Option<Footprint> {
        self.sizes.as_ref().map_or(part.limit, |sizes| sizes[index].limit)
    }

    /// Whether a part was told to run: then its request is promised, started or not.
    pub(crate) fn is_told(&self, part: &PartDesign) -> bool {
        let lives = self.node.is_some() && self.phase != Phase::Gone;
        lives && part.stops_at.is_none_or(|at| self.stage < at)
    }
}

impl World {
    /// Has a part request something else from now on, if it requests what was thought and its machine
    /// has room for more.
    pub(crate) fn resize(
        &mut self,
        id: TenantId,
        unit: UnitId,
        from: Footprint,
        to: Footprint,
    ) -> bool {
        let tenant = &self.tenants[id.index()];
        let parts = self.design.parts(tenant);
        let index = unit.index().checked_sub(tenant.first_unit.index());
        let Some((index, part)) = index.and_then(|index| Some((index, parts.get(index)?))) else {
            return false;
        };
        let told = tenant.is_told(part);
        let fits = |node| !told || self.room(node).fits(to.minus(from));
        if tenant.requested(index, part) != from || !tenant.node.is_none_or(fits) {
            return false;
        }
        let limits = self.design.limits;
        let designed = |part: &PartDesign| Size { requested: part.requested, limit: part.limit };
        let mut sizes: Vec<Size> = match &tenant.sizes {
            Some(sizes) => sizes.to_vec(),
            None => parts.iter().map(designed).collect(),
        };
        let limit = part.limit.map(|limit| match limits {
            Limits::Kept => limit,
            Limits::Scaled => scaled(limit, part.requested, to),
        });
        sizes[index] = Size { requested: to, limit };
        let running = tenant.part_runs(index, part);
        self.tenants[id.index()].sizes = Some(Arc::from(sizes));
        self.measures.resizes += 1;
        if running && self.design.resizing == Resizing::Restart {
            self.restart(id, index);
        }
        self.refresh(id);
        self.check_limits(id);
        true
    }

    /// What a machine may still promise.
    fn room(&self, id: NodeId) -> Footprint {
        let node = &self.nodes[id.index()];
        let pool = self.view.pool(node.pool);
        let aboard = node.aboard.iter();
        let promised = aboard.map(|id| self.tenants[id.index()].draws.requested);
        let promised = promised.fold(Footprint::default(), Footprint::plus);
        let most = Footprint {
            cpu: node.capacity.cpu.part(pool.overcommit_cpu),
            memory: node.capacity.memory.part(pool.overcommit_memory),
        };
        most.minus(promised)
    }

    /// A part is taken down and comes back with its new size.
    fn restart(&mut self, id: TenantId, part: usize) {
        self.count_interruption(id);
        let tenant = &mut self.tenants[id.index()];
        tenant.restarting |= 1 << part;
        tenant.starts += 1;
        let turn = tenant.starts;
        let takes = self.start_takes(id, turn).max(Span::seconds(1));
        self.later(takes, Event::Revived(super::Turn(id, u16::try_from(part).unwrap_or(u16::MAX))));
    }
}

/// A limit that stays as many times the request as it was.
fn scaled(limit: Footprint, before: Footprint, after: Footprint) -> Footprint {
    let times = |limit: u64, before: u64, after: u64| {
        let product = u128::from(limit) * u128::from(after);
        u64::try_from(product / u128::from(before.max(1))).unwrap_or(u64::MAX)
    };
    Footprint {
        cpu: MilliCores(times(limit.cpu.0, before.cpu.0, after.cpu.0)),
        memory: Bytes(times(limit.memory.0, before.memory.0, after.memory.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::units::{Quantity, cores, mib, millicores};
    use seatrial_format::Style;

    const ANN: TenantId = TenantId(0);
    const APP: UnitId = UnitId(0);

    /// Ann and bob, each with one part of a core and a GiB, on a machine with so much memory.
    fn world(memory: Bytes, acting: &str) -> World {
        let text = format!(
            r#"
            title = "two"
            duration = "1 d"
            acting = {{ {acting} }}
            waking = {{ start_time = "100 s" }}
            [[stacks]]
            name = "app"
            [[stacks.parts]]
            name = "web"
            cpu = "1 cores"
            memory = "1 GiB"
            quiet = {{ cpu = "10 %", memory = "25 %" }}
            [[tiers]]
            name = "free"
            tenants = 2
            stack = "app"
            start = "awake"
            limit = {{ cpu = "2 cores", memory = "2 GiB" }}
            sessions = {{ gap = "9 d", length = "1 h" }}
            [[pools]]
            name = "workers"
            count = 1
            machine = {{ cpu = "8 cores", memory = "{memory}" }}
            price = "$1/h"
            "#
        );
        let opened = crate::open_text(&text, Some("[[policies]]\nkind = \"spread\""))
            .unwrap_or_else(|failure| panic!("{}", failure.render(Style::default())));
        let mut world = World::new(&opened.scenario, None, 5);
        world.launch(None);
        for id in [ANN, TenantId(1)] {
            world.rehome(id, Some(NodeId(0)));
            world.tenants[id.index()].phase = Phase::Settled;
            world.refresh(id);
        }
        world
    }

    fn footprint(cpu: &str, memory: &str) -> Footprint {
        Footprint { cpu: MilliCores::parse(cpu).unwrap(), memory: Bytes::parse(memory).unwrap() }
    }

    fn resize(world: &mut World, from: Footprint, to: Footprint) -> bool {
        let done = world.resize(ANN, APP, from, to);
        world.check_laws().unwrap_or_else(|law| panic!("{law}"));
        done
    }

    #[test]
    fn what_is_used_stays_what_it_was() {
        let mut world = world(mib(4_096), "resize = \"in-place\"");
        let before = world.tenants[ANN.index()].draws;
        assert_eq!(before.footprint, footprint("100 m", "256 MiB"));
        let to = footprint("150 m", "300 MiB");
        assert!(resize(&mut world, footprint("1 cores", "1 GiB"), to));
        let after = world.tenants[ANN.index()].draws;
        assert_eq!((after.footprint, after.requested), (before.footprint, to));
        let both = (world.measures.requested_cpu.value(), world.measures.requested_memory.value());
        assert_eq!(both, ((cores(1) + millicores(150)).0, mib(1_024 + 300).0));
    }

    #[test]
    fn what_has_no_room_or_was_decided_on_another_size_is_refused() {
        let mut world = world(mib(2_500), "");
        let is = footprint("1 cores", "1 GiB");
        // 2,048 of 2,500 MiB are promised.
        assert!(!resize(&mut world, is, footprint("1 cores", "1500 MiB")));
        assert!(!resize(
            &mut world,
            footprint("1 cores", "2 GiB"),
            footprint("1 cores", "512 MiB")
        ));
        assert!(!world.resize(TenantId(1), APP, is, is), "it is ann's");
        assert!(resize(&mut world, is, footprint("1 cores", "1400 MiB")));
    }

    #[test]
    fn a_part_restarts_unless_resized_in_place() {
        let (is, to) = (footprint("1 cores", "1 GiB"), footprint("1 cores", "512 MiB"));
        let mut restarts = world(mib(4_096), "");
        assert!(resize(&mut restarts, is, to));
        assert_eq!(restarts.tenants[ANN.index()].draws.footprint, Footprint::default());
        assert_eq!(restarts.tenants[ANN.index()].draws.requested, to, "its room is kept");
        restarts.revive(ANN, 0);
        assert_eq!(restarts.tenants[ANN.index()].draws.footprint, footprint("100 m", "256 MiB"));
    }

    #[test]
    fn a_limit_that_follows_the_request_kills_what_uses_more() {
        let (is, to) = (footprint("1 cores", "1 GiB"), footprint("1 cores", "100 MiB"));
        let mut kept = world(mib(4_096), "resize = \"in-place\"");
        assert!(resize(&mut kept, is, to));
        assert_eq!(kept.tenants[ANN.index()].killed, 0);
        // Twice the request, as it was, is 200 MiB; 256 are used.
        let mut scaled = world(mib(4_096), "resize = \"in-place\", limits = \"scaled\"");
        assert!(resize(&mut scaled, is, to));
        assert_eq!(scaled.tenants[ANN.index()].killed, 1);
    }
}
