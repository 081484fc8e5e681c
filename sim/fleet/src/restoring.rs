//! Data of tenants whose machine was lost: whether there is any elsewhere, how old it is, and how long it takes
//! until another machine has it. Backups come back through one link that all share, with those of databases
//! (`backups`). Decides on nobody.

pub mod backups;

use crate::disks::Disks;
use crate::link::{End, Link};
use crate::tenants::{Phase, Visits};
use crate::{Event, Fleet, Hosts, Turn, usage};
use backups::Backups;
use core::cmp::Reverse;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, NodeId, Purpose, TenantId, TierId};
use seatrial_format::scenario::{Data, Failover, Restoring as File, Scenario};
use seatrial_kernel::chance::Distribution;
use seatrial_traffic::distributions::distribution;
use std::collections::BTreeSet;

/// How long there have been backups when a run begins.
const BEFORE: Span = Span::days(365);
const PHASE: Purpose = Purpose::new("backup phase");
const SUCCEEDS: Purpose = Purpose::new("backup succeeds");
const ATTACHES: Purpose = Purpose::new("storage attaches");
const VERIFIES: Purpose = Purpose::new("restore verified");

/// What is being restored, and what is to be.
pub struct Restoring {
    pub(crate) link: Link<OnLink>,
    /// Disks and networks of machines with which something is wrong.
    pub(crate) disks: Disks,
    /// So many reasons why where backups are kept is lost.
    out: u32,
    /// Databases that policies see, by their places in the file.
    pub(crate) seen: Vec<u16>,
    /// Of databases, by their places in the file.
    pub(crate) databases: Vec<Option<Backups>>,
    each: u64,
    at_once: usize,
    verifies: Distribution,
    of_tier: Vec<DataOf>,
    /// Those whose machine has not got their data.
    needs: BTreeSet<TenantId>,
    /// Those whose turn has not come, the most urgent first.
    waiting: BTreeSet<(Reverse<u8>, TenantId)>,
}

/// Who is on the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OnLink {
    /// A tenant that is restored.
    Tenant(TenantId),
    /// A database that is backed up.
    Backup(u16),
    /// A database that is restored, or another beside it.
    Restore(u16),
    /// A backup of a database that is copied off site.
    OffSite(u16),
}

/// Where the data of a tier lies.
enum DataOf {
    Machine,
    Network(Distribution),
    Backups { every: Span, bytes: u64, succeed: u32 },
}

/// Databases of a scenario that policies see, by their places in the file.
fn seen(scenario: &Scenario) -> Vec<u16> {
    let all = (0..).zip(&scenario.databases);
    let is_seen = all.filter(|(_, of)| {
        of.backups.is_some() || matches!(of.failover, Some(Failover::ByPolicy(_)))
    });
    is_seen.map(|(at, _)| at).collect()
}

impl Restoring {
    /// How a scenario restores.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let File { link, each, at_once, verifies, place: _ } = &scenario.restoring;
        let data = |data: &Data| match data {
            Data::OnNetwork(of) => DataOf::Network(distribution(&of.attaches)),
            Data::OnMachine(of) => match &of.backups {
                None => DataOf::Machine,
                Some(backups) => DataOf::Backups {
                    every: backups.every.value.max(Span::minutes(1)),
                    bytes: backups.size.value.0,
                    succeed: backups.succeed.value.0,
                },
            },
        };
        let most = at_once.as_ref().map(|most| usize::try_from(most.value.get()));
        Self {
            link: Link::new(link.value.0),
            disks: Disks::default(),
            out: 0,
            seen: seen(scenario),
            databases: scenario.databases.iter().map(Backups::new).collect(),
            each: each.value.0.max(1),
            at_once: most.and_then(Result::ok).unwrap_or(usize::MAX),
            verifies: distribution(verifies),
            of_tier: scenario.tiers.iter().map(|tier| data(&tier.data)).collect(),
            needs: BTreeSet::new(),
            waiting: BTreeSet::new(),
        }
    }

    /// Whether there is data of a tier's tenants elsewhere than on their machine.
    pub(crate) fn is_elsewhere(&self, tier: TierId) -> bool {
        !matches!(self.of_tier.get(tier.index()), None | Some(DataOf::Machine))
    }

    /// How fast a tenant is restored at the most: hardly at all where its backup is out of reach.
    fn each(&self) -> u64 {
        if self.out > 0 { 1 } else { self.each }
    }

    /// Whether a tier's tenants have their data on their machine.
    pub(crate) fn is_on_machine(&self, tier: TierId) -> bool {
        !matches!(self.of_tier.get(tier.index()), None | Some(DataOf::Network(_)))
    }

    /// How old the last backup of a tenant is that can be restored; nothing where there is no need for one.
    fn backup_age(&self, id: TenantId, tier: TierId, at: Moment, dice: Dice) -> Option<Span> {
        let Some(DataOf::Backups { every, succeed, .. }) = self.of_tier.get(tier.index()) else {
            return None;
        };
        let entity = u64::from(id.0);
        // Backups were made before the run too.
        let now = at.0.saturating_add(BEFORE.0);
        let phase = dice.stream(entity, PHASE).below(every.0);
        let mut number = now.saturating_sub(phase) / every.0;
        let succeeds =
            |number| dice.turn(entity, SUCCEEDS, number).below(1_000_000) < u64::from(*succeed);
        while number > 0 && !succeeds(number) {
            number -= 1;
        }
        Some(Span(now.saturating_sub(phase + number * every.0)))
    }
}

/// Somebody begins to write at a tenant: what is not saved of it begins now, if all before is.
pub(crate) fn writes<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let (now, tenant) = (fleet.now(), &fleet.tenants[id.index()]);
    let age = fleet.restoring.backup_age(id, tenant.tier, now, fleet.dice);
    if age.is_some_and(|age| now.since(tenant.visits.unsaved) >= age) {
        fleet.tenants[id.index()].visits.unsaved = now;
    }
}

/// How old the oldest write is that is lost with a tenant's machine that was lost then: nothing where none is.
fn lost_age<E: Hosts>(fleet: &Fleet<E>, id: TenantId, at: Moment) -> Span {
    let tenant = &fleet.tenants[id.index()];
    let age = fleet.restoring.backup_age(id, tenant.tier, at, fleet.dice).unwrap_or(Span::ZERO);
    let bots = fleet.design.parts(tenant).iter().any(|part| part.bots > 0 && tenant.is_told(part));
    let Visits { unsaved, in_session, last_active, .. } = tenant.visits;
    let has_written = unsaved > Moment::START;
    if has_written && at.since(unsaved) < age {
        return at.since(unsaved);
    }
    // What it was at when it was saved went on, or bots never stop.
    let went_on = has_written && (in_session || at.since(last_active) < age);
    if bots || went_on { age } else { Span::ZERO }
}

/// A tenant's machine, or its disk, is given up: it needs its data from elsewhere.
pub(crate) fn needs_data<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let tier = fleet.tenants[id.index()].tier;
    let since = fleet.measures.machines.losses.since(id);
    let at = since.unwrap_or_else(|| fleet.tenants[id.index()].since);
    let lost = match fleet.restoring.of_tier.get(tier.index()) {
        Some(DataOf::Backups { .. }) => Some(lost_age(fleet, id, at)),
        Some(DataOf::Network(_)) => Some(Span::ZERO),
        Some(DataOf::Machine) | None => None,
    };
    if fleet.restoring.needs.insert(id) {
        fleet.measures.machines.losses.restores(tier, lost);
    }
    fleet.tenants[id.index()].visits.unsaved = Moment::START;
}

/// A tenant is to start on its machine: whether its data has to come there first, which it then begins to.
pub(crate) fn begin<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) -> bool {
    if !fleet.restoring.needs.contains(&id) {
        return false;
    }
    let now = fleet.now();
    let tenant = &mut fleet.tenants[id.index()];
    tenant.starts.count += 1;
    tenant.starts.turn = tenant.starts.count;
    let (tier, turn) = (tenant.tier, tenant.starts.turn);
    match &fleet.restoring.of_tier[tier.index()] {
        DataOf::Machine => {
            // There is none: it begins with nothing.
            fleet.restoring.needs.remove(&id);
            return false;
        }
        DataOf::Network(attaches) => {
            let takes =
                attaches.sample(&mut fleet.dice.turn(u64::from(id.0), ATTACHES, turn.into()));
            is_there_after(fleet, id, takes);
        }
        DataOf::Backups { .. } => {
            let priority = fleet.design.tier(tier).priority;
            fleet.restoring.waiting.insert((Reverse(priority as u8), id));
        }
    }
    let tenant = &mut fleet.tenants[id.index()];
    (tenant.phase, tenant.since) = (Phase::Restoring, now);
    usage::refresh(fleet, id);
    go_on(fleet);
    true
}

/// Those whose turn it is come onto the link, and those who are through leave it.
pub(crate) fn go_on<E: Hosts>(fleet: &mut Fleet<E>) {
    let now = fleet.now();
    fleet.restoring.link.settle(now);
    for of in fleet.restoring.link.through() {
        match of {
            OnLink::Tenant(id) => verify(fleet, id),
            OnLink::Backup(database) => backups::made(fleet, database),
            OnLink::Restore(database) => backups::fetched(fleet, database),
            OnLink::OffSite(database) => backups::copied(fleet, database),
        }
    }
    let mut moving = fleet.restoring.link.count(|of| matches!(of, OnLink::Tenant(_)));
    while moving < fleet.restoring.at_once
        && let Some((_, id)) = fleet.restoring.waiting.pop_first()
    {
        moving += 1;
        let tier = fleet.tenants[id.index()].tier;
        let bytes = match fleet.restoring.of_tier[tier.index()] {
            DataOf::Backups { bytes, .. } => bytes,
            DataOf::Machine | DataOf::Network(_) => 0,
        };
        let end = fleet.tenants[id.index()].node.map(|node| end(fleet, node));
        let each = fleet.restoring.each();
        fleet.restoring.link.put(OnLink::Tenant(id), bytes, each, end);
    }
    if let Some((after, turn)) = fleet.restoring.link.share() {
        fleet.later(after, Event::DataMoves(turn));
    }
    backups::slow_queries(fleet);
}

/// A machine as an end of the link.
fn end<E: Hosts>(fleet: &Fleet<E>, id: NodeId) -> End {
    let pool = fleet.nodes[id.index()].pool;
    let whole = fleet.design.pools[pool.index()].takes_in;
    End { number: id.0, takes: fleet.restoring.disks.takes_in(id, whole) }
}

/// A machine takes more or less from the link from now on.
pub(crate) fn machine_takes<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId) {
    let (now, end) = (fleet.now(), end(fleet, id));
    fleet.restoring.link.settle(now);
    fleet.restoring.link.end_takes(end);
    go_on(fleet);
}

/// The next on the link is through, unless others have come or gone.
pub(crate) fn moves<E: Hosts>(fleet: &mut Fleet<E>, turn: u16) {
    if fleet.restoring.link.is_turn(turn) {
        go_on(fleet);
    }
}

fn verify<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let turn = u64::from(fleet.tenants[id.index()].starts.turn);
    let mut stream = fleet.dice.turn(u64::from(id.0), VERIFIES, turn);
    let takes = fleet.restoring.verifies.sample(&mut stream);
    is_there_after(fleet, id, takes);
}

/// Where backups are kept is lost, or there is one reason less why: what is restored from there stands still.
pub fn lose_store<E: Hosts>(fleet: &mut Fleet<E>, so: bool) {
    let out = &mut fleet.restoring.out;
    let was_out = *out > 0;
    *out = if so { *out + 1 } else { out.saturating_sub(1) };
    if was_out == (fleet.restoring.out > 0) {
        return;
    }
    let now = fleet.now();
    fleet.restoring.link.settle(now);
    backups::hide(fleet, so);
    let each = fleet.restoring.each();
    fleet.restoring.link.limit(|of| matches!(of, OnLink::Tenant(_)), each);
    go_on(fleet);
}

/// The link carries only so many millionths of what it could, or no longer so few.
pub fn slow_link<E: Hosts>(fleet: &mut Fleet<E>, to: u64, so: bool) {
    let now = fleet.now();
    fleet.restoring.link.settle(now);
    fleet.restoring.link.slow(to, so);
    go_on(fleet);
}

fn is_there_after<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, takes: Span) {
    #[expect(clippy::cast_possible_truncation, reason = "its low bits, as the event says")]
    let turn = fleet.tenants[id.index()].starts.turn as u16;
    fleet.later(takes, Event::DataThere(Turn(id, turn)));
}

/// A tenant's data is on its machine: whether it is still wanted there, so that it starts.
pub(crate) fn is_there<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, turn: u16) -> bool {
    let tenant = &fleet.tenants[id.index()];
    #[expect(clippy::cast_possible_truncation, reason = "compared by its low bits")]
    let is_wanted = tenant.phase == Phase::Restoring && tenant.starts.turn as u16 == turn;
    is_wanted && fleet.restoring.needs.remove(&id)
}

/// Nobody waits for a tenant's data on its machine any more.
pub(crate) fn abandon<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let now = fleet.now();
    fleet.restoring.link.settle(now);
    let was_moving = fleet.restoring.link.take(OnLink::Tenant(id));
    fleet.restoring.waiting.retain(|(_, other)| *other != id);
    if was_moving {
        go_on(fleet);
    }
}

/// A tenant has left for good.
pub(crate) fn forget<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    if fleet.restoring.needs.remove(&id) {
        abandon(fleet, id);
    }
}
