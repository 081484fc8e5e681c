//! Writes a table as Parquet, a group of rows at a time. Knows no table.

use crate::schema::{Kind, TABLES_VERSION, Table};
use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use std::io::{self, Write};
use std::sync::Arc;

/// One cell of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Text.
    Text(&'a str),
    /// A whole number.
    Int(i64),
    /// A number, if there is one.
    Float(Option<f64>),
    /// Yes or no.
    Flag(bool),
}

/// So many rows are kept until they are written: some megabytes.
const GROUP: usize = 1 << 15;

/// Writes one table.
pub struct Writer<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Cells>,
    rows: usize,
}

/// The cells of one column that are not written yet.
pub(crate) enum Cells {
    Text(Vec<ByteArray>),
    Int(Vec<i64>),
    /// Those that are there, and for each row whether one is.
    Float(Vec<f64>, Vec<i16>),
    Flag(Vec<bool>),
}

impl Cells {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(Vec::new()),
            Kind::Int => Self::Int(Vec::new()),
            Kind::Float => Self::Float(Vec::new(), Vec::new()),
            Kind::Flag => Self::Flag(Vec::new()),
        }
    }

    fn push(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Self::Text(cells), Cell::Text(text)) => cells.push(text.into()),
            (Self::Int(cells), Cell::Int(number)) => cells.push(number),
            (Self::Float(cells, there), Cell::Float(number)) => {
                cells.extend(number);
                there.push(i16::from(number.is_some()));
            }
            (Self::Flag(cells), Cell::Flag(flag)) => cells.push(flag),
            (Self::Text(_) | Self::Int(_) | Self::Float(..) | Self::Flag(_), cell) => {
                unreachable!("{cell:?} does not belong into its column")
            }
        }
    }

    pub(crate) fn floats(&mut self, numbers: impl Iterator<Item = Option<f64>>) {
        let Self::Float(cells, there) = self else { unreachable!("no column of numbers") };
        for number in numbers {
            cells.extend(number);
            there.push(i16::from(number.is_some()));
        }
    }

    /// So many times the same.
    pub(crate) fn repeat(&mut self, cell: &Cell<'_>, times: usize) {
        match (self, cell) {
            (Self::Text(cells), Cell::Text(text)) => {
                let text = ByteArray::from(*text);
                cells.extend(core::iter::repeat_n(text, times));
            }
            (Self::Int(cells), Cell::Int(number)) => {
                cells.extend(core::iter::repeat_n(*number, times));
            }
            (column, cell) => (0..times).for_each(|_| column.push(*cell)),
        }
    }

    fn write<W: Write + Send>(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        match self {
            Self::Text(cells) => put::<ByteArrayType, W>(group, cells, None),
            Self::Int(cells) => put::<Int64Type, W>(group, cells, None),
            Self::Float(cells, there) => {
                put::<DoubleType, W>(group, cells, Some(there))?;
                there.clear();
                Ok(())
            }
            Self::Flag(cells) => put::<BoolType, W>(group, cells, None),
        }
    }
}

fn put<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    cells: &mut Vec<T::T>,
    there: Option<&[i16]>,
) -> Result<(), ParquetError> {
    if let Some(mut column) = group.next_column()? {
        column.typed::<T>().write_batch(cells, there, None)?;
        column.close()?;
    }
    cells.clear();
    Ok(())
}

/// The columns of keys, then those of the table.
fn schema(table: &Table, keys: &[&str]) -> Result<Type, ParquetError> {
    let column = |name: &str, kind: Kind| {
        let (physical, repetition) = match kind {
            Kind::Text => (PhysicalType::BYTE_ARRAY, Repetition::REQUIRED),
            Kind::Int => (PhysicalType::INT64, Repetition::REQUIRED),
            Kind::Float => (PhysicalType::DOUBLE, Repetition::OPTIONAL),
            Kind::Flag => (PhysicalType::BOOLEAN, Repetition::REQUIRED),
        };
        let text = (kind == Kind::Text).then_some(LogicalType::String);
        let built = Type::primitive_type_builder(name, physical).with_repetition(repetition);
        built.with_logical_type(text).build().map(Arc::new)
    };
    let keys = keys.iter().map(|key| column(key, Kind::Text));
    let own = table.columns.iter().map(|of| column(of.name, of.kind));
    let fields = keys.chain(own).collect::<Result<Vec<_>, ParquetError>>()?;
    Type::group_type_builder(table.name).with_fields(fields).build()
}

/// The same table has the same bytes.
fn properties(table: &Table) -> WriterProperties {
    let note = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .set_created_by("seatrial".to_owned())
        .set_key_value_metadata(Some(vec![
            note("seatrial.table", table.name.to_owned()),
            note("seatrial.version", TABLES_VERSION.to_string()),
        ]))
        .build()
}

pub(crate) fn failed(error: ParquetError) -> io::Error {
    let ParquetError::External(error) = error else { return io::Error::other(error) };
    error.downcast::<io::Error>().map_or_else(io::Error::other, |error| *error)
}

impl<W: Write + Send> Writer<W> {
    /// Begins a table; `keys` are columns of text that stand before its own.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(table: &Table, keys: &[&str], to: W) -> io::Result<Self> {
        let schema = schema(table, keys).map_err(failed)?;
        let properties = Arc::new(properties(table));
        let file = SerializedFileWriter::new(to, Arc::new(schema), properties).map_err(failed)?;
        let keys = keys.iter().map(|_| Kind::Text);
        let kinds = keys.chain(table.columns.iter().map(|column| column.kind));
        Ok(Self { file, columns: kinds.map(Cells::new).collect(), rows: 0 })
    }

    /// One more row: its keys, then its cells.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn row(&mut self, keys: &[&str], cells: &[Cell<'_>]) -> io::Result<()> {
        let keys = keys.iter().map(|key| Cell::Text(key));
        let cells = keys.chain(cells.iter().copied());
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
        self.came(1)
    }

    /// Its columns, for one who fills them.
    pub(crate) fn columns(&mut self) -> &mut [Cells] {
        &mut self.columns
    }

    /// So many rows more were filled in.
    pub(crate) fn came(&mut self, rows: usize) -> io::Result<()> {
        self.rows += rows;
        if self.rows >= GROUP { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> io::Result<()> {
        let mut group = self.file.next_row_group().map_err(failed)?;
        for column in &mut self.columns {
            column.write(&mut group).map_err(failed)?;
        }
        group.close().map_err(failed)?;
        self.rows = 0;
        Ok(())
    }

    /// Writes what is left, and the end.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn close(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.file.into_inner().map_err(failed)
    }
}
