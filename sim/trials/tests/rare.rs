//! Rare losses by splitting beside the closed forms of Markov chains: machines that fail and are repaired, each on its
//! own, with as many crews as there are machines or with one; and a database of two servers.

use seatrial_host::Silent;
use seatrial_host::open_text;
use seatrial_host::rare::Rare;
use seatrial_trials::{NotFound, RareFound, RareTrial};

/// A chain whose state is how many of `n` are lost.
struct Chain {
    n: usize,
    fails: f64,
    repairs: f64,
    crews: usize,
}

impl Chain {
    fn up(&self, lost: usize) -> f64 {
        self.fails * f(self.n - lost)
    }

    fn down(&self, lost: usize) -> f64 {
        self.repairs * f(lost.min(self.crews))
    }

    /// How likely it is that `k` are lost at once within that many hours, and for how many hours of them they are.
    fn solved(&self, k: usize, hours: f64) -> (f64, f64) {
        let steps = 400_000;
        let dt = hours / f(steps);
        // One chain that stays where it comes to k, and one that goes on.
        let (mut first, mut on) = (vec![0.0; k + 1], vec![0.0; self.n + 1]);
        (first[0], on[0]) = (1.0, 1.0);
        let mut long = 0.0;
        for _ in 0..steps {
            long += on[k..].iter().sum::<f64>() * dt;
            self.step(&mut first, k, true, dt);
            self.step(&mut on, self.n, false, dt);
        }
        (first[k], long)
    }

    fn step(&self, of: &mut [f64], last: usize, stays: bool, dt: f64) {
        let before = of.to_vec();
        for lost in 0..=last {
            if lost < last {
                let goes = before[lost] * self.up(lost) * dt;
                (of[lost], of[lost + 1]) = (of[lost] - goes, of[lost + 1] + goes);
            }
            if lost > 0 && !(stays && lost == last) {
                let comes = before[lost] * self.down(lost) * dt;
                (of[lost], of[lost - 1]) = (of[lost] - comes, of[lost - 1] + comes);
            }
        }
    }
}

fn f(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("a small count"))
}

fn find(text: &str, rare: Rare, target: u32, effort: u32) -> Result<RareFound, NotFound> {
    let opened = open_text(text, None);
    let opened = opened.unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())));
    let trial = RareTrial {
        scenario: &opened.scenario,
        policies: None,
        rare,
        target,
        seed: 1,
        effort,
        repeats: 20,
    };
    trial.run(&Silent)
}

fn machines(count: u32, crews: &str) -> String {
    format!(
        "title = \"machines\"\nduration = \"100 d\"\n[[pools]]\nname = \"workers\"\ncount = {count}\n\
         machine = {{ cpu = \"8 cores\", memory = \"16 GiB\" }}\nprice = \"$1/h\"\n\
         [[faults]]\nkind = \"machine-crash\"\neach = true\n{crews}\
         at = {{ kind = \"exponential\", mean = \"500 h\" }}\n\
         again_after = {{ kind = \"exponential\", mean = \"500 h\" }}\n\
         lasts = {{ kind = \"exponential\", mean = \"5 h\" }}\n"
    )
}

/// The mean of the repeats and how far it may be off: three of its own deviations.
fn mean(repeats: &[f64]) -> (f64, f64) {
    let n = f(repeats.len());
    let mean = repeats.iter().sum::<f64>() / n;
    let squares: f64 = repeats.iter().map(|x| (x - mean) * (x - mean)).sum();
    (mean, 3.0 * (squares / (n - 1.0) / n).sqrt())
}

fn agrees(what: &str, repeats: &[f64], exact: f64, within: f64) {
    let (found, off) = mean(repeats);
    println!("{what}: {found:.3e} ± {off:.1e}, exactly {exact:.3e}");
    assert!((found - exact).abs() <= off, "{what}: {found:e} ± {off:e}, exactly {exact:e}");
    assert!(off <= within * exact, "{what}: {off:e} is too wide for {exact:e}");
}

#[test]
fn several_machines_lost_at_once_are_as_rare_as_the_chain_says() {
    for (n, k, crews, told) in [(5, 3, 5, ""), (6, 4, 6, ""), (4, 3, 1, "crews = 1\n")] {
        let chain = Chain { n, fails: 1.0 / 500.0, repairs: 1.0 / 5.0, crews };
        let (chance, hours) = chain.solved(k, 2_400.0);
        let count = u32::try_from(n).expect("a small count");
        let target = u32::try_from(k).expect("a small count");
        let text = machines(count, told);
        let found = find(&text, Rare::Machines(None), target, 300);
        let found = found.unwrap_or_else(|why| panic!("{why:?}"));
        let what = format!("{k} of {n}, {crews} crews");
        agrees(&what, &found.chances, chance, 0.35);
        let seconds = format!("{what}: for so many seconds");
        agrees(&seconds, &found.seconds, hours * 3_600.0, 0.4);
        let levels: Vec<u32> = found.levels.iter().map(|of| of.count).collect();
        assert!(levels.is_sorted() && levels.last() == Some(&target), "{levels:?}");
    }
}

#[test]
fn what_no_run_comes_near_is_said() {
    let text = machines(3, "");
    let found = find(&text, Rare::Machines(None), 4, 50);
    assert!(matches!(found, Err(NotFound::Beyond(most)) if most <= 3));
}

#[test]
fn both_servers_of_a_database_are_lost_as_rarely_as_the_chain_says() {
    // A lost server is built anew, whichever it was: each is lost at the rate of the primary's clock.
    let text = "title = \"pair\"\nduration = \"100 d\"\n[[zones]]\nname = \"a\"\n[[zones]]\nname = \"b\"\n\
                [[databases]]\nname = \"db\"\ncores = 4\nmax_connections = 100\nplace = \"a\"\n\
                standbys = [{ name = \"second\", following = \"synchronous\", place = \"b\" }]\n\
                failover = { kind = \"timed\", takes = \"1 s\" }\n\
                [[traffic]]\nname = \"work\"\narrivals = { kind = \"poisson\", rate = \"1/h\" }\n\
                queries = [{ at = \"db\", service_time = \"5 ms\" }]\n\
                [[faults]]\nkind = \"zone-loss\"\neach = true\n\
                at = { kind = \"exponential\", mean = \"500 h\" }\n\
                again_after = { kind = \"exponential\", mean = \"500 h\" }\n\
                lasts = { kind = \"exponential\", mean = \"5 h\" }\n";
    let chain = Chain { n: 2, fails: 1.0 / 500.0, repairs: 1.0 / 5.0, crews: 2 };
    let (chance, _) = chain.solved(2, 2_400.0);
    let found = find(text, Rare::Servers(0), 2, 200).unwrap_or_else(|why| panic!("{why:?}"));
    agrees("both servers", &found.chances, chance, 0.35);
}
