//! `seatrial new-policy`

use crate::exit::{Exit, Stop, print};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// Write a policy to begin with into Seatrial's sources, and its line into the catalog.
///
/// It has a configuration, reasons of its own, memory and a test; it compiles and decides as it is. The
/// change is one new file and one line. Nothing is ever written over.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  seatrial new-policy most-loaded\n  seatrial new-policy night-watch \
                  --template plain\n  seatrial new-policy most-loaded --sources ../seatrial"
)]
pub struct NewPolicy {
    /// The word for it in policy files: small letters, digits and `-`.
    name: String,
    /// What kind of policy it is.
    #[arg(long, value_enum, default_value = "placement")]
    template: Template,
    /// The folder of Seatrial's sources.
    #[arg(long, default_value = ".")]
    sources: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Template {
    /// It chooses machines for tenants that need one.
    Placement,
    /// It looks at all that changed, at each tick.
    Plain,
}

impl Template {
    const fn text(self) -> &'static str {
        match self {
            Self::Placement => include_str!("new_policy/placement.rs.in"),
            Self::Plain => include_str!("new_policy/plain.rs.in"),
        }
    }
}

/// The list of policies begins so, and ends with the next line that is this.
const BEGINS: &str = "\ncatalog! {\n";
const ENDS: &str = "\n}\n";

impl NewPolicy {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let word = self.name.as_str();
        if !is_word(word) {
            let what = format!(
                "`{word}`: small letters, digits and single `-` between them, such as `most-loaded`"
            );
            return Err(Stop::Argument { name: "NAME", what });
        }
        let catalog = self.sources.join("policies/src/catalog.rs");
        let (file, kind) = (word.replace('-', "_"), pascal(word));
        let template = self.template.text();
        if template.split(|c: char| !c.is_alphanumeric()).any(|name| name == kind) {
            let what =
                format!("`{word}`: the template has a `{kind}` already; choose another name");
            return Err(Stop::Argument { name: "NAME", what });
        }
        let before = std::fs::read_to_string(&catalog).map_err(|error| {
            let what = format!("{error}; --sources is the folder of Seatrial's sources");
            Stop::file(&catalog, &what)
        })?;
        let after = with_line(&before, &format!("    {file}::{kind} = \"{word}\",\n"), &kind, word)
            .map_err(|what| Stop::file(&catalog, &what))?;
        let path = self.sources.join(format!("policies/src/catalog/{file}.rs"));
        let text = template.replace("{word}", word).replace("{Kind}", &kind);
        crate::new::write_new(&path, &text)?;
        if let Err(error) = std::fs::write(&catalog, after) {
            // A policy that no catalog has is of no use to anybody.
            let _ = std::fs::remove_file(&path);
            let _ = std::fs::write(&catalog, before);
            return Err(Stop::unwritten(&catalog, &error));
        }
        print(&told(&path, &catalog, word))?;
        Ok(Exit::Fine)
    }
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(".").unwrap_or(path).display()
}

fn told(path: &Path, catalog: &Path, word: &str) -> String {
    format!(
        "wrote {} and its line in {}\n\nNext, there:\n  cargo test -p seatrial-policies\n  cargo run -- \
         reference policies\n\nA policy file has it with:\n  [[policies]]\n  kind = \"{word}\"\n",
        shown(path),
        shown(catalog),
    )
}

/// Whether it can be the word for a policy, and a Rust name.
fn is_word(word: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    // Words of the language are no names of files.
    const KEYWORDS: &[&str] = &[
        "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum",
        "extern", "false", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod",
        "move", "mut", "pub", "ref", "return", "self", "static", "struct", "super", "trait",
        "true", "type", "unsafe", "use", "where", "while", "tests",
    ];
    word.split('-').all(is_part)
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && !KEYWORDS.contains(&word)
}

/// `most-loaded` as `MostLoaded`.
fn pascal(word: &str) -> String {
    let parts = word.split('-').map(|part| {
        let (first, rest) = part.split_at(1);
        first.to_ascii_uppercase() + rest
    });
    parts.collect()
}

/// The catalog with one more line at its end.
fn with_line(catalog: &str, line: &str, kind: &str, word: &str) -> Result<String, String> {
    let begins = catalog.rfind(BEGINS).ok_or("it has no `catalog! {` to add a line to")?;
    let list = begins + BEGINS.len();
    let ends = catalog[list..].find(ENDS).ok_or("its list of policies has no end")?;
    let end = list + ends + 1;
    let is_there = |part: &str| catalog[list..end].contains(part);
    if is_there(&format!("= \"{word}\"")) || is_there(&format!("::{kind} ")) {
        return Err(format!("it has a policy `{word}` already: choose another name"));
    }
    Ok(format!("{}{line}{}", &catalog[..end], &catalog[end..]))
}
