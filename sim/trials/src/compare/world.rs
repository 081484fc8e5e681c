//! What a comparison asks of a world. Runs none.

use seatrial_record::{Half, Row};

/// One of two worlds.
pub trait World: Sync {
    /// Why a run of it may fail.
    type Error: Send;

    /// What it is.
    fn half(&self) -> Half;

    /// Runs a seed; with every action where it is to be whole.
    ///
    /// # Errors
    /// It could not be run.
    fn row(&self, seed: u64, is_whole: bool) -> Result<Row, Self::Error>;
}
