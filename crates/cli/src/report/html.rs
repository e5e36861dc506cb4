//! A drill as one HTML page: no script, nothing loaded, readable in print.

mod compare;
mod lost;
mod merchants;
mod places;
mod plans;
mod takeover;

use holdfast_domain::incident::StockAccess;
use holdfast_domain::money::group_thousands;
use holdfast_domain::state::State;
use holdfast_sim::truth::{Cause, Truth};

use super::Shown;
use super::parts::{self, Part};
use crate::outbox::Put;
use crate::words::Words;

/// Colours and tables of every page.
pub const STYLE: &str = "
:root{color-scheme:light dark;--ink:#14202b;--paper:#fff;--soft:#eef2f5;--line:#c9d3db;--good:#0b6e4f;--bad:#a4262c;--mid:#b36b00;--us:#0a5c8f}
@media(prefers-color-scheme:dark){:root{--ink:#e7edf2;--paper:#10171d;--soft:#1b252e;--line:#3a4853;--good:#5fd3a5;--bad:#ff8f8f;--mid:#e0a040;--us:#7cc4f5}}
body{font:16px/1.5 system-ui,'Noto Sans KR','Nanum Gothic',sans-serif;word-break:keep-all;overflow-wrap:break-word;color:var(--ink);background:var(--paper);margin:0 auto;padding:1.5rem;max-width:76rem}
h1{font-size:1.7rem;margin:.2rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:2px solid var(--line)}
.lead{font-size:1.15rem;font-weight:600;color:var(--us)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
th:first-child,td:first-child,.word{text-align:left}thead th{background:var(--soft)}td{white-space:nowrap}td:first-child,td.word{white-space:normal}td:first-child{min-width:8rem}
.us td{font-weight:700;color:var(--us)}.calm td{font-style:italic}.wide{overflow-x:auto}
.bar{display:flex;height:1.1rem;border-radius:3px;overflow:hidden;background:var(--soft);min-width:8rem}
.bar i{display:block;height:100%}.on{background:var(--good)}.late{background:var(--mid)}.open{background:var(--bad)}
time{font-variant-numeric:tabular-nums;opacity:.8}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--soft);padding:1rem;border-radius:4px}
svg{width:100%;height:auto;background:var(--soft);border-radius:4px}svg text{font:11px system-ui,'Noto Sans KR','Nanum Gothic',sans-serif;fill:var(--ink)}
.part{margin:1.2rem 0;padding:.2rem 1.1rem;border-left:4px solid var(--us);background:color-mix(in srgb,var(--soft) 45%,transparent)}
.part h3{margin:.6rem 0 0;font-size:1.1rem}.asks{font-style:italic;margin:.1rem 0 .6rem}figure{margin:.5rem 0}.part{break-inside:auto}
.small{font-size:.9rem}@media print{body{max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}
";

/// The top of an axis of four steps that reaches `most`, each step a round number.
pub fn rounded_up(most: f64) -> f64 {
    let step = most / 4.0;
    if !step.is_finite() || step <= 0.0 {
        return 4.0;
    }
    let ten = 10f64.powf(step.log10().floor());
    let round = [1.0, 2.0, 2.5, 5.0].into_iter().map(|times| times * ten).find(|round| *round >= step);
    4.0 * round.unwrap_or(10.0 * ten)
}

/// The page.
pub fn page(shown: &Shown<'_>, truth: &Truth, state: &State, put: &Put, parts: &[Part]) -> String {
    let report = shown.report;
    let parts = [
        frame(shown.words, shown.title()),
        format!("<p class=\"lead\">{}</p>", escape(&shown.headline())),
        shown
            .saved_by_takeover()
            .map_or_else(String::new, |saved| format!("<p class=\"lead\">{}</p>", escape(&saved))),
        parts::html(shown, parts),
        compare::comparison(shown),
        compare::waiting(shown),
        lost::lost(shown),
        takeover::takeover(shown),
        places::places(shown, truth, state),
        plans::plans(shown),
        merchants::merchants(shown),
        plans::forecasts(shown),
        plans::early(shown),
        plans::preview(shown),
        notices(shown, put),
        proof(shown),
        format!("<h2>{}</h2><ul class=\"small\">", escape(&shown.say("head-facts"))),
        shown.facts().iter().map(|fact| format!("<li>{}</li>", escape(fact))).collect(),
        format!(
            "</ul><p class=\"small\">{} {} {}</p></main></body></html>\n",
            escape(&shown.tell("seed", &[("seed", &report.seed)])),
            escape(&shown.tell("zone-of-times", &[("zone", &shown.zone.name())])),
            escape(&shown.say("json-too"))
        ),
    ];
    parts.concat()
}

/// The beginning of a page, up to and with its heading.
pub fn frame(words: &Words, title: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title} – Holdfast</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>",
        words.lang.code()
    )
}

/// A table of cells that are HTML already; columns named in `words` read from the left, the others from the right.
pub fn table(header: &[String], rows: &[Vec<String>], words: &[usize]) -> String {
    let class = |column: usize| if words.contains(&column) { " class=\"word\"" } else { "" };
    let head: String = header
        .iter()
        .enumerate()
        .map(|(column, text)| format!("<th scope=\"col\"{}>{text}</th>", class(column)))
        .collect();
    let row = |cells: &Vec<String>| {
        let cells =
            cells.iter().enumerate().map(|(column, cell)| format!("<td{}>{cell}</td>", class(column)));
        format!("<tr>{}</tr>", cells.collect::<String>())
    };
    format!(
        "<div class=\"wide\"><table><thead><tr>{head}</tr></thead><tbody>{}</tbody></table></div>",
        rows.iter().map(row).collect::<String>()
    )
}

/// Messages as cells.
pub fn cells(words: &Words, keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| escape(&words.say(key))).collect()
}

/// A bar of three parts: on time, late, open.
pub fn bar(label: &str, parts: [u64; 3]) -> String {
    let whole = parts.iter().sum::<u64>().max(1);
    let width = |part: u64| 100.0 * part as f64 / whole as f64;
    format!(
        "<div class=\"bar\" role=\"img\" aria-label=\"{}\"><i class=\"on\" style=\"width:{:.2}%\"></i><i class=\"late\" style=\"width:{:.2}%\"></i><i class=\"open\" style=\"width:{:.2}%\"></i></div>",
        escape(label),
        width(parts[0]),
        width(parts[1]),
        width(parts[2])
    )
}

/// The message for what becomes of stock.
pub const fn stock(access: StockAccess) -> &'static str {
    match access {
        StockAccess::Inaccessible => "stock-inaccessible",
        StockAccess::Unknown => "stock-unknown",
        StockAccess::Lost => "stock-lost",
    }
}

/// The message for why a site closed.
pub const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Wind => "cause-wind",
        Cause::Declared => "cause-declared",
    }
}

fn notices(shown: &Shown<'_>, put: &Put) -> String {
    let mails = group_thousands(put.mails as u64);
    let mut html = format!(
        "<h2>{}</h2><p>{}</p>",
        escape(&shown.say("head-told")),
        escape(&shown.tell("notices-line", &[("mails", &mails), ("without", &put.without_address)]))
    );
    for (language, (subject, body)) in &put.samples {
        html.push_str(&format!(
            "<details open><summary lang=\"{language}\"><b>{}</b></summary><pre lang=\"{language}\">{}</pre></details>",
            escape(subject),
            escape(body)
        ));
    }
    html
}

fn proof(shown: &Shown<'_>) -> String {
    let report = shown.report;
    let (plans, accepted) = report.plans_checked;
    let mut html = format!(
        "<h2>{}</h2><p>{} {}</p>",
        escape(&shown.say("head-proof")),
        escape(&shown.tell("plans-accepted", &[("accepted", &accepted), ("plans", &plans)])),
        escape(&shown.tell("recounted", &[("policies", &shown.policies(&report.recounted))]))
    );
    for differs in report.recount_differs.iter().chain(&report.violations) {
        html.push_str(&format!("<p><b>{}</b></p>", escape(&shown.tell("differs", &[("what", &differs)]))));
    }
    html
}

/// Text as HTML.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
