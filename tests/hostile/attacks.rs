//! A hundred and more hostile answers: how each spoils what a sound server would say. Each touches
//! something that the decision of the trial rests on. Knows no bridge.

use crate::fakes::{Reply, Spoil, http_date, sound, text, unix};
use std::sync::Arc;

/// One way to lie.
pub struct Attack {
    pub name: String,
    /// It begins before the bridge has seen anything.
    pub cold: bool,
    pub spoil: Spoil,
}

/// What is answered badly.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Info,
    Listing,
    Container,
    Statistics,
    Prometheus,
}

impl At {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Info, "info"),
        (Self::Listing, "listing"),
        (Self::Container, "container"),
        (Self::Statistics, "statistics"),
        (Self::Prometheus, "prometheus"),
    ];

    fn is(self, who: &str, path: &str) -> bool {
        let engine = who == "host-a";
        match self {
            Self::Info => engine && path == "/info",
            Self::Listing => engine && path.starts_with("/containers/json"),
            Self::Container => engine && path.ends_with("/json"),
            Self::Statistics => engine && path.contains("/stats"),
            Self::Prometheus => who == "prometheus",
        }
    }
}

type Lie = Arc<dyn Fn(&str) -> Reply + Send + Sync>;

fn lie(lie: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Lie {
    Arc::new(lie)
}

fn raw(head: &str, body: &str) -> Reply {
    Reply::Raw(format!("{head}\r\n\r\n{body}").into_bytes())
}

/// What no sound server of any kind sends.
fn broken() -> Vec<(&'static str, Lie)> {
    [without_end(), without_sense(), without_words()].concat()
}

/// Answers that never end, or not where they say.
fn without_end() -> Vec<(&'static str, Lie)> {
    vec![
        (
            "240 MiB",
            lie(|_| Reply::Endless {
                head: "HTTP/1.1 200 OK\r\nContent-Length: 251658240\r\n\r\n[",
                part: vec![b' '; 1 << 16],
            }),
        ),
        (
            "240 MiB in chunks",
            lie(|_| Reply::Endless {
                head: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[ \r\n",
                part: b"10\r\n\"xxxxxxxxxxxxx\",\r\n".repeat(4_096),
            }),
        ),
        (
            "headers without end",
            lie(|_| Reply::Endless { head: "HTTP/1.1 200 OK\r\n", part: b"A: b\r\n".repeat(999) }),
        ),
        ("deep nesting", lie(|_| Reply::Sound("[".repeat(100_000)))),
        ("deep objects", lie(|_| Reply::Sound("{\"data\":".repeat(50_000)))),
        ("slow drip", lie(|body| Reply::Drip(body.to_owned()))),
    ]
}

/// Answers that are not what their heads say.
fn without_sense() -> Vec<(&'static str, Lie)> {
    const OK: &str = "HTTP/1.1 200 OK";
    vec![
        (
            "cut in the middle",
            lie(|body| {
                let whole = sound(body);
                Reply::Raw(whole[..whole.len() - body.len() / 2].to_vec())
            }),
        ),
        (
            "a length that is too short",
            lie(move |body| raw(&format!("{OK}\r\nContent-Length: {}", body.len() / 2), body)),
        ),
        (
            "a length that is none",
            lie(move |body| raw(&format!("{OK}\r\nContent-Length: -5"), body)),
        ),
        (
            "garbage in chunks",
            lie(move |body| raw(&format!("{OK}\r\nTransfer-Encoding: chunked"), body)),
        ),
        (
            "a redirect",
            lie(|body| raw("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/", body)),
        ),
        (
            "a refusal with sound data",
            lie(|body| {
                let length = body.len();
                raw(&format!("HTTP/1.1 500 No\r\nContent-Length: {length}"), body)
            }),
        ),
    ]
}

/// Answers in which nothing is said.
fn without_words() -> Vec<(&'static str, Lie)> {
    let json = |text: &'static str| lie(move |_| Reply::Sound(text.to_owned()));
    vec![
        ("no HTTP", lie(|body| Reply::Raw(body.as_bytes().to_vec()))),
        ("control characters", json("\u{1b}[2J\u{7}\u{0}")),
        ("nothing at all", json("")),
        ("null", json("null")),
        ("a number", json("42")),
        ("a list of lists", json("[[],[],[]]")),
        (
            "keys twice",
            lie(|body| {
                let twice = "{\"Id\":\"1\",\"Id\":\"2\",\"State\":{},\"State\":{},\"status\":\"a\",\
                             \"status\":\"b\",\"read\":\"1\",\"read\":\"2\",\"NCPU\":1,\"NCPU\":2}";
                Reply::Sound(if body.starts_with('[') {
                    format!("[{twice}]")
                } else {
                    twice.into()
                })
            }),
        ),
        ("silence", lie(|_| Reply::Silence)),
        ("a closed door", lie(|_| Reply::Close)),
    ]
}

/// Sound answers of which one word is another.
fn replaced(what: At, from: &'static str, to: &'static str) -> (At, Lie) {
    (what, lie(move |body| Reply::Sound(body.replace(from, to))))
}

/// Replaces what stands between two marks, wherever they are found.
fn between(body: &str, from: &str, to: &str, with: impl Fn(&str) -> String) -> String {
    let mut parts = body.split(from);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (old, rest) = part.split_once(to).unwrap_or((part, ""));
        text += &format!("{from}{}{to}{rest}", with(old));
    }
    text
}

fn values(with: impl Fn(&str) -> String + Send + Sync + 'static) -> (At, Lie) {
    (At::Prometheus, lie(move |body| Reply::Sound(between(body, ",\"", "\"]", &with))))
}

/// Lies in sound words about machines.
fn about_machines() -> Vec<(&'static str, (At, Lie))> {
    let statistics = |from: &'static str, to: &'static str, with: &'static str| {
        (At::Statistics, lie(move |body| Reply::Sound(between(body, from, to, |_| with.into()))))
    };
    let dated = |shift: f64| {
        (
            At::Listing,
            lie(move |body| {
                let date = http_date(unix() + shift);
                let length = body.len();
                raw(&format!("HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: {length}"), body)
            }),
        )
    };
    let frozen = http_date(unix());
    let frozen = lie(move |body| {
        let length = body.len();
        raw(&format!("HTTP/1.1 200 OK\r\nDate: {frozen}\r\nContent-Length: {length}"), body)
    });
    vec![
        ("zero cpu", statistics("total_usage\":", "}", "0")),
        ("zero memory", statistics("\"usage\":", ",", "0")),
        ("less than zero", statistics("\"usage\":", ",", "-5")),
        ("no whole number", statistics("total_usage\":", "}", "1e400")),
        ("a number as text", statistics("\"usage\":", ",", "\"many\"")),
        ("measured in the year 2200", statistics("read\":\"", "\"", "2200-01-01T00:00:00Z")),
        ("measured never", statistics("read\":\"", "\"", "0001-01-01T00:00:00Z")),
        (
            "measured a minute ago",
            (
                At::Statistics,
                lie(|body| {
                    let old = text(unix() - 60.0);
                    Reply::Sound(between(body, "read\":\"", "\"", |_| old.clone()))
                }),
            ),
        ),
        ("an engine without containers", (At::Listing, lie(|_| Reply::Sound("[]".into())))),
        ("ids that lead elsewhere", replaced(At::Listing, "0123456789", "/../../x?y=")),
        ("a clock that stands still", (At::Listing, frozen)),
        ("a clock that runs backwards", {
            let began = unix();
            let back = lie(move |body| {
                let date = http_date(began - 5.0 * (unix() - began) - 60.0);
                let length = body.len();
                raw(&format!("HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: {length}"), body)
            });
            (At::Listing, back)
        }),
        ("statistics of a clock an hour back", dated(3_600.0)),
    ]
}

/// Lies in sound words about what machines run.
fn about_containers() -> Vec<(&'static str, (At, Lie))> {
    vec![
        ("a tenant by another name", replaced(At::Listing, "due", "ann")),
        (
            "five thousand containers",
            (
                At::Listing,
                lie(|_| {
                    let one = |index: u32| format!("{{\"Id\":\"{index}\",\"State\":\"exited\"}}");
                    let all: Vec<String> = (0..5_000).map(one).collect();
                    Reply::Sound(format!("[{}]", all.join(",")))
                }),
            ),
        ),
        ("tiers by another name", replaced(At::Container, "\"free\"", "\"premium\"")),
        ("a tier that there is not", replaced(At::Container, "\"free\"", "\"gold\"")),
        ("containers that stopped", replaced(At::Container, "running", "exited")),
        ("no labels", replaced(At::Container, "seatrial.", "other.")),
        ("a name of a megabyte", {
            let long = lie(|body| Reply::Sound(body.replace("due", &"x".repeat(400_000))));
            (At::Container, long)
        }),
        ("no processor", {
            (At::Info, lie(|_| Reply::Sound("{\"NCPU\":0,\"MemTotal\":0}".into())))
        }),
        ("fewer than no processors", {
            (At::Info, lie(|_| Reply::Sound("{\"NCPU\":-1,\"MemTotal\":1}".into())))
        }),
    ]
}

/// Lies in sound words about tenants.
fn about_tenants() -> Vec<(&'static str, (At, Lie))> {
    let shifted = |by: f64| {
        values(move |old| old.parse::<f64>().map_or(String::new(), |old| format!("{}", old + by)))
    };
    let failed = "\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"slow\"";
    vec![
        ("an error with data", replaced(At::Prometheus, "\"status\":\"success\"", failed)),
        ("no status", replaced(At::Prometheus, "\"status\":\"success\",", "")),
        ("no data", replaced(At::Prometheus, "\"data\"", "\"dada\"")),
        ("a scalar", replaced(At::Prometheus, "vector", "scalar")),
        ("a matrix", replaced(At::Prometheus, "vector", "matrix")),
        ("zeros", values(|_| "0".into())),
        ("NaN", values(|_| "NaN".into())),
        ("infinity", values(|_| "+Inf".into())),
        ("minus infinity", values(|_| "-Inf".into())),
        ("less than zero", values(|_| "-1".into())),
        ("words", values(|_| "yesterday".into())),
        ("nanoseconds for seconds", values(|old| format!("{old}e9"))),
        ("one moment for all", values(|_| "1600000000".into())),
        ("a day ahead", shifted(86_400.0)),
        ("a year back", shifted(-31_536_000.0)),
        ("ten years back", shifted(-315_360_000.0)),
    ]
}

/// Lies about tenants in answers that are put together otherwise.
fn about_series() -> Vec<(&'static str, (At, Lie))> {
    let frozen = unix();
    vec![
        (
            "no series",
            (
                At::Prometheus,
                lie(|body| {
                    let head = body.split('[').next().unwrap_or_default();
                    Reply::Sound(format!("{head}[]}}}}"))
                }),
            ),
        ),
        ("no names", replaced(At::Prometheus, "\"tenant\":", "\"job\":")),
        (
            "one label twice",
            replaced(At::Prometheus, "{\"tenant\":", "{\"tenant\":\"ann\",\"tenant\":"),
        ),
        ("values without moments", replaced(At::Prometheus, "\"value\":[", "\"value\":[\"x\",")),
        (
            "an answer that was kept",
            (
                At::Prometheus,
                lie(move |body| {
                    // As a cache would send it: the clock in it stands still, and so do the moments.
                    let kept = between(body, "\"value\":[", ",", |_| format!("{frozen:.3}"));
                    Reply::Sound(if body.contains(&format!(",\"{}", frozen as u64 / 100)) {
                        between(&kept, ",\"", "\"]", |_| format!("{:.3}", frozen - 0.2))
                    } else {
                        kept
                    })
                }),
            ),
        ),
        (
            "moments ahead of their clock",
            (
                At::Prometheus,
                lie(|body| {
                    let back = unix() - 3_600.0;
                    Reply::Sound(between(body, "\"value\":[", ",", |_| format!("{back:.3}")))
                }),
            ),
        ),
        (
            "a clock without sense",
            (
                At::Prometheus,
                lie(|body| Reply::Sound(between(body, "\"value\":[", ",", |_| "1e300".into()))),
            ),
        ),
        (
            "two million series",
            (
                At::Prometheus,
                lie(|_| {
                    let one = "{\"metric\":{},\"value\":[1,\"1\"]},".repeat(500_000);
                    Reply::Sound(format!(
                        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{one}null]}}}}"
                    ))
                }),
            ),
        ),
    ]
}

/// All of them, always in the same order.
pub fn all() -> Vec<Attack> {
    let mut all = Vec::new();
    for (at, place) in At::ALL {
        for (what, lie) in broken() {
            let name = format!("{place}: {what}");
            all.push(Attack { name, cold: at == At::Info, spoil: spoil(at, lie) });
        }
    }
    for (what, (at, lie)) in
        [about_machines(), about_containers(), about_tenants(), about_series()].concat()
    {
        let name = format!("lies: {what}");
        all.push(Attack { name, cold: at == At::Info, spoil: spoil(at, lie) });
    }
    all
}

fn spoil(at: At, lie: Lie) -> Spoil {
    Arc::new(move |who, path, body| {
        if at.is(who, path) {
            return Some(lie(body));
        }
        // What is known of containers is kept; they must seem changed to be asked about again.
        let anew = at == At::Container && At::Listing.is(who, path);
        anew.then(|| Reply::Sound(body.replace("\"running\"", "\"restarting\"")))
    })
}
