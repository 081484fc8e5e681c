//! Columns that line up in a terminal. Knows no data.

/// A table of text: cells to the left or to the right.
pub struct Grid {
    right: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    /// A column for each letter: `l` to the left, `r` to the right.
    #[must_use]
    pub fn new(columns: &str) -> Self {
        Self { right: columns.chars().map(|column| column == 'r').collect(), rows: Vec::new() }
    }

    /// One more row.
    pub fn row<I: IntoIterator<Item = S>, S: Into<String>>(&mut self, cells: I) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The table, each line indented.
    #[must_use]
    pub fn print(&self, indent: usize) -> String {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.right.len()).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for (column, cell) in row.iter().enumerate() {
                let width = widths.get(column).copied().unwrap_or_default();
                let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
                let right = self.right.get(column).copied().unwrap_or_default();
                let (before, after) = if right { (pad.as_str(), "") } else { ("", pad.as_str()) };
                line.push_str(before);
                line.push_str(cell);
                line.push_str(after);
                line.push_str("  ");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}
