//! Solves a facility-location instance and prints cost, bound, open sites and seconds as JSON:
//! `sites --orlib-cap FILE`, `sites --orlib-pmedian FILE`, `sites --daskin FILE [q [levels]]`.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use holdfast_plan::facility::{Budget, answer, unwatched};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (Some(kind), Some(file)) = (words.first(), words.get(1)) else {
        return Err("say --orlib-cap FILE, --orlib-pmedian FILE or --daskin FILE [q [levels]]".into());
    };
    let text = std::fs::read_to_string(file)?;
    let (budget, begun) = (Budget::default(), Instant::now());
    let answer = match kind.as_str() {
        "--orlib-cap" => answer::orlib_cap(&text, budget, &mut unwatched())?,
        "--orlib-pmedian" => answer::orlib_pmedian(&text, budget, &mut unwatched())?,
        "--daskin" => {
            let q = words.get(2).map_or(Ok(0.05), |word| word.parse())?;
            let levels = words.get(3).map_or(Ok(5), |word| word.parse())?;
            answer::daskin(&text, q, levels, budget, &mut unwatched())?
        }
        other => return Err(format!("unknown kind {other}").into()),
    };
    let mut json = serde_json::to_value(&answer)?;
    json["seconds"] = begun.elapsed().as_secs_f64().into();
    println!("{json:#}");
    Ok(())
}
