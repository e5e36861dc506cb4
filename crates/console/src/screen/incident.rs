//! The incident room: where it stands, what it touches, the plan, customers, the way back, what happened.

use std::collections::BTreeMap;

use holdfast_domain::command::Command;
use holdfast_domain::id::{IncidentId, NoticeId, SiteId};
use holdfast_domain::incident::{Incident, Phase, SiteAccess, StockAccess};
use holdfast_domain::notice::{Notice, NoticeCause, NoticeStatus};
use holdfast_engine::incident::{FAILBACK_STEPS, failback_step, preview};
use maud::{Markup, html};

use super::incidents::{hazard_word, phase_chip, phase_key, severities, severity_key};
use super::site::site_link;
use super::sites::access;
use super::{Cx, head, plan, tasks};
use crate::chronicle::{Row, What};
use crate::page::{Page, PreviewQuery};
use crate::parts::table::{Kind, Table};
use crate::parts::{Stat, Tone, chip, form, go, link_named, nothing, section, stats};
use crate::reading::{site_code, site_ids};
use crate::viewer::Right;
use crate::words::{name, say};

/// Notices listed one by one.
const NOTICES_SHOWN: usize = 50;
/// Rows of the timeline shown.
const TIMELINE_SHOWN: usize = 200;

pub(super) fn draw(cx: &Cx<'_>, id: IncidentId, from: usize) -> Option<(String, Markup)> {
    let (w, state) = (cx.words, cx.view.state());
    let incident = state.incidents.get(id)?;
    let below = html! {
        (hazard_word(cx, incident)) " · " (w.say(&format!("severity-{}", severity_key(incident.severity))))
        @if incident.drill { " " (chip(Tone::Info, &w.say("drill"))) }
    };
    let lost: Vec<SiteId> = lost_sites(cx, id);
    let back = incident.expected_end.map(|end| end.local(&cx.view.zone()).0);
    let closed = incident.phase == Phase::Closed;
    let content = html! {
        (head(&html! { bdi { (incident.name) } }, &below, &acts(cx, id, incident)))
        (stepper(cx, incident))
        nav class="local" aria-label=(w.say("on-this-page")) { ul {
            @for (anchor, key) in [("tasks", "room-tasks"), ("impact", "room-impact"), ("plan", "room-plan"), ("customers", "room-customers"), ("recovery", "room-recovery"), ("timeline", "room-timeline")] {
                li { a href={ "#" (anchor) } { (w.say(key)) } }
            }
        } }
        @if closed { (section("review", &w.say("room-review"), review(cx, id, incident))) }
        (section("tasks", &w.say("room-tasks"), tasks::markup(cx, id, incident)))
        div id="impact" {
            @if lost.is_empty() && open_lanes(cx, id, incident) == 0 {
                (section("impact-none", &w.say("room-impact"), html! {
                    (nothing(&w.say("impact-none")))
                    @if cx.may(Right::Command) && !closed { (choose_site(cx, id)) }
                }))
            } @else {
                (super::preview::impact(cx, &preview(state, &lost, &incident.lanes, back, cx.view.now), back))
            }
        }
        (section("plan", &w.say("room-plan"), plan::markup(cx, id, from)))
        (section("customers", &w.say("room-customers"), customers(cx, id, incident)))
        (section("recovery", &w.say("room-recovery"), recovery(cx, id, incident)))
        (section("timeline", &w.say("room-timeline"), timeline(cx, id)))
    };
    Some((incident.name.to_string(), content))
}

pub(super) const fn stock_key(stock: StockAccess) -> &'static str {
    match stock {
        StockAccess::Inaccessible => "inaccessible",
        StockAccess::Unknown => "unknown",
        StockAccess::Lost => "lost",
    }
}

/// Sites this incident keeps closed.
fn lost_sites(cx: &Cx<'_>, id: IncidentId) -> Vec<SiteId> {
    let state = cx.view.state();
    let closed = |site: &SiteId| matches!(state.sites[usize::from(site.0)].access, SiteAccess::Closed { incident, .. } if incident == id);
    site_ids(state).filter(closed).collect()
}

/// Lanes this incident keeps closed.
fn open_lanes(cx: &Cx<'_>, id: IncidentId, incident: &Incident) -> usize {
    let state = cx.view.state();
    let by = |lane: &&holdfast_domain::id::LaneId| {
        state.embargoes.get(**lane).is_some_and(|all| all.contains(&id))
    };
    incident.lanes.iter().filter(by).count()
}

fn stepper(cx: &Cx<'_>, incident: &Incident) -> Markup {
    let (w, zone) = (cx.words, cx.view.zone());
    let at = |phase: Phase| match phase {
        Phase::Watch => Some(incident.opened),
        Phase::Declared => incident.declared,
        Phase::Recovering | Phase::Closed => incident.ended.filter(|_| phase == Phase::Closed),
    };
    html! {
        ol class="stepper" {
            @for phase in [Phase::Watch, Phase::Declared, Phase::Recovering, Phase::Closed] {
                @let state = if phase == incident.phase { "now" } else if phase < incident.phase { "past" } else { "ahead" };
                li class=(state) aria-current=[(state == "now").then_some("step")] {
                    strong { (w.say(&format!("phase-{}", phase_key(phase)))) }
                    @if let Some(at) = at(phase).filter(|_| state != "ahead") { span class="hint" { (w.moment_short(at, &zone)) } }
                    @else { span class="hint" { (w.say(&format!("phase-{}-means", phase_key(phase)))) } }
                }
            }
        }
        @if let Some(end) = incident.expected_end.filter(|_| incident.phase != Phase::Closed) {
            p class="hint" { (say!(w, "end-expected", at = w.moment(end, &zone), span = w.since(end, cx.view.now))) }
        }
    }
}

fn acts(cx: &Cx<'_>, id: IncidentId, incident: &Incident) -> Markup {
    if !cx.may(Right::Command) {
        return html! { (phase_chip(cx, incident.phase)) };
    }
    let (w, text) = (cx.words, id.to_string());
    let to = |phase: &str, class: &str| {
        form::button(
            cx,
            "/act/phase",
            &[("incident", &text), ("phase", phase)],
            &w.say(&format!("to-{phase}")),
            class,
        )
    };
    html! {
        @match incident.phase {
            Phase::Watch => (to("declared", "danger")),
            Phase::Declared => (to("recovering", "primary")),
            Phase::Recovering => (to("closed", "primary")),
            Phase::Closed => (phase_chip(cx, incident.phase)),
        }
    }
}

fn choose_site(cx: &Cx<'_>, id: IncidentId) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let sites: Vec<(String, String)> = site_ids(state)
        .filter(|site| matches!(state.sites[usize::from(site.0)].access, SiteAccess::Open { .. }))
        .map(|site| (site.to_string(), site_code(state, site)))
        .collect();
    html! {
        form method="get" action="/preview" class="row" {
            (form::hidden("incident", &id.to_string()))
            (form::select(cx, "site", &w.say("site"), &sites, ""))
            (form::submit(&w.say("see-preview"), "primary"))
        }
    }
}

pub(super) const fn cause_key(cause: NoticeCause) -> &'static str {
    match cause {
        NoticeCause::Rerouted => "rerouted",
        NoticeCause::Delayed => "delayed",
        NoticeCause::Backordered => "backordered",
        NoticeCause::InDoubt => "in-doubt",
        NoticeCause::OnTheWay => "on-the-way",
        NoticeCause::BackOnSchedule => "back-on-schedule",
        NoticeCause::Cancelled => "cancelled",
    }
}

const fn notice_key(status: NoticeStatus) -> (&'static str, Tone) {
    match status {
        NoticeStatus::Queued => ("queued", Tone::Info),
        NoticeStatus::Withdrawn => ("withdrawn", Tone::Quiet),
        NoticeStatus::Released => ("released", Tone::Info),
        NoticeStatus::Sent => ("sent", Tone::Good),
        NoticeStatus::Failed => ("failed", Tone::Bad),
        NoticeStatus::Waiting => ("waiting", Tone::Info),
        NoticeStatus::Sending => ("sending", Tone::Info),
        NoticeStatus::InDoubt => ("in-doubt", Tone::Bad),
    }
}

pub(super) fn notice_chip(cx: &Cx<'_>, status: NoticeStatus) -> Markup {
    let (key, tone) = notice_key(status);
    chip(tone, &cx.words.say(&format!("notice-{key}")))
}

fn customers(cx: &Cx<'_>, id: IncidentId, incident: &Incident) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let mine: Vec<(NoticeId, &Notice)> =
        state.notices.iter().filter(|(_, notice)| notice.incident == Some(id)).collect();
    let of = |status: NoticeStatus| mine.iter().filter(|(_, notice)| notice.status == status).count();
    let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut languages: BTreeMap<String, usize> = BTreeMap::new();
    for (_, notice) in &mine {
        *languages.entry(notice.language.code().to_owned()).or_default() += 1;
        for entry in &notice.orders {
            *causes.entry(cause_key(entry.cause)).or_default() += 1;
        }
    }
    let all = [
        NoticeStatus::Queued,
        NoticeStatus::Waiting,
        NoticeStatus::Released,
        NoticeStatus::Sending,
        NoticeStatus::Sent,
        NoticeStatus::InDoubt,
        NoticeStatus::Failed,
        NoticeStatus::Withdrawn,
    ];
    let figures = all.map(|status| {
        let (key, tone) = notice_key(status);
        let n = of(status);
        Stat::new(w.say(&format!("notice-{key}")), w.number(n)).tone_if(n > 0 && tone == Tone::Bad, tone)
    });
    html! {
        @if mine.is_empty() { (nothing(&w.say("notices-none"))) } @else {
            (stats(&figures))
            p { (w.say("by-cause")) " " @for (cause, n) in &causes { span class="count" { (w.say(&format!("cause-{cause}"))) " " strong { (w.number(*n)) } } " " } }
            p { (w.say("by-language")) " " @for (language, n) in &languages { span class="count" { bdi { (language) } " " strong { (w.number(*n)) } } " " } }
            (outbox(cx, &mine))
        }
        @if cx.may(Right::Command) && incident.phase != Phase::Closed {
            (form::post(cx, "/act/tell", "row", &html! {
                (form::hidden("incident", &id.to_string()))
                (form::text(cx, "hold", &w.say("hold-minutes"), "number", "15", Some(&w.say("hold-hint"))))
                (form::submit(&w.say("tell-now"), "primary"))
            }))
        }
    }
}

fn outbox(cx: &Cx<'_>, mine: &[(NoticeId, &Notice)]) -> Markup {
    let (w, state, zone) = (cx.words, cx.view.state(), cx.view.zone());
    let (what, orders, cause, after, status, leaves, act) = (
        w.say("notice"),
        w.say("orders"),
        w.say("cause"),
        w.say("date-after"),
        w.say("status"),
        w.say("leaves"),
        w.say("act"),
    );
    let mut table = Table::new(
        &w.say("outbox"),
        &[
            (&what, Kind::Head),
            (&orders, Kind::Text),
            (&cause, Kind::Text),
            (&after, Kind::Text),
            (&status, Kind::Text),
            (&leaves, Kind::Text),
            (&act, Kind::Act),
        ],
    );
    for (id, notice) in mine.iter().rev().take(NOTICES_SHOWN) {
        let Some(first) = notice.orders.first() else { continue };
        table.row(vec![
            html! { (id) " " span class="hint" { bdi { (notice.language.code()) } } },
            html! {
                @let number = state.order(first.order).map_or_else(|_| first.order.to_string(), |order| order.number.to_string());
                (link_named(&Page::Order(first.order), &number))
                @if notice.orders.len() > 1 { " " (say!(w, "and-more", n = notice.orders.len() - 1)) }
            },
            html! { (w.say(&format!("cause-{}", cause_key(first.cause)))) },
            html! { @if let Some(day) = first.after { (w.day_short(day)) } @else { (w.say("nobody-knows")) } },
            notice_chip(cx, notice.status),
            html! { (w.moment_short(notice.hold_until, &zone)) },
            html! { @if cx.may(Right::Command) && notice.status == NoticeStatus::Queued {
                (form::button(cx, "/act/withdraw", &[("notice", &id.to_string())], &w.say("withdraw"), "small"))
            } },
        ]);
    }
    html! { details { summary { (say!(w, "outbox-list", n = mine.len().min(NOTICES_SHOWN), all = mine.len())) } (table.markup()) } }
}

fn recovery(cx: &Cx<'_>, id: IncidentId, incident: &Incident) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let text = id.to_string();
    let may = cx.may(Right::Command) && incident.phase != Phase::Closed;
    let (site, now, next, act) = (w.say("site"), w.say("state"), w.say("next-step"), w.say("act"));
    let mut table = Table::new(
        &w.say("room-recovery"),
        &[(&site, Kind::Head), (&now, Kind::Text), (&next, Kind::Text), (&act, Kind::Act)],
    );
    for site in &incident.sites {
        let Ok((_, there)) = state.site(*site) else { continue };
        let step = failback_step(state, *site, id);
        let next = match &step {
            Some(Command::LimitSite { permille, .. }) => {
                say!(w, "step-to", share = w.percent(f64::from(*permille) / 1000.0, 0))
            }
            Some(_) => w.say("standby-release"),
            None => w.say("step-none"),
        };
        table.row(vec![
            site_link(cx, *site),
            access(cx, there.access),
            html! { (next) },
            html! { @if may && step.is_some() {
                (form::button(cx, "/act/failback", &[("incident", &text), ("site", &site.to_string())], &w.say("step-now"), ""))
            } },
        ]);
    }
    let steps: Vec<String> =
        FAILBACK_STEPS.iter().map(|step| w.percent(f64::from(*step) / 1000.0, 0)).collect();
    let shut = open_lanes(cx, id, incident);
    html! {
        @if table.is_empty() { (nothing(&w.say("recovery-none"))) } @else { (table.markup()) p class="hint" { (say!(w, "steps-explained", steps = steps.join(" → "))) } }
        @if shut > 0 {
            div class="row" {
                p { (say!(w, "lanes-kept", n = shut)) }
                @if may { (form::button(cx, "/act/lift", &[("incident", &text), ("all", "yes")], &w.say("lift-all"), "")) }
            }
        }
        @if may {
            details { summary { (w.say("assess")) }
                (form::post(cx, "/act/assess", "row", &html! {
                    (form::hidden("incident", &text))
                    (severities(cx, incident.severity))
                    (form::text(cx, "expected_end", &w.say("expected-end"), "datetime-local", "", Some(&w.say("expected-end-hint"))))
                    (form::submit(&w.say("enter"), ""))
                }))
            }
            details { summary { (w.say("close-another")) } (choose_site(cx, id)) (go("/lanes", &w.say("lanes-close"), "")) }
        }
    }
}

/// What a row of the chronicle says.
pub(super) fn row_text(cx: &Cx<'_>, row: &Row) -> String {
    let (w, state, zone) = (cx.words, cx.view.state(), cx.view.zone());
    match &row.what {
        What::Opened => w.say("did-opened"),
        What::Assessed(severity, end) => {
            let end = end.map_or_else(|| w.say("none"), |end| w.moment(end, &zone));
            say!(
                w,
                "did-assessed",
                severity = w.say(&format!("severity-{}", severity_key(*severity))),
                end = end
            )
        }
        What::Phased(phase) => say!(w, "did-phased", phase = w.say(&format!("phase-{}", phase_key(*phase)))),
        What::Access(site, access) => {
            let (site, key) = (name(&site_code(state, *site)), crate::reading::access_key(*access));
            let word = w.say(&format!("access-{key}"));
            if key == "limited" {
                let share = w.percent(f64::from(access.permille()) / 1000.0, 0);
                say!(w, "did-limited", site = site, share = share)
            } else {
                say!(w, "did-access", site = site, state = word)
            }
        }
        What::Outage(site, Some((from, until))) => {
            say!(
                w,
                "did-outage",
                site = name(&site_code(state, *site)),
                from = w.day(*from),
                until = w.day(*until)
            )
        }
        What::Outage(site, None) => say!(w, "did-no-outage", site = name(&site_code(state, *site))),
        What::Embargoed(n) => say!(w, "did-embargoed", n = *n),
        What::Lifted(n) => say!(w, "did-lifted", n = *n),
        What::InDoubt(n) => say!(w, "did-in-doubt", n = *n),
        What::Adopted(plan) => say!(w, "did-adopted", plan = plan.to_string()),
        What::Stepped(plan, step, moved, skipped) => {
            say!(
                w,
                "did-stepped",
                plan = plan.to_string(),
                step = *step + 1,
                moved = *moved,
                skipped = *skipped
            )
        }
        What::Undone(plan, undone, kept) => {
            say!(w, "did-undone", plan = plan.to_string(), undone = *undone, kept = *kept)
        }
        What::Prices => w.say("did-prices"),
        What::Queued(n) => say!(w, "did-queued", n = *n),
        What::Notices(status, n) => {
            say!(w, "did-notices", status = w.say(&format!("notice-{}", notice_key(*status).0)), n = *n)
        }
        What::SetUp(n) => say!(w, "did-set-up", n = *n),
        What::Stock(n) => say!(w, "did-stock", n = *n),
        What::Orders(n) => say!(w, "did-orders", n = *n),
        What::Settled(n) => say!(w, "did-settled", n = *n),
        What::Erased => w.say("did-erased"),
        What::Called(call) => {
            let known = state.care.calls.get(*call).map(|call| &call.new);
            let audience = known.map_or("staff", |new| new.audience.code());
            say!(
                w,
                "did-called",
                audience = w.say(&format!("call-audience-{audience}")),
                place = name(known.map_or("", |new| &new.place)),
                n = known.map_or(0, |new| new.contacts.len())
            )
        }
        What::CallStepped(call, position, status) => {
            let known = state.care.calls.get(*call).map(|call| &call.new);
            let contact = known.and_then(|new| new.contacts.get(*position as usize));
            let key = format!("did-call-{}", status.code().replace('_', "-"));
            w.with(
                &key,
                &[
                    ("contact", name(contact.map_or("", |contact| contact)).into()),
                    ("place", name(known.map_or("", |new| &new.place)).into()),
                ],
            )
        }
        What::CallEnded(call, how, who) => {
            let place = state.care.calls.get(*call).map_or("", |call| &*call.new.place);
            let key = format!("did-call-{}", how.code());
            w.with(&key, &[("who", name(who).into()), ("place", name(place).into())])
        }
    }
}

fn timeline(cx: &Cx<'_>, id: IncidentId) -> Markup {
    let (w, zone) = (cx.words, cx.view.zone());
    let rows: Vec<&Row> = cx.view.chronicle.of(id).rev().take(TIMELINE_SHOWN).collect();
    if rows.is_empty() {
        return nothing(&w.say("timeline-none"));
    }
    html! {
        p class="hint" { (w.say("timeline-explained")) }
        ol class="timeline" {
            @for row in rows {
                li {
                    time datetime=(row.at.to_string()) { (w.moment_short(row.at, &zone)) }
                    p { (row_text(cx, row)) span class="hint" { (say!(w, "by-actor", actor = name(&row.actor), version = row.version)) } }
                }
            }
        }
    }
}

/// How it went, once it is over.
fn review(cx: &Cx<'_>, id: IncidentId, incident: &Incident) -> Markup {
    let (w, state) = (cx.words, cx.view.state());
    let lasted = incident.ended.zip(incident.declared).map(|(end, from)| w.span(end.since(from)));
    let plans: Vec<_> =
        state.plans.iter().filter(|(_, plan)| plan.incident == Some(id)).map(|(_, plan)| plan).collect();
    let moved: u64 = plans.iter().map(|plan| u64::from(plan.moved)).sum();
    let told = state
        .notices
        .iter()
        .filter(|(_, notice)| notice.incident == Some(id) && notice.status == NoticeStatus::Sent)
        .count();
    let closed = super::statistics::closed_spans(cx, Some(id));
    let first =
        cx.view.chronicle.of(id).find_map(|row| matches!(row.what, What::Stepped(..)).then_some(row.at));
    let reaction = first.zip(incident.declared).map(|(done, from)| w.span(done.since(from)));
    let none = || w.say("none");
    html! {
        (stats(&[
            Stat::new(w.say("review-lasted"), lasted.unwrap_or_else(none)),
            Stat::new(w.say("review-first"), reaction.unwrap_or_else(none)).hint(w.say("review-first-means")),
            Stat::new(w.say("review-plans"), w.number(plans.len())),
            Stat::new(w.say("review-moved"), w.number(moved)),
            Stat::new(w.say("review-told"), w.number(told)),
        ]))
        @if !closed.is_empty() {
            ul class="plain" { @for (site, span) in &closed { li { (site_link(cx, *site)) " " (say!(w, "was-closed", span = w.span(*span))) } } }
        }
        (go(&Page::Preview(PreviewQuery { sites: incident.sites.clone(), ..PreviewQuery::default() }).address(), &w.say("review-again"), ""))
    }
}
