//! What can be told before a run: policies that have nothing to act on, and targets that hold a
//! service at one number of replicas whatever happens. It can be run all the same, so it is no
//! problem.

use seatrial_contract::config::{Located, Path, Place, Problems};
use seatrial_contract::units::{Bytes, MilliCores, Ppm, mib};
use seatrial_format::scenario::{Arrivals, Failover, PoolPer, Scenario, Service, Standing};
use seatrial_policies::catalog::hpa::{Hpa, Metric, Scaled};
use seatrial_policies::{ActsOn, PolicyConfig, PolicyFile};

/// Adds what is odd about the policies of a scenario. Places are in the policy file where there is
/// one to show.
pub(crate) fn warnings(scenario: &Scenario, file: &PolicyFile, found: &mut Problems) {
    let way = Path::Key(&Path::Root, "policies");
    for (index, policy) in file.policies.iter().enumerate() {
        let way = Path::Index(&way, index);
        if let Some((what, remedy)) = idle(scenario, policy) {
            let message = format!("`{}` has nothing to do: {what}", policy.name());
            found.add(&way, Place::default(), message, remedy);
        }
        policy.pools().into_iter().for_each(|pool| fixed_pool(scenario, pool, &way, found));
        if let PolicyConfig::Hpa(hpa) = &policy.config {
            services(scenario, hpa, &way, found);
        }
    }
}

/// Why a policy can never act here.
fn idle(scenario: &Scenario, policy: &PolicyConfig) -> Option<(&'static str, &'static str)> {
    let remedy = "remove the policy, or add what it is for";
    let (lacks, what, remedy) = match policy.acts_on() {
        ActsOn::Tenants => (scenario.tiers.is_empty(), "there are no tenants", remedy),
        ActsOn::Pools => (scenario.pools.is_empty(), "there are no pools of machines", remedy),
        ActsOn::Connections => (
            !scenario.poolers.iter().any(|pooler| pooler.pool_per == PoolPer::Tier),
            "no pooler keeps tiers apart",
            "add pool_per = \"tier\" to a pooler, or remove the policy",
        ),
        ActsOn::Services => {
            (policy.services().is_empty(), "it names no services", "name them in `services`")
        }
        ActsOn::Databases => (
            scenario.databases.iter().all(|database| database.backups.is_none()),
            "no database can be backed up",
            "give a database `backups`, or remove the policy",
        ),
        ActsOn::Standbys => (
            !scenario.databases.iter().any(|of| matches!(of.failover, Some(Failover::ByPolicy(_)))),
            "no database fails over when a policy says so",
            "give a database failover = { kind = \"by-policy\" }, or remove the policy",
        ),
        ActsOn::Replicas => (
            scenario.services.iter().all(|service| service.on.is_none()),
            "no service stands on machines",
            "give a service an `on`, or remove the policy",
        ),
    };
    lacks.then_some((what, remedy))
}

/// A pool that a policy is to size, and that has one size.
fn fixed_pool(scenario: &Scenario, named: &Located<String>, way: &Path<'_>, found: &mut Problems) {
    let pool = scenario.pools.iter().find(|pool| pool.name.as_str() == named.value);
    let Some(pool) = pool else { return };
    let count = pool.count.value;
    let least = pool.least.as_ref().map_or(count, |least| least.value);
    let most = pool.most.as_ref().map_or(count, |most| most.value);
    if least == most {
        let message = format!("the pool `{}` always has {count} machines", named.value);
        let remedy = "give the pool a lower `least` or a higher `most`";
        found.add(&Path::Key(way, "pools"), named.place, message, remedy);
    }
}

fn services(scenario: &Scenario, hpa: &Hpa, way: &Path<'_>, found: &mut Problems) {
    let way = Path::Key(way, "services");
    for (name, rules) in &hpa.services.0 {
        let service = scenario.services.iter().find(|of| of.name.as_str() == name.value);
        let Some(service) = service else { continue };
        let Some(on) = &service.on else { continue };
        let way = Path::Key(&way, &name.value);
        let mut warn = |message: String, remedy: &str| {
            found.add(&way, name.place, message, remedy.to_owned());
        };
        if rules.least == rules.most.get() {
            let message = format!("`{}` always has {} replicas", name.value, rules.least);
            warn(message, "give it a lower `least` or a higher `most`");
            continue;
        }
        for metric in &rules.metrics {
            let seen = Seen { scenario, service, on, rules, tolerance: hpa.tolerance };
            if let Some((message, remedy)) = seen.pinned(metric) {
                warn(message, remedy);
            }
        }
    }
}

/// What a service's metrics can come to.
struct Seen<'a> {
    scenario: &'a Scenario,
    service: &'a Service,
    on: &'a Standing,
    rules: &'a Scaled,
    tolerance: Ppm,
}

#[expect(clippy::cast_precision_loss, reason = "amounts are compared roughly")]
fn number(amount: u64) -> f64 {
    amount as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn whole(amount: f64) -> u64 {
    amount as u64
}

/// In whole MiB where it has any.
fn roughly(bytes: f64) -> Bytes {
    let rounded = libm::round(bytes / number(mib(1).0));
    if rounded < 1.0 { Bytes(whole(bytes)) } else { mib(whole(rounded)) }
}

fn ratio(share: Ppm) -> f64 {
    f64::from(share.0) / 1e6
}

type Warning = (String, &'static str);

impl Seen<'_> {
    /// That a metric always calls for the same.
    fn pinned(&self, metric: &Metric) -> Option<Warning> {
        let of = |whole: u64, share: Ppm| number(whole) * ratio(share);
        match metric {
            Metric::Cpu(target) => self.cpu(of(self.on.cpu.value.0, target.target)),
            Metric::CpuEach(target) => self.cpu(number(target.each.0)),
            Metric::Memory(target) => self.memory(of(self.on.memory.value.0, target.target)),
            Metric::MemoryEach(target) => self.memory(number(target.each.0)),
            Metric::Calls(target) => self.calls(target.each.per_second()),
            Metric::CallsInAll(_) | Metric::Waiting(_) | Metric::WaitingInAll(_) => None,
        }
    }

    fn slack(&self) -> f64 {
        1.0 + ratio(self.tolerance)
    }

    /// As many requests as it serves at once, beside what it always takes, are the most cpu that a replica uses.
    fn cpu(&self, target: f64) -> Option<Warning> {
        let at_work = u64::from(self.service.concurrency.value.get()) * self.on.cpu_per_request.0;
        let most = at_work + self.on.uses.cpu.value.0;
        if number(most) > target * self.slack() {
            return None;
        }
        let message = format!(
            "cpu never calls for more replicas: one with as many requests as it serves at once uses {}, \
             and the target is {}",
            MilliCores(most),
            MilliCores(whole(target)),
        );
        Some((message, "lower the target, or say what a request takes with `cpu_per_request`"))
    }

    /// A replica's memory in use, where it is always the same.
    fn memory_in_use(&self) -> Option<Bytes> {
        let uses = &self.on.uses;
        let is_constant = uses.memory_per_request == Bytes::ZERO
            && uses.memory_per_connection == Bytes::ZERO
            && uses.varies.is_none();
        is_constant.then(|| self.on.memory_at_rest())
    }

    fn memory(&self, target: f64) -> Option<Warning> {
        let used = self.memory_in_use()?;
        let used_over_target = number(used.0) / target;
        let always = match used_over_target {
            over if over > self.slack() => format!("at the most, {}", self.rules.most),
            under if under < 1.0 - ratio(self.tolerance) => {
                format!("at the fewest, {}", self.rules.least)
            }
            _ => "at what there is".to_owned(),
        };
        let message = format!(
            "memory keeps it {always}: a replica always uses {used}, and the target is {}",
            roughly(target)
        );
        Some((message, "scale by cpu, calls or those who wait"))
    }

    /// Where calls come as often at any time, so many replicas are called for at any time.
    fn calls(&self, each: f64) -> Option<Warning> {
        let name = self.service.name.as_str();
        let mut all = 0.0;
        for calls in self.scenario.traffic.iter().filter(|of| of.called() == Some(name)) {
            let Arrivals::Poisson(poisson) = &calls.arrivals else { return None };
            if poisson.rhythm.is_some() || calls.retry.is_some() || calls.cache.is_some() {
                return None;
            }
            all += poisson.rate.value.per_second();
        }
        // Half as much again is more than chance does over a minute of many calls.
        let wanted = all / each;
        let (least, most) = (f64::from(self.rules.least), f64::from(self.rules.most.get()));
        let always = if wanted > most * 1.5 {
            format!("at the most, {most}")
        } else if wanted * 1.5 < least {
            format!("at the fewest, {least}")
        } else {
            return None;
        };
        let message = format!(
            "calls keep it {always}: {all:.4}/s come at any time, and the target is {each:.4}/s for \
             each replica"
        );
        Some((message, "change the target, or the bounds `least` and `most`"))
    }
}
