//! A folder of segments: what was written is read, whatever a dying host leaves behind is told and
//! does no harm, and whatever else was done to it is found.
//!
//! Damage is drawn at random. A failure prints its seed; `SEATRIAL_SEED=<seed> cargo test -p
//! seatrial-record --test segments` repeats it alone.

use seatrial_record::{
    Frame, SegmentError, SegmentLimits, SegmentReader, SegmentWriter, Told, newest,
};
use std::fs;
use std::path::{Path, PathBuf};

const SMALL: SegmentLimits = SegmentLimits { size: 600, segments: 0, bytes: 0 };

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("seatrial-segments-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    /// With so many turns in small segments.
    fn written(name: &str, turns: u32) -> Self {
        let folder = Self::new(name);
        let mut writer = SegmentWriter::open(&folder.0, SMALL, "head 0").unwrap();
        write(&mut writer, 0..turns);
        folder
    }

    fn segment(&self, number: u32) -> PathBuf {
        self.0.join(format!("{number:06}.logbook"))
    }

    fn numbers(&self) -> Vec<u32> {
        let number = |name: &Path| name.file_stem()?.to_str()?.parse().ok();
        let entries = fs::read_dir(&self.0).unwrap().flatten();
        let mut numbers: Vec<u32> = entries.filter_map(|entry| number(&entry.path())).collect();
        numbers.sort_unstable();
        numbers
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn turn(number: u32) -> String {
    format!("turn {number} of {}", u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn write(writer: &mut SegmentWriter, turns: core::ops::Range<u32>) {
    for number in turns {
        writer.append(&turn(number)).unwrap();
        if writer.is_full() {
            writer.begin(&format!("head {}", number + 1)).unwrap();
        }
    }
}

/// The turns, and what is told.
fn read(path: &Path) -> Result<(Vec<String>, Vec<Told>), SegmentError> {
    let mut reader = SegmentReader::open(path)?;
    let mut turns = Vec::new();
    while let Some(frame) = reader.next_frame()? {
        if let Frame::Turn(text) = frame {
            turns.push(text);
        }
    }
    Ok((turns, reader.told().to_vec()))
}

fn turns(range: core::ops::Range<u32>) -> Vec<String> {
    range.map(turn).collect()
}

#[test]
fn what_was_written_is_read_over_all_segments() {
    let folder = Folder::written("all", 200);
    assert!(folder.numbers().len() >= 5, "{:?}", folder.numbers());
    assert_eq!(folder.numbers()[..3], [1, 2, 3]);
    assert_eq!(read(&folder.0).unwrap(), (turns(0..200), vec![]));
}

#[test]
fn the_same_turns_make_the_same_bytes() {
    let (one, other) = (Folder::written("one", 90), Folder::written("other", 90));
    assert_eq!(one.numbers(), other.numbers());
    for number in one.numbers() {
        let bytes = |folder: &Folder| fs::read(folder.segment(number)).unwrap();
        assert_eq!(bytes(&one), bytes(&other));
    }
}

#[test]
fn each_segment_stands_alone() {
    let folder = Folder::written("alone", 100);
    let mut all = Vec::new();
    for number in folder.numbers() {
        let mut reader = SegmentReader::open(&folder.segment(number)).unwrap();
        let first = reader.next_frame().unwrap();
        let text = format!("head {}", all.len());
        assert_eq!(first, Some(Frame::Head { segment: number, text, follows: true }));
        while let Some(Frame::Turn(text)) = reader.next_frame().unwrap() {
            all.push(text);
        }
        assert_eq!(reader.told(), []);
    }
    assert_eq!(all, turns(0..100));
}

#[test]
fn no_segment_is_full_with_the_whole_view_alone() {
    let folder = Folder::new("whole");
    let mut writer = SegmentWriter::open(&folder.0, SMALL, "head").unwrap();
    let whole: String = (0..2_000).map(turn).collect();
    writer.append(&whole).unwrap();
    assert!(writer.written() > 10 * SMALL.size && !writer.is_full());
    while !writer.is_full() {
        writer.append(&whole[..1_000]).unwrap();
        writer.append(&whole[1_000..9_000]).unwrap();
    }
}

#[test]
fn the_oldest_are_removed_and_the_current_never() {
    for (name, limits) in [
        ("count", SegmentLimits { segments: 3, ..SMALL }),
        ("bytes", SegmentLimits { bytes: 3 * 700, ..SMALL }),
        ("tiny", SegmentLimits { bytes: 1, ..SMALL }),
    ] {
        let folder = Folder::new(name);
        let mut writer = SegmentWriter::open(&folder.0, limits, "head 0").unwrap();
        write(&mut writer, 0..200);
        let numbers = folder.numbers();
        assert_eq!(numbers.last(), Some(&writer.number()));
        assert_eq!(numbers.len(), if name == "tiny" { 1 } else { 3 }, "{name}: {numbers:?}");
        let (kept, told) = read(&folder.0).unwrap();
        assert_eq!(told, [Told::OlderRemoved { first: numbers[0] }]);
        assert!(turns(0..200).ends_with(&kept), "{name}");
        if name == "bytes" {
            let sizes = numbers.iter().map(|n| fs::metadata(folder.segment(*n)).unwrap().len());
            assert!(sizes.sum::<u64>() <= limits.bytes);
        }
    }
}

/// Cuts the file to this length.
fn cut(path: &Path, length: usize) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..length]).unwrap();
}

#[test]
fn a_restart_after_a_death_at_any_byte_goes_on_in_a_segment_of_its_own() {
    let folder = Folder::new("death");
    let mut writer = SegmentWriter::open(&folder.0, SMALL, "head 0").unwrap();
    let mut ends = vec![];
    for number in 0..4 {
        ends.push(usize::try_from(writer.written()).unwrap());
        writer.append(&turn(number)).unwrap();
    }
    let whole = fs::read(folder.segment(1)).unwrap();
    for length in 0..whole.len() {
        let _ = fs::remove_file(folder.segment(2));
        fs::write(folder.segment(1), &whole[..length]).unwrap();
        let mut writer = SegmentWriter::open(&folder.0, SMALL, "head again").unwrap();
        writer.append("again").unwrap();
        let (found, told) = read(&folder.0).unwrap();
        let good = ends.iter().filter(|end| **end <= length).count().saturating_sub(1);
        let begun = length >= ends[0];
        let expected = if begun { turns(0..u32::try_from(good).unwrap()) } else { vec![] };
        assert_eq!(found, [expected, vec!["again".to_owned()]].concat(), "at byte {length}");
        let clean = ends.contains(&length);
        let harmless =
            matches!(told[..], [] | [Told::Torn { segment: 1, .. } | Told::Unbegun { segment: 1 }]);
        assert!(harmless && told.is_empty() == clean, "at byte {length}: {told:?}");
    }
}

#[test]
fn a_segment_that_could_not_be_begun_is_passed_over() {
    let folder = Folder::new("passed");
    let mut writer = SegmentWriter::open(&folder.0, SMALL, "head 0").unwrap();
    writer.append("before").unwrap();
    // The disk was full: some bytes of the next segment are there.
    let first = fs::read(folder.segment(1)).unwrap();
    for length in [0, 10, 40] {
        let next = writer.number() + 1;
        fs::write(folder.segment(next), &first[..length.min(25)]).unwrap();
        writer.begin("head again").unwrap();
        writer.append("after").unwrap();
        assert_eq!(writer.number(), next + 1);
    }
    let (found, told) = read(&folder.0).unwrap();
    assert_eq!(found, ["before", "after", "after", "after"]);
    assert_eq!(told, [2, 4, 6].map(|segment| Told::Unbegun { segment }));
}

#[test]
fn what_a_writer_that_starts_goes_on_from_is_the_last_that_holds_a_turn() {
    let folder = Folder::new("newest");
    assert!(newest(&folder.0).unwrap().is_none());
    drop(SegmentWriter::open(&folder.0, SMALL, "head 1").unwrap());
    assert!(newest(&folder.0).unwrap().is_none());
    let mut writer = SegmentWriter::open(&folder.0, SMALL, "head 2").unwrap();
    write(&mut writer, 0..3);
    drop(SegmentWriter::open(&folder.0, SMALL, "head 3").unwrap());
    let mut found = newest(&folder.0).unwrap().unwrap();
    assert_eq!((found.number, found.head.as_str()), (2, "head 2"));
    for number in 0..3 {
        assert_eq!(found.turns.next_frame().unwrap(), Some(turn(number)));
    }
    assert_eq!(found.turns.next_frame().unwrap(), None);
}

#[test]
fn segments_taken_out_of_the_middle_exchanged_or_cut_are_found() {
    let folder = Folder::written("tampered", 150);
    let (second, third) = (folder.segment(2), folder.segment(3));
    let (bytes_2, bytes_3) = (fs::read(&second).unwrap(), fs::read(&third).unwrap());

    fs::write(&second, &bytes_3).unwrap();
    fs::write(&third, &bytes_2).unwrap();
    let (_, told) = read(&folder.0).unwrap();
    assert_eq!(told, [2, 3, 4].map(|segment| Told::Broken { segment }), "exchanged");

    fs::write(&second, &bytes_2).unwrap();
    fs::remove_file(&third).unwrap();
    assert_eq!(read(&folder.0).unwrap().1, [Told::Gap { after: 2, next: 4 }], "taken out");

    // The last frame of the third: found by reading it with ever fewer bytes.
    let mut ends = Vec::new();
    for length in 0..bytes_3.len() {
        fs::write(&third, &bytes_3[..length]).unwrap();
        let (_, told) = read(&folder.0).unwrap();
        assert_eq!(told.last(), Some(&Told::Broken { segment: 4 }), "cut at byte {length}");
        if told.len() == 1 {
            ends.push(length);
        }
    }
    assert!(ends.len() >= 5, "no end of a frame was met: {ends:?}");
}

/// A stream of numbers of our own: the tests of this room have no other.
struct Stream(u64);

impl Stream {
    fn below(&mut self, n: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (n as u64)).unwrap()
    }
}

#[test]
fn damage_at_random_is_found_and_what_is_read_before_it_is_what_was_written() {
    let seeds = match std::env::var("SEATRIAL_SEED") {
        Ok(seed) => vec![seed.parse().expect("SEATRIAL_SEED is a number")],
        Err(_) => (0..1_500).collect(),
    };
    let folder = Folder::written("random", 90);
    let (all, numbers) = (turns(0..90), folder.numbers());
    let last = *numbers.last().unwrap();
    for seed in seeds {
        let mut stream = Stream(seed);
        let number = numbers[stream.below(numbers.len())];
        let path = folder.segment(number);
        let whole = fs::read(&path).unwrap();
        let at = stream.below(whole.len());
        let cuts = stream.below(2) == 0;
        if cuts {
            cut(&path, at);
        } else {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << stream.below(8);
            fs::write(&path, bytes).unwrap();
        }
        let told = |told: &[Told]| match cuts && number == last {
            // Nothing tells the end of a frame from the end of the logbook.
            true => told.iter().all(|told| !told.is_tampering()),
            false => told.iter().any(Told::is_tampering),
        };
        let fine = match read(&folder.0) {
            Err(error) => !cuts && error.segment == Some(number),
            Ok((turns, all_told)) => {
                turns.iter().all(|turn| all.contains(turn)) && cuts && told(&all_told)
            }
        };
        assert!(fine, "SEATRIAL_SEED={seed}: segment {number}, byte {at}, cuts {cuts}");
        fs::write(&path, whole).unwrap();
    }
}
