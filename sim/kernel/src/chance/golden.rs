//! The first draws of every distribution, to the nanosecond: a change here changes every stored result.

use super::Distribution;
use seatrial_contract::units::Span;
use seatrial_contract::{Dice, Purpose};

/// One of each distribution, by name.
pub(super) fn distributions() -> Vec<(&'static str, Distribution)> {
    let (second, minute) = (Span::seconds(1), Span::minutes(1));
    let named = [
        ("fixed", Ok(Distribution::fixed(second))),
        ("uniform", Distribution::uniform(second, minute)),
        ("exponential", Distribution::exponential(second)),
        ("erlang of 3", Distribution::erlang(3, second)),
        ("erlang of 9", Distribution::erlang(9, second)),
        ("gamma below 1", Distribution::gamma(second, 2.0)),
        ("gamma above 1", Distribution::gamma(second, 0.3)),
        ("hyper-exponential", Distribution::hyper_exponential(&[(9, second), (1, minute)])),
        ("balanced", Distribution::balanced(second, 4.0)),
        ("lognormal", Distribution::lognormal(second, Span::seconds(3))),
        ("lognormal by mean", Distribution::lognormal_by_mean(second, 1.0)),
        ("weibull", Distribution::weibull(0.7, second)),
        ("weibull by mean", Distribution::weibull_by_mean(3.0, second)),
        ("bounded pareto", Distribution::bounded_pareto(second, minute, 1.5)),
        ("empirical", Distribution::empirical(&[(second, 3), (minute, 1), (Span(7), 6)])),
        ("of samples", Distribution::of_samples(&[minute, second, Span(7), second])),
    ];
    named.map(|(name, distribution)| (name, distribution.unwrap())).to_vec()
}

#[test]
fn draws_the_same_on_every_machine() {
    let drawn: Vec<(&str, [u64; 4])> = distributions()
        .iter()
        .map(|(name, distribution)| {
            let mut stream = Dice::new(11).stream(3, Purpose::new(name));
            (*name, std::array::from_fn(|_| distribution.sample(&mut stream).0))
        })
        .collect();
    let text: String = drawn.iter().map(|(name, draws)| format!("{name}: {draws:?}\n")).collect();
    assert_eq!(text, DRAWN, "drawn now:\n{text}");
}

#[test]
fn late_draws_are_the_same_too() {
    // So many draws pass through each rare branch: tails, slopes, rejections.
    let mut folded = String::new();
    for (name, distribution) in distributions() {
        let mut stream = Dice::new(12).stream(3, Purpose::new(name));
        let fold = (0..100_000).fold(0_u64, |fold, _| {
            fold.rotate_left(5).wrapping_mul(0x9e37_79b9_7f4a_7c15)
                ^ distribution.sample(&mut stream).0
        });
        folded += &format!("{name}: {fold:016x}\n");
    }
    assert_eq!(folded, FOLDED, "folded now:\n{folded}");
}

const DRAWN: &str = "\
fixed: [1000000000, 1000000000, 1000000000, 1000000000]
uniform: [58363949236, 9520909886, 52242416608, 41135556518]
exponential: [325982091, 1635618225, 945775971, 187432745]
erlang of 3: [847084113, 707235399, 1597238707, 454793044]
erlang of 9: [1744733723, 657924051, 1907272167, 703520914]
gamma below 1: [1573338243, 30948733, 6429481114, 15937833]
gamma above 1: [1529562990, 517324003, 1060951855, 536148870]
hyper-exponential: [160733964, 2023991402, 81680510, 2586220025]
balanced: [702318765, 337679484, 1247731756, 256455981]
lognormal: [3265108933, 2387417908, 1135032764, 1475906355]
lognormal by mean: [985329538, 330136294, 496788645, 1973121838]
weibull: [33420588, 633067238, 190091144, 24104702]
weibull by mean: [1016567077, 1068340424, 1137615035, 855620795]
bounded pareto: [1643409665, 1382146987, 1024630788, 1241542139]
empirical: [1000000000, 1000000000, 1000000000, 7]
of samples: [60000000000, 1000000000, 7, 60000000000]
";

const FOLDED: &str = "\
fixed: 7a1f50c7d2d52249
uniform: 8559cd8106eaead9
exponential: 5ede3ecaa790362c
erlang of 3: ec053fde73e8c53f
erlang of 9: 852853022d9d7af0
gamma below 1: c6eb18ad5cc7df77
gamma above 1: 1261ef83970727e7
hyper-exponential: f2c4ce0417ffa5cb
balanced: d042fbf6d14525a2
lognormal: a1261b537e2de1c0
lognormal by mean: d72ca9250c6920e3
weibull: e5bdb55a9385a66e
weibull by mean: d1ed50ddf5877ca2
bounded pareto: 3142fd81a73e6a67
empirical: 13ec82f75845fbcb
of samples: 33dd82d694760c26
";
