//! A small suite in a folder of its own.

use crate::common::{err, out, root, seatrial};
use std::path::PathBuf;

/// A folder with a suite of one case, two days of the thousand users.
pub struct Suite(pub PathBuf);

impl Suite {
    /// One whose suite says this, too.
    pub fn new(name: &str, more: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("seatrial-gate-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        let scenario = root().join("scenarios/thousand-users.toml");
        let policies = root().join("policies/thousand-users.toml");
        std::fs::copy(policies, folder.join("mine.toml")).expect("it is copied");
        let text = format!(
            "extends = {scenario:?}\nduration = \"2 d\"\n[policies]\nfile = \"mine.toml\"\n"
        );
        std::fs::write(folder.join("world.toml"), text).expect("it is written");
        let suite = format!(
            "title = \"small\"\nmost = 12\n{more}\n[[cases]]\nname = \"small\"\nscenario = \"world.toml\"\nseed = 7\n\
             metrics = [{{ name = \"bill_month\", margin = \"1 %\" }}, {{ name = \"moves\", margin = 20, better = \"less\" }}]\n"
        );
        std::fs::write(folder.join("suite.toml"), suite).expect("it is written");
        Self(folder)
    }

    /// A file of it.
    pub fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// What gating it with these arguments comes to: the exit code, stdout and stderr.
    pub fn gate(&self, more: &[&str]) -> (i32, String, String) {
        let (suite, cache) = (self.file("suite.toml"), self.file("cache"));
        let all = [&["gate", &*suite, "--quiet", "--cache", &*cache], more].concat();
        let output = seatrial(&all);
        (output.status.code().unwrap_or(-1), out(&output), err(&output))
    }

    /// Machines are given back much later than they were.
    pub fn patient(&self) {
        let file = self.0.join("mine.toml");
        let text = std::fs::read_to_string(&file).expect("it is there");
        let changed = text.replace("spare_for = \"2 h\"", "spare_for = \"12 h\"");
        assert_ne!(text, changed);
        std::fs::write(&file, changed).expect("it is written");
    }
}

impl Drop for Suite {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The policy file that all of it is compared with.
pub fn before() -> String {
    root().join("policies/thousand-users.toml").display().to_string()
}
