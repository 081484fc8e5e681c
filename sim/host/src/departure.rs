//! Where a run departs from, if not from its scenario's own beginning: the last view of a
//! logbook. Matches tiers and pools by name. Knows no file and changes no world.

use crate::past::PAST;
use seatrial_contract::config::{Path, Place, Problems};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{Names, NodeState, Phase, Tenant};
use seatrial_contract::{ClusterView, PoolId, Stage, TierId};
use seatrial_format::scenario::Scenario;
use seatrial_policies::Clock;

/// What a cluster was seen to be, and what the scenario calls its tiers and pools.
///
/// The scenario says how the world behaves; the departure, what there is at the start:
/// - Machines keep their pool, zone, capacity, cordon and drain, whatever shape the scenario gives
///   machines that are ordered later. Booting ones boot for as long as one ordered now. **Lost ones
///   are taken to be gone**: this world has no machine that does not answer, and a plan should not
///   count on one that does not. Their tenants begin without a machine.
/// - Tenants keep their machine, stage, phase and last activity. Starting ones start anew. Broken
///   ones start too: nothing in this world is broken for good. **Missing ones are left out**: their
///   machine answers and does not know them, and the bridge will take them for gone.
/// - The next visit is drawn given how long nobody has been there: the gap is longer than that, in
///   operational time where the tier has a rhythm. What was last seen is taken for the end of a
///   visit. A tenant that was never seen active has its past drawn as of a stranger.
/// - Users who are there stay for what is left of a session met at a random moment; where somebody
///   waits, of one that is longer than the wait so far.
/// - Sizes are the logbook's where a tenant's containers are called as the parts of its tier's
///   stack, and the scenario's otherwise. How much of it they use is the scenario's.
/// - Containers that were killed run again, as far as there is memory for them.
/// - A life, a load and a start-up that depend on an age that nobody saw are drawn anew. Policies
///   begin with nothing remembered: moments in a memory belong to another clock.
///
/// The week goes on where the logbook stopped, at its weekday and hour: moments tell them by
/// themselves. The scenario's `starts_on` and `starts_at` are of no account.
pub struct Departure {
    pub(super) origin: Origin,
    pub(super) view: ClusterView,
    pub(super) names: Names,
    /// The scenario's tier, by the view's.
    pub(super) tiers: Vec<TierId>,
    /// The scenario's pool, by the view's.
    pub(super) pools: Vec<PoolId>,
    /// The scenario's stage of sleep, by the view's.
    stages: Vec<Stage>,
}

/// Which logbook a view is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// What it observed.
    pub of: String,
    /// What its moments mean.
    pub clock: Clock,
    /// Its check of the frame that holds the view.
    pub check: String,
}

/// When a run starts: at the scenario's time of its weekday, or as far into its week as the
/// logbook stopped that it departs from.
pub(crate) fn starts(scenario: &Scenario, from: Option<&Departure>) -> Moment {
    let own = Span::days(scenario.starts_on as u64).saturating_add(scenario.starts_at.value);
    Moment::START.after(PAST).after(from.map_or(own, Departure::time_of_week))
}

impl Departure {
    /// Departs from this view; none where the scenario lacks a tier or a pool of it.
    #[must_use]
    pub fn new(
        scenario: &Scenario,
        origin: Origin,
        view: ClusterView,
        names: Names,
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.len();
        let have: Vec<&str> = scenario.tiers.iter().map(|tier| tier.name.as_str()).collect();
        let tiers = view.tiers().iter().enumerate().map(|(index, tier)| {
            let here = |row: &&Tenant| row.tier.index() == index && row.phase != Phase::Gone;
            let count = view.tenants().iter().filter(here).count();
            let lost = Lacking { section: "tiers", what: "tier", holds: (count, "tenant") };
            lost.find(&have, index, &tier.name, problems).map(TierId::at)
        });
        let tiers: Vec<Option<TierId>> = tiers.collect();
        let have: Vec<&str> = scenario.pools.iter().map(|pool| pool.name.as_str()).collect();
        let pools = view.pools().iter().enumerate().map(|(index, pool)| {
            let here = |row: &&seatrial_contract::view::Node| {
                row.pool.index() == index && row.state != NodeState::Gone
            };
            let count = view.nodes().iter().filter(here).count();
            let lost = Lacking { section: "pools", what: "pool", holds: (count, "machine") };
            lost.find(&have, index, &pool.name, problems).map(PoolId::at)
        });
        let pools: Vec<Option<PoolId>> = pools.collect();
        let stages = stages(scenario, &view, problems);
        (problems.len() == before).then(|| Self {
            origin,
            view,
            names,
            tiers: tiers.into_iter().flatten().collect(),
            pools: pools.into_iter().flatten().collect(),
            stages,
        })
    }

    /// What the scenario has for a stage of the view: the deepest where it has none so deep.
    pub(super) fn stage(&self, of: Stage) -> Stage {
        let index = usize::from(of.0).min(self.stages.len().saturating_sub(1));
        self.stages.get(index).copied().unwrap_or(Stage::AWAKE)
    }

    /// How far into its week the view was taken.
    pub(super) fn time_of_week(&self) -> Span {
        self.view.taken_at.of_week()
    }

    /// How long ago that was, when the view was taken.
    pub(super) fn age(&self, moment: Moment) -> Span {
        self.view.taken_at.since(moment)
    }

    /// The moment as long before the start; 52 weeks before it for all that is earlier.
    pub(super) fn before_start(&self, moment: Moment) -> Moment {
        let starts = Moment::START.after(PAST).after(self.time_of_week());
        Moment(starts.0 - self.age(moment).min(PAST).0)
    }
}

/// The scenario's stages of sleep, by those of a view, of which it must have those at which somebody is.
fn stages(scenario: &Scenario, view: &ClusterView, problems: &mut Problems) -> Vec<Stage> {
    let ours = scenario.sleep.named();
    let theirs = core::iter::once(Stage::AWAKE).chain(view.stages().all());
    let found = theirs.map(|stage| {
        let name = view.stages().name(stage);
        let here = |row: &&Tenant| row.stage == stage && row.phase != Phase::Gone;
        let count = view.tenants().iter().filter(here).count();
        let found = ours.find(name);
        if found.is_none() && count > 0 {
            let lost =
                Lacking { section: "sleep", what: "stage of sleep", holds: (count, "tenant") };
            let have: Vec<&str> = ours.names().iter().map(String::as_str).collect();
            lost.tell(
                &have,
                &Path::Key(&Path::Key(&Path::Root, "sleep"), "stages"),
                name,
                problems,
            );
        }
        found.unwrap_or(Stage::AWAKE)
    });
    found.collect()
}

/// A section that may lack a name.
struct Lacking {
    section: &'static str,
    what: &'static str,
    holds: (usize, &'static str),
}

impl Lacking {
    fn find(
        &self,
        have: &[&str],
        index: usize,
        name: &str,
        problems: &mut Problems,
    ) -> Option<usize> {
        let found = have.iter().position(|one| *one == name);
        if found.is_none() {
            let path = Path::Key(&Path::Root, self.section);
            self.tell(have, &Path::Index(&path, index), name, problems);
        }
        found
    }

    fn tell(&self, have: &[&str], path: &Path<'_>, name: &str, problems: &mut Problems) {
        let Self { what, holds: (count, row), .. } = *self;
        let have = if have.is_empty() { "none".to_owned() } else { have.join(", ") };
        let plural = if count == 1 { "" } else { "s" };
        problems.add(
            path,
            Place::default(),
            format!(
                "the logbook has a {what} `{name}` with {count} {row}{plural}, the scenario has not"
            ),
            format!("give the scenario a {what} of that name, or call one so; it has {have}"),
        );
    }
}
