//! Why a receipt is not accepted.

use core::fmt;

/// Why a receipt is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The file ends in the middle.
    Truncated,
    /// The file is none.
    NoReceipt(String),
    /// It was written by another program than this.
    OtherVersion(u32),
    /// What it says is not what was written.
    Changed,
    /// Nobody signed it.
    Unsigned,
    /// Only keys signed it that are not trusted: those.
    OtherKeys(Vec<String>),
    /// A trusted key is named, and its signature is not of what the receipt says.
    BadSignature(String),
    /// It is for other policies than these.
    OtherPolicies {
        /// Those that it was to be for.
        wanted: String,
        /// Those that it is for.
        has: Vec<String>,
    },
    /// It is of another suite than this.
    OtherSuite {
        /// The one that it was to be of.
        wanted: String,
        /// The one that it is of.
        has: String,
    },
}

/// The beginning of a digest or a key, as people compare them.
pub(super) fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = |of: &[String]| {
            let names: Vec<&str> = of.iter().map(|of| short(of)).collect();
            if names.is_empty() { "none".to_owned() } else { names.join(", ") }
        };
        match self {
            Self::Truncated => {
                f.write_str("it is cut off: the file ends in the middle; fetch it anew")
            }
            Self::NoReceipt(why) => write!(f, "it is no receipt that `seatrial gate` wrote: {why}"),
            Self::OtherVersion(version) => {
                write!(
                    f,
                    "it is of version {version}, which this program does not read; gate anew with this one"
                )
            }
            Self::Changed => f.write_str(
                "it was changed after it was written: what it says does not fit its digest",
            ),
            Self::Unsigned => f.write_str("nobody signed it: `seatrial receipt sign` does"),
            Self::OtherKeys(keys) => {
                write!(f, "it is signed by {} only, which is not trusted here", all(keys))
            }
            Self::BadSignature(key) => write!(
                f,
                "the signature that bears the name of key {} is not by that key, or not of this receipt",
                short(key)
            ),
            Self::OtherPolicies { wanted, has } => {
                write!(f, "it is for the policies {}, not for {}", all(has), short(wanted))
            }
            Self::OtherSuite { wanted, has } => {
                write!(f, "it is of the suite {}, not of {}", short(has), short(wanted))
            }
        }
    }
}

impl std::error::Error for Refusal {}
