//! A column over all tenants, asked of Prometheus. A value comes with the moment at which it was
//! measured, asked for beside it: Prometheus itself answers with the moment of the asking, under
//! which a dead target's last value would seem fresh for five minutes.

mod answer;

use crate::clock::{self, Dated, SourceClock, Timeline};
use crate::config::Query;
use crate::sighting::{Column, ColumnSeen, RowSeen};
use crate::wire::{Bound, WireError};
use answer::Sample;
use seatrial_contract::units::{Moment, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One query, asked again and again.
pub struct Ask {
    query: Query,
    time: Arc<Timeline>,
    clock: SourceClock,
}

/// A sound answer takes 100 to 200 bytes a tenant.
const VALUES: Bound = Bound { most: 16 << 20, remedy: "select fewer series in the query" };

impl Ask {
    pub(crate) fn new(query: Query, time: Arc<Timeline>) -> Self {
        Self { query, time, clock: SourceClock::default() }
    }

    pub(crate) fn column(&self) -> Column {
        self.query.column
    }

    pub(crate) fn every(&self) -> Span {
        self.query.every
    }

    pub(crate) fn place(&self) -> String {
        self.query.wire.place()
    }

    pub(crate) async fn look(&mut self) -> Result<ColumnSeen, WireError> {
        let (values, _) = self.ask(&self.query.query).await?;
        let asked = self.time.now();
        let (moments, path) = self.ask(&self.query.seen).await?;
        let strange = |error: String| self.query.wire.strange(&path, error);
        // Of one answer all samples say when it was asked for, by Prometheus' own clock.
        let theirs = moments.iter().map(|sample| sample.asked).reduce(f64::max);
        let clock = match theirs {
            None => None,
            Some(theirs) => {
                let unix = clock::of_unix(theirs);
                let unix =
                    unix.ok_or_else(|| strange(format!("{theirs} is no time of a clock")))?;
                let dated = self.clock.read(unix, asked, self.time.now());
                Some(dated.map_err(|error| strange(error.to_string()))?)
            }
        };
        Ok(join(&self.query, &values, &moments, clock))
    }

    async fn ask(&self, query: &str) -> Result<(Vec<Sample>, String), WireError> {
        let path = format!("/api/v1/query?query={}", encoded(query));
        let (wire, tenant) = (&self.query.wire, &self.query.tenant);
        let read = |bytes: &[u8]| answer::samples(bytes, query, tenant);
        let samples = wire.read_as(&path, VALUES, read).await?.body;
        Ok((samples.map_err(|error| wire.strange(&path, error))?, path))
    }
}

/// The values with their moments, by tenant. Several series of one tenant are one: the latest of
/// moments, the sum of amounts, as old as the oldest of them.
fn join(query: &Query, values: &[Sample], moments: &[Sample], clock: Option<Dated>) -> ColumnSeen {
    let mut seen_at: BTreeMap<&str, Moment> = BTreeMap::new();
    let mut complaints = Vec::new();
    let mut ahead = 0u32;
    for sample in moments {
        let Some(tenant) = &sample.tenant else { continue };
        let Some(at) = sample.number.and_then(clock::of_unix) else { continue };
        // What was measured after it was asked for was not measured by this clock.
        let Some(at) = clock.as_ref().and_then(|clock| clock.ours(at)) else {
            ahead += 1;
            continue;
        };
        let oldest = seen_at.entry(tenant).or_insert(at);
        *oldest = at.min(*oldest);
    }
    let mut rows: BTreeMap<&str, RowSeen> = BTreeMap::new();
    let (mut nameless, mut timeless, mut senseless) = (0u32, 0u32, 0u32);
    for sample in values {
        let Some(tenant) = &sample.tenant else {
            nameless += 1;
            continue;
        };
        let Some(value) = sample.number else {
            senseless += 1;
            continue;
        };
        let Some(seen_at) = seen_at.get(tenant.as_ref()).copied() else {
            timeless += 1;
            continue;
        };
        let row = RowSeen { tenant: tenant.to_string(), value, seen_at };
        let merged = rows.entry(tenant).or_insert_with(|| RowSeen {
            value: if query.column.adds_up() { 0.0 } else { value },
            ..row.clone()
        });
        merged.value =
            if query.column.adds_up() { merged.value + value } else { merged.value.max(value) };
    }
    let column = query.column;
    if nameless > 0 {
        complaints
            .push(format!("{column}: {nameless} series without the label `{}`", query.tenant));
    }
    if senseless > 0 {
        complaints.push(format!("{column}: {senseless} values are no numbers: they are left out"));
    }
    if timeless > 0 {
        let seen = &query.seen;
        complaints.push(format!("{column}: `{seen}` has no moment for {timeless} series"));
    }
    if ahead > 0 {
        complaints.push(format!(
            "{column}: {ahead} values were measured ahead of Prometheus' own clock: they are left \
             out"
        ));
    }
    ColumnSeen { column, rows: rows.into_values().collect(), clock, complaints }
}

impl Column {
    /// Whether several series of one tenant add up; otherwise the latest counts.
    fn adds_up(self) -> bool {
        match self {
            Self::Sessions | Self::Requests => true,
            Self::LastActive | Self::Waiting => false,
        }
    }
}

/// A query as a part of an address.
fn encoded(query: &str) -> String {
    let mut text = String::with_capacity(query.len() * 2);
    for byte in query.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                text.push(char::from(byte));
            }
            _ => text += &format!("%{byte:02X}"),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Route, Wire};
    use std::sync::Arc;
    use std::time::Duration;

    fn query(column: Column) -> Query {
        let route = Route::Tcp("127.0.0.1:1".to_owned());
        Query {
            column,
            wire: Arc::new(Wire::new(route, "", None, Duration::from_secs(1))),
            query: "x".to_owned(),
            seen: "timestamp(x)".to_owned(),
            tenant: "tenant".to_owned(),
            every: Span::seconds(1),
        }
    }

    /// Asked at 1,000 s by a clock that agrees with ours.
    fn clock() -> Option<Dated> {
        let now = clock::of_unix(1_000.0).unwrap_or_default();
        SourceClock::default().read(now, now, now).ok()
    }

    fn samples(of: &[(&str, &str)]) -> Vec<Sample> {
        let one = |(tenant, value): &(&str, &str)| Sample {
            tenant: Some((*tenant).into()),
            asked: 1_000.0,
            number: value.parse().ok().filter(|number: &f64| number.is_finite()),
        };
        of.iter().map(one).collect()
    }

    #[test]
    fn values_carry_the_moment_they_were_measured_not_that_of_the_asking() {
        let values = samples(&[("ann", "700"), ("bob", "800")]);
        let moments = samples(&[("ann", "950.5"), ("bob", "400")]);
        let seen = join(&query(Column::LastActive), &values, &moments, clock());
        let rows: Vec<_> = seen.rows.iter().map(|row| (row.value, row.seen_at)).collect();
        let at = |seconds: f64| clock::of_unix(seconds).unwrap_or_default();
        assert_eq!(rows, [(700.0, at(950.5)), (800.0, at(400.0))]);
    }

    #[test]
    fn what_is_no_number_or_has_no_moment_is_absent_and_told() {
        let values = samples(&[("ann", "NaN"), ("bob", "+Inf"), ("cid", "5"), ("dan", "6")]);
        let moments = samples(&[("ann", "900"), ("bob", "900"), ("cid", "900"), ("dan", "NaN")]);
        let seen = join(&query(Column::Requests), &values, &moments, clock());
        assert_eq!(seen.rows.iter().map(|row| row.tenant.as_str()).collect::<Vec<_>>(), ["cid"]);
        assert_eq!(seen.complaints.len(), 2, "{:?}", seen.complaints);
    }

    #[test]
    fn several_series_of_one_tenant_are_one() {
        let values = samples(&[("ann", "2"), ("ann", "3")]);
        let moments = samples(&[("ann", "900"), ("ann", "800")]);
        let sum = join(&query(Column::Requests), &values, &moments, clock());
        assert_eq!((sum.rows[0].value, sum.rows.len()), (5.0, 1));
        let latest = join(&query(Column::LastActive), &values, &moments, clock());
        assert!((latest.rows[0].value - 3.0).abs() < 1e-9);
        assert_eq!(latest.rows[0].seen_at, clock::of_unix(800.0).unwrap_or_default());
    }

    #[test]
    fn what_was_measured_ahead_of_its_own_clock_is_absent_and_told() {
        let values = samples(&[("ann", "2"), ("bob", "3")]);
        let moments = samples(&[("ann", "1001"), ("bob", "1600")]);
        let seen = join(&query(Column::Requests), &values, &moments, clock());
        assert_eq!(seen.rows.iter().map(|row| row.tenant.as_str()).collect::<Vec<_>>(), ["ann"]);
        assert!(seen.complaints.iter().any(|told| told.contains("ahead")), "{seen:?}");
    }

    #[test]
    fn queries_survive_the_way() {
        assert_eq!(encoded("rate(x{a=\"b\"}[1m])"), "rate%28x%7Ba%3D%22b%22%7D%5B1m%5D%29");
    }
}
