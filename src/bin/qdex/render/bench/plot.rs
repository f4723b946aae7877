//! Plots as SVG that stands inside a page: lines over two axes, whose colours the page's styles choose.

use std::fmt::Write;

use super::html::escape;

/// The area of a plot without its labels, and the room around it.
const WIDTH: f64 = 236.0;
const HEIGHT: f64 = 120.0;
const LEFT: f64 = 52.0;
const TOP: f64 = 10.0;
const BELOW: f64 = 34.0;
const RIGHT: f64 = 14.0;

/// A plot.
pub(super) struct Plot<'a> {
    /// What stands above it, and is read out instead of it.
    pub(super) title: &'a str,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) lines: Vec<Line>,
}

/// An axis from its least to its greatest value, with what is written beside it.
#[derive(Clone)]
pub(super) struct Axis {
    pub(super) least: f64,
    pub(super) greatest: f64,
    pub(super) ticks: Vec<(f64, String)>,
    pub(super) label: &'static str,
}

/// A line through points in the values of the axes.
pub(super) struct Line {
    /// The class of its style: `main`, `tail`, `limit`.
    pub(super) style: &'static str,
    /// What stands at its end.
    pub(super) name: String,
    pub(super) points: Vec<(f64, f64)>,
    pub(super) has_dots: bool,
}

impl Axis {
    /// Returns an axis of logarithms that has all values, from one power of ten to another.
    pub(super) fn of_logarithms(
        values: impl Iterator<Item = f64>,
        label: &'static str,
        written: fn(f64) -> String,
    ) -> Axis {
        let (least, greatest) = values
            .filter(|value| *value > 0.0)
            .fold((f64::MAX, f64::MIN), |(least, greatest), value| {
                (least.min(value), greatest.max(value))
            });
        let (least, greatest) = if least > greatest {
            (1.0, 10.0)
        } else {
            (least, greatest)
        };
        let first = least.log10().floor();
        let last = greatest.log10().ceil().max(first + 1.0);
        let ticks = (first as i32..=last as i32).map(|power| {
            let power = f64::from(power);
            (power, written(10_f64.powf(power)))
        });
        Axis {
            least: first,
            greatest: last,
            ticks: ticks.collect(),
            label,
        }
    }

    /// Returns how far along the axis a value is, from 0 to 1.
    fn place(&self, value: f64) -> f64 {
        ((value - self.least) / (self.greatest - self.least).max(1e-9)).clamp(0.0, 1.0)
    }
}

impl Plot<'_> {
    /// Returns the plot as a figure.
    pub(super) fn figure(&self) -> String {
        let x = |value: f64| LEFT + self.x.place(value) * WIDTH;
        let y = |value: f64| TOP + (1.0 - self.y.place(value)) * HEIGHT;
        let (whole_width, whole_height) = (LEFT + WIDTH + RIGHT, TOP + HEIGHT + BELOW);
        let title = escape(self.title);
        let mut svg = format!(
            "<figure><figcaption>{title}</figcaption><svg viewBox=\"0 0 {whole_width} {whole_height}\" role=\"img\" aria-label=\"{title}\">"
        );
        // Writing to a string does not fail.
        for (value, written) in &self.y.ticks {
            let (at, right) = (y(*value), LEFT + WIDTH);
            let _ = write!(
                svg,
                "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{right}\"/><text class=\"left\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                LEFT - 6.0,
                at + 3.5,
                escape(written)
            );
        }
        for (value, written) in &self.x.ticks {
            let (at, bottom) = (x(*value), TOP + HEIGHT);
            let _ = write!(
                svg,
                "<path class=\"grid\" d=\"M{at:.1} {TOP}V{bottom}\"/><text class=\"below\" x=\"{at:.1}\" y=\"{:.1}\">{}</text>",
                bottom + 14.0,
                escape(written)
            );
        }
        let _ = write!(
            svg,
            "<text class=\"below label\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            LEFT + WIDTH / 2.0,
            TOP + HEIGHT + 28.0,
            escape(self.x.label)
        );
        for line in &self.lines {
            let points: Vec<(f64, f64)> = line
                .points
                .iter()
                .map(|(at, value)| (x(*at), y(*value)))
                .collect();
            let mut path = String::new();
            for (place, (at, value)) in points.iter().enumerate() {
                let step = if place == 0 { 'M' } else { 'L' };
                let _ = write!(path, "{step}{at:.1} {value:.1}");
            }
            let _ = write!(svg, "<path class=\"{}\" d=\"{path}\"/>", line.style);
            if line.has_dots {
                for (at, value) in &points {
                    let _ = write!(
                        svg,
                        "<circle class=\"{}\" cx=\"{at:.1}\" cy=\"{value:.1}\" r=\"2.6\"/>",
                        line.style
                    );
                }
            }
            if let Some((at, value)) = points.last() {
                let _ = write!(
                    svg,
                    "<text class=\"name {}\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                    line.style,
                    at - 3.0,
                    (value - 5.0).max(TOP + 8.0),
                    escape(&line.name)
                );
            }
        }
        svg.push_str("</svg></figure>");
        svg
    }
}
