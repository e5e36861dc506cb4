//! What a form asks for, asked: alone, with the approval of a second person, step by step.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use holdfast_access::Right;
use holdfast_app::core::Reply;
use holdfast_app::service::{Asked, View as Fork};
use holdfast_console::Outcome;
use holdfast_console::act::{self, Act, Keep};
use holdfast_console::beside::Beside;
use holdfast_console::chronicle::Chronicle;
use holdfast_console::page::Page;
use holdfast_console::view::View;
use holdfast_domain::command::Command;
use holdfast_domain::decide::matching_lanes;
use holdfast_domain::id::{IncidentId, OrderId, PlanId, ShipmentId};
use holdfast_domain::plan_record::Move;
use holdfast_domain::time::Stamp;
use holdfast_engine::incident::{Planned, Scope};

use super::{alone, draw, fields, proposals, viewer};
use crate::app::{App, lock, zone_of};
use crate::drills;
use crate::guard::Who;
use crate::planning::{self, Wanted};
use crate::problem::Problem;
use crate::routes::body::{self, text};
use crate::routes::incidents::{counted, opened_at, second_approver};
use crate::routes::{connections, shipments, webhooks};

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

pub(super) async fn perform(State(app): State<App>, who: Who, uri: Uri, request: Request) -> Response {
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
        let (overview, proposals) = (app.console.overview(&app, &fork), proposals(&app));
        let chronicle = Chronicle::default();
        let view = View {
            engine: &fork.engine,
            now: fork.at,
            overview: &overview,
            chronicle: &chronicle,
            proposals: &proposals,
            health: &[],
            before: None,
            beside: &Beside::default(),
            people: &[],
            waiting: &[],
            customer: None,
            desk: holdfast_console::view::DeskView::default(),
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
            if done.is_empty() {
                return Redirect::to(&address).into_response();
            }
            let mark = if address.contains('?') { '&' } else { '?' };
            Redirect::to(&format!("{address}{mark}done={done}")).into_response()
        }
        Ended::Not(outcome) => draw(&app, &who, &headers, before, Some(outcome), Some(form)).await,
        Ended::Problem(problem) => {
            let outcome = Outcome::of_problem(&problem.code, &problem.detail);
            draw(&app, &who, &headers, before, Some(outcome), Some(form)).await
        }
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
        Act::MakePlan(incident) => match planning::plan(app, Wanted::of(Some(incident), Scope::All, 0)) {
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
        Act::Analyse => crate::analysis::begin(app).map(|()| then).map_err(Into::into),
        Act::Drill(key) => {
            let actor = who.actor().to_owned();
            asked(app.block(move |app| drills::begin(app, &key, &actor)).await).map(|()| then)
        }
        Act::PlanDrill(key, start, minutes) => {
            let actor = drills::name_of(who);
            asked(app.block(move |app| drills::plan_for(app, &key, start, minutes, &actor)).await)
                .map(|_| then)
        }
        Act::CallOffDrill(number) => {
            let actor = drills::name_of(who);
            asked(app.block(move |app| drills::call_off_plan(app, number, &actor)).await).map(|()| then)
        }
        Act::Compare(id) if who.has(Right::MendInbox) => {
            connections::begin_compare(app, who, &id).map(|()| then).map_err(Ended::from)
        }
        Act::Replay(id, from) if who.has(Right::ChangeConnections) => {
            webhooks::tell_again(app, who, id, from).await.map(|()| then).map_err(Ended::from)
        }
        Act::Compare(_) | Act::Replay(..) => Err(Ended::Not(Outcome::Refused(act::Refused::NotAllowed))),
        Act::WrongScan => {
            app.tally.note(Stamp(app.now()), &zone_of(fork.state()), "wrong-scan");
            Ok(then)
        }
        Act::Look => Ok(then),
        Act::Pack(shipment, papers, scans) => {
            pack(app, who, fork, shipment, papers, scans).await.map(|()| then)
        }
        Act::Reship(order) => {
            let made = crate::routes::care::reship_order(app, who, order, &[], None).await;
            made.map(|(_, made)| made.map_or(then, Page::Order)).map_err(Ended::from)
        }
    };
    match result {
        Ok(page) => Ended::Done(page, done),
        Err(ended) => ended,
    }
}

/// What work away from the serving threads came to.
fn asked<T>(result: Result<Result<T, Problem>, Problem>) -> Result<T, Ended> {
    result.and_then(|inner| inner).map_err(Ended::from)
}

/// Reports a shipment packed, after the units were compared with what belongs into it: as the interface does.
async fn pack(
    app: &App,
    who: &Who,
    fork: &Arc<Fork>,
    shipment: ShipmentId,
    papers: String,
    scans: Vec<String>,
) -> Result<(), Ended> {
    let state = fork.state();
    let known = state.shipment(shipment).map_err(Problem::from)?;
    who.order(state, known.order).map_err(Ended::from)?;
    let packing = shipments::Packing { order: papers, scans };
    shipments::packable(app, state, shipment, known, &packing).map_err(Ended::from)?;
    ask(app, who, Asked::new(Command::PackShipment { shipment }, who.actor())).await.map(drop)
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
    for command in commands {
        if let Command::Care(care) = command
            && let holdfast_domain::care::CareCommand::RecordRefund { order, amount, .. } = **care
        {
            crate::routes::care::over_the_limit(app, who, order, amount).await.map_err(Ended::from)?;
        }
    }
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
    let id = opened_at(app, version).await?.ok_or(Ended::Not(Outcome::Unknown))?;
    for command in declare.consequences(id) {
        ask(app, who, Asked::new(command, who.actor())).await?;
    }
    Ok(Page::Incident(id, 0))
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
        // Those that follow a truck go to the site it brings their goods to.
        let brought = whole.arrivals.iter().flat_map(|arrival| &arrival.moves);
        let mut to = whole.moves.iter().chain(brought).filter(|change| change.order == order);
        let goes_there = |change: &Move| change.to.iter().any(|(_, a)| keep.sites.contains(&a.site));
        keep.sites.is_empty() || to.clone().all(|change| change.to.is_empty()) || to.any(goes_there)
    };
    let wanted: std::collections::BTreeSet<OrderId> = whole
        .moves
        .iter()
        .chain(whole.arrivals.iter().flat_map(|arrival| &arrival.moves))
        .map(|change| change.order)
        .filter(|order| goes(*order) && !keep.except.contains(order))
        .collect();
    whole.only(|order| wanted.contains(&order))
}

async fn undo(app: &App, who: &Who, fork: &Fork, plan: PlanId) -> Result<(), Ended> {
    let record = fork.state().plans.get(plan).ok_or_else(|| Ended::Problem(Problem::not_found("plan")))?;
    let planned = planning::load(app, record.digest).await.map_err(Ended::from)?;
    let command = Command::UndoPlan { plan, moves: planned.executed(record.done).into() };
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
    planning::tell_customers(app, incident, hold, who.actor()).await.map(drop).map_err(Ended::from)
}
