//! The tasks of an incident: what has to be done in which order, by whom, by when, and what proves that it was done.
//!
//! Invariant: a task is done when the journal says so, never because somebody ticked it; its proof is the entry.

use holdfast_domain::id::IncidentId;
use holdfast_domain::incident::{Incident, Phase, SiteAccess};
use holdfast_domain::notice::NoticeStatus;
use holdfast_domain::order::ShipmentStage;
use holdfast_domain::time::{Span, Stamp};
use maud::{Markup, html};

use super::Cx;
use crate::chronicle::{Row, What};
use crate::parts::table::{Kind, Table};
use crate::parts::{Tone, chip};
use crate::words::{name, say};

/// How a task stands.
enum Standing<'a> {
    /// Done, as this row says.
    Done(&'a Row),
    /// To be done: how many things are left, where they can be counted.
    Open(Option<u64>),
    /// Does not arise.
    Spared,
}

struct Task<'a> {
    key: &'static str,
    /// Whose it is: the role, as in `role-…`.
    owner: &'static str,
    /// Where it is done.
    to: &'static str,
    due: Option<Stamp>,
    standing: Standing<'a>,
}

pub(super) fn markup(cx: &Cx<'_>, id: IncidentId, incident: &Incident) -> Markup {
    let (w, zone) = (cx.words, cx.view.zone());
    let (task, owner, due, state, proof) =
        (w.say("task"), w.say("task-owner"), w.say("task-due"), w.say("state"), w.say("task-proof"));
    let mut table = Table::new(
        &w.say("room-tasks"),
        &[
            (&task, Kind::Head),
            (&owner, Kind::Text),
            (&due, Kind::Text),
            (&state, Kind::Text),
            (&proof, Kind::Text),
        ],
    );
    let mut next = true;
    for one in tasks(cx, id, incident) {
        let open = matches!(one.standing, Standing::Open(_));
        let at = match &one.standing {
            Standing::Done(row) => row.at,
            _ => cx.view.now,
        };
        let late = one.due.filter(|due| at > *due).map(|due| w.span(at.since(due)));
        table.row(vec![
            html! { @if open { a href=(one.to) { (w.say(&format!("task-{}", one.key))) } } @else { (w.say(&format!("task-{}", one.key))) } },
            html! { (w.say(&format!("role-{}", one.owner))) " " span class="hint" { (say!(w, "task-deputy", role = w.say(&format!("role-{}", deputy(one.owner))))) } },
            html! {
                @match one.due { Some(due) => (w.moment_short(due, &zone)), None => (w.say("none")) }
                @if let Some(late) = late { " " (chip(Tone::Bad, &say!(w, "task-late", span = late))) }
            },
            standing(cx, &one.standing, open && next),
            html! { @if let Standing::Done(row) = &one.standing {
                (w.moment_short(row.at, &zone)) span class="hint" { " " (say!(w, "by-actor", actor = name(&row.actor), version = row.version)) }
            } },
        ]);
        next &= !open;
    }
    html! {
        p class="hint" { @match cx.view.beside.objective_h {
            Some(hours) => (say!(w, "tasks-lead", n = hours)),
            None => (w.say("tasks-no-objective")),
        } }
        (table.markup())
    }
}

/// The role that may do what an owner does, where the owner cannot be reached.
fn deputy(owner: &str) -> &'static str {
    if owner == "operator" { "commander" } else { "admin" }
}

fn standing(cx: &Cx<'_>, standing: &Standing<'_>, next: bool) -> Markup {
    let w = cx.words;
    match standing {
        Standing::Done(_) => chip(Tone::Good, &w.say("task-done")),
        Standing::Spared => chip(Tone::Quiet, &w.say("task-spared")),
        Standing::Open(left) => html! {
            (chip(if next { Tone::Warn } else { Tone::Quiet }, &w.say(if next { "task-next" } else { "task-open" })))
            @if let Some(left) = left.filter(|left| *left > 0) { " " span class="hint" { (say!(w, "task-left", n = left)) } }
        },
    }
}

/// The tasks in the order they are done.
fn tasks<'a>(cx: &Cx<'a>, id: IncidentId, incident: &Incident) -> Vec<Task<'a>> {
    let (state, chronicle) = (cx.view.state(), cx.view.chronicle);
    let rows: Vec<&Row> = chronicle.of(id).collect();
    let found = |fits: &dyn Fn(&What) -> bool| rows.iter().find(|row| fits(&row.what)).copied();
    let last = |fits: &dyn Fn(&What) -> bool| rows.iter().rev().find(|row| fits(&row.what)).copied();
    let done = |row: Option<&'a Row>, left: Option<u64>| row.map_or(Standing::Open(left), Standing::Done);
    let due = |hours: Option<u32>| {
        hours.zip(incident.declared).map(|(hours, at)| at.after(Span::hours(u64::from(hours))))
    };
    let closed_by = |site: &holdfast_domain::id::SiteId| {
        let now = state.sites.get(usize::from(site.0)).map(|now| now.access);
        matches!(now, Some(SiteAccess::Closed { incident, .. }) if incident == id)
    };
    let shut = incident.sites.iter().filter(|site| closed_by(site)).count() as u64;
    let limited = incident.sites.iter().filter(|site| {
        state
            .sites
            .get(usize::from(site.0))
            .is_some_and(|now| matches!(now.access, SiteAccess::Open { permille } if permille < 1000))
    });
    let back = shut + limited.count() as u64;
    let steps_left: u64 = state
        .plans
        .iter()
        .filter(|(_, plan)| plan.incident == Some(id) && !plan.undone)
        .map(|(_, plan)| (plan.steps.len() as u64).saturating_sub(u64::from(plan.done)))
        .sum();
    let stepped = last(&|what| matches!(what, What::Stepped(..)));
    let doubts = chronicle
        .ledger()
        .doubted(id)
        .filter(|id| {
            state.shipments.get(*id).is_some_and(|s| matches!(s.stage, ShipmentStage::InDoubt { .. }))
        })
        .count() as u64;
    let doubted = found(&|what| matches!(what, What::InDoubt(_)));
    let waiting = state
        .notices
        .iter()
        .filter(|(_, notice)| notice.incident == Some(id))
        .filter(|(_, notice)| {
            matches!(notice.status, NoticeStatus::Waiting | NoticeStatus::Failed | NoticeStatus::InDoubt)
        })
        .count() as u64;
    let told = found(&|what| matches!(what, What::Queued(_)));
    let phased = |phase: Phase| last(&|what| matches!(what, What::Phased(to) if *to == phase));
    let touched = !incident.sites.is_empty() || !incident.lanes.is_empty();
    let closing =
        found(&|what| matches!(what, What::Access(_, SiteAccess::Closed { .. }) | What::Embargoed(_)));
    let opened_again =
        last(&|what| matches!(what, What::Access(_, SiteAccess::Open { permille: 1000 }) | What::Lifted(_)));
    let or_spared = |arises: bool, standing: Standing<'a>| if arises { standing } else { Standing::Spared };
    let task = |key, owner, to, due, standing| Task { key, owner, to, due, standing };
    let objective = due(cx.view.beside.objective_h);
    vec![
        task("declare", "commander", "#main", None, {
            let declared = phased(Phase::Declared)
                .or_else(|| rows.first().copied().filter(|_| incident.declared.is_some()));
            done(declared, None)
        }),
        task("close", "commander", "#impact", None, done(closing, None)),
        task(
            "plan",
            "commander",
            "#plan",
            None,
            or_spared(touched, done(found(&|what| matches!(what, What::Adopted(_))), None)),
        ),
        task("flow", "commander", "#plan", objective, {
            let first = found(&|what| matches!(what, What::Stepped(..)));
            or_spared(touched, done(first, Some(steps_left)))
        }),
        task("carry-out", "commander", "#plan", None, {
            or_spared(touched, done(stepped.filter(|_| steps_left == 0), Some(steps_left)))
        }),
        task(
            "tell",
            "commander",
            "#customers",
            None,
            or_spared(touched, done(told.filter(|_| waiting == 0), Some(waiting))),
        ),
        task("doubt", "operator", "/orders?status=in-doubt", None, {
            let settled = if doubts == 0 { doubted } else { None };
            or_spared(doubted.is_some(), done(settled, Some(doubts)))
        }),
        task("clear", "commander", "#main", incident.expected_end, {
            let clear = phased(Phase::Recovering);
            or_spared(clear.is_some() || incident.phase != Phase::Closed, done(clear, None))
        }),
        task(
            "back",
            "commander",
            "#recovery",
            None,
            or_spared(touched, done(opened_again.filter(|_| back == 0), Some(back))),
        ),
        task("review", "commander", "#main", None, done(phased(Phase::Closed), None)),
    ]
}
