//! Solves Rawls and Turnquist's hurricane case and prints cost, bound, depots, stock and seconds as JSON:
//! `preposition FILE [trials]`.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use holdfast_plan::preposition::hurricane::{HurricaneCase, answer};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let file = words.first().ok_or("name the case's file")?;
    let trials = words.get(1).map_or(Ok(60), |word| word.parse())?;
    let case: HurricaneCase = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let begun = Instant::now();
    let mut json = serde_json::to_value(answer(&case, trials)?)?;
    json["seconds"] = begun.elapsed().as_secs_f64().into();
    println!("{json:#}");
    Ok(())
}
