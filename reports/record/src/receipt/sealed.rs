//! A receipt as it lies in a file: its text to the byte, the digest of that, and who signed it.

use super::keys::{PublicKey, SecretKey};
use super::refusal::Refusal;
use super::{RECEIPT_VERSION, Receipt};
use crate::{Json, digest};
use serde::{Deserialize, Serialize};
use serde_json::error::Category;

/// The version of [`Sealed`].
pub const SEALED_VERSION: u32 = 1;

/// What is signed begins so, so that a signature of something else is none of a receipt.
const DOMAIN: &[u8] = b"seatrial receipt 1\n";

/// A receipt, and who signed it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// [`SEALED_VERSION`] when it was written.
    #[serde(rename = "seatrial-receipt")]
    version: u32,
    /// The digest of the receipt's text.
    digest: String,
    /// Who signed that text.
    signatures: Vec<Signature>,
    /// The text, to the byte: that is what is signed.
    receipt: Json,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The public key.
    pub key: String,
    /// The signature.
    pub signature: String,
}

/// Only the version of it, whatever else there is.
#[derive(Deserialize)]
struct Versioned {
    #[serde(rename = "seatrial-receipt")]
    sealed: Option<u32>,
    version: Option<u32>,
}

fn versioned(text: &str) -> Versioned {
    serde_json::from_str(text).unwrap_or(Versioned { sealed: None, version: None })
}

impl Sealed {
    /// A receipt that nobody has signed yet.
    #[must_use]
    pub fn new(receipt: &Receipt) -> Self {
        let receipt = Json::of(receipt);
        Self {
            version: SEALED_VERSION,
            digest: digest(receipt.text().as_bytes()),
            signatures: Vec::new(),
            receipt,
        }
    }

    /// The receipt of a file.
    ///
    /// # Errors
    /// The text is none, is cut off, or was changed.
    pub fn of_text(text: &str) -> Result<Self, Refusal> {
        let sealed: Self = serde_json::from_str(text).map_err(|wrong| {
            let other = versioned(text).sealed.filter(|of| *of != SEALED_VERSION);
            match (other, wrong.classify()) {
                (Some(other), _) => Refusal::OtherVersion(other),
                (None, Category::Eof) => Refusal::Truncated,
                (None, _) => Refusal::NoReceipt(wrong.to_string()),
            }
        })?;
        if sealed.version != SEALED_VERSION {
            return Err(Refusal::OtherVersion(sealed.version));
        }
        if digest(sealed.receipt.text().as_bytes()) != sealed.digest {
            return Err(Refusal::Changed);
        }
        sealed.receipt()?;
        Ok(sealed)
    }

    /// The text of its file.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// What it says; nobody has verified who signed it.
    ///
    /// # Errors
    /// It is not understood.
    pub fn receipt(&self) -> Result<Receipt, Refusal> {
        let text = self.receipt.text();
        let other = versioned(text).version.filter(|of| *of != RECEIPT_VERSION);
        if let Some(other) = other {
            return Err(Refusal::OtherVersion(other));
        }
        serde_json::from_str(text).map_err(|wrong| Refusal::NoReceipt(wrong.to_string()))
    }

    /// The digest of its text: what the receipt itself is called.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Its text: what is signed, to the byte.
    #[must_use]
    pub fn text(&self) -> &str {
        self.receipt.text()
    }

    /// Who signed it, or says so.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    fn signed(&self) -> Vec<u8> {
        [DOMAIN, self.receipt.text().as_bytes()].concat()
    }

    /// Signs it; in place of an earlier signature by the same key.
    pub fn sign(&mut self, key: &SecretKey) {
        let public = key.public().id();
        self.signatures.retain(|of| of.key != public);
        let signature = key.sign(&self.signed());
        self.signatures.push(Signature { key: public, signature });
    }

    /// What it says, where one of the trusted keys signed just that.
    ///
    /// # Errors
    /// None of them did.
    pub fn verify(&self, trusted: &[PublicKey]) -> Result<Receipt, Refusal> {
        if self.signatures.is_empty() {
            return Err(Refusal::Unsigned);
        }
        let bytes = self.signed();
        let mut bad = None;
        for of in &self.signatures {
            let Some(key) = trusted.iter().find(|key| key.id() == of.key) else { continue };
            if key.signed(&bytes, &of.signature) {
                return self.receipt();
            }
            bad = Some(Refusal::BadSignature(of.key.clone()));
        }
        let others = || self.signatures.iter().map(|of| of.key.clone()).collect();
        Err(bad.unwrap_or_else(|| Refusal::OtherKeys(others())))
    }
}
