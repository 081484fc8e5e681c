//! How many are at a station, as a distribution that moves on in time: births and deaths on a window
//! of points. Stable, critical and overloaded are the same to it. Knows no station and draws nothing.
//!
//! Points lie one customer apart where few are there, and wider apart where many are; the flow
//! between two points is fitted so that a stable line has its geometric tail and an overloaded one
//! its drift, whatever their distance (Scharfetter and Gummel 1969). Above the servers a step is a
//! *slot* of (ca² + cs²) ÷ 2 customers: in the steady state that is the law of Allen and Cunneen,
//! under overload the fluid line with the diffusion around it. Where a line is so long that no
//! server can be free, the window travels with it, and only what spreads it is calculated.

use super::window::Window;

/// How fast a station's number changes, where so many are there.
pub(super) trait Rates {
    /// How many come in a second and stay.
    fn births(&self, present: f64) -> f64;
    /// How many leave in a second.
    fn deaths(&self, present: f64) -> f64;
}

/// 1 - 1 ÷ √2: the step of two stages that damps whatever is too quick for it (Alexander 1977).
const STAGE: f64 = 1.0 - core::f64::consts::FRAC_1_SQRT_2;

/// As much may stand at a window's end before the window is made wider.
const EDGE: f64 = 1e-7;

/// The distribution.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    window: Window,
    mass: Vec<f64>,
    /// At the beginning of the last step.
    before: Vec<f64>,
    /// How far the window travelled in the last step.
    travelled: f64,
    /// How fast the mean grew in the last step.
    growth: f64,
    flow: Flow,
    scratch: [Vec<f64>; 3],
}

/// Rates between neighbouring points: up from the lower, down from the upper.
#[derive(Clone, Debug, Default)]
struct Flow {
    up: Vec<f64>,
    down: Vec<f64>,
}

impl Chain {
    /// Nobody is there; beyond so many servers they wait, and more than `most` never come in.
    pub(super) fn new(servers: f64, most: f64) -> Self {
        let window = Window::new(servers, most);
        let mut mass = vec![0.0; window.points.len()];
        mass[0] = 1.0;
        let before = mass.clone();
        let (flow, scratch) = (Flow::default(), [Vec::new(), Vec::new(), Vec::new()]);
        Self { window, mass, before, travelled: 0.0, growth: 0.0, flow, scratch }
    }

    /// There are so many servers from now on, and room for so many in all.
    pub(super) fn bound(&mut self, servers: f64, most: f64) {
        let moved = |old: f64, new: f64| (old - new).abs() > 0.01 * new.abs();
        if !moved(self.window.servers, servers) && !moved(self.window.most, most) {
            return;
        }
        let points = self.window.points.clone();
        (self.window.servers, self.window.most) = (servers, most);
        self.window.lay(points[0].min(most), points[points.len() - 1]);
        self.mass = self.window.take_over(&points, &self.mass);
        self.before.clone_from(&self.mass);
        self.travelled = 0.0;
    }

    /// So many are there, exactly.
    pub(super) fn set(&mut self, present: f64) {
        let near = present.min(self.window.most);
        self.window.lay(near - 8.0, near + 8.0);
        self.mass = self.window.take_over(&[near], &[1.0]);
        self.before.clone_from(&self.mass);
        self.travelled = 0.0;
    }

    /// Time passes; returns how much longer or shorter the next step should be.
    pub(super) fn advance(&mut self, seconds: f64, slot: f64, rates: &impl Rates) -> f64 {
        self.advance_in_slots(seconds, (1.0, slot), rates)
    }

    /// The same, with slots of several customers below the servers too: calls that come in bunches
    /// (Hayward's approximation).
    pub(super) fn advance_in_slots(
        &mut self,
        seconds: f64,
        (below, slot): (f64, f64),
        rates: &impl Rates,
    ) -> f64 {
        if (below / self.window.below - 1.0).abs() > 0.02 {
            self.window.below = below;
            let points = self.window.points.clone();
            self.window.widen(false, false);
            self.mass = self.window.take_over(&points, &self.mass);
        }
        self.window.slot = if (slot / self.window.slot - 1.0).abs() > 0.05 {
            slot.max(0.02)
        } else {
            self.window.slot
        };
        self.fit(rates, seconds);
        loop {
            self.before.clone_from(&self.mass);
            let drift = self.window.is_free().then(|| self.mean_drift(rates));
            self.travelled = drift.map_or(0.0, |drift| drift * seconds);
            self.flow.set(&self.window, rates, drift);
            let residual = self.flow.drift(&self.window.points, &self.mass);
            let mean = self.raw_mean();
            self.solve(seconds);
            if self.widened() {
                continue;
            }
            let after = self.flow.drift(&self.window.points, &self.mass);
            let change = self.raw_mean() - mean;
            self.window.travel(self.travelled);
            self.growth = (change + self.travelled) / seconds;
            // Both ends' drift against the change; a change that is small anyway needs no care.
            let straight = 0.5 * seconds * (residual + after);
            let error = (change - straight).abs().min(change.abs());
            let size = 0.2 + self.mean().max(mean);
            let by_error = (0.01 * size / error.max(1e-12)).sqrt();
            let moved = (change + self.travelled).abs();
            let by_change = 0.2 * (size + 4.0 * slot.max(1.0)) / moved.max(1e-12);
            return (0.9 * by_error.min(by_change)).clamp(0.2, 2.0);
        }
    }

    /// How many are there.
    pub(super) fn mean(&self) -> f64 {
        self.raw_mean()
    }

    /// How fast the mean grew in the last step.
    pub(super) const fn growth(&self) -> f64 {
        self.growth
    }

    pub(super) fn variance(&self) -> f64 {
        let mean = self.raw_mean();
        let away = |(point, mass): (&f64, &f64)| (point - mean) * (point - mean) * mass;
        self.window.points.iter().zip(&self.mass).map(away).sum()
    }

    /// More than so many never come in.
    pub(super) const fn most(&self) -> f64 {
        self.window.most
    }

    /// Customers a slot, above the servers.
    pub(super) const fn slot(&self) -> f64 {
        self.window.slot
    }

    /// How many were there in the last step, and with what share of the time.
    pub(super) fn during(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let back = 0.5 * self.travelled;
        let mass = self.before.iter().zip(&self.mass).map(|(before, after)| 0.5 * (before + after));
        self.window.points.iter().zip(mass).map(move |(point, mass)| (point - back, mass))
    }

    /// The points and their masses now.
    pub(super) fn now(&self) -> (&[f64], &[f64]) {
        (&self.window.points, &self.mass)
    }

    fn raw_mean(&self) -> f64 {
        self.window.points.iter().zip(&self.mass).map(|(point, mass)| point * mass).sum()
    }

    fn mean_drift(&self, rates: &impl Rates) -> f64 {
        let of = |(point, mass): (&f64, &f64)| (rates.births(*point) - rates.deaths(*point)) * mass;
        self.window.points.iter().zip(&self.mass).map(of).sum()
    }

    /// Lays the window where the mass is and will be.
    fn fit(&mut self, rates: &impl Rates, seconds: f64) {
        let (mean, variance) = (self.raw_mean(), self.variance());
        let drift = self.mean_drift(rates);
        let pace = rates.births(mean) + rates.deaths(mean);
        let slot = self.window.slot_at(mean);
        // In the steady state it does not spread on and on: twice as wide is wide enough, and what
        // comes to an end of the window makes it wider.
        let spread = (variance + pace * slot * seconds).sqrt();
        let spread = spread.min((2.0 * variance.sqrt()).max(4.0 * slot));
        if self.window.fits(mean, mean + drift * seconds, spread) {
            return;
        }
        let (points, mass) = (self.window.points.clone(), core::mem::take(&mut self.mass));
        self.window.lay_for(mean, mean + drift * seconds, spread);
        self.mass = self.window.take_over(&points, &mass);
    }

    /// Whether the mass has come to an end of the window: then the step is undone, and the window
    /// wider.
    fn widened(&mut self) -> bool {
        let (first, last) = (self.mass[0], self.mass[self.mass.len() - 1]);
        let low = first > EDGE && self.window.lowest() > 0.0;
        let high = last > EDGE && self.window.highest() < self.window.most;
        if !low && !high {
            return false;
        }
        let points = self.window.points.clone();
        self.window.widen(low, high);
        self.mass = self.window.take_over(&points, &self.before);
        true
    }

    /// Two stages of one implicit step.
    fn solve(&mut self, seconds: f64) {
        let within = STAGE * seconds;
        let [stage, target, sweep] = &mut self.scratch;
        self.flow.implicit(within, &self.mass, stage, sweep);
        let rest = (1.0 - STAGE) / STAGE;
        target.clear();
        let two = self.mass.iter().zip(stage.iter());
        target.extend(two.map(|(old, stage)| old + rest * (stage - old)));
        self.flow.implicit(within, target, &mut self.mass, sweep);
        let whole: f64 = self.mass.iter().sum();
        self.mass.iter_mut().for_each(|mass| *mass /= whole);
    }
}

impl Flow {
    /// The rates between the window's points; for a travelling window, beside its travel.
    fn set(&mut self, window: &Window, rates: &impl Rates, drift: Option<f64>) {
        let points = &window.points;
        self.up.clear();
        self.down.clear();
        for pair in points.windows(2) {
            let (low, high) = (pair[0], pair[1]);
            let slot = window.slot_at(low);
            let (slots, middle) = ((high - low) / slot, 0.5 * (low + high));
            let (mut births, mut deaths) =
                (rates.births(middle - 0.5 * slot), rates.deaths(middle + 0.5 * slot));
            if let Some(drift) = drift {
                let (pace, rest) = (births + deaths, births - deaths - drift);
                births = 0.5 * (pace + rest).max(0.0);
                deaths = 0.5 * (pace - rest).max(0.0);
            }
            let (up, down) = fitted(births, deaths, slots);
            self.up.push(up / slot);
            self.down.push(down / slot);
        }
        // From rates for a density to rates for the mass of a point, which stands for the slots
        // half way to its neighbours.
        let slots = |at: usize| {
            let low = points[at];
            (points[at + 1] - low) / window.slot_at(low)
        };
        let last = points.len() - 1;
        for at in 0..last {
            let here = slots(at);
            let below = if at == 0 { 1.0 } else { slots(at - 1) };
            let above = if at + 1 == last { 1.0 } else { slots(at + 1) };
            self.up[at] /= 0.5 * (below + here);
            self.down[at] /= 0.5 * (here + above);
        }
    }

    /// How fast the mean grows.
    fn drift(&self, points: &[f64], mass: &[f64]) -> f64 {
        let flux = |at: usize| self.up[at] * mass[at] - self.down[at] * mass[at + 1];
        (0..self.up.len()).map(|at| flux(at) * (points[at + 1] - points[at])).sum()
    }

    /// Solves x - seconds × flow(x) = from.
    fn implicit(&self, seconds: f64, from: &[f64], x: &mut Vec<f64>, sweep: &mut Vec<f64>) {
        x.clear();
        sweep.clear();
        let (mut above, mut found) = (0.0, 0.0);
        for (at, from) in from.iter().enumerate() {
            let up = self.up.get(at).copied().unwrap_or(0.0) * seconds;
            let (down, fed) = match at.checked_sub(1) {
                Some(lower) => (self.down[lower] * seconds, self.up[lower] * seconds),
                None => (0.0, 0.0),
            };
            let own = 1.0 + up + down + fed * above;
            above = -self.down.get(at).copied().unwrap_or(0.0) * seconds / own;
            found = (from + fed * found) / own;
            sweep.push(above);
            x.push(found);
        }
        for at in (0..x.len().saturating_sub(1)).rev() {
            x[at] -= sweep[at] * x[at + 1];
        }
    }
}

/// Rates up and down between two points so many slots apart, that have the drift of single slots
/// and the same steady state.
fn fitted(births: f64, deaths: f64, slots: f64) -> (f64, f64) {
    if slots <= 1.000_001 || births <= 0.0 || deaths <= 0.0 {
        return (births, deaths);
    }
    let ratio = libm::log(births / deaths) * slots;
    if ratio.abs() < 1e-4 {
        let even = 0.5 * (births + deaths) / slots;
        return (even * (1.0 + 0.5 * ratio), even * (1.0 - 0.5 * ratio));
    }
    let down = (births - deaths) / libm::expm1(ratio);
    (down + births - deaths, down)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Servers of rate one.
    struct Servers {
        births: f64,
        servers: f64,
    }

    impl Rates for Servers {
        fn births(&self, _: f64) -> f64 {
            self.births
        }
        fn deaths(&self, present: f64) -> f64 {
            present.min(self.servers)
        }
    }

    fn settle(servers: f64, births: f64, most: f64, slot: f64) -> Chain {
        let mut chain = Chain::new(servers, most);
        let (rates, mut seconds) = (Servers { births, servers }, 0.1);
        for _ in 0..400 {
            seconds *= chain.advance(seconds, slot, &rates);
            seconds = f64::min(seconds, 1e5);
        }
        chain
    }

    fn erlang_c(servers: u32, offered: f64) -> f64 {
        let blocked = (1..=servers)
            .fold(1.0, |blocked, n| offered * blocked / (f64::from(n) + offered * blocked));
        let load = offered / f64::from(servers);
        blocked / (1.0 - load * (1.0 - blocked))
    }

    #[test]
    fn a_stable_line_is_erlangs() {
        for (servers, load) in
            [(1, 0.5), (1, 0.95), (4, 0.8), (10, 0.95), (100, 0.9), (1_000, 0.98)]
        {
            let count = f64::from(servers);
            let chain = settle(count, load * count, f64::INFINITY, 1.0);
            let exact = load * count + erlang_c(servers, load * count) * load / (1.0 - load);
            let found = chain.mean();
            assert!((found / exact - 1.0).abs() < 0.01, "{servers} at {load}: {found} {exact}");
        }
    }

    #[test]
    fn varied_service_makes_lines_by_allen_and_cunneen() {
        for slot in [0.5, 1.5, 3.0] {
            let found = settle(1.0, 0.8, f64::INFINITY, slot).mean();
            // 0.8 + 0.8² ÷ (1 - 0.8) × (1 + scv) ÷ 2
            let exact = 0.8 + 3.2 * slot;
            assert!((found / exact - 1.0).abs() < 0.01, "{slot}: {found} {exact}");
        }
    }

    #[test]
    fn a_full_room_is_erlangs_loss() {
        let chain = settle(3.0, 4.0, 3.0, 1.0);
        // 4³/3! of 1 + 4 + 4²/2 + 4³/3!
        let exact = (64.0 / 6.0) / (1.0 + 4.0 + 8.0 + 64.0 / 6.0);
        let (_, mass) = chain.now();
        assert!((mass.last().unwrap() - exact).abs() < 1e-6, "{mass:?}");
    }

    #[test]
    fn an_overloaded_line_grows_by_what_is_too_much_and_comes_back() {
        let mut chain = Chain::new(10.0, f64::INFINITY);
        let mut advance = |seconds: f64, births: f64| {
            let rates = Servers { births, servers: 10.0 };
            let (mut left, mut step): (f64, f64) = (seconds, 0.05);
            let mut steps = 0;
            while left > 1e-9 {
                let now = step.min(left);
                step = (now * chain.advance(now, 1.0, &rates)).max(0.05);
                left -= now;
                steps += 1;
            }
            (chain.mean(), steps)
        };
        let (stable, _) = advance(500.0, 8.0);
        // 8 and the wait of Erlang's 0.409 × 0.8 ÷ 0.2.
        assert!((stable - 9.637).abs() < 0.05, "{stable}");
        let (grown, steps) = advance(2_000.0, 13.0);
        // Three too many for 2,000 s; while servers were still free, two more or so were served.
        assert!((grown - 6_000.0 - stable).abs() < 20.0, "{grown}");
        assert!(steps < 120, "{steps} steps");
        let (back, steps) = advance(6_000.0, 8.0);
        assert!((back - stable).abs() < 0.1, "{back}");
        assert!(steps < 200, "{steps} steps");
    }
}
