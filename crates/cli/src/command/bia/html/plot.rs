//! Plots as SVG: exceedance, impact over time, the fluid form against the engine.

use std::fmt::Write as _;

use holdfast_continuity::bia::BANDS;
use holdfast_continuity::calibrate::Pair;

use super::super::tell::Coin;
use crate::report::html::{escape, rounded_up};

/// The drawing's area inside its margins.
const LEFT: f64 = 90.0;
const RIGHT: f64 = 760.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 290.0;
/// Colours of lines, told apart in either scheme; dashes tell the next round of them.
const COLOURS: [&str; 7] = ["#0a5c8f", "#c77d1a", "#0b6e4f", "#a4262c", "#6b4fa0", "#4f7d8f", "#8a6d3b"];
const DASHES: [&str; 3] = ["none", "6 3", "2 3"];

/// A drawing with a frame.
struct Plot {
    text: String,
    coin: Coin,
}

impl Plot {
    fn new(label: &str, coin: Coin) -> Self {
        let text = format!(
            "<div class=\"wide plot\"><svg viewBox=\"0 0 900 330\" role=\"img\" aria-label=\"{}\">",
            escape(label)
        );
        let mut plot = Self { text, coin };
        plot.line(&[(LEFT, BOTTOM), (RIGHT, BOTTOM)], "currentColor", "none");
        plot.line(&[(LEFT, TOP), (LEFT, BOTTOM)], "currentColor", "none");
        plot
    }

    fn put(&mut self, part: std::fmt::Arguments) {
        self.text.write_fmt(part).expect("writing to a string cannot fail");
    }

    fn line(&mut self, points: &[(f64, f64)], colour: &str, dash: &str) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        self.put(format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" stroke-dasharray=\"{dash}\"/>",
            points.join(" ")
        ));
    }

    fn text(&mut self, x: f64, y: f64, anchor: &str, text: &str) {
        self.put(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escape(text)
        ));
    }

    /// Money up the side, four steps of a linear scale.
    fn money_axis(&mut self, most: f64) {
        for step in 0..=4 {
            let value = most * f64::from(step) / 4.0;
            self.text(LEFT - 6.0, up(value, most) + 4.0, "end", &self.coin.whole(value));
        }
    }

    fn end(mut self) -> String {
        self.text.push_str("</svg></div>");
        self.text
    }
}

/// Height of a value of a linear scale.
fn up(value: f64, most: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * (value / most.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0)
}

/// Place of a value of a logarithmic scale.
fn along(value: f64, least: f64, most: f64) -> f64 {
    let span = (most / least).ln().max(f64::MIN_POSITIVE);
    LEFT + (RIGHT - LEFT) * ((value / least).ln() / span).clamp(0.0, 1.0)
}

/// The exceedance curves: return period, greatest event, whole year.
pub fn exceedance(curve: &[(f64, f64, f64)], coin: Coin) -> String {
    let longest = curve.iter().map(|point| point.0).fold(2.0, f64::max);
    let most = rounded_up(curve.iter().map(|point| point.1.max(point.2)).fold(0.0, f64::max));
    let mut plot = Plot::new("Loss by return period: greatest event and whole year", coin);
    plot.money_axis(most);
    let mut tick = 1.0;
    while tick <= longest {
        plot.text(along(tick, 1.0, longest), BOTTOM + 16.0, "middle", &format!("{tick:.0} y"));
        tick *= 10.0;
    }
    let points = |of: fn(&(f64, f64, f64)) -> f64| -> Vec<(f64, f64)> {
        curve.iter().map(|point| (along(point.0, 1.0, longest), up(of(point), most))).collect()
    };
    plot.line(&points(|point| point.1), COLOURS[0], DASHES[0]);
    plot.line(&points(|point| point.2), COLOURS[3], DASHES[1]);
    legend(
        &mut plot,
        &["one event (OEP)", "a year (AEP)"],
        &[(COLOURS[0], DASHES[0]), (COLOURS[3], DASHES[1])],
    );
    plot.end()
}

/// Losses by the end of each band, a line each; losses span decades, so the scale is logarithmic from 1 up.
pub fn curves(lines: &[(&str, &[f64])], coin: Coin) -> String {
    let most = lines.iter().flat_map(|(_, curve)| curve.iter().copied()).fold(100.0, f64::max);
    let height = |loss: f64| {
        BOTTOM
            - (BOTTOM - TOP) * ((loss.max(100.0) / 100.0).ln() / (most / 100.0).ln().max(f64::MIN_POSITIVE))
    };
    let mut plot = Plot::new("Loss by the end of each band of time", coin);
    let mut tick = 100.0;
    while tick <= most {
        plot.text(LEFT - 6.0, height(tick) + 4.0, "end", &coin.whole(tick));
        tick *= 10.0;
    }
    let x = |band: usize| LEFT + (RIGHT - LEFT) * band as f64 / (BANDS.len() - 1) as f64;
    for (band, name) in BANDS.iter().enumerate() {
        plot.text(x(band), BOTTOM + 16.0, "middle", name);
    }
    let mut styles = Vec::new();
    for (at, (_, curve)) in lines.iter().enumerate() {
        let style = (COLOURS[at % COLOURS.len()], DASHES[at / COLOURS.len() % DASHES.len()]);
        let points: Vec<(f64, f64)> =
            curve.iter().enumerate().map(|(band, loss)| (x(band), height(*loss))).collect();
        plot.line(&points, style.0, style.1);
        styles.push(style);
    }
    let names: Vec<&str> = lines.iter().map(|(name, _)| *name).collect();
    legend(&mut plot, &names, &styles);
    plot.end()
}

/// Each compared event: the engine's loss along, the fluid form's up; on the line they agree.
pub fn scatter(pairs: &[Pair], coin: Coin) -> String {
    let most = pairs.iter().map(|pair| pair.engine.loss().max(pair.fluid.loss())).fold(1_000.0, f64::max);
    let place = |loss: f64| (loss.max(100.0) / 100.0).ln() / (most / 100.0).ln();
    let (x, y) =
        (|loss: f64| LEFT + (RIGHT - LEFT) * place(loss), |loss: f64| BOTTOM - (BOTTOM - TOP) * place(loss));
    let mut plot = Plot::new("Loss of each event by the fluid form over the engine's", coin);
    plot.line(&[(x(100.0), y(100.0)), (x(most), y(most))], COLOURS[1], DASHES[1]);
    let mut tick = 100.0;
    while tick <= most {
        plot.text(LEFT - 6.0, y(tick) + 4.0, "end", &coin.whole(tick));
        plot.text(x(tick), BOTTOM + 16.0, "middle", &coin.whole(tick));
        tick *= 10.0;
    }
    for pair in pairs {
        let (cx, cy) = (x(pair.engine.loss()), y(pair.fluid.loss()));
        plot.put(format_args!(
            "<circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"3\" fill=\"{}\" fill-opacity=\".6\"/>",
            COLOURS[0]
        ));
    }
    plot.text(RIGHT, BOTTOM + 34.0, "end", "by the engine");
    plot.text(LEFT + 6.0, TOP + 4.0, "start", "by the fluid form");
    plot.end()
}

fn legend(plot: &mut Plot, names: &[&str], styles: &[(&str, &str)]) {
    for (at, (name, (colour, dash))) in names.iter().zip(styles).enumerate() {
        let y = TOP + 6.0 + 15.0 * at as f64;
        plot.line(&[(RIGHT + 12.0, y), (RIGHT + 36.0, y)], colour, dash);
        plot.text(RIGHT + 42.0, y + 4.0, "start", name);
    }
}

#[cfg(test)]
mod tests {
    use super::{Coin, curves, exceedance};

    #[test]
    fn plots_keep_inside_their_frame_and_escape_names() {
        let svg = curves(&[("<b>", &[0.0, 1.0, 1e3, 1e5, 1e7, 1e9, 1e12])], Coin::of("USD"))
            + &exceedance(&[(1.0, 0.0, 0.0), (1e4, 5.0, 9.0)], Coin::of("USD"))
            + &exceedance(&[], Coin::of("KRW"));
        assert!(!svg.contains("<b>") && !svg.contains("NaN") && !svg.contains("inf"));
        for points in svg.split("points=\"").skip(1) {
            // A curve without points is an empty list.
            for pair in points.split('"').next().unwrap().split_whitespace() {
                let (x, y) = pair.split_once(',').unwrap();
                let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
                assert!((0.0..=900.0).contains(&x) && (0.0..=330.0).contains(&y), "{pair}");
            }
        }
    }
}
