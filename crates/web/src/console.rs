//! The console, mounted: pages drawn from the durable state, forms turned into asks.
//!
//! What a page may show and a form may ask for is decided in `holdfast_console`; whether the asker has the right, has
//! proved lately who they are, and needs a second person, is decided here, as for the API.

mod acts;
mod connections;
mod health;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use holdfast_access::{Right as AccessRight, Role as AccessRole};
use holdfast_app::service::{Service, Told, View as Fork};
use holdfast_console::act;
use holdfast_console::beside::{Beside, Threat, Why};
use holdfast_console::chronicle::Chronicle;
use holdfast_console::drilled::Drilled;
use holdfast_console::overview::Overview;
use holdfast_console::page::{self, Fields, Page};
use holdfast_console::undoing;
use holdfast_console::view::{Customer, DeskView, Person, Proposal, View, Waiting};
use holdfast_console::viewer::{Right, Role, Viewer};
use holdfast_console::words::Locale;
use holdfast_console::{Alone, Outcome, Tried, assets, render, render_plain};
use holdfast_continuity::statistics::{Guarded, Statistics};
use holdfast_domain::id::{Id, IncidentId, MerchantId, OrderId, PlanId, SiteId};
use holdfast_domain::plan_record::Move;
use holdfast_domain::state::NameKind;
use holdfast_hazard::threat as watched;
use holdfast_notify::template::Catalog;

use crate::app::{App, lock, zone_of};
use crate::drills;
use crate::guard::{Who, cookie, unescape};
use crate::index::entries_after;
use crate::mount::Mount;
use crate::planning;
use crate::policy::Policy;
use crate::problem::Problem;
use crate::routes::body::text;
use crate::routes::orders::person_of;
use crate::watch;

/// Entries that may wait for the chronicle.
const QUEUE: usize = 100_000;
/// Entries read at once.
const CHUNK: usize = 5_000;
/// How long to wait for the next entry before looking whether the service still runs.
const LISTEN: Duration = Duration::from_millis(300);
/// What counting all orders may take while a page waits for it.
const INLINE: Duration = Duration::from_millis(40);
/// Cookie that holds the language.
const LANGUAGE: &str = "holdfast-lang";

/// What the console keeps beside the state.
#[derive(Default)]
pub struct Console {
    chronicle: RwLock<Chronicle>,
    /// The last overview, and how long counting it took.
    overview: Mutex<Option<(Arc<Overview>, Duration)>>,
    counting: AtomicBool,
    /// The job that makes, or made, an incident's proposal.
    proposals: Mutex<BTreeMap<IncidentId, u64>>,
}

impl Console {
    /// Follows the journal on a thread of its own until the service ends.
    #[must_use]
    pub fn follow(app: &App) -> JoinHandle<()> {
        let app = app.clone();
        std::thread::Builder::new()
            .name("holdfast-chronicle".to_owned())
            .spawn(move || app.console.run(&app.service))
            .expect("the system gives a thread at start-up")
    }

    fn run(&self, service: &Service) {
        let heard = service.subscribe(QUEUE);
        self.catch_up(service);
        loop {
            match heard.next(LISTEN) {
                None if service.health().phase.is_over() => return,
                None => {}
                Some(Told::Missed(_)) => self.catch_up(service),
                Some(Told::Entry(durable)) => {
                    let seen = self.seen();
                    if durable.version == seen + 1 {
                        self.chronicle.write().unwrap_or_else(PoisonError::into_inner).absorb(&durable.entry);
                    } else if durable.version > seen {
                        self.catch_up(service);
                    }
                }
            }
        }
    }

    fn seen(&self) -> u64 {
        self.chronicle.read().unwrap_or_else(PoisonError::into_inner).version()
    }

    fn catch_up(&self, service: &Service) {
        loop {
            let after = self.seen();
            let read = service.read_and_wait(move |journal| entries_after(journal, after, CHUNK));
            // A journal that cannot be read now is told of elsewhere; the chronicle goes on with the next entry.
            let Ok(Ok(entries)) = read else { return };
            if entries.is_empty() {
                return;
            }
            let mut chronicle = self.chronicle.write().unwrap_or_else(PoisonError::into_inner);
            entries.iter().for_each(|durable| chronicle.absorb(&durable.entry));
        }
    }

    /// The statistics of a state: the same for the screen and the interface.
    #[must_use]
    pub fn statistics(&self, app: &App, fork: &Fork) -> Statistics {
        let guarded = app.tally.all(app, &zone_of(fork.state()));
        let chronicle = self.chronicle.read().unwrap_or_else(PoisonError::into_inner);
        Statistics::of(fork.state(), chronicle.ledger(), &guarded, fork.at.max(fork.state().stamp))
    }

    /// The overview of a state. Where counting takes long, the last one there is, and a fresh one is begun behind it: a page
    /// does not wait for a million orders, and says of which entry its counts are.
    fn overview(&self, app: &App, fork: &Arc<Fork>) -> Arc<Overview> {
        let kept = lock(&self.overview).clone();
        match kept {
            Some((known, _)) if known.version == fork.state().version => known,
            Some((known, took)) if took > INLINE => {
                if !self.counting.swap(true, Ordering::AcqRel) {
                    let (app, fork) = (app.clone(), fork.clone());
                    tokio::task::spawn_blocking(move || {
                        let count = || app.console.count(&fork);
                        // A count that breaks off must not be the last one for ever.
                        drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(count)));
                        app.console.counting.store(false, Ordering::Release);
                    });
                }
                known
            }
            _ => self.count(fork),
        }
    }

    fn count(&self, fork: &Fork) -> Arc<Overview> {
        let begun = Instant::now();
        let made = Arc::new(Overview::of(fork.state(), fork.at));
        let mut kept = lock(&self.overview);
        if kept.as_ref().is_none_or(|(known, _)| known.version <= made.version) {
            *kept = Some((made.clone(), begun.elapsed()));
        }
        made
    }
}

/// The console's routes.
#[must_use]
pub fn mount() -> Mount {
    let mut mount = Mount::default();
    for path in page::ROUTES {
        mount = mount.page(Policy::own(AccessRight::ReadOrders), Method::GET, path, get(show));
    }
    for (path, right) in act::ROUTES {
        let policy = match right {
            Right::ActOnOrders => Policy::own(AccessRight::ChangeOrders),
            Right::ActOnStock => Policy::all(AccessRight::ChangeStock),
            Right::Support => Policy::all(AccessRight::ReadPeople),
            Right::Manage => Policy::all(AccessRight::ChangeConnections),
            _ => Policy::all(AccessRight::CommandIncidents),
        };
        let policy = if act::DANGEROUS.contains(&path) { policy.fresh() } else { policy };
        mount = mount.page(policy, Method::POST, path, post(acts::perform));
    }
    mount.page(Policy::Public, Method::GET, "/assets/{name}", get(asset)).page(
        Policy::own(AccessRight::ReadOrders),
        Method::GET,
        "/version",
        get(version),
    )
}

/// The version of the state a page would be drawn from: how a page learns that it is old.
async fn version(State(app): State<App>) -> String {
    app.view().state().version.to_string()
}

async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let asset = assets::find(&name).ok_or_else(|| Problem::not_found("file"))?;
    let headers =
        [(header::CONTENT_TYPE, asset.media), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.bytes).into_response())
}

pub(crate) fn fields(text: &str) -> Fields {
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).take(page::VALUES_MAX);
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (unescape(name), unescape(value))
    };
    Fields(pairs.map(pair).collect())
}

pub(crate) fn locale(headers: &HeaderMap) -> Locale {
    let chosen = cookie(headers, LANGUAGE).and_then(|tag| Locale::of(&tag));
    let wanted = text(headers, "accept-language").and_then(|tags| Locale::of(tags.get(..2)?));
    chosen.or(wanted).unwrap_or_default()
}

fn viewer(fork: &Fork, who: &Who, headers: &HeaderMap) -> Option<Viewer> {
    let principal = who.principal()?;
    let role = match principal.role {
        AccessRole::Viewer => Role::Viewer,
        AccessRole::Support => Role::Support,
        AccessRole::Operator => Role::Operator,
        AccessRole::Commander => Role::Commander,
        AccessRole::Admin => Role::Admin,
        AccessRole::Merchant => Role::Merchant(who.limit(fork.state()).unwrap_or(MerchantId(u16::MAX))),
    };
    Some(Viewer {
        name: principal.name.clone(),
        role,
        locale: locale(headers),
        csrf: principal.csrf.clone().unwrap_or_default(),
    })
}

/// The same page in the language its address asks for, kept in a cookie; `None` where it asks for none.
pub(crate) fn in_language(uri: &Uri) -> Option<Response> {
    let query = uri.query().unwrap_or_default();
    let language = Locale::of(fields(query).one("lang"))?;
    let cookie = format!("{LANGUAGE}={}; Path=/; SameSite=Strict; Max-Age=31536000", language.tag());
    let value = HeaderValue::from_str(&cookie).unwrap_or_else(|_| HeaderValue::from_static(""));
    let rest = query.split('&').filter(|pair| !pair.starts_with("lang=")).collect::<Vec<_>>().join("&");
    // A path that begins with two slashes would lead to another host.
    let path = format!("/{}", uri.path().trim_start_matches('/'));
    let to = if rest.is_empty() { path } else { format!("{path}?{rest}") };
    Some(([(header::SET_COOKIE, value)], Redirect::to(&to)).into_response())
}

async fn show(State(app): State<App>, who: Who, uri: Uri, headers: HeaderMap) -> Response {
    if let Some(turned) = in_language(&uri) {
        return turned;
    }
    let fields = fields(uri.query().unwrap_or_default());
    let Some(page) = Page::parse(uri.path(), &fields) else {
        return alone(404, &headers);
    };
    let outcome = Outcome::of_address(&fields);
    draw(&app, &who, &headers, page, outcome, None).await
}

fn alone(status: u16, headers: &HeaderMap) -> Response {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (code, Html(render_plain(&Alone::Problem { status }, locale(headers)))).into_response()
}

async fn draw(
    app: &App,
    who: &Who,
    headers: &HeaderMap,
    page: Page,
    outcome: Option<Outcome>,
    form: Option<Fields>,
) -> Response {
    let fork = app.view();
    let Some(viewer) = viewer(&fork, who, headers) else { return alone(403, headers) };
    let customer = match &page {
        Page::Order(id) if who.has(AccessRight::ReadPeople) && who.order(fork.state(), *id).is_ok() => {
            customer(app, who, *id).await
        }
        _ => None,
    };
    let executed = executed(app, &fork, &page).await;
    let (asker, found) = (who.actor().to_owned(), search(app, who, &fork, &page).await);
    let (limit, who) = (who.limit(fork.state()), who.clone());
    let drawn = app
        .block(move |app| {
            let people = match &page {
                Page::People if viewer.may(Right::Manage) => people(app),
                _ => Vec::new(),
            };
            let (overview, proposals) = (app.console.overview(app, &fork), proposals(app));
            let health = if matches!(page, Page::Now) { health::of(app) } else { Vec::new() };
            let before = app.before.last();
            let tried = |(plan, moves)| Some((plan, undoing::of(&fork.engine, plan, moves, fork.at)?));
            let undoing = executed.into_iter().filter_map(tried).collect();
            let beside = Beside { undoing, ..beside(app, &who, &fork, &page) };
            let waiting = if viewer.may(Right::Command) { waiting(app, &asker) } else { Vec::new() };
            let spoken = spoken(&app.words, &fork, &page, limit);
            let chronicle = app.console.chronicle.read().unwrap_or_else(PoisonError::into_inner);
            let view = View {
                engine: &fork.engine,
                now: fork.at,
                overview: &overview,
                chronicle: &chronicle,
                proposals: &proposals,
                health: &health,
                before: before.as_deref(),
                beside: &beside,
                people: &people,
                waiting: &waiting,
                customer: customer.as_ref().map(|(id, customer)| (*id, customer)),
                desk: DeskView {
                    found: found.as_deref(),
                    spoken: spoken.as_ref().map(|(id, words)| (*id, words)),
                },
            };
            let tried = outcome.map(|outcome| Tried { outcome, fields: form.as_ref() });
            render(&page, &view, &viewer, tried.as_ref())
        })
        .await;
    match drawn {
        Ok((html, true)) => Html(html).into_response(),
        Ok((html, false)) => (StatusCode::NOT_FOUND, Html(html)).into_response(),
        Err(_) => alone(500, headers),
    }
}

/// What may be said of the order a page shows, in its customer's language.
fn spoken(
    words: &Catalog,
    fork: &Fork,
    page: &Page,
    limit: Option<MerchantId>,
) -> Option<(OrderId, (String, String))> {
    let Page::Order(id) = page else { return None };
    let order = fork.state().order(*id).ok()?;
    if limit.is_some_and(|merchant| merchant != order.merchant) {
        return None;
    }
    let said = holdfast_notify::say::words(words, fork.state(), *id, fork.at).ok()??;
    Some((*id, (said.language, said.text)))
}

/// The orders a supporter's search finds, also by mail, telephone or name. Without a log nobody is looked for.
async fn search(app: &App, who: &Who, fork: &Arc<Fork>, page: &Page) -> Option<Vec<OrderId>> {
    let Page::Support(text) = page else { return None };
    if text.is_empty() || !who.has(AccessRight::ReadPeople) {
        return None;
    }
    let (actor, now, limit) = (who.actor().to_owned(), app.now(), who.limit(fork.state()));
    let (fork, text) = (fork.clone(), text.clone());
    app.block(move |app| {
        app.access.audit(now, "desk-search", &actor, "").ok()?;
        app.desk.find(fork.state(), &text, limit)
    })
    .await
    .ok()?
}

/// The moves that were carried out of the plans of an incident that can still be taken back.
async fn executed(app: &App, fork: &Fork, page: &Page) -> Vec<(PlanId, Vec<Move>)> {
    let Page::Incident(id, _) = page else { return Vec::new() };
    let mut out = Vec::new();
    let plans = fork.state().plans.iter();
    let mine = plans.filter(|(_, plan)| plan.incident == Some(*id) && !plan.undone && plan.moved > 0);
    for (plan, record) in mine {
        // One that cannot be read now is shown as one that cannot be taken back.
        if let Ok(planned) = planning::load(app, record.digest).await {
            out.push((plan, planned.executed(record.done)));
        }
    }
    out
}

/// What stands beside the state, as far as a page shows it.
fn beside(app: &App, who: &Who, fork: &Fork, page: &Page) -> Beside {
    // Of drills every page says whether one runs; the rest is read where it is shown.
    let drilled = match page {
        Page::Now | Page::Drills | Page::Drill(_) => drills::drilled(app),
        _ => Drilled { standing: app.drills.standing(), ..Drilled::default() },
    };
    Beside {
        analysis: app.before.standing(),
        guarded: match page {
            Page::Statistics => app.tally.all(app, &zone_of(fork.state())),
            _ => Guarded::default(),
        },
        objective_h: app.config.before.rto_hours,
        threats: match page {
            Page::Now | Page::DeclareThreat(_) => {
                app.watch.threats().iter().map(|one| threat(fork, one)).collect()
            }
            _ => Vec::new(),
        },
        drilled,
        connections: connections::of(app, who, page),
        ..Beside::default()
    }
}

/// A potential incident as the screens show it.
fn threat(fork: &Fork, threat: &watched::Threat) -> Threat {
    let state = fork.state();
    let site = |code: &String| state.network.sites.iter().position(|site| *site.code == **code);
    let line = |evidence: &watched::Evidence| match evidence {
        watched::Evidence::Alert { id, .. } if watch::is_silence(evidence) => Why::Silent(id.clone()),
        watched::Evidence::Alert { sender, id, event, .. } => Why::Said(format!("{event} · {sender} · {id}")),
        watched::Evidence::Forecast { storm, initial, threshold_kt, chance } => {
            Why::Said(format!("{storm} · {initial} · {threshold_kt} kt: {:.0} %", 100.0 * chance))
        }
    };
    Threat {
        id: threat.id.clone(),
        hazard: threat.hazard,
        severity: threat.severity,
        name: threat.name.clone(),
        from: threat.from,
        until: threat.until,
        chance_permille: threat.chance.map(|chance| (1000.0 * chance).round() as u32),
        sites: threat.sites.iter().filter_map(site).map(SiteId::from_index).collect(),
        silent: watch::is_silent(threat),
        evidence: threat.evidence.iter().map(line).collect(),
        incident: watch::declared(state, threat),
    }
}

/// The customer behind an order; looking is logged, and without a log there is nothing to see.
async fn customer(app: &App, who: &Who, id: OrderId) -> Option<(OrderId, Customer)> {
    let found = person_of(app, id).await.ok()??;
    let (actor, now) = (who.actor().to_owned(), app.now());
    app.block(move |app| app.access.audit(now, "person-read", &actor, &id.to_string())).await.ok()?.ok()?;
    let address = [found.street, found.city].into_iter().filter(|line| !line.is_empty()).collect();
    Some((id, Customer { name: found.name, mail: found.mail, phone: found.phone, address }))
}

/// Acts that wait for a second person.
fn waiting(app: &App, asker: &str) -> Vec<Waiting> {
    let all = app.access.approvals(app.now()).unwrap_or_default();
    let open = all
        .into_iter()
        .filter(|approval| !approval.used)
        .filter(|approval| approval.approved_by.is_none() || approval.asked_by == asker);
    let shown = |approval: holdfast_access::Approval| Waiting {
        own: approval.asked_by == asker,
        approved: approval.approved_by.is_some(),
        id: approval.id,
        what: approval.what,
        asked_by: approval.asked_by,
    };
    open.map(shown).collect()
}

fn proposals(app: &App) -> BTreeMap<IncidentId, Proposal> {
    let jobs = lock(&app.console.proposals).clone();
    let proposal = |(incident, job): (IncidentId, u64)| {
        let state = app.plans.job(job)?;
        let planned =
            state.plan.as_deref().and_then(planning::unhex).and_then(|digest| app.plans.draft(&digest));
        Some((incident, Proposal { planned, failed: state.error }))
    };
    jobs.into_iter().filter_map(proposal).collect()
}

fn people(app: &App) -> Vec<Person> {
    let role = |role| match role {
        AccessRole::Viewer => Role::Viewer,
        AccessRole::Support => Role::Support,
        AccessRole::Operator => Role::Operator,
        AccessRole::Commander => Role::Commander,
        AccessRole::Merchant => Role::Merchant(MerchantId(u16::MAX)),
        AccessRole::Admin => Role::Admin,
    };
    let view = app.view();
    let person = |user: holdfast_access::UserInfo| {
        let merchant = user.merchant.as_deref();
        let of = merchant.and_then(|code| view.state().named(NameKind::Merchant, MerchantId(0), code));
        Person {
            code: format!("user:{}", user.id),
            name: user.name,
            role: of.map_or_else(|| role(user.role), Role::Merchant),
            last: None,
            second_factor: user.second_factor,
        }
    };
    app.access.users().unwrap_or_default().into_iter().map(person).collect()
}
