//! A map for paper: sites, the ways orders took, a storm's track, over coasts and borders, as one SVG that needs no
//! style sheet.
//!
//! It says nothing that the table beside it does not say.

use std::fmt::Write as _;

use holdfast_domain::place::Place;

use crate::map::{Bounds, Projection, Stroke, WIDTH, outlines_for, path};

/// A site on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Its code.
    pub code: String,
    /// Where it is.
    pub place: Place,
    /// What became of it.
    pub kind: SpotKind,
}

/// What a site is on the map; each has a shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpotKind {
    /// Works as always: a disc.
    Open,
    /// Shut: a square with a cross.
    Shut,
    /// Took over from one that was shut: a ringed disc.
    TookOver,
    /// A backup that sleeps: a hollow disc.
    Dormant,
}

/// Orders that went from a site to a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    /// From.
    pub from: Place,
    /// To.
    pub to: Place,
    /// How many: sets its width.
    pub weight: u32,
}

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sketch {
    /// Sites.
    pub spots: Vec<Spot>,
    /// Flows.
    pub flows: Vec<Flow>,
    /// Where deliveries rested.
    pub rests: Vec<Place>,
    /// A storm's track.
    pub track: Vec<Place>,
    /// What it shows, for those who do not see it.
    pub label: String,
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The map; empty without sites.
#[must_use]
pub fn sketch(what: &Sketch) -> String {
    let Some(bounds) = Bounds::around(what.spots.iter().map(|spot| spot.place)) else { return String::new() };
    let bounds = bounds.widened();
    let outlines = outlines_for(bounds);
    let to = Projection::of(bounds);
    let (width, height) = (WIDTH.round(), to.height().round());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#e4edf3\"/>",
        escape(&what.label)
    );
    let strokes = [
        (Stroke::Land, "fill=\"#f7f5ef\" stroke=\"#9fb0bc\" stroke-width=\"0.8\""),
        (Stroke::State, "fill=\"none\" stroke=\"#c3ccd2\" stroke-width=\"0.6\""),
        (Stroke::Border, "fill=\"none\" stroke=\"#9fb0bc\" stroke-width=\"1\""),
    ];
    for (stroke, style) in strokes {
        // Writing to a string cannot fail.
        let _ = write!(svg, "<path {style} d=\"{}\"/>", path(outlines, stroke, &to));
    }
    rests(&mut svg, &to, &what.rests);
    flows(&mut svg, &to, &what.flows);
    track(&mut svg, &to, &what.track);
    spots(&mut svg, &to, &what.spots);
    svg.push_str("</svg>");
    svg
}

fn rests(svg: &mut String, to: &Projection, places: &[Place]) {
    for (x, y) in places.iter().map(|place| to.place(*place)).filter(|at| to.shows(*at)) {
        let _ = write!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"6\" fill=\"#c77d1a\" fill-opacity=\"0.4\"/>"
        );
    }
}

fn flows(svg: &mut String, to: &Projection, flows: &[Flow]) {
    let most = flows.iter().map(|flow| flow.weight).max().unwrap_or(1).max(1);
    for flow in flows {
        let ((x1, y1), (x2, y2)) = (to.place(flow.from), to.place(flow.to));
        if !to.shows((x1, y1)) || !to.shows((x2, y2)) {
            continue;
        }
        let (mx, my) = (f64::midpoint(x1, x2), f64::midpoint(y1, y2) - (x2 - x1).abs() * 0.12);
        let wide = 0.9 + 2.4 * f64::from(flow.weight) / f64::from(most);
        let _ = write!(
            svg,
            "<path fill=\"none\" stroke=\"#0a5c8f\" stroke-opacity=\"0.45\" stroke-width=\"{wide:.1}\" d=\"M{x1:.1} {y1:.1}Q{mx:.1} {my:.1} {x2:.1} {y2:.1}\"/>\
             <circle cx=\"{x2:.1}\" cy=\"{y2:.1}\" r=\"1.8\" fill=\"#0a5c8f\" fill-opacity=\"0.7\"/>"
        );
    }
}

fn track(svg: &mut String, to: &Projection, track: &[Place]) {
    let points: Vec<String> = track
        .iter()
        .map(|place| to.place(*place))
        .filter(|at| to.shows(*at))
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    if points.len() > 1 {
        let _ = write!(
            svg,
            "<polyline fill=\"none\" stroke=\"#a4262c\" stroke-width=\"2\" stroke-dasharray=\"7 5\" points=\"{}\"/>",
            points.join(" ")
        );
    }
}

fn spots(svg: &mut String, to: &Projection, spots: &[Spot]) {
    let points: Vec<(f64, f64)> = spots.iter().map(|spot| to.place(spot.place)).collect();
    let mut taken: Vec<(f64, f64, f64)> = points.iter().map(|(x, y)| (x - 8.0, *y, 16.0)).collect();
    for (spot, (x, y)) in spots.iter().zip(&points) {
        let mark = match spot.kind {
            SpotKind::Open => {
                format!(
                    "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"#0b6e4f\" stroke=\"#fff\" stroke-width=\"1.5\"/>"
                )
            }
            SpotKind::TookOver => format!(
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"8.5\" fill=\"none\" stroke=\"#0a5c8f\" stroke-width=\"2.5\"/>\
                 <circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\" fill=\"#0a5c8f\"/>"
            ),
            SpotKind::Dormant => {
                format!(
                    "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" fill=\"#fff\" stroke=\"#5b6b77\" stroke-width=\"2\"/>"
                )
            }
            SpotKind::Shut => format!(
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"14\" height=\"14\" fill=\"#a4262c\"/>\
                 <path stroke=\"#fff\" stroke-width=\"2\" d=\"M{:.1} {:.1}l8 8m0 -8l-8 8\"/>",
                x - 7.0,
                y - 7.0,
                x - 4.0,
                y - 4.0
            ),
        };
        svg.push_str(&mark);
        let wide = 8.6 * spot.code.chars().count() as f64 + 4.0;
        let tries = [
            (x + 12.0, y + 5.0),
            (x - 12.0 - wide, y + 5.0),
            (x - wide / 2.0, y - 13.0),
            (x - wide / 2.0, y + 23.0),
        ];
        let free = |at: &(f64, f64)| {
            at.0 > 2.0
                && at.0 + wide < WIDTH - 2.0
                && taken.iter().all(|(left, line, w)| {
                    at.0 >= left + w || *left >= at.0 + wide || (at.1 - 5.0 - line).abs() >= 15.0
                })
        };
        // A label that fits nowhere is left to the table.
        if let Some((lx, ly)) = tries.into_iter().find(free) {
            taken.push((lx, ly - 5.0, wide));
            let ink = if spot.kind == SpotKind::Shut { "#a4262c" } else { "#14202b" };
            let _ = write!(
                svg,
                "<text x=\"{lx:.1}\" y=\"{ly:.1}\" font-family=\"Pretendard, system-ui, sans-serif\" font-size=\"14\" font-weight=\"700\" style=\"fill:{ink}\">{}</text>",
                escape(&spot.code)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use holdfast_domain::place::Place;

    use super::{Flow, Sketch, Spot, SpotKind, sketch};

    fn spot(code: &str, lat: f64, lon: f64, kind: SpotKind) -> Spot {
        Spot { code: code.to_owned(), place: Place::new(lat, lon).unwrap(), kind }
    }

    #[test]
    fn a_map_shows_what_it_is_given_and_text_from_outside_stays_text() {
        let (open, shut) =
            (spot("ATL1", 33.7, -84.4, SpotKind::Open), spot("<b>", 34.2, -77.9, SpotKind::Shut));
        let flow = Flow { from: open.place, to: Place::new(35.0, -80.0).unwrap(), weight: 3 };
        let bare = sketch(&Sketch { spots: vec![open.clone(), shut.clone()], ..Sketch::default() });
        let full = sketch(&Sketch { spots: vec![open, shut], flows: vec![flow], ..Sketch::default() });
        assert!(bare.contains("ATL1") && bare.contains("&lt;b&gt;") && !bare.contains("<b>"));
        assert!(bare.contains("#a4262c"), "what is shut has a shape of its own");
        assert!(full.len() > bare.len() && full.contains("stroke-opacity=\"0.45\""));
        assert_eq!(sketch(&Sketch::default()), "");
    }
}
