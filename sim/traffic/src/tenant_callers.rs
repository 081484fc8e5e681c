//! Tenants that call, each by gaps of its own as long as it is so: in session, or awake. A tenant's
//! calls depend on nobody else, so that two policies see the same calls of those whom both keep awake.

use crate::distributions::distribution;
use seatrial_contract::config::Located;
use seatrial_contract::units::Span;
use seatrial_contract::{Dice, Purpose, TenantId};
use seatrial_format::scenario::{Scenario, Starts as StartsFile, Tenants, While};
use seatrial_kernel::chance::Distribution;

/// What a tenant does that its calls depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The place of its tier.
    pub tier: usize,
    /// It serves.
    pub awake: bool,
    /// It serves somebody.
    pub in_session: bool,
    /// Bots that run.
    pub bots: u32,
}

/// The tenants of one source.
pub(super) struct TenantCallers {
    when: While,
    gap: Distribution,
    each_bot: bool,
    /// Whether a tier's tenants call.
    tiers: Vec<bool>,
    purpose: Purpose,
    rest_for: Purpose,
    calling: Vec<CallStatistics>,
    /// All who call now; one with several bots is several.
    callers: u64,
}

/// So many gaps may have passed while calls stood still, and so long each at the most.
const GAPS: u64 = 8;
const MEAN_MOST: u64 = Span::days(365).0;

/// Gaps that vary by less than this, as a squared coefficient of variation, hardly do.
const REGULAR: f64 = 0.01;

/// How a tenant calls.
#[derive(Clone, Copy, Debug, Default)]
struct CallStatistics {
    /// Its calls and the one that is planned.
    turns: u32,
    is_planned: bool,
    /// How often it is counted among those who call.
    counts: u32,
    /// It has its connections to the cache.
    is_linked: bool,
    /// It does what it calls while doing.
    is_in: bool,
}

/// Which tiers are named; all, where none is.
fn named(tiers: Option<&Vec<Located<String>>>, scenario: &Scenario) -> Vec<bool> {
    let is_named = |name: &str| tiers.is_none_or(|all| all.iter().any(|of| of.value == name));
    scenario.tiers.iter().map(|tier| is_named(tier.name.as_str())).collect()
}

/// The tenants that call when they start.
pub(super) struct Starts {
    tiers: Vec<bool>,
    restarts_after: Span,
    restarts_after_most: Span,
}

impl Starts {
    pub(super) fn new(file: &StartsFile, scenario: &Scenario) -> Self {
        Self {
            tiers: named(file.tiers.as_ref(), scenario),
            restarts_after: file.restarts_after.value,
            restarts_after_most: file.restarts_after_most.value,
        }
    }

    pub(super) fn is_of(&self, tier: usize) -> bool {
        self.tiers.get(tier).copied().unwrap_or_default()
    }

    /// How long a tenant waits that has failed so often before.
    pub(super) fn restart_wait(&self, failed: u32) -> Span {
        let doubled = self.restarts_after.0.saturating_mul(1 << failed.min(32));
        Span(doubled.min(self.restarts_after_most.0).max(self.restarts_after.0))
    }
}

impl TenantCallers {
    pub(super) fn new(file: &Tenants, name: &str, scenario: &Scenario) -> Self {
        Self {
            when: file.when,
            gap: distribution(&file.every.value),
            each_bot: file.per_bot,
            tiers: named(file.tiers.as_ref(), scenario),
            purpose: Purpose::new(&format!("traffic {name}: gap of a tenant")),
            rest_for: Purpose::new(&format!("traffic {name}: rest of a tenant's gap")),
            calling: Vec::new(),
            callers: 0,
        }
    }

    /// How many calls they make a second.
    #[expect(clippy::cast_precision_loss, reason = "callers are no more than millions")]
    pub(super) fn pace(&self) -> f64 {
        self.callers as f64 / self.gap.mean().as_seconds().max(1e-9)
    }

    /// After how long the same tenants call again in the same order, or almost; none where chance decides.
    pub(super) fn period(&self) -> Option<Span> {
        (self.gap.scv() < REGULAR).then(|| self.gap.mean())
    }

    /// Counts a tenant that does this among those who call, as often as it does.
    pub(super) fn count(&mut self, id: TenantId, doing: Activity) {
        let each = if self.each_bot { doing.bots } else { 1 };
        let calls = if self.is_in(doing) { each } else { 0 };
        if self.calling.len() <= id.index() {
            if calls == 0 {
                return;
            }
            self.calling.resize(id.index() + 1, CallStatistics::default());
        }
        let before = core::mem::replace(&mut self.calling[id.index()].counts, calls);
        self.callers = self.callers + u64::from(calls) - u64::from(before);
    }

    /// Whether a tenant that does this calls.
    pub(super) fn is_in(&self, doing: Activity) -> bool {
        let is_so = match self.when {
            While::InSession => doing.in_session,
            While::Awake => doing.awake,
        };
        is_so && self.tiers[doing.tier] && !(self.each_bot && doing.bots == 0)
    }

    /// When a tenant calls next, where it begins to; now, or at some time while calls stand still.
    pub(super) fn begins(
        &mut self,
        id: TenantId,
        doing: Activity,
        stands_still: bool,
        dice: Dice,
    ) -> Option<Span> {
        if !self.is_in(doing) {
            return None;
        }
        if self.calling.len() <= id.index() {
            self.calling.resize(id.index() + 1, CallStatistics::default());
        }
        let calling = &mut self.calling[id.index()];
        if core::mem::replace(&mut calling.is_planned, true) {
            return None;
        }
        let rest = if stands_still { Self::rest } else { Self::gap };
        Some(rest(self, id, doing, dice))
    }

    /// Notes whether a tenant does what it calls while doing.
    pub(super) fn note(&mut self, id: TenantId, doing: Activity) {
        let is_in = self.is_in(doing);
        if self.calling.len() <= id.index() {
            self.calling.resize(id.index() + 1, CallStatistics::default());
        }
        self.calling[id.index()].is_in = is_in;
    }

    /// Whether a tenant should have connections to a cache, and whether it has them.
    pub(super) fn link(&mut self, id: TenantId) -> (bool, &mut bool) {
        let calling = &mut self.calling[id.index()];
        (calling.is_in, &mut calling.is_linked)
    }

    /// A planned call is due: its number, and when the next one is, where the tenant still calls.
    pub(super) fn calls(
        &mut self,
        id: TenantId,
        doing: Activity,
        dice: Dice,
    ) -> Option<(u64, Span)> {
        let calls = self.is_in(doing);
        let calling = &mut self.calling[id.index()];
        calling.is_planned = calls;
        calling.turns = calling.turns.wrapping_add(1);
        let number = u64::from(id.0) << 32 | u64::from(calling.turns);
        calls.then(|| (number, self.gap(id, doing, dice)))
    }

    /// When a tenant calls next that began to call at some time while calls stood still: what is left then of
    /// a gap, after some gaps.
    fn rest(&self, id: TenantId, doing: Activity, dice: Dice) -> Span {
        let turn = u64::from(self.calling[id.index()].turns);
        let mut stream = dice.turn(u64::from(id.0), self.rest_for, turn);
        // Whole mean gaps, so that those of fixed length are not in step.
        let passed = stream.below((GAPS * self.gap.mean().0.min(MEAN_MOST)).max(1));
        let mut sum = 0_u64;
        while sum <= passed {
            sum = sum.saturating_add(self.gap.sample(&mut stream).0.max(1));
        }
        let each = if self.each_bot { u64::from(doing.bots.max(1)) } else { 1 };
        Span((sum - passed) / each).max(Span::nanos(1))
    }

    fn gap(&self, id: TenantId, doing: Activity, dice: Dice) -> Span {
        let turn = u64::from(self.calling[id.index()].turns);
        let gap = self.gap.sample(&mut dice.turn(u64::from(id.0), self.purpose, turn));
        let each = if self.each_bot { u64::from(doing.bots.max(1)) } else { 1 };
        Span(gap.0 / each).max(Span::nanos(1))
    }
}
