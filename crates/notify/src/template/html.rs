//! The HTML form of a mail: one column, no images, no scripts, nothing loaded from elsewhere. (Where a merchant counts
//! who opens its notices, the letter adds one image of a pixel.)
//!
//! Every text is escaped where it is written and nowhere else; a link has been checked by the content.

use super::document::Document;

/// `text` with the five characters escaped that mean something in HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

const BODY: &str = "margin:0;padding:24px;background:#f4f6f8;color:#14202b;\
                    font:16px/1.5 -apple-system,'Apple SD Gothic Neo','Malgun Gothic',Segoe UI,Roboto,sans-serif";
const CARD: &str = "max-width:600px;margin:0 auto;padding:24px;background:#ffffff;border-radius:8px";
const LABEL: &str = "padding:6px 16px 6px 0;vertical-align:top;text-align:left;color:#44546a;font-weight:600;\
                     white-space:nowrap";
const VALUE: &str = "padding:6px 0;vertical-align:top";
const BUTTON: &str = "display:inline-block;margin:6px 8px 6px 0;padding:10px 16px;border-radius:6px;\
                      background:#0b5cad;color:#ffffff;text-decoration:none";

/// The page of `document`.
pub(super) fn page(document: &Document) -> String {
    let e = escape;
    let mut html = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n</head>\n\
         <body style=\"{BODY}\">\n<main style=\"{CARD}\">\n<p>{}</p>\n<h1 style=\"font-size:20px\">{}</h1>\n\
         <p>{}</p>\n<p>{}</p>\n<table role=\"presentation\" style=\"border-collapse:collapse\">\n",
        e(&document.language),
        e(&document.subject),
        e(&document.merchant),
        e(&document.heading),
        e(&document.greeting),
        e(&document.lead),
    );
    for row in &document.rows {
        let lines: Vec<String> = row.lines.iter().map(|line| e(line)).collect();
        let lines = lines.join("<br>");
        let label = e(&row.label);
        html.push_str(&format!(
            "<tr><th scope=\"row\" style=\"{LABEL}\">{label}</th><td style=\"{VALUE}\">{lines}</td></tr>\n"
        ));
    }
    html.push_str("</table>\n");
    if !document.actions.is_empty() {
        html.push_str("<p>");
        for action in &document.actions {
            let (link, label) = (e(&action.link), e(&action.label));
            html.push_str(&format!("<a href=\"{link}\" style=\"{BUTTON}\">{label}</a>"));
        }
        html.push_str("</p>\n");
    }
    if let Some(silence) = &document.silence {
        html.push_str(&format!("<p>{}</p>\n", e(silence)));
    }
    html.push_str(&format!(
        "<p style=\"font-size:13px;color:#44546a\">{}</p>\n</main>\n</body>\n</html>\n",
        e(&document.footer)
    ));
    html
}
