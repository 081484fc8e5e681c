//! What a gate found as JUnit's XML, which every CI shows: a suite a case, a test a metric or an objective.

use super::told::{Level, told};
use core::fmt::Write;
use seatrial_contract::outside;
use seatrial_record::Gated;

/// The XML.
#[must_use]
pub fn gate_junit(found: &Gated) -> String {
    let all = told(found);
    let count = |case: Option<&str>, level: Option<Level>| {
        let of = all.iter().filter(|of| case.is_none_or(|case| of.case == case));
        of.filter(|of| level.is_none_or(|level| of.level == level)).count()
    };
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        text,
        "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\">",
        attribute(&found.title),
        count(None, None),
        count(None, Some(Level::Error))
    );
    for case in &found.cases {
        let name = Some(case.name.as_str());
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">",
            attribute(&case.name),
            count(name, None),
            count(name, Some(Level::Error)),
            count(name, Some(Level::Warning))
        );
        for of in all.iter().filter(|of| of.case == case.name) {
            let _ = write!(
                text,
                "    <testcase classname=\"{}\" name=\"{} {}\" time=\"0\"",
                attribute(&of.case),
                of.kind,
                attribute(&of.of)
            );
            let long = attribute(&of.long);
            text += &match of.level {
                Level::Fine => "/>\n".to_owned(),
                Level::Error => format!(
                    ">\n      <failure message=\"{long}\" type=\"{}\">{long}</failure>\n    </testcase>\n",
                    of.kind
                ),
                Level::Warning => {
                    format!(">\n      <skipped message=\"{long}\"/>\n    </testcase>\n")
                }
            };
        }
        text += "  </testsuite>\n";
    }
    text + "</testsuites>\n"
}

fn attribute(text: &str) -> String {
    let text = outside::sentence(text);
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&apos;")
}
