//! A document as one HTML page that prints on A4: no script, nothing loaded, readable in black and white.

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use crate::{Block, Document, Section};

/// Pages of A4, rows that are never torn, sections on pages of their own where they ask for it.
const STYLE: &str = "
@page { size: A4; margin: 18mm 16mm 20mm; @bottom-right { content: counter(page) ' / ' counter(pages); font: 8pt sans-serif } }
* { box-sizing: border-box }
:root { --ink: #14202b; --soft: #eef2f5; --line: #b9c4cc; --us: #0a4a73 }
body { font: 10.5pt/1.45 Pretendard, 'Noto Sans KR', 'Nanum Gothic', 'Malgun Gothic', system-ui, sans-serif; color: var(--ink);
  background: #fff; margin: 0 auto; max-width: 185mm; padding: 6mm; word-break: keep-all; overflow-wrap: anywhere }
h1 { font-size: 26pt; line-height: 1.15; margin: 30mm 0 3mm } .owner { font-size: 14pt; margin: 0 0 10mm }
h2 { font-size: 15pt; margin: 9mm 0 2mm; color: var(--us); break-after: avoid; border-bottom: 1.2pt solid var(--us) }
p { margin: 1.5mm 0 } .box { border: 1.4pt solid #000; padding: 2mm 4mm; margin: 3mm 0; font-weight: 600 } .note { font-size: 8.5pt }
.cover { break-after: page } .cover table { width: auto; min-width: 70% } nav ol { padding-left: 7mm } nav a { color: inherit }
section.own { break-before: page } .running { font-size: 8pt; color: #45525c; border-top: .6pt solid var(--line); margin-top: 10mm; padding-top: 1mm }
table { border-collapse: collapse; width: 100%; margin: 2mm 0 4mm; font-size: 9.2pt } tr { break-inside: avoid }
caption { text-align: left; font-weight: 700; padding: 1mm 0 } thead { display: table-header-group }
th, td { border: .5pt solid var(--line); padding: 1mm 1.8mm; text-align: left; vertical-align: top }
th { background: var(--soft); font-size: 8.5pt } .n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.tick { width: 8mm } .tick span { display: block; width: 4.6mm; height: 4.6mm; border: 1.1pt solid #000 } .by { width: 34mm }
.form td { height: 11mm } blockquote { margin: 2mm 0 4mm; border-left: 2.5pt solid var(--us); padding: 1mm 4mm; break-inside: avoid }
blockquote pre { white-space: pre-wrap; font: inherit; font-size: 9pt; margin: 1mm 0 } figure { margin: 2mm 0; break-inside: avoid }
figure svg { width: 100%; height: auto; border: .5pt solid var(--line) } figcaption { font-size: 8.5pt }
@media screen { body { padding: 8mm } .wide { overflow-x: auto } }";

/// The page.
#[must_use]
pub fn html(document: &Document) -> String {
    let page = markup! {
        (DOCTYPE)
        html lang=(document.language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (document.title) " – " (document.owner) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header.cover {
                    h1 { (document.title) }
                    p.owner { bdi { (document.owner) } }
                    table { tbody { @for (name, value) in &document.cover {
                        tr { th scope="row" { (name) } td { (value) } }
                    } } }
                    nav aria-label=(document.contents) {
                        h2 { (document.contents) }
                        ol { @for section in &document.sections {
                            li { a href={ "#" (section.id) } { (section.title) } }
                        } }
                    }
                }
                main { @for (index, section) in document.sections.iter().enumerate() {
                    (one(index + 1, section))
                } }
                footer.running { (document.running) }
            }
        }
    };
    page.into_string()
}

fn one(number: usize, section: &Section) -> Markup {
    markup! {
        section id=(section.id) class=(if section.own_page { "own" } else { "" }) {
            h2 { (number) ". " (section.title) }
            @for block in &section.blocks { (block_of(block)) }
        }
    }
}

fn block_of(block: &Block) -> Markup {
    markup! {
        @match block {
            Block::Text { text } => p { (text) },
            Block::Box { text } => p.box { (text) },
            Block::Note { text } => p.note { (text) },
            Block::Table { caption, head, right, rows } => div.wide { table {
                @if !caption.is_empty() { caption { (caption) } }
                thead { tr { @for (at, text) in head.iter().enumerate() {
                    th scope="col" class=(if right.contains(&at) { "n" } else { "" }) { (text) }
                } } }
                tbody { @for row in rows { tr { @for (at, cell) in row.iter().enumerate() {
                    td class=(if right.contains(&at) { "n" } else { "" }) { (cell) }
                } } } }
            } },
            Block::Checklist { caption, head, items } => div.wide { table {
                @if !caption.is_empty() { caption { (caption) } }
                thead { tr { th.tick {} @for (at, text) in head.iter().enumerate() {
                    th scope="col" class=(if at == 3 { "by" } else { "" }) { (text) }
                } } }
                tbody { @for item in items { tr {
                    td.tick { span {} } td { (item.what) } td { (item.who) } td { (item.within) } td.by {}
                } } }
            } },
            Block::Quote { caption, language, subject, text } => blockquote {
                p { strong { (caption) } }
                p lang=(language) { strong { (subject) } }
                pre lang=(language) { (text) }
            },
            Block::Drawing { svg, caption } => figure { (PreEscaped(svg)) figcaption { (caption) } },
            Block::Form { head, lines } => table.form {
                thead { tr { @for text in head { th scope="col" { (text) } } } }
                tbody { @for line in lines { tr {
                    td { (line) } @for _ in 1..head.len() { td {} }
                } } }
            },
        }
    }
}
