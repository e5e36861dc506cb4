//! The figures and the compared events as CSV.

use std::fmt::Write as _;
use std::path::Path;

use holdfast_continuity::bia::{self, Report};
use holdfast_continuity::calibrate::Calibration;
use holdfast_continuity::fluid::Impact;

use crate::exit::Failure;

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Writes `figures.csv`, and `calibration.csv` where there was a comparison.
pub fn write_csv(report: &Report, calibration: Option<&Calibration>, folder: &Path) -> Result<(), Failure> {
    let refuse = |error: std::io::Error| {
        Failure::input(
            format!("write figures into {}: {error}", folder.display()),
            "check the path and its permissions",
        )
    };
    std::fs::create_dir_all(folder).map_err(refuse)?;
    std::fs::write(folder.join("figures.csv"), figures(report)).map_err(refuse)?;
    if let Some(calibration) = calibration {
        std::fs::write(folder.join("calibration.csv"), events(calibration)).map_err(refuse)?;
    }
    Ok(())
}

fn figures(report: &Report) -> String {
    let mut text = String::from("id,value,unit,basis,note,formula,inputs,version\n");
    for figure in &report.figures {
        let trace = bia::trace(report, figure);
        let value = figure.value.map_or_else(String::new, |value| value.to_string());
        let basis = format!("{:?}", figure.basis).to_lowercase();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{},{value},{},{basis},{},{},{},{}",
            quoted(&figure.id),
            quoted(figure.unit),
            quoted(figure.note.as_deref().unwrap_or("")),
            quoted(&trace.formula),
            quoted(&trace.inputs.join("; ")),
            trace.version
        );
    }
    text
}

fn events(calibration: &Calibration) -> String {
    let mut text = String::from(
        "hazard,severity,stops,start,hours,engine_late,engine_unserved,engine_loss,fluid_late,fluid_unserved,fluid_loss,\
         exact_late,exact_unserved,exact_loss\n",
    );
    for pair in &calibration.pairs {
        let three = |impact: &Impact| format!("{},{},{}", impact.late, impact.unserved, impact.loss());
        let _ = writeln!(
            text,
            "{},{:?},{},{},{},{},{},{}",
            pair.hazard.key(),
            pair.severity,
            pair.stops,
            pair.phase,
            pair.hours,
            three(&pair.engine),
            three(&pair.fluid),
            three(&pair.exact)
        );
    }
    text
}
