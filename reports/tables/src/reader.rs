//! Reads a table back, column by column. Trusts no file: what is no table of ours is said.

use crate::schema::TABLES_VERSION;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{BoolType, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

/// The rows of a table, column by column.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    columns: BTreeMap<String, Column>,
    rows: usize,
}

/// The cells of a column.
#[derive(Clone, Debug)]
enum Column {
    /// Each word once, and which of them stands in each row.
    Text(Vec<String>, Vec<usize>),
    Int(Vec<i64>),
    Float(Vec<Option<f64>>),
    Flag(Vec<bool>),
}

/// Why a table could not be read.
#[derive(Debug)]
pub struct ReadError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub why: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for ReadError {}

impl Rows {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The names of its columns, by the alphabet.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// The text in a column of a row; empty where there is none.
    #[must_use]
    pub fn text(&self, row: usize, column: &str) -> &str {
        match self.columns.get(column) {
            Some(Column::Text(words, rows)) => {
                rows.get(row).and_then(|at| words.get(*at)).map_or("", String::as_str)
            }
            Some(Column::Int(_) | Column::Float(_) | Column::Flag(_)) | None => "",
        }
    }

    /// The number in a column of a row.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay below 2⁵³")]
    pub fn number(&self, row: usize, column: &str) -> Option<f64> {
        match self.columns.get(column)? {
            Column::Float(cells) => cells.get(row).copied().flatten(),
            Column::Int(cells) => cells.get(row).map(|number| *number as f64),
            Column::Text(..) | Column::Flag(_) => None,
        }
    }

    /// The whole number in a column of a row.
    #[must_use]
    pub fn int(&self, row: usize, column: &str) -> Option<i64> {
        match self.columns.get(column)? {
            Column::Int(cells) => cells.get(row).copied(),
            Column::Text(..) | Column::Float(_) | Column::Flag(_) => None,
        }
    }

    /// Whether it says yes.
    #[must_use]
    pub fn flag(&self, row: usize, column: &str) -> bool {
        match self.columns.get(column) {
            Some(Column::Flag(cells)) => cells.get(row) == Some(&true),
            Some(Column::Text(..) | Column::Int(_) | Column::Float(_)) | None => false,
        }
    }
}

/// Reads a table from a file.
///
/// # Errors
/// When it is not there, is no table of ours, or is damaged.
pub fn read(path: &Path) -> Result<Rows, ReadError> {
    let file = open(path)?;
    let mut rows = Rows::default();
    for group in 0..file.num_row_groups() {
        add(&mut rows, &file, group).map_err(|error| broken(path, &error))?;
    }
    Ok(rows)
}

/// Reads a table a group of rows at a time, one after another, so that a table of any length needs the memory of a group.
///
/// # Errors
/// When it is not there or is no table of ours; inside, when a group is damaged.
pub fn read_groups(
    path: &Path,
) -> Result<impl Iterator<Item = Result<Rows, ReadError>>, ReadError> {
    let (file, path) = (open(path)?, path.to_owned());
    Ok((0..file.num_row_groups()).map(move |group| {
        let mut rows = Rows::default();
        add(&mut rows, &file, group).map_err(|error| broken(&path, &error))?;
        Ok(rows)
    }))
}

fn broken(path: &Path, error: &ParquetError) -> ReadError {
    ReadError { path: path.to_owned(), why: format!("it is damaged: {error}") }
}

/// Opens a file that is a table of ours.
fn open(path: &Path) -> Result<SerializedFileReader<File>, ReadError> {
    let failed = |why: String| ReadError { path: path.to_owned(), why };
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let file = SerializedFileReader::new(file).map_err(|error| broken(path, &error))?;
    let notes = file.metadata().file_metadata().key_value_metadata();
    let version = notes.into_iter().flatten().find(|note| note.key == "seatrial.version");
    match version.and_then(|note| note.value.as_deref()) {
        None => return Err(failed("it is no table that Seatrial wrote".to_owned())),
        Some(version) if version != TABLES_VERSION.to_string() => {
            let what = format!(
                "its version is {version}, and this program reads {TABLES_VERSION}: write it anew \
                 with this program"
            );
            return Err(failed(what));
        }
        Some(_) => {}
    }
    Ok(file)
}

/// Appends a group of rows.
fn add(
    rows: &mut Rows,
    file: &SerializedFileReader<File>,
    group: usize,
) -> Result<(), ParquetError> {
    let count = file.metadata().file_metadata().schema_descr().num_columns();
    let group = file.get_row_group(group)?;
    for at in 0..count {
        let name = group.metadata().schema_descr().column(at).name().to_owned();
        let column = take(rows.columns.get_mut(&name), group.get_column_reader(at)?)?;
        column.into_iter().for_each(|column| {
            rows.columns.insert(name.clone(), column);
        });
    }
    rows.rows += usize::try_from(group.metadata().num_rows()).unwrap_or_default();
    Ok(())
}

/// Appends the cells of a group to their column; hands the column back where there was none.
fn take(column: Option<&mut Column>, reader: ColumnReader) -> Result<Option<Column>, ParquetError> {
    let mut fresh = None;
    let column = match column {
        Some(column) => column,
        None => fresh.insert(match &reader {
            ColumnReader::ByteArrayColumnReader(_) => Column::Text(Vec::new(), Vec::new()),
            ColumnReader::Int64ColumnReader(_) => Column::Int(Vec::new()),
            ColumnReader::DoubleColumnReader(_) => Column::Float(Vec::new()),
            ColumnReader::BoolColumnReader(_) => Column::Flag(Vec::new()),
            ColumnReader::Int32ColumnReader(_)
            | ColumnReader::Int96ColumnReader(_)
            | ColumnReader::FloatColumnReader(_)
            | ColumnReader::FixedLenByteArrayColumnReader(_) => {
                return Err(ParquetError::General("a column is of another kind".to_owned()));
            }
        }),
    };
    match column {
        Column::Text(words, rows) => {
            let (cells, _) = all(get_typed_column_reader::<ByteArrayType>(reader))?;
            let known = words.iter().enumerate().map(|(at, word)| (word.clone(), at));
            let mut known: BTreeMap<String, usize> = known.collect();
            for cell in cells {
                let text = cell.as_utf8()?;
                // Rows mostly say what the row before them says.
                let last = rows.last().copied().filter(|at| words[*at] == text);
                let found = last.or_else(|| known.get(text).copied());
                rows.push(found.unwrap_or(words.len()));
                if found.is_none() {
                    known.insert(text.to_owned(), words.len());
                    words.push(text.to_owned());
                }
            }
        }
        Column::Int(cells) => cells.extend(all(get_typed_column_reader::<Int64Type>(reader))?.0),
        Column::Flag(cells) => cells.extend(all(get_typed_column_reader::<BoolType>(reader))?.0),
        Column::Float(cells) => {
            let (values, there) = all(get_typed_column_reader::<DoubleType>(reader))?;
            let mut values = values.into_iter();
            let cell = |is_there: i16| if is_there > 0 { values.next() } else { None };
            cells.extend(there.into_iter().map(cell));
        }
    }
    Ok(fresh)
}

/// All cells that a reader has, and for each row whether there is one.
fn all<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
) -> Result<(Vec<T::T>, Vec<i16>), ParquetError> {
    let (mut cells, mut there) = (Vec::new(), Vec::new());
    loop {
        let (rows, _, _) = reader.read_records(1 << 16, Some(&mut there), None, &mut cells)?;
        if rows == 0 {
            return Ok((cells, there));
        }
    }
}
