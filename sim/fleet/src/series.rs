//! What tenants, machines, replicas and the bill are like over time. Changes nothing that anybody else reads.

use crate::measures::TierMeasures;
use crate::{Fleet, Hosts, bill};
use seatrial_record::Unit;
use seatrial_traffic::sheet::{Row, Sheet};

/// Every series of tenants, machines and money, in a fixed order.
pub fn read<E: Hosts>(fleet: &mut Fleet<E>, sheet: &mut Sheet) {
    if !fleet.design.tiers.is_empty() {
        tenants(fleet, sheet);
    }
    pools(fleet, sheet);
    replicas(fleet, sheet);
    spend(fleet, sheet);
}

fn tenants<E: Hosts>(fleet: &mut Fleet<E>, sheet: &mut Sheet) {
    let measures = &mut fleet.measures;
    sheet.level(Row::count("serving", "run", ""), &mut measures.serving, 1);
    for (name, level) in fleet.design.names.stages.iter().zip(&mut measures.stages) {
        sheet.level(Row::count("tenants", "stage", name), level, 1);
    }
    for (design, tier) in fleet.design.tiers.iter().zip(&mut measures.tiers) {
        let row = |series| Row::count(series, "tier", &design.name);
        sheet.level(row("tenants"), &mut tier.present, 1);
        sheet.level(row("awake"), &mut tier.awake, 1);
        sheet.level(row("active"), &mut tier.active, 1);
        sheet.level(row("waiting"), &mut tier.waiting.tenants, 1);
        let TierMeasures { logins, unserved, wakes, kills, .. } = *tier;
        sheet.sum(row("logins"), logins);
        sheet.sum(row("logins_unserved"), unserved);
        sheet.sum(row("wakes"), wakes);
        sheet.sum(row("kills"), kills);
        let wait = row("wake_wait").unit(Unit::Seconds);
        sheet.times(wait, core::iter::once(&tier.wake_waits));
    }
    let counts = measures.counts;
    sheet.sum(Row::count("hibernations", "run", ""), counts.hibernations);
    sheet.sum(Row::count("moves", "run", ""), counts.moves);
}

/// A core in millicores.
const CORE: u64 = 1_000;

fn pools<E: Hosts>(fleet: &mut Fleet<E>, sheet: &mut Sheet) {
    for pool in &mut fleet.measures.machines.pools {
        let row = |series| Row::count(series, "pool", &pool.name);
        let levels = &mut pool.levels;
        sheet.level(row("machines"), &mut pool.ready, 1);
        sheet.level(row("machines_booting"), &mut levels.booting, 1);
        sheet.level(row("machines_down"), pool.outages.level(), 1);
        let cores = |series| row(series).unit(Unit::Cores);
        sheet.level(cores("cpu_capacity"), &mut levels.capacity.cpu, CORE);
        sheet.level(cores("cpu_promisable"), &mut levels.promisable.cpu, CORE);
        sheet.level(cores("cpu_requested"), &mut levels.requested.cpu, CORE);
        sheet.level(cores("cpu_used"), &mut levels.used.cpu, CORE);
        let bytes = |series| row(series).unit(Unit::Bytes);
        sheet.level(bytes("memory_capacity"), &mut levels.capacity.memory, 1);
        sheet.level(bytes("memory_promisable"), &mut levels.promisable.memory, 1);
        sheet.level(bytes("memory_requested"), &mut levels.requested.memory, 1);
        sheet.level(bytes("memory_used"), &mut levels.used.memory, 1);
    }
}

fn replicas<E: Hosts>(fleet: &mut Fleet<E>, sheet: &mut Sheet) {
    for service in &mut fleet.replicas.services {
        let (name, ready, memory) = service.levels();
        sheet.level(Row::count("replicas_ready", "service", name), ready, 1);
        let memory_used = Row::count("memory_used", "service", name).unit(Unit::Bytes);
        sheet.level(memory_used, memory, 1);
    }
}

/// What machines, servers and stores have cost.
fn spend<E: Hosts>(fleet: &Fleet<E>, sheet: &mut Sheet) {
    let pools = fleet.design.pools.iter().map(|pool| ("pool", &pool.name));
    let servers = fleet.design.servers.iter().map(|server| ("server", &server.name));
    let stores = fleet.ledger.objects.iter().map(|store| ("objects", &store.name));
    let costs = bill::costs_until(fleet, sheet.now());
    for ((kind, name), cost) in pools.chain(servers).chain(stores).zip(costs) {
        let row = Row::count("spend", kind, name).unit(Unit::Dollars);
        sheet.amount(row, cost.as_units());
    }
}
