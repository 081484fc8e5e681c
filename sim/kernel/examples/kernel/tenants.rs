//! W3: tenants wake and sleep; while awake they send tasks to nodes of eight servers each; every
//! task arms a time-out that its completion cancels. Knows no policy.

use crate::chance::Chance;
use crate::measure::{Measure, Run};
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::{Agenda, Class, LaneId, Timer};

#[derive(Clone, Copy)]
enum Event {
    /// A tenant wakes or goes to sleep.
    Toggle(u32),
    /// A tenant sends a task.
    Emit(u32),
    /// A task is done.
    Done(u32),
    /// Nobody waits for a task any more.
    TimeOut(u32),
}

struct Task {
    sent: Moment,
    time_out: Timer,
}

#[derive(Clone, Default)]
struct Node {
    busy: u32,
    /// Tasks in line, the first and the last of which are told while there are any.
    waiting: u32,
    first: u32,
    last: u32,
}

struct World {
    agenda: Agenda<Event>,
    patience: LaneId,
    chance: Chance,
    /// By tenant: the next task to be sent, while awake.
    emits: Vec<Option<Timer>>,
    tasks: Vec<Task>,
    /// By task: its node while served, the task behind it while in line. Apart from the rest,
    /// which is not wanted when the line moves.
    links: Vec<u32>,
    tasks_free: Vec<u32>,
    nodes: Vec<Node>,
    done: u64,
    timed_out: u64,
    sojourn: u64,
}

const CLASS: Class = Class(0);
const SERVERS: u32 = 8;
/// Means in nanoseconds.
const PHASE: f64 = 60e9;
const PAUSE: f64 = 1e9 / 6.4;
const SERVICE: f64 = 0.1e9;

/// Runs so many events.
pub fn run(tenants: u64, nodes: u64, time_out: u64, events: u64) {
    let mut agenda = Agenda::new();
    let mut world = World {
        patience: agenda.lane(Span::seconds(time_out), CLASS),
        agenda,
        chance: Chance::new(7),
        emits: Vec::new(),
        tasks: Vec::new(),
        links: Vec::new(),
        tasks_free: Vec::new(),
        nodes: vec![Node::default(); nodes as usize],
        done: 0,
        timed_out: 0,
        sojourn: 0,
    };
    let measure = Measure::begin();
    for tenant in 0..tenants as u32 {
        let phase = world.draw(PHASE);
        let pause = (tenant % 2 == 0).then(|| world.draw(PAUSE));
        world.agenda.schedule(phase, CLASS, Event::Toggle(tenant));
        let emit = pause.map(|at| world.agenda.schedule_timer(at, CLASS, Event::Emit(tenant)));
        world.emits.push(emit);
    }
    let mut count = 0;
    while count < events {
        let Some((now, event)) = world.agenda.next(Moment::NEVER) else { break };
        count += 1;
        match event {
            Event::Toggle(tenant) => world.toggle(tenant),
            Event::Emit(tenant) => world.emit(tenant, now),
            Event::Done(task) => world.finish(task, now),
            Event::TimeOut(task) => world.time_out(task),
        }
    }
    measure.end(&Run {
        contender: "seatrial",
        workload: "W3",
        size: tenants,
        units: count,
        bytes_each: 0.0,
        check: format!(
            "tasks {} sojourn {:.5} timeouts {} end {:.3}",
            world.done,
            world.sojourn as f64 / world.done as f64 / 1e9,
            world.timed_out,
            world.agenda.now().0 as f64 / 1e9
        ),
    });
}

impl World {
    /// A moment that lies an exponential time ahead.
    #[inline]
    fn draw(&mut self, mean: f64) -> Moment {
        self.agenda.now() + Span(self.chance.exponential(mean))
    }

    #[inline]
    fn toggle(&mut self, tenant: u32) {
        if let Some(emit) = self.emits[tenant as usize].take() {
            self.agenda.cancel(emit);
        } else {
            self.arm_emit(tenant);
        }
        let at = self.draw(PHASE);
        self.agenda.schedule(at, CLASS, Event::Toggle(tenant));
    }

    #[inline]
    fn arm_emit(&mut self, tenant: u32) {
        let at = self.draw(PAUSE);
        let emit = self.agenda.schedule_timer(at, CLASS, Event::Emit(tenant));
        self.emits[tenant as usize] = Some(emit);
    }

    #[inline]
    fn emit(&mut self, tenant: u32, now: Moment) {
        let node = self.chance.below(self.nodes.len() as u64) as u32;
        let reused = self.tasks_free.pop();
        let number = reused.unwrap_or(self.tasks.len() as u32);
        let time_out = self.agenda.enter(self.patience, Event::TimeOut(number));
        let task = Task { sent: now, time_out };
        if reused.is_some() {
            self.tasks[number as usize] = task;
            self.links[number as usize] = node;
        } else {
            self.tasks.push(task);
            self.links.push(node);
        }
        let at_node = &mut self.nodes[node as usize];
        if at_node.busy < SERVERS {
            at_node.busy += 1;
            self.serve(number);
        } else {
            match at_node.waiting {
                0 => at_node.first = number,
                _ => self.links[at_node.last as usize] = number,
            }
            at_node.last = number;
            at_node.waiting += 1;
        }
        self.arm_emit(tenant);
    }

    #[inline]
    fn serve(&mut self, task: u32) {
        let at = self.draw(SERVICE);
        self.agenda.schedule(at, CLASS, Event::Done(task));
    }

    /// The sender has gone; the task itself goes on.
    #[cold]
    fn time_out(&mut self, task: u32) {
        debug_assert!((task as usize) < self.tasks.len());
        self.timed_out += 1;
    }

    #[inline]
    fn finish(&mut self, number: u32, now: Moment) {
        let task = &self.tasks[number as usize];
        self.agenda.cancel(task.time_out);
        self.sojourn += (now - task.sent).0;
        self.done += 1;
        self.tasks_free.push(number);
        let number_of_node = self.links[number as usize];
        let node = &mut self.nodes[number_of_node as usize];
        if node.waiting == 0 {
            node.busy -= 1;
            return;
        }
        let next = node.first;
        node.waiting -= 1;
        node.first = std::mem::replace(&mut self.links[next as usize], number_of_node);
        self.serve(next);
    }
}
