//! Columns that line up in a terminal, whatever their cells say. Knows no data.

use seatrial_contract::outside;
use unicode_width::UnicodeWidthStr;

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
        let safe = |cell: S| outside::sentence(&cell.into());
        self.rows.push(cells.into_iter().map(safe).collect());
    }

    /// The table, each line indented.
    #[must_use]
    pub fn print(&self, indent: usize) -> String {
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.right.len()).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(indent);
            for (column, cell) in row.iter().enumerate() {
                let width = widths.get(column).copied().unwrap_or_default();
                let pad = " ".repeat(width.saturating_sub(cell.width()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_can_neither_forge_a_line_nor_shift_a_column() {
        let mut grid = Grid::new("lr");
        grid.row(["ann\nbob\u{1b}[2J", "1"]);
        grid.row(["名前", "22"]);
        assert_eq!(grid.print(1), " ann·bob·[2J   1\n 名前         22\n");
    }
}
