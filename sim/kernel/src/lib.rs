//! The kernel of the simulator: what happens next, how long things take, and what was seen. Knows nothing of
//! tenants, machines or policies.
//!
//! A simulation is a loop over three parts. The [`agenda`] hands out one event after another in the order of
//! time; [`chance`] says how long something takes, from a stream of random numbers that has a name;
//! [`statistics`] keeps what is measured in bounded memory. Here is a whole one: customers come to one server
//! every ten seconds on the mean, and each is served for eight.
//!
//! ```
//! use seatrial_contract::{Dice, Purpose, units::{Moment, Span}};
//! use seatrial_kernel::agenda::{Agenda, Class};
//! use seatrial_kernel::chance::Distribution;
//! use seatrial_kernel::statistics::TimeWeighted;
//!
//! // What can happen. Events are small values that are copied.
//! #[derive(Clone, Copy)]
//! enum Event { Comes, Leaves }
//!
//! // Each purpose has a stream of its own, so that one more draw here shifts nothing there.
//! let dice = Dice::new(7);
//! let mut gaps = dice.stream(0, Purpose::new("gaps"));
//! let mut times = dice.stream(0, Purpose::new("service times"));
//! let gap = Distribution::exponential(Span::seconds(10))?;
//! let service = Distribution::exponential(Span::seconds(8))?;
//!
//! // Events at the same moment leave by class, and within a class in the order in which they were planned.
//! let class = Class(0);
//! let ends = Moment::START.after(Span::days(100));
//! let mut agenda = Agenda::new();
//! agenda.schedule(Moment::START.after(gap.sample(&mut gaps)), class, Event::Comes);
//!
//! // How many are there, weighted by time.
//! let mut there = TimeWeighted::new(Moment::START, 0);
//! while let Some((now, event)) = agenda.next(ends) {
//!     match event {
//!         Event::Comes => {
//!             agenda.schedule(now.after(gap.sample(&mut gaps)), class, Event::Comes);
//!             if there.value() == 0 {
//!                 agenda.schedule(now.after(service.sample(&mut times)), class, Event::Leaves);
//!             }
//!             there.add(now, 1);
//!         }
//!         Event::Leaves => {
//!             there.add(now, -1);
//!             if there.value() > 0 {
//!                 agenda.schedule(now.after(service.sample(&mut times)), class, Event::Leaves);
//!             }
//!         }
//!     }
//! }
//!
//! // A queue with a utilisation of 0.8 has 0.8 / (1 - 0.8) = 4 on the mean.
//! let mean = there.mean(ends);
//! assert!((mean - 4.0).abs() < 0.2, "{mean}");
//! # Ok::<(), seatrial_kernel::chance::Impossible>(())
//! ```
//!
//! The same seed gives the same result to the byte, on every platform: times are whole nanoseconds, draws use
//! `libm`, and nothing here reads a clock. Time-outs that are cancelled more often than they fire belong in a
//! [lane](agenda::Agenda::lane). How fast it is beside others: `sim/kernel/benches/README.md`.

pub mod agenda;
pub mod chance;
pub mod statistics;
