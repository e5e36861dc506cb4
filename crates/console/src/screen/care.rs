//! What support knows and does of one order: the words to say, the clocks that run, what was answered and is owed, and
//! the acts that go with it.

use holdfast_domain::care::{AnswerChannel, AnswerChoice, ContactKind, EndCause};
use holdfast_domain::id::OrderId;
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::order::Order;
use holdfast_engine::desk::{Card, Say, card};
use holdfast_engine::law::view::{ClockShown, clocks};
use maud::{Markup, html};

use super::Cx;
use crate::parts::table::{Kind, Table};
use crate::parts::{Tone, chip, facts, form, nothing, section};
use crate::viewer::Right;
use crate::words::say;

/// The key of a duty's word.
fn duty(cx: &Cx<'_>, clock: &ClockShown) -> String {
    cx.words.say(&format!("duty-{}", clock.duty))
}

/// When a clock runs out, or since when it is over.
pub(super) fn left(cx: &Cx<'_>, clock: &ClockShown) -> Markup {
    let w = cx.words;
    if clock.overdue {
        let span = w.span(cx.view.now.since(clock.due));
        return chip(Tone::Bad, &say!(w, "over-since", span = span));
    }
    html! { (w.since(clock.due, cx.view.now)) }
}

/// The legal clocks of an order: from what was told and answered, as the engine keeps them.
pub(super) fn clock(cx: &Cx<'_>, id: OrderId) -> Markup {
    let w = cx.words;
    let owed = match clocks(cx.view.state(), id, cx.view.now) {
        Ok(owed) if owed.is_empty() => return html! { p { (w.say("clock-none")) } },
        Ok(owed) => owed,
        Err(_) => return html! { p { (chip(Tone::Warn, &w.say("clock-uncountable"))) } },
    };
    let (what, until, rest, source) =
        (w.say("clock-duty"), w.say("clock-until"), w.say("clock-left"), w.say("source"));
    let mut table = Table::new(
        &w.say("order-clock"),
        &[(&what, Kind::Head), (&until, Kind::Text), (&rest, Kind::Text), (&source, Kind::Text)],
    );
    for one in &owed {
        table.row(vec![
            html! { (duty(cx, one)) @if !one.timed { span class="hint" { (w.say("clock-shown-only")) } } },
            html! { (w.day(one.last_day)) },
            left(cx, one),
            html! { span class="hint" { (one.source) } },
        ]);
    }
    html! { (table.markup()) p class="hint" { (w.say("clock-explained")) } }
}

/// Everything support has to know and may do, for those who may act on single orders.
pub(super) fn draw(cx: &Cx<'_>, id: OrderId, order: &Order) -> Markup {
    let Some(card) = card(cx.view.state(), id, cx.view.now) else { return html! {} };
    let w = cx.words;
    html! {
        @if let Some((of, spoken)) = cx.view.desk.spoken && of == id {
            (section("say", &w.say("care-say"), html! {
                blockquote lang=(spoken.0) { p { bdi { (spoken.1) } } }
                @if spoken.0 != w.locale.tag() { p class="hint" { (now(cx, &card)) } }
            }))
        }
        (section("care", &w.say("care-title"), html! {
            (owed(cx, order, &card))
            (heard(cx, &card))
            @if cx.may(Right::ActOnOrders) { (acts(cx, id, order, &card)) }
        }))
    }
}

/// What may be said, in the viewer's own language: for who reads words in another.
fn now(cx: &Cx<'_>, card: &Card) -> String {
    let w = cx.words;
    match card.say {
        Say::OnTime(day) => say!(w, "care-on-time", day = w.day(day)),
        Say::Late { promised, now } => say!(w, "care-late", promised = w.day(promised), day = w.day(now)),
        Say::Unknown => w.say("care-unknown"),
        Say::Tracing => w.say("care-tracing"),
        Say::Delivered => w.say("care-delivered"),
        Say::Cancelled(_) => w.say("care-cancelled"),
    }
}

fn owed(cx: &Cx<'_>, order: &Order, card: &Card) -> Markup {
    let w = cx.words;
    let (currency, zone) = (cx.view.currency_of(order.merchant), cx.view.zone());
    let mut rows = Vec::new();
    if let Some((at, why)) = card.ended {
        let key = match why {
            EndCause::Customer => "customer",
            EndCause::Shop => "shop",
            EndCause::GivenUp => "given-up",
            EndCause::Law(..) => "law",
        };
        rows.push((
            w.say("care-ended"),
            html! { (w.say(&format!("care-ended-{key}"))) ", " (w.moment(at, &zone)) },
        ));
    }
    if card.refund.owed > 0 {
        let open = card.refund.open();
        rows.push((w.say("care-refund"), html! {
            (say!(w, "care-refund-of", paid = w.minor(card.refund.paid, currency), owed = w.minor(card.refund.owed, currency)))
            " "
            @if open > 0 { (chip(Tone::Warn, &say!(w, "care-refund-open", open = w.minor(open, currency)))) }
        }));
    }
    if card.goodwill_left > 0 {
        rows.push((w.say("care-goodwill-left"), html! { (w.minor(card.goodwill_left, currency)) }));
    }
    if rows.is_empty() {
        html! {}
    } else {
        facts(&rows)
    }
}

/// What the customer answered, and when somebody got in touch, as one line of time.
fn heard(cx: &Cx<'_>, card: &Card) -> Markup {
    let (w, zone) = (cx.words, cx.view.zone());
    let answer = |choice: AnswerChoice, channel: AnswerChannel| {
        let what = match choice {
            AnswerChoice::Wait => w.say("care-answer-wait"),
            AnswerChoice::WaitUntil(day) => say!(w, "care-answer-until", day = w.day(day)),
            AnswerChoice::Cancel => w.say("care-answer-cancel"),
            AnswerChoice::Address => w.say("care-answer-address"),
        };
        let by = match channel {
            AnswerChannel::Link => "link",
            AnswerChannel::Mail => "mail",
            AnswerChannel::Phone => "phone",
            AnswerChannel::Shop => "shop",
            AnswerChannel::Desk => "desk",
        };
        format!("{what} ({})", w.say(&format!("care-by-{by}")))
    };
    let mut lines: Vec<_> = card
        .answers
        .iter()
        .map(|one| (one.at, answer(one.choice, one.evidence.channel)))
        .chain(
            card.contacts.iter().map(|(at, kind)| (*at, w.say(&format!("care-contact-{}", contact(*kind))))),
        )
        .collect();
    lines.sort_by_key(|(at, _)| *at);
    if lines.is_empty() {
        return nothing(&w.say("care-heard-nothing"));
    }
    html! { ul class="plain" { @for (at, line) in &lines { li { (w.moment_short(*at, &zone)) " · " (line) } } } }
}

const fn contact(kind: ContactKind) -> &'static str {
    match kind {
        ContactKind::Call => "call",
        ContactKind::Mail => "mail",
        ContactKind::Chat => "chat",
        ContactKind::Outgoing => "outgoing",
    }
}

fn acts(cx: &Cx<'_>, id: OrderId, order: &Order, card: &Card) -> Markup {
    let (w, text) = (cx.words, id.to_string());
    let one = |what: &str, class: &str| {
        let fields = [("order", text.as_str()), ("what", what)];
        form::button(cx, "/act/care", &fields, &w.say(&format!("care-act-{what}")), class)
    };
    let currency = cx.view.currency_of(order.merchant);
    let with_amount = |what: &str, most: i64| {
        let field = if what == "refund" { "refund" } else { "goodwill" };
        form::post(
            cx,
            "/act/care",
            "row",
            &html! {
                (form::hidden("order", &text)) (form::hidden("what", what))
                (form::text(cx, field, &w.say(&format!("care-{what}-amount")), "number", &most.to_string(),
                    Some(&say!(w, "care-minor", currency = currency.code().to_owned()))))
                (form::submit(&w.say(&format!("care-act-{what}")), "small"))
            },
        )
    };
    html! {
        h3 { (w.say("care-acts")) }
        div class="row" {
            @for kind in ["call", "mail", "chat", "outgoing"] { (one(&format!("contact-{kind}"), "small")) }
        }
        @if card.ended.is_none() {
            div class="row" {
                (one("wait", "small"))
                @if card.may_cancel { (one("cancel-by-phone", "small danger")) (one("give-up", "small danger")) }
                (one("reship", "small"))
            }
        }
        @if card.refund.open() > 0 { (with_amount("refund", card.refund.open())) }
        @if card.goodwill_left > 0 { (with_amount("goodwill", card.goodwill_left)) }
    }
}

/// What can be done with one notice of an order.
pub(super) fn notice_acts(
    cx: &Cx<'_>,
    notice: holdfast_domain::id::NoticeId,
    status: NoticeStatus,
) -> Markup {
    if !cx.may(Right::ActOnOrders) {
        return html! {};
    }
    let (w, text) = (cx.words, notice.to_string());
    let one = |what: &str, class: &str| {
        let fields = [("notice", text.as_str()), ("what", what)];
        form::button(cx, "/act/notice", &fields, &w.say(&format!("notice-act-{what}")), class)
    };
    match status {
        NoticeStatus::Sent | NoticeStatus::Failed => html! { (one("resend", "small")) },
        NoticeStatus::InDoubt if cx.viewer.scope().is_none() => {
            html! { div class="row" { (one("arrived", "small")) (one("not-arrived", "small")) } }
        }
        _ => html! {},
    }
}
