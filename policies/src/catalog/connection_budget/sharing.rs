//! Who should have how many of a pooler's connections. Whole numbers in, whole numbers out: knows no
//! pooler, no time and no limit as it is.

use alloc::vec;
use alloc::vec::Vec;
use seatrial_contract::units::Ppm;

/// What a tier is to be guaranteed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// This share of all.
    Share(Ppm),
    /// What others leave, in proportion to this weight.
    Rest(u32),
}

/// What a tier has use for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Need {
    /// So many had a connection or waited for one, when they were most of late.
    pub(super) wanted: u32,
    pub(super) guaranteed: u32,
    /// So many of those it keeps, used or not.
    pub(super) kept: u32,
}

impl Need {
    /// What was seen was seen now and then: there were more between.
    fn use_for(&self) -> u32 {
        self.wanted.saturating_add(self.wanted.div_ceil(4))
    }
}

/// What each is guaranteed of so many connections, rounded down; one at the least, where there are
/// as many as tiers. Shares that are more than the whole together are cut in proportion.
pub(super) fn guarantees(most: u32, claims: &[Claim]) -> Vec<u32> {
    let shares = claims.iter().map(|claim| match claim {
        Claim::Share(share) => u128::from(share.0),
        Claim::Rest(_) => 0,
    });
    let weights = claims.iter().map(|claim| match claim {
        Claim::Share(_) => 0,
        Claim::Rest(weight) => u128::from(*weight),
    });
    let (named, weights) = (shares.sum::<u128>(), weights.sum::<u128>());
    let rest = u128::from(Ppm::WHOLE.0).saturating_sub(named);
    let whole = named.max(u128::from(Ppm::WHOLE.0));
    let most = u128::from(most);
    let part = |claim: &Claim| match claim {
        Claim::Share(share) => most * u128::from(share.0) / whole,
        Claim::Rest(weight) => {
            (most * rest * u128::from(*weight)).checked_div(whole * weights).unwrap_or_default()
        }
    };
    let mut parts: Vec<u32> =
        claims.iter().map(|claim| u32::try_from(part(claim)).unwrap_or(u32::MAX)).collect();
    if most < claims.len() as u128 {
        return parts;
    }
    for index in 0..parts.len() {
        parts[index] = parts[index].max(1);
        if parts.iter().map(|part| u128::from(*part)).sum::<u128>() > most {
            // The largest has one to spare: there are as many as tiers.
            let largest = (0..parts.len()).max_by_key(|index| parts[*index]);
            largest.into_iter().for_each(|index| parts[index] -= 1);
        }
    }
    parts
}

/// How many each should have: what it needs of its own, then what others leave to those who have use
/// for it, then the rest to whom it belongs. Never more together than there are.
pub(super) fn share_out(most: u32, needs: &[Need]) -> Vec<u32> {
    let own = |need: &Need| need.use_for().max(need.kept).min(need.guaranteed);
    let mut aims: Vec<u32> = needs.iter().map(own).collect();
    let mut rest = most.saturating_sub(aims.iter().sum());
    let hungry = |aim: u32, need: &Need| need.use_for().saturating_sub(aim);
    lend(&mut aims, &mut rest, needs, hungry);
    lend(&mut aims, &mut rest, needs, |aim, need| need.guaranteed.saturating_sub(aim));
    aims
}

/// Gives what is left to those who lack some, in proportion to what they are guaranteed.
fn lend(aims: &mut [u32], rest: &mut u32, needs: &[Need], lacks: impl Fn(u32, &Need) -> u32) {
    while *rest > 0 {
        let lacking: Vec<u32> =
            aims.iter().zip(needs).map(|(aim, need)| lacks(*aim, need)).collect();
        let weigh = |index: usize| if lacking[index] > 0 { weight(&needs[index]) } else { 0 };
        let whole: u64 = (0..needs.len()).map(weigh).sum();
        if whole == 0 {
            return;
        }
        let part = |index: usize| u64::from(*rest) * weigh(index) / whole;
        let mut gifts: Vec<u32> = vec![0; needs.len()];
        for (index, gift) in gifts.iter_mut().enumerate() {
            *gift = u32::try_from(part(index)).unwrap_or(u32::MAX).min(lacking[index]);
        }
        if gifts.iter().all(|gift| *gift == 0) {
            // Fewer than there are tiers: one each, to those guaranteed most first.
            let largest = (0..needs.len()).filter(|index| lacking[*index] > 0);
            let largest = largest.max_by_key(|index| (weigh(*index), core::cmp::Reverse(*index)));
            largest.into_iter().for_each(|index| gifts[index] = 1);
        }
        for (aim, gift) in aims.iter_mut().zip(&gifts) {
            *aim += gift;
            *rest -= gift;
        }
    }
}

fn weight(need: &Need) -> u64 {
    u64::from(need.guaranteed).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::units::percent;

    #[test]
    fn priorities_share_what_no_share_names() {
        let rest = Claim::Rest;
        // 48 in 1 : 2 : 3 : 4 are 4.8, 9.6, 14.4 and 19.2.
        let parts = guarantees(48, &[rest(1), rest(2), rest(3), rest(4)]);
        assert_eq!(parts, [4, 9, 14, 19]);
        // Half is named; the other half in 1 : 3.
        let parts = guarantees(48, &[rest(1), Claim::Share(percent(50)), rest(3)]);
        assert_eq!(parts, [6, 24, 18]);
    }

    #[test]
    fn shares_beyond_the_whole_are_cut_and_nobody_has_none() {
        let share = |n| Claim::Share(percent(n));
        assert_eq!(guarantees(30, &[share(100), share(50)]), [20, 10]);
        assert_eq!(guarantees(10, &[share(99), Claim::Rest(1), Claim::Rest(1)]), [8, 1, 1]);
        assert_eq!(guarantees(2, &[share(90), share(10)]), [1, 1]);
    }

    fn need(wanted: u32, guaranteed: u32) -> Need {
        Need { wanted, guaranteed, kept: guaranteed / 4 }
    }

    #[test]
    fn what_is_unused_is_lent_to_those_who_lack_some() {
        // The second uses 4 and keeps 5 for itself; the first has the rest.
        assert_eq!(share_out(24, &[need(100, 4), need(4, 20)]), [19, 5]);
        // Two that lack some have it in proportion to 4 and 8: 14 more are 4 and 9, and one more.
        assert_eq!(share_out(31, &[need(90, 4), need(90, 8), need(4, 19)]), [8, 18, 5]);
    }

    #[test]
    fn whoever_needs_all_that_is_guaranteed_has_it() {
        assert_eq!(share_out(24, &[need(100, 4), need(40, 20)]), [4, 20]);
    }

    #[test]
    fn what_nobody_lacks_belongs_to_whom_it_is_guaranteed() {
        assert_eq!(share_out(24, &[need(1, 4), need(2, 20)]), [4, 20]);
    }
}
