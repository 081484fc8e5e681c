//! Whether a tenant can live at all: its containers on some machine, their use below their limits.

use super::presence::peopled;
use super::{at, each, grouped};
use crate::scenario::{Part, Pool, Scenario, Stack, Tier};
use seatrial_contract::config::{Located, Path, Problems};
use std::collections::{BTreeMap, BTreeSet};

/// What can be asked for and what can be promised, in sums that cannot overflow.
#[derive(Clone, Copy, Default)]
struct Sum {
    /// Millicores.
    cpu: u128,
    /// Bytes.
    memory: u128,
}

/// More pairs of pools and tiers than this are told to be too many, which is enough.
const PAIRS_MAX: usize = 1_000_000;

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    if scenario.tiers.len() * scenario.pools.len() > PAIRS_MAX {
        return;
    }
    let stacks: BTreeMap<&str, &Stack> =
        scenario.stacks.iter().map(|stack| (stack.name.as_str(), stack)).collect();
    let peopled = peopled(scenario);
    let pools: Vec<Home<'_>> = scenario.pools.iter().map(Home::new).collect();
    each("tiers", &scenario.tiers, |path, tier| {
        let Some(stack) = stacks.get(tier.stack.value.as_str()) else { return };
        if peopled.contains(tier.name.as_str()) {
            fits(tier, stack, &pools, path, problems);
        }
        limits(tier, stack, path, problems);
    });
}

/// A pool and whom it takes.
struct Home<'a> {
    pool: &'a Pool,
    tiers: Option<BTreeSet<&'a str>>,
}

impl<'a> Home<'a> {
    fn new(pool: &'a Pool) -> Self {
        let names = |tiers: &'a Vec<_>| tiers.iter().map(named).collect();
        Self { pool, tiers: pool.tiers.as_ref().map(names) }
    }

    fn takes(&self, tier: &str) -> bool {
        self.tiers.as_ref().is_none_or(|tiers| tiers.contains(tier))
    }

    /// What one machine may promise.
    fn promises(&self) -> Sum {
        let part = |whole: u64, share: u32| u128::from(whole) * u128::from(share) / 1_000_000;
        let (machine, overcommit) = (&self.pool.machine, &self.pool.overcommit);
        Sum {
            cpu: part(machine.cpu.0, overcommit.cpu.0),
            memory: part(machine.memory.0, overcommit.memory.0),
        }
    }
}

fn named(tier: &Located<String>) -> &str {
    tier.value.as_str()
}

/// A part's request with its bots.
fn request(part: &Part, tier: &Tier) -> Sum {
    let bots = u128::from(tier.bots.value);
    Sum {
        cpu: u128::from(part.cpu.0) + u128::from(part.cpu_per_bot.0) * bots,
        memory: u128::from(part.memory.0) + u128::from(part.memory_per_bot.0) * bots,
    }
}

fn fits(tier: &Tier, stack: &Stack, homes: &[Home<'_>], path: &Path<'_>, problems: &mut Problems) {
    let requests: Vec<Sum> = stack.parts.iter().map(|part| request(part, tier)).collect();
    let whole = requests.iter().fold(Sum::default(), |sum, part| Sum {
        cpu: sum.cpu + part.cpu,
        memory: sum.memory + part.memory,
    });
    let open: Vec<&Home<'_>> = homes.iter().filter(|of| of.takes(tier.name.as_str())).collect();
    let fits = |of: &&Home<'_>| {
        let room = of.promises();
        whole.cpu <= room.cpu && whole.memory <= room.memory
    };
    if open.is_empty() || open.iter().any(fits) {
        return;
    }
    // The roomiest is the one to enlarge: least of its wants, in thousandths of the request.
    let want = |of: &&&Home<'_>| {
        let room = of.promises();
        let short = |asked: u128, room: u128| asked.saturating_sub(room) * 1_000 / asked.max(1);
        short(whole.cpu, room.cpu) + short(whole.memory, room.memory)
    };
    let Some(best) = open.iter().min_by_key(want) else { return };
    let (name, room) = (tier.name.as_str(), best.promises());
    let (asked, promised, machine, share) = if whole.cpu > room.cpu {
        let parts = requests.iter().map(|part| part.cpu);
        let machine = best.pool.machine.cpu.value.to_string();
        (sum(parts, cpu), cpu(room.cpu), machine, best.pool.overcommit.cpu.value)
    } else {
        let parts = requests.iter().map(|part| part.memory);
        let machine = best.pool.machine.memory.value.to_string();
        (sum(parts, memory), memory(room.memory), machine, best.pool.overcommit.memory.value)
    };
    let message = format!(
        "a tenant of `{name}` requests {asked}, more than a machine of `{}` may promise: {promised}",
        best.pool.name.value
    );
    let remedy = format!(
        "make the machine ({machine}) or its overcommit ({share}) larger, or the requests of \
         stack `{}` smaller",
        stack.name.value
    );
    at(path, "stack", tier.stack.place, (message, remedy), problems);
}

/// `a + b = c`, where there are few enough.
fn sum(parts: impl Iterator<Item = u128>, written: fn(u128) -> String) -> String {
    let parts: Vec<u128> = parts.filter(|part| *part > 0).collect();
    let whole = written(parts.iter().sum());
    if !(2..=6).contains(&parts.len()) {
        return whole;
    }
    let parts: Vec<String> = parts.into_iter().map(written).collect();
    format!("{} = {whole}", parts.join(" + "))
}

/// In cores, to the thousandth.
fn cpu(millicores: u128) -> String {
    let (whole, rest) = (millicores / 1_000, millicores % 1_000);
    if rest == 0 {
        return format!("{} cores", grouped(whole));
    }
    let digits = format!("{rest:03}");
    format!("{}.{} cores", grouped(whole), digits.trim_end_matches('0'))
}

/// In the largest unit that says it within a hundredth.
fn memory(bytes: u128) -> String {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let Some((word, size)) = units.into_iter().find(|(_, size)| bytes >> size > 0) else {
        return format!("{bytes} B");
    };
    let hundredths = (bytes * 100 + (1 << size) / 2) >> size;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    if rest == 0 {
        return format!("{} {word}", grouped(whole));
    }
    let digits = format!("{rest:02}");
    format!("{}.{} {word}", grouped(whole), digits.trim_end_matches('0'))
}

/// A limit below what a part uses all the time kills it for ever.
fn limits(tier: &Tier, stack: &Stack, path: &Path<'_>, problems: &mut Problems) {
    let Some(limit) = &tier.limit else { return };
    let most = u128::from(limit.memory.0);
    let quiet = |part: &&Part| {
        request(part, tier).memory * u128::from(part.quiet.memory.0) / 1_000_000 > most
    };
    let Some(part) = stack.parts.iter().find(quiet) else { return };
    let used = request(part, tier).memory * u128::from(part.quiet.memory.0) / 1_000_000;
    let message = format!(
        "`{}` uses {} while its tenant is away, more than this limit: it is killed again and again",
        part.name.value,
        memory(used)
    );
    let remedy = format!("raise the limit above {}, or lower what the part uses", memory(used));
    let path = Path::Key(path, "limit");
    at(&path, "memory", limit.memory.place, (message, remedy), problems);
}
