//! The agenda against a slow twin, and what it promises beyond that.

use super::{Agenda, Class, LaneId, Timer};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, Purpose, Stream};
use std::collections::BTreeMap;

/// What the agenda should do, done by an ordered map. Time-outs are nothing special here.
struct Twin {
    now: u64,
    sequence: u64,
    pending: BTreeMap<(u64, u8, u64), u32>,
}

impl Twin {
    fn schedule(&mut self, at: u64, class: u8, event: u32) -> (u64, u8, u64) {
        let key = (at, class, self.sequence);
        self.sequence += 1;
        self.pending.insert(key, event);
        key
    }

    fn next(&mut self, until: u64) -> Option<(Moment, u32)> {
        let entry = self.pending.first_entry()?;
        let at = entry.key().0;
        if at > until {
            return None;
        }
        self.now = at;
        Some((Moment(at), entry.remove()))
    }
}

/// How far ahead events are scheduled.
#[derive(Clone, Copy, Debug)]
enum Steps {
    Short,
    Bimodal,
    Skewed,
    Tied,
    Endless,
}

const STEPS: [Steps; 5] =
    [Steps::Short, Steps::Bimodal, Steps::Skewed, Steps::Tied, Steps::Endless];
const DAY: u64 = 86_400_000_000_000;
/// Lane lengths: none, a nanosecond, seconds, a day, for ever.
const LENGTHS: [u64; 5] = [0, 1, 30_000_000_000, DAY, u64::MAX];

impl Steps {
    fn draw(self, dice: &mut Stream, now: u64) -> u64 {
        let step = match self {
            Steps::Short => dice.below(1_000),
            Steps::Bimodal if dice.below(2) == 0 => dice.below(20),
            Steps::Bimodal => dice.below(30 * DAY),
            Steps::Skewed => dice.bits() >> dice.below(64),
            Steps::Tied => 1_000_000_000 * dice.below(3),
            Steps::Endless if dice.below(8) == 0 => u64::MAX - dice.below(3),
            Steps::Endless => dice.below(100_000),
        };
        now.saturating_add(step)
    }
}

/// Both at once.
struct Pair {
    agenda: Agenda<u32>,
    twin: Twin,
    lanes: Vec<(LaneId, u64, u8)>,
    /// Also tokens of events long gone.
    timers: Vec<(Timer, (u64, u8, u64))>,
    dice: Stream,
    steps: Steps,
    events: u32,
}

impl Pair {
    fn new(seed: u64, steps: Steps) -> Self {
        let mut agenda = Agenda::new();
        let lanes = LENGTHS
            .iter()
            .zip([0, 1, 0, 2, 0])
            .map(|(length, class)| (agenda.lane(Span(*length), Class(class)), *length, class))
            .collect();
        Self {
            agenda,
            twin: Twin { now: 0, sequence: 0, pending: BTreeMap::new() },
            lanes,
            timers: Vec::new(),
            dice: Dice::new(seed).stream(0, Purpose::new("agenda test")),
            steps,
            events: 0,
        }
    }

    fn add(&mut self) {
        let class = [0, 0, 1, 255][self.dice.below(4) as usize];
        let at = self.steps.draw(&mut self.dice, self.twin.now);
        self.events += 1;
        match self.dice.below(4) {
            0 | 1 => {
                self.agenda.schedule(Moment(at), Class(class), self.events);
                self.twin.schedule(at, class, self.events);
            }
            2 => {
                let timer = self.agenda.schedule_timer(Moment(at), Class(class), self.events);
                self.timers.push((timer, self.twin.schedule(at, class, self.events)));
            }
            _ => {
                let (lane, length, class) = self.lanes[self.dice.below(5) as usize];
                let timer = self.agenda.enter(lane, self.events);
                let at = self.twin.now.saturating_add(length);
                self.timers.push((timer, self.twin.schedule(at, class, self.events)));
            }
        }
    }

    fn cancel_any(&mut self) {
        if self.timers.is_empty() {
            return;
        }
        let place = self.dice.below(self.timers.len() as u64) as usize;
        let (timer, key) = self.timers[place];
        if self.dice.below(3) > 0 {
            self.timers.swap_remove(place);
        }
        assert_eq!(self.agenda.cancel(timer), self.twin.pending.remove(&key).is_some());
    }

    fn next(&mut self) {
        let until = match self.dice.below(3) {
            0 => self.steps.draw(&mut self.dice, self.twin.now),
            _ => u64::MAX,
        };
        self.look_ahead();
        assert_eq!(self.agenda.next(Moment(until)), self.twin.next(until));
        assert_eq!(self.agenda.now(), Moment(self.twin.now));
    }

    /// What is due soonest is known before it is taken; cancelled time-outs may be taken for due.
    fn look_ahead(&mut self) {
        let first = self.twin.pending.keys().next().map(|key| Moment(key.0));
        match (self.agenda.soonest(), first) {
            (Some(soonest), Some(first)) => assert!(soonest <= first, "{soonest:?} {first:?}"),
            (None, first) => assert_eq!(first, None),
            (Some(_), None) => {}
        }
    }

    /// Grows to about `size` pending, stays there for a while, then runs dry.
    fn run(&mut self, size: usize) {
        for turn in 0..6 * size + 200 {
            let grows = turn < 2 * size && self.twin.pending.len() < size;
            match self.dice.below(16) {
                0..2 => self.cancel_any(),
                2..9 => self.add(),
                _ if grows => self.add(),
                _ => self.next(),
            }
            assert_eq!(self.agenda.pending(), self.twin.pending.len());
        }
        while self.agenda.pending() > 0 {
            self.next();
        }
        assert_eq!(self.agenda.next(Moment::NEVER), None);
        assert!(self.twin.pending.is_empty());
    }
}

/// `SEATRIAL_SEED=7 cargo test -p seatrial-host as_the_slow_twin` repeats a run by its seed.
fn seed() -> u64 {
    std::env::var("SEATRIAL_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn same_as_twin(size: usize, rounds: u64) {
    for round in seed()..seed() + rounds {
        for steps in STEPS {
            println!(
                "{steps:?}, {size} pending; repeat: \
                 SEATRIAL_SEED={round} cargo test -p seatrial-host as_the_slow_twin"
            );
            let mut pair = Pair::new(round, steps);
            pair.run(size);
            pair.run(size);
        }
    }
}

#[test]
fn few_events_leave_in_the_same_order_as_the_slow_twin() {
    same_as_twin(12, 400);
}

#[test]
fn some_events_leave_in_the_same_order_as_the_slow_twin() {
    same_as_twin(200, 100);
}

#[test]
fn many_events_leave_in_the_same_order_as_the_slow_twin() {
    same_as_twin(20_000, 3);
}

fn drained(agenda: &mut Agenda<u32>) -> Vec<u32> {
    std::iter::from_fn(|| agenda.next(Moment::NEVER)).map(|(_, event)| event).collect()
}

#[test]
fn equal_times_leave_by_class_then_first_in_first_out() {
    let mut agenda = Agenda::new();
    let lane = agenda.lane(Span(10), Class(1));
    for event in 0..10_000 {
        match event % 4 {
            0 => agenda.schedule(Moment(10), Class(1), event),
            1 => drop(agenda.enter(lane, event)),
            2 => drop(agenda.schedule_timer(Moment(10), Class(1), event)),
            _ => agenda.schedule(Moment(10), Class(0), event),
        }
    }
    let is_first = |event: &u32| event % 4 == 3;
    let first = (0..10_000).filter(is_first);
    let then = (0..10_000).filter(|event| !is_first(event));
    assert_eq!(drained(&mut agenda), first.chain(then).collect::<Vec<_>>());
}

#[test]
fn an_event_scheduled_for_now_follows_those_of_now() {
    let mut agenda = Agenda::new();
    for event in 0..100_000 {
        agenda.schedule(Moment(5), Class(0), event);
    }
    for event in 0..300_000 {
        assert_eq!(agenda.next(Moment(5)), Some((Moment(5), event)));
        agenda.schedule(Moment(5), Class(0), event + 100_000);
    }
    assert_eq!(agenda.pending(), 100_000);
}

#[test]
fn a_storm_of_many_classes_at_one_instant_is_in_order() {
    let mut agenda = Agenda::new();
    let mut dice = Dice::new(3).stream(0, Purpose::new("storm"));
    for _ in 0..100_000 {
        agenda.schedule(Moment(9), Class(100), 100);
    }
    let mut before = 0;
    for _ in 0..100_000 {
        let class = 100 + dice.below(100) as u8;
        agenda.schedule(Moment(9), Class(class), u32::from(class));
        let (_, event) = agenda.next(Moment(9)).expect("there are plenty");
        assert!(event >= before);
        before = event;
    }
    assert!(drained(&mut agenda).is_sorted());
}

#[test]
fn time_stays_where_the_last_event_left_it() {
    let mut agenda = Agenda::new();
    agenda.schedule(Moment(100), Class(0), 1);
    assert_eq!(agenda.next(Moment(99)), None);
    assert_eq!(agenda.now(), Moment(0));
    agenda.schedule(Moment(50), Class(0), 2);
    assert_eq!(agenda.next(Moment(99)), Some((Moment(50), 2)));
    assert_eq!(agenda.next(Moment(100)), Some((Moment(100), 1)));
}

#[test]
#[should_panic(expected = "event in the past")]
fn refuses_the_past() {
    let mut agenda = Agenda::new();
    agenda.schedule(Moment(100), Class(0), 1);
    agenda.next(Moment::NEVER);
    agenda.schedule(Moment(99), Class(0), 2);
}

#[test]
fn a_stale_timer_cancels_nothing() {
    let mut agenda = Agenda::new();
    let lane = agenda.lane(Span(10), Class(0));
    let stale = [agenda.schedule_timer(Moment(10), Class(0), 1), agenda.enter(lane, 2)];
    assert_eq!(drained(&mut agenda), [1, 2]);
    agenda.schedule_timer(Moment(20), Class(0), 3);
    agenda.enter(lane, 4);
    assert_eq!(stale.map(|timer| agenda.cancel(timer)), [false, false]);
    assert_eq!(agenda.pending(), 2);
    assert_eq!(drained(&mut agenda), [3, 4]);
}

/// Room for entries, counting every part.
fn room(agenda: &Agenda<u32>) -> usize {
    agenda.queue.room() + agenda.timers.room() + agenda.lanes.room()
}

#[test]
fn ten_million_cancelled_timers_leave_no_rubbish() {
    for in_lane in [false, true] {
        let mut agenda = Agenda::new();
        let lane = agenda.lane(Span(30 * DAY), Class(0));
        let arm = |agenda: &mut Agenda<u32>, event: u32| {
            if in_lane {
                return agenda.enter(lane, event);
            }
            agenda.schedule_timer(agenda.now() + Span(DAY + u64::from(event)), Class(0), event)
        };
        let mut live: Vec<Timer> = (0..100).map(|event| arm(&mut agenda, event)).collect();
        for event in 0..5_000_000 {
            let place = event as usize * 37 % 100;
            assert!(agenda.cancel(live[place]));
            live[place] = arm(&mut agenda, event);
        }
        assert_eq!(agenda.pending(), 100);
        assert!(room(&agenda) < 20_000, "{} places kept", room(&agenda));
    }
}

#[test]
fn a_few_events_and_one_far_away_take_bounded_room() {
    // A day ends, and meanwhile about thirty events follow one another, a thousand a second.
    for pending in [20, 26, 28, 40] {
        let mut agenda = Agenda::new();
        agenda.schedule(Moment(Span::days(1).0), Class(0), 0);
        let mut stream = Dice::new(7).stream(0, Purpose::new("gaps"));
        let mut gap = |now: u64| Moment(now + 1 + stream.below(2_000_000 * u64::from(pending)));
        (0..pending).for_each(|event| agenda.schedule(gap(0), Class(0), 1 + event));
        let mut most = 0;
        for _ in 0..1_000_000 {
            let (now, event) = agenda.next(Moment::NEVER).unwrap();
            agenda.schedule(gap(now.0), Class(0), event);
            most = most.max(room(&agenda));
        }
        assert!(most < 10_000, "{most} with {pending} pending");
    }
}

#[test]
fn the_queue_sees_one_event_of_a_lane() {
    let mut agenda = Agenda::new();
    let lane = agenda.lane(Span(DAY), Class(0));
    for event in 0..10_000 {
        agenda.enter(lane, event);
    }
    assert!(agenda.queue.room() < 100);
    assert_eq!(drained(&mut agenda), (0..10_000).collect::<Vec<_>>());
}

#[test]
fn an_entry_takes_24_bytes() {
    #[derive(Clone, Copy)]
    enum Event {
        _Wake(u32),
        _Sleep(u32),
    }
    assert_eq!(size_of::<super::entry::Entry<Event>>(), 24);
    assert_eq!(size_of::<super::entry::Entry<u32>>(), 24);
    assert_eq!(size_of::<Option<Timer>>(), 8);
}

#[test]
fn time_may_pass_without_an_event() {
    let mut agenda = Agenda::new();
    assert_eq!(agenda.soonest(), None);
    agenda.schedule(Moment(10), Class(0), 1);
    assert_eq!(agenda.soonest(), Some(Moment(10)));
    agenda.pass(Moment(7));
    assert_eq!((agenda.now(), agenda.pending()), (Moment(7), 1));
    agenda.pass(Moment(3));
    assert_eq!(agenda.now(), Moment(7), "it never runs back");
    assert_eq!(agenda.next(Moment::NEVER), Some((Moment(10), 1)));
}
