//! What the operator knows better than the bundled hazards: rates, downtimes, overrides, the National Risk Index.

use std::path::PathBuf;

use holdfast_domain::incident::Hazard;
use holdfast_hazard::catalogue::{CatalogueConfig, CatalogueError, RateOverride, read_nri};

use super::Loaded;
use crate::exit::{Code, Failure, chain};
use crate::input;

/// Hazards of one's own.
#[derive(clap::Args)]
pub struct Hazards {
    /// Rates that replace bundled ones: tab-separated as docs/reference/bia.md says.
    #[arg(long)]
    rates: Option<PathBuf>,
    /// Downtimes that replace bundled ones: tab-separated as docs/reference/bia.md says.
    #[arg(long)]
    downtimes: Option<PathBuf>,
    /// County table of FEMA's National Risk Index: frequencies of each site's county replace the rates.
    #[arg(long)]
    nri: Option<PathBuf>,
    /// Events a year of a hazard at a site, such as `ILM1:flood=0.05`; may be given again.
    #[arg(long = "override", value_name = "SITE:HAZARD=RATE")]
    overrides: Vec<String>,
}

/// The catalogue's configuration, and what has to be said of it.
pub fn config(hazards: &Hazards, loaded: &Loaded) -> Result<(CatalogueConfig, Vec<String>), Failure> {
    let (mut config, mut notes) = (CatalogueConfig::default(), Vec::new());
    let refuse = |path: &PathBuf, error: &CatalogueError| {
        Failure::input(
            format!("{}: {}", path.display(), chain(error)),
            "mend the row; docs/reference/bia.md shows the columns",
        )
    };
    if let Some(path) = &hazards.rates {
        let text = input::text(path)?;
        config.rates.read(&text).map_err(|error| refuse(path, &error))?;
        notes.push(format!("declared: rates of {} replace the bundled ones", path.display()));
    }
    if let Some(path) = &hazards.downtimes {
        let text = input::text(path)?;
        config.downtime.merge(&text).map_err(|error| refuse(path, &error))?;
        notes.push(format!("declared: downtimes of {} replace the bundled ones", path.display()));
    }
    if let Some(path) = &hazards.nri {
        let counties = read_nri(&input::maybe_gz(path)?).map_err(|error| refuse(path, &error))?;
        for (site, fips) in loaded.counties.iter().enumerate() {
            let code = &loaded.state.network.sites[site].code;
            let county = fips.as_ref().and_then(|fips| counties.iter().find(|county| county.fips == *fips));
            let Some(county) = county else {
                notes.push(format!(
                    "National Risk Index: {code} has no county_fips that the table knows; its rates stay"
                ));
                continue;
            };
            let frequencies = county.frequencies();
            if frequencies.is_empty() {
                notes.push(format!(
                    "National Risk Index: the table gives {} County, {} (risk score {:.1}, resilience {:.1}) no frequencies; rates of {code} stay",
                    county.name, county.state, county.risk_score, county.resilience_score
                ));
            }
            for (hazard, rate) in frequencies {
                let source = format!(
                    "FEMA National Risk Index, {} County, {}: of the county, so high for a site",
                    county.name, county.state
                );
                config.overrides.push(RateOverride { site, hazard, severity: None, rate, source });
            }
        }
    }
    for text in &hazards.overrides {
        config.overrides.push(parse(text, loaded)?);
    }
    Ok((config, notes))
}

fn parse(text: &str, loaded: &Loaded) -> Result<RateOverride, Failure> {
    let bad = |why: &str| {
        Failure::new(
            Code::Usage,
            format!("read --override {text:?}: {why}"),
            "write SITE:HAZARD=RATE such as ILM1:flood=0.05",
        )
    };
    let (place, rate) = text.split_once('=').ok_or_else(|| bad("there is no ="))?;
    let (site, hazard) = place.rsplit_once(':').ok_or_else(|| bad("there is no :"))?;
    let index = loaded.state.network.sites.iter().position(|known| *known.code == *site);
    let keys = || Hazard::ALL.map(Hazard::key).join(", ");
    let rate: f64 = rate.trim().parse().map_err(|_| bad("the rate is no number"))?;
    if !rate.is_finite() || rate < 0.0 {
        return Err(bad("the rate is not zero or more"));
    }
    Ok(RateOverride {
        site: index.ok_or_else(|| bad("the book has no such site"))?,
        hazard: Hazard::from_key(hazard).ok_or_else(|| bad(&format!("the hazards are {}", keys())))?,
        severity: None,
        rate,
        source: "declared with --override".to_owned(),
    })
}
