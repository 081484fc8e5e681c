//! Whatever a file holds, it loads or at least one problem says why, and the problems can be shown.

use proptest::prelude::*;
use seatrial_format::{Failure, InMemory, Override, Style, load_scenario};

const GOOD: &str = include_str!("sample/run.toml");

/// Loads and shows; true where there was a value.
fn holds(bytes: &[u8], overrides: &[Override]) -> bool {
    let base = InMemory::default().with("base.toml", GOOD);
    let files = base.with("week.toml", bytes);
    let result = load_scenario(&files, "week.toml".as_ref(), overrides);
    let Err(failure) = result else { return true };
    if let Failure::Wrong { problems, .. } = &failure {
        assert!(!problems.is_empty(), "no value and no problem");
    }
    let text = failure.render(Style { colour: true });
    assert!(text.contains("E001") && text.contains("help:"));
    let findings = failure.findings();
    assert!(findings.iter().all(|finding| !finding.message.is_empty()), "a problem without words");
    assert!(findings.iter().all(|finding| !finding.remedy.is_empty()), "a problem without remedy");
    false
}

/// Text that looks like TOML more often than chance would have it.
fn like_toml() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "pools",
        "name",
        "count",
        "cpu",
        "tiers",
        "free",
        "arrivals",
        "stack",
        "sessions",
        "rhythm",
        "growth.mix",
        "kind",
        "extends",
        "seed",
        "duration",
        "\"poisson\"",
        "\"paid\"",
        "\"0 s\"",
        "\"900000 TiB\"",
        "\"7 d\"",
        "\"base.toml\"",
        "5",
        "-1",
        "0.5",
        "1e400",
        "true",
        "2026-01-01",
        "99999999999999999999",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ",",
        ".",
        "\n",
        "\n",
        "\n",
        " ",
        "\t",
        "#",
        "\"",
        "'",
        "\"\"\"",
        "'''",
        "\\",
        "\\u",
        "船",
        "“",
        "\u{feff}",
        "\r\n",
        "\r",
        "\0",
        "\u{1b}",
        "\u{202e}",
        "_",
        "0x",
        "inf",
        "nan",
        "+",
    ]);
    prop::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        holds(&bytes, &[]);
    }

    #[test]
    fn text_like_toml(text in like_toml()) {
        holds(text.as_bytes(), &[]);
    }

    #[test]
    fn a_good_file_with_a_piece_replaced(
        from in 0..GOOD.len(), length in 0..40usize, piece in like_toml(), extends in any::<bool>(),
    ) {
        let mut bytes = GOOD.as_bytes().to_vec();
        let end = (from + length).min(bytes.len());
        bytes.splice(from..end, piece.into_bytes());
        if extends {
            bytes.splice(0..0, *b"extends = \"base.toml\"\n");
        }
        holds(&bytes, &[]);
    }

    #[test]
    fn lines_of_a_good_file_in_any_order(
        lines in Just(GOOD.lines().collect::<Vec<_>>()).prop_shuffle(), keep in 0..90usize,
    ) {
        let text = lines.into_iter().take(keep).collect::<Vec<_>>().join("\n");
        holds(text.as_bytes(), &[]);
    }

    #[test]
    fn overrides_of_any_form(path in like_toml(), value in like_toml(), text in ".{0,40}") {
        let forms = [Override(format!("{path}={value}")), Override(text), Override(path)];
        holds(GOOD.as_bytes(), &forms);
    }
}

#[test]
fn deep_and_broken_nesting_is_refused() {
    let times = |piece: &str| piece.repeat(20_000);
    for text in [
        times("["),
        format!("a = {}", times("[")),
        format!("a = {}", times("{a=")),
        format!("a = {}", times("[{a.a.a=")),
        format!("a = {}", times("{a.a=]")),
        format!("a = {}", times("[}")),
        format!("a = {}", times("{a=[}")),
        format!("a = {}", times("[\n")),
        format!("{} = 1", vec!["a"; 20_000].join(".")),
        format!("[{}]", vec!["a"; 20_000].join(".")),
        format!("[[{}]]", vec!["a"; 20_000].join(" . ")),
        format!("[a\n{}", times(".a\n")),
        times("[[a]]\n[a.a]\n"),
        times("a = 1\n"),
        times("a.a = 1\n"),
        times("\"\n"),
        times("a = 7 d\n"),
    ] {
        assert!(!holds(text.as_bytes(), &[]), "{}", &text[..20]);
    }
}

#[test]
fn a_thousand_overrides_are_enough() {
    let many = vec![Override::set("seed", "5"); 2_000];
    assert!(!holds(GOOD.as_bytes(), &many));
    assert!(holds(GOOD.as_bytes(), &many[..1_000]));
}
