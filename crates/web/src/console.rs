//! The console, mounted: pages drawn from the durable state, forms turned into asks.
//!
//! What a page may show and a form may ask for is decided in `holdfast_console`; whether the asker has the right, has
//! proved lately who they are, and needs a second person, is decided here, as for the API.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use holdfast_access::{Right as AccessRight, Role as AccessRole};
use holdfast_app::core::Reply;
use holdfast_app::service::{Asked, Phase, Service, Told, View as Fork};
use holdfast_console::act::{self, Act, Keep};
use holdfast_console::chronicle::Chronicle;
use holdfast_console::health::{Condition, Health, Part};
use holdfast_console::overview::Overview;
use holdfast_console::page::{self, Fields, Page};
use holdfast_console::view::{Customer, Person, Proposal, View, Waiting};
use holdfast_console::viewer::{Right, Role, Viewer};
use holdfast_console::words::Locale;
use holdfast_console::{Alone, Outcome, Tried, assets, render, render_plain};
use holdfast_domain::command::Command;
use holdfast_domain::decide::matching_lanes;
use holdfast_domain::event::Event;
use holdfast_domain::id::{IncidentId, MerchantId, OrderId, PlanId};
use holdfast_domain::state::NameKind;
use holdfast_engine::incident::{Planned, Scope};

use crate::app::{App, lock};
use crate::guard::{Who, cookie, unescape};
use crate::index::entries_after;
use crate::mount::Mount;
use crate::planning;
use crate::policy::Policy;
use crate::problem::Problem;
use crate::routes::body::{self, text};
use crate::routes::incidents::{counted, second_approver};
use crate::routes::orders::person_of;

/// Entries that may wait for the chronicle.
const QUEUE: usize = 100_000;
/// Entries read at once.
const CHUNK: usize = 5_000;
/// How long to wait for the next entry before looking whether the service still runs.
const LISTEN: Duration = Duration::from_millis(300);
/// Cookie that holds the language.
const LANGUAGE: &str = "holdfast-lang";

/// What the console keeps beside the state.
#[derive(Default)]
pub struct Console {
    chronicle: RwLock<Chronicle>,
    overview: Mutex<Option<Arc<Overview>>>,
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
                None if matches!(service.health().phase, Phase::Stopped | Phase::Fenced | Phase::Broken) => {
                    return;
                }
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

    fn overview(&self, fork: &Fork) -> Arc<Overview> {
        let mut kept = lock(&self.overview);
        match &*kept {
            Some(known) if known.version == fork.state().version => known.clone(),
            _ => {
                let made = Arc::new(Overview::of(fork.state(), fork.at));
                *kept = Some(made.clone());
                made
            }
        }
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
            _ => Policy::all(AccessRight::CommandIncidents),
        };
        let policy = if act::DANGEROUS.contains(&path) { policy.fresh() } else { policy };
        mount = mount.page(policy, Method::POST, path, post(perform));
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

fn fields(text: &str) -> Fields {
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).take(page::VALUES_MAX);
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (unescape(name), unescape(value))
    };
    Fields(pairs.map(pair).collect())
}

fn locale(headers: &HeaderMap) -> Locale {
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

async fn show(State(app): State<App>, who: Who, uri: Uri, headers: HeaderMap) -> Response {
    let fields = fields(uri.query().unwrap_or_default());
    if let Some(language) = Locale::of(fields.one("lang")) {
        let cookie = format!("{LANGUAGE}={}; Path=/; SameSite=Strict; Max-Age=31536000", language.tag());
        let value = HeaderValue::from_str(&cookie).unwrap_or_else(|_| HeaderValue::from_static(""));
        let rest = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.starts_with("lang="));
        let rest = rest.collect::<Vec<_>>().join("&");
        // A path that begins with two slashes would lead to another host.
        let path = format!("/{}", uri.path().trim_start_matches('/'));
        let to = if rest.is_empty() { path } else { format!("{path}?{rest}") };
        return ([(header::SET_COOKIE, value)], Redirect::to(&to)).into_response();
    }
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
    let asker = who.actor().to_owned();
    let drawn = app
        .block(move |app| {
            let people = match &page {
                Page::People if viewer.may(Right::Manage) => people(app),
                _ => Vec::new(),
            };
            let (overview, proposals) = (app.console.overview(&fork), proposals(app));
            let health = health(app);
            let waiting = if viewer.may(Right::Command) { waiting(app, &asker) } else { Vec::new() };
            let chronicle = app.console.chronicle.read().unwrap_or_else(PoisonError::into_inner);
            let view = View {
                engine: &fork.engine,
                now: fork.at,
                overview: &overview,
                chronicle: &chronicle,
                proposals: &proposals,
                health: &health,
                before: None,
                people: &people,
                waiting: &waiting,
                customer: customer.as_ref().map(|(id, customer)| (*id, customer)),
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
    let open = all.into_iter().filter(|approval| approval.approved_by.is_none() && !approval.used);
    let shown = |approval: holdfast_access::Approval| Waiting {
        own: approval.asked_by == asker,
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

fn health(app: &App) -> Vec<Health> {
    let known = app.service.health();
    let condition = match known.phase {
        Phase::Running if known.queue * 2 < known.queue_max => Condition::Good,
        Phase::Running | Phase::Recovering => Condition::Weak,
        _ => Condition::Bad,
    };
    let ago = known.last_append.map(|ago| u64::try_from(ago.as_millis()).unwrap_or(u64::MAX));
    let now = holdfast_domain::time::Stamp(app.now());
    let last = ago.map(|ago| now.before(holdfast_domain::time::Span(ago)));
    let mut out = vec![Health { part: Part::Journal, name: "journal".to_owned(), condition, last }];
    let waiting = app.inbox.count().unwrap_or(0);
    for connection in &app.config.connections {
        let condition = if waiting == 0 { Condition::Good } else { Condition::Weak };
        out.push(Health { part: Part::Connection, name: connection.id.clone(), condition, last: None });
    }
    out
}

/// How an act ended.
enum Ended {
    /// Done: the page to show, and what to say there.
    Done(Page, &'static str),
    /// Not done.
    Not(Outcome),
    /// It needs a second person, or something of ours failed.
    Problem(Problem),
}

impl From<Problem> for Ended {
    fn from(problem: Problem) -> Self {
        match problem.code.as_str() {
            "busy" => Self::Not(Outcome::Retry),
            "outcome-unknown" => Self::Not(Outcome::Unknown),
            // The problem ends with the code the act waits under.
            "second-approver-needed" => {
                let code = problem.detail.rsplit(' ').next().unwrap_or_default().to_owned();
                Self::Not(Outcome::NeedsSecond(code))
            }
            _ => Self::Problem(problem),
        }
    }
}

async fn perform(State(app): State<App>, who: Who, uri: Uri, request: Request) -> Response {
    let headers = request.headers().clone();
    let bytes = match body::whole(&app, request).await {
        Ok(bytes) => bytes,
        Err(problem) => return alone(problem.status, &headers),
    };
    let form = fields(&String::from_utf8_lossy(&bytes));
    let before = page_before(&headers);
    let fork = app.view();
    let Some(viewer) = viewer(&fork, &who, &headers) else { return alone(403, &headers) };
    let asked = {
        let (overview, proposals) = (app.console.overview(&fork), proposals(&app));
        let chronicle = Chronicle::default();
        let view = View {
            engine: &fork.engine,
            now: fork.at,
            overview: &overview,
            chronicle: &chronicle,
            proposals: &proposals,
            health: &[],
            before: None,
            people: &[],
            waiting: &[],
            customer: None,
        };
        Act::parse(uri.path(), &form, &view, &viewer)
    };
    let asked = match asked {
        Ok(asked) => asked,
        Err(refused) => {
            return draw(&app, &who, &headers, before, Some(Outcome::Refused(refused)), Some(form)).await;
        }
    };
    let (then, done) = (asked.then, asked.done);
    match run(&app, &who, &fork, asked.act, then, done).await {
        Ended::Done(page, done) => {
            let address = page.address();
            let mark = if address.contains('?') { '&' } else { '?' };
            Redirect::to(&format!("{address}{mark}done={done}")).into_response()
        }
        Ended::Not(outcome) => draw(&app, &who, &headers, before, Some(outcome), Some(form)).await,
        Ended::Problem(problem) => crate::routes::pages::message(&headers, &problem),
    }
}

/// The page a form was on.
fn page_before(headers: &HeaderMap) -> Page {
    let from = text(headers, "referer").and_then(|address| address.parse::<Uri>().ok());
    from.and_then(|uri| Page::parse(uri.path(), &fields(uri.query().unwrap_or_default())))
        .unwrap_or(Page::Now)
}

async fn run(app: &App, who: &Who, fork: &Arc<Fork>, act: Act, then: Page, done: &'static str) -> Ended {
    let result = match act {
        Act::Commands(commands) => commands_of(app, who, fork, commands).await.map(|()| then),
        Act::Declare(declare) => self::declare(app, who, fork, *declare).await,
        Act::MakePlan(incident) => match planning::plan(app, Some(incident), Scope::All, 0) {
            Ok(job) => {
                lock(&app.console.proposals).insert(incident, job);
                Ok(then)
            }
            Err(problem) => Err(problem.into()),
        },
        Act::Approve(incident, digest, keep) => {
            approve(app, who, incident, digest, keep).await.map(|()| then)
        }
        Act::CarryOn(plan) => planning::execute(app, plan, who.actor()).map(|_| then).map_err(Into::into),
        Act::Undo(plan) => undo(app, who, fork, plan).await.map(|()| then),
        Act::Tell(incident, hold) => tell(app, who, fork, incident, hold).await.map(|()| then),
        Act::Second(id) => second(app, who, id).await.map(|()| then),
    };
    match result {
        Ok(page) => Ended::Done(page, done),
        Err(ended) => ended,
    }
}

/// Says yes to another person's act.
async fn second(app: &App, who: &Who, id: String) -> Result<(), Ended> {
    let (actor, now) = (who.actor().to_owned(), app.now());
    let given = app.block(move |app| app.access.approve(&id, &actor, now)).await.map_err(Ended::from)?;
    given.map(drop).map_err(|error| {
        Ended::Not(Outcome::Rejected(vec![("approval-refused".to_owned(), error.to_string())]))
    })
}

/// Asks one thing and tells how it ended.
async fn ask(
    app: &App,
    who: &Who,
    asked: Asked,
) -> Result<(u64, Arc<holdfast_domain::evolve::Entry>), Ended> {
    let _ = who;
    match app.reply(asked).await? {
        Reply::Done { version, entry } => {
            app.seen(version).await;
            Ok((version, entry))
        }
        Reply::Rejected(rejection) => {
            let told = (rejection.code().to_owned(), rejection.to_string());
            Err(Ended::Not(Outcome::Rejected(vec![told])))
        }
        Reply::Repeated(_) | Reply::Unknown => Err(Ended::Not(Outcome::Unknown)),
        Reply::Retry => Err(Ended::Not(Outcome::Retry)),
    }
}

/// Closing sites or lanes over the thresholds needs a second person, from here as from the API.
async fn allowed(app: &App, who: &Who, fork: &Arc<Fork>, commands: &[Command]) -> Result<(), Ended> {
    let sites: Vec<_> = commands
        .iter()
        .filter_map(|command| match command {
            Command::CloseSite { site, .. } => Some(*site),
            _ => None,
        })
        .collect();
    let rule = commands.iter().find_map(|command| match command {
        Command::EmbargoLanes { rule, .. } => Some(rule.clone()),
        _ => None,
    });
    if sites.is_empty() && rule.is_none() {
        return Ok(());
    }
    let (fork, asked) = (fork.clone(), sites.clone());
    let touched = app
        .block(move |app| {
            let state = fork.state();
            let lanes = rule.map_or_else(Vec::new, |rule| matching_lanes(&state.network, &rule));
            counted(app, state, &asked, &lanes, None, fork.at)
        })
        .await
        .map_err(Ended::from)?;
    if touched.second_approver {
        let what = format!("close {} sites: {} orders touched", sites.len(), touched.orders);
        second_approver(app, who, format!("console {commands:?}"), what).await.map_err(Ended::from)?;
    }
    Ok(())
}

async fn commands_of(app: &App, who: &Who, fork: &Arc<Fork>, commands: Vec<Command>) -> Result<(), Ended> {
    allowed(app, who, fork, &commands).await?;
    for command in commands {
        ask(app, who, Asked::new(command, who.actor())).await?;
    }
    Ok(())
}

async fn declare(app: &App, who: &Who, fork: &Arc<Fork>, declare: act::Declare) -> Result<Page, Ended> {
    allowed(app, who, fork, &declare.consequences(IncidentId(0))).await?;
    let open = Command::OpenIncident(Box::new(declare.open.clone()));
    let (version, _) = ask(app, who, Asked::new(open, who.actor())).await?;
    let id = opened(app, version).await?;
    for command in declare.consequences(id) {
        ask(app, who, Asked::new(command, who.actor())).await?;
    }
    Ok(Page::Incident(id, 0))
}

/// The incident an entry has opened.
async fn opened(app: &App, version: u64) -> Result<IncidentId, Ended> {
    let view = app.view();
    let now = view.state().version;
    let read = app.read(move |journal| entries_after(journal, version, CHUNK)).await.map_err(Ended::from)?;
    let later = read.map_err(|error| Ended::Problem(Problem::internal(&error)))?;
    let later =
        later.iter().filter(|durable| durable.version <= now).flat_map(|durable| &durable.entry.events);
    let later = later.filter(|event| matches!(event, Event::IncidentOpened(_))).count();
    let index = view.state().incidents.len().checked_sub(1 + later);
    let index = index.and_then(|index| u32::try_from(index).ok());
    index.map(IncidentId).ok_or(Ended::Not(Outcome::Unknown))
}

async fn approve(
    app: &App,
    who: &Who,
    incident: IncidentId,
    digest: holdfast_domain::table::Digest,
    keep: Keep,
) -> Result<(), Ended> {
    let whole = app.plans.draft(&digest).ok_or_else(|| Ended::Problem(Problem::not_found("plan")))?;
    let planned = kept(&whole, &keep);
    if planned.summary.moved >= app.config.second_approver.orders {
        let what = format!("adopt a plan that moves {} orders", planned.summary.moved);
        let act = format!("adopt {}", planning::hex(&planned.digest()));
        second_approver(app, who, act, what).await.map_err(Ended::from)?;
    }
    ask(app, who, Asked::adopt(&planned, who.actor())).await?;
    lock(&app.console.proposals).remove(&incident);
    let digest = planned.digest();
    let view = app.view();
    let plan = view.state().plans.iter().filter(|(_, plan)| plan.digest == digest).last().map(|(id, _)| id);
    if let Some(plan) = plan {
        planning::execute(app, plan, who.actor()).map_err(Ended::from)?;
    }
    Ok(())
}

fn kept(whole: &Planned, keep: &Keep) -> Planned {
    if keep == &Keep::default() {
        return whole.clone();
    }
    let goes = |order: OrderId| {
        let to = whole.moves.iter().find(|change| change.order == order).map(|change| &change.to);
        keep.sites.is_empty()
            || to.is_none_or(|to| to.is_empty() || to.iter().any(|(_, a)| keep.sites.contains(&a.site)))
    };
    let wanted: std::collections::BTreeSet<OrderId> = whole
        .moves
        .iter()
        .map(|change| change.order)
        .filter(|order| goes(*order) && !keep.except.contains(order))
        .collect();
    whole.only(|order| wanted.contains(&order))
}

async fn undo(app: &App, who: &Who, fork: &Fork, plan: PlanId) -> Result<(), Ended> {
    let record = fork.state().plans.get(plan).ok_or_else(|| Ended::Problem(Problem::not_found("plan")))?;
    let planned = planning::load(app, record.digest).await.map_err(Ended::from)?;
    let command = Command::UndoPlan { plan, moves: planned.moves.clone().into() };
    ask(app, who, Asked::new(command, who.actor())).await.map(|_| ())
}

async fn tell(
    app: &App,
    who: &Who,
    fork: &Arc<Fork>,
    incident: IncidentId,
    hold: holdfast_domain::time::Span,
) -> Result<(), Ended> {
    let fork = fork.clone();
    let commands = app
        .block(move |_| planning::due_after(fork.state(), incident, fork.at, hold))
        .await
        .map_err(Ended::from)?;
    let notices = commands.iter().filter(|command| matches!(command, Command::QueueNotice(_))).count();
    if notices >= app.config.second_approver.notices as usize {
        let what = format!("write to {notices} customers about {incident}");
        second_approver(app, who, format!("notices {incident}"), what).await.map_err(Ended::from)?;
    }
    for command in commands {
        ask(app, who, Asked::new(command, who.actor())).await?;
    }
    Ok(())
}
