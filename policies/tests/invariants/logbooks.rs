//! What is read back from a logbook decides as its writer did.

use crate::worlds::{World, apply};
use crate::{actions, each, file, same};
use seatrial_contract::config::Element;
use seatrial_contract::units::Span;
use seatrial_contract::view::Names;
use seatrial_contract::{ClusterView, Dice};
use seatrial_policies::{
    Clock, LogbookHead, LogbookHost, LogbookMode, Pilot, PilotMemory, PolicyFile, Recovery, Replay,
    Scribe, Tally, TurnReader, digest,
};

fn head(file: &PolicyFile) -> LogbookHead {
    LogbookHead {
        of: "a random world".to_owned(),
        host: LogbookHost::Bridge,
        mode: LogbookMode::Decided,
        policy_digest: digest(file),
        policies: file.write().to_string(),
        seed: 1,
        clock: Clock::Utc,
        memory: None,
    }
}

/// A logbook of thirty turns in segments of seven: head and turns of each, and after each what the
/// world, its names and the pilot's memory were.
struct Segments(Vec<(String, Vec<String>)>, Vec<(ClusterView, Names, PilotMemory)>);

impl Segments {
    fn write(file: &PolicyFile, seed: u64) -> Self {
        let mut world = World::draw(seed);
        let mut pilot = Pilot::new(file);
        let mut scribe = Scribe::new(head(file));
        let mut names = Names::default();
        let (mut segments, mut states) = (vec![], vec![]);
        for turn in 0..30 {
            if turn % 7 == 0 {
                // A pilot that remembers nothing need not be told so.
                let memory = (turn > 0).then(|| pilot.save());
                segments.push((scribe.begin(memory), vec![]));
            }
            for row in names.nodes.len()..world.view.nodes().len() {
                names.nodes.push(format!("host-{row}"));
            }
            pilot.tick(&world.view, Dice::new(1));
            let text = scribe.turn(&world.view, &names, pilot.decided());
            segments.last_mut().unwrap().1.push(text);
            if turn % 7 == 6 || turn == 29 {
                states.push((world.view.clone(), names.clone(), pilot.save()));
            }
            world.view.settle();
            for action in actions(&pilot.decided().all) {
                apply(&mut world.view, action);
            }
            world.live();
            world.pass(Span::minutes(7));
        }
        Self(segments, states)
    }

    fn replay(&self, from: usize, mut replay: Replay, own: &PolicyFile) -> Result<Tally, String> {
        for (head, turns) in &self.0[from..] {
            let head = LogbookHead::read(head).map_err(|e| e.to_string())?;
            replay.begin(&head, Some(own), true).map_err(|e| e.to_string())?;
            let mut reader = TurnReader::default();
            for text in turns {
                let turn = reader.read(text).map_err(|e| e.to_string())?;
                replay.turn(&turn).map_err(|e| e.to_string())?;
            }
        }
        Ok(replay.tally())
    }
}

#[test]
fn a_segment_read_back_gives_all_that_its_writer_knew() {
    each("recovery", |file, seed| {
        let Segments(segments, states) = Segments::write(file, seed);
        for ((head, turns), (view, names, memory)) in segments.iter().zip(&states) {
            let mut recovery = Recovery::begin(head, file).map_err(|e| e.to_string())?;
            for text in turns {
                recovery.turn(text).map_err(|e| e.to_string())?;
            }
            let found = recovery.end();
            same(&found.last.view, view)?;
            same(&found.last.names, names)?;
            same(&found.pilot.map(|pilot| pilot.save()).as_ref(), &Some(memory))?;
            same(&(found.turns, found.differing), &(turns.len() as u64, 0))?;
        }
        Ok(())
    });
}

#[test]
fn a_replay_from_any_segment_decides_as_one_from_the_first() {
    each("replay from any segment", |file, seed| {
        let segments = Segments::write(file, seed);
        for from in 0..segments.0.len() {
            let tally = segments.replay(from, Replay::of_the_same(), file)?;
            let ticks = 30 - 7 * from as u64;
            same(&(tally.ticks, tally.differing, tally.memories), &(ticks, 0, 0))?;
        }
        Ok(())
    });
}

#[test]
fn the_same_policies_asked_as_others_decide_the_same_actions() {
    each("others", |file, seed| {
        let segments = Segments::write(file, seed);
        let tally = segments.replay(0, Replay::of_others(file.clone()), file)?;
        same(&(tally.ticks, tally.differing), &(30, 0))
    });
}

#[test]
fn other_policies_recover_the_view_and_no_pilot() {
    let (file, other) = (file(&["spread"]), file(&["best-fit"]));
    let Segments(segments, states) = Segments::write(&file, 5);
    let observed = |head: &str| head.replace("\"decided\"", "\"observed\"");
    for (head, policies) in [(segments[1].0.clone(), &other), (observed(&segments[1].0), &file)] {
        let mut recovery = Recovery::begin(&head, policies).unwrap();
        segments[1].1.iter().for_each(|text| recovery.turn(text).unwrap());
        let found = recovery.end();
        assert!(found.pilot.is_none() && found.last.view == states[1].0);
    }
}

#[test]
fn a_segment_that_begins_with_another_memory_is_counted() {
    let file = file(&["least-loaded", "idle-ladder", "threshold"]);
    let mut segments = Segments::write(&file, 5);
    assert_ne!(segments.0[1].0, segments.0[2].0);
    segments.0[2].0 = segments.0[1].0.clone();
    let tally = segments.replay(0, Replay::of_the_same(), &file).unwrap();
    assert_eq!(tally.memories, 2, "it begins with another memory, and so does the one after it");
}
