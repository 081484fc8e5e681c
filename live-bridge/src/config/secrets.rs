//! Files that hold secrets: reads a token, and keeps what looks like a secret from being shown where
//! a file of the bridge's was meant.

use seatrial_format::{Disk, Files};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The disk, but for files that are no TOML: a key that is named by mistake must not be printed.
pub(super) struct NoSecrets;

impl Files for NoSecrets {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let bytes = Disk.read(path)?;
        if looks_like_a_setting(&String::from_utf8_lossy(&bytes)) {
            return Ok(bytes);
        }
        let error = "it is no TOML file, and may be a secret: nothing of it is shown";
        Err(io::Error::new(io::ErrorKind::InvalidData, error))
    }
    fn names(&self, folder: &Path) -> Vec<String> {
        Disk.names(folder)
    }
    fn identity(&self, path: &Path) -> PathBuf {
        Disk.identity(path)
    }
}

/// Whether the first line that says something is one of a TOML file: a table, or a key with a value.
fn looks_like_a_setting(text: &str) -> bool {
    if text.contains("-----BEGIN ") {
        return false;
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().map(str::trim);
    let Some(first) = lines.find(|line| !line.is_empty() && !line.starts_with('#')) else {
        return true;
    };
    if first.starts_with('[') {
        return true;
    }
    let Some((key, value)) = first.split_once('=') else { return false };
    let is_key = |c: char| c.is_ascii_alphanumeric() || "_-.\"' \t".contains(c);
    let begins = |c: char| "\"'[{+-0123456789".contains(c);
    let value = value.trim_start();
    let word = ["true", "false", "inf", "nan"].iter().any(|word| value.starts_with(word));
    !key.is_empty() && key.chars().all(is_key) && (word || value.starts_with(begins))
}

/// A longer token is none that a header takes.
const TOKEN_MAX: u64 = 8 << 10;

/// The token in a file; what is wrong with it, without a word of it.
pub(super) fn token(path: &Path) -> Result<String, String> {
    use std::os::unix::fs::OpenOptionsExt;
    // A pipe that nobody writes into is not waited for.
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = std::fs::File::options().read(true).custom_flags(flags).open(path);
    let mut bytes = Vec::new();
    let read = file.and_then(|file| file.take(TOKEN_MAX + 1).read_to_end(&mut bytes));
    read.map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).unwrap_or_default();
    let token = text.trim();
    let visible = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !visible || token.len() as u64 > TOKEN_MAX {
        return Err("it holds no token, which is one line of visible ASCII without spaces".into());
    }
    Ok(token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_told_from_secrets() {
        for text in [
            "title = \"x\"",
            "# a comment\n\n[docker]\n",
            "\u{feff}title=\"x\"",
            "",
            "a.b = 5",
            "a = true",
        ] {
            assert!(looks_like_a_setting(text), "{text:?}");
        }
        for text in [
            "-----BEGIN PRIVATE KEY-----\nMIIE\n",
            "[x]\n-----BEGIN PRIVATE KEY-----\n",
            "c2VjcmV0IHRva2Vu==",
            "c2VjcmV0=",
            "TOKEN=abcdef",
            "ghp_0123456789",
            "user:password@host",
        ] {
            assert!(!looks_like_a_setting(text), "{text:?}");
        }
    }
}
