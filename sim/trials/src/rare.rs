//! How likely something rare is, by fixed-effort splitting: runs that come nearer to it go on into many futures, level
//! by level. The levels are chosen by a pilot and frozen; the product of the shares that came from each to the next is
//! without bias, and repeats say how far to trust it. Knows no fault.

use rayon::prelude::*;
use seatrial_contract::{Dice, Purpose};
use seatrial_format::scenario::Scenario;
use seatrial_host::rare::{Branch, Lived, Rare, Until, live};
use seatrial_host::{BrokenInvariant, Watch, World};
use seatrial_policies::PolicyFile;
use seatrial_record::RareLevel;

/// What is to be found.
pub struct RareTrial<'a> {
    /// The scenario, checked.
    pub scenario: &'a Scenario,
    /// Its policies.
    pub policies: Option<&'a PolicyFile>,
    /// What is counted.
    pub rare: Rare,
    /// So many of it are rare.
    pub target: u32,
    /// The first seed.
    pub seed: u64,
    /// Runs at each level.
    pub effort: u32,
    /// How often all is done again.
    pub repeats: u32,
}

/// What was found.
pub struct RareFound {
    /// The levels on the way.
    pub levels: Vec<RareLevel>,
    /// How likely it is within a run, by repeat.
    pub chances: Vec<f64>,
    /// For how many seconds of a run it is so, by repeat.
    pub seconds: Vec<f64>,
    /// Runs and events.
    pub effort: (u64, u64),
}

/// Why nothing was found.
#[derive(Debug)]
pub enum NotFound {
    /// A bug of ours.
    Broken(BrokenInvariant),
    /// No run of the pilot came beyond that many.
    Beyond(u32),
}

impl From<BrokenInvariant> for NotFound {
    fn from(broken: BrokenInvariant) -> Self {
        Self::Broken(broken)
    }
}

/// A level is as far as this part of the pilot's runs came.
const COMES_ON: f64 = 0.2;
/// The pilot has so many times the runs of a level.
const PILOT: u32 = 3;
/// Where a smaller part comes on, more runs are made.
const ENOUGH: f64 = 0.1;
const FUTURES: Purpose = Purpose::new("rare: futures");
const PICKS: Purpose = Purpose::new("rare: which past");

/// The way to a state: the seed of its run, and the branches since.
#[derive(Clone)]
struct Past {
    seed: u64,
    branches: Vec<Branch>,
}

/// Runs from one level on: where those that came to the next stand there, and what all saw.
struct Stage {
    reached: Vec<Past>,
    lived: Vec<Lived>,
}

impl RareTrial<'_> {
    /// Looks for it.
    ///
    /// # Errors
    /// A broken invariant, or that no run came near.
    pub fn run(&self, watch: &dyn Watch) -> Result<RareFound, NotFound> {
        let (chosen, mut effort) = self.pilot(watch)?;
        let mut shares = vec![0.0; chosen.len()];
        let (mut chances, mut seconds) = (Vec::new(), Vec::new());
        for repeat in 1..=u64::from(self.repeats) {
            let mut pasts = Vec::new();
            let (mut chance, mut long) = (1.0, 0.0);
            for (at, (level, runs)) in chosen.iter().enumerate() {
                let until = Until::Reached(*level);
                let stage = self.stage((repeat, at), &pasts, (until, *runs), watch)?;
                add(&mut effort, &stage);
                let share = ratio(stage.reached.len(), stage.lived.len());
                shares[at] += share / f64::from(self.repeats);
                chance *= share;
                pasts = stage.reached;
                if pasts.is_empty() {
                    break;
                }
            }
            if !pasts.is_empty() {
                let (last, until) = ((repeat, chosen.len()), Until::TheEnd(self.target));
                let stage = self.stage(last, &pasts, (until, self.effort), watch)?;
                add(&mut effort, &stage);
                let sum: f64 = stage.lived.iter().map(|of| of.seconds).sum();
                long = chance * sum / ratio(stage.lived.len(), 1);
            }
            chances.push(chance);
            seconds.push(long);
        }
        let levels = chosen.into_iter().zip(shares);
        let levels =
            levels.map(|((count, runs), share)| RareLevel { count, runs, share }).collect();
        Ok(RareFound { levels, chances, seconds, effort })
    }

    /// Chooses the levels, and how many runs are to go on from each: more where few come on.
    #[expect(clippy::type_complexity, reason = "levels with their runs, and the effort")]
    fn pilot(&self, watch: &dyn Watch) -> Result<(Vec<(u32, u32)>, (u64, u64)), NotFound> {
        let (mut levels, mut pasts, mut effort): (Vec<(u32, u32)>, _, _) =
            (Vec::new(), Vec::new(), (0, 0));
        loop {
            let before = levels.last().map_or(0, |of| of.0);
            if before >= self.target {
                return Ok((levels, effort));
            }
            let at = levels.len();
            let runs = self.effort.saturating_mul(PILOT);
            let all = (Until::TheEnd(u32::MAX), runs);
            let looks = self.stage((0, 2 * at), &pasts, all, watch)?;
            add(&mut effort, &looks);
            let mut most: Vec<u32> = looks.lived.iter().map(|of| of.most).collect();
            most.sort_unstable_by(|one, other| other.cmp(one));
            if most[0] <= before {
                return Err(NotFound::Beyond(before));
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
            let often = most[(COMES_ON * ratio(most.len(), 1)) as usize];
            // Where hardly any came on, as far as some did.
            let next = if often > before { often } else { first_beyond(&most, before) };
            let level = next.min(self.target);
            let on = self.stage((0, 2 * at + 1), &pasts, (Until::Reached(level), runs), watch)?;
            add(&mut effort, &on);
            if on.reached.is_empty() {
                return Err(NotFound::Beyond(before));
            }
            let share = ratio(on.reached.len(), on.lived.len());
            pasts = on.reached;
            levels.push((level, more(self.effort, share)));
        }
    }

    /// Runs from the beginning, or on from pasts that are picked among these.
    fn stage(
        &self,
        (repeat, at): (u64, usize),
        pasts: &[Past],
        (until, runs): (Until, u32),
        watch: &dyn Watch,
    ) -> Result<Stage, NotFound> {
        let dice = Dice::new(self.seed);
        let mut futures = dice.turn(repeat, FUTURES, at as u64);
        let mut picks = dice.turn(repeat, PICKS, at as u64);
        let starts: Vec<Past> = (0..runs)
            .map(|_| {
                let seed = futures.below(u64::MAX);
                let Ok(pick) = usize::try_from(picks.below((pasts.len() as u64).max(1))) else {
                    return Past { seed, branches: Vec::new() };
                };
                match pasts.get(pick) {
                    None => Past { seed, branches: Vec::new() },
                    Some(past) => {
                        let mut past = past.clone();
                        if let Some(last) = past.branches.last_mut() {
                            last.seed = seed;
                        }
                        past
                    }
                }
            })
            .collect();
        let one = |past: &Past| -> Result<(Lived, Past), BrokenInvariant> {
            let world = World::new(self.scenario, self.policies, past.seed);
            let lived = live(world, self.rare, &past.branches, until)?;
            watch.passed(*self.scenario.duration, lived.events);
            Ok((lived, past.clone()))
        };
        let all: Result<Vec<_>, BrokenInvariant> = starts.par_iter().map(one).collect();
        let mut stage = Stage { reached: Vec::new(), lived: Vec::new() };
        for (lived, mut past) in all? {
            if let Some(after) = lived.reached {
                // Its future is another one each time; the seed is put in when it is picked.
                past.branches.push(Branch { after, seed: 0 });
                stage.reached.push(past);
            }
            stage.lived.push(lived);
        }
        Ok(stage)
    }
}

/// So many runs that a tenth of the usual number may come on, and no more than ten times as many.
fn more(effort: u32, share: f64) -> u32 {
    let times = (ENOUGH / share.max(1e-9)).clamp(1.0, 10.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let more = (f64::from(effort) * times).ceil() as u32;
    more
}

fn add(effort: &mut (u64, u64), stage: &Stage) {
    effort.0 += stage.lived.len() as u64;
    effort.1 += stage.lived.iter().map(|of| of.events).sum::<u64>();
}

/// The least of those beyond that, in falling order.
fn first_beyond(most: &[u32], before: u32) -> u32 {
    most.iter().copied().take_while(|of| *of > before).last().unwrap_or(u32::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "counts of runs")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}
