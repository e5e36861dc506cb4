//! What a plan is made from: the live state of a data folder, or a book, with its analysis.

use std::path::Path;

use holdfast_app::load::Loaded;
use holdfast_app::port::Clock as _;
use holdfast_app::recover::recover;
use holdfast_book::Book;
use holdfast_console::plan::{Contact, Input};
use holdfast_continuity::bia::{Question, Report, analyse_with};
use holdfast_continuity::critical::{Ask, Critical, critical, past_storms};
use holdfast_continuity::fluid::{Patience, World};
use holdfast_continuity::house;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_hazard::catalogue::CatalogueConfig;

use crate::command::bia;
use crate::exit::{Failure, chain};
use crate::output::Output;
use crate::world;

/// Closures of the simulated years that are looked at for critical stock.
const SAMPLES: usize = 100;
/// Points of the frontier: the plan shows one.
const POINTS: usize = 2;
/// What holding stock costs a year, per cent, and days until fresh stock comes: assumed, as in `holdfast critical`.
const CARRY_PERCENT: u32 = 20;
const RESTOCK_DAYS: u32 = 14;

/// What a plan is made from, owned.
pub struct Made {
    /// Network, stock, what each site can do.
    pub state: State,
    /// When it is made.
    pub made: Stamp,
    /// The impact analysis.
    pub analysis: Option<Report>,
    /// Critical inventory.
    pub critical: Option<Critical>,
    /// Whom to call.
    pub contacts: Vec<Contact>,
    /// What was assumed.
    pub remarks: Vec<String>,
}

impl Made {
    /// As the console draws it; texts are added by language.
    pub fn input(&self) -> Input<'_> {
        Input {
            state: &self.state,
            made: self.made,
            analysis: self.analysis.as_ref(),
            critical: self.critical.as_ref(),
            contacts: &self.contacts,
            messages: &[],
            remarks: &self.remarks,
            say: &str::to_owned,
        }
    }
}

/// Reads what was named. With a data folder the state is the live one; a book beside it gives orders and contacts.
pub fn gather(data: Option<&Path>, source: &bia::Source, years: u32, out: &Output) -> Result<Made, Failure> {
    let now = world::SystemClock.now();
    let live = data.map(live_state).transpose()?;
    let with_book = data.is_none() || source.book.is_some() || source.uci.is_some() || source.demo;
    if let (Some(state), false) = (&live, with_book) {
        return Ok(of_live(state.clone(), now, years, out));
    }
    let (loaded, contacts) = bia::load_with_contacts(source)?;
    let mut made = of_loaded(&loaded, contacts, now, source.seed, source.patience, years, out)?;
    if let Some(state) = live {
        made.state = state;
    }
    Ok(made)
}

/// The plan of a live state, analysed from its own orders.
fn of_live(state: State, made: Stamp, years: u32, out: &Output) -> Made {
    let mut remarks = Vec::new();
    let bar = out.progress(1, "analysing the impact");
    let found = match (years > 0).then(|| house::analyse(&state, made, house::Effort { years, starts: None }))
    {
        Some(Ok(found)) => Some(found),
        Some(Err(error)) => {
            remarks.push(format!("no impact analysis: {}", chain(&error)));
            None
        }
        None => None,
    };
    bar.finish_and_clear();
    let (analysis, critical) = found.map_or((None, None), |found| (Some(found.report), found.critical));
    Made { state, made, analysis, critical, contacts: Vec::new(), remarks }
}

fn live_state(data: &Path) -> Result<State, Failure> {
    let path = data.join("holdfast.db");
    let mut journal = world::open(&path)?;
    Ok(recover(&mut journal, None).map_err(|error| world::broken(&path, &error))?.engine.state)
}

/// Whom a book says to call, in its order.
pub fn contacts(book: &Book) -> Vec<Contact> {
    let mut rows: Vec<_> = book.contacts.iter().collect();
    rows.sort_by_key(|row| (row.call_order.unwrap_or(u32::MAX), row.deputy));
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    rows.into_iter()
        .map(|row| Contact {
            role: row.role.clone(),
            name: row.name.clone(),
            site: text(&row.site),
            phone: text(&row.phone),
            mail: text(&row.email),
            deputy: row.deputy,
        })
        .collect()
}

fn of_loaded(
    loaded: &bia::Loaded,
    contacts: Vec<Contact>,
    made: Stamp,
    seed: u64,
    patience: i32,
    years: u32,
    out: &Output,
) -> Result<Made, Failure> {
    let mut remarks = loaded.notes.clone();
    let (mut analysis, mut stock) = (None, None);
    if years > 0 && !loaded.orders.is_empty() {
        let bar = out.progress(2, "analysing the impact");
        let catalogue = CatalogueConfig::default();
        let question = Question {
            state: &loaded.state,
            orders: &loaded.orders,
            processes: &loaded.processes,
            catalogue: &catalogue,
            seed,
            years,
            patience: Patience { days: patience },
        };
        let refuse = |error: &dyn std::error::Error| {
            Failure::input(chain(error), "mend the book, or leave the analysis out with --years 0")
        };
        let world = World::new(&loaded.state, &loaded.orders).map_err(|error| refuse(&error))?;
        let report = analyse_with(&question, &world, &loaded.facts).map_err(|error| refuse(&error))?;
        bar.inc(1);
        bar.set_message("laying stock");
        let ask = Ask {
            question: &question,
            world: &world,
            report: &report,
            budget_minor: None,
            carry_percent: CARRY_PERCENT,
            restock_days: RESTOCK_DAYS,
            samples: SAMPLES,
            points: POINTS,
            at: &[],
            incidents: &past_storms(&loaded.state, &world),
        };
        match critical(&ask) {
            Ok(found) => {
                remarks.extend(found.assumed.iter().map(|text| format!("assumed: {text}")));
                stock = Some(found);
            }
            Err(error) => remarks.push(format!("critical stock left out: {}", chain(&error))),
        }
        bar.finish_and_clear();
        analysis = Some(report);
    }
    Ok(Made { state: loaded.state.clone(), made, analysis, critical: stock, contacts, remarks })
}

/// The plan of a book that was loaded for a drill, without an analysis: `holdfast plan` makes the whole one.
pub fn of_book(book: &Book, loaded: &Loaded, state: State, made: Stamp) -> Made {
    let remarks =
        loaded.assumptions.iter().map(|a| format!("assumed ({}, {} rows): {}", a.file, a.rows, a.what));
    let remarks = remarks.collect();
    Made { state, made, analysis: None, critical: None, contacts: contacts(book), remarks }
}
