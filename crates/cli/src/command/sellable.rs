//! `holdfast sellable`: what a merchant's shops may sell now, for any shop that takes stock as a file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use holdfast_app::recover::recover;
use holdfast_domain::id::MerchantId;
use holdfast_domain::state::NameKind;
use holdfast_engine::sellable;
use serde::Serialize;

use crate::exit::{Code, Failure};
use crate::output::Output;
use crate::world;

#[derive(clap::Args)]
pub struct Args {
    /// The journal; of a running service: the route /api/v1/sellable/csv.
    journal: PathBuf,
    /// Code of the merchant.
    #[arg(long)]
    merchant: String,
    /// Share kept back of what a declared incident makes wanted, in hundredths.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=100))]
    keep_percent: u32,
    /// Write CSV of SKU and quantity into this file.
    #[arg(long)]
    csv: Option<PathBuf>,
}

#[derive(Serialize)]
struct Row {
    sku: String,
    units: u32,
    restricted: bool,
    sites: BTreeMap<String, u32>,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let mut journal = world::open(&args.journal)?;
    let recovered = recover(&mut journal, None).map_err(|error| world::broken(&args.journal, &error))?;
    let state = recovered.engine.state;
    let merchant = state.named::<MerchantId>(NameKind::Merchant, MerchantId(0), &args.merchant);
    let merchant = merchant.ok_or_else(|| {
        let all: Vec<&str> = state.network.merchants.iter().map(|known| &*known.code).collect();
        Failure::input(
            format!("there is no merchant {:?}", args.merchant),
            format!("name one of: {}", all.join(", ")),
        )
    })?;
    let mut rows: Vec<Row> = Vec::new();
    for one in sellable::of(&state, merchant, args.keep_percent) {
        let sku = state.network.skus.get(one.sku).map(|sku| sku.code.to_string()).unwrap_or_default();
        let site = state.network.site(one.site).map(|site| site.code.to_string()).unwrap_or_default();
        if rows.last().is_none_or(|last| last.sku != sku) {
            rows.push(Row { sku, units: 0, restricted: one.restricted, sites: BTreeMap::new() });
        }
        let row = rows.last_mut().expect("one was pushed above");
        row.units = row.units.saturating_add(one.units);
        row.sites.insert(site, one.units);
    }
    if let Some(path) = &args.csv {
        write(path, &rows)?;
    }
    out.json(&rows)?;
    let restricted = rows.iter().filter(|row| row.restricted).count();
    let units: u64 = rows.iter().map(|row| u64::from(row.units)).sum();
    if args.csv.is_none() {
        for row in &rows {
            out.line(format!("{},{}", row.sku, row.units));
        }
    }
    out.note(format!(
        "{} SKUs, {units} units for sale; of {restricted} SKUs something is taken away",
        rows.len()
    ));
    Ok(Code::Ok)
}

fn write(path: &std::path::Path, rows: &[Row]) -> Result<(), Failure> {
    let failed = |error: &dyn std::error::Error| {
        Failure::input(format!("write {}: {error}", path.display()), "name another file with --csv")
    };
    let mut file = csv::Writer::from_path(path).map_err(|error| failed(&error))?;
    file.write_record(["sku", "quantity"]).map_err(|error| failed(&error))?;
    for row in rows {
        // A cell no spreadsheet takes for a formula.
        let sku =
            if row.sku.starts_with(['=', '+', '-', '@']) { format!("'{}", row.sku) } else { row.sku.clone() };
        file.write_record([sku, row.units.to_string()]).map_err(|error| failed(&error))?;
    }
    file.flush().map_err(|error| failed(&error))
}
