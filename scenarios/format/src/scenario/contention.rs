//! How much connections that work at the same time slow one another down. Computes nothing.

use seatrial_contract::config::{Located, element};

element! {
    /// How much the connections of a database that work at the same time get done together, in
    /// units of what one of them gets done alone. `seatrial calibrate` finds it from measurements.
    ///
    /// Measured on one machine and carried over to another with more cores it is an assumption:
    /// that the plateau grows with the cores, and crowding with connections over cores.
    pub struct Contention {
        /// The plateau: how much a core gets done when there is always work for it. Above 1 where a
        /// connection alone leaves the machine idle on the way, below 1 where a disk is the limit.
        per_core: Located<f64> = Located::nowhere(PER_CORE),
        /// How sharply the rise bends into the plateau: 1 gently, 16 at once.
        knee: Located<f64> = Located::nowhere(KNEE),
        /// How much slower everything gets with each further connection a core, beyond the first.
        crowding: Located<f64> = Located::nowhere(CROWDING),
        /// The share of a connection's time alone that goes into waking up sleeping processors, and
        /// that it saves when others keep them awake.
        waking: Located<f64> = Located::nowhere(WAKING),
    }
}

// A core gets done what one connection alone gets done. Azure's 8 vCPU: 1.1 (cached), 0.43 (disk).
const PER_CORE: f64 = 1.0;
// Our judgement: with 4, a machine at as many connections as cores gives 84 % of its plateau.
const KNEE: f64 = 4.0;
// PostgreSQL 15 on two cores, up to 64 connections: fits give 0.02 to 0.04.
const CROWDING: f64 = 0.02;
// Nothing, unless measured: it says as much about the client's machine as about the server's.
const WAKING: f64 = 0.0;

impl Default for Contention {
    fn default() -> Self {
        let at = Located::nowhere;
        Self { per_core: at(PER_CORE), knee: at(KNEE), crowding: at(CROWDING), waking: at(WAKING) }
    }
}
