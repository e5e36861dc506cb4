//! Where it happened: a map of the sites, and when which of them was shut.

use holdfast_domain::state::State;
use holdfast_sim::truth::Truth;

use super::{cause, cells, escape, stock, table};
use crate::report::Shown;

/// Map and table.
pub fn places(shown: &Shown<'_>, truth: &Truth, state: &State) -> String {
    format!("<h2>{}</h2>{}{}", escape(&shown.say("head-where")), map(shown, truth, state), closures(shown))
}

/// Sites on a plate carrée of their own extent, coloured and lettered by what became of them.
fn map(shown: &Shown<'_>, truth: &Truth, state: &State) -> String {
    let places: Vec<(f64, f64)> =
        state.network.sites.iter().map(|site| (site.place.lon(), site.place.lat())).collect();
    let span = |values: Vec<f64>| {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (least, (most - least).max(1.0))
    };
    let (west, width) = span(places.iter().map(|place| place.0).collect());
    let (south, height) = span(places.iter().map(|place| place.1).collect());
    let x = |lon: f64| 40.0 + 720.0 * (lon - west) / width;
    let y = |lat: f64| 300.0 - 260.0 * (lat - south) / height;
    let mut svg = format!(
        "<svg viewBox=\"0 0 900 340\" role=\"img\" aria-label=\"{}\">",
        escape(&shown.say("map-label"))
    );
    for zone in truth.zones.keys() {
        let place = state.network.zones[usize::from(zone.0)].place;
        let (cx, cy) = (x(place.lon()), y(place.lat()));
        if (0.0..800.0).contains(&cx) && (0.0..340.0).contains(&cy) {
            svg.push_str(&format!(
                "<circle cx=\"{cx:.0}\" cy=\"{cy:.0}\" r=\"5\" fill=\"#c77d1a\" fill-opacity=\".35\"/>"
            ));
        }
    }
    for (index, (lon, lat)) in places.iter().enumerate() {
        let closed = shown.report.closures.iter().any(|closed| usize::from(closed.site.0) == index);
        let code = shown.report.sites.get(index).map_or("?", String::as_str);
        let (colour, label) = if closed {
            ("var(--bad)", format!("{code} – {}", shown.say("map-closed")))
        } else {
            ("var(--us)", code.to_owned())
        };
        svg.push_str(&format!(
            "<circle cx=\"{0:.0}\" cy=\"{1:.0}\" r=\"6\" fill=\"{colour}\"/><text x=\"{2:.0}\" y=\"{3:.0}\">{4}</text>",
            x(*lon),
            y(*lat),
            x(*lon) + 9.0,
            y(*lat) + 4.0,
            escape(&label)
        ));
    }
    svg.push_str("</svg>");
    svg
}

fn closures(shown: &Shown<'_>) -> String {
    let report = shown.report;
    let keys = ["column-site", "column-from", "column-until", "column-why", "column-stock", "column-wind"];
    let row = |closed: &holdfast_sim::truth::SiteOut| {
        let code = report.site(closed.site);
        let wind = report.winds.get(code).map_or("–".to_owned(), |wind| format!("{wind:.0} kt"));
        vec![
            escape(code),
            shown.moment(closed.out.from),
            closed.out.until.map_or(escape(&shown.say("for-good")), |until| shown.moment(until)),
            escape(&shown.say(cause(closed.cause))),
            escape(&shown.say(stock(closed.stock))),
            wind,
        ]
    };
    let rows: Vec<Vec<String>> = report.closures.iter().map(row).collect();
    let mut html = table(&cells(shown.words, &keys), &rows, &[3, 4]);
    if report.zones_out > 0 {
        let zones = shown.tell("zones-rested", &[("zones", &report.zones_out)]);
        html.push_str(&format!("<p>{}</p>", escape(&zones)));
    }
    html
}
