//! Who calls a service: when, for how long, with how much patience. Each of these draws from a
//! stream of its own, and all of one request are drawn when it comes, so that neither another
//! discipline nor another source shifts them. Knows no queue.

use super::caches::Asking;
use super::call_statistics::CallStatistics;
use super::draws::Draws;
use super::figures::Show;
use super::measures::RequestStatistics;
use super::query::Query;
use super::retrying::Retrying;
use super::service::levels;
use super::tenant_callers::{Starts, TenantCallers};
use crate::distributions::distribution;
use crate::distributions::rhythm_of;
use seatrial_contract::units::{Frequency, Moment, Span};
use seatrial_contract::{Dice, Purpose, Stream};
use seatrial_format::scenario::{Arrivals, Orphaned, Scenario, Service, Traffic};
use seatrial_kernel::agenda::Timer;
use seatrial_kernel::chance::{Distribution, Rhythm};

/// One kind of calls to one service.
pub(super) struct Source {
    pub(super) name: String,
    /// The place of its service among the stations.
    pub(super) service: Option<usize>,
    pub(super) followed: Followed,
    /// The smaller, the more urgent; counted through among the service's sources.
    pub(super) level: u8,
    pub(super) calls: Calls,
    pub(super) seen: RequestStatistics,
    /// What it asks of a cache first.
    pub(super) asking: Option<Asking>,
    /// What it asks of databases then.
    pub(super) queries: Vec<Query>,
    pub(super) giving_up: GivingUp,
    pub(super) next: NextCall,
    pub(super) calling: CallStatistics,
    pub(super) draws: SourceDraws,
}

/// How closely its calls are followed.
pub(super) struct Followed {
    /// They are served once, and that is all.
    pub(super) is_plain: bool,
    /// To their answer.
    pub(super) is_traced: bool,
}

/// When its callers wait no longer, and what they do then.
pub(super) struct GivingUp {
    pub(super) time_out: Option<Span>,
    pub(super) orphaned: Orphaned,
    pub(super) retrying: Option<Retrying>,
}

/// Where it stands in its calls.
#[derive(Default)]
pub(super) struct NextCall {
    /// How many were made; those of tenants are counted by tenant.
    pub(super) made: u64,
    /// The next one of a source with a rhythm, where calls are sampled.
    pub(super) planned: Option<Timer>,
}

/// What is drawn of each call.
pub(super) struct SourceDraws {
    gap: Draws,
    demand: Draws,
    patience: Option<Draws>,
    /// For the choice among a service's replicas.
    pub(super) balance: Stream,
}

/// What the gaps of a source lie between.
pub(super) enum Calls {
    /// One call and the next, faster and slower with a rhythm.
    Open(Option<Box<Rhythm>>),
    /// An answer and the next call of the same one of so many clients.
    Closed(u32),
    /// Two calls of a tenant.
    Tenants(Box<TenantCallers>),
    /// Two starts of a tenant.
    Starts(Box<Starts>),
}

impl Source {
    /// How long a call is served, on the mean.
    pub(super) fn demand_mean(&self) -> Span {
        self.draws.demand.distribution.mean()
    }

    pub(super) fn new(
        traffic: &Traffic,
        called: Option<(usize, &Service)>,
        asking: Option<Asking>,
        scenario: &Scenario,
        (starts, dice): (Moment, Dice),
    ) -> Self {
        let name = traffic.name.as_str();
        let (gaps, calls) = match &traffic.arrivals {
            Arrivals::Poisson(poisson) => {
                let named = poisson.rhythm.as_ref().map(|rhythm| rhythm.value.as_str());
                (independent(*poisson.rate), Calls::Open(rhythmic(named, scenario)))
            }
            Arrivals::Renewal(renewal) => (distribution(&renewal.gap), Calls::Open(None)),
            Arrivals::Closed(closed) => {
                (distribution(&closed.think), Calls::Closed(closed.clients.get()))
            }
            Arrivals::Tenants(of) => {
                let crowd = TenantCallers::new(of, name, scenario);
                (Distribution::Fixed(Span::MAX), Calls::Tenants(Box::new(crowd)))
            }
            Arrivals::Starts(of) => {
                (Distribution::Fixed(Span::MAX), Calls::Starts(Box::new(Starts::new(of, scenario))))
            }
        };
        let balance = dice.stream(0, Purpose::new(&format!("traffic {name}: balance")));
        let own = called.map(|(_, service)| &service.service_time);
        let takes = traffic
            .service_time
            .as_ref()
            .or(own)
            .map_or(Distribution::Fixed(Span::ZERO), distribution);
        let patience = called.and_then(|(_, service)| service.patience.as_ref()).map(distribution);
        let queries = traffic.queries.iter().enumerate();
        let queries: Vec<Query> =
            queries.filter_map(|(at, query)| Query::new(query, at, name, scenario)).collect();
        let is_open = matches!(calls, Calls::Open(_) | Calls::Closed(_));
        let is_single = traffic.time_out.is_none() && traffic.retry.is_none();
        Self {
            name: name.to_owned(),
            service: called.map(|(at, _)| at),
            followed: Followed {
                is_traced: traffic.is_traced(),
                is_plain: is_open && is_single && asking.is_none() && queries.is_empty(),
            },
            level: level(traffic, scenario),
            calls,
            seen: RequestStatistics::default(),
            asking,
            queries,
            giving_up: GivingUp {
                time_out: traffic.time_out.as_ref().map(|of| of.value),
                orphaned: traffic.orphaned,
                retrying: traffic.retry.as_ref().map(|of| Retrying::new(of, name)),
            },
            next: NextCall::default(),
            calling: CallStatistics::new(starts, window(scenario.duration.value)),
            draws: SourceDraws {
                gap: Draws::new(gaps, name, "gap", dice),
                demand: Draws::new(takes, name, "demand", dice),
                patience: patience
                    .map(|distribution| Draws::new(distribution, name, "patience", dice)),
                balance,
            },
        }
    }

    /// How many calls it makes a second at this moment of the world; none that wait for an answer.
    pub(super) fn pace(&self, world: Moment) -> f64 {
        let mean = self.draws.gap.distribution.mean();
        let each = if mean == Span::MAX { 0.0 } else { 1.0 / mean.as_seconds().max(1e-9) };
        match &self.calls {
            Calls::Open(None) => each,
            Calls::Open(Some(rhythm)) => f64::from(rhythm.factor(world, Span::ZERO).0) / 1e6 * each,
            Calls::Tenants(crowd) => crowd.pace(),
            Calls::Closed(_) | Calls::Starts(_) => 0.0,
        }
    }

    pub(super) fn has_rhythm(&self) -> bool {
        matches!(self.calls, Calls::Open(Some(_)))
    }

    /// When the next call comes: after the last one, or after the client's last answer. The world, and
    /// with it the rhythm, is so far ahead of the calls.
    #[inline]
    pub(super) fn next_call(&mut self, now: Moment, ahead: Span) -> Moment {
        // A nanosecond at least, so that time passes though nobody thinks and all are refused.
        let gap = self.draws.gap.draw().max(Span::nanos(1));
        match &self.calls {
            Calls::Open(Some(rhythm)) => {
                let at = rhythm.advance(now.after(ahead), Span::ZERO, gap);
                if at == Moment::NEVER { at } else { Moment(at.0 - ahead.0) }
            }
            Calls::Open(None) | Calls::Closed(_) => now.after(gap),
            // Those who call by themselves are planned by themselves.
            Calls::Tenants(_) | Calls::Starts(_) => Moment(u64::MAX),
        }
    }

    /// Shows its statistics.
    pub(super) fn show(&mut self, show: &mut Show<'_>) {
        self.seen.show(show);
        self.calling.show(show);
        if let Some(asking) = &mut self.asking {
            asking.show(show);
        }
    }

    /// Forgets the warm-up.
    pub(super) fn reset(&mut self) {
        self.seen.reset();
        self.calling.reset();
        if let Some(asking) = &mut self.asking {
            asking.reset();
        }
    }

    /// How long the call that comes now is served, and how long it would wait.
    #[inline]
    pub(super) fn call(&mut self) -> (Span, Option<Span>) {
        (self.draws.demand.draw(), self.draws.patience.as_mut().map(Draws::draw))
    }

    /// The same for the call of that number, whatever was called before.
    pub(super) fn call_of(&self, number: u64, dice: Dice) -> (Span, Option<Span>) {
        let patience = self.draws.patience.as_ref().map(|of| of.draw_of(number, dice));
        (self.draws.demand.draw_of(number, dice), patience)
    }

    /// Whether tenants call when they start.
    pub(super) fn is_start(&self) -> bool {
        matches!(self.calls, Calls::Starts(_))
    }

    pub(super) fn is_start_of(&self, tier: usize) -> bool {
        matches!(&self.calls, Calls::Starts(starts) if starts.is_of(tier))
    }
}

/// How long a window is in which calls are counted for trouble: a minute, or, in a long run, a few
/// thousandths of it, by the minute.
pub(super) fn window(duration: Span) -> Span {
    let minute = Span::minutes(1).0;
    Span((duration.0 / 2_880).div_ceil(minute).max(1) * minute)
}

/// The gaps between independent calls.
#[expect(clippy::cast_precision_loss, reason = "a mean, of which 53 bits are enough")]
fn independent(rate: Frequency) -> Distribution {
    if rate.millionths == 0 {
        return Distribution::Fixed(Span::MAX);
    }
    Distribution::Exponential { mean: rate.per.0 as f64 * 1e6 / rate.millionths as f64 }
}

fn rhythmic(name: Option<&str>, scenario: &Scenario) -> Option<Box<Rhythm>> {
    let found = scenario.rhythms.iter().find(|rhythm| Some(rhythm.name.as_str()) == name)?;
    Some(Box::new(rhythm_of(&found.hours.value, &found.days.value)))
}

/// How many priorities of the same service's sources are more urgent.
fn level(traffic: &Traffic, scenario: &Scenario) -> u8 {
    let levels = traffic.called().map(|service| levels(service, scenario)).unwrap_or_default();
    let above = levels.iter().take_while(|level| **level < traffic.priority).count();
    u8::try_from(above).unwrap_or(u8::MAX)
}
