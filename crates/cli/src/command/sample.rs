//! `holdfast sample`: a demo book as files, to look at, to change, and to give to every command with `--book`.

use std::path::{Path, PathBuf};

use holdfast_book::demo::{self, Options};
use holdfast_book::write_book;
use serde::Serialize;

use crate::exit::{Code, Failure};
use crate::output::Output;

#[derive(clap::Args)]
pub struct Args {
    /// The folder; it is made if it is not there, and has to be empty.
    folder: PathBuf,
    /// Which book: florence, ian, korea, one-warehouse, two-warehouses, third-party, fourteen-sites.
    #[arg(long, value_name = "KEY", default_value = "florence")]
    book_demo: String,
    /// How many orders.
    #[arg(long, default_value_t = 2_000)]
    orders: u32,
    /// Seed of what is drawn.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// A file that was written.
#[derive(Serialize)]
struct Written {
    file: String,
    rows: usize,
}

#[derive(Serialize)]
struct Answer {
    folder: String,
    book: &'static str,
    seed: u64,
    files: Vec<Written>,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let known = demo::shipped(&args.book_demo).ok_or_else(|| {
        let keys: Vec<&str> = demo::SHIPPED.iter().map(|book| book.key).collect();
        let cause = format!("there is no demo book {:?}", args.book_demo);
        Failure::new(Code::Usage, cause, format!("write one of {}", keys.join(", ")))
    })?;
    empty(&args.folder)?;
    let book = (known.build)(args.seed, &Options::orders(args.orders));
    let mut files = Vec::new();
    for (file, bytes) in write_book(&book) {
        let path = args.folder.join(&file);
        std::fs::write(&path, &bytes).map_err(|error| unwritten(&path, &error))?;
        let rows = csv::Reader::from_reader(bytes.as_slice()).records().count();
        files.push(Written { file, rows });
    }
    let answer =
        Answer { folder: args.folder.display().to_string(), book: known.key, seed: args.seed, files };
    out.json(&answer)?;
    for written in &answer.files {
        out.line(format!("{:24} {} rows", written.file, written.rows));
    }
    let folder = &answer.folder;
    out.line(format!(
        "sites, people, prices and stock are invented by stated rules (data/SOURCES.md); now: holdfast doctor --book {folder}, \
         holdfast bia --book {folder}"
    ));
    Ok(Code::Ok)
}

/// Makes the folder; what is there already is never overwritten.
fn empty(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| unwritten(folder, &error))?;
    let mut entries = std::fs::read_dir(folder).map_err(|error| unwritten(folder, &error))?;
    if entries.next().is_some() {
        return Err(Failure::input(
            format!("write a book into {}: the folder is not empty", folder.display()),
            "name a folder that is empty or not there",
        ));
    }
    Ok(())
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::input(format!("write {}: {error}", path.display()), "check the path and its permissions")
}
