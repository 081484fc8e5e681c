//! From what was measured of a real database to the curve of a simulated one, and how far that is
//! from each point that the curve was not told. Knows no plant but its curve, and measures nothing.

mod fit;
mod nelder_mead;
mod notes;
mod pgbench;
mod sweep;
#[cfg(test)]
mod tests;

pub use fit::Fit;
pub use notes::Note;
pub use pgbench::from_pgbench;
pub use sweep::{Point, PointFile, Sweep, SweepFile};

use rayon::prelude::*;

/// A curve beside what it was found from.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// The curve that meets all points best.
    pub fit: Fit,
    /// Each point beside it.
    pub points: Vec<Compared>,
    /// What to know before it is believed.
    pub notes: Vec<Note>,
}

/// A point beside the curves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared {
    /// What was measured.
    pub measured: Point,
    /// What the curve says, in transactions per second.
    pub fitted: f64,
    /// What the curve of the points that were not left out is away, as a share of what was
    /// measured; for those left out.
    pub left_out: Option<f64>,
    /// What the curve of all other points is away, as a share of what was measured.
    pub alone: f64,
}

impl Compared {
    /// What the curve is away, as a share of what was measured.
    #[must_use]
    pub fn error(&self) -> f64 {
        self.fitted / self.measured.per_second - 1.0
    }
}

/// Which points are left out of a second fit, to see how well it predicts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaveOut {
    /// Every second one from the third on, but not the last: the first two tell what one client alone
    /// pays, and nothing beyond the last would be predicted between points.
    EverySecond,
    /// Those with so many clients.
    Clients(Vec<u32>),
}

/// A choice of points that cannot be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// Nothing was measured there.
    #[error("no point has {0} clients")]
    Point(u32),
    /// Nothing would be left.
    #[error("all points are left out: leave at least one in")]
    All,
}

/// Finds the curve of a sweep.
///
/// # Errors
/// A point that is to be left out and is not there.
pub fn calibrate(sweep: &Sweep, leave_out: &LeaveOut) -> Result<Calibration, Unknown> {
    let Sweep { cores, points, .. } = sweep;
    let left_out = left_out(points, leave_out)?;
    let away =
        |fit: &Fit, point: &Point| fit.per_second(point.clients, *cores) / point.per_second - 1.0;
    let fit = Fit::of(points, *cores);
    let kept = points.iter().filter(|point| !left_out.contains(&point.clients));
    let half = Fit::of(&kept.copied().collect::<Vec<_>>(), *cores);
    // In the order of the points, whichever is done first.
    let compared = points.par_iter().map(|point| {
        let others = points.iter().filter(|other| other.clients != point.clients);
        let without = fit.of_fewer(&others.copied().collect::<Vec<_>>(), *cores);
        Compared {
            measured: *point,
            fitted: fit.per_second(point.clients, *cores),
            left_out: left_out.contains(&point.clients).then(|| away(&half, point)),
            alone: away(&without, point),
        }
    });
    let points: Vec<Compared> = compared.collect();
    let notes = notes::notes(&points, *cores);
    Ok(Calibration { fit, points, notes })
}

fn left_out(points: &[Point], leave_out: &LeaveOut) -> Result<Vec<u32>, Unknown> {
    let clients = match leave_out {
        LeaveOut::EverySecond => {
            let inner = points.iter().take(points.len().saturating_sub(1)).skip(2);
            inner.step_by(2).map(|point| point.clients).collect()
        }
        LeaveOut::Clients(clients) => clients.clone(),
    };
    let known = |clients: u32| points.iter().any(|point| point.clients == clients);
    if let Some(unknown) = clients.iter().find(|clients| !known(**clients)) {
        return Err(Unknown::Point(*unknown));
    }
    if points.iter().all(|point| clients.contains(&point.clients)) {
        return Err(Unknown::All);
    }
    Ok(clients)
}
