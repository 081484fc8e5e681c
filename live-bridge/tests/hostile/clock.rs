//! Clocks that are wrong, set, and set back, while the bridge runs and between its runs.

use crate::fakes::{Cluster, Reply, policies, world};
use seatrial_bridge::{Clocks, Mode, Now, SystemClocks, Told, open, watch_by};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::NodeState;
use seatrial_policies::{Clock, Rebuilt, TurnReader};
use seatrial_record::{Frame, SegmentReader};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The machine's clocks, of which the wall clock is wrong by so many seconds.
#[derive(Default)]
struct Wrong(AtomicI64);

impl Clocks for Wrong {
    fn read(&self) -> Now {
        let now = SystemClocks.read();
        let by = self.0.load(Ordering::Relaxed) * 1_000_000_000;
        Now { wall: Moment(now.wall.0.saturating_add_signed(by)), ..now }
    }
}

const DAY: i64 = 86_400;

/// Runs a bridge for so long, with something done in the middle; says what it told.
async fn run(
    cluster: &Cluster,
    clocks: &Arc<Wrong>,
    halves: [f64; 2],
    middle: impl FnOnce(),
) -> Vec<String> {
    let file = cluster.write(&policies("6 s"), "");
    let bridge = open(&file, &[]).unwrap_or_else(|error| panic!("{error}"));
    let told = Mutex::new(Vec::new());
    let mut tell = |what: Told<'_>| {
        told.lock().unwrap().push(match what {
            Told::Note(note) => note.text.clone(),
            Told::Would { decision, teller, .. } => {
                format!("{} would {}", teller.target(decision.target), teller.deed(decision))
            }
        });
    };
    let stop = async {
        tokio::time::sleep(Duration::from_secs_f64(halves[0])).await;
        middle();
        tokio::time::sleep(Duration::from_secs_f64(halves[1])).await;
    };
    let clocks = Arc::clone(clocks) as Arc<dyn Clocks>;
    let ending = watch_by(clocks, bridge, Mode::Shadow, stop, &mut tell).await;
    ending.unwrap_or_else(|error| panic!("{error}"));
    told.into_inner().unwrap()
}

/// When each view of a logbook was taken, and how many machines were lost in it.
fn views(folder: &Path) -> Vec<(Moment, usize)> {
    let mut reader = SegmentReader::open(folder).unwrap_or_else(|error| panic!("{error}"));
    let (mut seen, mut views) = (Rebuilt::default(), Vec::new());
    let mut turns = TurnReader::default();
    while let Some(frame) = reader.next_frame().unwrap_or_else(|error| panic!("{error}")) {
        match frame {
            Frame::Head { .. } => {
                seen.begin();
                turns.begin();
            }
            Frame::Turn(text) => {
                seen.turn(&turns.read(&text).unwrap()).unwrap();
                let lost = |node: &&seatrial_contract::view::Node| node.state == NodeState::Lost;
                let lost = seen.view.nodes().iter().filter(lost).count();
                views.push((seen.view.taken_at, lost));
            }
        }
    }
    views
}

fn destroyed(told: &[String]) -> Vec<&String> {
    told.iter().filter(|line| line.contains("would hib") || line.contains("would drain")).collect()
}

#[tokio::test]
async fn machines_that_die_while_the_clock_is_set_back_are_found_lost() {
    let cluster = Cluster::start("clock-back", world(0.0));
    let clocks = Arc::new(Wrong::default());
    let told = run(&cluster, &clocks, [2.0, 4.0], || {
        clocks.0.store(-DAY, Ordering::Relaxed);
        cluster.change(|world| world.dead = vec!["host-a", "host-b"]);
    })
    .await;
    assert!(told.iter().any(|line| line.contains("host-a no longer answers")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("clock went back by 1 d")), "{told:?}");
    let views = views(&cluster.folder.join("logbook"));
    assert!(views.windows(2).all(|two| two[0].0 <= two[1].0), "views run backwards");
    assert_eq!(views.last().map(|view| view.1), Some(2));
}

#[tokio::test]
async fn a_clock_that_is_ahead_makes_nobody_idle() {
    let cluster = Cluster::start("clock-ahead", world(0.0));
    let clocks = Arc::new(Wrong::default());
    // `due` left now; by the bridge's own clock that is a day ago, or is so from some moment on.
    let told = run(&cluster, &clocks, [2.0, 2.5], || clocks.0.store(DAY, Ordering::Relaxed)).await;
    assert_eq!(destroyed(&told), Vec::<&String>::new(), "{told:?}");
    assert!(told.iter().any(|line| line.contains("went ahead by")), "{told:?}");
    let other = Cluster::start("clock-ahead-all-along", world(0.0));
    let told = run(&other, &clocks, [2.0, 2.0], || {}).await;
    assert_eq!(destroyed(&told), Vec::<&String>::new(), "{told:?}");
    let cluster = Cluster::start("clock-ahead-control", world(0.0));
    let told = run(&cluster, &clocks, [4.0, 5.0], || {}).await;
    assert_eq!(
        destroyed(&told).len(),
        1,
        "tenants that are idle by their source's clock sleep: {told:?}"
    );
}

/// The first run is a day ahead; then the clock is put right, everything dies, and the bridge is
/// started anew.
#[tokio::test]
async fn after_a_clock_was_put_right_nothing_from_before_is_fresh() {
    let cluster = Cluster::start("clock-corrected", world(0.0));
    let clocks = Arc::new(Wrong(AtomicI64::new(DAY)));
    let told = run(&cluster, &clocks, [3.0, 0.0], || {}).await;
    assert_eq!(destroyed(&told), Vec::<&String>::new(), "{told:?}");
    clocks.0.store(0, Ordering::Relaxed);
    cluster.change(|world| {
        world.dead = vec!["host-a", "host-b", "prometheus"];
        world.memory = 10;
    });
    let told = run(&cluster, &clocks, [10.5, 3.0], || {}).await;
    assert_eq!(destroyed(&told), Vec::<&String>::new(), "every engine is dead: {told:?}");
    assert!(told.iter().any(|line| line.contains("ahead of this machine's clock")), "{told:?}");
    let views = views(&cluster.folder.join("logbook"));
    assert!(views.windows(2).all(|two| two[0].0 <= two[1].0), "views run backwards");
    assert_eq!(views.last().map(|view| view.1), Some(2), "both are lost");
    let last = views.last().map(|view| view.0).unwrap_or_default();
    assert!(last.since(Clock::moment(Span::ZERO)) > Span::days(1));
}

/// What Prometheus measured is as old as its own clock says, whatever ours says.
#[tokio::test]
async fn a_source_whose_clock_differs_is_read_by_its_own_clock() {
    let cluster = Cluster::start("clock-source", world(0.0));
    let clocks = Arc::new(Wrong(AtomicI64::new(-7_200)));
    let told = run(&cluster, &clocks, [5.0, 4.0], || {}).await;
    assert_eq!(destroyed(&told).len(), 1, "two hours apart, and idle all the same: {told:?}");
    // And one that says for ever what it said once makes nothing fresh.
    let frozen = Cluster::start("clock-frozen", world(2.0));
    let kept: Mutex<std::collections::BTreeMap<String, String>> = Mutex::default();
    frozen.change(|world| {
        world.spoil = Some(Arc::new(move |who, path, body| {
            let mut kept = kept.lock().unwrap();
            let first = kept.entry(path.to_owned()).or_insert_with(|| body.to_owned());
            (who == "prometheus").then(|| Reply::Sound(first.clone()))
        }));
    });
    let right = Arc::new(Wrong::default());
    let told = run(&frozen, &right, [5.0, 6.0], || {}).await;
    assert_eq!(destroyed(&told), Vec::<&String>::new(), "{told:?}");
    assert!(told.iter().any(|line| line.contains("clock stands still")), "{told:?}");
}
