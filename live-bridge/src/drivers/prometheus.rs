//! A column over all tenants, asked of Prometheus. A value comes with the moment at which it was
//! measured, asked for beside it: Prometheus itself answers with the moment of the asking, under
//! which a dead target's last value would seem fresh for five minutes.

use crate::clock;
use crate::config::Query;
use crate::sighting::{Column, ColumnSeen, RowSeen};
use crate::wire::WireError;
use seatrial_contract::units::{Moment, Span};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One query, asked again and again.
pub struct Ask(Query);

impl Ask {
    pub(crate) fn new(query: Query) -> Self {
        Self(query)
    }

    pub(crate) fn column(&self) -> Column {
        self.0.column
    }

    pub(crate) fn every(&self) -> Span {
        self.0.every
    }

    pub(crate) fn place(&self) -> String {
        self.0.wire.place()
    }

    pub(crate) async fn look(&mut self) -> Result<ColumnSeen, WireError> {
        let values = self.ask(&self.0.query).await?;
        let moments = self.ask(&self.0.seen).await?;
        Ok(join(&self.0, &values, &moments))
    }

    async fn ask(&self, query: &str) -> Result<Vec<Sample>, WireError> {
        let path = format!("/api/v1/query?query={}", encoded(query));
        let answer: Answer = self.0.wire.get(&path).await?;
        match answer.data {
            Data { result_type, result } if result_type == "vector" => {
                serde_json::from_value(result)
                    .map_err(|error| self.0.wire.strange(&path, error.to_string()))
            }
            Data { result_type, .. } => {
                let error = format!("`{query}` gives a {result_type}, not one value a tenant");
                Err(self.0.wire.strange(&path, error))
            }
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "resultType")]
    result_type: String,
    result: serde_json::Value,
}

#[derive(Deserialize)]
struct Sample {
    metric: BTreeMap<String, String>,
    /// When it was asked, and the value as text.
    value: (f64, String),
}

impl Sample {
    fn number(&self) -> Option<f64> {
        self.value.1.parse::<f64>().ok().filter(|number| number.is_finite())
    }
}

/// The values with their moments, by tenant. Several series of one tenant are one: the latest of
/// moments, the sum of amounts, as old as the oldest of them.
fn join(query: &Query, values: &[Sample], moments: &[Sample]) -> ColumnSeen {
    let mut seen_at: BTreeMap<&str, Moment> = BTreeMap::new();
    let mut complaints = Vec::new();
    for sample in moments {
        let Some(tenant) = sample.metric.get(&query.tenant) else { continue };
        let Some(at) = sample.number().and_then(clock::of_unix) else { continue };
        let oldest = seen_at.entry(tenant).or_insert(at);
        *oldest = at.min(*oldest);
    }
    let mut rows: BTreeMap<&str, RowSeen> = BTreeMap::new();
    let (mut nameless, mut timeless, mut senseless) = (0u32, 0u32, 0u32);
    for sample in values {
        let Some(tenant) = sample.metric.get(&query.tenant) else {
            nameless += 1;
            continue;
        };
        let Some(value) = sample.number() else {
            senseless += 1;
            continue;
        };
        let Some(seen_at) = seen_at.get(tenant.as_str()).copied() else {
            timeless += 1;
            continue;
        };
        let row = RowSeen { tenant: tenant.clone(), value, seen_at };
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
    ColumnSeen { column, rows: rows.into_values().collect(), complaints }
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

    fn samples(of: &[(&str, &str)]) -> Vec<Sample> {
        let one = |(tenant, value): &(&str, &str)| Sample {
            metric: [("tenant".to_owned(), (*tenant).to_owned())].into(),
            value: (1_000.0, (*value).to_owned()),
        };
        of.iter().map(one).collect()
    }

    #[test]
    fn values_carry_the_moment_they_were_measured_not_that_of_the_asking() {
        let values = samples(&[("ann", "700"), ("bob", "800")]);
        let moments = samples(&[("ann", "950.5"), ("bob", "400")]);
        let seen = join(&query(Column::LastActive), &values, &moments);
        let rows: Vec<_> = seen.rows.iter().map(|row| (row.value, row.seen_at)).collect();
        let at = |seconds: f64| clock::of_unix(seconds).unwrap_or_default();
        assert_eq!(rows, [(700.0, at(950.5)), (800.0, at(400.0))]);
    }

    #[test]
    fn what_is_no_number_or_has_no_moment_is_absent_and_told() {
        let values = samples(&[("ann", "NaN"), ("bob", "+Inf"), ("cid", "5"), ("dan", "6")]);
        let moments = samples(&[("ann", "900"), ("bob", "900"), ("cid", "900"), ("dan", "NaN")]);
        let seen = join(&query(Column::Requests), &values, &moments);
        assert_eq!(seen.rows.iter().map(|row| row.tenant.as_str()).collect::<Vec<_>>(), ["cid"]);
        assert_eq!(seen.complaints.len(), 2, "{:?}", seen.complaints);
    }

    #[test]
    fn several_series_of_one_tenant_are_one() {
        let values = samples(&[("ann", "2"), ("ann", "3")]);
        let moments = samples(&[("ann", "900"), ("ann", "800")]);
        let sum = join(&query(Column::Requests), &values, &moments);
        assert_eq!((sum.rows[0].value, sum.rows.len()), (5.0, 1));
        let latest = join(&query(Column::LastActive), &values, &moments);
        assert!((latest.rows[0].value - 3.0).abs() < 1e-9);
        assert_eq!(latest.rows[0].seen_at, clock::of_unix(800.0).unwrap_or_default());
    }

    #[test]
    fn queries_survive_the_way() {
        assert_eq!(encoded("rate(x{a=\"b\"}[1m])"), "rate%28x%7Ba%3D%22b%22%7D%5B1m%5D%29");
    }
}
