//! A trace as protoc reads it back: it shares no code with what wrote it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// A message, field by field.
#[derive(Debug, Default)]
pub struct Message(Vec<(String, Value)>);

#[derive(Debug)]
enum Value {
    Word(String),
    Message(Message),
}

impl Message {
    pub fn texts(&self, field: &str) -> Vec<&str> {
        let fields = self.0.iter().filter(|(name, _)| name == field);
        let words = fields.filter_map(|(_, value)| match value {
            Value::Word(word) => Some(word.as_str()),
            Value::Message(_) => None,
        });
        words.collect()
    }

    pub fn text(&self, field: &str) -> &str {
        self.texts(field).first().copied().unwrap_or_default()
    }

    pub fn number<T: std::str::FromStr>(&self, field: &str) -> Option<T> {
        self.texts(field).first().and_then(|word| word.parse().ok())
    }

    fn messages(&self, field: &str) -> impl Iterator<Item = &Message> {
        self.0.iter().filter(move |(name, _)| name == field).filter_map(|(_, value)| match value {
            Value::Message(inner) => Some(inner),
            Value::Word(_) => None,
        })
    }
}

/// A track.
#[derive(Debug)]
pub struct Track {
    pub name: String,
    pub parent: Option<u64>,
    pub unit: Option<String>,
}

/// An event on a track.
#[derive(Debug)]
pub struct Event {
    pub at: u64,
    pub kind: String,
    pub track: u64,
    pub name: String,
    pub category: String,
    pub value: Option<f64>,
    pub flows: Vec<u64>,
    pub notes: BTreeMap<String, String>,
    pub alike: Option<u64>,
}

/// A trace: its tracks, and all events in the order of time, those of the same moment in the order of the file, as
/// Perfetto sorts them.
pub struct Trace {
    pub tracks: BTreeMap<u64, Track>,
    pub events: Vec<Event>,
}

/// Whether there is a protoc; without one tests say so and pass, unless `CI` or `SEATRIAL_LIVE` is set.
pub fn is_readable() -> bool {
    if Command::new("protoc").arg("--version").output().is_ok() {
        return true;
    }
    let wanted = ["CI", "SEATRIAL_LIVE"].into_iter().any(|key| std::env::var_os(key).is_some());
    assert!(!wanted, "there is no protoc: apt-get install protobuf-compiler");
    println!("skipped: needs protoc");
    false
}

impl Trace {
    /// Reads a trace; nothing in it may be unknown to the messages' declaration.
    pub fn read(root: &Path, file: &Path) -> Self {
        let protoc = Command::new("protoc")
            .arg("--decode=Trace")
            .arg(format!("--proto_path={}", root.join("tests/trace").display()))
            .arg("perfetto.proto")
            .stdin(Stdio::from(std::fs::File::open(file).expect("there is a trace")))
            .output();
        let output = protoc.expect("protoc is needed: apt-get install protobuf-compiler");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("protoc escapes what is no text");
        let whole = message(&mut text.lines());
        let mut trace = Self { tracks: BTreeMap::new(), events: Vec::new() };
        for packet in whole.messages("packet") {
            assert_eq!(packet.text("trusted_packet_sequence_id"), "1");
            if let Some(of) = packet.messages("track_descriptor").next() {
                trace.track(of);
            }
            let at = packet.number("timestamp");
            for event in packet.messages("track_event") {
                let event = event_of(at.expect("events have a moment"), event);
                assert!(trace.tracks.contains_key(&event.track), "no track for {event:?}");
                trace.events.push(event);
            }
        }
        trace.events.sort_by_key(|event| event.at);
        trace
    }

    fn track(&mut self, of: &Message) {
        let unit = of.messages("counter").next();
        let unit = unit.map(|of| format!("{}{}", of.text("unit"), of.text("unit_name")));
        let (name, parent) = (of.text("name").to_owned(), of.number("parent_uuid"));
        assert!(parent.is_none_or(|parent| self.tracks.contains_key(&parent)), "{name}");
        let uuid = of.number("uuid").expect("tracks have numbers");
        let before = self.tracks.insert(uuid, Track { name, parent, unit });
        assert!(before.is_none(), "two tracks of number {uuid}");
    }

    /// The names of a track and of those above it, the uppermost first.
    pub fn path(&self, track: u64) -> Vec<&str> {
        let mut path = Vec::new();
        let mut at = Some(track);
        while let Some(track) = at.map(|at| &self.tracks[&at]) {
            path.insert(0, track.name.as_str());
            at = track.parent;
        }
        path
    }

    pub fn of<'a>(&'a self, kind: &'a str, category: &'a str) -> impl Iterator<Item = &'a Event> {
        self.events.iter().filter(move |event| event.kind == kind && event.category == category)
    }

    /// A counter by the end of its path, and its values.
    pub fn counter(&self, end: &[&str]) -> Vec<(u64, f64)> {
        let is_it = |id: &&u64| self.tracks[*id].unit.is_some() && self.path(**id).ends_with(end);
        let id = self.tracks.keys().find(is_it).unwrap_or_else(|| panic!("no counter {end:?}"));
        let events = self.events.iter().filter(|event| event.track == *id);
        events.map(|event| (event.at, event.value.unwrap_or_default())).collect()
    }
}

fn event_of(at: u64, event: &Message) -> Event {
    let note = |of: &Message| {
        let value = of.texts("string_value").into_iter().chain(of.texts("uint_value")).next();
        (of.text("name").to_owned(), value.unwrap_or_default().to_owned())
    };
    Event {
        at,
        kind: event.text("type").trim_start_matches("TYPE_").to_owned(),
        track: event.number("track_uuid").expect("events are on tracks"),
        name: event.text("name").to_owned(),
        category: event.text("categories").to_owned(),
        // A value of nothing is written too, and told as 0.
        value: event.number("double_counter_value"),
        flows: event.texts("flow_ids").iter().filter_map(|id| id.parse().ok()).collect(),
        notes: event.messages("debug_annotations").map(note).collect(),
        alike: event.number("correlation_id"),
    }
}

/// A message in protoc's text, until its closing brace.
fn message(lines: &mut std::str::Lines<'_>) -> Message {
    let mut found = Message::default();
    while let Some(line) = lines.next().map(str::trim) {
        if line == "}" {
            break;
        }
        let (name, value) = match line.strip_suffix(" {") {
            Some(name) => (name, Value::Message(message(lines))),
            None => {
                let (name, word) = line.split_once(": ").expect("a field and its value");
                (name, Value::Word(word.trim_matches('"').replace("\\\"", "\"")))
            }
        };
        assert!(name.starts_with(|of: char| of.is_ascii_lowercase()), "an unknown field: {line}");
        found.0.push((name.to_owned(), value));
    }
    found
}
