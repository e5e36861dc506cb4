//! What is printed: the break-glass pack, one document for each site, for a day on which no screen works.
//!
//! Invariant: a document stands alone. It names no other file, holds its own style, and loses nothing in black and
//! white.

use holdfast_app::pack::{PAGE_ROWS, Pack, Row, SitePages};
use holdfast_domain::time::Zone;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::words::{Locale, Words, name, say};

/// A page of A4 on its side, rows that are never torn, boxes large enough for a pen.
const STYLE: &str = "
@page { size: A4 landscape; margin: 12mm }
* { box-sizing: border-box }
body { font: 10.5pt/1.35 Pretendard, 'Noto Sans KR', 'NanumGothic', 'Malgun Gothic', system-ui, sans-serif; color: #000;
  background: #fff; margin: 0 auto; max-width: 290mm; padding: 4mm }
h1 { font-size: 17pt; margin: 0 } h2 { font-size: 12pt; margin: 5mm 0 2mm }
p { margin: 1mm 0 } ol { margin: 1mm 0 0; padding-left: 6mm }
.box { border: 1.5pt solid #000; padding: 2mm 4mm; margin: 3mm 0 }
.sheet { break-before: page } .head { display: flex; justify-content: space-between; gap: 6mm; align-items: baseline }
table { border-collapse: collapse; width: 100% } tr { break-inside: avoid }
th, td { border: 0.6pt solid #000; padding: 1.2mm 1.8mm; text-align: left; vertical-align: top }
th { font-size: 8.5pt } thead { display: table-header-group }
.n { text-align: right; white-space: nowrap } .row { font: 700 11pt ui-monospace, monospace; white-space: nowrap }
.tick { width: 12mm } .tick span { display: block; width: 7mm; height: 7mm; border: 1.4pt solid #000 }
.day { width: 20mm } .track { width: 42mm } small { font-size: 8.5pt }
.signs { display: flex; gap: 12mm; margin-top: 6mm } .signs p { flex: 1; border-top: 0.8pt solid #000; padding-top: 1mm }
@media screen and (max-width: 700px) { body { overflow-x: auto } table { min-width: 640px } }";

/// A site's part of a pack as an HTML document.
#[must_use]
pub fn pack(pack: &Pack, site: &SitePages, zone: &Zone, locale: Locale) -> String {
    let w = Words::of(locale);
    let pages = site.rows.len().div_ceil(PAGE_ROWS);
    let title = say!(w, "paper-pack-of", id = pack.id.as_str(), site = name(&site.name));
    let made =
        say!(w, "paper-made", when = w.moment(pack.made, zone), version = pack.version, days = pack.days);
    let document = html! {
        (DOCTYPE)
        html lang=(locale.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                div.head { h1 { (w.say("paper-pack")) ": " (site.code) } p { (title) } }
                p { (made) }
                div.box {
                    h2 { (w.say("paper-how")) }
                    ol { @for step in 1..=4 { li { (w.say(&format!("paper-how-{step}"))) } } }
                    p { strong { (w.say("paper-secret")) } }
                }
                h2 { (w.say("paper-contacts")) }
                table {
                    thead { tr { th { (w.say("paper-name")) } th { (w.say("paper-contact")) } } }
                    tbody { @for contact in &pack.contacts {
                        tr { td { bdi { (contact.name) } } td { bdi { (contact.contact) } } }
                    } }
                }
                @if site.rows.is_empty() { p { (w.say("paper-nothing")) } }
                @for (index, rows) in site.rows.chunks(PAGE_ROWS).enumerate() {
                    (sheet(w, &title, index + 1, pages, rows))
                }
                (stock(w, site))
            }
        }
    };
    document.into_string()
}

fn sheet(w: Words, title: &str, page: usize, pages: usize, rows: &[Row]) -> Markup {
    let heads = ["paper-row", "paper-order", "paper-to", "paper-items", "paper-service", "paper-due"];
    html! {
        section.sheet {
            div.head { h2 { (title) } p { (say!(w, "paper-page", page = page, pages = pages)) } }
            table {
                thead { tr {
                    @for head in heads { th { (w.say(head)) } }
                    th { (w.say("paper-shipped")) } th { (w.say("paper-day")) } th { (w.say("paper-tracking")) }
                } }
                tbody { @for row in rows { tr {
                    td.row { (row.code) }
                    td { bdi { (row.number) } br; small { bdi { (row.merchant) } }
                        @if let Some(shipment) = row.shipment {
                            br; small { (say!(w, "paper-told", shipment = shipment.to_string())) }
                        } }
                    td { (address(w, row)) }
                    td { @for item in &row.items {
                        div { strong { (w.number(i64::from(item.quantity.0))) " ×" } " " bdi { (item.sku) } br;
                            small { bdi { (item.name) } } }
                    } }
                    td { bdi { (row.service) } }
                    td { (w.day(row.due)) br; small { (say!(w, "paper-promised", day = w.day(row.promise))) } }
                    td.tick { span {} } td.day {} td.track {}
                } } }
            }
            div.signs { p { (w.say("paper-sign")) } p { (w.say("paper-checked")) } }
        }
    }
}

fn address(w: Words, row: &Row) -> Markup {
    let person = &row.person;
    html! {
        @if person.name.is_empty() && person.street.is_empty() {
            small { (w.say("paper-nobody")) } br;
        } @else {
            bdi { (person.name) } br; bdi { (person.street) } br;
        }
        bdi { (person.city) } " " (row.postal) " " (row.country)
        @if !person.phone.is_empty() { br; small { bdi { (person.phone) } } }
    }
}

fn stock(w: Words, site: &SitePages) -> Markup {
    html! {
        section.sheet {
            h2 { (w.say("paper-stock")) ": " (site.code) }
            table {
                thead { tr {
                    th { (w.say("paper-sku")) } th { (w.say("paper-name")) }
                    th.n { (w.say("paper-on-hand")) } th.n { (w.say("paper-reserved")) }
                    th.n { (w.say("paper-quarantined")) } th.day { (w.say("paper-counted")) }
                } }
                tbody { @for row in &site.stock { tr {
                    td { bdi { (row.sku) } br; small { bdi { (row.merchant) } } } td { bdi { (row.name) } }
                    td.n { (w.number(i64::from(row.on_hand))) } td.n { (w.number(i64::from(row.reserved))) }
                    td.n { (w.number(i64::from(row.quarantined))) } td.day {}
                } } }
            }
        }
    }
}
