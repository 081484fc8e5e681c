//! How long a run lasts, and what must be over before it ends.

use super::at;
use crate::scenario::Scenario;
use seatrial_contract::config::{Located, Path, Problems};
use seatrial_contract::units::Span;

/// A century; moments end after 584 years.
pub(super) const DURATION_MAX: Span = Span::days(36_525);

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    let duration = scenario.duration;
    if duration.value == Span::ZERO {
        let words = ("a run of no length", "write how long it lasts, such as \"30 d\"");
        return at(&Path::Root, "duration", duration.place, words, problems);
    }
    if duration.value > DURATION_MAX {
        let message = format!("{} is longer than 100 years", duration.value);
        let words = (message, "write at most \"36525 d\"");
        at(&Path::Root, "duration", duration.place, words, problems);
    }
    if scenario.starts_at.value >= Span::days(1) {
        let words =
            ("no day has such a time", "write less than \"24 h\", and the day in `starts_on`");
        at(&Path::Root, "starts_at", scenario.starts_at.place, words, problems);
    }
    if scenario.warm_up.value >= duration.value {
        let message = format!(
            "the warm-up ({}) is not over before the run ({})",
            scenario.warm_up.value, duration.value
        );
        let words =
            (message, "make `warm_up` shorter or `duration` longer, or nothing is measured");
        at(&Path::Root, "warm_up", scenario.warm_up.place, words, problems);
    }
    let sensing = Path::Key(&Path::Root, "sensing");
    in_time(&scenario.sensing.every, duration.value, &Path::Key(&sensing, "every"), problems);
    in_time(&scenario.sensing.delay, duration.value, &Path::Key(&sensing, "delay"), problems);
    let acting = Path::Key(&Path::Root, "acting");
    in_time(&scenario.acting.delay, duration.value, &Path::Key(&acting, "delay"), problems);
}

fn in_time(span: &Located<Span>, duration: Span, path: &Path<'_>, problems: &mut Problems) {
    // Defaults are never the writer's mistake.
    if span.value >= duration && span.place.end > 0 {
        let message = format!("{} is as long as the whole run ({duration})", span.value);
        let remedy = "make it shorter: before that the policies see and do nothing";
        problems.add(path, span.place, message, remedy);
    }
}
