//! Receipts that are held at the same time, so that an upgrade is gated before it is rolled out.

use super::{PublicKey, Receipt, Refusal, Rehearsed, Sealed};

/// Receipts that were verified.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    receipts: Vec<Receipt>,
}

impl Held {
    /// Holds one more, where one of the trusted keys signed it.
    ///
    /// # Errors
    /// None of them did.
    pub fn hold(&mut self, sealed: &Sealed, trusted: &[PublicKey]) -> Result<&Receipt, Refusal> {
        let receipt = sealed.verify(trusted)?;
        self.receipts.push(receipt);
        Ok(&self.receipts[self.receipts.len() - 1])
    }

    /// The one for policies of that digest, and what they went through: the last that was held.
    ///
    /// # Errors
    /// None is for them.
    pub fn of(&self, policies: &str) -> Result<(&Receipt, &Rehearsed), Refusal> {
        let mut all = self.receipts.iter().rev();
        all.find_map(|receipt| Some((receipt, receipt.of(policies)?))).ok_or_else(|| {
            let all = self.receipts.iter().flat_map(|receipt| &receipt.policies);
            let has = all.map(|of| of.digest.clone()).collect();
            Refusal::OtherPolicies { wanted: policies.to_owned(), has }
        })
    }
}
