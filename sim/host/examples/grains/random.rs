//! Scenarios made by chance, of every family that calls can be of, and mixtures of them. Runs none.

use seatrial_contract::{Dice, Purpose, Stream};

/// A scenario, and what it is made of.
pub struct Made {
    pub family: &'static str,
    pub text: String,
}

const FAMILIES: [&str; 21] = [
    "first come",
    "shared",
    "priority",
    "interrupting",
    "classes",
    "copies",
    "bursts",
    "rhythm",
    "steps",
    "closed",
    "patience",
    "waiting room",
    "retries",
    "budget",
    "stopping orphans",
    "one cache",
    "two caches",
    "pool",
    "bounded pool",
    "outage",
    "mixture",
];

/// Those that run for so many calls, about. J: large enough that a run tells most figures to 2 %.
const CALLS: (f64, f64) = (300_000.0, 3_000_000.0);

/// The scenario of that number, of that seed, with so many times as many calls.
pub fn scenario(number: u64, seed: u64, times: f64) -> Made {
    let stream = Dice::new(seed).turn(number, Purpose::new("random scenario"), 0);
    let mut chance = Chance { stream };
    let count = u64::try_from(FAMILIES.len()).unwrap_or(1);
    let family = FAMILIES[usize::try_from(number % count).unwrap_or_default()];
    let mut plan = Plan::new(&mut chance);
    plan.calls *= times;
    if family == "mixture" {
        for _ in 0..3 {
            let one = FAMILIES[chance.below(FAMILIES.len() - 1)];
            plan.take(one, &mut chance);
        }
    } else {
        plan.take(family, &mut chance);
    }
    Made { family, text: plan.text() }
}

struct Chance {
    stream: Stream,
}

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(1);
        usize::try_from(self.stream.below(count)).unwrap_or_default()
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        let share =
            f64::from(u32::try_from(self.stream.below(1 << 31)).unwrap_or(0)) / 2_f64.powi(31);
        low + (high - low) * share
    }

    /// Evenly by ratio.
    fn ratio(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// What a scenario is made of, each as its lines.
struct Plan {
    servers: f64,
    replicas: f64,
    /// Seconds.
    service: f64,
    scv: f64,
    load: f64,
    calls: f64,
    discipline: &'static str,
    balance: &'static str,
    classes: usize,
    gap_scv: f64,
    rhythm: Option<Vec<f64>>,
    closed: bool,
    patience: Option<f64>,
    room: Option<f64>,
    time_out: Option<f64>,
    retries: usize,
    budget: Option<f64>,
    stops: bool,
    /// By cache: how large, of how many objects, and how it pushes out.
    caches: Vec<(f64, f64, &'static str)>,
    pool: Option<(f64, Option<f64>)>,
    outage: Option<(f64, f64)>,
}

impl Plan {
    fn new(chance: &mut Chance) -> Self {
        Self {
            servers: chance.ratio(1.0, 30.0).round(),
            replicas: 1.0,
            service: chance.ratio(0.01, 0.3),
            scv: chance.ratio(0.2, 9.0),
            load: chance.between(0.3, 0.95),
            calls: chance.ratio(CALLS.0, CALLS.1),
            discipline: "fifo",
            balance: "random",
            classes: 1,
            gap_scv: 1.0,
            rhythm: None,
            closed: false,
            patience: None,
            room: None,
            time_out: None,
            retries: 0,
            budget: None,
            stops: false,
            caches: Vec::new(),
            pool: None,
            outage: None,
        }
    }

    fn take(&mut self, family: &str, chance: &mut Chance) {
        match family {
            "shared" => self.discipline = "processor-sharing",
            "priority" => (self.discipline, self.classes) = ("priority", 3),
            "interrupting" => (self.discipline, self.classes) = ("preemptive-priority", 3),
            "classes" => self.classes = 2 + chance.below(3),
            "copies" => {
                self.replicas = chance.between(2.0, 9.0).round();
                self.servers = chance.between(1.0, 5.0).round();
                self.balance = chance.pick(&["random", "in-turn", "least-of-two"]);
            }
            "bursts" => self.gap_scv = chance.ratio(2.0, 9.0),
            "rhythm" => {
                let phase = chance.between(0.0, 24.0);
                let depth = chance.between(0.2, 0.7);
                let hour = |hour: u32| {
                    let turn = (f64::from(hour) + phase) / 24.0 * core::f64::consts::TAU;
                    1.0 + depth * turn.sin()
                };
                self.rhythm = Some((0..24).map(hour).collect());
                self.load *= 0.6;
            }
            "steps" => {
                // Two levels, one of which may be more than can be served.
                let (begins, lasts) = (chance.below(20), 1 + chance.below(4));
                let high = chance.between(1.3, 2.5);
                let hour = |at: usize| {
                    if (begins..begins + lasts).contains(&at) { high } else { 1.0 }
                };
                self.rhythm = Some((0..24).map(hour).collect());
                self.load = chance.between(0.3, 0.8);
            }
            "closed" => self.closed = true,
            "patience" => {
                self.patience = Some(self.service * chance.ratio(0.3, 20.0));
                self.load = chance.between(0.6, 1.3);
            }
            "waiting room" => {
                self.room = Some(chance.ratio(1.0, 60.0).round() - 1.0);
                self.load = chance.between(0.6, 1.3);
            }
            "retries" | "budget" | "stopping orphans" => {
                self.time_out = Some(self.service * chance.ratio(3.0, 30.0));
                self.retries = 1 + chance.below(3);
                self.budget = (family == "budget").then(|| chance.between(0.05, 0.4));
                self.stops = family == "stopping orphans";
                self.load = chance.between(0.4, 1.2);
                if self.room.is_none() && (self.load > 0.9 || chance.below(2) == 0) {
                    self.room = Some(chance.ratio(10.0, 200.0).round());
                }
            }
            "one cache" | "two caches" => {
                let caches = if family == "one cache" { 1 } else { 2 };
                for _ in 0..caches {
                    let objects = chance.ratio(1_000.0, 60_000.0).round();
                    let keeps = (objects * chance.between(0.05, 0.8)).round();
                    let policy = chance.pick(&["lru", "allkeys-lru", "random", "fifo"]);
                    self.caches.push((keeps, objects, policy));
                }
                self.classes = self.classes.max(self.caches.len());
            }
            "pool" | "bounded pool" => {
                let waits = (family == "bounded pool").then(|| chance.ratio(0.02, 0.5));
                self.pool = Some((chance.ratio(2.0, 30.0).round(), waits));
            }
            "outage" => self.take_outage(chance),
            _ => {}
        }
    }

    fn take_outage(&mut self, chance: &mut Chance) {
        let size = chance.ratio(4.0, 30.0).round();
        self.pool = self.pool.or(Some((size, Some(chance.ratio(0.5, 5.0)))));
        self.outage = Some((chance.between(0.3, 0.6), chance.ratio(20.0, 300.0)));
        self.time_out = self.time_out.or(Some(chance.ratio(1.0, 5.0)));
        self.room = self.room.or(Some(chance.ratio(20.0, 400.0).round()));
        self.load = self.load.min(0.75);
    }

    fn text(&self) -> String {
        let service = format!("{:.0} us", self.service * 1e6);
        let rate = self.load * self.servers * self.replicas / self.service;
        let rate = if self.caches.is_empty() { rate } else { rate * 1.5 };
        let duration = (self.calls / rate).clamp(600.0, 3e6);
        let duration = match &self.rhythm {
            // Whole days, of which each has its hours.
            Some(_) => (duration / 86_400.0).ceil().min(30.0) * 86_400.0,
            None => duration,
        };
        let mut text = format!(
            "title = \"random\"\nduration = \"{duration:.0} s\"\nwarm_up = \"{:.0} s\"\n",
            (duration / 20.0).min(3_600.0)
        );
        if let Some(hours) = &self.rhythm {
            let hours: Vec<String> = hours.iter().map(|hour| format!("{hour:.3}")).collect();
            text += &format!("[[rhythms]]\nname = \"day\"\nhours = [{}]\n", hours.join(", "));
        }
        for (number, (keeps, _, policy)) in self.caches.iter().enumerate() {
            text += &format!(
                "[[caches]]\nname = \"c{number}\"\nmaxmemory = \"{keeps} B\"\npolicy = \"{policy}\"\n\
                 service_time = \"500 us\"\n"
            );
        }
        let distribution = distribution(&service, self.scv);
        text += &format!(
            "[[services]]\nname = \"s\"\nconcurrency = {}\nreplicas = {}\nbalance = \"{}\"\n\
             discipline = \"{}\"\nservice_time = {distribution}\n",
            self.servers, self.replicas, self.balance, self.discipline
        );
        // Servers that share, or are taken back, cannot wait for a database.
        if self.pool.is_some()
            && matches!(self.discipline, "processor-sharing" | "preemptive-priority")
        {
            text += "while_asking = \"free\"\n";
        }
        if let Some(room) = self.room.filter(|_| self.discipline != "processor-sharing") {
            text += &format!("waiting_room = {room}\n");
        }
        if let Some(patience) = self.patience.filter(|_| self.discipline != "processor-sharing") {
            text += &format!(
                "patience = {{ kind = \"exponential\", mean = \"{:.0} us\" }}\n",
                patience * 1e6
            );
        }
        if let Some((size, waits)) = self.pool {
            let outage = self.outage.map_or(String::new(), |(at, lasts)| {
                let (at, lasts) = (at * duration, lasts.min(duration / 4.0));
                format!("outages = [{{ at = \"{at:.0} s\", lasts = \"{lasts:.0} s\" }}]\n")
            });
            text += &format!(
                "[[databases]]\nname = \"d\"\ncores = 16\nmax_connections = 200\n{outage}"
            );
            text += &format!("[[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = {size}\n");
            if let Some(waits) = waits {
                text += &format!("wait_timeout = \"{:.0} ms\"\n", waits * 1e3);
            }
        }
        for class in 0..self.classes {
            text += &self.source(class, rate / self.classes as f64);
        }
        text
    }

    fn source(&self, class: usize, rate: f64) -> String {
        let mut text = format!("[[traffic]]\nname = \"t{class}\"\nservice = \"s\"\n");
        let gap = format!("{:.0} ns", 1e9 / rate);
        text += &if self.closed {
            let clients = (self.servers * self.replicas * 3.0 / self.classes as f64).ceil();
            let think = clients / rate - self.service;
            format!(
                "arrivals = {{ kind = \"closed\", clients = {clients}, think = {{ kind = \"exponential\", \
                 mean = \"{:.0} us\" }} }}\n",
                think.max(0.001) * 1e6
            )
        } else if self.gap_scv > 1.0 && self.rhythm.is_none() {
            let scv = self.gap_scv;
            format!("arrivals = {{ kind = \"renewal\", gap = {} }}\n", distribution(&gap, scv))
        } else {
            let rhythm = if self.rhythm.is_some() { ", rhythm = \"day\"" } else { "" };
            format!("arrivals = {{ kind = \"poisson\", rate = \"{rate:.4}/s\"{rhythm} }}\n")
        };
        if self.discipline.contains("priority") {
            text += &format!("priority = {}\n", class + 1);
        }
        if self.classes > 1 && class > 0 && !self.discipline.contains("priority") {
            let factor = [1.0, 0.3, 2.0, 1.2][class % 4];
            let own = format!("{:.0} us", self.service * factor * 1e6);
            text += &format!("service_time = {}\n", distribution(&own, self.scv));
        }
        if let Some((_, objects, _)) = self.caches.get(class) {
            text += &format!(
                "cache = {{ name = \"c{class}\", objects = {objects}, zipf = 0.9, entry = \"1 B\" }}\n"
            );
        }
        if let Some((size, _)) = self.pool {
            // As much of the pool is used as of the service.
            let each = self.load.min(1.1) * size / (rate * self.classes as f64);
            text += &format!(
                "queries = [{{ at = \"p\", service_time = {{ kind = \"exponential\", mean = \"{:.0} us\" }} }}]\n",
                each.min(2.0) * 1e6
            );
        }
        if let Some(time_out) = self.time_out {
            text += &format!("time_out = \"{:.0} us\"\n", time_out * 1e6);
            if self.retries > 0 {
                let budget = self.budget.map_or(String::new(), |share| {
                    format!(", budget = \"{:.0} %\"", share * 100.0)
                });
                text += &format!(
                    "retry = {{ most = {}, wait = {{ kind = \"uniform\", from = \"{:.0} us\", to = \
                     \"{:.0} us\" }}{budget} }}\n",
                    self.retries,
                    time_out * 0.3e6,
                    time_out * 1e6
                );
            }
            if self.stops {
                text += "orphaned = \"stops\"\n";
            }
        }
        text
    }
}

/// A distribution of that mean and variance.
fn distribution(mean: &str, scv: f64) -> String {
    match scv {
        _ if (0.9..1.1).contains(&scv) => {
            format!("{{ kind = \"exponential\", mean = \"{mean}\" }}")
        }
        _ if scv < 4.0 => {
            format!("{{ kind = \"lognormal-scv\", mean = \"{mean}\", scv = {scv:.3} }}")
        }
        _ => format!("{{ kind = \"hyper-exponential-scv\", mean = \"{mean}\", scv = {scv:.3} }}"),
    }
}
