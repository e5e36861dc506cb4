//! The audit trail: who did what, newest first, each row with the journal's entry.

use maud::{Markup, html};

use super::{Cx, incident::row_text, plain_head};
use crate::page::Page;
use crate::parts::table::{Kind, Table};
use crate::parts::{go, link_named, nothing, section};

/// Rows on a page.
const PAGE: usize = 100;

pub(super) fn draw(cx: &Cx<'_>, before: Option<u64>) -> (String, Markup) {
    let (w, zone) = (cx.words, cx.view.zone());
    let title = w.say("nav-audit");
    let mut rows =
        cx.view.chronicle.rows().iter().rev().filter(|row| before.is_none_or(|before| row.version < before));
    let shown: Vec<_> = rows.by_ref().take(PAGE).collect();
    let more = rows.next().is_some();
    let (version, at, actor, what, incident) =
        (w.say("entry"), w.say("when"), w.say("who"), w.say("what"), w.say("incident"));
    let mut table = Table::new(
        &title,
        &[
            (&version, Kind::Head),
            (&at, Kind::Text),
            (&actor, Kind::Text),
            (&what, Kind::Text),
            (&incident, Kind::Text),
        ],
    );
    for row in &shown {
        let known = row.incident.and_then(|id| Some((id, cx.view.state().incidents.get(id)?)));
        table.row(vec![
            html! { (row.version) },
            html! { (w.moment_short(row.at, &zone)) },
            html! { bdi { (row.actor) } },
            html! { (row_text(cx, row)) },
            html! { @if let Some((id, known)) = known { (link_named(&Page::Incident(id, 0), &known.name)) } @else { (w.say("none")) } },
        ]);
    }
    let content: Markup = html! {
        (plain_head(&title, &w.say("audit-lead")))
        (section("rows", &w.say("audit-rows"), html! {
            @if table.is_empty() { (nothing(&w.say("audit-none"))) } @else { (table.markup()) }
            nav class="pages" aria-label=(w.say("pages")) {
                @if before.is_some() { (go(&Page::Audit(None).address(), &w.say("first-page"), "")) }
                @if let Some(last) = shown.last().filter(|_| more) { (go(&Page::Audit(Some(last.version)).address(), &w.say("next-page"), "")) }
            }
        }))
    };
    (title, content)
}
