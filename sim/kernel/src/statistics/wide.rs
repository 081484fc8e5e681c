//! Unsigned numbers of 192 bits that wrap around: enough for the sum of 2⁶⁴ squares of 64 bits.

use super::{float, float_wide};

/// A number modulo 2¹⁹².
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wide {
    low: u128,
    high: u64,
}

impl Wide {
    #[inline]
    pub fn add(&mut self, number: u128) {
        let (low, carry) = self.low.overflowing_add(number);
        self.low = low;
        self.high = self.high.wrapping_add(u64::from(carry));
    }

    pub fn merge(&mut self, other: Self) {
        self.add(other.low);
        self.high = self.high.wrapping_add(other.high);
    }

    pub fn subtract(&mut self, other: Self) {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        self.low = low;
        self.high = self.high.wrapping_sub(other.high).wrapping_sub(u64::from(borrow));
    }

    pub fn product(a: u128, b: u64) -> Self {
        let b = u128::from(b);
        let (upper, lower) = (a >> 64, a & u128::from(u64::MAX));
        let mut product = Self { low: lower * b, high: 0 };
        let shifted = upper * b;
        // Both halves fit their types: a shift leaves at most 64 bits, a mask too.
        product.high = u64::try_from(shifted >> 64).unwrap_or_default();
        product.add((shifted & u128::from(u64::MAX)) << 64);
        product
    }

    pub fn as_float(self) -> f64 {
        // 2¹²⁸
        float(self.high) * 340_282_366_920_938_463_463_374_607_431_768_211_456.0
            + float_wide(self.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries_and_borrows() {
        let most = u128::from(u64::MAX);
        let mut sum = Wide::default();
        for _ in 0..5 {
            sum.add(most * most);
        }
        assert_eq!(sum, Wide::product(most * most, 5));
        // 5 × 2¹²⁸, but for a part in 2⁶³.
        assert!(
            (sum.as_float() / 5.0 / 340_282_366_920_938_463_463_374_607_431_768_211_456.0 - 1.0)
                .abs()
                < 1e-15
        );
        sum.subtract(Wide::product(most * most, 4));
        assert_eq!(sum, Wide { low: most * most, high: 0 });
        let top = Wide::product(u128::MAX, u64::MAX);
        // (2¹²⁸ - 1)(2⁶⁴ - 1) = 2¹⁹² - 2¹²⁸ - 2⁶⁴ + 1
        assert_eq!(top, Wide { low: u128::MAX - most + 1, high: u64::MAX - 1 });
    }
}
