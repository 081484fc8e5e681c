//! Values that hold until they change, as the corners of a line. Knows no colour.

/// A place in a chart: along, then upward.
pub(super) type Point = (f64, f64);

/// A place on the sheet, in pixels.
pub(super) type Pixel = (i32, i32);

/// The corners of a line that holds each value from its time until the next one's.
pub(super) fn steps(values: impl IntoIterator<Item = Point>, until: f64) -> Vec<Point> {
    let mut corners: Vec<Point> = Vec::new();
    for (at, value) in values {
        if let Some((_, before)) = corners.last().copied() {
            corners.push((at, before));
        }
        corners.push((at, value));
    }
    if let Some((_, last)) = corners.last().copied() {
        corners.push((until, last));
    }
    corners
}

/// The same line on the screen with fewer points: what lies on the way between two others is
/// dropped, and of many points over one pixel only the first, the lowest, the highest and the last
/// are kept.
pub(super) fn fewest(pixels: impl IntoIterator<Item = Pixel>) -> Vec<Pixel> {
    let mut kept: Vec<Pixel> = Vec::new();
    let mut column: Vec<Pixel> = Vec::new();
    for pixel in pixels {
        if column.last().is_some_and(|(along, _)| *along != pixel.0) {
            flush(&mut column, &mut kept);
        }
        column.push(pixel);
        if column.len() >= 64 {
            thin(&mut column);
        }
    }
    flush(&mut column, &mut kept);
    kept
}

fn flush(column: &mut Vec<Pixel>, kept: &mut Vec<Pixel>) {
    thin(column);
    for pixel in column.drain(..) {
        while let [.., before, last] = kept[..]
            && on_the_way(before, last, pixel)
        {
            kept.pop();
        }
        if kept.last() != Some(&pixel) {
            kept.push(pixel);
        }
    }
}

/// First, lowest, highest and last of points over one pixel.
fn thin(column: &mut Vec<Pixel>) {
    if column.len() <= 4 {
        return;
    }
    let ends = (column.first().copied(), column.last().copied());
    let heights = column.iter().map(|(_, height)| *height);
    let (low, high) = (heights.clone().min(), heights.max());
    if let ((Some(first), Some(last)), Some(low), Some(high)) = (ends, low, high) {
        *column = vec![first, (first.0, low), (first.0, high), last];
    }
}

/// Whether `middle` lies on the straight way, level or upright, between two others.
fn on_the_way(from: Pixel, middle: Pixel, to: Pixel) -> bool {
    let between = |a: i32, b: i32, c: i32| a.min(c) <= b && b <= a.max(c);
    (from.0 == middle.0 && middle.0 == to.0 && between(from.1, middle.1, to.1))
        || (from.1 == middle.1 && middle.1 == to.1 && between(from.0, middle.0, to.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_holds_until_the_next() {
        let corners = steps([(0.0, 1.0), (2.0, 3.0)], 5.0);
        assert_eq!(corners, [(0.0, 1.0), (2.0, 1.0), (2.0, 3.0), (5.0, 3.0)]);
        assert!(steps([], 5.0).is_empty());
    }

    #[test]
    fn points_that_change_nothing_are_dropped() {
        assert_eq!(fewest([(0, 5), (3, 5), (7, 5), (7, 2)]), [(0, 5), (7, 5), (7, 2)]);
    }

    #[test]
    fn a_thousand_changes_over_one_pixel_are_a_handful_of_points() {
        let flutter = (0..1_000).map(|turn| (4, if turn % 2 == 0 { 10 } else { 90 }));
        let line = fewest([(0, 50)].into_iter().chain(flutter).chain([(9, 50)]));
        assert!(line.len() <= 6, "{line:?}");
        assert!(line.contains(&(4, 10)) && line.contains(&(4, 90)));
    }
}
