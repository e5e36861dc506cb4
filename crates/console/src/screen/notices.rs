//! Notices of the whole house: what a person has to look at, what waits, how notices leave, and what is measured.

use holdfast_domain::id::{IncidentId, MerchantId, OrderId};
use holdfast_engine::desk::measures;
use holdfast_engine::law::view::{Alarm, alarms_of};
use maud::{Markup, html};

use super::care::{left, notice_acts};
use super::{Cx, plain_head};
use crate::page::Page;
use crate::parts::table::{Kind, Table};
use crate::parts::{Stat, Tone, form, link_named, nothing, section, stats};
use crate::viewer::Right;
use crate::words::say;

/// Alarms that are shown; the number of all stands above them.
const SHOWN_MAX: usize = 100;

pub(super) fn draw(cx: &Cx<'_>) -> (String, Markup) {
    let w = cx.words;
    let title = w.say("nav-notices");
    let content = html! {
        (plain_head(&title, &w.say("notices-lead")))
        (measured(cx))
        (waiting(cx))
        (section("alarms", &w.say("notices-alarms"), alarm_table(cx)))
        @if cx.may(Right::Command) { (section("policy", &w.say("notices-policy"), policy(cx))) }
    };
    (title, content)
}

fn measured(cx: &Cx<'_>) -> Markup {
    let w = cx.words;
    let found = measures(cx.view.state(), cx.viewer.scope());
    let number = |key: &str, value: u64| {
        Stat::new(w.say(&format!("measure-{key}")), w.number(i64::try_from(value).unwrap_or(i64::MAX)))
    };
    stats(&[
        number("sent", found.sent),
        number("failed", found.failed).tone_if(found.failed > 0, Tone::Bad),
        number("in-doubt", found.in_doubt).tone_if(found.in_doubt > 0, Tone::Warn),
        number("told", found.orders_told),
        number("answered", found.answered),
        number("cancelled", found.cancelled),
        number("kept", found.kept),
        number("contacts", found.contacts),
    ])
}

/// Batches that wait for a second person.
fn waiting(cx: &Cx<'_>) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    if cx.viewer.scope().is_some() || state.care.batches.is_empty() {
        return html! {};
    }
    let waits = |incident: IncidentId| {
        let status = holdfast_domain::notice::NoticeStatus::Waiting;
        state.notices.iter().filter(|(_, n)| n.incident == Some(incident) && n.status == status).count()
    };
    let rows: Vec<(IncidentId, usize)> =
        state.care.batches.keys().map(|id| (*id, waits(*id))).filter(|(_, count)| *count > 0).collect();
    if rows.is_empty() {
        return html! {};
    }
    section(
        "waiting",
        &w.say("notices-waiting"),
        html! {
            @for (incident, count) in &rows {
                div class="row" {
                    (link_named(&Page::Incident(*incident, 0), state.incidents.get(*incident).map_or("", |known| &known.name)))
                    " " (say!(w, "notices-waiting-n", n = *count)) " "
                    @if cx.may(Right::Command) {
                        (form::button(cx, "/act/notice", &[("incident", incident.to_string().as_str()), ("what", "approve")], &w.say("notices-approve"), "primary small"))
                    }
                }
            }
            p class="hint" { (w.say("notices-approve-hint")) }
        },
    )
}

fn alarm_table(cx: &Cx<'_>) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let mine = |merchant: Option<MerchantId>| merchant.is_some_and(|merchant| cx.viewer.sees(merchant));
    let of_order = |order: OrderId| mine(state.order(order).ok().map(|order| order.merchant));
    let of_notice = |id| mine(state.notices.get(id).map(|notice| notice.merchant));
    let theirs = |alarm: &Alarm| match alarm {
        Alarm::Overdue { order, .. } | Alarm::Uncountable { order, .. } => of_order(*order),
        Alarm::NotReached { notice } | Alarm::NoticeInDoubt { notice } => of_notice(*notice),
        Alarm::Approval { .. } | Alarm::CallUnanswered { .. } => cx.viewer.scope().is_none(),
    };
    let shown = alarms_of(state, cx.view.now, theirs).list;
    if shown.is_empty() {
        return nothing(&w.say("alarms-none"));
    }
    let (about, what, since, act) =
        (w.say("alarm-about"), w.say("alarm-what"), w.say("clock-left"), w.say("act"));
    let mut table = Table::new(
        &w.say("notices-alarms"),
        &[(&about, Kind::Head), (&what, Kind::Text), (&since, Kind::Text), (&act, Kind::Text)],
    );
    let order_link = |order: OrderId| {
        let number = state.order(order).map_or_else(|_| order.to_string(), |known| known.number.to_string());
        link_named(&Page::Order(order), &number)
    };
    let notice_link = |id| {
        let first = state.notices.get(id).and_then(|notice| notice.orders.first());
        html! { (id) " " @if let Some(entry) = first { (order_link(entry.order)) } }
    };
    for alarm in shown.iter().take(SHOWN_MAX) {
        table.row(match alarm {
            Alarm::Overdue { order, clock } => vec![
                order_link(*order),
                html! { (w.say(&format!("duty-{}", clock.duty))) " " span class="hint" { (clock.source) } },
                left(cx, clock),
                html! {},
            ],
            Alarm::Uncountable { order, .. } => {
                vec![order_link(*order), html! { (w.say("clock-uncountable")) }, html! {}, html! {}]
            }
            Alarm::NotReached { notice } => vec![
                notice_link(*notice),
                html! { (w.say("alarm-not-reached")) },
                html! {},
                notice_acts(cx, *notice, holdfast_domain::notice::NoticeStatus::Failed),
            ],
            Alarm::NoticeInDoubt { notice } => vec![
                notice_link(*notice),
                html! { (w.say("alarm-in-doubt")) },
                html! {},
                notice_acts(cx, *notice, holdfast_domain::notice::NoticeStatus::InDoubt),
            ],
            Alarm::CallUnanswered { call } => {
                let known = state.care.calls.get(*call).map(|call| &call.new);
                let incident = known.map(|new| new.incident);
                let named = |id| state.incidents.get(id).map_or("", |known| &*known.name);
                vec![
                    html! { @if let Some(id) = incident { (link_named(&Page::Incident(id, 0), named(id))) } },
                    html! { (say!(w, "alarm-call", place = known.map_or("", |new| &new.place).to_owned())) },
                    html! {},
                    html! {},
                ]
            }
            Alarm::Approval { notice, waiting } => vec![
                notice_link(*notice),
                html! { (say!(w, "notices-waiting-n", n = *waiting)) },
                html! {},
                html! {},
            ],
        });
    }
    html! {
        p { (say!(w, "alarms-n", n = shown.len())) }
        (table.markup())
    }
}

/// How notices leave, as a form.
fn policy(cx: &Cx<'_>) -> Markup {
    let w = cx.words;
    let care = &cx.view.state().care;
    let policy = &care.policy;
    let text = |value: Option<u32>| value.map_or_else(String::new, |value| value.to_string());
    let clock = |ms: u32| format!("{:02}:{:02}", ms / 3_600_000, ms % 3_600_000 / 60_000);
    let (from, until) = policy
        .quiet
        .map_or_else(|| (String::new(), String::new()), |(from, until)| (clock(from), clock(until)));
    form::post(
        cx,
        "/act/policy",
        "stack",
        &html! {
            (form::text(cx, "hold", &w.say("policy-hold"), "number", &(policy.hold.0 / 60_000).to_string(), Some(&w.say("policy-hold-hint"))))
            (form::text(cx, "approve_above", &w.say("policy-approve"), "number", &text(policy.approve_above), Some(&w.say("policy-approve-hint"))))
            (form::text(cx, "quiet_from", &w.say("policy-quiet-from"), "text", &from, Some(&w.say("policy-quiet-hint"))))
            (form::text(cx, "quiet_until", &w.say("policy-quiet-until"), "text", &until, None))
            (form::text(cx, "per_hour", &w.say("policy-per-hour"), "number", &text(policy.per_hour), Some(&w.say("policy-per-hour-hint"))))
            (form::text(cx, "goodwill", &w.say("policy-goodwill"), "number", &policy.goodwill_max.to_string(), Some(&w.say("policy-goodwill-hint"))))
            (form::text(cx, "hold_out", &w.say("policy-hold-out"), "number", &care.hold_out_permille.to_string(), Some(&w.say("policy-hold-out-hint"))))
            (form::tick("cancel_untold", "yes", policy.cancel_untold, &html! { (w.say("policy-cancel-untold")) }))
            (form::submit(&w.say("policy-set"), "primary"))
        },
    )
}
