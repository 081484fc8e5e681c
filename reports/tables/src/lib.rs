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
//! // Its seed and day, tenants, how many of them sleep, machines, logins, wakes, and the bill.
//! let [seed, day, tenants, asleep] = [7, 0, 200, 80].map(Cell::Int);
//! let [machines, logins, wakes] = [5, 90, 12].map(Cell::Int);
//! let bill = Cell::Float(Some(31.5));
//! let cells = [seed, day, tenants, asleep, machines, logins, wakes, bill];
//! writer.row(&[], &cells).expect("memory takes all");
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
