//! The page of a run: one file that asks for nothing else, and that shows what the tables say.

mod common;

use common::{err, out, seatrial};
use seatrial_tables::{Rows, read};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

struct Folder(PathBuf);

impl Folder {
    /// Runs a scenario into a folder and makes its page.
    fn of(name: &str, arguments: &[&str]) -> (Self, String) {
        let path =
            std::env::temp_dir().join(format!("seatrial-page-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        let folder = Self(path);
        let to = folder.0.display().to_string();
        let more = ["--fail-on", "nothing", "--out", &to];
        let ran = seatrial(&[&["run"], arguments, &more].concat());
        assert!(ran.status.success(), "{}", err(&ran));
        let made = seatrial(&["report", &to]);
        assert!(made.status.success(), "{}", err(&made));
        let page = std::fs::read_to_string(folder.0.join("report.html")).unwrap();
        (folder, page)
    }

    fn table(&self, name: &str) -> Rows {
        read(&self.0.join(format!("{name}.parquet"))).unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const THOUSAND: &[&str] = &["scenarios/thousand-users.toml"];
const STORM: &[&str] = &["scenarios/wake-storm.toml", "--set", "duration=100min"];

/// The figures of a page, by their place.
fn figures(page: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for part in page.split("<figure").skip(1) {
        let figure = &part[..part.find("</figure>").expect("figures end")];
        let head = &figure[..figure.find('>').unwrap()];
        let id = between(head, "id=\"", "\"").unwrap_or_default().to_owned();
        all.insert(id, figure.to_owned());
    }
    all
}

fn between<'a>(text: &'a str, from: &str, until: &str) -> Option<&'a str> {
    let rest = &text[text.find(from)? + from.len()..];
    Some(&rest[..rest.find(until)?])
}

/// The head and the rows of a figure's table.
fn table(figure: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let table =
        between(figure, "<table class=\"data\">", "</table>").expect("a figure has its data");
    let head = between(table, "<thead>", "</thead>").unwrap();
    let plain = |cell: &str| cell.split('<').next().unwrap().to_owned();
    let head = head.split("<th>").skip(1).map(plain).collect();
    let body = between(table, "<tbody>", "</tbody>").unwrap();
    let row = |row: &str| row.split("<td>").skip(1).map(plain).collect();
    (head, body.split("<tr>").skip(1).map(row).collect())
}

/// What a series comes to within a span of time, by its name and what it is of.
struct Told {
    least: f64,
    most: f64,
    total: f64,
    worst_p95: f64,
    mean: Option<f64>,
}

fn told(series: &Rows, key: (&str, &str, &str), from: f64, until: f64) -> Told {
    let mut told = Told {
        least: f64::INFINITY,
        most: f64::NEG_INFINITY,
        total: 0.0,
        worst_p95: f64::NEG_INFINITY,
        mean: None,
    };
    let (mut sum, mut time) = (0.0, 0.0);
    for row in 0..series.len() {
        let text = |column| series.text(row, column);
        let number = |column| series.number(row, column);
        if (text("series"), text("kind"), text("of")) != key {
            continue;
        }
        let (begins, ends) = (number("from_s").unwrap(), number("until_s").unwrap());
        if begins < from - 1e-6 || ends > until + 1e-6 {
            continue;
        }
        told.least = told.least.min(number("least").unwrap_or(f64::INFINITY));
        told.most = told.most.max(number("most").unwrap_or(f64::NEG_INFINITY));
        told.total += number("total").unwrap_or_default();
        told.worst_p95 = told.worst_p95.max(number("p95").unwrap_or(f64::NEG_INFINITY));
        if let Some(mean) = number("mean") {
            sum += mean * (ends - begins);
            time += ends - begins;
        }
    }
    told.mean = (time > 0.0).then(|| sum / time);
    told
}

fn near(found: &str, wanted: f64, what: &str) {
    let found: f64 = found.parse().unwrap_or_else(|_| panic!("{what}: `{found}` is no number"));
    let away = (found - wanted).abs();
    assert!(
        away <= 2e-5 * wanted.abs() + 1e-9,
        "{what}: {found} is drawn, {wanted} is in the table"
    );
}

#[test]
fn what_a_chart_shows_is_what_the_tables_say() {
    let (folder, page) = Folder::of("shows", THOUSAND);
    let series = folder.table("series");
    let figures = figures(&page);
    let mut checked = 0;
    let gib = 1_073_741_824.0;
    for (id, key, one) in [
        ("machines-worker-low", ("machines", "pool", "worker-low"), 1.0),
        ("memory-worker-premium", ("memory_used", "pool", "worker-premium"), gib),
        ("cpu-worker-high", ("cpu_used", "pool", "worker-high"), 1.0),
        ("stages", ("tenants", "stage", "awake"), 1.0),
        ("waiting", ("waiting", "tier", "free"), 1.0),
    ] {
        let (head, rows) = table(&figures[id]);
        assert!(rows.len() > 100, "{id} has {} points", rows.len());
        assert!(head[3].ends_with(", most"), "{id}: {head:?}");
        for row in &rows {
            let [from, until] = [0, 1].map(|at| row[at].parse::<f64>().unwrap());
            let told = told(&series, key, from, until);
            near(&row[2], told.mean.unwrap() / one, id);
            near(&row[3], told.most / one, id);
            checked += 1;
        }
    }
    let (_, rows) = table(&figures["wakes"]);
    for row in rows.iter().filter(|row| !row[2].is_empty()) {
        let [from, until] = [0, 1].map(|at| row[at].parse::<f64>().unwrap());
        near(&row[2], told(&series, ("wake_wait", "tier", "free"), from, until).worst_p95, "wakes");
        checked += 1;
    }
    let (_, rows) = table(&figures["spend"]);
    for row in &rows {
        let [from, until] = [0, 1].map(|at| row[at].parse::<f64>().unwrap());
        let told = told(&series, ("spend", "pool", "worker-low"), from, until);
        near(&row[2], told.total * 86_400.0 / (until - from), "spend");
        checked += 1;
    }
    assert!(checked > 700, "only {checked} points were compared");
}

#[test]
fn the_page_and_the_tables_say_what_the_summary_says() {
    let (folder, page) = Folder::of("summary", THOUSAND);
    let summary = std::fs::read_to_string(folder.0.join("summary.txt")).unwrap();
    let metrics = folder.table("metrics");
    let value = |name: &str| {
        let row = (0..metrics.len()).find(|row| metrics.text(*row, "metric") == name);
        metrics.number(row.unwrap_or_else(|| panic!("no {name}")), "value").unwrap()
    };
    assert!((value("bill_month") - 3_153.31).abs() < 0.005, "{}", value("bill_month"));
    for words in ["$3,153.31", "1.36 %", "3 min 5 s", "wake-in-three-minutes", "five-workers"] {
        assert!(summary.contains(words), "{words} in the summary");
        assert!(page.contains(words), "{words} on the page");
    }
    let days = folder.table("days");
    let bill: f64 = (0..days.len()).filter_map(|row| days.number(row, "bill_dollars")).sum();
    assert!((bill - value("bill_total")).abs() < 0.01, "{bill}, not {}", value("bill_total"));
    let tenants = folder.table("tenants");
    let unserved = |row: usize| tenants.number(row, "logins_unserved").unwrap();
    let all: f64 = (0..tenants.len()).map(unserved).sum();
    assert!((all - value("logins_unserved")).abs() < 0.5, "{all}");
    let decisions = folder.table("decisions");
    let wakes = (0..decisions.len()).filter(|row| decisions.text(*row, "action") == "wake").count();
    assert!((wakes as f64 - value("decided.wake")).abs() < 0.5, "{wakes}");
}

#[test]
fn a_page_is_one_file_that_asks_for_nothing_and_is_complete_without_its_script() {
    for (name, arguments) in [("thousand", THOUSAND), ("storm", STORM)] {
        let (_folder, page) = Folder::of(name, arguments);
        assert!(page.len() <= 500_000, "{name}: {} bytes", page.len());
        let policy = between(&page, "Content-Security-Policy\" content=\"", "\"").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src"), "{policy}");
        for word in ["src=", "<link", "@import", "url(", "<iframe", "onclick=", "<object"] {
            assert!(!page.contains(word), "{name}: {word}");
        }
        let figures = figures(&page);
        assert!(figures.len() > 10, "{name}: {} figures", figures.len());
        for (id, figure) in &figures {
            let is_empty = figure.contains("class=\"empty\"");
            let is_told = figure.contains("<table") && figure.contains("<caption");
            assert!(is_empty || is_told, "{name}: {id} has neither data nor a reason");
            if let Some(drawing) = between(figure, "<svg class=\"drawing\"", "</svg>") {
                assert!(drawing.contains("role=\"img\""), "{name}: {id}");
                assert!(drawing.contains("<title") && drawing.contains("<desc"), "{name}: {id}");
            }
        }
    }
}

#[test]
fn equal_folders_make_equal_pages_wherever_they_lie() {
    let (_one, first) = Folder::of("equal-one", STORM);
    let (two, second) = Folder::of("equal-two", STORM);
    let strip = |page: &str| page.replace("equal-one", "X").replace("equal-two", "X");
    assert_eq!(strip(&first), strip(&second));
    let names = ["series", "metrics", "decisions", "tenants"];
    for name in names {
        let file = format!("{name}.parquet");
        let bytes = |folder: &Path| std::fs::read(folder.join(&file)).unwrap();
        assert_eq!(bytes(&_one.0), bytes(&two.0), "{file}");
    }
    let stdout = seatrial(&["report", &two.0.display().to_string(), "--to", "-"]);
    assert_eq!(out(&stdout), second);
    let again = seatrial(&["report", &two.0.display().to_string()]);
    assert!(again.status.success(), "a page is made anew: {}", err(&again));
    let list = std::fs::read_to_string(two.0.join("files.json")).unwrap();
    assert_eq!(list.matches("report.html").count(), 1);
}

#[test]
fn the_smallest_scenario_has_a_page_that_says_why_there_is_nothing() {
    let (_folder, page) = Folder::of("small", &["scenarios/queue.toml"]);
    for words in [
        "no machines are in this scenario",
        "no tenants are in this scenario",
        "neither databases, poolers nor caches",
        "No fault struck",
        "No tenants are in this scenario",
        "Nothing was decided",
        "nothing in this scenario has a price",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(page.contains("Service "), "its service is drawn");
}

#[test]
fn text_from_a_scenario_stays_text() {
    let title = "title=<script>alert(1)</script> & \"quotes\"";
    let (_folder, page) = Folder::of("text", &["scenarios/queue.toml", "--set", title]);
    assert!(!page.contains("<script>alert"), "escaped");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp;"), "and told");
}

#[test]
fn what_is_no_folder_of_a_run_is_said_with_its_remedy() {
    let missing = seatrial(&["report", "no-such-folder"]);
    assert_eq!(missing.status.code(), Some(2), "{}", err(&missing));
    assert!(err(&missing).contains("seatrial run … --out"), "{}", err(&missing));
    let (folder, _) = Folder::of("damaged", &["scenarios/queue.toml"]);
    let path = folder.0.join("series.parquet");
    let mut bytes = std::fs::read(&path).unwrap();
    let length = bytes.len();
    bytes.truncate(length - 9);
    std::fs::write(&path, &bytes).unwrap();
    let damaged = seatrial(&["report", &folder.0.display().to_string()]);
    assert_eq!(damaged.status.code(), Some(2), "{}", err(&damaged));
    assert!(err(&damaged).contains("series.parquet"), "{}", err(&damaged));
}

#[test]
fn results_of_one_kind_never_replace_those_of_another() {
    let (folder, _) = Folder::of("kinds", &["scenarios/queue.toml"]);
    let to = folder.0.display().to_string();
    let before = std::fs::read(folder.0.join("runs.parquet")).unwrap();
    let queue = "scenarios/queue.toml";
    for command in [
        vec!["compare", queue, queue, "--out", &to],
        vec!["sweep", queue, "--vary", "duration=7h,8h", "--out", &to],
        vec!["gate", "tests/pages/suite.toml", "--no-cache", "--out", &to],
    ] {
        let refused = seatrial(&command);
        assert_eq!(refused.status.code(), Some(3), "{command:?}: {}", err(&refused));
        assert!(err(&refused).contains("choose another"), "{}", err(&refused));
    }
    assert_eq!(std::fs::read(folder.0.join("runs.parquet")).unwrap(), before);
    let page = std::fs::read_to_string(folder.0.join("report.html")).unwrap();
    assert!(page.contains("Does it hold?"), "its page is still there");
}

#[test]
fn several_runs_give_intervals_and_say_of_which_run_charts_are() {
    let arguments = ["scenarios/queue.toml", "--reps", "4", "--set", "duration=7h"];
    let (folder, page) = Folder::of("several", &arguments);
    assert!(page.contains("are of the first, seed"), "told");
    assert!(page.contains("95 % intervals over 4 runs"), "told");
    let runs = folder.table("runs");
    assert_eq!(runs.len(), 4);
    let metrics = folder.table("metrics");
    let seeds: std::collections::BTreeSet<u64> =
        (0..metrics.len()).map(|row| metrics.number(row, "seed").unwrap() as u64).collect();
    assert_eq!(seeds.len(), 4, "each seed has its metrics");
}
