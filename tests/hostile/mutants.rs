//! Changes the text of a scenario or policy file, a little or a lot, by chance.

use crate::chance::Chance;
use std::ops::Range;

/// Numbers at which something overflows, vanishes or turns around.
const BOUNDS: &[&str] = &[
    "0",
    "-1",
    "1",
    "2",
    "0.0",
    "-0.0",
    "0.0000001",
    "1e-300",
    "1e308",
    "nan",
    "inf",
    "-inf",
    "255",
    "256",
    "65535",
    "65536",
    "1000000",
    "4999999",
    "5000000",
    "5000001",
    "2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "99.999999",
    "100.000001",
    "16777217",
    "9007199254740993",
];

const UNITS: &[&str] = &[
    " ns",
    " us",
    " ms",
    " s",
    " min",
    " h",
    " d",
    " %",
    " cores",
    " B",
    " KiB",
    " MiB",
    " GiB",
    " TiB",
    "/s",
    "/min",
    "/h",
    "/d",
    "",
    " furlongs",
];

/// Odd texts: control characters, what terminals obey, what turns the direction of writing.
const TEXTS: &[&str] = &[
    "\"\\u001b[31mred\\u0007\"",
    "\"a\\u0000b\"",
    "\"\\u202egnp.exe\"",
    "\"\\u009b2J\"",
    "\"\\r\\n\\t\"",
    "\"\"",
    "\"\\u2028\"",
    "'it is'",
    "\"free\"",
    "\"none\"",
    "\"..\"",
    "\"/dev/zero\"",
    "true",
    "[]",
    "{}",
    "[[]]",
    "1979-05-27T07:32:00Z",
    "\"1 s 1 s\"",
    "\"-5 s\"",
    "\"NaN s\"",
    "\"1e400 s\"",
    "\"$-5/h\"",
    "\"$1e30/h\"",
];

const KINDS: &[&str] = &[
    "exponential",
    "lognormal",
    "lognormal-scv",
    "weibull",
    "erlang",
    "hyper-exponential",
    "uniform",
    "empirical",
    "poisson",
    "renewal",
    "closed",
    "tenants",
    "starts",
    "fifo",
    "processor-sharing",
    "preemptive-priority",
    "priority",
    "noeviction",
    "lru",
    "allkeys-lru",
    "random",
    "tenant",
    "tier",
    "traffic",
    "replica",
    "session",
    "transaction",
    "in-session",
    "awake",
    "settled",
    "goes-on",
    "stops",
    "request",
    "sampled",
    "auto",
    "restart",
    "in-place",
    "kept",
    "scaled",
    "critical",
    "low",
    "held",
    "free",
];

/// Whole parts that hardly any file has, so that rare paths are taken.
const PARTS: &[&str] = &[
    "time_out = \"2 s\"",
    "retry = { most = 3, wait = \"1 s\" }",
    "orphaned = \"stops\"",
    "patience = \"3 s\"",
    "retry = { most = 8, wait = \"0 s\", growth = 1.0 }",
    "waiting_room = 0",
    "waiting_room = 5",
    "lifetime = { kind = \"exponential\", mean = \"2 h\" }",
    "start = \"awake\"",
    "bots = 0",
    "replicas = 3",
    "balance = \"least-of-two\"",
    "discipline = \"priority\"",
    "discipline = \"processor-sharing\"",
    "discipline = \"preemptive-priority\"",
    "shedding = { waited = \"1 s\" }",
    "while_asking = \"free\"",
    "outages = [{ at = \"10 min\", lasts = \"5 min\" }]",
    "max_connections = 5",
    "pooling = \"session\"",
    "pool_per = \"replica\"",
    "pool_per = \"tenant\"",
    "min_pool_size = 2",
    "clients_most = 4",
    "most = 3",
    "standbys = [{ name = \"other\", following = \"synchronous\" }]",
    "nodes = 3",
    "policy = \"random\"",
    "snapshots = { every = \"5 min\", lasts = \"1 min\" }",
    "starts_at_once = 1",
    "overcommit = { cpu = \"1000 %\" }",
    "limit = { cpu = \"0.1 cores\", memory = \"64 MiB\" }",
    "per_bot = true",
    "priority = 200",
    "count = 0",
    "one_per = \"tenant\"",
    "replicas_lost = []",
    "tiers = []",
    "zones = [\"a\", \"b\", \"c\"]",
];

/// Whole sections that go to the top or the end.
const SECTIONS: &[&str] = &[
    "[growth]\nsignups = \"200/d\"\nmix = { free = 1.0 }\n",
    "[growth]\nsignups = \"3/min\"\nmix = { free = 1.0, basic = 2.0 }\n",
    "[sensing]\nevery = \"1 min\"\ndelay = \"20 s\"\nloss = \"30 %\"\n",
    "[acting]\ndelay = \"5 min\"\nresize = \"in-place\"\nlimits = \"scaled\"\n",
    "[waking]\nstart_time = \"0 s\"\n",
    "[[faults]]\nkind = \"machine-crash\"\nat = \"20 min\"\nlasts = \"10 min\"\nshare = \"40 %\"\n",
    "[[faults]]\nkind = \"machine-crash\"\nat = \"3 min\"\nevery = { kind = \"exponential\", mean = \"15 min\" }\n\
     lasts = { kind = \"lognormal\", median = \"3 min\", p95 = \"20 min\" }\n",
    "[[alerts]]\nname = \"many\"\nwatches = { kind = \"kills\", more_than = 0, within = \"5 min\" }\n",
];

/// A mutant of a text, and what was done to it.
pub fn mutant(text: &str, others: &[String], chance: &mut Chance) -> (String, Vec<String>) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut done = Vec::new();
    // Two of three mutants are plausible all through: they shall run to their end.
    let is_plausible = !chance.one_in(3);
    for _ in 0..=chance.below(4) {
        let what = match is_plausible {
            true => plausible(&mut lines, others, chance),
            false => wild(&mut lines, others, chance),
        };
        done.extend(what);
    }
    (lines.join("\n") + "\n", done)
}

fn plausible(lines: &mut Vec<String>, others: &[String], chance: &mut Chance) -> Option<String> {
    match chance.below(12) {
        0..=7 => scale(lines, chance),
        8 => insert(lines, chance),
        9 => top(lines, "grain = \"sampled\"", chance.one_in(3)),
        10 => append(lines, chance.pick(SECTIONS)),
        _ => take_line(lines, others, chance),
    }
}

fn wild(lines: &mut Vec<String>, others: &[String], chance: &mut Chance) -> Option<String> {
    let at = chance.below(lines.len());
    match chance.below(13) {
        0..=2 => number(lines, chance, |chance, _| chance.pick(BOUNDS).to_owned()),
        3 => unit(lines, chance),
        4 => value(lines, chance, TEXTS),
        5 => kind(lines, chance),
        6 => {
            let line = lines.get(at)?.clone();
            lines.insert(at, line.clone());
            Some(format!("doubled `{line}`"))
        }
        7 => (!lines.is_empty()).then(|| format!("removed `{}`", lines.remove(at))),
        8 => swap(lines, chance),
        9 => {
            let deep = 10_usize.pow(1 + u32::try_from(chance.below(5)).unwrap_or_default());
            let line = format!("deep = {}{}", "[".repeat(deep), "]".repeat(deep));
            lines.insert(at, line);
            Some(format!("nested {deep} deep at line {}", at + 1))
        }
        10 => take_section(lines, others, chance),
        11 => {
            let line = lines.get_mut(at)?;
            let within = line.char_indices().map(|(at, _)| at).nth(chance.below(line.len()))?;
            let sign = ['\u{0}', '\u{1b}', '\u{7f}', '"', '[', '}', '\u{feff}', '\u{202e}', '#'];
            line.insert(within, sign[chance.below(sign.len())]);
            Some(format!("a stray sign in line {}", at + 1))
        }
        _ => take_line(lines, others, chance),
    }
}

/// Where the numbers of a line's value stand.
fn numbers(line: &str) -> Vec<Range<usize>> {
    let Some(begins) = line.find('=').filter(|_| !line.trim_start().starts_with('#')) else {
        return Vec::new();
    };
    let bytes = line.as_bytes();
    let (mut found, mut at) = (Vec::new(), begins);
    while at < bytes.len() {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if bytes[at].is_ascii_digit() && !is_word(bytes[at - 1]) {
            let from = at;
            while at < bytes.len() && (bytes[at].is_ascii_digit() || bytes[at] == b'.') {
                at += 1;
            }
            found.push(from..at);
        } else {
            at += 1;
        }
    }
    found
}

fn number(
    lines: &mut [String],
    chance: &mut Chance,
    new: impl Fn(&mut Chance, &str) -> String,
) -> Option<String> {
    let spots = lines
        .iter()
        .enumerate()
        .flat_map(|(line, text)| numbers(text).into_iter().map(move |range| (line, range)));
    let spots: Vec<_> = spots.collect();
    let (line, range) = spots.get(chance.below(spots.len()))?.clone();
    let was = lines[line].clone();
    let new = new(chance, &was[range.clone()]);
    lines[line].replace_range(range, &new);
    Some(format!("`{was}` became `{}`", lines[line]))
}

fn scale(lines: &mut [String], chance: &mut Chance) -> Option<String> {
    number(lines, chance, |chance, was| {
        let factor = 10f64.powf(chance.below(2_001) as f64 / 1_000.0 - 1.0);
        let value = was.parse::<f64>().unwrap_or(1.0) * factor;
        match was.contains('.') {
            true => format!("{value:.4}"),
            false => format!("{}", value.round()),
        }
    })
}

fn unit(lines: &mut [String], chance: &mut Chance) -> Option<String> {
    let with: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains('"')).collect();
    let at = *with.get(chance.below(with.len()))?;
    let was = lines[at].clone();
    let ends: Vec<usize> = numbers(&was).iter().map(|range| range.end).collect();
    let from = *ends.get(chance.below(ends.len()))?;
    let length = was[from..].find('"')?;
    lines[at].replace_range(from..from + length, chance.pick(UNITS));
    Some(format!("`{was}` became `{}`", lines[at]))
}

fn value(lines: &mut [String], chance: &mut Chance, of: &[&'static str]) -> Option<String> {
    let at = chance.below(lines.len());
    let line = lines.get_mut(at)?;
    let (key, _) = line.split_once('=')?;
    *line = format!("{key}= {}", chance.pick(of));
    Some(format!("a value became `{line}`"))
}

fn kind(lines: &mut [String], chance: &mut Chance) -> Option<String> {
    let has = |line: &String| KINDS.iter().any(|word| line.contains(&format!("\"{word}\"")));
    let with: Vec<usize> = (0..lines.len()).filter(|at| has(&lines[*at])).collect();
    let at = *with.get(chance.below(with.len()))?;
    let word = KINDS.iter().find(|word| lines[at].contains(&format!("\"{word}\"")))?;
    let new = chance.pick(KINDS);
    lines[at] = lines[at].replacen(&format!("\"{word}\""), &format!("\"{new}\""), 1);
    Some(format!("`{word}` became `{new}` in `{}`", lines[at]))
}

fn swap(lines: &mut [String], chance: &mut Chance) -> Option<String> {
    let with: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains(" = ")).collect();
    let (one, two) = (*with.get(chance.below(with.len()))?, with[chance.below(with.len())]);
    let (first, second) = (lines[one].clone(), lines[two].clone());
    let ((key, value), (other, its)) = (first.split_once(" = ")?, second.split_once(" = ")?);
    lines[one] = format!("{key} = {its}");
    lines[two] = format!("{other} = {value}");
    Some(format!("swapped the values of `{first}` and `{second}`"))
}

fn insert(lines: &mut Vec<String>, chance: &mut Chance) -> Option<String> {
    let heads: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with("[[")).collect();
    let at = *heads.get(chance.below(heads.len()))?;
    let part = chance.pick(PARTS);
    lines.insert(at + 1, part.to_owned());
    Some(format!("`{part}` in `{}`", lines[at]))
}

fn top(lines: &mut Vec<String>, line: &str, wanted: bool) -> Option<String> {
    wanted.then(|| lines.insert(0, line.to_owned()))?;
    Some(format!("`{line}` at the top"))
}

fn append(lines: &mut Vec<String>, section: &str) -> Option<String> {
    lines.extend(section.lines().map(str::to_owned));
    Some(format!("added {section:?}"))
}

/// A line of another file, in a section of the same name.
fn take_line(lines: &mut Vec<String>, others: &[String], chance: &mut Chance) -> Option<String> {
    let heads: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with('[')).collect();
    let at = *heads.get(chance.below(heads.len()))?;
    let all = sections(others.get(chance.below(others.len()))?);
    let same: Vec<_> = all.iter().filter(|section| section[0] == lines[at]).collect();
    let from = same.get(chance.below(same.len()))?;
    let line = from.get(1 + chance.below(from.len() - 1))?.clone();
    let key = line.split('=').next()?.to_owned();
    let until = (at + 1..lines.len()).find(|at| lines[*at].starts_with('[')).unwrap_or(lines.len());
    match (at + 1..until).find(|at| lines[*at].starts_with(&key)) {
        Some(there) => lines[there] = line.clone(),
        None => lines.insert(at + 1, line.clone()),
    }
    Some(format!("took `{line}` from another file"))
}

fn take_section(lines: &mut Vec<String>, others: &[String], chance: &mut Chance) -> Option<String> {
    let all = sections(others.get(chance.below(others.len()))?);
    let section = all.get(chance.below(all.len()))?;
    lines.extend(section.iter().cloned());
    Some(format!("took a section `{}`", section[0]))
}

fn sections(text: &str) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            all.push(Vec::new());
        }
        if let Some(last) = all.last_mut().filter(|_| !line.trim().is_empty()) {
            last.push(line.to_owned());
        }
    }
    all
}
