//! `seatrial receipt`

use crate::exit::{Exit, Stop, print, say};
use crate::open;
use clap::{Args, Subcommand, ValueEnum};
use seatrial_contract::config::Element as _;
use seatrial_format::suite::Suite;
use seatrial_record::{
    HeldReceipts, PublicKey, Receipt as Record, Refusal, Sealed, SecretKey, digest,
};
use seatrial_reports as reports;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Sign, verify and show the receipts of suites that passed.
///
/// `seatrial gate --receipt FILE` writes one where a suite passes. It says which policies it is for, what they went through
/// and what they did not; signed, it lets just those policies act.
#[derive(Args)]
#[command(after_help = "Example:
  seatrial receipt keygen release
  seatrial gate suite.toml --base main --receipt receipt.json --sign release
  seatrial receipt verify receipt.json --key release.pub --policies policies/thousand-users.toml")]
pub struct Receipt {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make a pair of keys: NAME signs and is secret, NAME.pub verifies.
    Keygen {
        /// The file of the secret key; none is replaced.
        name: PathBuf,
    },
    /// Sign a receipt, in its file.
    Sign {
        /// The receipt.
        receipt: PathBuf,
        /// The secret key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Say whether receipts are signed by somebody trusted, and are for these policies.
    ///
    /// Exit codes: 0 all of them are signed, and one is for the policies; 1 not so; 2 a key or a policy file is wrong.
    Verify(Verify),
    /// Say what a receipt says; verifies no signature.
    Show {
        /// The receipt.
        receipt: PathBuf,
        /// How it is written to stdout.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

#[derive(Args)]
struct Verify {
    /// The receipts; several may be held at once.
    #[arg(required = true)]
    receipts: Vec<PathBuf>,
    /// A public key that is trusted; as often as is wanted.
    #[arg(long, value_name = "FILE", required = true)]
    key: Vec<PathBuf>,
    /// The policies that are to act.
    #[arg(long, value_name = "FILE")]
    policies: Option<PathBuf>,
    /// Change a value of the policy file: `--set tick=5s`.
    #[arg(long = "set", value_name = "KEY=VALUE", requires = "policies")]
    sets: Vec<String>,
    /// Their digest, in place of their file.
    #[arg(long, value_name = "DIGEST", conflicts_with = "policies", value_parser = digest_of)]
    policy_digest: Option<String>,
    /// The suite that it has to be of.
    #[arg(long, value_name = "FILE")]
    suite: Option<PathBuf>,
}

/// A digest, whole: the beginnings that people are shown name nothing.
fn digest_of(text: &str) -> Result<String, String> {
    let is_whole = text.len() == 64 && text.bytes().all(|of| of.is_ascii_hexdigit());
    let wrong = || {
        "a digest has 64 hexadecimal digits; `seatrial receipt verify` prints those of a receipt"
            .to_owned()
    };
    if is_whole { Ok(text.to_lowercase()) } else { Err(wrong()) }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For programs: what was signed, to the byte.
    Json,
}

impl Receipt {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        match self.what {
            What::Keygen { name } => keygen(&name),
            What::Sign { receipt, key } => {
                let mut sealed = sealed(&receipt)?;
                sealed.sign(&secret(&key)?);
                written(&receipt, &sealed)?;
                let of = sealed.receipt().map_err(|no| Stop::file(&receipt, &no))?;
                let files: Vec<&str> = of.policies.iter().map(|of| of.file.as_str()).collect();
                say(&format!(
                    "signed {}: {} passed under {}",
                    receipt.display(),
                    of.suite.file,
                    files.join(", ")
                ));
                Ok(Exit::Fine)
            }
            What::Verify(verify) => verify.run(),
            What::Show { receipt, format } => {
                let sealed = sealed(&receipt)?;
                let of = sealed.receipt().map_err(|no| Stop::file(&receipt, &no))?;
                print(&match format {
                    Format::Table => shown(&of, &sealed),
                    Format::Json => sealed.text().to_owned() + "\n",
                })?;
                Ok(Exit::Fine)
            }
        }
    }
}

fn shown(of: &Record, sealed: &Sealed) -> String {
    let keys: Vec<&str> = sealed.signatures().iter().map(|of| of.key.as_str()).collect();
    let signed =
        if keys.is_empty() { "nobody".to_owned() } else { keys.join(", ") + ", as it says" };
    reports::receipt(of, sealed.digest(), &signed)
}

impl Verify {
    fn run(self) -> Result<Exit, Stop> {
        let keys = self.key.iter().map(|file| public(file)).collect::<Result<Vec<_>, Stop>>()?;
        let wanted = match (&self.policies, &self.policy_digest) {
            (Some(file), _) => Some(seatrial_policies::digest(&open::policies(file, &self.sets)?)),
            (None, digest) => digest.clone(),
        };
        let load = |file| seatrial_format::load::<Suite>(file, &[]);
        let suite = self.suite.as_deref().map(load).transpose();
        let suite = suite.map_err(|failure| open::stop(&failure))?;
        let suite = suite.map(|loaded| suite_digest(&loaded.value));
        let mut held = HeldReceipts::default();
        let mut text = String::new();
        let mut refused = false;
        for file in &self.receipts {
            let verified = sealed(file).and_then(|sealed| {
                let of = held.hold(&sealed, &keys).map_err(|no| Stop::file(file, &no))?;
                let other = || Refusal::OtherSuite {
                    wanted: suite.clone().unwrap_or_default(),
                    has: of.suite.digest.clone(),
                };
                if suite.as_ref().is_some_and(|suite| *suite != of.suite.digest) {
                    return Err(Stop::file(file, &other()));
                }
                let all = of.policies.iter().map(|of| of.digest.as_str());
                let all = all.collect::<Vec<_>>().join(", ");
                let all = if all.is_empty() {
                    "no policies, since none of its cases runs any".to_owned()
                } else {
                    format!("the policies {all}")
                };
                Ok(format!("{}: verified, for {all}\n", file.display()))
            });
            match verified {
                Ok(line) => text += &line,
                Err(stop) => {
                    refused = true;
                    say(&stop.to_string());
                }
            }
        }
        if let (Some(wanted), false) = (&wanted, refused) {
            match held.of(wanted) {
                Ok((_, of)) => text += &reports::rehearsed(of),
                Err(no) => {
                    refused = true;
                    say(&format!("{}: {no}", names(&self.receipts)));
                }
            }
        }
        print(&text)?;
        Ok(if refused { Exit::Failed } else { Exit::Fine })
    }
}

fn names(files: &[PathBuf]) -> String {
    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// The digest of all that a suite says, defaults filled in.
pub fn suite_digest(suite: &Suite) -> String {
    digest(suite.write().to_string().as_bytes())
}

fn text(file: &Path) -> Result<String, Stop> {
    fs::read_to_string(file)
        .map_err(|error| Stop::file(file, &format!("it cannot be read: {error}")))
}

fn sealed(file: &Path) -> Result<Sealed, Stop> {
    Sealed::of_text(&text(file)?).map_err(|no| Stop::file(file, &no))
}

fn public(file: &Path) -> Result<PublicKey, Stop> {
    PublicKey::of_text(&text(file)?).map_err(|no| Stop::file(file, &no))
}

/// The key that signs.
pub fn secret(file: &Path) -> Result<SecretKey, Stop> {
    SecretKey::of_text(&text(file)?).map_err(|no| Stop::file(file, &no))
}

/// Writes a receipt at once: whoever reads it has all of it, or the one before.
pub fn written(file: &Path, sealed: &Sealed) -> Result<(), Stop> {
    let part = file.with_extension(format!("{}.part", std::process::id()));
    fs::write(&part, sealed.to_text())
        .and_then(|()| fs::rename(&part, file))
        .map_err(|error| Stop::unwritten(file, &error))
}

fn keygen(name: &Path) -> Result<Exit, Stop> {
    let mut chance = [0; 32];
    let no_chance =
        |error| Stop::Unreached(format!("this machine gives no chance for a key: {error}"));
    getrandom::fill(&mut chance).map_err(no_chance)?;
    let key = SecretKey::of_chance(&chance);
    let mut public = name.as_os_str().to_owned();
    public.push(".pub");
    let public = PathBuf::from(public);
    if public.exists() {
        return Err(Stop::unwritten(&public, &"it is there already, and no key is replaced"));
    }
    new_file(name, &key.to_text(), 0o600)?;
    new_file(&public, &key.public().to_text(), 0o644)?;
    say(&format!(
        "{} signs: keep it secret. {} verifies: give it to whoever accepts receipts.",
        name.display(),
        public.display()
    ));
    Ok(Exit::Fine)
}

/// Writes a file that is not there yet.
fn new_file(file: &Path, text: &str, mode: u32) -> Result<(), Stop> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let written = options.open(file).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            return Stop::unwritten(file, &"it is there already, and no key is replaced");
        }
        Stop::unwritten(file, &error)
    })
}
