//! `holdfast hazards`: what a feed's document or a storm's track says, and what it means for the sites of a book.

use std::path::PathBuf;

use holdfast_domain::place::Place;
use holdfast_domain::time::Stamp;
use holdfast_hazard::alert::{Alert, Precision, Reading, resolve};
use holdfast_hazard::document::{Document, Kind, read};
use holdfast_hazard::exposure::{Basis, Confidence, ErrorModel, Footprint, Target, chances, exposures};
use holdfast_hazard::geo::Area;
use holdfast_hazard::track::{Forecast, Track};
use serde::Serialize;

use super::bia::{Source, load, table};
use crate::exit::{Code, Failure, chain};
use crate::input;
use crate::output::Output;
use crate::report::say::Say;
use crate::words::Lang;

/// Samples of a forecast.
const SAMPLES: u32 = 400;
/// Winds asked about, knots.
const THRESHOLDS_KT: [u16; 3] = [34, 50, 64];
/// Lines shown of each list; --json has all.
const SHOWN: usize = 20;

#[derive(clap::Args)]
pub struct Args {
    /// Documents of feeds, storms' tracks, drawn areas; plain or .gz.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What they are, where their beginning does not say it: cap, atom, gdacs, nws-geojson, usgs, current-storms, drawn,
    /// nws-text, track, forecasts.
    #[arg(long)]
    kind: Option<String>,
    #[command(flatten)]
    source: Source,
    /// Language of the text.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
}

/// A site in the way.
#[derive(Clone, Debug, Serialize)]
struct Exposed {
    site: String,
    /// What of the document it is about: an alert's id, a storm's name.
    by: String,
    threshold_kt: Option<u16>,
    from: Option<Stamp>,
    until: Option<Stamp>,
    chance: Option<f64>,
    confidence: String,
}

/// An alert in short.
#[derive(Clone, Debug, Serialize)]
struct Told {
    id: String,
    hazard: &'static str,
    event: String,
    severity: String,
    status: String,
    message: String,
    onset: Option<Stamp>,
    ends: Option<Stamp>,
    expires: Option<Stamp>,
    areas: usize,
    placed: String,
}

#[derive(Clone, Debug, Serialize)]
struct FileAnswer {
    file: String,
    kind: String,
    /// What it holds, in words.
    says: String,
    alerts: Vec<Told>,
    refused: Vec<String>,
    exposed: Vec<Exposed>,
    error: Option<String>,
}

struct Sites(Vec<(String, Target)>);

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let kind = args.kind.as_deref().map(kind_named).transpose()?;
    let loaded = load(&args.source)?;
    let of = |site: &holdfast_domain::network::Site| (site.code.to_string(), Target::Site(site.place));
    let sites = Sites(loaded.state.network.sites.iter().map(of).collect());
    let answers: Vec<FileAnswer> = args.files.iter().map(|file| look(file, kind, &sites)).collect();
    out.json(&answers)?;
    let say = Say::new(args.lang);
    for answer in &answers {
        tell(answer, sites.0.len(), &say, out);
    }
    let bad = answers.iter().filter(|answer| answer.error.is_some()).count();
    let partly = answers.iter().any(|answer| !answer.refused.is_empty());
    Ok(match bad {
        0 if partly => Code::Found,
        0 => Code::Ok,
        _ => Code::Input,
    })
}

fn kind_named(name: &str) -> Result<Kind, Failure> {
    Kind::ALL.into_iter().find(|kind| kind.key() == name).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.key()).collect();
        Failure::new(
            Code::Usage,
            format!("there is no kind {name:?}"),
            format!("write one of {}", known.join(", ")),
        )
    })
}

fn look(file: &std::path::Path, kind: Option<Kind>, sites: &Sites) -> FileAnswer {
    let mut answer = FileAnswer {
        file: file.display().to_string(),
        kind: String::new(),
        says: String::new(),
        alerts: Vec::new(),
        refused: Vec::new(),
        exposed: Vec::new(),
        error: None,
    };
    let bytes = match input::maybe_gz(file) {
        Ok(bytes) => bytes,
        Err(failure) => {
            answer.error = Some(format!("{}; {}", failure.cause, failure.remedy));
            return answer;
        }
    };
    match read(&bytes, kind) {
        Err(error) => answer.error = Some(chain(&error)),
        Ok((kind, document)) => {
            answer.kind = kind.to_string();
            fill(&mut answer, &document, sites);
        }
    }
    answer
}

fn fill(answer: &mut FileAnswer, document: &Document, sites: &Sites) {
    match document {
        Document::Alerts(reading) => {
            answer.says = format!("{} alerts", reading.alerts.len());
            alerts(answer, reading, sites);
        }
        Document::Storms(storms, reading) => {
            let names: Vec<String> =
                storms.iter().map(|s| format!("{} {} {} kt", s.classification, s.name, s.wind_kt)).collect();
            answer.says = format!("{} storms: {}", storms.len(), names.join(", "));
            alerts(answer, reading, sites);
        }
        Document::Areas(areas) => {
            answer.says = format!("{} drawn areas, without a time", areas.len());
            inside(answer, sites, areas, "drawn area", (None, None), "declared");
        }
        Document::Tracks(tracks) => {
            let fixes: usize = tracks.iter().map(|track| track.fixes.len()).sum();
            answer.says = format!("{} observed tracks with {fixes} fixes", tracks.len());
            for track in tracks {
                by_track(answer, track, sites);
            }
        }
        Document::Forecasts(forecasts) => {
            answer.says =
                format!("{} forecasts as issued; the chances are those of the last", forecasts.len());
            if let Some(last) = forecasts.iter().max_by_key(|forecast| forecast.initial) {
                by_forecast(answer, last, sites);
            }
        }
    }
}

fn alerts(answer: &mut FileAnswer, reading: &Reading, sites: &Sites) {
    answer.refused = reading.refused.iter().map(ToString::to_string).collect();
    for alert in &reading.alerts {
        let placed: Vec<Precision> = alert.areas.iter().map(|area| resolve(area).precision).collect();
        let worst = placed.iter().max().map_or_else(|| "no area".to_owned(), |p| word(p));
        answer.alerts.push(Told {
            id: alert.id.clone(),
            hazard: alert.hazard.key(),
            event: alert.event.clone(),
            severity: word(&alert.severity),
            status: word(&alert.status),
            message: word(&alert.message),
            onset: alert.onset,
            ends: alert.ends,
            expires: alert.expires,
            areas: alert.areas.len(),
            placed: worst,
        });
        let shapes: Vec<Area> = alert.areas.iter().flat_map(|area| resolve(area).shapes).collect();
        let when = (alert.onset.or(Some(alert.sent)), alert.ends.or(alert.expires));
        inside(answer, sites, &shapes, &name_of(alert), when, &word(&alert.certainty));
    }
}

fn name_of(alert: &Alert) -> String {
    if alert.event.is_empty() { alert.id.clone() } else { alert.event.clone() }
}

fn word(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}").to_lowercase()
}

fn inside(
    answer: &mut FileAnswer,
    sites: &Sites,
    shapes: &[Area],
    by: &str,
    (from, until): (Option<Stamp>, Option<Stamp>),
    confidence: &str,
) {
    let within = |place: Place| shapes.iter().any(|shape| shape.contains(place));
    for (code, target) in &sites.0 {
        if let Target::Site(place) = target
            && within(*place)
        {
            answer.exposed.push(Exposed {
                site: code.clone(),
                by: by.to_owned(),
                threshold_kt: None,
                from,
                until,
                chance: None,
                confidence: confidence.to_owned(),
            });
        }
    }
}

fn by_track(answer: &mut FileAnswer, track: &Track, sites: &Sites) {
    let footprint = Footprint::Storm { track: track.clone(), basis: Basis::Observed };
    for exposed in exposures(&footprint, &sites.0) {
        for one in exposed.exposures {
            answer.exposed.push(Exposed {
                site: exposed.key.clone(),
                by: format!("{} {}", track.name, track.id),
                threshold_kt: one.threshold_kt,
                from: Some(one.enters),
                until: one.leaves,
                chance: None,
                confidence: match one.confidence {
                    Confidence::Observed => "observed".to_owned(),
                    Confidence::ObservedDerived => "observed, radii derived".to_owned(),
                    other => word(&other),
                },
            });
        }
    }
}

fn by_forecast(answer: &mut FileAnswer, forecast: &Forecast, sites: &Sites) {
    let model = ErrorModel::nhc_atlantic_2018();
    for chance in chances(forecast, &model, &sites.0, &THRESHOLDS_KT, SAMPLES, 1) {
        if chance.probability > 0.0 {
            answer.exposed.push(Exposed {
                site: chance.key,
                by: format!("{} as of {}", forecast.track.name, forecast.initial),
                threshold_kt: Some(chance.threshold_kt),
                from: chance.enters.map(|enters| enters.p50),
                until: chance.leaves.map(|leaves| leaves.p50),
                chance: Some(chance.probability),
                confidence: format!("{} sampled tracks", chance.samples),
            });
        }
    }
}

fn tell(answer: &FileAnswer, sites: usize, say: &Say, out: &Output) {
    let line = |text: String| out.line(say.of(&text));
    if let Some(error) = &answer.error {
        line(format!("{}: NOT READ: {error}", answer.file));
        return;
    }
    line(format!("{}: {} ({})", answer.file, answer.says, answer.kind));
    let moment = |stamp: Option<Stamp>| stamp.map_or_else(|| "-".to_owned(), |stamp| stamp.to_string());
    if !answer.alerts.is_empty() {
        let mut rows = table(&["alert", "hazard", "event", "severity", "status", "begins", "ends", "placed"]);
        for one in answer.alerts.iter().take(SHOWN) {
            rows.add_row([
                one.id.chars().take(36).collect(),
                one.hazard.to_owned(),
                one.event.chars().take(40).collect(),
                one.severity.clone(),
                format!("{} {}", one.status, one.message),
                moment(one.onset),
                moment(one.ends.or(one.expires)),
                one.placed.clone(),
            ]);
        }
        out.line(say.table(&rows).to_string());
        if answer.alerts.len() > SHOWN {
            line(format!("  and {} more; --json has them", answer.alerts.len() - SHOWN));
        }
    }
    for refused in answer.refused.iter().take(SHOWN) {
        line(format!("  refused: {refused}"));
    }
    if answer.exposed.is_empty() {
        line(format!("  none of the {sites} sites is in its way"));
        return;
    }
    let mut rows = table(&["site", "by", "winds", "chance", "from", "until", "how sure"]);
    for one in answer.exposed.iter().take(3 * SHOWN) {
        rows.add_row([
            one.site.clone(),
            one.by.chars().take(40).collect(),
            one.threshold_kt.map_or_else(|| "-".to_owned(), |kt| format!("{kt} kt")),
            one.chance.map_or_else(|| "-".to_owned(), |chance| format!("{:.0} %", 100.0 * chance)),
            moment(one.from),
            moment(one.until),
            one.confidence.clone(),
        ]);
    }
    out.line(say.table(&rows).to_string());
}
