//! Where a chain's points lie: one customer apart where that is affordable, evenly wider where not,
//! and one of them at the number of servers. Knows no rate.

/// Intervals at the most, below the number of servers and above it.
const BELOW: f64 = 64.0;
const ABOVE: f64 = 128.0;

/// So many times its spread below its mean nobody of a line is left, to 10⁻⁹.
const FREE: f64 = 6.0;

/// The points of a chain.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) points: Vec<f64>,
    /// More than so many never come in.
    pub(super) most: f64,
    /// Customers a slot, above the servers.
    pub(super) slot: f64,
    /// Customers a slot, below that.
    pub(super) below: f64,
    pub(super) servers: f64,
}

impl Window {
    pub(super) fn new(servers: f64, most: f64) -> Self {
        let mut window = Self { points: Vec::new(), most, slot: 1.0, below: 1.0, servers };
        window.lay(0.0, 16.0);
        window
    }

    pub(super) fn lowest(&self) -> f64 {
        self.points[0]
    }

    pub(super) fn highest(&self) -> f64 {
        self.points[self.points.len() - 1]
    }

    /// Customers a slot, where so many are there.
    pub(super) fn slot_at(&self, present: f64) -> f64 {
        if present >= self.servers - 1e-6 { self.slot } else { self.below }
    }

    /// Whether it may travel: no server can be free in it, and there is room.
    pub(super) fn is_free(&self) -> bool {
        self.lowest() > self.servers && self.highest() < self.most
    }

    pub(super) fn travel(&mut self, by: f64) {
        if by != 0.0 {
            self.points.iter_mut().for_each(|point| *point += by);
        }
    }

    /// Whether it holds a mass that goes from one mean to another, and no more than that.
    pub(super) fn fits(&self, mean: f64, then: f64, spread: f64) -> bool {
        if !self.is_free() && self.frees(mean, then, spread) {
            return false;
        }
        let (low, high) = self.wanted(mean, then, 8.0 * spread);
        let is_wide_enough = self.lowest() <= low && self.highest() >= high;
        let is_coarse = self.points.len() > 80;
        let is_too_wide = self.highest() - self.lowest() > 3.0 * (high - low) + 16.0;
        // It travels only where no server can be free on the way.
        let is_safe = !self.is_free() || low > self.servers;
        is_wide_enough && is_safe && !(is_coarse && is_too_wide)
    }

    pub(super) fn lay_for(&mut self, mean: f64, then: f64, spread: f64) {
        // No farther down than where a server could be free, if there is nobody to speak of.
        let down = (mean.min(then) - self.servers - 2.0) / spread.max(1e-9);
        let reach = if self.frees(mean, then, spread) { down.min(10.0) } else { 10.0 };
        let (low, high) = self.wanted(mean, then, reach * spread);
        self.lay(low, high);
    }

    /// Whether a window for this mass may travel: what is wide cannot be moved without being spread.
    fn frees(&self, mean: f64, then: f64, spread: f64) -> bool {
        let high = mean.max(then) + 10.0 * spread + 8.0 * self.slot;
        mean.min(then) - FREE * spread > self.servers + 2.0 && high < self.most
    }

    pub(super) fn widen(&mut self, low: bool, high: bool) {
        let (from, to) = (self.lowest(), self.highest());
        let more = (0.5 * (to - from)).max(16.0 * self.slot_at(to));
        self.lay(if low { from - more } else { from }, if high { to + more } else { to });
    }

    fn wanted(&self, mean: f64, then: f64, reach: f64) -> (f64, f64) {
        let (low, high) = (mean.min(then) - reach, mean.max(then) + reach);
        // A long way down is not gone in one step: from there on the servers bound it.
        let low = if low < self.servers { low.max(self.servers.min(mean) - reach) } else { low };
        (low.max(0.0), (high + 8.0 * self.slot_at(high)).min(self.most))
    }

    /// Lays points from `low` to `high`.
    pub(super) fn lay(&mut self, low: f64, high: f64) {
        let low = low.max(0.0).floor();
        let high = high.max(low + 2.0).min(self.most);
        self.points.clear();
        if low < self.servers {
            let top = high.ceil().min(self.servers);
            let step = ((top - low) / BELOW).ceil().max(self.below);
            // Downwards from the servers, so that one point is theirs.
            let mut at = top;
            while at > low {
                self.points.push(at);
                at -= step;
            }
            self.points.push(low);
            self.points.reverse();
            // The lowest two stand together where the step does not fit.
            if self.points.len() > 2 && self.points[1] - self.points[0] < 0.5 * step {
                self.points.remove(1);
            }
        }
        let from = low.max(self.servers);
        if self.points.is_empty() {
            self.points.push(from);
        }
        if high > from {
            self.lay_line(from, high);
        }
        if self.points.len() < 2 {
            self.points.push(low + 1.0);
        }
    }

    /// Lays points of those who wait.
    fn lay_line(&mut self, mut from: f64, high: f64) {
        let is_bounded = high >= self.most;
        let mut slots = (high - from) / self.slot;
        let is_wide = slots > ABOVE;
        if is_wide && from <= self.servers {
            // The first who waits is not lumped with others: whether all servers are busy decides
            // what comes.
            from += self.slot;
            slots -= 1.0;
            self.points.push(from);
        }
        let step = if is_wide { slots / ABOVE } else { 1.0 };
        let count = if is_bounded { (slots / step).round() } else { (slots / step).ceil() };
        let count = count.max(1.0);
        let width = if is_bounded { (high - from) / count } else { step * self.slot };
        let mut number = 1.0;
        while number <= count {
            self.points.push(from + number * width);
            number += 1.0;
        }
    }

    /// What stood at other points, shared between the neighbours here so that the mean stays.
    pub(super) fn take_over(&self, points: &[f64], mass: &[f64]) -> Vec<f64> {
        let (here, last) = (&self.points, self.points.len() - 1);
        let mut taken = vec![0.0; here.len()];
        let mut at = 0;
        for (point, mass) in points.iter().zip(mass) {
            while at + 1 < last && here[at + 1] < *point {
                at += 1;
            }
            let (low, high) = (here[at], here[at + 1]);
            let share = ((point - low) / (high - low)).clamp(0.0, 1.0);
            taken[at] += mass * (1.0 - share);
            taken[at + 1] += mass * share;
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_point_is_that_of_the_servers() {
        for (servers, low, high) in [(1.0, 0.0, 9.0), (1_000.0, 700.0, 1_300.0), (7.0, 3.0, 900.0)]
        {
            let mut window = Window::new(servers, f64::INFINITY);
            window.lay(low, high);
            assert!(window.points.contains(&servers), "{:?}", window.points);
            assert!(window.points.is_sorted() && window.points.len() < 200);
            assert!(window.lowest() <= low && window.highest() >= high);
        }
    }

    #[test]
    fn what_is_taken_over_keeps_its_mean() {
        let mut window = Window::new(4.0, f64::INFINITY);
        window.lay(0.0, 4_000.0);
        let taken = window.take_over(&[2.0, 77.7], &[0.25, 0.75]);
        let mean: f64 = taken.iter().zip(&window.points).map(|(mass, at)| mass * at).sum();
        assert!((mean - 0.25 * 2.0 - 0.75 * 77.7).abs() < 1e-9);
    }
}
