//! Results as tables that other tools open: what each table holds, rows of runs, and both as Parquet.
//!
//! Writes in a stream, a group of rows at a time, so that a table of any length needs the memory of a group. Knows no
//! simulator, no page and no terminal.
//!
//! ```
//! use seatrial_tables::{Cell, Writer, table};
//!
//! let days = table("days").expect("there is such a table");
//! let mut bytes = Vec::new();
//! let mut writer = Writer::new(days, &[], &mut bytes).expect("memory takes all");
//! let cells = [Cell::Int(7), Cell::Int(0), Cell::Int(200), Cell::Int(80), Cell::Int(5), Cell::Int(90), Cell::Int(12)];
//! writer.row(&[], &[cells.as_slice(), &[Cell::Float(31.5)]].concat()).expect("memory takes all");
//! writer.close().expect("memory takes all");
//! assert_eq!(&bytes[..4], b"PAR1");
//! ```

mod lives;
mod of_record;
mod reader;
mod schema;
mod series;
mod writer;

pub use lives::LifeFile;
pub use of_record::Tables;
pub use reader::{ReadError, Rows, read, read_groups};
pub use schema::{Column, Kind, TABLES, TABLES_VERSION, Table, table};
pub use series::SeriesFile;
pub use writer::{Cell, Writer};
