//! What users see of logbooks: a run writes one, replay proves it, and damage is told.

mod common;

use common::{err, out, seatrial};
use seatrial_contract::config::{Element, Path as Way, Problems};
use seatrial_contract::units::Span;
use seatrial_contract::{Dice, Stage, TenantId};
use seatrial_policies::{
    Clock, LogbookHead, LogbookHost, LogbookMode, PolicyFile, Recovery, Scribe, digest,
};
use seatrial_record::{LogbookReader, LogbookWriter, SegmentLimits, SegmentWriter, newest};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;

/// A path of our own, removed at the end with all that is there.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let name = format!("seatrial-logbook-{name}-{}", std::process::id());
        let place = Self(std::env::temp_dir().join(name));
        place.remove();
        place
    }

    /// With a day of a thousand users in one file.
    fn file(name: &str) -> Self {
        let place = Self::new(name);
        place.run("", &[]);
        place
    }

    /// The same in a folder of segments.
    fn folder(name: &str) -> Self {
        let place = Self::new(name);
        place.run("/", &["--logbook-segment", "64 KiB"]);
        assert!(place.segments().len() >= 4, "{:?}", place.segments());
        place
    }

    fn run(&self, slash: &str, more: &[&str]) {
        let output = self.try_run(slash, more);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    }

    fn try_run(&self, slash: &str, more: &[&str]) -> Output {
        let path = self.text() + slash;
        let day = ["run", "scenarios/thousand-users.toml", "--set", "duration=36h", "--quiet"];
        let to = ["--fail-on", "nothing", "--logbook", &path];
        seatrial(&[&day[..], &to, more].concat())
    }

    fn text(&self) -> String {
        self.0.display().to_string()
    }

    fn segments(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.0).unwrap().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    }

    fn replay(&self, more: &[&str]) -> Output {
        replay(&self.0, more)
    }

    /// The document of a replay that ends with this code.
    fn document(&self, code: i32) -> Value {
        let output = self.replay(&["--format", "json"]);
        assert_eq!(output.status.code(), Some(code), "{}{}", out(&output), err(&output));
        serde_json::from_str(&out(&output)).unwrap()
    }

    fn remove(&self) {
        let _ = std::fs::remove_file(&self.0);
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.remove();
    }
}

fn replay(path: &Path, more: &[&str]) -> Output {
    seatrial(&[&["replay", &path.display().to_string()], more].concat())
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[at] ^= 4;
    std::fs::write(path, bytes).unwrap();
}

fn length(path: &Path) -> usize {
    usize::try_from(std::fs::metadata(path).unwrap().len()).unwrap()
}

fn same(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}{}", out(output), err(output));
    assert!(out(output).contains("every one the same again"), "{}", out(output));
}

#[test]
fn a_logbook_replays_to_the_same_decisions() {
    let place = Place::file("same");
    same(&place.replay(&[]));
    let document = place.document(0);
    // A day of ticks each 15 s; the last falls on its end.
    assert!(document["ticks"].as_u64().unwrap() >= 5_760, "{document}");
    assert!(document["decisions"].as_u64().unwrap() > 10_000, "{document}");
    // What a tick takes, half a whole view included.
    let bytes = length(&place.0);
    assert!(bytes < 5_760 * 130, "{bytes} bytes");
}

#[test]
fn a_folder_of_segments_replays_as_the_file_and_so_does_each_segment_alone() {
    let (file, folder) = (Place::file("whole"), Place::folder("parts"));
    let (whole, parts) = (file.document(0), folder.document(0));
    for key in ["ticks", "decisions", "differing_ticks", "differing_memories", "told"] {
        assert_eq!(whole[key], parts[key], "{key}");
    }
    assert_eq!(parts["segments"], folder.segments().len());
    for path in folder.segments() {
        same(&replay(&path, &[]));
    }
    std::fs::remove_file(&folder.segments()[0]).unwrap();
    let rest = folder.replay(&[]);
    same(&rest);
    assert!(out(&rest).contains("begins with segment 2: older ones were removed"));
}

#[test]
fn the_same_run_writes_the_same_bytes() {
    let (one, other) = (Place::folder("one"), Place::folder("other"));
    let bytes = |place: &Place| -> Vec<Vec<u8>> {
        place.segments().iter().map(|path| std::fs::read(path).unwrap()).collect()
    };
    assert!(bytes(&one) == bytes(&other));
    let again = one.try_run("/", &[]);
    assert_eq!(again.status.code(), Some(3));
    assert!(err(&again).contains("the folder is not empty"), "{}", err(&again));
}

#[test]
fn other_policies_tell_what_they_would_have_decided() {
    for place in [Place::file("other"), Place::folder("others")] {
        let output = place.replay(&["--policy", "policies/wake-storm.toml", "--most", "3"]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        let text = out(&output);
        assert!(text.contains("ticks decided differently"), "{text}");
        let line = "  + idle-ladder: tenant-850: hibernate to bots-stopped: idle for 2 d 7 h";
        assert!(text.contains(line) && text.contains("at 0 d 00:00:00"), "{text}");
    }
}

#[test]
fn a_torn_tail_is_told_and_a_flipped_byte_is_found() {
    let place = Place::file("changed");
    let bytes = std::fs::read(&place.0).unwrap();
    let middle = bytes.len() / 2;
    std::fs::write(&place.0, &bytes[..middle]).unwrap();
    let torn = place.replay(&[]);
    same(&torn);
    assert!(out(&torn).contains("segment 1 ends in the middle of a tick"), "{}", out(&torn));
    std::fs::write(&place.0, &bytes).unwrap();
    flip(&place.0, middle);
    let changed = place.replay(&[]);
    assert_eq!(changed.status.code(), Some(2));
    assert!(err(&changed).contains("the logbook was changed: the frame at byte"));
}

#[test]
fn a_flipped_byte_of_a_folder_is_found_in_its_segment() {
    let place = Place::folder("flipped");
    let path = &place.segments()[1];
    flip(path, length(path) / 2);
    for arguments in [&[][..], &["--policy", "policies/wake-storm.toml"], &["--view", "last"]] {
        let output = place.replay(arguments);
        assert_eq!(output.status.code(), Some(2));
        let says = "segment 2: the logbook was changed: the frame at byte";
        assert!(err(&output).contains(says), "{}", err(&output));
    }
}

#[test]
fn a_segment_cut_at_the_end_of_a_frame_is_found() {
    let place = Place::folder("cut");
    let path = &place.segments()[1];
    let bytes = std::fs::read(path).unwrap();
    let mut reader = LogbookReader::open(&bytes[..]).unwrap();
    let mut ends = vec![];
    while reader.next_frame().unwrap().is_some() {
        ends.push(usize::try_from(reader.at()).unwrap());
    }
    // A frame holds many ticks.
    ends.dedup();
    std::fs::write(path, &bytes[..ends[ends.len() - 2]]).unwrap();
    let output = place.replay(&[]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let says = "segment 3 does not begin where the one before it ends";
    assert!(out(&output).contains(says), "{}", out(&output));
    assert_eq!(place.document(1)["told"][0]["kind"], "broken");
}

#[test]
fn a_segment_taken_out_of_the_middle_is_missed() {
    let place = Place::folder("missing");
    std::fs::remove_file(&place.segments()[1]).unwrap();
    let output = place.replay(&[]);
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let says = "segments are missing between 1 and 3";
    assert!(out(&output).contains(says), "{}", out(&output));
    // What is left decides the same, from what each segment remembers.
    assert!(out(&output).contains("every one the same again"), "{}", out(&output));
}

/// The policies that a head names.
fn policies(head: &LogbookHead) -> PolicyFile {
    let tree = seatrial_format::json_tree(&serde_json::from_str(&head.policies).unwrap());
    PolicyFile::read(&tree, &Way::Root, &mut Problems::default()).unwrap()
}

#[test]
fn a_host_that_was_killed_in_the_middle_of_a_write_goes_on() {
    let place = Place::folder("killed");
    let last = place.segments().pop().unwrap();
    let whole = std::fs::read(&last).unwrap();
    for lost in [1, 11, 25] {
        std::fs::write(&last, &whole[..whole.len() - lost]).unwrap();
        // As a bridge does when it starts.
        let mut segment = newest(&place.0).unwrap().unwrap();
        let file = policies(&LogbookHead::read(&segment.head).unwrap());
        let mut recovery = Recovery::begin(&segment.head, &file).unwrap();
        while let Some(text) = segment.turns.next_frame().unwrap() {
            recovery.turn(&text).unwrap();
        }
        let found = recovery.end();
        let (mut pilot, mut view) = (found.pilot.unwrap(), found.last.view);
        let mut scribe = Scribe::new(LogbookHead { host: LogbookHost::Bridge, ..found.head });
        let head = scribe.begin(Some(pilot.save()));
        let mut writer = SegmentWriter::open(&place.0, SegmentLimits::default(), &head).unwrap();
        for _ in 0..40 {
            view.settle();
            view.taken_at = view.taken_at.after(Span::seconds(15));
            view.sweep_machines(view.taken_at);
            pilot.tick(&view, Dice::new(scribe.head().seed));
            let text = scribe.turn(&view, &found.last.names, pilot.decided());
            writer.append(&text).unwrap();
        }
        writer.sync().unwrap();

        let output = place.replay(&[]);
        same(&output);
        let says = format!("segment {} ends in the middle of a tick, at byte", segment.number);
        assert!(out(&output).contains(&says), "{}", out(&output));
        let document = place.document(0);
        assert_eq!(document["differing_memories"], 0, "it goes on as if it had never stopped");
        std::fs::remove_file(place.segments().pop().unwrap()).unwrap();
    }
}

#[test]
fn a_view_is_shown_as_it_was_at_a_moment() {
    let (file, folder) = (Place::file("view"), Place::folder("views"));
    let mut shown = Vec::new();
    for moment in ["0 s", "20 min", "0 d 19:59:59", "20 h", "last"] {
        let output = file.replay(&["--view", moment]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert_eq!(out(&output), out(&folder.replay(&["--view", moment])), "{moment}");
        shown.push(out(&output));
    }
    shown.dedup();
    assert_eq!(shown.len(), 5);
    let document: Value = serde_json::from_str(&shown[3]).unwrap();
    assert_eq!(document["taken_at"], "0 d 20:00:00");
    assert_eq!(document["nodes"][0]["name"], "worker-low-1");
    assert_eq!(document["tenants"][999]["units"][0]["name"], "postgres");

    let view = Place::new("document");
    std::fs::write(&view.0, &shown[4]).unwrap();
    let arguments = ["decide", "--policy", "policies/thousand-users.toml", "--view", &view.text()];
    let decided = seatrial(&arguments);
    assert_eq!(decided.status.code(), Some(0), "{}", err(&decided));
    assert!(out(&decided).contains("worker-premium"), "{}", out(&decided));

    let early = folder.replay(&["--view", "whenever"]);
    assert_eq!(early.status.code(), Some(2));
    assert!(err(&early).contains("`whenever` is no moment here"), "{}", err(&early));
}

#[test]
fn a_logbook_that_only_observed_is_rebuilt() {
    let (place, seen) = (Place::new("observed"), Place::folder("seen"));
    let mut segment = newest(&seen.0).unwrap().unwrap();
    let head = LogbookHead::read(&segment.head).unwrap();
    let mut recovery = Recovery::begin(&segment.head, &policies(&head)).unwrap();
    recovery.turn(&segment.turns.next_frame().unwrap().unwrap()).unwrap();
    let mut last = recovery.end().last;
    last.view.update_tenant(TenantId::at(7), |row| {
        (row.stage, row.wanted_since) = (Stage(1), Some(Clock::moment(Span::ZERO)));
    });
    let mut scribe = Scribe::new(LogbookHead {
        of: "docker-1".to_owned(),
        host: LogbookHost::Bridge,
        mode: LogbookMode::Observed,
        clock: Clock::Utc,
        ..head
    });
    let mut writer = LogbookWriter::begin(std::fs::File::create(&place.0).unwrap()).unwrap();
    writer.append(&scribe.begin(None)).unwrap();
    for second in 0..3 {
        last.view.taken_at = Clock::moment(Span::seconds(1_795_258_233 + second));
        writer.append(&scribe.turn(&last.view, &last.names, &Default::default())).unwrap();
    }
    let output = place.replay(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(out(&output), "docker-1: 3 views rebuilt, nothing was decided\n");
    let shown = place.replay(&["--view", "2026-11-21 10:50:34Z"]);
    let view: Value = serde_json::from_str(&out(&shown)).unwrap();
    assert_eq!(view["taken_at"], "2026-11-21 10:50:34Z");
    let before = place.replay(&["--view", "2026-11-21T10:50:32Z"]);
    assert_eq!(before.status.code(), Some(2));
    assert!(err(&before).contains("no view that was taken by then"), "{}", err(&before));
    let asked = place.replay(&["--policy", "policies/thousand-users.toml"]);
    assert_eq!(asked.status.code(), Some(0));
    let says = "at 2026-11-21 10:50:33Z\n  + idle-ladder: tenant-7: wake: ";
    assert!(out(&asked).contains(says), "{}", out(&asked));
}

#[test]
fn a_logbook_of_other_code_is_refused() {
    let place = Place::new("foreign");
    let mut writer = LogbookWriter::begin(std::fs::File::create(&place.0).unwrap()).unwrap();
    let head = r#"{"of":"elsewhere","host":"bridge","mode":"decided","policy_digest":"0123",
        "policies":"{}","seed":1,"clock":"utc"}"#;
    assert_eq!(LogbookHead::read(head).unwrap().clock, Clock::Utc);
    writer.append(head).unwrap();
    let output = place.replay(&[]);
    assert_eq!(output.status.code(), Some(2));
    let says = "segment 1: its policies have the digest 0123, those of this program";
    assert!(err(&output).contains(says), "{}", err(&output));
    assert_ne!(digest(&policies(&LogbookHead::read(head).unwrap())), "0123");
}

#[test]
fn a_logbook_of_the_first_format_is_refused() {
    let place = Place::new("old");
    std::fs::write(&place.0, b"SEATRIAL LOGBOOK 1\n\x10\0\0\0").unwrap();
    let output = place.replay(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("an older Seatrial, in format 1"), "{}", err(&output));
}

#[test]
fn a_logbook_tells_what_was_decided_and_why() {
    let place = Place::file("tell");
    let (actions, all) = (place.replay(&["--tell", "actions"]), place.replay(&["--tell", "all"]));
    let (actions, all) = (out(&actions), out(&all));
    let document = place.document(0);
    let decisions = document["decisions"].as_u64().unwrap();
    assert_eq!(u64::try_from(all.lines().count()).unwrap(), decisions);
    assert!(actions.lines().count() > 1_000, "a thousand tenants are placed at least");
    assert!(actions.lines().all(|line| !line.contains(": hold (")));
    assert!(actions.starts_with("0 d 00:00:00 "), "{}", actions.lines().next().unwrap_or_default());
    assert!(actions.contains(": wake (idle-ladder): somebody has waited for it for "));
    let lines = out(&place.replay(&["--tell", "actions", "--format", "json"]));
    assert_eq!(lines.lines().count(), actions.lines().count());
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert!(first["says"].as_str().unwrap().contains(": "), "{first}");
    let both = place.replay(&["--tell", "all", "--view", "last"]);
    assert_eq!(both.status.code(), Some(2), "one thing at a time");
}
