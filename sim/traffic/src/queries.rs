//! How an attempt asks databases, one query after another, and what becomes of it when one cannot be
//! reached. Decides nothing about retries.

use super::Stations;
use super::attempts::{Link, Place};
use super::ids::AttemptId;
use super::poolers::Pooler;
use crate::event::{Event, Hosts, WORLD};
use crate::laws::law;
use seatrial_contract::Purpose;
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::{Pooling, Query as QueryFile, Scenario};
use seatrial_kernel::agenda::Agenda;
use seatrial_kernel::chance::Law;

/// One kind of query of a source.
pub(super) struct Query {
    target: Target,
    takes: Law,
    purpose: Purpose,
    count: u32,
    writes: u64,
}

/// Who is asked for a connection, by its place among the stations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Database(u16),
    Pooler(u16),
}

impl Query {
    /// How long all queries of this kind take of one call, on the mean and if nobody else asks.
    pub(super) fn takes_in_all(&self) -> Span {
        Span(self.takes.mean().0.saturating_mul(u64::from(self.count)))
    }

    pub(super) fn asks_pooler(&self, at: usize) -> bool {
        matches!(self.target, Target::Pooler(of) if usize::from(of) == at)
    }

    /// Whether it comes to that database, by a pooler or not.
    pub(super) fn reaches(&self, at: usize, poolers: &[Pooler]) -> bool {
        match self.target {
            Target::Database(of) => usize::from(of) == at,
            Target::Pooler(of) => usize::from(poolers[usize::from(of)].database) == at,
        }
    }

    /// None where nobody has the name; the format tells of that.
    pub(super) fn new(
        file: &QueryFile,
        at: usize,
        name: &str,
        scenario: &Scenario,
    ) -> Option<Self> {
        let place = |place: usize| u16::try_from(place).ok();
        let asked = file.at.value.as_str();
        let pooler = scenario.poolers.iter().position(|of| of.name.as_str() == asked);
        let target = match pooler {
            Some(pooler) => Target::Pooler(place(pooler)?),
            None => {
                let found = scenario.databases.iter().position(|of| of.name.as_str() == asked);
                Target::Database(place(found?)?)
            }
        };
        Some(Self {
            target,
            takes: law(&file.service_time),
            purpose: Purpose::new(&format!("traffic {name}: query {at}")),
            count: file.count.get(),
            writes: file.writes.value.0,
        })
    }
}

impl Stations {
    /// The attempt goes on to its next query, or is done.
    pub(super) fn ask_next(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        if self.is_dropped(id, agenda) {
            return;
        }
        let attempt = self.attempts.get_mut(id);
        let queries = &self.sources[attempt.caller.source.index()].queries;
        if queries.get(usize::from(attempt.query)).is_some_and(|query| attempt.round == query.count)
        {
            (attempt.query, attempt.round) = (attempt.query + 1, 0);
        }
        let Some(query) = queries.get(usize::from(attempt.query)) else {
            return self.complete(id, agenda);
        };
        let (target, tenant) = (query.target, attempt.caller.tenant);
        let target = match target {
            Target::Database(named) => Target::Database(self.server(named, tenant, agenda.now())),
            Target::Pooler(_) => target,
        };
        let attempt = self.attempts.get(id);
        let has_it = match (attempt.link, target) {
            (Some(Link::Direct { database }), Target::Database(wanted)) => database == wanted,
            (Some(Link::Pooled { pooler, .. }), Target::Pooler(wanted)) => pooler == wanted,
            _ => false,
        };
        if has_it {
            return self.query(id, agenda);
        }
        self.let_go(id, agenda);
        match target {
            Target::Database(database) => self.connect(id, database, agenda),
            Target::Pooler(pooler) => self.ask_pool(id, pooler, agenda),
        }
    }

    /// Asks, with the connection that there is.
    pub(super) fn query(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        let now = agenda.now();
        let attempt = self.attempts.get_mut(id);
        attempt.place = Place::Querying;
        attempt.waits_since = now;
        let (number, turn) = (attempt.caller.number, u64::from(attempt.round));
        let query =
            &self.sources[attempt.caller.source.index()].queries[usize::from(attempt.query)];
        let takes = query.takes.sample(&mut self.dice.turn(number, query.purpose, turn));
        let Some(link) = attempt.link else { return };
        let at = self.database_of(link);
        let database = &mut self.databases[usize::from(at)];
        database.begin(id, takes, now);
        database.plan(at, self.ends_at, agenda);
    }

    pub(super) fn database_of(&self, link: Link) -> u16 {
        match link {
            Link::Direct { database } => database,
            Link::Pooled { pooler, .. } => self.poolers[usize::from(pooler)].database,
        }
    }

    /// A database has done the query that was due.
    pub fn queried(&mut self, at: u16, agenda: &mut Agenda<impl Hosts>) {
        let now = agenda.now();
        let database = &mut self.databases[usize::from(at)];
        let Some(id) = database.done(now) else { return };
        database.plan(at, self.ends_at, agenda);
        let attempt = self.attempts.get_mut(id);
        attempt.is_worked_for = true;
        let writes =
            self.sources[attempt.caller.source.index()].queries[usize::from(attempt.query)].writes;
        if writes > 0 {
            let waits = database.write(writes, attempt.turn(), self.dice, now);
            if waits > Span::ZERO {
                attempt.place = Place::Committing;
                let at = now.after(waits);
                if at <= self.ends_at {
                    attempt.timer =
                        Some(agenda.schedule_timer(at, WORLD, Event::Committed(id).into()));
                }
                return;
            }
        }
        self.answered_query(id, agenda);
    }

    /// What was written is where it has to be.
    pub fn committed(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        self.attempts.get_mut(id).timer = None;
        self.answered_query(id, agenda);
    }

    fn answered_query(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        let attempt = self.attempts.get_mut(id);
        attempt.place = Place::Service;
        attempt.round += 1;
        let took = agenda.now().since(attempt.waits_since);
        let Some(link) = attempt.link else { return };
        let at = self.database_of(link);
        self.databases[usize::from(at)].took(took);
        if let Link::Pooled { pooler, .. } = link
            && self.poolers[usize::from(pooler)].pooling == Pooling::Transaction
        {
            self.let_go(id, agenda);
        }
        self.ask_next(id, agenda);
    }

    /// A database cannot be reached: whoever was connected has lost it.
    pub(super) fn cut_off(&mut self, database: u16, agenda: &mut Agenda<impl Hosts>) {
        let now = agenda.now();
        let pooler = |number: u16| &self.poolers[usize::from(number)];
        let lost = self.attempts.which(|attempt| match attempt.link {
            Some(_) if attempt.place == Place::Pool => false,
            Some(Link::Direct { database: of }) => of == database,
            Some(Link::Pooled { pooler: of, .. }) => pooler(of).database == database,
            None => false,
        });
        for pooler in &mut self.poolers {
            if pooler.database == database {
                pooler.cut_off(now);
            }
        }
        self.needs.database_is_out(usize::from(database));
        let why = self.databases[usize::from(database)].why_down();
        for id in lost {
            let attempt = self.attempts.get_mut(id);
            if let Some(timer) = attempt.timer.take() {
                agenda.cancel(timer);
            }
            if let Some(Link::Pooled { pooler, .. }) = attempt.link.take() {
                self.poolers[usize::from(pooler)].lost(now);
            }
            self.fail(id, why, agenda);
        }
        for number in 0..self.poolers.len() {
            if self.poolers[number].database == database {
                self.plan_reconnecting(u16::try_from(number).unwrap_or(u16::MAX), agenda);
            }
        }
    }

    /// A database cannot be reached from now on.
    pub fn outage_begins(&mut self, database: u16, agenda: &mut Agenda<impl Hosts>) {
        self.databases[usize::from(database)].go_down(agenda.now(), agenda);
        self.cut_off(database, agenda);
    }

    /// It can be reached again, unless there is another reason why not.
    pub fn outage_ends(&mut self, database: u16, now: Moment) {
        self.databases[usize::from(database)].come_back(now);
    }
}
