//! What users see of `seatrial calibrate`.

mod common;

use common::{err, out, seatrial};
use serde_json::Value;
use std::path::PathBuf;

const SWEEP: &str = "tests/sweeps/two-cores.toml";

/// A folder with these files, which is gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, String)]) -> Self {
        let name = format!("seatrial-calibrate-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        for (name, text) in files {
            std::fs::write(path.join(name), text).unwrap();
        }
        Self(path)
    }

    fn text(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_sweep_becomes_lines_to_paste_and_a_table_of_errors() {
    let output = seatrial(&["calibrate", SWEEP]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    insta::assert_snapshot!(out(&output));
}

/// The sweep that is kept was measured; the curve was not told every second point of it.
#[test]
fn the_kept_sweep_is_met_within_a_tenth_where_the_curve_was_not_told() {
    let document: Value =
        serde_json::from_str(&out(&seatrial(&["calibrate", SWEEP, "--format", "json"]))).unwrap();
    let points = document["points"].as_array().unwrap();
    let errors = points.iter().filter_map(|point| point["left_out_error"].as_f64());
    let errors: Vec<f64> = errors.map(f64::abs).collect();
    assert_eq!(errors.len(), 5);
    assert!(errors.iter().all(|error| *error <= 0.10), "{errors:?}");
}

#[test]
fn markdown_is_a_table_and_a_fenced_fragment() {
    let page = out(&seatrial(&["calibrate", SWEEP, "--format", "markdown"]));
    assert!(page.contains("| clients | measured |"), "{page}");
    assert!(page.contains("\n```toml\n[[databases]]\n") && page.ends_with("```\n"), "{page}");
}

#[test]
fn the_document_has_the_curve_and_each_error() {
    let chosen = ["calibrate", SWEEP, "--leave-out", "4,16", "--format", "json"];
    let document: Value = serde_json::from_str(&out(&seatrial(&chosen))).unwrap();
    assert_eq!(document["cores"], 2);
    for key in ["per_core", "knee", "crowding", "waking"] {
        assert!(document["contention"][key].is_number(), "no {key}");
    }
    let points = document["points"].as_array().unwrap();
    let left_out = points.iter().filter(|point| !point["left_out_error"].is_null());
    let left_out: Vec<u64> = left_out.map(|point| point["clients"].as_u64().unwrap()).collect();
    assert_eq!(left_out, [4, 16]);
    for key in ["fitted", "left_out", "alone_left_out"] {
        assert!(document["worst"][key].is_number(), "no {key}");
    }
}

#[test]
fn what_pgbench_printed_is_read_as_it_is() {
    let runs = [1, 2, 4, 8, 16].map(|clients: u32| {
        let rate = f64::from(clients.min(4)) * 1_000.0;
        let text = format!(
            "pgbench (15.13)\nnumber of clients: {clients}\nlatency average = 1 ms\n\
             tps = {rate:.6} (without initial connection time)\n"
        );
        (format!("{clients}.txt"), text)
    });
    let files: Vec<(&str, String)> =
        runs.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    let folder = Folder::new("pgbench", &files);
    let read = ["calibrate", "--pgbench", &folder.text(), "--cores", "4"];
    let output = seatrial(&read);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let page = out(&output);
    assert!(page.contains("pgbench on 4 cores") && page.contains("4,000/s"), "{page}");
    std::fs::write(folder.0.join("notes.txt"), "slow day").unwrap();
    let output = seatrial(&read);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("notes.txt: no `tps =` in it"), "{}", err(&output));
}

#[test]
fn bad_sweeps_end_with_2_and_are_shown_where_they_are_wrong() {
    let text = "cores = 2\npoints = [{ clients = 4, per_second = [100], latency = \"9 ms\" }]\n";
    let folder = Folder::new("bad", &[("sweep.toml", text.to_owned())]);
    let path = folder.0.join("sweep.toml").display().to_string();
    let output = seatrial(&["calibrate", &path]);
    assert_eq!(output.status.code(), Some(2));
    let says = err(&output);
    assert!(says.contains("sweep.toml:2:10") && says.contains("points[0].latency"), "{says}");
    assert!(out(&output).is_empty());
    for (arguments, expected) in [
        (&["calibrate"][..], "<SWEEP>"),
        (&["calibrate", "none.toml"], "none.toml"),
        (&["calibrate", "--pgbench", "."], "--cores"),
        (&["calibrate", SWEEP, "--leave-out", "5"], "--leave-out: no point has 5 clients"),
    ] {
        let output = seatrial(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).contains(expected), "{}", err(&output));
    }
}

#[test]
fn what_is_to_be_pasted_is_a_scenario_with_traffic_around_it() {
    let page = out(&seatrial(&["calibrate", SWEEP]));
    let (_, fragment) = page.split_once("For a scenario:\n").expect("a fragment");
    let (database, queries) = fragment.split_once("# In the").expect("two parts");
    let (_, queries) = queries.split_once('\n').expect("a line");
    let text = format!(
        "title = \"Pasted\"\nduration = \"1 min\"\n{database}\n[[traffic]]\nname = \"pages\"\n\
         arrivals = {{ kind = \"poisson\", rate = \"100/s\" }}\n{queries}"
    );
    let folder = Folder::new("pasted", &[("pasted.toml", text)]);
    let output = seatrial(&["check", &folder.0.join("pasted.toml").display().to_string()]);
    assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
}
