//! What a policy is handed each tick: the view, chance, and a say.
//!
//! A tick settles on the spot what several policies want of one target, what is still in flight,
//! and what the guard refuses, so that a policy knows at once whether its action was taken.

use crate::caps::Charge;
use crate::units::Moment;
use crate::{
    Action, Book, ClusterView, Decision, Decisions, Dice, FlightState, Footprint, Guard, Keep,
    NodeId, PolicyId, Reason, ServiceId, Target, TenantId, Verdict,
};

/// One policy's turn.
pub struct Tick<'a> {
    /// What can be known.
    pub view: &'a ClusterView,
    /// Chance.
    pub dice: Dice,
    /// The rails.
    pub guard: &'a Guard,
    policy: PolicyId,
    book: &'a mut Book,
    decisions: &'a mut Decisions,
    distrust: Option<Reason>,
}

impl<'a> Tick<'a> {
    /// The turn of a policy.
    #[must_use]
    pub fn new(
        view: &'a ClusterView,
        dice: Dice,
        guard: &'a Guard,
        policy: PolicyId,
        book: &'a mut Book,
        decisions: &'a mut Decisions,
        distrust: Option<Reason>,
    ) -> Self {
        Self { view, dice, guard, policy, book, decisions, distrust }
    }

    /// When the view was taken: the only now there is.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.view.taken_at
    }

    /// The in-flight book.
    #[must_use]
    pub fn book(&self) -> &Book {
        self.book
    }

    /// Grows whenever some machine may have got room that it had not.
    #[must_use]
    pub fn room_version(&self) -> u64 {
        self.view.room_version().wrapping_add(self.book.version())
    }

    /// What a machine may still promise, those on their way to it counted.
    #[must_use]
    pub fn room(&self, node: NodeId) -> Footprint {
        self.view.room(node).minus(self.book.reserved(node).0)
    }

    /// Whether a machine has room for so much more of a tenant that lives on it already.
    #[must_use]
    pub fn has_room(&self, node: NodeId, need: Footprint) -> bool {
        self.room(node).fits(need)
    }

    /// Whether a machine takes one tenant more that needs so much.
    #[must_use]
    pub fn takes_one_more(&self, node: NodeId, need: Footprint) -> bool {
        let row = self.view.node(node);
        let coming = self.book.reserved(node).1;
        row.is_open()
            && row.tenants.saturating_add(coming) < self.view.pool(row.pool).tenants_most
            && self.has_room(node, need)
    }

    /// Whether an action flies at this target, or another policy has it wait.
    #[must_use]
    pub fn is_busy(&self, target: Target) -> bool {
        self.flies_at(target)
            || matches!(target, Target::Tenant(id) if self.keeper(Keep::Waiting, id).is_some())
    }

    /// Whether an action flies at this target.
    #[must_use]
    pub fn flies_at(&self, target: Target) -> bool {
        self.book.flight(target).is_some_and(|flight| flight.state == FlightState::Flying)
    }

    /// The other policy that keeps a tenant so, and until when.
    #[must_use]
    pub fn keeper(&self, keep: Keep, tenant: TenantId) -> Option<(PolicyId, Moment)> {
        let keeper = self.book.kept().keeper(keep, tenant, self.now());
        keeper.filter(|(policy, _)| *policy != self.policy)
    }

    /// Keeps a tenant as it is until it is let go: what would change that is refused to all others.
    pub fn keep(&mut self, keep: Keep, tenant: TenantId) {
        self.keep_until(keep, tenant, Moment::NEVER);
    }

    /// Keeps a tenant as it is until then, unless a policy that stands earlier does.
    pub fn keep_until(&mut self, keep: Keep, tenant: TenantId, until: Moment) {
        self.book.keep(keep, tenant, (self.policy, until));
    }

    /// Keeps a tenant no longer; who waited for that looks again.
    pub fn let_go(&mut self, keep: Keep, tenant: TenantId) {
        self.book.let_go(keep, tenant, self.policy);
    }

    /// Nobody else opens a machine again, or gives it back, until then.
    pub fn keep_closed(&mut self, node: NodeId, until: Moment) {
        self.book.keep_closed(node, self.policy, until);
    }

    /// Whoever wants to may open a machine again.
    pub fn need_not_be_closed(&mut self, node: NodeId) {
        self.book.open_again(node, self.policy);
    }

    /// Leaves a target alone, and says why.
    pub fn hold(&mut self, target: Target, reason: impl Into<Reason>) {
        let reason = reason.into();
        let decision = Decision { policy: self.policy, target, verdict: Verdict::Hold, reason };
        self.decisions.all.push(decision);
    }

    /// Takes an action, unless something stands against it; says whether it was taken.
    pub fn act(&mut self, action: Action, reason: impl Into<Reason>) -> bool {
        let target = action.target();
        if let Some(against) = self.against(target, action) {
            self.hold(target, against);
            return false;
        }
        let id = self.book.depart(self.view, self.guard, self.policy, action);
        let (verdict, reason) = (Verdict::Act { id, action }, reason.into());
        self.decisions.all.push(Decision { policy: self.policy, target, verdict, reason });
        true
    }

    fn against(&self, target: Target, action: Action) -> Option<Reason> {
        // What had no effect is held against its like alone: a hibernation that failed does not
        // keep anyone from waking the tenant.
        let flight = self.book.flight(target).filter(|flight| {
            flight.state == FlightState::Flying || flight.action.word() == action.word()
        });
        // What is lost is not backed up any more, nor tried: nobody waits for that before it is brought back.
        let brings_back = |of: Action| {
            let restores = matches!(of, Action::Restore { is_aside: false, .. });
            restores || matches!(of, Action::FailOver { is_drill: false, .. })
        };
        let flight = flight.filter(|of| !brings_back(action) || brings_back(of.action));
        if let Some(flight) = flight {
            return Some(if flight.state == FlightState::Grounded {
                Reason::NoEffect { until: flight.due }
            } else if flight.since == self.now() && flight.policy != self.policy {
                Reason::OwnedBy { policy: flight.policy }
            } else {
                Reason::InFlight { since: flight.since }
            });
        }
        if let Some(policy) = self.kept_from(action) {
            return Some(Reason::OwnedBy { policy });
        }
        if let Some(contested) = self.contested(action) {
            return Some(contested);
        }
        if !action.is_destructive() {
            return None;
        }
        let distrust = match (self.distrust, action) {
            (distrust, Action::Abandon { .. }) => self.doubt_loss(distrust),
            (distrust, _) => distrust,
        };
        if distrust.is_some() {
            return distrust;
        }
        let doubt = self.doubt(action);
        doubt.or_else(|| self.capped(action))
    }

    /// Who keeps the tenant or the machine from that.
    fn kept_from(&self, action: Action) -> Option<PolicyId> {
        let (keep, tenant) = match action {
            Action::Hibernate { tenant, .. } => (Keep::Awake, tenant),
            // A tenant that somebody waits for starts in full where it comes to.
            Action::Wake { tenant }
            | Action::Place { tenant, .. }
            | Action::Move { tenant, .. } => (Keep::Waiting, tenant),
            Action::Uncordon { node } | Action::RemoveNode { node } => {
                let closer = self.book.closer(node, self.now());
                return closer.filter(|policy| *policy != self.policy);
            }
            Action::Evict { .. }
            | Action::Abandon { .. }
            | Action::Resize { .. }
            | Action::AddNodes { .. }
            | Action::Cordon { .. }
            | Action::Drain { .. }
            | Action::LimitConnections { .. }
            | Action::Scale { .. }
            | Action::RevertRelease { .. }
            | Action::BackUp { .. }
            | Action::Restore { .. }
            | Action::FailOver { .. } => return None,
        };
        self.keeper(keep, tenant).map(|(policy, _)| policy)
    }

    /// Why so much is not taken, after what was taken within the hour.
    fn capped(&self, action: Action) -> Option<Reason> {
        let Charge { unit, takes, done, of } = self.book.spent().charge(self.view, action)?;
        let limit = self.guard.limit(unit, of)?;
        (done.saturating_add(takes) > limit).then_some(Reason::BlastCap { unit, done, limit })
    }

    /// How many of a service's replicas may still be taken away within this hour, of so many that it
    /// should have.
    #[must_use]
    pub fn replicas_to_spare(&self, service: ServiceId, from: u32) -> u32 {
        let all = Action::Scale { service, from, to: 0 };
        let charge = self.book.spent().charge(self.view, all);
        let left = |charge: Charge| {
            self.guard.limit(charge.unit, charge.of).map(|limit| limit.saturating_sub(charge.done))
        };
        charge.and_then(left).unwrap_or(u32::MAX)
    }
}
