//! Ticks that cannot be written, on a disk that is really full.

use super::*;
use crate::clock::Now;
use crate::sighting::{Column, ColumnSeen, MachineSeen, RowSeen, Sighting, UnitSeen, Use};
use seatrial_contract::units::{cores, gib, mib, millicores};
use seatrial_contract::view::UnitState;
use seatrial_contract::{Footprint, Stage};
use seatrial_policies::{LogbookHead, Replay, Tally, TurnReader};
use seatrial_record::{Frame, SegmentReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Seconds since the Unix epoch.
const START: u64 = 1_795_000_000;
/// So many that a tick in which all change takes several pages of a disk.
const TENANTS: u64 = 400;

#[derive(Default)]
struct Hands(Mutex<u64>);

impl Hands {
    fn pass(&self, seconds: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += seconds;
    }
}

impl Clocks for Hands {
    fn read(&self) -> Now {
        let passed = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wall = crate::of_unix((START + passed) as f64).unwrap_or_default();
        Now { wall, up: Span::seconds(passed) }
    }
}

/// A folder on a small disk of its own; gone with it.
struct Disk(PathBuf);

impl Disk {
    /// None where this user may mount none.
    fn mount(name: &str) -> Option<Self> {
        let folder = std::env::temp_dir().join(format!("seatrial-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut mount = Command::new("mount");
        let mounted = mount.args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"]).arg(&folder).output();
        if mounted.is_ok_and(|ended| ended.status.success()) {
            return Some(Self(folder));
        }
        println!("skipped: mounting a tmpfs needs root");
        let _ = std::fs::remove_dir(&folder);
        None
    }

    fn fill(&self) {
        let filler = vec![1; 2 << 20];
        let _ = std::fs::write(self.0.join("filler"), filler);
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
        let _ = std::fs::remove_dir(&self.0);
    }
}

fn bridge(folder: &Path) -> Bridge {
    let policies = "tick = \"15 s\"\n[[policies]]\nkind = \"idle-ladder\"\n\
                    ladder = { asleep = \"1 h\" }\n";
    std::fs::write(folder.join("policies.toml"), policies).unwrap();
    let file = "title = \"Small\"\npolicies = \"policies.toml\"\n[[tiers]]\nname = \"free\"\n\
                [[pools]]\nname = \"workers\"\n[[docker.hosts]]\nname = \"host-a\"\n\
                socket = \"none.sock\"\n";
    std::fs::write(folder.join("bridge.toml"), file).unwrap();
    crate::open(&folder.join("bridge.toml"), &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn begun<'a>(folder: &Path, hands: &Arc<Hands>, tell: &'a mut dyn FnMut(Told<'_>)) -> Watch<'a> {
    let mut bridge = bridge(folder);
    let time = Arc::new(Timeline::new(Arc::clone(hands) as Arc<dyn Clocks>));
    let registry = Registry::of(&bridge);
    let (keeper, kept, _) = Keeper::open(&mut bridge, Mode::Shadow, registry, &time)
        .unwrap_or_else(|error| panic!("{error}"));
    Watch {
        mode: Mode::Shadow,
        keeper,
        registry: kept.registry,
        pilot: kept.pilot,
        dice: Dice::new(bridge.seed),
        words: bridge.policies.names(),
        policies: bridge.policies.clone(),
        time,
        failing: BTreeSet::new(),
        unwritten: false,
        tell,
        ending: Ending::default(),
    }
}

/// All is well and changes, and one tenant is away since `START`.
fn look(watch: &mut Watch<'_>, away: bool) {
    let at = watch.time.now();
    let used = at.0 / Span::seconds(1).0 % 50;
    let unit = |index: u64| UnitSeen {
        tenant: format!("tenant-{index}"),
        tier: "free".to_owned(),
        unit: "bots".to_owned(),
        container: format!("{index}"),
        created: None,
        stops_at: Some(Stage(1)),
        state: UnitState::Running,
        since: Moment::START,
        requested: Footprint { cpu: millicores(10), memory: mib(8) },
        used: Some(Use { cpu: millicores(used + index % 7), memory: mib(1 + used % 5) }),
    };
    let machine = MachineSeen {
        name: "host-a".to_owned(),
        capacity: Footprint { cpu: cores(64), memory: gib(64) },
        units: (0..TENANTS).map(unit).collect(),
        at,
        ..MachineSeen::default()
    };
    let unix = (at.since(crate::of_unix(0.0).unwrap_or_default()).0 / 1_000_000_000) as f64;
    let row = |index: u64| RowSeen {
        tenant: format!("tenant-{index}"),
        value: if away && index == 0 { START as f64 } else { unix - index as f64 % 13.0 },
        seen_at: at,
    };
    let column = |column, rows: Vec<RowSeen>| {
        Sighting::Column(ColumnSeen { column, rows, clock: None, complaints: Vec::new() })
    };
    let sessions = (0..TENANTS).map(|index| RowSeen { value: 0.0, ..row(index) }).collect();
    let seen = [
        ("host-a", Sighting::Machine(machine)),
        ("last", column(Column::LastActive, (0..TENANTS).map(row).collect())),
        ("sessions", column(Column::Sessions, sessions)),
    ];
    for (source, seen) in seen {
        watch.take(Looked { source: source.to_owned(), at, seen: Ok(seen) });
    }
}

/// Decides again on all that a logbook holds.
fn replayed(folder: &Path) -> Tally {
    let mut reader = SegmentReader::open(folder).unwrap_or_else(|error| panic!("{error}"));
    let own = bridge(folder.parent().unwrap_or(folder)).policies;
    let (mut replay, mut first) = (Replay::of_the_same(), true);
    let mut turns = TurnReader::default();
    while let Some(frame) = reader.next_frame().unwrap_or_else(|error| panic!("{error}")) {
        match frame {
            Frame::Head { text, .. } => {
                let head = LogbookHead::read(&text).unwrap();
                turns.begin();
                let follows = !core::mem::take(&mut first);
                replay.begin(&head, Some(&own), follows).unwrap_or_else(|error| panic!("{error}"));
            }
            Frame::Turn(text) => {
                let turn = turns.read(&text).unwrap();
                assert!(replay.turn(&turn).is_ok(), "a turn fits the one before it");
            }
        }
    }
    replay.tally()
}

/// The promise of ARCHITECTURE: what could not be written into the logbook is not decided.
#[test]
fn on_a_full_disk_nothing_is_decided_and_once_there_is_room_all_is() {
    let Some(disk) = Disk::mount("full-disk") else { return };
    let hands = Arc::new(Hands::default());
    let told = Mutex::new(Vec::new());
    let lines = || told.lock().unwrap().clone();
    let mut tell = |what: Told<'_>| {
        told.lock().unwrap().push(match what {
            Told::Note(note) => note.text.clone(),
            Told::Would { decision, teller, .. } => {
                format!("{} would {}", teller.target(decision.target), teller.deed(decision))
            }
        });
    };
    let mut watch = begun(&disk.0, &hands, &mut tell);
    hands.pass(3_000);
    look(&mut watch, true);
    watch.turn();
    disk.fill();
    let mut ticks = 0;
    while !lines().iter().any(|line| line.contains("nothing is decided")) {
        hands.pass(15);
        look(&mut watch, true);
        watch.turn();
        ticks += 1;
        assert!(ticks < 30, "the disk is not full: {:?}", lines());
    }
    let written = watch.ending.turns;
    // Now one is due: an hour has passed since somebody was there.
    for _ in 0..4 {
        hands.pass(600);
        look(&mut watch, true);
        watch.turn();
    }
    let would = || lines().into_iter().filter(|line| line.contains("would")).collect::<Vec<_>>();
    assert_eq!(would(), Vec::<String>::new(), "told, and not written");
    assert_eq!((watch.ending.turns, watch.ending.actions.len()), (written, 0));
    assert_eq!(lines().iter().filter(|line| line.contains("nothing is decided")).count(), 1);
    disk.empty();
    look(&mut watch, true);
    watch.turn();
    assert_eq!(would(), ["tenant-0 would hibernate to asleep"]);
    assert!(lines().iter().any(|line| line == "the logbook can be written again"));
    hands.pass(15);
    look(&mut watch, true);
    watch.turn();
    let turns = watch.ending.turns;
    drop(watch);
    let tally = replayed(&disk.0.join("logbook"));
    assert_eq!((tally.ticks, tally.differing, tally.memories), (turns, 0, 0));
    let files = std::fs::read_dir(disk.0.join("logbook")).unwrap().count();
    assert!(files <= 4, "{files} files: no empty segments are left behind");
}
