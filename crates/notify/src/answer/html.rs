//! The customer's page as HTML: one column from 320 pixels on, no script, nothing loaded, every control labelled.

use fluent_bundle::FluentArgs;
use holdfast_domain::care::AnswerChoice;

use super::model::OrderPage;
use crate::template::catalog::{Unsaid, Words};
use crate::template::html::escape;
use crate::template::phrase::{self, args};
use crate::template::{Choice, DayRange};

/// What a page is made of.
pub(super) struct Shown<'a> {
    pub(super) merchant: &'a str,
    pub(super) contact: &'a str,
    pub(super) token: &'a str,
    pub(super) orders: &'a [OrderPage],
    /// The choice the link was followed for: shown first, and done only when sent.
    pub(super) choice: Option<Choice>,
    /// What is said on top, as a key.
    pub(super) said: Option<&'a str>,
}

const STYLE: &str = "body{margin:0;background:#f4f6f8;color:#14202b;font:17px/1.5 -apple-system,'Apple SD Gothic Neo',\
    'Malgun Gothic','Noto Sans KR',Segoe UI,Roboto,sans-serif;word-break:keep-all;overflow-wrap:anywhere}main{max-width:\
    560px;margin:0 auto;padding:16px}section{background:#fff;border-radius:10px;padding:16px;margin:0 0 16px}h1{font-size:\
    22px;margin:8px 0 16px}h2{font-size:19px;margin:0 0 8px}h3{font-size:17px;margin:0 0 4px}.note{border-left:5px solid \
    #1b7f4b}.ask{border-left:5px solid #b3541e}p{margin:0 0 10px}ul{margin:0 0 10px;padding:0 0 0 20px}.muted{color:#44546a}\
    form{border-top:1px solid #d5dce3;padding:14px 0 6px;margin:10px 0 0}label{display:block;margin:0 0 10px}input[type=text]\
    {display:block;width:100%;box-sizing:border-box;font:inherit;padding:10px;border:1px solid #6b7a89;border-radius:6px;\
    background:#fff;color:#14202b}button{font:inherit;font-weight:600;width:100%;padding:13px;border:2px solid #0b5cad;\
    border-radius:8px;background:#0b5cad;color:#fff;cursor:pointer}button.plain{background:#fff;color:#0b5cad}button:\
    focus-visible,input:focus-visible{outline:3px solid #b3541e;outline-offset:2px}@media(prefers-color-scheme:dark){body{\
    background:#10161c;color:#e6ebf0}section{background:#1a232c}.muted{color:#a9b6c4}button.plain{background:#1a232c;\
    color:#9cc8f5;border-color:#9cc8f5}form{border-color:#3a4753}input[type=text]{background:#10161c;color:#e6ebf0}}";

/// The page.
pub(super) fn page(shown: &Shown<'_>, words: &Words<'_>) -> Result<String, Unsaid> {
    let title = words.say("page-title", &args! { "merchant" = shown.merchant.to_owned() })?;
    let mut body = String::new();
    if let Some(said) = shown.said {
        let text = words.say(said, &FluentArgs::new())?;
        body.push_str(&format!(
            "<section class=\"note\" role=\"status\"><p>{}</p></section>\n",
            escape(&text)
        ));
    }
    for order in shown.orders {
        body.push_str(&one(shown, order, words)?);
    }
    if !shown.contact.is_empty() {
        let contact = words.say("page-contact", &args! { "mail" = shown.contact.to_owned() })?;
        body.push_str(&format!("<p class=\"muted\">{}</p>\n", escape(&contact)));
    }
    Ok(frame(&title, &body, words))
}

/// The page of a link that does not hold. It says nothing of any order.
pub(super) fn refusal(said: &str, words: &Words<'_>) -> Result<String, Unsaid> {
    let none = FluentArgs::new();
    let title = words.say("page-link-title", &none)?;
    let text = words.say(said, &none)?;
    Ok(frame(&title, &format!("<section class=\"ask\"><p>{}</p></section>\n", escape(&text)), words))
}

/// A page of this house: one column, nothing loaded.
pub(crate) fn frame(title: &str, body: &str, words: &Words<'_>) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n",
        escape(words.language()),
        title = escape(title),
    )
}

fn one(shown: &Shown<'_>, order: &OrderPage, words: &Words<'_>) -> Result<String, Unsaid> {
    let none = FluentArgs::new();
    let label = words.say("label-orders", &none)?;
    let state = words.say(&format!("page-state-{}", order.standing.code()), &none)?;
    let mut html = format!(
        "<section>\n<h2>{} {}</h2>\n<p><strong>{}</strong></p>\n",
        escape(&label),
        escape(&order.number),
        escape(&state)
    );
    if let Some(day) = order.expected {
        let range = DayRange { first: day, last: day.plus(1), confidence_pct: 90 };
        let text = words.say("page-expected", &args! { "range" = phrase::range_long(words, range)? })?;
        html.push_str(&format!("<p>{}</p>\n", escape(&text)));
    }
    html.push_str("<ul>\n");
    for (name, units) in &order.items {
        let units = i64::try_from(*units).unwrap_or(i64::MAX);
        let text = words.say("item", &args! { "item" = name.clone(), "quantity" = units })?;
        html.push_str(&format!("<li>{}</li>\n", escape(&text)));
    }
    html.push_str("</ul>\n");
    for line in said_of(order, words)? {
        html.push_str(&format!("<p>{}</p>\n", escape(&line)));
    }
    if order.may_wait || order.may_cancel || order.may_change_address {
        html.push_str(&format!("<h3>{}</h3>\n", escape(&words.say("page-choose", &none)?)));
        let mut forms = vec![
            (Choice::Wait, order.may_wait),
            (Choice::Cancel, order.may_cancel),
            (Choice::ChangeAddress, order.may_change_address),
        ];
        // What the reader came for stands first.
        forms.sort_by_key(|(choice, _)| Some(*choice) != shown.choice);
        for (choice, _) in forms.into_iter().filter(|(_, may)| *may) {
            html.push_str(&form(shown, order, choice, words)?);
        }
    }
    html.push_str("</section>\n");
    Ok(html)
}

/// Answers, last days and money, in sentences.
fn said_of(order: &OrderPage, words: &Words<'_>) -> Result<Vec<String>, Unsaid> {
    let mut lines = Vec::new();
    if let Some(day) = order.answer_by {
        lines.push(words.say("page-answer-by", &args! { "date" = phrase::date_long(words, day)? })?);
    }
    if let Some((choice, day)) = order.answered {
        let key = match choice {
            AnswerChoice::Wait | AnswerChoice::WaitUntil(_) => "page-answered-wait",
            AnswerChoice::Cancel => "page-answered-cancel",
            AnswerChoice::Address => "page-answered-address",
        };
        lines.push(words.say(key, &args! { "date" = phrase::date_long(words, day)? })?);
    }
    match order.refund {
        Some((amount, Some(by))) => {
            let (amount, date) = (phrase::money(words, amount)?, phrase::date_long(words, by)?);
            lines.push(words.say("page-refund-due", &args! { "amount" = amount, "date" = date })?);
        }
        Some((amount, None)) => {
            lines.push(words.say("page-refund-done", &args! { "amount" = phrase::money(words, amount)? })?);
        }
        None => {}
    }
    Ok(lines)
}

fn form(shown: &Shown<'_>, order: &OrderPage, choice: Choice, words: &Words<'_>) -> Result<String, Unsaid> {
    let none = FluentArgs::new();
    let (key, class) = match choice {
        Choice::Wait => ("page-wait", ""),
        Choice::Cancel => ("page-cancel", " class=\"plain\""),
        Choice::ChangeAddress => ("page-address", " class=\"plain\""),
    };
    let heading = words.say(key, &none)?;
    let button = words.say(&format!("{key}-button"), &none)?;
    let mut html = format!(
        "<form method=\"post\" action=\"/a/{}\">\n<input type=\"hidden\" name=\"order\" value=\"{}\">\n\
         <input type=\"hidden\" name=\"choice\" value=\"{}\">\n<h3>{}</h3>\n",
        escape(shown.token),
        order.order,
        choice.code(),
        escape(&heading)
    );
    let hint = match choice {
        Choice::Wait => None,
        Choice::Cancel => {
            let amount = phrase::money(words, order.value)?;
            Some(words.say("page-cancel-hint", &args! { "amount" = amount })?)
        }
        Choice::ChangeAddress => {
            Some(words.say("page-address-hint", &args! { "merchant" = shown.merchant.to_owned() })?)
        }
    };
    if let Some(hint) = hint {
        html.push_str(&format!("<p class=\"muted\">{}</p>\n", escape(&hint)));
    }
    if choice == Choice::ChangeAddress {
        let fields = [
            ("street", "street-address", 120),
            ("city", "address-level2", 120),
            ("postal", "postal-code", 16),
        ];
        for (name, fill, most) in fields {
            let label = words.say(&format!("page-{name}"), &none)?;
            html.push_str(&format!(
                "<label>{}<input type=\"text\" name=\"{name}\" autocomplete=\"{fill}\" maxlength=\"{most}\" \
                 required></label>\n",
                escape(&label)
            ));
        }
    }
    html.push_str(&format!("<button type=\"submit\"{class}>{}</button>\n</form>\n", escape(&button)));
    Ok(html)
}
