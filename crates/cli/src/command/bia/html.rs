//! The analysis as one HTML page: no script, nothing loaded, readable in print. Every figure with its formula at the end.

mod plot;

use std::fmt::Write as _;

use holdfast_continuity::bia::{self, BANDS, OverTime, REFERENCE_H, Report};
use holdfast_continuity::calibrate::{AGGREGATE_MAX, Calibration, P95_MAX};

use super::tell::{Coin, hours, percent, rests_on};
use crate::report::html::{STYLE, escape};

const MORE: &str = "
.m{color:var(--bad);font-weight:600}.d{color:var(--us)}.k{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin:0 .3rem 0 .8rem}
.wide{margin:.3rem 0 1.3rem}.plot svg{min-width:44rem}th.word,td.word{min-width:7rem}td.word{max-width:22rem}code{font-size:.85rem}
figure{margin:1rem 0}figcaption{font-size:.9rem}details td{white-space:normal;text-align:left;font-size:.85rem}
";

/// Columns of words, which are read from the left and may take several lines.
const WORDS: [&str; 10] = [
    "rests on",
    "rates",
    "downtimes",
    "best backup",
    "workaround",
    "least resources",
    "needs",
    "role",
    "sites and carriers",
    "processes",
];

/// A page on its way.
struct Page {
    text: String,
    coin: Coin,
}

impl Page {
    fn add(&mut self, part: &str) {
        self.text.push_str(part);
    }

    fn head(&mut self, title: &str, said: &str) {
        self.add(&format!("<h2>{title}</h2><p>{said}</p>"));
    }

    /// A table; cells are HTML already.
    fn table(&mut self, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        self.add("<div class=\"wide\"><table><thead><tr>");
        let class = |cell: &str| if WORDS.contains(&cell) { " class=\"word\"" } else { "" };
        for cell in head {
            self.add(&format!("<th scope=\"col\"{}>{}</th>", class(cell), escape(cell)));
        }
        self.add("</tr></thead><tbody>");
        for row in rows {
            self.add("<tr>");
            for (cell, head) in row.iter().zip(head) {
                self.add(&format!("<td{}>{cell}</td>", class(head)));
            }
            self.add("</tr>");
        }
        self.add("</tbody></table></div>");
    }
}

/// The page.
pub fn page(report: &Report, calibration: Option<&Calibration>, notes: &[String]) -> String {
    let mut page = Page { text: String::new(), coin: Coin::of(&report.currency) };
    let coin = page.coin;
    page.add("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
    page.add(&format!(
        "<title>Business impact analysis – Holdfast</title><style>{STYLE}{MORE}</style></head><body><main>"
    ));
    page.add(&format!(
        "<h1>Business impact analysis</h1><p class=\"lead\">Disasters cost {} {} a year on average, and {} in one year out of a hundred.</p>\
         <p>Computed over {} simulated years (seed {}) of {} events; {:.0} % of the average rests on rates or downtimes that are assumed. \
         <span class=\"d\">Declared</span> is what people said in the book, <span class=\"m\">missing</span> what nobody has said; all else is computed. Money in whole {}.</p>",
        coin.whole(report.annual.average),
        escape(&report.currency),
        report.annual.exceedance.get(2).and_then(|row| row.2).map_or_else(|| "an unknown sum".to_owned(), |minor| coin.whole(minor)),
        report.years,
        report.seed,
        report.catalogue_events,
        report.assumed_share * 100.0,
        escape(&report.currency)
    ));
    annual(&mut page, report);
    sites(&mut page, report);
    losses(&mut page, report);
    processes(&mut page, report);
    together(&mut page, report);
    shares(&mut page, report);
    held(&mut page, calibration);
    page.add("<h2>What is assumed or declared</h2><ul class=\"small\">");
    for note in notes {
        page.add(&format!("<li>{}</li>", escape(note)));
    }
    page.add(&format!(
        "<li>Customers leave {} days after the promise (7 is assumed; --patience).</li></ul>",
        report.patience_days
    ));
    figures(&mut page, report);
    page.add("</main></body></html>\n");
    page.text
}

/// What figures of the simulated years rest on, marked where it is assumed.
fn marked(report: &Report) -> String {
    match rests_on(report) {
        assumed @ "assumed in part" => format!("<span class=\"m\">{assumed}</span>"),
        known => known.to_owned(),
    }
}

fn annual(page: &mut Page, report: &Report) {
    let coin = page.coin;
    page.head("What a year costs", "How much is reached or exceeded once in so many years: by the greatest event of a year (OEP), and by all of a year (AEP).");
    page.add(&plot::exceedance(&report.annual.curve, coin));
    let or_none = |value: Option<f64>| {
        value.map_or_else(|| "beyond the years simulated".to_owned(), |minor| coin.whole(minor))
    };
    let rows = report
        .annual
        .exceedance
        .iter()
        .map(|(years, one, all)| vec![format!("{years}"), or_none(*one), or_none(*all), marked(report)]);
    page.table(&["once in years", "one event (OEP)", "a whole year (AEP)", "rests on"], rows);
    page.add(&format!(
        "<p>Average {}, standard deviation {}, mean of the worst hundredth of the years {}.</p>",
        coin.whole(report.annual.average),
        coin.whole(report.annual.deviation),
        report.annual.tail_99.map_or_else(|| "–".to_owned(), |minor| coin.whole(minor))
    ));
    let said = |assumed: bool| {
        if assumed { "<span class=\"m\">assumed in part</span>" } else { "published or declared" }
    };
    let rows = report.hazards.iter().map(|row| {
        vec![
            escape(&row.hazard.replace('_', " ")),
            format!("{:.3}", row.events_per_year),
            coin.whole(row.loss_per_year),
            said(row.rates_assumed).to_owned(),
            said(row.downtime_assumed).to_owned(),
        ]
    });
    page.table(&["hazard", "events a year", "loss a year", "rates", "downtimes"], rows);
}

fn sites(page: &mut Page, report: &Report) {
    let coin = page.coin;
    page.head("Impact over time, by site", "Loss when a site stands still until the end of each band, mean over the starts; the last band is taken at 60 days.");
    let open = || report.sites.iter().filter(|site| site.takes_orders);
    let lines: Vec<(&str, &[f64])> = open().map(|site| (site.site.as_str(), site.curve.as_slice())).collect();
    page.add(&plot::curves(&lines, coin));
    let head: Vec<&str> = std::iter::once("site").chain(BANDS).collect();
    page.table(
        &head,
        open().map(|site| {
            std::iter::once(escape(&site.site))
                .chain(site.curve.iter().map(|loss| coin.whole(*loss)))
                .collect()
        }),
    );
    page.head("How long it takes, and how long one can", "TTR: mean closure of the catalogue. TTS: how long the others serve 95 % of demand from what they have (the share is assumed). REI: loss at TTR over the greatest of all sites. Rests on: what rates and downtimes rest on.");
    let rows = report.sites.iter().map(|site| {
        let exposed = site.takes_orders && matches!((site.tts_h, site.ttr_h), (Some(s), Some(r)) if s < r);
        let beyond = if site.takes_orders { "enough" } else { "sleeps" };
        vec![
            format!(
                "{}{}",
                escape(&site.site),
                if exposed { " <span class=\"m\">TTS &lt; TTR</span>" } else { "" }
            ),
            hours(site.ttr_h),
            site.tts_h.map_or_else(|| beyond.to_owned(), |tts| hours(Some(tts))),
            site.rto_h.map_or_else(
                || "<span class=\"m\">missing</span>".to_owned(),
                |rto| format!("<span class=\"d\">{rto} h</span>"),
            ),
            format!("{:.2}", site.rei),
            format!("{:.2}", site.rei_risk),
            format!("{:.1}", site.closed_h_per_year),
            percent(site.p_longer[0]),
            percent(site.p_longer[1]),
            percent(site.p_longer[2]),
            coin.whole(site.loss_per_year),
            marked(report),
        ]
    });
    page.table(
        &[
            "site",
            "TTR",
            "TTS",
            "RTO",
            "REI",
            "REI × risk",
            "closed h a year",
            "> 24 h",
            "> 72 h",
            "> 7 d",
            "loss a year",
            "rests on",
        ],
        rows,
    );
}

fn losses(page: &mut Page, report: &Report) {
    let coin = page.coin;
    page.head(
        "One gone, two gone",
        &format!("Each site and carrier gone for {REFERENCE_H} hours, and each two of them."),
    );
    let rows = report.singles.iter().map(|single| {
        let site = report.sites.iter().find(|site| site.site == single.code && site.takes_orders);
        let r = site.map_or(single.impact, |site| site.reference);
        vec![
            escape(&single.code),
            percent(single.share),
            format!("{:.0}", r.late),
            format!("{:.0}", r.unserved),
            coin.whole(r.loss()),
            if r.touched > 0.0 { format!("{:.1} d", r.late_days / r.touched) } else { "–".to_owned() },
            site.map_or_else(|| "–".to_owned(), |site| percent(site.sole_share)),
            site.and_then(|site| site.backup.as_ref()).map_or_else(
                || "–".to_owned(),
                |(code, share)| format!("{} {}", escape(code), percent(*share)),
            ),
            site.map_or_else(|| "–".to_owned(), |site| percent(site.absorbed_share)),
        ]
    });
    page.table(
        &[
            "gone",
            "share of orders",
            "late",
            "lost",
            "loss",
            "delay an order",
            "only here",
            "best backup",
            "absorbed in time",
        ],
        rows,
    );
    let rows = report.pairs.iter().take(20).map(|pair| {
        vec![
            format!("{} + {}", escape(&pair.a), escape(&pair.b)),
            format!("{:.0}", pair.impact.late),
            format!("{:.0}", pair.impact.unserved),
            coin.whole(pair.impact.loss()),
            coin.whole(pair.beyond),
        ]
    });
    page.table(&["two gone (the worst 20)", "late", "lost", "loss", "beyond the two alone"], rows);
}

/// A declared number, or that it is missing.
fn declared(value: Option<u32>, unit: &str) -> String {
    value.map_or_else(
        || "<span class=\"m\">missing</span>".to_owned(),
        |value| format!("<span class=\"d\">{value} {unit}</span>"),
    )
}

fn processes(page: &mut Page, report: &Report) {
    let coin = page.coin;
    page.head("Processes", "Money when a process stops, by the end of each band; orders and levels of harm (0 to 4, an assumed scale) at three days. Legal and reputational harm only people can say.");
    let lines: Vec<(&str, &[f64])> = report
        .processes
        .iter()
        .filter(|row| !row.stops.is_empty())
        .map(|row| (row.declared.code.as_str(), row.curve.as_slice()))
        .collect();
    page.add(&plot::curves(&lines, coin));
    let rows = report.processes.iter().map(|row| {
        let d = &row.declared;
        let mut cells = vec![escape(&d.code)];
        if row.stops.is_empty() {
            cells.extend(vec!["–".to_owned(); 9]);
        } else {
            let band = &row.over_time.bands[3];
            cells.extend([1, 2, 3, 4, 5].map(|at| coin.whole(row.curve[at])));
            cells.extend([band.impact.broken(), band.impact.duties].map(|orders| format!("{orders:.0}")));
            cells.extend([band.operational, band.customer].map(|level| level.to_string()));
        }
        cells.extend([declared(d.legal_scale, ""), declared(d.reputation_scale, "")]);
        cells
    });
    page.table(
        &[
            "process",
            "4 h",
            "24 h",
            "3 d",
            "7 d",
            "30 d",
            "promises broken",
            "legal duties",
            "operations",
            "customers",
            "legal",
            "reputation",
        ],
        rows,
    );
    let rows = report.processes.iter().map(|row| {
        let d = &row.declared;
        let text = |value: &Option<String>| {
            value.as_deref().map_or_else(
                || "<span class=\"m\">missing</span>".to_owned(),
                |text| format!("<span class=\"d\">{}</span>", escape(text)),
            )
        };
        vec![
            escape(&d.code),
            declared(d.mtpd_h, "h"),
            declared(d.rto_h, "h"),
            declared(d.rpo_min, "min"),
            declared(d.mbco_percent, "%"),
            percent(row.over_time.kept),
            hours(row.achievable_h),
            row.gap_h.map_or_else(|| "no RTO".to_owned(), |gap| format!("{gap:+.0} h")),
            declared(d.people_min, ""),
            row.parcels_min.map_or_else(|| "–".to_owned(), |parcels| format!("{parcels:.0}")),
            text(&d.workaround),
            text(&d.resources_min),
            escape(&[&d.systems[..], &d.partners[..], &d.after[..]].concat().join(", ")),
        ]
    });
    page.table(
        &[
            "process",
            "MTPD",
            "RTO",
            "RPO",
            "MBCO",
            "kept meanwhile",
            "achievable",
            "gap",
            "least people",
            "least parcels a day",
            "workaround",
            "least resources",
            "needs",
        ],
        rows,
    );
}

fn together(page: &mut Page, report: &Report) {
    let coin = page.coin;
    page.head(
        "What fails together",
        &format!(
            "Companies and systems, each gone for {REFERENCE_H} hours with all that stands still with it."
        ),
    );
    for (what, rows) in [("company", &report.partners), ("system", &report.systems)] {
        let cells = |row: &bia::Outage| {
            let over: &OverTime = &row.over_time;
            vec![
                escape(&row.code),
                row.role.to_owned(),
                percent(row.share),
                format!("{:.0}", over.reference.broken()),
                coin.whole(over.reference.loss()),
                coin.whole(over.bands[5].loss),
                escape(&row.stops.join(", ")),
                escape(&row.processes.join(", ")),
            ]
        };
        page.table(
            &[
                what,
                "role",
                "share of orders",
                "promises broken",
                "loss",
                "loss at 30 d",
                "sites and carriers",
                "processes",
            ],
            rows.iter().map(cells),
        );
    }
    let rows = report
        .together
        .iter()
        .take(10)
        .map(|(a, b, rate)| vec![format!("{} + {}", escape(a), escape(b)), format!("{rate:.3}")]);
    page.table(&["closed by one event", "times a year"], rows);
}

fn shares(page: &mut Page, report: &Report) {
    let coin = page.coin;
    page.head("On whom it falls", "Average annual loss by merchant, service and SKU (the twenty dearest).");
    for (what, rows) in
        [("merchant", &report.merchants), ("service", &report.services), ("SKU", &report.skus)]
    {
        page.table(
            &[what, "loss a year"],
            rows.iter().take(20).map(|row| vec![escape(&row.code), coin.whole(row.loss_per_year)]),
        );
    }
}

fn held(page: &mut Page, calibration: Option<&Calibration>) {
    let Some(c) = calibration else {
        page.head(
            "How far to trust it",
            "<span class=\"m\">The fluid form was not held against the engine.</span>",
        );
        return;
    };
    page.head(
        "How far to trust it",
        &format!(
            "The fast form held against the engine on {} events of the catalogue, by severity; limits {} in the sum and {} at the 95th percentile. {}",
            c.events,
            percent(AGGREGATE_MAX),
            percent(P95_MAX),
            if c.holds() { "They hold." } else { "<span class=\"m\">They do not hold.</span>" }
        ),
    );
    page.add(&plot::scatter(&c.pairs, page.coin));
    let rows = [
        ("orders late", c.used.late, c.exact.late),
        ("orders unserved", c.used.unserved, c.exact.unserved),
        ("loss", c.used.cost, c.exact.cost),
    ];
    page.table(
        &["figure", "in the sum", "95th percentile", "at the events' own lengths"],
        rows.map(|(what, used, exact)| {
            vec![
                what.to_owned(),
                percent(used.aggregate),
                percent(used.p95),
                format!("{} and {}", percent(exact.aggregate), percent(exact.p95)),
            ]
        }),
    );
}

fn figures(page: &mut Page, report: &Report) {
    page.add("<h2>Where each number comes from</h2>");
    let mut group = String::new();
    for figure in &report.figures {
        let name: String = figure.id.split('.').take(2).collect::<Vec<_>>().join(".");
        if name != group {
            if !group.is_empty() {
                page.add("</tbody></table></details>");
            }
            page.add(&format!("<details><summary><code>{}</code></summary><table><tbody>", escape(&name)));
            group = name;
        }
        let trace = bia::trace(report, figure);
        let basis = format!("{:?}", figure.basis).to_lowercase();
        write!(
            page.text,
            "<tr><td><code>{}</code></td><td>{} <span>{}</span></td><td>{basis}{}</td><td>{} <span>[{}]</span></td></tr>",
            escape(&figure.id),
            figure.value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}")),
            escape(figure.unit),
            figure.note.as_ref().map_or_else(String::new, |note| format!(": {}", escape(note))),
            escape(&trace.formula),
            trace.version
        )
        .expect("writing to a string cannot fail");
    }
    if !group.is_empty() {
        page.add("</tbody></table></details>");
    }
}
