//! Plots: drawn as SVG by the server, each beside a table that says the same.
//!
//! A curve is told from the others by its dashes and the name at its end, not by colour alone.

use maud::{Markup, html};

/// Width and height of a plot, and the room around what is drawn, in units of its picture.
const WIDTH: f64 = 680.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 78.0;
const RIGHT: f64 = 74.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 34.0;
/// Names at the ends of curves stand at least so far apart.
const NAME_APART: f64 = 15.0;
/// Curves of a plot at most: more cannot be told apart.
pub(crate) const CURVES_MAX: usize = 6;

/// A curve.
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// A mark on an axis: where, and what stands there.
pub(crate) type Mark = (f64, String);

/// Curves over one axis. `say` names the plot for those who do not see it.
pub(crate) fn curves(say: &str, curves: &[Curve], across: &[Mark], up: &[Mark]) -> Markup {
    let most = |marks: &[Mark]| marks.iter().map(|(at, _)| *at).fold(f64::MIN, f64::max);
    let least = |marks: &[Mark]| marks.iter().map(|(at, _)| *at).fold(f64::MAX, f64::min);
    let (x0, x1, y0, y1) = (least(across), most(across), least(up), most(up));
    let place = |value: f64, from: f64, to: f64| if to > from { (value - from) / (to - from) } else { 0.0 };
    let x = |value: f64| LEFT + place(value, x0, x1) * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| HEIGHT - BOTTOM - place(value, y0, y1) * (HEIGHT - TOP - BOTTOM);
    let shown = &curves[..curves.len().min(CURVES_MAX)];
    let names = names(shown, &y);
    html! {
        div class="scroll" tabindex="0" role="group" aria-label=(say) {
            svg class="plot" role="img" aria-label=(say) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } {
                @for (at, text) in up {
                    line class="grid" x1=(LEFT) x2=(WIDTH - RIGHT) y1=(one(y(*at))) y2=(one(y(*at))) {}
                    text class="up" x=(LEFT - 8.0) y=(one(y(*at) + 4.0)) { (text) }
                }
                @for (at, text) in across {
                    text class="across" x=(one(x(*at))) y=(HEIGHT - BOTTOM + 20.0) { (text) }
                }
                @for (index, curve) in shown.iter().enumerate() {
                    @let points = curve.points.iter().map(|(a, b)| format!("{},{}", one(x(*a)), one(y(*b)))).collect::<Vec<_>>();
                    polyline class={ "curve dash-" (index) } points=(points.join(" ")) {}
                    @for (a, b) in &curve.points { circle class={ "dot dash-" (index) } cx=(one(x(*a))) cy=(one(y(*b))) r="2.6" {} }
                    @if let Some(at) = names.get(index) { text class={ "name dash-" (index) } x=(WIDTH - RIGHT + 8.0) y=(one(*at)) { (curve.name) } }
                }
            }
        }
    }
}

/// Where each curve's name stands: at its end, moved down where it would lie on another.
fn names(curves: &[Curve], y: &dyn Fn(f64) -> f64) -> Vec<f64> {
    let end = |curve: &Curve| curve.points.last().map_or(HEIGHT, |(_, value)| y(*value) + 4.0);
    let mut order: Vec<usize> = (0..curves.len()).collect();
    order.sort_by(|a, b| end(&curves[*a]).total_cmp(&end(&curves[*b])));
    let (mut at, mut last) = (vec![0.0; curves.len()], f64::MIN);
    for index in order {
        last = f64::max(end(&curves[index]), last + NAME_APART);
        at[index] = last;
    }
    at
}

fn one(value: f64) -> String {
    format!("{value:.1}")
}

/// Round marks from nothing to at least `most`: four or five of them.
pub(crate) fn round_marks(most: f64) -> Vec<f64> {
    if !most.is_finite() || most <= 0.0 {
        return vec![0.0, 1.0];
    }
    let rough = most / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|n| n * power).find(|step| *step >= rough);
    let step = step.unwrap_or(rough);
    (0..=5_u8).map(|n| f64::from(n) * step).take_while(|mark| *mark < most + step).collect()
}

#[cfg(test)]
mod tests {
    use super::round_marks;

    #[test]
    fn marks_are_round_and_reach_over_the_greatest() {
        for (most, marks) in [
            (1.0, vec![0.0, 0.25, 0.5, 0.75, 1.0]),
            (9.0, vec![0.0, 2.5, 5.0, 7.5, 10.0]),
            (41_000.0, vec![0.0, 20_000.0, 40_000.0, 60_000.0]),
            (0.0, vec![0.0, 1.0]),
            (f64::NAN, vec![0.0, 1.0]),
        ] {
            assert_eq!(round_marks(most), marks, "{most}");
        }
    }
}
