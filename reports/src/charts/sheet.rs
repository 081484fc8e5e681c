//! One chart on paper: title, axes, shapes and legend, drawn by plotters as SVG.
//!
//! Text is anchored and never measured, so no font is needed: plotters is built without one and
//! guesses. A build that enables its `ab_glyph` must register a font, or it panics here.

use super::labels::plain;
use super::scale::Scale;
use super::steps::{Pixel, Point, fewest};
use core::ops::Range;
use plotters::coord::Shift;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    Cartesian2d, ChartBuilder, ChartContext, Color, DrawingArea, FontStyle, IntoDrawingArea,
    IntoFont, PathElement, Polygon, RGBColor, Rectangle, SVGBackend, TextStyle,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A colour.
pub(super) type Rgb = (u8, u8, u8);

// Okabe and Ito's colours, which people with any colour vision tell apart; but for their yellow,
// which is too faint on white.
pub(super) const BLUE: Rgb = (0x00, 0x72, 0xb2);
pub(super) const SKY: Rgb = (0x56, 0xb4, 0xe9);
pub(super) const VERMILLION: Rgb = (0xd5, 0x5e, 0x00);
const GREEN: Rgb = (0x00, 0x9e, 0x73);
const ORANGE: Rgb = (0xe6, 0x9f, 0x00);
const PURPLE: Rgb = (0xcc, 0x79, 0xa7);
const BLACK: Rgb = (0x22, 0x22, 0x22);

/// For parts of equal rank; neighbours differ in brightness too.
pub(super) const PALETTE: [Rgb; 7] = [BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, BLACK];
/// For all that has no colour of its own.
pub(super) const REST: Rgb = (0xaa, 0xaa, 0xaa);

/// The same colour, three parts in four paper.
pub(super) fn tint((red, green, blue): Rgb) -> Rgb {
    let pale = |part: u8| 255 - (255 - part) / 4;
    (pale(red), pale(green), pale(blue))
}

/// How long a name in the legend may be.
pub(super) const LEGEND_COLUMNS: usize = 20;

const SIZE: (u32, u32) = (960, 420);
const LEGEND_LEFT: i32 = 776;
pub(super) const PAPER: Rgb = (0xff, 0xff, 0xff);
const INK: Rgb = (0x22, 0x22, 0x22);
const FAINT: Rgb = (0x66, 0x66, 0x66);
const RULE: Rgb = (0xe4, 0xe4, 0xe4);

/// What is drawn.
pub(super) struct Sheet {
    pub(super) title: String,
    pub(super) subtitle: String,
    pub(super) along: Axis,
    pub(super) upward: Axis,
    /// To the right, in the colour of the last shape; it must have as many marks as `upward`.
    pub(super) second: Option<Axis>,
    pub(super) shapes: Vec<Shape>,
    pub(super) legend: Vec<Entry>,
}

/// An axis and what it is in.
pub(super) struct Axis {
    label: String,
    scale: Scale,
    /// What stands at each mark; nothing where it is empty.
    written: Vec<String>,
}

impl Axis {
    /// With plain numbers at its marks.
    pub(super) fn new(label: String, scale: Scale) -> Self {
        Self::written(label, scale, plain)
    }

    /// With the numbers at its marks written so.
    pub(super) fn written(label: String, scale: Scale, number: fn(f64, f64) -> String) -> Self {
        let written = scale.marks.iter().map(|mark| number(*mark, scale.end)).collect();
        Self { label, scale, written }
    }

    /// With these words at its marks.
    pub(super) fn worded(label: String, scale: Scale, written: Vec<String>) -> Self {
        Self { label, scale, written }
    }

    fn at(&self, mark: f64) -> String {
        let marks = self.scale.marks.iter().zip(&self.written);
        let near = |at: f64| (at - mark).abs() <= self.scale.end * 1e-9;
        marks.into_iter().find(|(at, _)| near(**at)).map_or(String::new(), |(_, w)| w.clone())
    }
}

/// Something drawn, in the units of the axes.
pub(super) enum Shape {
    /// A line.
    Line { points: Vec<Point>, colour: Rgb },
    /// What lies between a line and a height below it.
    Area { points: Vec<Point>, foot: f64, colour: Rgb },
    /// A piece of a bar.
    Bar { low: Point, high: Point, colour: Rgb },
}

/// How a legend shows a colour.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    Line,
    Block,
}

/// A line of the legend, and a fainter one below it.
pub(super) struct Entry {
    mark: Mark,
    colour: Rgb,
    name: String,
    detail: String,
    beside: Option<f64>,
}

impl Entry {
    /// Shown so.
    pub(super) fn new(mark: Mark, colour: Rgb, name: String, detail: String) -> Self {
        Self { mark, colour, name, detail, beside: None }
    }

    /// At this height of the upward axis, instead of below the one before.
    pub(super) fn beside(self, height: f64) -> Self {
        Self { beside: Some(height), ..self }
    }
}

type Paper<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<Scale, Scale>>;

impl Sheet {
    /// The picture; none where plotters refuses.
    pub(super) fn svg(&self) -> Option<String> {
        let mut svg = String::new();
        {
            let paper = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
            paper.fill(&rgb(PAPER)).ok()?;
            write(&paper, &self.title, (20, 24), &styled(17, INK, HPos::Left, FontStyle::Bold))?;
            write(&paper, &self.subtitle, (20, 46), &text(12, FAINT, HPos::Left))?;
            let chart = self.axes(&paper)?;
            for shape in &self.shapes {
                shape.draw(&paper, &chart)?;
            }
            // Over the shapes: the foot on which they stand.
            let foot =
                [(0.0, 0.0), (self.along.scale.end, 0.0)].map(|end| chart.backend_coord(&end));
            paper.draw(&PathElement::new(foot.to_vec(), rgb(FAINT).stroke_width(1))).ok()?;
            self.second_axis(&paper, &chart)?;
            self.legend(&paper, &chart)?;
            paper.present().ok()?;
        }
        Some(self.labelled(&svg))
    }

    fn axes<'a>(&self, paper: &Paper<'a>) -> Option<Chart<'a>> {
        let small = text(12, FAINT, HPos::Left);
        let right = if self.second.is_some() { 252 } else { 204 };
        let mut chart = ChartBuilder::on(paper)
            .margin_top(70)
            .margin_right(right)
            .margin_bottom(12)
            .margin_left(20)
            .x_label_area_size(44)
            .y_label_area_size(58)
            .build_cartesian_2d(self.along.scale.clone(), self.upward.scale.clone())
            .ok()?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(rgb(RULE))
            .axis_style(rgb(RULE))
            .set_all_tick_mark_size(4)
            .label_style(small.clone())
            .axis_desc_style(small)
            .x_desc(self.along.label.clone())
            .y_desc(self.upward.label.clone())
            .x_label_formatter(&|at| self.along.at(*at))
            .y_label_formatter(&|at| self.upward.at(*at))
            .draw()
            .ok()?;
        Some(chart)
    }

    fn second_axis<'a>(&self, paper: &Paper<'a>, chart: &Chart<'a>) -> Option<()> {
        let Some(second) = &self.second else { return Some(()) };
        let colour = self.shapes.last().map_or(FAINT, Shape::colour);
        let end = self.along.scale.end;
        for (words, at) in second.written.iter().zip(&self.upward.scale.marks) {
            let (x, y) = chart.backend_coord(&(end, *at));
            write(paper, words, (x + 8, y), &text(12, colour, HPos::Left))?;
        }
        Some(())
    }

    fn legend<'a>(&self, paper: &Paper<'a>, chart: &Chart<'a>) -> Option<()> {
        let mut y = 80;
        for entry in &self.legend {
            if let Some(height) = entry.beside {
                y = chart.backend_coord(&(0.0, height)).1 - 8;
            }
            let colour = rgb(entry.colour);
            let half = match entry.mark {
                Mark::Line => 1,
                Mark::Block => 6,
            };
            let corners = [(LEGEND_LEFT, y - half), (LEGEND_LEFT + 16, y + half)];
            paper.draw(&Rectangle::new(corners, colour.filled())).ok()?;
            let left = LEGEND_LEFT + 24;
            write(paper, &entry.name, (left, y), &text(13, INK, HPos::Left))?;
            write(paper, &entry.detail, (left, y + 16), &text(11, FAINT, HPos::Left))?;
            y += if entry.detail.is_empty() { 24 } else { 40 };
        }
        Some(())
    }

    /// With a name for those who cannot see it.
    fn labelled(&self, svg: &str) -> String {
        let title = format!("{}: {}", self.title, self.subtitle);
        let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        svg.replacen(">\n", &format!(" role=\"img\">\n<title>{title}</title>\n"), 1)
            .replace(" opacity=\"1\"", "")
    }
}

impl Shape {
    fn colour(&self) -> Rgb {
        match self {
            Self::Line { colour, .. } | Self::Area { colour, .. } | Self::Bar { colour, .. } => {
                *colour
            }
        }
    }

    fn draw<'a>(&self, paper: &Paper<'a>, chart: &Chart<'a>) -> Option<()> {
        let place = |point: &Point| chart.backend_coord(point);
        match self {
            Self::Line { points, colour } => {
                let line = fewest(points.iter().map(place));
                paper.draw(&PathElement::new(line, rgb(*colour).stroke_width(2))).ok()
            }
            Self::Area { points, foot, colour } => {
                let mut outline: Vec<Pixel> = fewest(points.iter().map(place));
                let (first, last) = (*points.first()?, *points.last()?);
                outline.extend([place(&(last.0, *foot)), place(&(first.0, *foot))]);
                paper.draw(&Polygon::new(outline, rgb(*colour).filled())).ok()
            }
            Self::Bar { low, high, colour } => {
                let ((left, bottom), (right, top)) = (place(low), place(high));
                // Paper shows between bars and between their pieces, where there is room for it.
                let gap = if right - left >= 6 { (right - left) / 6 } else { 0 };
                let seam = i32::from(low.1 > 0.0 && bottom - top >= 4);
                let corners =
                    [(left + gap.div_euclid(2), top), (right - (gap + 1) / 2, bottom - seam)];
                paper.draw(&Rectangle::new(corners, rgb(*colour).filled())).ok()
            }
        }
    }
}

impl Ranged for Scale {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        RangedCoordf64::from(self.range()).map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.marks.clone() }
    }

    fn range(&self) -> Range<f64> {
        0.0..self.end
    }
}

fn rgb((red, green, blue): Rgb) -> RGBColor {
    RGBColor(red, green, blue)
}

fn write(paper: &Paper<'_>, words: &str, at: Pixel, style: &TextStyle<'_>) -> Option<()> {
    if words.is_empty() {
        return Some(());
    }
    paper.draw_text(words, style, at).ok()
}

fn text(pixels: u32, colour: Rgb, side: HPos) -> TextStyle<'static> {
    styled(pixels, colour, side, FontStyle::Normal)
}

fn styled(pixels: u32, colour: Rgb, side: HPos, style: FontStyle) -> TextStyle<'static> {
    // plotters takes a font's height and writes its size, 1.24 times smaller.
    let font = ("sans-serif", f64::from(pixels) * 1.24).into_font().style(style);
    let mut style = TextStyle::from(font).pos(Pos::new(side, VPos::Center));
    style.color = rgb(colour).to_backend_color();
    style
}
