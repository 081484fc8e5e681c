//! The workflows of docs/gate.md, their steps executed as far as a shell can, on a repository with a branch that somebody
//! wants merged. What a code host does (comments, artifacts) is written down by programs of the same names.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A repository as docs/gate.md has it, with its origin, and programs of a code host.
struct Repository(PathBuf);

const SUITE: &str = "title = \"The fleet\"\nagainst = { revision = \"main\" }\n\n[[cases]]\nname = \"a-week\"\nscenario = \"fleet.toml\"\n";

impl Repository {
    fn new(name: &str) -> Self {
        let place =
            std::env::temp_dir().join(format!("seatrial-gated-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&place);
        let repository = Self(place);
        for folder in ["work", "programs", "temp"] {
            std::fs::create_dir_all(repository.0.join(folder)).unwrap();
        }
        std::os::unix::fs::symlink(
            env!("CARGO_BIN_EXE_seatrial"),
            repository.0.join("programs/seatrial"),
        )
        .unwrap();
        for program in ["gh", "cargo", "curl"] {
            repository.program(program);
        }
        repository.must(&["seatrial", "new", "fleet", "--like", "tenants"]);
        repository.write("suite.toml", SUITE);
        for command in [
            &["git", "init", "--quiet", "--bare", "--initial-branch=main", "../origin.git"][..],
            &["git", "init", "--quiet", "--initial-branch=main"],
            &["git", "config", "user.name", "somebody"],
            &["git", "config", "user.email", "somebody@example.org"],
            &["git", "remote", "add", "origin", "../origin.git"],
        ] {
            repository.must(command);
        }
        repository.commit("a fleet and its suite");
        repository.must(&["git", "push", "--quiet", "--set-upstream", "origin", "main"]);
        repository
    }

    /// A program that writes down what it was called with, and the file that it was given.
    fn program(&self, name: &str) {
        use std::os::unix::fs::PermissionsExt;
        let file = self.0.join("programs").join(name);
        let place = self.0.display();
        let text = format!(
            "#!/bin/sh\necho \"$@\" >> {place}/{name}.log\ncp gate.md {place}/said.md 2>/dev/null\nexit 0\n"
        );
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
    }

    fn work(&self) -> PathBuf {
        self.0.join("work")
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.work().join(file), text).unwrap();
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.work().join(file)).unwrap_or_default()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", self.0.join("programs").display());
        command.current_dir(self.work()).env("PATH", path).env("NO_COLOR", "1");
        command
    }

    fn must(&self, words: &[&str]) -> Output {
        let output = self.command(words[0]).args(&words[1..]).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    fn commit(&self, what: &str) {
        self.must(&["git", "add", "--all", "."]);
        self.must(&["git", "commit", "--quiet", "--allow-empty", "-m", what]);
    }

    /// The branch of a pull request, in which a text of the policies is another.
    fn branch(&self, name: &str, (before, after): (&str, &str)) {
        self.must(&["git", "checkout", "--quiet", "-B", name, "origin/main"]);
        let text = self.read("fleet-policies.toml");
        assert!(text.contains(before), "{before}");
        self.write("fleet-policies.toml", &text.replace(before, after));
        self.commit(name);
    }

    /// Executes steps as a runner does: after one that failed only those that always run. Whether none failed, and all that
    /// was said.
    fn execute(&self, steps: &[Step], set: &[(&str, &str)]) -> (bool, String) {
        let (mut fine, mut said) = (true, String::new());
        for step in steps.iter().filter(|step| !step.run.is_empty()) {
            if !fine && !step.always {
                continue;
            }
            let mut command = self.command("bash");
            command.args(["-e", "-o", "pipefail", "-c", &step.run]);
            command.envs(set.iter().copied());
            let output = command.output().unwrap();
            fine &= output.status.success();
            said += &format!("{}\n{}", step.name, String::from_utf8_lossy(&output.stdout));
            said += &String::from_utf8_lossy(&output.stderr);
        }
        (fine, said)
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A step of a workflow.
#[derive(Debug, Default)]
struct Step {
    name: String,
    run: String,
    always: bool,
}

fn workflow(name: &str) -> String {
    std::fs::read_to_string(root().join("docs/gate").join(name)).unwrap()
}

/// The lines of a key's block, without the spaces before all of them.
fn block<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = text
        .lines()
        .skip_while(|line| line.trim() != format!("{key}:") && line.trim() != format!("{key}: |"));
    let Some(head) = lines.next() else { return Vec::new() };
    let own = indent(head);
    lines.take_while(|line| line.trim().is_empty() || indent(line) > own).collect()
}

/// The steps of a job of GitHub's.
fn github(job: &str) -> Vec<Step> {
    let text = workflow("github.yml");
    let job = block(&text, job).join("\n");
    let mut steps: Vec<Step> = Vec::new();
    for part in block(&job, "steps").join("\n").split("      - ").skip(1) {
        let of = |key: &str| part.lines().find_map(|line| line.trim().strip_prefix(key));
        let run: Vec<&str> = block(part, "run").iter().map(|line| line.trim()).collect();
        steps.push(Step {
            name: of("name: ").unwrap_or_default().to_owned(),
            run: run.join("\n"),
            always: of("if: ").is_some_and(|when| when.contains("!cancelled()")),
        });
    }
    steps
}

/// The scripts of a job of GitLab's: what comes before, the script, and what comes after whatever happens.
fn gitlab(job: &str) -> Vec<Step> {
    let text = workflow("gitlab.yml");
    let default = block(&text, "default").join("\n");
    let job = block(&text, job).join("\n");
    let script = |text: &str, key: &str| {
        let lines = block(text, key);
        let lines = lines.iter().map(|line| line.trim().trim_start_matches("- "));
        lines.collect::<Vec<_>>().join("\n")
    };
    let both = format!("{}\n{}", script(&default, "before_script"), script(&job, "script"));
    vec![
        Step { name: "script".to_owned(), run: both, always: false },
        Step { name: "after".to_owned(), run: script(&job, "after_script"), always: true },
    ]
}

const HARMLESS: (&str, &str) = ("spare_for = \"2 h\"", "spare_for = \"120 min\"");
/// Tenants sleep much later.
const WORSE: (&str, &str) = ("ladder = { asleep = \"1 d\" }", "ladder = { asleep = \"4 d\" }");

#[test]
fn the_workflow_for_github_gates_a_pull_request_and_says_so_in_one_comment() {
    let repository = Repository::new("github");
    let steps = github("gate");
    let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names.iter().filter(|name| !name.is_empty()).count(), 4, "{names:?}");
    let set = [("GITHUB_BASE_REF", "main"), ("PULL_REQUEST", "7"), ("SEATRIAL", "nowhere")];
    repository.branch("harmless", HARMLESS);
    let (fine, said) = repository.execute(&steps, &set);
    assert!(fine, "{said}");
    let comment = std::fs::read_to_string(repository.0.join("said.md")).unwrap();
    assert!(comment.starts_with("### passes: identical in all cases"), "{comment}");
    repository.branch("worse", WORSE);
    let (fine, said) = repository.execute(&steps, &set);
    assert!(!fine, "{said}");
    assert!(said.contains("::error") && said.contains("fleet-policies.toml"), "{said}");
    let comment = std::fs::read_to_string(repository.0.join("said.md")).unwrap();
    assert!(comment.starts_with("### fails: a-week: asleep_share worse"), "{comment}");
    let log = std::fs::read_to_string(repository.0.join("gh.log")).unwrap();
    let call = "pr comment 7 --edit-last --create-if-none --body-file gate.md";
    assert_eq!(log.lines().collect::<Vec<_>>(), [call, call]);
    let sarif: Value = serde_json::from_str(&repository.read("gate.sarif")).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "fleet-policies.toml");
    assert!(repository.read("gate.xml").contains("<failure"));
    // What was kept and built is no part of the repository.
    let status = repository.must(&["git", "status", "--short"]).stdout;
    let status = String::from_utf8_lossy(&status).into_owned();
    let own = |line: &&str| !line.contains("gate.");
    assert_eq!(status.lines().filter(own).collect::<Vec<_>>(), Vec::<&str>::new());
    // Only a program that is missing is installed.
    assert!(!repository.0.join("cargo.log").exists());
}

#[test]
fn the_workflows_sign_a_receipt_for_what_was_merged() {
    let repository = Repository::new("receipt");
    repository.must(&["seatrial", "receipt", "keygen", "../temp/release"]);
    let key = std::fs::read_to_string(repository.0.join("temp/release")).unwrap();
    std::fs::copy(repository.0.join("temp/release.pub"), repository.work().join("release.pub"))
        .unwrap();
    repository.commit("the key that verifies");
    repository.branch("harmless", HARMLESS);
    let before = repository.must(&["git", "rev-parse", "HEAD~1"]).stdout;
    let before = String::from_utf8(before).unwrap();
    std::fs::copy(repository.0.join("temp/release.pub"), repository.work().join("release.pub"))
        .unwrap();
    let temp = repository.0.join("temp").display().to_string();
    let github_set = [
        ("SEATRIAL_KEY", key.trim()),
        ("BEFORE", before.trim()),
        ("RUNNER_TEMP", &*temp),
        ("SEATRIAL", "nowhere"),
    ];
    let file = format!("{temp}/release");
    let gitlab_set = [
        ("SEATRIAL_KEY", &*file),
        ("CI_COMMIT_BEFORE_SHA", before.trim()),
        ("CI_PROJECT_DIR", &*temp),
        ("SEATRIAL", "nowhere"),
    ];
    for (steps, set) in [(github("receipt"), &github_set[..]), (gitlab("receipt"), &gitlab_set[..])]
    {
        let _ = std::fs::remove_file(repository.work().join("receipt.json"));
        let (fine, said) = repository.execute(&steps, set);
        assert!(fine, "{said}");
        assert!(said.contains("receipt.json: verified, for the policies "), "{said}");
        let policies = ["--policies", "fleet-policies.toml", "--key", "release.pub"];
        repository
            .must(&[&["seatrial", "receipt", "verify", "receipt.json"], &policies[..]].concat());
    }
    // The secret key does not stay.
    assert!(!repository.0.join("temp/key").exists());
}

#[test]
fn the_workflow_for_gitlab_gates_a_merge_request() {
    let repository = Repository::new("gitlab");
    let steps = gitlab("gate");
    let temp = repository.0.join("temp").display().to_string();
    let set: BTreeMap<&str, &str> = [
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_PROJECT_DIR", &*temp),
        ("CI_API_V4_URL", "http://127.0.0.1:9/api/v4"),
        ("CI_PROJECT_ID", "3"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("GATE_TOKEN", "token"),
        ("SEATRIAL", "nowhere"),
    ]
    .into();
    let set: Vec<(&str, &str)> = set.into_iter().collect();
    for (branch, change, passes) in [("harmless", HARMLESS, true), ("worse", WORSE, false)] {
        repository.branch(branch, change);
        let (fine, said) = repository.execute(&steps, &set);
        assert_eq!(fine, passes, "{said}");
        let comment = std::fs::read_to_string(repository.0.join("said.md")).unwrap();
        assert!(comment.starts_with(if passes { "### passes" } else { "### fails" }), "{comment}");
        assert_eq!(repository.read("gate.xml").contains("<failure"), !passes);
    }
    let log = std::fs::read_to_string(repository.0.join("curl.log")).unwrap();
    assert_eq!(log.lines().count(), 2);
    assert!(
        log.contains("body@gate.md") && log.contains("/projects/3/merge_requests/7/notes"),
        "{log}"
    );
}

/// The suite of the page is the one that is tried here.
#[test]
fn the_page_has_this_suite() {
    let page = std::fs::read_to_string(root().join("docs/gate.md")).unwrap();
    assert!(page.contains(SUITE.trim_end()), "docs/gate.md does not say:\n{SUITE}");
    for file in ["github.yml", "gitlab.yml"] {
        assert!(page.contains(&format!("gate/{file}")), "{file}");
    }
}

/// A program that says it found nothing, and which it is.
fn other(name: &str) -> String {
    let half = format!(
        "{{\\\"name\\\":\\\"\\\",\\\"scenario\\\":\\\"\\\",\\\"program\\\":\\\"{name}\\\",\\\"policies\\\":\\\"\\\",\\\"duration\\\":0,\\\"goals\\\":[]}}"
    );
    let row = "{\\\"seed\\\":1,\\\"digest\\\":\\\"\\\",\\\"events\\\":0,\\\"metrics\\\":[],\\\"broken\\\":[],\\\"reasons\\\":[],\\\"actions\\\":[]}";
    format!(
        "fn main() {{ println!(\"{{}}\", \"{{\\\"version\\\":1,\\\"of\\\":{half},\\\"rows\\\":[{row}]}}\"); }}\n"
    )
}

#[test]
fn the_program_of_a_revision_is_its_own_also_where_building_it_was_broken_off() {
    let repository = Repository::new("revisions");
    repository.write(
        "Cargo.toml",
        "[package]\nname = \"seatrial\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    repository.write(
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"seatrial\"\nversion = \"0.1.0\"\n",
    );
    repository.write(".gitignore", "/target\n");
    std::fs::create_dir(repository.work().join("src")).unwrap();
    for name in ["one", "two"] {
        repository.write("src/main.rs", &other(name));
        repository.commit(name);
        repository.must(&["git", "tag", name]);
    }
    let base = |revision: &str| {
        let more = ["--most", "11", "--quiet", "--format", "json"];
        let words = [&["compare", "fleet.toml", "--base", revision], &more[..]].concat();
        let output = repository.command("seatrial").args(words).output().unwrap();
        let found: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let program = found["first"]["program"].as_str().unwrap_or_default().to_owned();
        (program, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // There is a cargo that builds nothing, and then there is one that does.
    let (program, told) = base("one");
    assert!(program.is_empty() && told.contains("cannot write"), "{program}: {told}");
    std::fs::remove_file(repository.0.join("programs/cargo")).unwrap();
    for name in ["two", "one", "two"] {
        let (program, told) = base(name);
        assert_eq!(program, name, "{told}");
    }
}
