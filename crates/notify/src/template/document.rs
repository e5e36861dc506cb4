//! A notice as finished sentences under labels, before any channel's layout.

use super::catalog::{Unsaid, Words};
use super::content::{Audience, Choice, NoticeContent, Phase, Silence};
use super::phrase::{self, args};
use fluent_bundle::{FluentArgs, FluentValue};
use serde::Serialize;

/// A label and what stands beside it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// What the row is about; a stable key.
    pub key: &'static str,
    /// The label in the reader's language.
    pub label: String,
    /// One or more lines.
    pub lines: Vec<String>,
}

/// A link with the words on it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Action {
    /// What it does; a stable code.
    pub code: &'static str,
    /// The words.
    pub label: String,
    /// The same in at most 14 characters, for a button.
    pub button: String,
    /// Where it leads.
    pub link: String,
}

/// A notice as finished sentences.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Document {
    /// The language in use.
    pub language: String,
    /// Who sends it.
    pub merchant: String,
    /// The subject of a mail.
    pub subject: String,
    /// A short title.
    pub heading: String,
    /// The greeting.
    pub greeting: String,
    /// The opening.
    pub lead: String,
    /// The facts.
    pub rows: Vec<Row>,
    /// What the reader may choose.
    pub actions: Vec<Action>,
    /// What silence means, if anything is asked.
    pub silence: Option<String>,
    /// Why it was sent.
    pub footer: String,
    /// The short form for a text message.
    pub short: String,
}

/// Puts the sentences together; `content` has been checked.
pub(super) fn compose(content: &NoticeContent, words: &Words<'_>) -> Result<Document, Unsaid> {
    let phase = content.phase.code();
    let facts = shared_args(content, words)?;
    let lead = format!("lead-{}-{phase}", content.audience.code());
    let lead = if words.knows(&lead) { lead } else { format!("lead-{phase}") };
    let (greeting, footer) = match (&content.name, content.audience) {
        (Some(_), _) => (words.say("greeting", &facts)?, content.audience),
        (None, audience) => (words.say("greeting-unnamed", &facts)?, audience),
    };
    let footer = if footer == Audience::Customer { "footer" } else { "footer-partner" };
    Ok(Document {
        language: words.language().to_owned(),
        merchant: content.merchant.to_string(),
        subject: words.say(&format!("subject-{phase}"), &facts)?,
        heading: words.say(&format!("heading-{phase}"), &facts)?,
        greeting,
        lead: words.say(&lead, &facts)?,
        rows: rows(content, words)?,
        actions: actions(content, words)?,
        silence: silence(content, words)?,
        footer: words.say(footer, &facts)?,
        short: words.say(&format!("sms-{phase}"), &facts)?,
    })
}

/// The variables subjects, openings and short texts share; a fact the content lacks stays out, so that a
/// message which needs it fails.
fn shared_args(content: &NoticeContent, words: &Words<'_>) -> Result<FluentArgs<'static>, Unsaid> {
    let mut facts = args! { "merchant" = content.merchant.to_string() };
    let mut set = |name: &'static str, value: Option<String>| {
        if let Some(value) = value {
            facts.set(name, FluentValue::from(value));
        }
    };
    set("name", content.name.as_deref().map(str::to_owned));
    set("place", content.place.as_deref().map(str::to_owned));
    if !content.orders.is_empty() {
        set("orders", Some(phrase::orders_short(words, &content.orders)?));
    }
    set("range", content.new_days.map(|range| phrase::range_short(words, range)).transpose()?);
    if let Some(refund) = content.refund {
        set("amount", Some(phrase::money(words, refund.amount)?));
        set("date", Some(phrase::date_long(words, refund.by)?));
    }
    let answer = content.offers.iter().find(|offer| offer.choice == Choice::Cancel);
    let link = answer.or(content.offers.first()).map(|offer| &offer.link).or(content.link.as_ref());
    set("link", link.map(ToString::to_string));
    Ok(facts)
}

fn rows(content: &NoticeContent, words: &Words<'_>) -> Result<Vec<Row>, Unsaid> {
    let none = FluentArgs::new();
    let mut rows = vec![];
    let mut row = |key: &'static str, lines: Vec<String>| -> Result<(), Unsaid> {
        if !lines.is_empty() {
            rows.push(Row { key, label: words.say(&format!("label-{key}"), &none)?, lines });
        }
        Ok(())
    };
    let each = |kind: &str, codes: &[&str]| -> Result<Vec<String>, Unsaid> {
        codes.iter().map(|code| words.say(&format!("{kind}-{code}"), &none)).collect()
    };
    let place: Vec<String> = content.place.iter().map(ToString::to_string).collect();
    row("place", place)?;
    row("orders", content.orders.iter().map(|order| order.number.to_string()).collect())?;
    row("items", items(content, words)?)?;
    row("reason", reason(content, words)?)?;
    row("done", each("action", &content.done.iter().map(|done| done.code()).collect::<Vec<_>>())?)?;
    if let Some(touched) = content.orders_touched {
        let count = i64::try_from(touched).unwrap_or(i64::MAX);
        row("touched", vec![words.say("touched", &args! { "count" = count })?])?;
    }
    row("asks", each("ask", &content.asks.iter().map(|ask| ask.code()).collect::<Vec<_>>())?)?;
    let old = content.old_day.map(|day| phrase::date_long(words, day)).transpose()?;
    row("old-date", old.into_iter().collect())?;
    row("new-date", new_date(content, words)?)?;
    row("refund", refund(content, words)?)?;
    let next = content.next_word.as_ref().map(|next| phrase::moment(words, next)).transpose()?;
    let next = next.map(|moment| words.say("next-word", &args! { "moment" = moment })).transpose()?;
    row("next", next.into_iter().collect())?;
    let mail =
        content.contact.mail.as_ref().map(|mail| ("contact-mail", args! { "mail" = mail.to_string() }));
    let phone = content.contact.phone.as_ref();
    let phone = phone.map(|phone| ("contact-phone", args! { "phone" = phone.to_string() }));
    let contact = mail.into_iter().chain(phone).map(|(id, args)| words.say(id, &args));
    row("contact", contact.collect::<Result<_, _>>()?)?;
    Ok(rows)
}

fn items(content: &NoticeContent, words: &Words<'_>) -> Result<Vec<String>, Unsaid> {
    let items = content.orders.iter().flat_map(|order| &order.items);
    items
        .map(|item| {
            let quantity = i64::try_from(item.quantity).unwrap_or(i64::MAX);
            words.say("item", &args! { "item" = item.name.to_string(), "quantity" = quantity })
        })
        .collect()
}

/// The hazard in a sentence, then how it reached the order.
fn reason(content: &NoticeContent, words: &Words<'_>) -> Result<Vec<String>, Unsaid> {
    if matches!(content.phase, Phase::Refunded | Phase::BackOnSchedule | Phase::AllClear) {
        return Ok(vec![]);
    }
    let region = content.region.as_deref().unwrap_or("none").to_owned();
    let hazard = format!("hazard-{}", content.hazard.code());
    let mut lines = vec![words.say(&hazard, &args! { "region" = region })?];
    if let Some(cause) = content.cause {
        lines.push(words.say(&format!("cause-{}", cause.code()), &FluentArgs::new())?);
    }
    Ok(lines)
}

fn new_date(content: &NoticeContent, words: &Words<'_>) -> Result<Vec<String>, Unsaid> {
    match (content.new_days, content.phase) {
        (Some(range), _) => {
            let long = phrase::range_long(words, range)?;
            let percent = i64::from(range.confidence_pct);
            Ok(vec![words.say("new-date", &args! { "range" = long, "percent" = percent })?])
        }
        (None, Phase::DateUnknown) => Ok(vec![words.say("date-not-known", &FluentArgs::new())?]),
        (None, _) => Ok(vec![]),
    }
}

fn refund(content: &NoticeContent, words: &Words<'_>) -> Result<Vec<String>, Unsaid> {
    let Some(refund) = content.refund else { return Ok(vec![]) };
    let id = if content.phase == Phase::Refunded { "refund-done" } else { "refund-due" };
    let (amount, date) = (phrase::money(words, refund.amount)?, phrase::date_long(words, refund.by)?);
    Ok(vec![words.say(id, &args! { "amount" = amount, "date" = date })?])
}

fn actions(content: &NoticeContent, words: &Words<'_>) -> Result<Vec<Action>, Unsaid> {
    let none = FluentArgs::new();
    let mut actions = vec![];
    for offer in &content.offers {
        let code = offer.choice.code();
        let label = words.say(&format!("choice-{code}"), &none)?;
        let button = words.say(&format!("button-{code}"), &none)?;
        actions.push(Action { code, label, button, link: offer.link.to_string() });
    }
    if let (Some(link), true) = (&content.link, content.audience != Audience::Customer) {
        let label = words.say("label-acknowledge", &none)?;
        let button = words.say("button-acknowledge", &none)?;
        actions.push(Action { code: "acknowledge", label, button, link: link.to_string() });
    }
    Ok(actions)
}

fn silence(content: &NoticeContent, words: &Words<'_>) -> Result<Option<String>, Unsaid> {
    match content.silence {
        Silence::Nothing => Ok(None),
        Silence::Waits => words.say("silence-waits", &FluentArgs::new()).map(Some),
        Silence::Cancels { answer_by } => {
            let date = phrase::date_long(words, answer_by)?;
            words.say("silence-cancels", &args! { "date" = date }).map(Some)
        }
    }
}

impl Document {
    /// The plain text of a mail.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n\n{}\n\n", self.greeting, self.lead);
        for row in &self.rows {
            push_row(&mut text, row, "");
        }
        self.push_choices(&mut text, "");
        text.push_str("--\n");
        text.push_str(&self.footer);
        text.push('\n');
        text
    }

    /// The text of a long message, with the links in it if `links`.
    pub(super) fn to_message(&self, links: bool) -> String {
        let mut text = format!("[{}] {}\n\n{} {}\n\n", self.merchant, self.heading, self.greeting, self.lead);
        for row in self.rows.iter().filter(|row| row.key != "items") {
            push_row(&mut text, row, "▶ ");
        }
        if links {
            self.push_choices(&mut text, "▶ ");
        } else if let Some(silence) = &self.silence {
            text.push('\n');
            text.push_str(silence);
        }
        text.trim_end().to_owned()
    }

    fn push_choices(&self, text: &mut String, mark: &str) {
        if !self.actions.is_empty() {
            text.push('\n');
        }
        for action in &self.actions {
            text.push_str(&format!("{mark}{}: {}\n", action.label, action.link));
        }
        if let Some(silence) = &self.silence {
            text.push_str(&format!("\n{silence}\n"));
        }
        text.push('\n');
    }

    /// The JSON a webhook carries: sentences for people, codes for machines.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("a document is made of texts and lists of texts")
    }
}

fn push_row(text: &mut String, row: &Row, mark: &str) {
    match row.lines.as_slice() {
        [only] => text.push_str(&format!("{mark}{}: {only}\n", row.label)),
        lines => {
            text.push_str(&format!("{mark}{}:\n", row.label));
            for line in lines {
                text.push_str(&format!("  - {line}\n"));
            }
        }
    }
}
