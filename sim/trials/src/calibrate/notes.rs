//! What to know before a curve is believed: what was not measured, and what it cannot show. Fits
//! nothing.

use super::Compared;
use core::fmt;

/// Something to know before a curve is believed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Note {
    /// Nothing was measured with one client.
    NoneAlone,
    /// Nothing was measured far beyond the cores.
    NeverCrowded {
        /// The most clients measured.
        most: u32,
        /// As many as would tell.
        wanted: u32,
    },
    /// Repetitions lie far apart and are few.
    Noisy {
        /// Of the point where it is worst.
        clients: u32,
        /// How far their median may be off, as a share of it.
        unsure: f64,
    },
    /// The curve misses a point by more than is known of it.
    Missed {
        /// Of the point where it is worst.
        clients: u32,
        /// As a share of what was measured.
        error: f64,
    },
}

/// Connections a core from which crowding can be read.
const CROWDED: u32 = 8;
/// More than the usual one or two percent of a quiet machine.
const NOISY: f64 = 0.1;
/// A planner can live with a tenth.
const MISSED: f64 = 0.1;

pub(super) fn notes(points: &[Compared], cores: u32) -> Vec<Note> {
    let mut notes = Vec::new();
    if points.first().is_some_and(|first| first.measured.clients > 1) {
        notes.push(Note::NoneAlone);
    }
    let (most, wanted) =
        (points.last().map_or(0, |last| last.measured.clients), cores.saturating_mul(CROWDED));
    if most < wanted {
        notes.push(Note::NeverCrowded { most, wanted });
    }
    let unsure = |point: &&Compared| point.measured.unsure;
    let widest = points.iter().max_by(|one, other| unsure(one).total_cmp(&unsure(other)));
    if let Some(widest) = widest.filter(|point| unsure(point) > NOISY) {
        notes.push(Note::Noisy { clients: widest.measured.clients, unsure: unsure(&widest) });
    }
    let missed = |point: &&Compared| point.error().abs() > MISSED.max(unsure(point));
    let worst = points.iter().filter(missed);
    let worst = worst.max_by(|one, other| one.error().abs().total_cmp(&other.error().abs()));
    if let Some(worst) = worst {
        notes.push(Note::Missed { clients: worst.measured.clients, error: worst.error() });
    }
    notes
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| (share * 100.0).abs();
        match self {
            Self::NoneAlone => f.write_str(
                "nothing was measured with one client: what a query takes alone is guessed",
            ),
            Self::NeverCrowded { most, wanted } => write!(
                f,
                "nothing was measured beyond {most} clients: crowding is guessed; {wanted} would tell"
            ),
            Self::Noisy { clients, unsure } => write!(
                f,
                "what {clients} clients get done is known to {:.0} % either way: no curve can be \
                 surer than that, but more repetitions would tell",
                percent(*unsure)
            ),
            Self::Missed { clients, error } => write!(
                f,
                "the curve is {:.0} % off with {clients} clients: this database has a shape that \
                 it cannot show; do not rely on it there",
                percent(*error)
            ),
        }
    }
}
