//! Receipts that are not what they were signed as are refused, each for its own reason.

use seatrial_record::{
    Counted, HeldReceipts, PublicKey, RECEIPT_VERSION, Receipt, ReceiptCase, ReceiptSuite, Refusal,
    Rehearsed, Sealed, SecretKey,
};

fn key(number: u8) -> SecretKey {
    SecretKey::of_chance(&[number; 32])
}

fn receipt(policies: &str) -> Receipt {
    let wake = Counted { word: "wake".to_owned(), count: 7 };
    let rehearsed = Rehearsed {
        digest: policies.to_owned(),
        file: "policies/p.toml".to_owned(),
        cases: vec!["calm".to_owned()],
        actions: vec![wake],
        never_taken: vec!["drain".to_owned()],
        ..Rehearsed::default()
    };
    let case = ReceiptCase {
        name: "calm".to_owned(),
        policies: policies.to_owned(),
        seeds: vec![4, 5],
        ..ReceiptCase::default()
    };
    Receipt {
        version: RECEIPT_VERSION,
        date: Some("2026-11-30".to_owned()),
        suite: ReceiptSuite {
            title: "t".to_owned(),
            file: "s.toml".to_owned(),
            digest: "5e".to_owned(),
        },
        policies: vec![rehearsed],
        cases: vec![case],
        ..Receipt::default()
    }
}

fn signed(policies: &str, by: u8) -> Sealed {
    let mut sealed = Sealed::new(&receipt(policies));
    sealed.sign(&key(by));
    sealed
}

/// What reading and verifying a text comes to.
fn verified(text: &str, trusted: &[PublicKey]) -> Result<Receipt, Refusal> {
    Sealed::of_text(text)?.verify(trusted)
}

#[test]
fn a_receipt_that_a_trusted_key_signed_is_accepted_as_it_was_written() {
    let trusted = [key(2).public(), key(1).public()];
    let text = signed("aa", 1).to_text();
    assert_eq!(verified(&text, &trusted), Ok(receipt("aa")));
    // Two may sign, and signing again changes nothing.
    let mut sealed = Sealed::of_text(&text).unwrap();
    sealed.sign(&key(2));
    sealed.sign(&key(1));
    assert_eq!(sealed.signatures().len(), 2);
    for by in [1, 2] {
        assert_eq!(verified(&sealed.to_text(), &[key(by).public()]), Ok(receipt("aa")));
    }
}

#[test]
fn whatever_is_changed_in_the_file_is_refused_or_says_the_same() {
    let text = signed("aa", 1).to_text();
    let trusted = [key(1).public()];
    let mut refused = 0;
    for at in 0..text.len() {
        for other in [b'0', b'1', b'9', b'a', b'"', b' ', b'}', b','] {
            let mut bytes = text.clone().into_bytes();
            if bytes[at] == other {
                continue;
            }
            bytes[at] = other;
            let changed = String::from_utf8(bytes).unwrap();
            match verified(&changed, &trusted) {
                Ok(of) => assert_eq!(of, receipt("aa"), "byte {at}: {changed}"),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 7 * (text.len() - 40), "{refused} of {}", 8 * text.len());
}

#[test]
fn what_is_cut_off_is_said_to_be() {
    let text = signed("aa", 1).to_text();
    let whole = text.trim_end().len();
    for end in 0..whole {
        assert_eq!(verified(&text[..end], &[key(1).public()]), Err(Refusal::Truncated), "{end}");
    }
    let more = format!("{text}{text}");
    assert!(matches!(verified(&more, &[key(1).public()]), Err(Refusal::NoReceipt(_))));
}

#[test]
fn a_change_is_seen_by_the_digest_and_where_that_was_changed_too_by_the_signature() {
    let (mine, other) = (signed("aa", 1).to_text(), Sealed::new(&receipt("bb")).to_text());
    let trusted = [key(1).public()];
    assert_eq!(
        verified(&mine.replace("\\\"aa", "\\\"bb").replace("\"aa\"", "\"bb\""), &trusted),
        Err(Refusal::Changed)
    );
    // The signature of one receipt under another, which is whole in itself.
    let signatures = |text: &str| {
        let from = text.find("\"signatures\"").unwrap();
        let to = from + text[from..].find("\"receipt\"").unwrap();
        (from, to)
    };
    let (mine_at, other_at) = (signatures(&mine), signatures(&other));
    let forged = [&other[..other_at.0], &mine[mine_at.0..mine_at.1], &other[other_at.1..]].concat();
    assert_eq!(verified(&other, &trusted), Err(Refusal::Unsigned));
    assert_eq!(verified(&forged, &trusted), Err(Refusal::BadSignature(key(1).public().id())));
}

#[test]
fn a_signature_by_somebody_else_is_none() {
    let text = signed("aa", 2).to_text();
    let others = Err(Refusal::OtherKeys(vec![key(2).public().id()]));
    assert_eq!(verified(&text, &[key(1).public()]), others);
    assert_eq!(verified(&text, &[]), others);
    // Theirs, under the name of a key that is trusted.
    let named = text.replace(&key(2).public().id(), &key(1).public().id());
    assert_eq!(
        verified(&named, &[key(1).public()]),
        Err(Refusal::BadSignature(key(1).public().id()))
    );
}

#[test]
fn it_is_for_its_own_policies_and_for_no_others() {
    let trusted = [key(1).public()];
    let mut held = HeldReceipts::default();
    let other = |wanted: &str, has: &[&str]| Refusal::OtherPolicies {
        wanted: wanted.to_owned(),
        has: has.iter().map(|of| (*of).to_owned()).collect(),
    };
    assert_eq!(held.of("aa").err(), Some(other("aa", &[])));
    held.hold(&signed("aa", 1), &trusted).unwrap();
    assert_eq!(held.of("bb").err(), Some(other("bb", &["aa"])));
    assert_eq!(held.of("").err(), Some(other("", &["aa"])));
    // The next ones are gated while the last still run.
    held.hold(&signed("bb", 1), &trusted).unwrap();
    for policies in ["aa", "bb"] {
        let (of, rehearsed) = held.of(policies).unwrap();
        assert_eq!((of, rehearsed.digest.as_str()), (&receipt(policies), policies));
        assert!(rehearsed.took("wake") && !rehearsed.took("drain"));
    }
    // What is refused is not held.
    assert!(held.hold(&signed("cc", 2), &trusted).is_err());
    assert!(held.of("cc").is_err());
}

#[test]
fn other_versions_are_named() {
    let text = signed("aa", 1).to_text();
    let newer = text.replace("\"seatrial-receipt\": 1", "\"seatrial-receipt\": 2");
    assert_eq!(Sealed::of_text(&newer).err(), Some(Refusal::OtherVersion(2)));
    let newer = Sealed::new(&Receipt { version: 9, ..receipt("aa") }).to_text();
    assert_eq!(Sealed::of_text(&newer).err(), Some(Refusal::OtherVersion(9)));
    for no in ["[]", "{}", "null", "{\"seatrial-receipt\":1}", "receipt", "7"] {
        assert!(matches!(Sealed::of_text(no), Err(Refusal::NoReceipt(_))), "{no}");
    }
}

#[test]
fn every_refusal_has_a_message_of_its_own() {
    let all = [
        Refusal::Truncated,
        Refusal::NoReceipt("x".to_owned()),
        Refusal::OtherVersion(2),
        Refusal::Changed,
        Refusal::Unsigned,
        Refusal::OtherKeys(vec![]),
        Refusal::BadSignature(String::new()),
        Refusal::OtherPolicies { wanted: String::new(), has: vec![] },
        Refusal::OtherSuite { wanted: String::new(), has: String::new() },
    ];
    let texts: std::collections::BTreeSet<String> = all.iter().map(Refusal::to_string).collect();
    assert_eq!(texts.len(), all.len());
}
