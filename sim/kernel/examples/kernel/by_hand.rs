//! W2 and W3 as loops written for them alone: what the general agenda is measured against. The
//! widths fit these loads and no other, equal times leave in no promised order, and a new kind of
//! event would mean a new loop. Uses nothing of the kernel.

use crate::chance::Chance;
use crate::measure::{Measure, Run};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// W2: the arrival to come, and ten places for departures, searched each time.
pub fn station(customers: u64) {
    let measure = Measure::begin();
    let mut chance = Chance::new(7);
    let mut arrival = 1;
    let mut departures = [u64::MAX; 10];
    let mut line = VecDeque::new();
    let (mut arrived, mut served, mut waited) = (0, 0, 0);
    loop {
        let (mut place, mut departure) = (0, departures[0]);
        for (other, at) in departures.iter().enumerate() {
            (place, departure) = if *at < departure { (other, *at) } else { (place, departure) };
        }
        if arrival <= departure {
            if arrival == u64::MAX {
                break;
            }
            let now = arrival;
            arrived += 1;
            arrival =
                if arrived < customers { now + chance.exponential(1e9 / 9.0) } else { u64::MAX };
            match departures.iter_mut().find(|at| **at == u64::MAX) {
                Some(free) => *free = now + chance.exponential(1e9),
                None => line.push_back(now),
            }
            continue;
        }
        served += 1;
        departures[place] = match line.pop_front() {
            Some(came) => {
                waited += departure - came;
                departure + chance.exponential(1e9)
            }
            None => u64::MAX,
        };
    }
    measure.end(&Run {
        contender: "seatrial-by-hand",
        workload: "W2",
        size: 10,
        units: served,
        bytes_each: 0.0,
        check: format!("wait {:.5}", waited as f64 / served as f64 / 1e9),
    });
}

/// What happens to which tenant or task: the kind in the upper two bits.
type Mark = u32;
const EMIT: Mark = 0;
const DONE: Mark = 1;
const TOGGLE: Mark = 2;
/// 64 microseconds a bucket; 65,536 of them are 4.3 s.
const SHIFT: u32 = 16;
const BUCKETS: u64 = 65_536;

/// A wheel of buckets, with a heap for what lies beyond it.
struct Wheel {
    buckets: Vec<Vec<(u64, Mark)>>,
    turn: u64,
    /// The bucket at hand, latest first.
    open: Vec<(u64, Mark)>,
    beyond: BinaryHeap<Reverse<(u64, Mark)>>,
}

impl Wheel {
    fn new() -> Self {
        let buckets = vec![Vec::new(); BUCKETS as usize];
        Self { buckets, turn: 0, open: Vec::new(), beyond: BinaryHeap::new() }
    }

    #[inline]
    fn push(&mut self, at: u64, mark: Mark) {
        let turn = at >> SHIFT;
        if turn <= self.turn {
            let place = self.open.partition_point(|entry| entry.0 > at);
            self.open.insert(place, (at, mark));
        } else if turn - self.turn < BUCKETS {
            self.buckets[(turn % BUCKETS) as usize].push((at, mark));
        } else {
            self.beyond.push(Reverse((at, mark)));
        }
    }

    #[inline]
    fn pop(&mut self) -> (u64, Mark) {
        loop {
            if let Some(entry) = self.open.pop() {
                return entry;
            }
            self.turn += 1;
            let place = (self.turn % BUCKETS) as usize;
            std::mem::swap(&mut self.open, &mut self.buckets[place]);
            while let Some(Reverse(entry)) = self.beyond.peek()
                && entry.0 >> SHIFT <= self.turn
            {
                self.open.extend(self.beyond.pop().map(|Reverse(entry)| entry));
            }
            self.open.sort_unstable_by(|one, other| other.cmp(one));
        }
    }
}

#[derive(Clone, Copy)]
struct Task {
    sent: u64,
    node: u32,
    /// Counts uses of the place, so that a time-out knows its own.
    turn: u32,
}

#[derive(Clone, Default)]
struct Node {
    busy: u32,
    line: VecDeque<u32>,
}

struct World {
    wheel: Wheel,
    chance: Chance,
    /// By tenant: when it sends next; never while asleep.
    emits: Vec<u64>,
    tasks: Vec<Task>,
    tasks_free: Vec<u32>,
    nodes: Vec<Node>,
    time_outs: VecDeque<(u64, u32, u32)>,
    patience: u64,
    done: u64,
    sojourn: u64,
}

/// W3.
pub fn tenants(tenants: u64, nodes: u64, time_out: u64, events: u64) {
    let mut world = World {
        wheel: Wheel::new(),
        chance: Chance::new(7),
        emits: Vec::new(),
        tasks: Vec::new(),
        tasks_free: Vec::new(),
        nodes: vec![Node::default(); nodes as usize],
        time_outs: VecDeque::new(),
        patience: time_out * 1_000_000_000,
        done: 0,
        sojourn: 0,
    };
    let measure = Measure::begin();
    for tenant in 0..tenants as u32 {
        let phase = world.chance.exponential(60e9);
        world.wheel.push(phase, TOGGLE << 30 | tenant);
        world.emits.push(u64::MAX);
        if tenant % 2 == 0 {
            world.arm(tenant, 0);
        }
    }
    let (mut count, mut timed_out, mut now) = (0, 0, 0);
    while count < events {
        let (at, mark) = world.wheel.pop();
        now = at;
        timed_out += world.expire(now);
        count += u64::from(world.turn(now, mark));
    }
    measure.end(&Run {
        contender: "seatrial-by-hand",
        workload: "W3",
        size: tenants,
        units: count,
        bytes_each: 0.0,
        check: format!(
            "tasks {} sojourn {:.5} timeouts {timed_out} end {:.3}",
            world.done,
            world.sojourn as f64 / world.done as f64 / 1e9,
            now as f64 / 1e9
        ),
    });
}

impl World {
    #[inline]
    fn arm(&mut self, tenant: u32, now: u64) {
        let at = now + self.chance.exponential(1e9 / 6.4);
        self.emits[tenant as usize] = at;
        self.wheel.push(at, EMIT << 30 | tenant);
    }

    #[inline]
    fn serve(&mut self, task: u32, now: u64) {
        let at = now + self.chance.exponential(0.1e9);
        self.wheel.push(at, DONE << 30 | task);
    }

    /// Drops the time-outs up to now, and says how many still had a task.
    #[inline]
    fn expire(&mut self, now: u64) -> u64 {
        let mut expired = 0;
        while let Some(&(at, task, turn)) = self.time_outs.front() {
            if at > now && self.tasks[task as usize].turn == turn {
                break;
            }
            expired += u64::from(self.tasks[task as usize].turn == turn);
            self.time_outs.pop_front();
        }
        expired
    }

    /// Whether that was an event, not the remains of a cancelled one.
    #[inline]
    fn turn(&mut self, now: u64, mark: Mark) -> bool {
        let number = mark & ((1 << 30) - 1);
        match mark >> 30 {
            EMIT if self.emits[number as usize] != now => return false,
            EMIT => self.emit(number, now),
            DONE => self.finish(number, now),
            _ => {
                if self.emits[number as usize] == u64::MAX {
                    self.arm(number, now);
                } else {
                    self.emits[number as usize] = u64::MAX;
                }
                let at = now + self.chance.exponential(60e9);
                self.wheel.push(at, TOGGLE << 30 | number);
            }
        }
        true
    }

    #[inline]
    fn emit(&mut self, tenant: u32, now: u64) {
        let node = self.chance.below(self.nodes.len() as u64) as u32;
        let number = self.tasks_free.pop().unwrap_or(self.tasks.len() as u32);
        if number as usize == self.tasks.len() {
            self.tasks.push(Task { sent: now, node, turn: 0 });
        }
        let task = &mut self.tasks[number as usize];
        *task = Task { sent: now, node, turn: task.turn };
        self.time_outs.push_back((now + self.patience, number, task.turn));
        let at_node = &mut self.nodes[node as usize];
        if at_node.busy < 8 {
            at_node.busy += 1;
            self.serve(number, now);
        } else {
            at_node.line.push_back(number);
        }
        self.arm(tenant, now);
    }

    #[inline]
    fn finish(&mut self, number: u32, now: u64) {
        let task = &mut self.tasks[number as usize];
        task.turn += 1;
        self.sojourn += now - task.sent;
        self.done += 1;
        self.tasks_free.push(number);
        let node = &mut self.nodes[task.node as usize];
        match node.line.pop_front() {
            Some(next) => self.serve(next, now),
            None => node.busy -= 1,
        }
    }
}
