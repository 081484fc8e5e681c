//! How results are written to stdout.

use clap::ValueEnum;

/// How results are written to stdout.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// One document for machines.
    Json,
}
