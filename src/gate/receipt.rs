//! The receipt that a suite which passes is given.

use super::Gate;
use super::cases::Prepared;
use crate::exit::{Stop, say};
use crate::receipt::{secret, suite_digest, written};
use seatrial_format::suite::Suite;
use seatrial_record::{Build, Outcome, ReceiptSuite, Sealed, SecretKey};
use seatrial_trials::gate::CaseFound;
use seatrial_trials::{Rehearsal, receipt};

/// A date, such as 2026-11-30: it is told, and nothing is counted from it.
pub(super) fn date(text: &str) -> Result<String, String> {
    let no = || "write it as year, month and day: 2026-11-30".to_owned();
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return Err(no()) };
    let number = |text: &str, digits: usize| {
        let is_number = text.len() == digits && text.bytes().all(|of| of.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (year, month, day) = (number(year, 4), number(month, 2), number(day, 2));
    let leap = year.is_some_and(|of| of % 4 == 0 && (of % 100 != 0 || of % 400 == 0));
    let most = match month {
        Some(2) if leap => 29,
        Some(2) => 28,
        Some(4 | 6 | 9 | 11) => 30,
        Some(1..=12) => 31,
        Some(_) | None => 0,
    };
    let fits = year.is_some() && day.is_some_and(|day| (1..=most).contains(&day));
    if fits { Ok(text.to_owned()) } else { Err(no()) }
}

impl Gate {
    /// The key that signs; asked for before anything is run.
    pub(super) fn key(&self) -> Result<Option<SecretKey>, Stop> {
        self.sign.as_deref().map(secret).transpose()
    }

    /// Writes the receipt, where one is wished for and the suite passes.
    pub(super) fn receive(
        &self,
        (suite, key): (&Suite, Option<&SecretKey>),
        (prepared, found): (&[Prepared<'_>], &[CaseFound]),
        (program, outcome): (&str, Outcome),
    ) -> Result<(), Stop> {
        let Some(file) = &self.receipt else { return Ok(()) };
        if outcome != Outcome::Pass {
            say(&format!(
                "{}: no receipt is written, since the suite does not pass",
                file.display()
            ));
            return Ok(());
        }
        let of = ReceiptSuite {
            title: suite.title.clone(),
            file: self.suite.display().to_string(),
            digest: suite_digest(suite),
        };
        let build = Build { program: crate::VERSION.clone(), digest: program.to_owned() };
        let cases = prepared.iter().zip(found).map(|(case, found)| Rehearsal {
            name: &case.name,
            scenario: &case.scenario,
            file: case.file.clone(),
            found,
        });
        let made = receipt((of, build, self.date.clone()), &cases.collect::<Vec<_>>());
        let mut sealed = Sealed::new(&made);
        if let Some(key) = key {
            sealed.sign(key);
        }
        written(file, &sealed)?;
        if !self.quiet {
            let signed = if key.is_some() {
                "signed"
            } else {
                "signed by nobody: only signed ones let policies act"
            };
            say(&format!("wrote {} ({signed})", file.display()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for fine in ["2026-11-30", "2028-02-29", "2000-02-29", "0001-01-31"] {
            assert_eq!(date(fine).as_deref(), Ok(fine));
        }
        for no in [
            "2026-11-31",
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-0-10",
            "26-01-01",
            "",
            "today",
            "2026-01-+1",
            "2026-01-00",
        ] {
            assert!(date(no).is_err(), "{no}");
        }
    }
}
