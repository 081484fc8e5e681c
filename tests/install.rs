//! What `tests/all` installs, and what it says before it does: tried with an `apt-get` and a `cargo` that only
//! write down what they are asked.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of programs, and nothing else in the path but what the script itself needs.
struct Machine {
    folder: PathBuf,
}

impl Machine {
    /// On which `apt-get -s` says this.
    fn new(name: &str, plan: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("seatrial-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let machine = Self { folder };
        for tool in
            ["bash", "sh", "env", "dirname", "tr", "awk", "xargs", "mkdir", "cat", "echo", "printf"]
        {
            let found = ["/usr/bin", "/bin"].iter().map(|path| Path::new(path).join(tool));
            if let Some(path) = found.into_iter().find(|path| path.exists()) {
                std::os::unix::fs::symlink(path, machine.folder.join(tool)).unwrap();
            }
        }
        machine.program("id", "echo 0");
        machine.program("cargo", "echo \"cargo $*\" >>$CALLS");
        machine.program("rustfmt", "exit 0");
        machine.program("chmod", "exec /bin/chmod \"$@\"");
        machine.program("rm", "exec /bin/rm \"$@\"");
        machine.program("tail", "exec /usr/bin/tail \"$@\"");
        let install = format!(
            "case \"$*\" in *' -s '*|'install -s '*) printf '%s\\n' '{plan}';; *)\n\
             echo \"apt-get $*\" >>$CALLS\n\
             case \"$*\" in install*) /usr/sbin/policy-rc.d; echo \"policy $?\" >>$CALLS; echo noise;; esac\n\
             esac"
        );
        machine.program("apt-get", &install);
        machine
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.folder.join(name);
        std::fs::write(&path, format!("#!/bin/bash\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What the script says, and what it has run.
    fn tests_all(&self, ci: bool) -> (Output, String) {
        let calls = self.folder.join("calls");
        std::fs::write(&calls, "").unwrap();
        let mut command = Command::new("/bin/bash");
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all"));
        command
            .env_clear()
            .env("PATH", &self.folder)
            .env("CALLS", &calls)
            .env("HOME", &self.folder);
        if ci {
            command.env("CI", "true");
        }
        let output = command.output().unwrap();
        (output, std::fs::read_to_string(&calls).unwrap())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    let root = output.stdout == b"0\n";
    if !root {
        println!("skipped: only root may say that packages start no service");
    }
    root
}

#[test]
fn says_what_it_installs_and_how_to_undo_it_and_starts_no_service() {
    if !is_root() {
        return;
    }
    let machine = Machine::new(
        "install",
        "Inst gcc (12 Debian)\nInst redis-server (7 Debian)\nConf gcc (12)",
    );
    let (output, calls) = machine.tests_all(false);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("installing with apt-get: gcc redis-server"), "{said}");
    assert!(said.contains("To undo it: apt-get purge gcc redis-server"), "{said}");
    assert!(!said.contains("noise"), "{said}");
    let installs: Vec<&str> =
        calls.lines().filter(|line| line.starts_with("apt-get install")).collect();
    assert!(installs.iter().all(|line| line.contains("--no-upgrade")), "{calls}");
    assert!(installs.iter().any(|line| line.contains("redis-server")), "{calls}");
    assert!(calls.contains("policy 101"), "packages might start services: {calls}");
    assert!(calls.contains("cargo nextest run"), "{calls}");
}

#[test]
fn upgrades_nothing_without_being_told_to() {
    if !is_root() {
        return;
    }
    let plan = "Inst libc6 [2.35] (2.36 Debian)\nInst redis-server (7 Debian)";
    let machine = Machine::new("upgrade", plan);
    let (output, calls) = machine.tests_all(false);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("this would upgrade or remove what is there: libc6"), "{said}");
    assert!(!calls.contains("apt-get install"), "{calls}");
    // A machine that says that it may be changed.
    let (output, calls) = machine.tests_all(true);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("; upgrading: libc6"), "{said}");
    assert!(calls.contains("apt-get install"), "{calls}");
}
