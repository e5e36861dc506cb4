//! The critical inventory as one HTML file: nothing is fetched, the plot is drawn here.

use holdfast_continuity::critical::{Critical, Laid, Point};
use holdfast_domain::money::group_thousands;

use super::{money, percent, unit_of};
use crate::report::html::rounded_up;

/// Size of the plot, and its margins, in pixels.
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 76.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 48.0;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;word-break:keep-all;overflow-wrap:break-word}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%;font-size:.86rem}\
th,td{padding:.25rem .5rem;border-bottom:1px solid #d8dee4;text-align:right;vertical-align:top}\
th:first-child,td:first-child,td.t,th.t{text-align:left}td,th:first-child{white-space:nowrap}td.t{white-space:normal;min-width:3.4rem}td.code{white-space:nowrap}td.t:last-child{min-width:11rem}.lead{font-size:1.1rem;background:#eef4fb;padding:.8rem 1rem;border-radius:6px}\
.note{color:#57606a;font-size:.86rem}svg{width:100%;min-width:38rem;height:auto}.wrap{overflow-x:auto}\
@media(prefers-color-scheme:dark){body{background:#14181d;color:#e6edf3}.lead{background:#1d2733}th,td{border-color:#30363d}.note{color:#9198a1}svg text{fill:#e6edf3}}";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The whole page.
pub fn page(found: &Critical, notes: &[String]) -> String {
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>Critical inventory</title><style>{STYLE}</style></head><body><h1>Critical inventory</h1>\
         <p class=\"lead\">{}</p>",
        escaped(&found.statement)
    );
    if let Some(laid) = &found.laid {
        html.push_str(&plot(found, laid));
        html.push_str(&points(found, laid));
        html.push_str(&lays(found, laid));
    }
    html.push_str(&skus(found));
    html.push_str(&surges(found));
    html.push_str("<h2>Assumed</h2><ul class=\"note\">");
    for line in found.assumed.iter().chain(notes) {
        html.push_str(&format!("<li>{}</li>", escaped(line)));
    }
    html.push_str("</ul><p class=\"note\">Every number: <code>holdfast critical --where KEY</code>, a key of the JSON.</p></body></html>\n");
    html
}

fn head(columns: &[(&str, bool)]) -> String {
    let cells: String = columns
        .iter()
        .map(|(name, text)| format!("<th{}>{}</th>", if *text { " class=\"t\"" } else { "" }, escaped(name)))
        .collect();
    format!("<div class=\"wrap\"><table><thead><tr>{cells}</tr></thead><tbody>")
}

fn row(cells: &[(String, bool)]) -> String {
    let cells: String = cells
        .iter()
        .map(|(text, left)| format!("<td{}>{}</td>", if *left { " class=\"t\"" } else { "" }, escaped(text)))
        .collect();
    format!("<tr>{cells}</tr>")
}

const END: &str = "</tbody></table></div>";

fn plot(found: &Critical, laid: &Laid) -> String {
    let unit = unit_of(&found.currency);
    let dearest = laid.points.iter().map(|p| p.figures.spent_minor).chain([laid.doubled.spent_minor]);
    let most_money = rounded_up(dearest.max().unwrap_or(1).max(1) as f64);
    let least = laid.points.first().map_or(0.0, |p| p.figures.promises_kept).min(laid.doubled.promises_kept);
    // Four steps to the whole are whole per cents.
    let floor = (least * 5.0).floor().clamp(0.0, 4.0) / 5.0;
    let revenue =
        laid.points.iter().map(|p| p.figures.revenue_kept_minor).chain([laid.doubled.revenue_kept_minor]);
    let most_revenue = rounded_up(revenue.fold(1.0, f64::max));
    let x = |minor: f64| LEFT + (WIDTH - LEFT - RIGHT) * minor / most_money;
    let y = |share: f64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - (share - floor) / (1.0 - floor).max(1e-9));
    let y_revenue = |minor: f64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - minor / most_revenue);
    let line = |of: &dyn Fn(&Point) -> f64| -> String {
        laid.points.iter().map(|p| format!("{:.1},{:.1} ", x(p.figures.spent_minor as f64), of(p))).collect()
    };
    let mut svg = format!(
        "<h2>Money against promises and revenue kept</h2><div class=\"wrap\"><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"frontier of money a year against promises and revenue kept\" font-size=\"12\">"
    );
    for step in 0..=4 {
        let share = floor + (1.0 - floor) * f64::from(step) / 4.0;
        let (at, across) = (y(share), WIDTH - RIGHT);
        svg.push_str(&format!(
            "<line x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{across}\" y2=\"{at:.1}\" stroke=\"#8886\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.0} %</text>\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#b35900\">{}</text>",
            LEFT - 6.0,
            at + 4.0,
            share * 100.0,
            across + 6.0,
            at + 4.0,
            money(most_revenue * f64::from(step) / 4.0, unit)
        ));
        let minor = most_money * f64::from(step) / 4.0;
        svg.push_str(&format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            x(minor),
            HEIGHT - BOTTOM + 18.0,
            money(minor, unit)
        ));
    }
    svg.push_str(&format!(
        "<polyline fill=\"none\" stroke=\"#b35900\" stroke-width=\"2\" stroke-dasharray=\"6 4\" points=\"{}\"/>\
         <polyline fill=\"none\" stroke=\"#0b6bcb\" stroke-width=\"2.5\" points=\"{}\"/>",
        line(&|p| y_revenue(p.figures.revenue_kept_minor)),
        line(&|p| y(p.figures.promises_kept))
    ));
    for p in &laid.points {
        svg.push_str(&format!(
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"#0b6bcb\"/>",
            x(p.figures.spent_minor as f64),
            y(p.figures.promises_kept)
        ));
    }
    let mut mark = |figures: &holdfast_plan::preposition::lay::Figures, text: &str, colour: &str| {
        let at = x(figures.spent_minor as f64);
        let (anchor, shift) = if at > WIDTH * 0.7 { ("end", -8.0) } else { ("start", 8.0) };
        svg.push_str(&format!(
            "<circle cx=\"{at:.1}\" cy=\"{0:.1}\" r=\"6\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\"/>\
             <text x=\"{1:.1}\" y=\"{2:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{text}</text>",
            y(figures.promises_kept),
            at + shift,
            y(figures.promises_kept) + 18.0
        ));
    };
    mark(&laid.worth_it.figures, "brings itself back", "#1a7f37");
    mark(&laid.doubled, "doubling every SKU", "#cf222e");
    svg.push_str(&format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{} a year for laid stock</text>\
         <text x=\"{LEFT}\" y=\"14\" fill=\"#0b6bcb\">promises kept</text>\
         <text x=\"{:.1}\" y=\"14\" text-anchor=\"end\" fill=\"#b35900\">revenue kept a year</text></svg></div>",
        (LEFT + WIDTH - RIGHT) / 2.0,
        HEIGHT - 8.0,
        escaped(&found.currency),
        WIDTH
    ));
    svg
}

fn points(found: &Critical, laid: &Laid) -> String {
    let unit = unit_of(&found.currency);
    let mut html = head(&[
        ("", true),
        ("a year", false),
        ("tied", false),
        ("units", false),
        ("promises kept", false),
        ("in fresh years", false),
        ("revenue kept", false),
        ("expected loss", false),
        ("gap", false),
    ]);
    let named = [("brings itself back", &laid.worth_it), ("chosen", &laid.chosen)];
    let same = laid.as_good_as_doubled.iter().map(|point| ("as good as doubling", point));
    for (name, p) in laid.points.iter().map(|p| ("", p)).chain(named).chain(same) {
        let f = &p.figures;
        html.push_str(&row(&[
            (name.to_owned(), true),
            (money(f.spent_minor as f64, unit), false),
            (money(f.value_minor as f64, unit), false),
            (group_thousands(f.units), false),
            (percent(f.promises_kept), false),
            (percent(p.fresh_promises_kept), false),
            (money(f.revenue_kept_minor, unit), false),
            (money(f.second_stage_minor, unit), false),
            (format!("{:.3} %", p.gap * 100.0), false),
        ]));
    }
    let f = &laid.doubled;
    html.push_str(&row(&[
        ("doubling every SKU".to_owned(), true),
        (money(f.spent_minor as f64, unit), false),
        (money(f.value_minor as f64, unit), false),
        (group_thousands(f.units), false),
        (percent(f.promises_kept), false),
        (String::new(), false),
        (money(f.revenue_kept_minor, unit), false),
        (money(f.second_stage_minor, unit), false),
        (String::new(), false),
    ]));
    html.push_str(END);
    html.push_str(&format!(
        "<p class=\"note\">Of customers whose site is closed, over {} closures looked at of {} in {} simulated years; \
         money in whole {}. The gap is to a proven bound; every plan was given to an independent checker.</p>",
        laid.closures.1,
        laid.closures.0,
        found.years,
        escaped(&found.currency)
    ));
    html
}

fn lays(found: &Critical, laid: &Laid) -> String {
    let unit = unit_of(&found.currency);
    let mut html = format!("<h2>What to lay where for {} a year</h2>", money(laid.budget_minor as f64, unit));
    html.push_str(&head(&[
        ("SKU", true),
        ("site", true),
        ("units", false),
        ("a year", false),
        ("the last saves", false),
        ("because", true),
    ]));
    for lay in laid.lays.iter().take(100) {
        html.push_str(&row(&[
            (lay.sku.clone(), true),
            (lay.site.clone(), true),
            (lay.units.to_string(), false),
            (money(lay.cost_minor as f64, unit), false),
            (money(lay.last_unit_saves_minor, unit), false),
            (lay.why.clone(), true),
        ]));
    }
    html.push_str(END);
    if laid.lays.len() > 100 {
        html.push_str(&format!(
            "<p class=\"note\">The dearest 100 of {}; --csv writes all.</p>",
            laid.lays.len()
        ));
    }
    html
}

fn skus(found: &Critical) -> String {
    let mut html = format!("<h2>{} of {} SKUs are critical</h2>", found.critical, found.skus.len());
    html.push_str(&head(&[
        ("SKU", true),
        ("name", true),
        ("class", true),
        ("a day", false),
        ("main site", true),
        ("cover without it", false),
        ("instead", true),
        ("critical because", true),
    ]));
    for one in found.skus.iter().filter(|row| row.reason.is_some()).take(100) {
        let instead = one
            .substitutes
            .first()
            .map_or_else(|| "none found".to_owned(), |s| format!("{} {}", s.sku, s.name));
        html.push_str(&row(&[
            (one.sku.clone(), true),
            (one.name.clone(), true),
            (format!("{}{}", one.abc, one.xyz), true),
            (format!("{:.1}", one.units_per_day), false),
            (one.main_site.clone().unwrap_or_default(), true),
            (one.cover_days.map_or_else(|| "-".to_owned(), |days| format!("{days:.1} d")), false),
            (instead, true),
            (one.reason.clone().unwrap_or_default(), true),
        ]));
    }
    html.push_str(END);
    html
}

fn surges(found: &Critical) -> String {
    let mut html = "<h2>How demand changes in a disaster</h2>".to_owned();
    html.push_str(&head(&[
        ("hazard", true),
        ("when", true),
        ("goods", true),
        ("factor", false),
        ("rests on", true),
        ("source", true),
    ]));
    for surge in &found.surges {
        html.push_str(&row(&[
            (surge.hazard.key().replace('_', " "), true),
            (if surge.before { "before" } else { "after" }.to_owned(), true),
            (surge.words.join(", "), true),
            (format!("{:.2}", surge.factor), false),
            (format!("{:?}", surge.basis).to_lowercase(), true),
            (surge.source.clone(), true),
        ]));
    }
    html.push_str(END);
    html
}
