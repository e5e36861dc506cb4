//! `holdfast bench`: what this machine does, next to the floors the project has set itself.
//!
//! Everything is drawn from a printed seed. Times are of this run and this machine alone: nothing is compared with a
//! figure from elsewhere, and nothing fails for being slow.

mod impact;
mod incident;
mod machine;
mod memory;
mod orders;
mod page;
mod replan;
mod world;

use std::path::PathBuf;

use serde::Serialize;

use crate::exit::{Code, Failure};
use crate::output::Output;

#[derive(clap::Args)]
pub struct Args {
    /// A tenth of everything, or less: to see that it runs.
    #[arg(long)]
    quick: bool,
    /// Folder for journals; the disk it lies on is what is measured.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Folder with benchmarks/replan; HOLDFAST_DATA, or shared/data beside the project, if absent.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Seed of every draw.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Only this part.
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Writes the figures as a page, such as docs/reference/benchmarks.md.
    #[arg(long)]
    page: Option<PathBuf>,
    /// Open orders held in memory; for the process that measures it.
    #[arg(long, hide = true)]
    hold: Option<u32>,
}

/// The parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Re-plan instances.
    Replan,
    /// The loss of a site: preview and plan.
    Incident,
    /// Orders decided, made durable, recovered.
    Orders,
    /// Memory, fork and digest.
    Memory,
    /// Simulated years of the impact analysis.
    Impact,
}

/// One figure beside its floor.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    what: String,
    value: f64,
    unit: &'static str,
    /// What the project wants at least, or at most where `at_most` is set.
    floor: Option<f64>,
    at_most: bool,
    note: String,
}

impl Figure {
    pub(crate) fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { what: what.into(), value, unit, floor: None, at_most: false, note: String::new() }
    }

    pub(crate) fn at_least(mut self, floor: f64) -> Self {
        self.floor = Some(floor);
        self
    }

    pub(crate) fn at_most(mut self, floor: f64) -> Self {
        (self.floor, self.at_most) = (Some(floor), true);
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    fn met(&self) -> Option<bool> {
        self.floor.map(|floor| if self.at_most { self.value <= floor } else { self.value >= floor })
    }
}

#[derive(Serialize)]
struct Answer {
    hardware: machine::Hardware,
    version: &'static str,
    build: &'static str,
    seed: u64,
    quick: bool,
    figures: Vec<Figure>,
    replans: Vec<replan::Row>,
}

/// How the program was built: figures of an unoptimised one say nothing.
const BUILD: &str =
    if cfg!(debug_assertions) { "dev (figures of a release build are higher)" } else { "release" };

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    if let Some(orders) = args.hold {
        return memory::hold(orders, args.seed, out);
    }
    let wants = |part| args.only.is_none_or(|only| only == part);
    let hardware = machine::Hardware::read();
    out.line(hardware.to_string());
    out.line(format!("holdfast {}, {BUILD}, seed {}", env!("CARGO_PKG_VERSION"), args.seed));
    let mut figures = Vec::new();
    let mut take = |found: Vec<Figure>| {
        found.iter().for_each(|figure| out.line(figure.to_string()));
        figures.extend(found);
    };
    if wants(Part::Orders) {
        let folder = args.folder.clone().unwrap_or_else(std::env::temp_dir);
        take(vec![machine::sync_rate(&folder)?]);
        take(orders::measure(&folder, args.quick, args.seed, out)?);
    }
    if wants(Part::Memory) {
        take(memory::measure(args.quick, args.seed)?);
    }
    if wants(Part::Incident) {
        take(incident::measure(args.quick, args.seed, out)?);
    }
    if wants(Part::Impact) {
        take(impact::measure(args.quick, args.seed, out)?);
    }
    let replans = if wants(Part::Replan) {
        replan::measure(args.data.as_deref(), args.quick, out)?
    } else {
        Vec::new()
    };
    let answer = Answer {
        hardware,
        version: env!("CARGO_PKG_VERSION"),
        build: BUILD,
        seed: args.seed,
        quick: args.quick,
        figures,
        replans,
    };
    if let Some(path) = &args.page {
        page::write(path, &answer)?;
    }
    out.json(&answer)?;
    Ok(Code::Ok)
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = if self.value < 100.0 { 2 } else { 0 };
        write!(f, "{:44} {:>12.digits$} {}", self.what, self.value, self.unit)?;
        if let (Some(floor), Some(met)) = (self.floor, self.met()) {
            let (word, sign) =
                (if met { "met" } else { "MISSED" }, if self.at_most { "at most" } else { "at least" });
            write!(f, "  (floor: {sign} {floor}, {word})")?;
        }
        if self.note.is_empty() { Ok(()) } else { write!(f, "  {}", self.note) }
    }
}
