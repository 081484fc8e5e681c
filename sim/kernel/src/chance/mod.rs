//! Distributions of chance over spans of time, and the weekly rhythm that bends them.
//!
//! Every draw is built from integers, `+ - * /`, square roots and `libm`, so its bytes are the
//! same in each profile and on each platform. Knows no seed (streams are handed in), no clock, no
//! tenant; keeps nothing between draws.
//!
//! ```
//! use seatrial_contract::{Dice, Purpose, units::Span};
//! use seatrial_kernel::chance::Distribution;
//!
//! let wake = Distribution::lognormal(Span::seconds(20), Span::minutes(2))?; // median, 95th percentile
//! let mut stream = Dice::new(7).stream(0, Purpose::new("wake"));
//! assert!(wake.sample(&mut stream) > Span::ZERO);
//! # Ok::<(), seatrial_kernel::chance::Impossible>(())
//! ```

mod bounded_pareto;
mod distribution;
mod empirical;
mod exponential;
mod gamma;
mod hyper_exponential;
mod impossible;
mod lognormal;
mod normal;
mod quantile;
mod rest;
mod rhythm;
mod rounding;
mod thinning;
mod uniform;
mod weibull;
mod ziggurat;
mod zipf;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod twin;

pub use bounded_pareto::BoundedPareto;
pub use distribution::Distribution;
pub use empirical::Empirical;
pub use exponential::exponential;
pub use gamma::Gamma;
pub use hyper_exponential::HyperExponential;
pub use impossible::Impossible;
pub use lognormal::Lognormal;
pub use normal::normal;
pub use quantile::normal_quantile;
pub use rest::UnderWay;
pub use rhythm::Rhythm;
pub use thinning::next_arrival;
pub use uniform::Uniform;
pub use weibull::Weibull;
pub use zipf::Zipf;
