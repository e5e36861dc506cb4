//! A drill as one HTML page: no script, nothing loaded, readable in print.

use std::fmt::Write;

use holdfast_domain::money::{Currency, group_thousands};
use holdfast_domain::state::State;
use holdfast_sim::drill::{PolicyName, Report};
use holdfast_sim::truth::Truth;

use super::{money, percent, policy, text};
use crate::outbox::Put;

/// Colours and tables of every page.
pub const STYLE: &str = "
:root{color-scheme:light dark;--ink:#14202b;--paper:#fff;--soft:#eef2f5;--line:#c9d3db;--good:#0b6e4f;--bad:#a4262c;--us:#0a5c8f}
@media(prefers-color-scheme:dark){:root{--ink:#e7edf2;--paper:#10171d;--soft:#1b252e;--line:#3a4853;--good:#5fd3a5;--bad:#ff8f8f;--us:#7cc4f5}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;padding:1.5rem;max-width:70rem}
h1{font-size:1.7rem;margin:.2rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:2px solid var(--line)}
.lead{font-size:1.15rem;font-weight:600;color:var(--us)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
th:first-child,td:first-child{text-align:left}thead th{background:var(--soft)}td{white-space:nowrap}td:first-child{white-space:normal}
.us td{font-weight:700;color:var(--us)}.wide{overflow-x:auto}
.bar{display:flex;height:1.1rem;border-radius:3px;overflow:hidden;background:var(--soft)}
.bar i{display:block;height:100%}.on{background:var(--good)}.late{background:#c77d1a}.open{background:var(--bad)}
.log{list-style:none;padding:0}.log li{padding:.3rem 0;border-bottom:1px solid var(--line)}time{font-variant-numeric:tabular-nums;opacity:.8}
pre{white-space:pre-wrap;background:var(--soft);padding:1rem;border-radius:4px}
svg{width:100%;height:auto;background:var(--soft);border-radius:4px}svg text{font:11px system-ui,sans-serif;fill:var(--ink)}
.small{font-size:.9rem}@media print{body{max-width:none}h2{break-after:avoid}}
";

/// The page.
pub fn page(report: &Report, truth: &Truth, state: &State, put: &Put, currency: Currency) -> String {
    let mut html = String::new();
    let mut add = |part: &str| html.push_str(part);
    add(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">",
    );
    add(&format!(
        "<title>{} – Holdfast</title><style>{STYLE}</style></head><body><main>",
        escape(&report.scenario)
    ));
    add(&format!(
        "<h1>{}</h1><p class=\"lead\">{}</p>",
        escape(&report.scenario),
        escape(&text::headline(report))
    ));
    add(&comparison(report, currency));
    add("<h2>Where</h2>");
    add(&map(report, truth, state));
    add(&closures(report));
    add("<h2>What Holdfast did, and when</h2><ol class=\"log\">");
    for entry in &report.log {
        let words = text::log_line(report, entry, currency);
        let words = words.split_once("  ").map_or(words.as_str(), |(_, words)| words);
        add(&format!("<li><time>{}</time> {}</li>", entry.at, escape(words)));
    }
    add("</ol>");
    add(&forecasts(report));
    add(&early(report, currency));
    add(&preview(report));
    add(&notices(put));
    add(&proof(report));
    add("<h2>What is fact and what is assumed</h2><ul class=\"small\">");
    for note in &report.notes {
        add(&format!("<li>{}</li>", escape(note)));
    }
    for assumption in &report.assumptions {
        add(&format!(
            "<li>Assumed for want of {}: {} ({} rows).</li>",
            assumption.file,
            escape(assumption.what),
            assumption.rows
        ));
    }
    add(&format!(
        "</ul><p class=\"small\">Seed {}. Every number stands in report.json too.</p></main></body></html>\n",
        report.seed
    ));
    html
}

fn comparison(report: &Report, currency: Currency) -> String {
    let mut html = "<h2>The same orders under each policy</h2><div class=\"wide\"><table><thead><tr><th scope=\"col\">Policy</th><th scope=\"col\">Promises</th><th scope=\"col\">On time</th><th scope=\"col\">Late</th><th scope=\"col\">Days late</th><th scope=\"col\">Open</th><th scope=\"col\">Shipping and handling</th><th scope=\"col\">Lateness and open</th><th scope=\"col\">Total</th></tr></thead><tbody>".to_owned();
    for (name, t) in &report.policies {
        let class = if *name == PolicyName::Holdfast { " class=\"us\"" } else { "" };
        let width = |part: u64| 100.0 * part as f64 / t.orders.max(1) as f64;
        write!(
            html,
            "<tr{class}><td>{}</td><td style=\"min-width:8rem\"><div class=\"bar\" role=\"img\" aria-label=\"{} on time\"><i class=\"on\" style=\"width:{:.2}%\"></i><i class=\"late\" style=\"width:{:.2}%\"></i><i class=\"open\" style=\"width:{:.2}%\"></i></div></td><td>{} ({})</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            policy(*name),
            percent(t.on_time, t.orders),
            width(t.on_time),
            width(t.late),
            width(t.open),
            group_thousands(t.on_time),
            percent(t.on_time, t.orders),
            group_thousands(t.late),
            group_thousands(t.late_days),
            group_thousands(t.open),
            money(t.shipping + t.handling, currency),
            money(t.late_cost + t.open_cost, currency),
            money(t.total_cost, currency),
        )
        .expect("writing to a string cannot fail");
    }
    if let Some(bound) = report.bound {
        write!(
            html,
            "<tr><td>no policy can cost less</td><td colspan=\"7\">proven bound, had everything been known beforehand</td><td>{}</td></tr>",
            money(bound, currency)
        )
        .expect("writing to a string cannot fail");
    }
    let (saved, lost) = report.saved_against_trade;
    let (waited, unwaited) = report.saved_against_wait;
    write!(
        html,
        "</tbody></table></div><p>Order by order: {saved} promises kept that the trade breaks, {lost} the other way round; {waited} kept that waiting breaks, {unwaited} the other way round. {} promises no policy could keep: deliveries rested in their zones, or nobody had the goods. Open orders wait for goods that nobody has, or for a site that did not come back.</p>",
        report.beyond_all
    )
    .expect("writing to a string cannot fail");
    html
}

/// Sites on a plate carrée of their own extent, coloured by what became of them.
fn map(report: &Report, truth: &Truth, state: &State) -> String {
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
    let mut svg =
        "<svg viewBox=\"0 0 900 340\" role=\"img\" aria-label=\"Sites; those that closed are marked\">"
            .to_owned();
    for zone in truth.zones.keys() {
        let place = state.network.zones[usize::from(zone.0)].place;
        let (cx, cy) = (x(place.lon()), y(place.lat()));
        if (0.0..800.0).contains(&cx) && (0.0..340.0).contains(&cy) {
            write!(
                svg,
                "<circle cx=\"{cx:.0}\" cy=\"{cy:.0}\" r=\"5\" fill=\"#c77d1a\" fill-opacity=\".35\"/>"
            )
            .expect("writing to a string cannot fail");
        }
    }
    for (index, (lon, lat)) in places.iter().enumerate() {
        let closed = report.closures.iter().any(|closed| usize::from(closed.site.0) == index);
        let (shape, mark) = if closed { ("#a4262c", " closed") } else { ("#0a5c8f", "") };
        write!(
            svg,
            "<circle cx=\"{0:.0}\" cy=\"{1:.0}\" r=\"6\" fill=\"{shape}\"/><text x=\"{2:.0}\" y=\"{3:.0}\">{4}{mark}</text>",
            x(*lon),
            y(*lat),
            x(*lon) + 9.0,
            y(*lat) + 4.0,
            escape(&report.sites[index])
        )
        .expect("writing to a string cannot fail");
    }
    svg.push_str("</svg>");
    svg
}

fn closures(report: &Report) -> String {
    let mut html = "<div class=\"wide\"><table><thead><tr><th scope=\"col\">Site</th><th scope=\"col\">Shut from</th><th scope=\"col\">Until</th><th scope=\"col\">Why</th><th scope=\"col\">Highest wind</th></tr></thead><tbody>".to_owned();
    for closed in &report.closures {
        let code = &report.sites[usize::from(closed.site.0)];
        let why = match closed.cause {
            holdfast_sim::truth::Cause::Wind => "wind above its own limit",
            holdfast_sim::truth::Cause::Declared => "declared by the scenario",
        };
        let wind = report.winds.get(code).map_or("–".to_owned(), |wind| format!("{wind:.0} kt"));
        let until = closed.out.until.map_or("never".to_owned(), |until| until.to_string());
        write!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{until}</td><td>{why}</td><td>{wind}</td></tr>",
            escape(code),
            closed.out.from
        )
        .expect("writing to a string cannot fail");
    }
    write!(html, "</tbody></table></div><p>Deliveries rested in {} zones.</p>", report.zones_out)
        .expect("writing to a string cannot fail");
    html
}

fn forecasts(report: &Report) -> String {
    if report.outlooks.is_empty() {
        return String::new();
    }
    let mut sites: Vec<_> = report
        .outlooks
        .iter()
        .flat_map(|outlook| &outlook.sites)
        .filter(|chance| chance.probability >= 0.05)
        .map(|chance| chance.site)
        .collect();
    sites.sort_unstable();
    sites.dedup();
    let mut html = "<h2>What the forecasts said, as they were issued</h2><p>The chance of winds above each site's own limit, from the official forecast of each hour and its published errors.</p><div class=\"wide\"><table><thead><tr><th scope=\"col\">Public at</th>".to_owned();
    for site in &sites {
        write!(html, "<th scope=\"col\">{}</th>", escape(&report.sites[usize::from(site.0)]))
            .expect("writing to a string cannot fail");
    }
    html.push_str("</tr></thead><tbody>");
    for outlook in &report.outlooks {
        let chance =
            |site| outlook.sites.iter().find(|chance| chance.site == site).map_or(0.0, |c| c.probability);
        if sites.iter().all(|site| chance(*site) < 0.01) {
            continue;
        }
        write!(html, "<tr><td>{}</td>", outlook.public_at).expect("writing to a string cannot fail");
        for site in &sites {
            write!(html, "<td>{:.0} %</td>", 100.0 * chance(*site)).expect("writing to a string cannot fail");
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div>");
    html
}

fn early(report: &Report, currency: Currency) -> String {
    let leads = report.leads.iter().map(|lead| text::lead_line(report, lead, currency));
    let needless = report.needless.iter().map(|needless| text::needless_line(report, needless, currency));
    let lines: Vec<String> =
        leads.chain(needless).map(|line| format!("<li>{}</li>", escape(&line))).collect();
    if lines.is_empty() {
        String::new()
    } else {
        format!("<h2>What acting earlier would have been worth</h2><ul>{}</ul>", lines.concat())
    }
}

fn preview(report: &Report) -> String {
    let Some(p) = &report.preview else { return String::new() };
    let revenue: Vec<String> = p
        .revenue
        .iter()
        .filter_map(|(code, minor)| Some(money(*minor, code.parse::<Currency>().ok()?)))
        .collect();
    format!(
        "<h2>The preview, at the first closure</h2><table><tbody><tr><td>Orders touched</td><td>{}</td></tr><tr><td>Lines</td><td>{}</td></tr><tr><td>Units</td><td>{}</td></tr><tr><td>Worth</td><td>{}</td></tr><tr><td>Promises at risk if nothing is done</td><td>{}</td></tr><tr><td>Parcels in doubt</td><td>{}</td></tr><tr><td>Orders that cannot move</td><td>{}</td></tr><tr><td>SKUs that lie nowhere else</td><td>{}</td></tr><tr><td>Work units the others have left this week</td><td>{}</td></tr></tbody></table>",
        p.orders,
        p.lines,
        p.units,
        revenue.join(", "),
        p.promises_broken,
        p.in_doubt,
        p.stuck.len(),
        p.skus_at_risk.len(),
        group_thousands(p.capacity_left),
    )
}

fn notices(put: &Put) -> String {
    let mut html = format!(
        "<h2>What customers were told</h2><p>{} mails in the outbox; {} customers without an address; none was sent.</p>",
        group_thousands(put.mails as u64),
        put.without_address
    );
    for (language, (subject, body)) in &put.samples {
        write!(
            html,
            "<details open><summary lang=\"{language}\"><b>{}</b></summary><pre lang=\"{language}\">{}</pre></details>",
            escape(subject),
            escape(body)
        )
        .expect("writing to a string cannot fail");
    }
    html
}

fn proof(report: &Report) -> String {
    let (plans, accepted) = report.plans_checked;
    let names: Vec<&str> = report.recounted.iter().map(|name| policy(*name)).collect();
    let mut html = format!(
        "<h2>Proof</h2><p>Plans the independent checker accepts, bound included: {accepted} of {plans}. Recounted from the journal and confirmed: {}.</p>",
        names.join(", ")
    );
    for differs in report.recount_differs.iter().chain(&report.violations) {
        write!(html, "<p><b>Differs:</b> {}</p>", escape(differs)).expect("writing to a string cannot fail");
    }
    html
}

/// Text that may stand in a page.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
