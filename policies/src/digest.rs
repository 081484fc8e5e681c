//! Names a policy set: its code and its configuration. Two hosts that show the same digest run
//! the same policies.

use crate::PolicyFile;
use alloc::format;
use alloc::string::{String, ToString};
use seatrial_contract::config::Element;

/// The digest of the sources of policies and contract: two programs that show the same decide alike
/// under the same policy file.
#[must_use]
pub const fn sources() -> &'static str {
    env!("SEATRIAL_POLICY_SOURCES")
}

/// What a program says of itself with `--version`: its version, the commit that it is built from, and
/// which policies are inside.
#[must_use]
pub fn program(version: &str, commit: &str) -> String {
    let policies = sources();
    format!("{version} ({commit}, policies {})", policies.get(..16).unwrap_or(policies))
}

/// The digest of a policy set: the sources of policies and contract, their version, and the
/// configuration in its canonical form, defaults filled in.
#[must_use]
pub fn digest(file: &PolicyFile) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(sources().as_bytes());
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    hasher.update(file.write().to_string().as_bytes());
    hasher.finalize().to_hex().as_str().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::config::{Node, Path, Problems, Value};

    fn file(entries: Node) -> PolicyFile {
        PolicyFile::read(&entries, &Path::Root, &mut Problems::default()).unwrap()
    }

    #[test]
    fn a_default_spelled_out_is_the_same_set() {
        let spelled = file(Node::table([("tick", Node::text("15000 ms"))]));
        assert_eq!(digest(&file(Node::table([]))), digest(&spelled));
    }

    #[test]
    fn another_threshold_is_another_set() {
        let ladder = |days: &str| {
            let rungs = Node::table([("bots-stopped", Node::text(days))]);
            let ladder = Node::table([("kind", Node::text("idle-ladder")), ("ladder", rungs)]);
            let list = Value::List([ladder].into()).nowhere();
            digest(&file(Node::table([("policies", list)])))
        };
        assert_ne!(ladder("7 d"), ladder("8 d"));
        assert_eq!(ladder("7 d"), ladder("168 h"));
    }
}
