use super::*;

const TEXTS: [&str; 4] = ["first", "", "the third, a little longer", "first"];

fn written() -> (Vec<u8>, Vec<usize>) {
    let mut bytes = Vec::new();
    let mut writer = LogbookWriter::begin(&mut bytes).unwrap();
    let mut ends = vec![OPENING];
    for text in TEXTS {
        writer.append(text).unwrap();
        ends.push(usize::try_from(writer.written()).unwrap());
    }
    (bytes, ends)
}

type Found = Result<(Vec<String>, Option<Torn>), LogbookError>;

fn read(bytes: &[u8]) -> Found {
    let mut reader = LogbookReader::open(bytes)?;
    let mut all = Vec::new();
    while let Some(text) = reader.next_frame()? {
        all.push(text);
    }
    Ok((all, reader.torn()))
}

#[test]
fn what_was_written_is_read() {
    let (all, torn) = read(&written().0).unwrap();
    assert_eq!(all, TEXTS);
    assert_eq!(torn, None);
}

#[test]
fn a_flipped_bit_anywhere_is_found() {
    let (whole, _) = written();
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            assert!(read(&bytes).is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn a_death_at_any_byte_costs_the_last_frame_at_most() {
    let (whole, ends) = written();
    for length in 0..OPENING {
        assert!(matches!(read(&whole[..length]), Err(LogbookError::Unbegun)), "{length}");
    }
    for length in OPENING..whole.len() {
        let (all, torn) = read(&whole[..length]).unwrap();
        let good = ends.iter().rposition(|end| *end <= length).unwrap();
        assert_eq!(all, TEXTS[..good]);
        let lost = length - ends[good];
        let told = (lost > 0).then_some(Torn { at: ends[good] as u64, lost: lost as u64 });
        assert_eq!(torn, told, "at byte {length}");
    }
}

#[test]
fn zeros_after_the_last_frame_are_a_torn_tail() {
    let (mut bytes, ends) = written();
    bytes.resize(bytes.len() + 70_000, 0);
    let (all, torn) = read(&bytes).unwrap();
    assert_eq!(all, TEXTS);
    assert_eq!(torn, Some(Torn { at: ends[4] as u64, lost: 70_000 }));
    bytes.push(1);
    assert!(matches!(read(&bytes), Err(LogbookError::Changed { .. })));
}

#[test]
fn what_was_said_before_takes_little_room() {
    let mut bytes = Vec::new();
    let mut writer = LogbookWriter::begin(&mut bytes).unwrap();
    let text = (0..2_000).map(|n| format!("{n} ")).collect::<String>();
    writer.append(&text).unwrap();
    let first = writer.written();
    writer.append(&text).unwrap();
    let second = writer.written() - first;
    assert!(second < first / 20, "{first}, then {second}");
    assert_eq!(read(&bytes).unwrap().0, [text.clone(), text]);
}

#[test]
fn other_files_are_refused() {
    assert!(matches!(read(b"hello"), Err(LogbookError::NoLogbook)));
    assert!(matches!(read(b"SEATRIAL LOGBOOK x\n"), Err(LogbookError::NoLogbook)));
    let Err(old) = read(b"SEATRIAL LOGBOOK 1\n\x05\0\0\0") else { panic!("format 1") };
    assert!(old.to_string().contains("an older Seatrial, in format 1"), "{old}");
}

/// Takes so many bytes, then fails.
struct Full(Vec<u8>, usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.1 - self.0.len());
        self.0.extend_from_slice(&bytes[..taken]);
        if taken == 0 { Err(io::Error::other("full")) } else { Ok(taken) }
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_follows_a_frame_that_could_not_be_written() {
    let mut writer = LogbookWriter::begin(Full(Vec::new(), OPENING + 60)).unwrap();
    writer.append("this fits").unwrap();
    let long: String = (0..500).map(|n| n.to_string()).collect();
    assert!(writer.append(&long).is_err());
    writer.out.1 += 1_000;
    assert!(writer.append("this would fit again").is_err());
    let (all, torn) = read(&writer.out.0).unwrap();
    assert_eq!(all, ["this fits"]);
    assert!(torn.is_some());
}

#[test]
fn a_frame_may_hold_several_texts() {
    for effort in [Effort::Short, Effort::Quick] {
        let mut bytes = Vec::new();
        let mut writer = LogbookWriter::begin_at(&mut bytes, Place::default(), effort).unwrap();
        writer.append("head").unwrap();
        writer.append(&["one", "", "three"].join(&BETWEEN.to_string())).unwrap();
        writer.append("four").unwrap();
        let (all, torn) = read(&bytes).unwrap();
        assert_eq!(
            (all, torn),
            (["head", "one", "", "three", "four"].map(String::from).into(), None)
        );
    }
}

#[test]
fn logbooks_of_the_formats_before_are_read() {
    let place = Place::default();
    for format in FORMATS_BEFORE {
        let opening = [TITLE, format, &place.number.to_le_bytes(), &place.previous.0].concat();
        let mut writer = LogbookWriter {
            out: opening.clone(),
            deflater: Deflater::new(Effort::Short),
            last: first_check(&opening),
            written: opening.len() as u64,
        };
        TEXTS.iter().for_each(|text| writer.append(text).unwrap());
        assert!(writer.out.starts_with(b"SEATRIAL LOGBOOK "));
        assert!(writer.out[TITLE.len()..].starts_with(format));
        assert_eq!(read(&writer.out).unwrap().0, TEXTS);
    }
}
