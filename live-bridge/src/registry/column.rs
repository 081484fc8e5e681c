//! Takes in a column that a metrics system filled.

use super::Registry;
use super::visits::Together;
use crate::sighting::{Column, ColumnSeen, RowSeen};
use seatrial_contract::units::{Frequency, Moment};
use seatrial_contract::{Reading, TenantId};
use std::collections::BTreeMap;

impl Registry {
    /// Returns what could not be understood.
    pub(super) fn column(&mut self, seen: ColumnSeen, at: Moment) -> Vec<String> {
        let mut complaints = seen.complaints.clone();
        // A clock that runs ahead of ours makes nothing fresher than it can be.
        let no_later = |row: &RowSeen| RowSeen { seen_at: row.seen_at.min(at), ..row.clone() };
        let known: Vec<(TenantId, RowSeen)> = seen
            .rows
            .iter()
            .filter_map(|row| Some((*self.tenants.get(&row.tenant)?, no_later(row))))
            .collect();
        // One target is scraped at one moment: the commonest is that of the sweep, and a tenant that was
        // measured earlier keeps a moment of its own.
        let swept_at = commonest(&known);
        // Who waits is known as of what says it: a column of its own, or who came last.
        match (seen.column, self.waiting_is_told) {
            (Column::Waiting, _) => self.view.sweep_wanted(swept_at.unwrap_or(at)),
            (Column::LastActive, false) => {
                swept_at.into_iter().for_each(|at| self.view.sweep_wanted(at));
            }
            (Column::LastActive | Column::Sessions | Column::Requests, _) => {}
        }
        match seen.column {
            Column::LastActive => self.last_active(&seen, &known, swept_at, &mut complaints),
            Column::Sessions => self.sessions(&known, swept_at, &mut complaints),
            Column::Waiting => self.waiting(&seen, &known, &mut complaints),
            Column::Requests => self.requests(&known, swept_at, &mut complaints),
        }
        complaints
    }

    fn last_active(
        &mut self,
        seen: &ColumnSeen,
        rows: &[(TenantId, RowSeen)],
        swept_at: Option<Moment>,
        complaints: &mut Vec<String>,
    ) {
        let mut told = vec![false; self.visits.len()];
        let same = Together::of(rows);
        for (id, row) in rows {
            let visits = &mut self.visits[id.index()];
            let login = match visits.login_of(seen, row, &same) {
                Ok(login) => login,
                Err(implausible) => {
                    complaints.push(format!(
                        "last_active of {}: {} is {implausible}: it is left out",
                        row.tenant, row.value
                    ));
                    continue;
                }
            };
            told[id.index()] = true;
            let last = visits.there_at.map_or(login, |there| there.max(login));
            self.read_activity(*id, last, row.seen_at, swept_at);
            self.judge_known(*id);
        }
        for (index, told) in told.into_iter().enumerate() {
            if !told {
                self.view.lose_activity(TenantId::at(index));
            }
        }
        if let Some(at) = swept_at {
            self.view.sweep_activity(at);
        }
    }

    /// Writes down when somebody was last there, if that is news.
    fn read_activity(
        &mut self,
        id: TenantId,
        last: Moment,
        seen_at: Moment,
        swept_at: Option<Moment>,
    ) {
        if swept_at.is_some_and(|swept| seen_at >= swept) {
            let gauge = self.view.last_active();
            if !gauge.covered(id.index()) || gauge.last(id.index()) != last {
                self.view.see_activity(id, last);
            }
            return;
        }
        let reading = Reading { value: last, seen_at };
        if self.view.last_active().get(id.index()) != Some(reading) {
            self.view.read_activity(id, Some(reading));
        }
    }

    /// A tenant with a session was in use when it was seen; of whom nothing is said, that grows old.
    fn sessions(
        &mut self,
        rows: &[(TenantId, RowSeen)],
        swept_at: Option<Moment>,
        complaints: &mut Vec<String>,
    ) {
        let mut told = vec![false; self.visits.len()];
        for (id, row) in rows {
            if row.value < 0.0 {
                complaints.push(format!(
                    "sessions of {}: {} is no number of sessions: it is left out",
                    row.tenant, row.value
                ));
                continue;
            }
            told[id.index()] = true;
            let there = row.value > 0.0;
            if there {
                let visits = &mut self.visits[id.index()];
                visits.there_at =
                    Some(visits.there_at.map_or(row.seen_at, |at| at.max(row.seen_at)));
            }
            if swept_at.is_some_and(|swept| row.seen_at >= swept) {
                self.view.see_session(*id, there);
            } else {
                let reading = Reading { value: there, seen_at: row.seen_at };
                self.view.read_session(*id, Some(reading));
            }
            self.judge_known(*id);
        }
        for (index, told) in told.into_iter().enumerate() {
            if !told {
                self.view.lose_session(TenantId::at(index));
            }
        }
        if let Some(at) = swept_at {
            self.view.sweep_sessions(at);
        }
    }

    fn waiting(
        &mut self,
        seen: &ColumnSeen,
        rows: &[(TenantId, RowSeen)],
        complaints: &mut Vec<String>,
    ) {
        self.waiting_is_told = true;
        let mut since: BTreeMap<TenantId, Moment> = BTreeMap::new();
        for (id, row) in rows.iter().filter(|row| row.1.value > 0.0) {
            match seen.moment(row.value) {
                Some(moment) => {
                    since.insert(*id, moment);
                }
                None => complaints.push(format!(
                    "waiting of {}: {} is no moment: it is left out",
                    row.tenant, row.value
                )),
            }
        }
        for index in 0..self.visits.len() {
            let id = TenantId::at(index);
            self.visits[index].waiting = since.get(&id).copied();
            self.judge_known(id);
        }
    }

    fn requests(
        &mut self,
        rows: &[(TenantId, RowSeen)],
        swept_at: Option<Moment>,
        complaints: &mut Vec<String>,
    ) {
        let mut told = vec![false; self.visits.len()];
        for (id, row) in rows {
            if row.value < 0.0 {
                complaints.push(format!(
                    "requests of {}: {} is no rate: it is left out",
                    row.tenant, row.value
                ));
                continue;
            }
            told[id.index()] = true;
            let rate = Frequency::from_per_second(row.value);
            if swept_at.is_some_and(|swept| row.seen_at >= swept) {
                self.view.see_requests(*id, rate);
            } else {
                let reading = Reading { value: rate, seen_at: row.seen_at };
                self.view.read_requests(*id, Some(reading));
            }
        }
        for (index, told) in told.into_iter().enumerate() {
            if !told {
                self.view.lose_requests(TenantId::at(index));
            }
        }
        if let Some(at) = swept_at {
            self.view.sweep_requests(at);
        }
    }

    /// Works a tenant out again, unless its containers are out of sight.
    fn judge_known(&mut self, id: TenantId) {
        if self.view.tenant(id).phase.is_present() {
            self.judge(id);
        }
    }
}

/// The moment that most rows share; of several, the earliest.
fn commonest(rows: &[(TenantId, RowSeen)]) -> Option<Moment> {
    let mut counts: BTreeMap<Moment, u32> = BTreeMap::new();
    for (_, row) in rows {
        *counts.entry(row.seen_at).or_default() += 1;
    }
    let most = counts.values().max().copied()?;
    counts.into_iter().find(|(_, count)| *count == most).map(|(at, _)| at)
}
