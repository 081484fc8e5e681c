//! Reads an answer of Prometheus', and keeps of each series the tenant and the number alone. Asks
//! nobody.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The value of one series.
#[derive(Debug)]
pub(super) struct Sample {
    /// Whose it is; none where no label says so, or a longer one than names are.
    pub(super) tenant: Option<Box<str>>,
    /// When it was asked for, by Prometheus' own clock, in Unix seconds.
    pub(super) asked: f64,
    /// What it says, where that is a finite number.
    pub(super) number: Option<f64>,
}

/// No query over tenants gives more: the bridge knows fewer tenants.
const SERIES_MAX: usize = 100_000;
/// Longer names are none of a tenant.
const NAME_MAX: usize = 255;

#[derive(Deserialize)]
struct Answer<'a> {
    status: String,
    #[serde(borrow)]
    data: Option<Data<'a>>,
    #[serde(rename = "errorType", default)]
    error_type: String,
    #[serde(default)]
    error: String,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(rename = "resultType")]
    result_type: String,
    #[serde(borrow)]
    result: &'a RawValue,
}

/// The samples of an answer to a query; inside, why there are none though it can be read.
pub(super) fn samples(
    bytes: &[u8],
    query: &str,
    label: &str,
) -> Result<Result<Vec<Sample>, String>, serde_json::Error> {
    let answer: Answer<'_> = serde_json::from_slice(bytes)?;
    if answer.status != "success" {
        let Answer { status, error_type, error, .. } = answer;
        return Ok(Err(format!("`{query}` ends with status `{status}`: {error_type}: {error}")));
    }
    let Some(data) = answer.data else {
        return Ok(Err(format!("`{query}` is answered without data")));
    };
    if data.result_type != "vector" {
        let kind = data.result_type;
        return Ok(Err(format!("`{query}` gives a {kind}, not one value a tenant")));
    }
    let mut result = serde_json::Deserializer::from_str(data.result.get());
    Series { label }.deserialize(&mut result).map(Ok)
}

struct Series<'a> {
    label: &'a str,
}

impl<'de> DeserializeSeed<'de> for Series<'_> {
    type Value = Vec<Sample>;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Vec<Sample>, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Series<'_> {
    type Value = Vec<Sample>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of series")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Sample>, A::Error> {
        let mut all = Vec::new();
        while let Some(sample) = list.next_element_seed(One { label: self.label })? {
            if all.len() == SERIES_MAX {
                let error = format!("more than {SERIES_MAX} series; select fewer in the query");
                return Err(A::Error::custom(error));
            }
            all.push(sample);
        }
        Ok(all)
    }
}

struct One<'a> {
    label: &'a str,
}

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = Sample;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Sample, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = Sample;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a series with its labels and its value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sample, A::Error> {
        let (mut tenant, mut value) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "metric" if tenant.is_none() => {
                    tenant = Some(map.next_value_seed(Tenant { label: self.label })?);
                }
                "value" if value.is_none() => value = Some(map.next_value::<(f64, String)>()?),
                "metric" | "value" => return Err(A::Error::custom(format!("`{key}` twice"))),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let tenant = tenant.ok_or_else(|| A::Error::missing_field("metric"))?;
        let (asked, text) = value.ok_or_else(|| A::Error::missing_field("value"))?;
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        Ok(Sample { tenant, asked, number })
    }
}

struct Tenant<'a> {
    label: &'a str,
}

impl<'de> DeserializeSeed<'de> for Tenant<'_> {
    type Value = Option<Box<str>>;

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Tenant<'_> {
    type Value = Option<Box<str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("labels")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<String>()? {
            if key != self.label {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if found.is_some() {
                return Err(A::Error::custom(format!("the label `{key}` twice")));
            }
            found = Some(map.next_value::<String>()?);
        }
        let named = |name: &String| !name.is_empty() && name.len() <= NAME_MAX;
        Ok(found.filter(named).map(String::into_boxed_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Sample>, String> {
        samples(text.as_bytes(), "x", "tenant").map_err(|error| error.to_string())?
    }

    fn error(text: &str) -> String {
        read(text).map(|found| format!("{found:?}")).unwrap_err()
    }

    const ANN: &str = r#"{"metric":{"tenant":"ann","job":"gate"},"value":[1000.5,"7"]}"#;

    #[test]
    fn a_series_is_a_tenant_and_a_number() {
        let text = format!(
            r#"{{"status":"success","warnings":["partial"],
                "data":{{"resultType":"vector","result":[{ANN},{}]}}}}"#,
            ANN.replace("\"7\"", "\"NaN\"")
        );
        let found = read(&text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(found[0].tenant.as_deref(), Some("ann"));
        assert_eq!((found[0].number, found[1].number), (Some(7.0), None));
    }

    #[test]
    fn an_answer_that_says_it_is_an_error_is_one_whatever_data_it_has() {
        let data = format!(r#""data":{{"resultType":"vector","result":[{ANN}]}}"#);
        let failed = format!(r#"{{"status":"error","errorType":"timeout","error":"slow",{data}}}"#);
        assert_eq!(error(&failed), "`x` ends with status `error`: timeout: slow");
        assert_eq!(error(r#"{"status":"success"}"#), "`x` is answered without data");
        assert!(error(&format!("{{{data}}}")).contains("missing field `status`"));
        let scalar = r#"{"status":"success","data":{"resultType":"scalar","result":[1,"2"]}}"#;
        assert_eq!(error(scalar), "`x` gives a scalar, not one value a tenant");
    }

    #[test]
    fn what_is_said_twice_is_no_answer() {
        let one = ANN.replace("\"job\"", "\"tenant\"");
        let text = |one: &str| {
            let data = format!(r#"{{"resultType":"vector","result":[{one}]}}"#);
            format!(r#"{{"status":"success","data":{data}}}"#)
        };
        assert!(error(&text(&one)).contains("the label `tenant` twice"));
        let twice = ANN.replace("\"metric\"", "\"value\":[1,\"1\"],\"metric\"");
        assert!(error(&text(&twice)).contains("`value` twice"));
        let many = vec!["{\"metric\":{},\"value\":[1,\"1\"]}"; SERIES_MAX + 1].join(",");
        assert!(error(&text(&many)).contains("more than 100000 series"));
    }
}
