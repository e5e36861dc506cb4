//! Business impact analysis: what the loss of sites costs, over simulated years and by hand-picked closures.
//!
//! Every site is closed by events of the catalogue, together where they share one; the fluid form says what each event
//! does; tables are kept by process, site, SKU, service and merchant. Invariant: the average annual loss is the mean
//! of the years' losses, and every figure has a trace.

mod band;
mod figures;
mod network;
mod origin;
mod outline;
mod partner;
mod process;
mod years;

use holdfast_domain::command::NewOrder;
use holdfast_domain::incident::Hazard;
use holdfast_domain::state::State;
use holdfast_domain::time::Stamp;
use holdfast_hazard::catalogue::{Basis, CatalogueConfig, CatalogueError, Downtime};
use holdfast_hazard::loss::LossError;
use serde::Serialize;

use crate::fluid::{FluidError, Impact, Patience, World};
use crate::trace::{Figure, Trace};

pub use band::{Band, LEVELS, OverTime};
pub use figures::trace;
pub use network::{Cover, PairLoss, SingleLoss, SiteLoss, lost_output, time_to_survive};
pub use origin::origin;
pub use outline::outline;
pub use partner::Outage;
pub use process::{Declared, Kind, ProcessRow};
pub use years::{Drawn, PANDEMIC_PERMILLE, SiteYears, Years};
pub(crate) use years::{draw, lengths, places, used};

/// Ends of the seven bands of time, hours; the last stands for what is beyond a month.
pub const BANDS_H: [f64; 7] = [1.0, 4.0, 24.0, 72.0, 168.0, 720.0, 1440.0];
/// Names of the bands.
pub const BANDS: [&str; 7] = ["<1 h", "1-4 h", "4-24 h", "1-3 d", "3-7 d", "7-30 d", ">30 d"];
/// The closure the N-1 and N-2 tables are made for, hours.
pub const REFERENCE_H: f64 = 72.0;
/// The share of demand a network has to serve to survive, where nothing else is declared.
pub const SURVIVE_SHARE: f64 = 0.95;
/// Return periods told, years.
pub const RETURN_YEARS: [f64; 4] = [10.0, 50.0, 100.0, 250.0];
/// Simulated years at most.
pub const YEARS_MAX: u32 = 1_000_000;

/// What is asked.
pub struct Question<'a> {
    /// The state: network and stock, before the orders.
    pub state: &'a State,
    /// Orders by the moment they come in.
    pub orders: &'a [(Stamp, NewOrder)],
    /// What people declared about processes.
    pub processes: &'a [Declared],
    /// Hazards.
    pub catalogue: &'a CatalogueConfig,
    /// Seed of every draw.
    pub seed: u64,
    /// Years to simulate.
    pub years: u32,
    /// When customers go elsewhere.
    pub patience: Patience,
}

/// What a book says beside network, orders and processes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Company that runs each site, by index; `None` where it is the operator.
    pub site_partners: Vec<Option<String>>,
    /// Code and name of each carrier: a company may be known by either.
    pub carrier_names: Vec<(String, String)>,
    /// Units that came back in the history; `None` where the book has no returns.
    pub returned_units: Option<f64>,
    /// Units announced in the history; `None` where the book has no inbound goods.
    pub inbound_units: Option<f64>,
}

/// Why there is no analysis.
#[derive(Debug, thiserror::Error)]
pub enum BiaError {
    /// The book does not suffice.
    #[error(transparent)]
    Fluid(#[from] FluidError),
    /// The hazards cannot be simulated.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// A loss that is no number.
    #[error(transparent)]
    Loss(#[from] LossError),
    /// Years out of range.
    #[error("simulate {0} years: give 1 to {YEARS_MAX}")]
    Years(u32),
}

/// A name with a loss a year.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// Code.
    pub code: String,
    /// Average annual loss that falls on it, minor units.
    pub loss_per_year: f64,
}

/// Losses over the years.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Annual {
    /// Average annual loss, minor units.
    pub average: f64,
    /// Standard deviation.
    pub deviation: f64,
    /// Return period, occurrence and aggregate exceedance; nothing beyond the years simulated.
    pub exceedance: Vec<(f64, Option<f64>, Option<f64>)>,
    /// Mean of the worst hundredth of the years.
    pub tail_99: Option<f64>,
    /// Points for a plot: return period, greatest event, whole year.
    pub curve: Vec<(f64, f64, f64)>,
}

/// What a hazard costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HazardRow {
    /// Its key.
    pub hazard: &'static str,
    /// Events a year that stop something orders need.
    pub events_per_year: f64,
    /// Average annual loss, minor units.
    pub loss_per_year: f64,
    /// Whether every rate at the operator's sites is published or declared.
    pub rates_assumed: bool,
    /// Whether some downtime of it is assumed.
    pub downtime_assumed: bool,
}

/// The analysis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Currency of all money, in minor units.
    pub currency: String,
    /// Simulated years, seed and events.
    pub years: u32,
    /// Seed.
    pub seed: u64,
    /// Events that stop something orders need.
    pub events: u64,
    /// Events of the catalogue at the operator's sites, those that stop nothing included.
    pub catalogue_events: u64,
    /// Runs of the fluid form for them.
    pub runs: u64,
    /// Days after the promise at which a customer is lost.
    pub patience_days: i32,
    /// Losses by year.
    pub annual: Annual,
    /// By site.
    pub sites: Vec<SiteLoss>,
    /// Each site and carrier lost alone: N-1.
    pub singles: Vec<SingleLoss>,
    /// Two of them lost together: N-2.
    pub pairs: Vec<PairLoss>,
    /// By process.
    pub processes: Vec<ProcessRow>,
    /// SKUs that cost most.
    pub skus: Vec<Share>,
    /// Services of carriers.
    pub services: Vec<Share>,
    /// Merchants.
    pub merchants: Vec<Share>,
    /// By hazard, the dearest first.
    pub hazards: Vec<HazardRow>,
    /// Share of the average annual loss that rests on an assumed rate or downtime.
    pub assumed_share: f64,
    /// Companies, and what fails with each.
    pub partners: Vec<Outage>,
    /// Systems, and what fails with each.
    pub systems: Vec<Outage>,
    /// Pairs of sites closed by one event: events a year.
    pub together: Vec<(String, String, f64)>,
    /// Every figure, by id.
    pub figures: Vec<Figure>,
}

impl Report {
    /// The figures whose id is `id` or begins with it and a dot, and the way to them.
    #[must_use]
    pub fn where_from(&self, id: &str) -> Vec<(&Figure, Trace)> {
        let of = |figure: &&Figure| {
            figure.id == id || figure.id.strip_prefix(id).is_some_and(|rest| rest.starts_with('.'))
        };
        self.figures.iter().filter(of).map(|figure| (figure, trace(self, figure))).collect()
    }
}

/// Analyses a book.
///
/// # Errors
/// [`BiaError`].
pub fn analyse(question: &Question) -> Result<Report, BiaError> {
    let world = World::new(question.state, question.orders)?;
    analyse_world(question, &world)
}

/// As [`analyse`], on a world that is there already.
///
/// # Errors
/// [`BiaError`].
pub fn analyse_world(question: &Question, world: &World) -> Result<Report, BiaError> {
    analyse_with(question, world, &Facts::default())
}

/// What the sites cost alone: years and each site's closure of the reference time, without bands, pairs, processes
/// and companies, and without figures to ask. For those who only need to know which site matters most.
///
/// # Errors
/// [`BiaError`].
pub fn analyse_sites(question: &Question, world: &World) -> Result<Report, BiaError> {
    if question.years == 0 || question.years > YEARS_MAX {
        return Err(BiaError::Years(question.years));
    }
    let years = years::run(question, world)?;
    let curves = network::curves(world, question.patience, network::Depth::Reference);
    let annual = years.annual()?;
    Ok(Report {
        currency: currency(question),
        years: question.years,
        seed: question.seed,
        events: years.events,
        catalogue_events: years.catalogue_events,
        runs: years.runs,
        patience_days: question.patience.days,
        annual,
        sites: network::sites(question, world, &years, &curves),
        singles: Vec::new(),
        pairs: Vec::new(),
        processes: Vec::new(),
        skus: Vec::new(),
        services: Vec::new(),
        merchants: Vec::new(),
        hazards: Vec::new(),
        assumed_share: 0.0,
        partners: Vec::new(),
        systems: Vec::new(),
        together: Vec::new(),
        figures: Vec::new(),
    })
}

fn currency(question: &Question) -> String {
    question.state.network.operator.as_ref().map_or_else(String::new, |o| o.currency.to_string())
}

/// As [`analyse_world`], with all a book says.
///
/// # Errors
/// [`BiaError`].
pub fn analyse_with(question: &Question, world: &World, facts: &Facts) -> Result<Report, BiaError> {
    if question.years == 0 || question.years > YEARS_MAX {
        return Err(BiaError::Years(question.years));
    }
    let years = years::run(question, world)?;
    let network = &question.state.network;
    let curves = network::curves(world, question.patience, network::Depth::Bands);
    let sites = network::sites(question, world, &years, &curves);
    let code = |codes: Vec<String>, losses: &[f64]| {
        let mut rows: Vec<Share> = codes
            .into_iter()
            .zip(losses)
            .map(|(code, loss)| Share { code, loss_per_year: loss / f64::from(question.years) })
            .collect();
        // A stable sort keeps the order of ids where losses are equal.
        rows.sort_by(|a, b| b.loss_per_year.total_cmp(&a.loss_per_year));
        rows
    };
    let sku_codes = network.skus.iter().map(|(_, sku)| sku.code.to_string()).collect();
    let mut skus = code(sku_codes, &years.attribution.skus);
    skus.truncate(20);
    let service =
        |service: &holdfast_domain::network::Service| format!("{}/{}", service.carrier, service.name);
    let services = code(network.services.iter().map(service).collect(), &years.attribution.services);
    let merchant_codes = network.merchants.iter().map(|merchant| merchant.code.to_string()).collect();
    let merchants = code(merchant_codes, &years.attribution.merchants);
    let (singles, pairs) = network::losses(question, world);
    let processes = process::rows(question, world, facts, &sites, &years);
    let annual = years.annual()?;
    let hazards = hazards(question, &years);
    let assumed: f64 = hazards
        .iter()
        .filter(|row| row.rates_assumed || row.downtime_assumed)
        .map(|row| row.loss_per_year)
        .sum();
    let mut report = Report {
        currency: currency(question),
        years: question.years,
        seed: question.seed,
        events: years.events,
        catalogue_events: years.catalogue_events,
        runs: years.runs,
        patience_days: question.patience.days,
        assumed_share: if annual.average > 0.0 { assumed / annual.average } else { 0.0 },
        annual,
        sites,
        singles,
        pairs,
        processes,
        skus,
        services,
        merchants,
        hazards,
        partners: partner::companies(question, world, facts),
        systems: partner::systems(question, world),
        together: years.together(question),
        figures: Vec::new(),
    };
    report.figures = figures::all(&report);
    Ok(report)
}

/// Events and losses by hazard, with what they rest on.
fn hazards(question: &Question, years: &Years) -> Vec<HazardRow> {
    let count = f64::from(question.years);
    let places = years::places(question);
    let rests = |hazard: Hazard| {
        let (mut rates, mut downtime) = (false, false);
        for (index, place) in places.iter().enumerate() {
            let rows = question.catalogue.rates_at(index, place);
            for row in rows.iter().filter(|row| row.hazard == hazard && row.rate.interval.mean > 0.0) {
                rates |= row.rate.basis > Basis::Published;
                let hours = question.catalogue.downtime.get(hazard, row.severity);
                downtime |= hours.is_none_or(Downtime::is_assumed_in_part);
            }
        }
        // Tracks are published; how long a site stands still after a wind is the table's.
        (rates, downtime || hazard == Hazard::Hurricane)
    };
    let mut rows: Vec<HazardRow> = years
        .hazards
        .iter()
        .map(|(hazard, (events, loss))| {
            let (rates_assumed, downtime_assumed) = rests(*hazard);
            HazardRow {
                hazard: hazard.key(),
                events_per_year: *events as f64 / count,
                loss_per_year: loss / count,
                rates_assumed,
                downtime_assumed,
            }
        })
        .collect();
    rows.sort_by(|a, b| b.loss_per_year.total_cmp(&a.loss_per_year));
    rows
}

/// The mean of impacts, in their order.
pub(crate) fn mean(impacts: impl Iterator<Item = Impact>) -> Impact {
    let all: Vec<Impact> = impacts.collect();
    let share = 1.0 / all.len().max(1) as f64;
    all.into_iter().fold(Impact::default(), |sum, one| sum.plus(one, share))
}
