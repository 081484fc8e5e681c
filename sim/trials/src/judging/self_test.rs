//! How often a procedure is wrong on somebody's own data: what differs is turned about by chance, whole runs at a time,
//! so that there is nothing to be found, and judged again.

use super::{Looks, Measure, Verdict, judge};
use seatrial_contract::{Dice, Purpose};

const TURNS: Purpose = Purpose::new("gate self-test");

/// Of so many tries, in how many any metric was found to be better or worse. `cases` are the gated metrics of each case
/// with their pairs.
#[must_use]
pub fn false_verdicts(
    cases: &[Vec<(Measure, Pairs)>],
    looks: &Looks,
    tries: u32,
    seed: u64,
) -> u32 {
    let dice = Dice::new(seed);
    let is_wrong = |number: u32| {
        cases.iter().enumerate().any(|(case, metrics)| {
            let mut stream = dice.turn(case as u64, TURNS, u64::from(number));
            let pairs = metrics.iter().map(|(_, pairs)| pairs.len()).max().unwrap_or_default();
            let turned: Vec<bool> = (0..pairs).map(|_| stream.below(2) == 1).collect();
            metrics.iter().any(|(measure, pairs)| {
                let pairs = pairs.iter().zip(&turned);
                let pairs: Pairs = pairs
                    .map(|((a, b), turned)| if *turned { (*b, *a) } else { (*a, *b) })
                    .collect();
                let found = judge(measure, &pairs, looks).verdict;
                matches!(found, Verdict::Better | Verdict::Worse | Verdict::Changed)
            })
        })
    };
    let wrong = (0..tries).filter(|number| is_wrong(*number)).count();
    u32::try_from(wrong).unwrap_or(u32::MAX)
}

/// The values of a metric, pair by pair.
pub type Pairs = Vec<(Option<f64>, Option<f64>)>;

#[cfg(test)]
mod tests {
    use super::super::{Better, Scale};
    use super::*;
    use seatrial_contract::Stream;

    #[test]
    fn what_is_turned_about_is_seldom_found_however_large_it_is() {
        let looks = Looks::planned(3, 50).unwrap();
        let mut stream = Dice::new(5).stream(0, Purpose::new("self-test data"));
        let value = |stream: &mut Stream| stream.below(1_000) as f64;
        let mut metric = |shift: f64| {
            let measure = Measure {
                name: String::new(),
                scale: Scale::Difference,
                margin: 1.0,
                better: Better::Less,
            };
            let pair = |_| {
                let first = value(&mut stream);
                (Some(first), Some(first + shift + value(&mut stream)))
            };
            (measure, (0..50).map(pair).collect::<Pairs>())
        };
        let cases = [vec![metric(0.0), metric(5_000.0)], vec![metric(100.0)]];
        let wrong = false_verdicts(&cases, &looks, 2_000, 1);
        assert!(wrong <= 100, "{wrong} of 2,000");
        // The same procedure finds what is there.
        assert_eq!(judge(&cases[0][1].0, &cases[0][1].1, &looks).verdict, Verdict::Worse);
    }
}
