//! Keys: one that signs and stays with whoever gates, and one that verifies and may go anywhere.

use core::fmt;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};

const SECRET: &str = "seatrial-ed25519-secret";
const PUBLIC: &str = "seatrial-ed25519-public";

/// The key that signs receipts.
pub struct SecretKey(SigningKey);

/// The key that verifies them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKey {
    /// It is a key of the other kind.
    Secret,
    /// It is a key of the other kind.
    Public,
    /// It is none.
    None,
    /// It is one that would verify what it did not sign.
    Weak,
}

impl fmt::Display for NoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret => {
                "this is the secret key, which signs; receipts are verified with the public one (.pub)"
            }
            Self::Public => "this is the public key, which verifies; receipts are signed with the secret one",
            Self::None => "this is no key that `seatrial receipt keygen` wrote",
            Self::Weak => "this public key would verify what nobody signed; make a new pair",
        })
    }
}

impl std::error::Error for NoKey {}

impl SecretKey {
    /// The key made of 32 bytes of chance.
    #[must_use]
    pub fn of_chance(chance: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(chance))
    }

    /// The key of a file.
    ///
    /// # Errors
    /// The text is none.
    pub fn of_text(text: &str) -> Result<Self, NoKey> {
        match words(text) {
            Some((SECRET, bytes)) => Ok(Self::of_chance(&bytes)),
            Some((PUBLIC, _)) => Err(NoKey::Public),
            Some(_) | None => Err(NoKey::None),
        }
    }

    /// The text of its file.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{SECRET} {}\n", hex(&self.0.to_bytes()))
    }

    /// What verifies what it signs.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Its signature of bytes.
    pub(super) fn sign(&self, bytes: &[u8]) -> String {
        hex(&self.0.sign(bytes).to_bytes())
    }
}

impl PublicKey {
    /// The key of a file.
    ///
    /// # Errors
    /// The text is none.
    pub fn of_text(text: &str) -> Result<Self, NoKey> {
        let bytes = match words(text) {
            Some((PUBLIC, bytes)) => bytes,
            Some((SECRET, _)) => return Err(NoKey::Secret),
            Some(_) | None => return Err(NoKey::None),
        };
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| NoKey::None)?;
        if key.is_weak() { Err(NoKey::Weak) } else { Ok(Self(key)) }
    }

    /// The text of its file.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{PUBLIC} {}\n", self.id())
    }

    /// What it is called: itself.
    #[must_use]
    pub fn id(&self) -> String {
        hex(self.0.as_bytes())
    }

    /// Whether its secret key signed these bytes so.
    pub(super) fn signed(&self, bytes: &[u8], signature: &str) -> bool {
        let signature = unhex::<64>(signature).map(|of| ed25519_dalek::Signature::from_bytes(&of));
        signature.is_some_and(|of| self.0.verify_strict(bytes, &of).is_ok())
    }
}

/// The two words of a key's file.
fn words(text: &str) -> Option<(&str, [u8; 32])> {
    let mut words = text.split_whitespace();
    let (kind, key) = (words.next()?, words.next()?);
    words.next().is_none().then_some(())?;
    Some((kind, unhex(key)?))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |of: u8| DIGITS[usize::from(of)];
    bytes.iter().flat_map(|of| [digit(of >> 4), digit(of & 15)]).collect()
}

/// So many bytes; one text each, so that no two texts are one signature.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |of: u8| match of {
        b'0'..=b'9' => Some(of - b'0'),
        b'a'..=b'f' => Some(of - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    (text.len() == 2 * N).then_some(())?;
    let mut bytes = [0; N];
    for (byte, two) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(two[0])? << 4 | digit(two[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_as_they_were_written_and_are_not_taken_for_each_other() {
        let secret = SecretKey::of_chance(&[7; 32]);
        let (text, public) = (secret.to_text(), secret.public().to_text());
        assert_eq!(SecretKey::of_text(&text).map(|of| of.to_text()), Ok(text.clone()));
        assert_eq!(PublicKey::of_text(&public), Ok(secret.public()));
        assert_eq!(PublicKey::of_text(&text), Err(NoKey::Secret));
        assert_eq!(SecretKey::of_text(&public).err(), Some(NoKey::Public));
        for no in ["", "seatrial-ed25519-public", &public.to_uppercase(), &format!("{public} x")] {
            assert_eq!(PublicKey::of_text(no), Err(NoKey::None), "{no}");
        }
        assert_eq!(PublicKey::of_text(&public[..public.len() - 2]), Err(NoKey::None));
        let weak = format!("{PUBLIC} 01{}", "00".repeat(31));
        assert_eq!(PublicKey::of_text(&weak), Err(NoKey::Weak));
    }

    /// The first of the test vectors of RFC 8032, section 7.1: another program would verify it.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let secret = SecretKey::of_text(&format!("{SECRET} {secret}")).unwrap();
        assert_eq!(
            secret.public().id(),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        );
        let signature = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155\
                         5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
        assert_eq!(secret.sign(b""), signature);
        assert!(secret.public().signed(b"", signature));
        assert!(!secret.public().signed(b"x", signature));
    }
}
