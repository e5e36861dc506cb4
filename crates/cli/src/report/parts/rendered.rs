//! The parts written out: as a section of the page, and as text for the terminal.

use comfy_table::{CellAlignment, Table, presets};

use super::{Part, Piece};
use crate::report::Shown;
use crate::report::html::{escape, table as html_table};

/// The parts as a section of the page.
pub fn html(shown: &Shown<'_>, parts: &[Part]) -> String {
    let mut out = format!(
        "<h2 id=\"parts\">{}</h2><p>{}</p>",
        escape(&shown.say("head-parts")),
        escape(&shown.say("parts-explained"))
    );
    for (index, part) in parts.iter().enumerate() {
        let number = index + 1;
        out.push_str(&format!(
            "<section class=\"part\" id=\"part-{number}\"><h3>{number}. {}</h3><p class=\"asks\">{}</p>",
            escape(&part.title),
            escape(&part.asks)
        ));
        for piece in &part.answer {
            out.push_str(&piece_html(piece));
        }
        out.push_str("</section>");
    }
    out
}

fn piece_html(piece: &Piece) -> String {
    match piece {
        Piece::Line(text) => format!("<p>{}</p>", escape(text)),
        Piece::Table { head, rows, words } => {
            let head: Vec<String> = head.iter().map(|text| escape(text)).collect();
            let rows: Vec<Vec<String>> =
                rows.iter().map(|row| row.iter().map(|text| escape(text)).collect()).collect();
            html_table(&head, &rows, words)
        }
        Piece::Told { about, language, subject, text } => format!(
            "<details open><summary>{}</summary><pre lang=\"{language}\"><b>{}</b>\n\n{}</pre></details>",
            escape(about),
            escape(subject),
            escape(text)
        ),
        Piece::Map { svg, legend } => {
            format!("<figure>{svg}<figcaption>{}</figcaption></figure>", escape(legend))
        }
        Piece::Link { text, file } => format!("<p><a href=\"{0}\">{1}</a></p>", escape(file), escape(text)),
    }
}

/// The parts as text.
pub fn text(shown: &Shown<'_>, parts: &[Part]) -> String {
    let mut lines = vec![shown.say("head-parts"), shown.say("parts-explained")];
    for (index, part) in parts.iter().enumerate() {
        lines.push(String::new());
        lines.push(format!("{}. {}", index + 1, part.title));
        lines.push(format!("   {}", part.asks));
        lines.extend(part.answer.iter().map(piece_text).filter(|text| !text.is_empty()));
    }
    lines.join("\n")
}

fn piece_text(piece: &Piece) -> String {
    match piece {
        Piece::Line(text) => format!("   → {text}"),
        Piece::Table { head, rows, words } => {
            let mut table = Table::new();
            table.load_style(presets::NOTHING);
            table.set_header(head.clone());
            for row in rows {
                table.add_row(row.clone());
            }
            for column in (0..head.len()).filter(|column| !words.contains(column)) {
                if let Some(column) = table.column_mut(column) {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
            table.to_string().lines().map(|line| format!("     {line}")).collect::<Vec<_>>().join("\n")
        }
        Piece::Told { about, subject, text, .. } => {
            let quoted: Vec<String> = std::iter::once(subject.as_str())
                .chain(std::iter::once(""))
                .chain(text.lines())
                .map(|line| format!("     | {line}"))
                .collect();
            format!("   {about}\n{}", quoted.join("\n"))
        }
        // A map is for the page; the table before it says the same.
        Piece::Map { .. } => String::new(),
        Piece::Link { text, file } => format!("   → {text}: {file}"),
    }
}
