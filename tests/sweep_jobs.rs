//! The jobs that `seatrial sweep emit` prints, run as far as one machine can: what their shards come to is what one
//! process finds.

mod common;

use common::{err, out, seatrial};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const WHAT: [&str; 5] =
    ["scenarios/queue.toml", "--set", "duration=7h", "--vary", "services.desk.concurrency=9..16"];
/// A shell and YAML would take it for more than a name.
const NAME: &str = "it's a $(plan) # \"x\"";

struct Scratch(PathBuf);

impl Scratch {
    /// A folder with a plan of that name.
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("seatrial-jobs-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        let scratch = Self(path);
        let plan = scratch.plan();
        let written = seatrial(&[&["sweep", "plan"], &WHAT[..], &["-o", &plan]].concat());
        assert!(written.status.success(), "{}", err(&written));
        scratch
    }

    fn plan(&self) -> String {
        self.0.join(NAME).display().to_string()
    }

    /// A job for it, as it is told beside it.
    fn job(&self, arguments: &[&str]) -> String {
        let output = self.run(Path::new(env!("CARGO_BIN_EXE_seatrial")), arguments, &[]);
        assert!(output.status.success(), "{arguments:?}: {}", err(&output));
        out(&output)
    }

    /// Runs it beside the plan, with the program on the path.
    fn run(&self, program: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let folder = Path::new(env!("CARGO_BIN_EXE_seatrial")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.0).envs(variables.iter().copied());
        command.env("PATH", format!("{}:{}:{path}", self.0.display(), folder.display()));
        command.output().unwrap()
    }

    /// That all is done, and that it comes to what one process finds.
    fn is_whole(&self) {
        let merged = seatrial(&["sweep", "merge", &self.plan(), "--format", "json"]);
        assert!(merged.status.success(), "{}", err(&merged));
        let whole = seatrial(&[&["sweep"], &WHAT[..], &["--format", "json"]].concat());
        assert_eq!(out(&merged), out(&whole));
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What bash says of a script that it only reads.
fn is_a_script(scratch: &Scratch, text: &str) -> PathBuf {
    let file = scratch.0.join("job.sh");
    fs::write(&file, text).unwrap();
    let read = Command::new("bash").arg("-n").arg(&file).output().unwrap();
    assert!(read.status.success() && read.stderr.is_empty(), "{}{text}", err(&read));
    file
}

#[test]
fn each_task_of_an_array_job_is_a_shard() {
    let scratch = Scratch::new("slurm");
    let text = scratch.job(&["sweep", "emit", "slurm", NAME, "--shards", "3", "--at-once", "2"]);
    let script = is_a_script(&scratch, &text);
    assert!(
        text.starts_with("#!/bin/bash\n") && text.contains("\n#SBATCH --array=0-2%2\n"),
        "{text}"
    );
    // As Slurm would start them, one of them again by itself.
    for (task, count) in [("2", "3"), ("0", "3"), ("1", "1")] {
        let variables = [("SLURM_ARRAY_TASK_ID", task), ("SLURM_ARRAY_TASK_COUNT", count)];
        let ran = scratch.run(Path::new("bash"), &[script.to_str().unwrap()], &variables);
        assert!(ran.status.success(), "{}", err(&ran));
    }
    scratch.is_whole();
}

/// Does what GNU parallel does with `… COMMAND` and numbers on stdin; it is no test of its log.
const PARALLEL: &str = "#!/bin/bash\ncommand=${@: -1}\nwhile read -r number; do\n    bash -c \"${command//'{}'/$number}\" || exit 1\ndone\n";

#[test]
fn each_line_of_parallel_is_a_shard() {
    let scratch = Scratch::new("parallel");
    let text = scratch.job(&["sweep", "emit", "parallel", NAME, "--shards", "3"]);
    let script = is_a_script(&scratch, &text);
    assert!(text.contains("--joblog ") && text.contains(" --resume"), "{text}");
    let is_there = Command::new("parallel").arg("--version").output();
    if !is_there.is_ok_and(|output| out(&output).starts_with("GNU parallel")) {
        println!("there is no GNU parallel: a stand-in runs the lines");
        let file = scratch.0.join("parallel");
        fs::write(&file, PARALLEL).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(&file).status().unwrap().success());
    }
    let ran = scratch.run(Path::new("sh"), &[script.to_str().unwrap()], &[]);
    assert!(ran.status.success(), "{}{text}", err(&ran));
    scratch.is_whole();
}

/// The scalars of a document in that part of YAML that the job is written in, by their paths: maps and lists by
/// indentation, strings as JSON has them, lists in brackets as they are.
fn scalars(text: &str) -> BTreeMap<String, String> {
    let (mut found, mut open): (_, Vec<(usize, String)>) = (BTreeMap::new(), Vec::new());
    let mut items: BTreeMap<String, usize> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        assert!(!line.contains('\t') && !line.trim().is_empty(), "{line:?}");
        let mut indent = line.len() - line.trim_start().len();
        let mut rest = line.trim();
        open.retain(|(at, _)| *at < indent);
        if let Some(item) = rest.strip_prefix("- ") {
            let list: Vec<&str> = open.iter().map(|(_, key)| key.as_str()).collect();
            let number = items.entry(list.join(".")).or_default();
            open.push((indent, number.to_string()));
            *number += 1;
            (indent, rest) = (indent + 2, item);
        }
        let (key, value) = rest.split_once(':').unwrap_or_else(|| panic!("no key in {line:?}"));
        assert!(key.chars().all(|c| c.is_ascii_alphanumeric()), "{line:?}");
        open.push((indent, key.to_owned()));
        if let Some(value) = value.strip_prefix(' ') {
            let value = match serde_json::from_str::<serde_json::Value>(value) {
                Ok(serde_json::Value::String(text)) => text,
                Ok(other) => other.to_string(),
                Err(_) => {
                    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-".contains(c);
                    assert!(value.chars().all(is_plain), "{line:?} needs quotes");
                    value.to_owned()
                }
            };
            let path: Vec<&str> = open.iter().map(|(_, key)| key.as_str()).collect();
            assert_eq!(found.insert(path.join("."), value), None, "{line:?} is there twice");
        } else {
            assert_eq!(value, "", "{line:?}");
        }
    }
    found
}

#[test]
fn each_index_of_a_job_is_a_shard() {
    let scratch = Scratch::new("k8s");
    let image = "registry.example/seatrial:1";
    let arguments =
        ["sweep", "emit", "k8s", NAME, "--shards", "3", "--image", image, "--claim", "sweeps"];
    let job = scalars(&scratch.job(&arguments));
    let pod = "spec.template.spec";
    for (path, value) in [
        ("apiVersion".to_owned(), "batch/v1"),
        ("kind".to_owned(), "Job"),
        ("spec.completionMode".to_owned(), "Indexed"),
        ("spec.completions".to_owned(), "3"),
        ("spec.parallelism".to_owned(), "3"),
        ("spec.backoffLimitPerIndex".to_owned(), "3"),
        ("spec.podFailurePolicy.rules.0.action".to_owned(), "FailIndex"),
        ("spec.podFailurePolicy.rules.0.onExitCodes.containerName".to_owned(), "sweep"),
        ("spec.podFailurePolicy.rules.0.onExitCodes.operator".to_owned(), "In"),
        ("spec.podFailurePolicy.rules.0.onExitCodes.values".to_owned(), "[2,101]"),
        ("spec.podFailurePolicy.rules.1.action".to_owned(), "Ignore"),
        // A policy for failures of pods needs it.
        (format!("{pod}.restartPolicy"), "Never"),
        (format!("{pod}.containers.0.name"), "sweep"),
        (format!("{pod}.containers.0.image"), image),
        (format!("{pod}.containers.0.volumeMounts.0.mountPath"), "/sweep"),
        (format!("{pod}.volumes.0.persistentVolumeClaim.claimName"), "sweeps"),
    ] {
        assert_eq!(job.get(&path).map(String::as_str), Some(value), "{path} of {job:#?}");
    }
    let [volume, mount] = ["volumes.0.name", "containers.0.volumeMounts.0.name"];
    assert_eq!(job[&format!("{pod}.{volume}")], job[&format!("{pod}.{mount}")]);
    let command = &job[&format!("{pod}.containers.0.command")];
    let command: Vec<String> = serde_json::from_str(command).unwrap();
    let command: Vec<String> = command
        .iter()
        .map(|word| word.replace("/sweep/", &format!("{}/", scratch.0.display())))
        .collect();
    let words: Vec<&str> = command[1..].iter().map(String::as_str).collect();
    for index in ["1", "2", "0"] {
        let variables = [("JOB_COMPLETION_INDEX", index)];
        let ran = scratch.run(Path::new(&command[0]), &words, &variables);
        assert!(ran.status.success(), "{}", err(&ran));
    }
    scratch.is_whole();
}

#[test]
fn what_no_cluster_takes_is_told_with_what_to_do() {
    let scratch = Scratch::new("wrong");
    for (arguments, told) in [
        (&["--shards", "9"][..], "9 are more than there are runs: have at most 8"),
        (&["--shards", "0"], "--shards"),
        (&["--shards", "2", "--name", "My Sweep"], "small letters, digits and `-`"),
        (&["--shards", "2", "--name", "x\n#SBATCH --wrap=id"], "small letters, digits and `-`"),
    ] {
        let plan = scratch.plan();
        let output = seatrial(&[&["sweep", "emit", "slurm", &*plan], arguments].concat());
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(2), ""), "{arguments:?}");
        assert!(err(&output).contains(told), "{}", err(&output));
    }
}
