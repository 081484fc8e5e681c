//! A scenario at many points: which points there are, one run at one of them, what their runs come to, and which
//! objectives break where. Knows no file and no process; in which order they are run and where is `order`.

mod breaks;
mod order;
mod points;
mod unit;

pub use order::{each, longest_first, shard};
pub use points::{POINTS_MOST, TooManyPoints, grid, latin};
pub use unit::{swept, unit};

use seatrial_format::scenario::Scenario;

/// The scenario with so many tenants at the start, in the same mix: what is left over when each tier
/// has its whole share goes to those that lack most of theirs.
#[must_use]
pub fn scaled(scenario: &Scenario, tenants: u32) -> Scenario {
    let mut scaled = scenario.clone();
    let counts: Vec<u64> = scenario.tiers.iter().map(|tier| tier.tenants.value.into()).collect();
    let all: u64 = counts.iter().sum();
    if all == 0 {
        return scaled;
    }
    let wanted = u64::from(tenants);
    let mut shares: Vec<u64> = counts.iter().map(|count| count * wanted / all).collect();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|tier| core::cmp::Reverse(counts[*tier] * wanted % all));
    let left = wanted - shares.iter().sum::<u64>();
    for tier in order.into_iter().take(usize::try_from(left).unwrap_or_default()) {
        shares[tier] += 1;
    }
    for (tier, share) in scaled.tiers.iter_mut().zip(shares) {
        tier.tenants.value = u32::try_from(share).unwrap_or(u32::MAX);
    }
    scaled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(counts: &[u32]) -> Scenario {
        let tiers: String = (0..)
            .zip(counts)
            .map(|(number, count): (u32, _)| {
                format!(
                    "[[tiers]]\nname = \"t{number}\"\ntenants = {count}\nstack = \"s\"\n\
                     sessions = {{ gap = \"1 d\", length = \"1 h\" }}\n"
                )
            })
            .collect();
        let text = format!(
            "title = \"t\"\nduration = \"1 d\"\n{tiers}[[stacks]]\nname = \"s\"\n\
             parts = [{{ name = \"p\", memory = \"1 GiB\" }}]\n"
        );
        let read = seatrial_format::read_text::<Scenario>("t.toml", &text);
        read.unwrap_or_else(|failure| panic!("{}", failure.render(Default::default()))).value
    }

    fn counts(scenario: &Scenario) -> Vec<u32> {
        scenario.tiers.iter().map(|tier| tier.tenants.value).collect()
    }

    #[test]
    fn the_mix_stays_and_the_sum_is_exact() {
        let thousand = scenario(&[600, 250, 120, 30]);
        assert_eq!(counts(&scaled(&thousand, 200)), [120, 50, 24, 6]);
        assert_eq!(counts(&scaled(&thousand, 4_000)), [2_400, 1_000, 480, 120]);
        // 6.6, 2.75, 1.32 and 0.33: nine are whole, two go to 0.75 and 0.6.
        assert_eq!(counts(&scaled(&thousand, 11)), [7, 3, 1, 0]);
        assert_eq!(counts(&scaled(&scenario(&[0]), 5)), [0]);
    }
}
