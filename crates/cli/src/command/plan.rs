//! `holdfast plan`: the continuity plan as a document, from live data or a book, in two languages, versioned.

mod kept;
mod source;
mod texts;

use std::path::{Path, PathBuf};

use holdfast_console::plan::{Input, Numbered, plan, sealed};
use holdfast_console::words::Locale;
use holdfast_print::{Document, changes, facts, html};
use serde::Serialize;

use crate::command::bia;
use crate::exit::{Code, Failure};
use crate::output::Output;
use crate::report::say::Say;
use crate::words::Lang;

pub use kept::{Kept, read_all};
pub use source::{Made, contacts, of_book};

#[derive(clap::Args)]
pub struct Args {
    /// Where the plan goes: a name that ends in .html, or in .pdf where this program was built with the feature `pdf`.
    #[arg(long)]
    out: PathBuf,
    /// Data folder of the running service: the plan is drawn from its live state, and its versions are kept there.
    #[arg(long)]
    data: Option<PathBuf>,
    #[command(flatten)]
    source: bia::Source,
    /// Language of the plan.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
    /// Years the impact analysis simulates; 0 leaves the analysis out.
    #[arg(long, default_value_t = 200)]
    years: u32,
    /// Folder in which versions are kept, so that the next one says what changed; with --data the folder `plans` in it.
    #[arg(long)]
    versions: Option<PathBuf>,
}

/// The answer in JSON.
#[derive(Serialize)]
struct Answer<'a> {
    file: &'a Path,
    version: u32,
    digest: &'a str,
    sections: usize,
    changes: Option<usize>,
    analysed: bool,
}

pub fn run(args: &Args, out: &Output) -> Result<Code, Failure> {
    let form = Form::of(&args.out)?;
    let made = source::gather(args.data.as_deref(), &args.source, args.years, out)?;
    let folder = args.versions.clone().or_else(|| args.data.as_ref().map(|data| data.join("plans")));
    let (document, version, count) = write_version(&made, args.lang, folder.as_deref())?;
    let bytes = form.lay_out(&document)?;
    std::fs::write(&args.out, bytes).map_err(|error| {
        Failure::input(format!("write {}: {error}", args.out.display()), "name another file with --out")
    })?;
    let digest = document.digest();
    out.line(format!(
        "{}: version {version}, {} sections, digest {}{}",
        args.out.display(),
        document.sections.len(),
        &digest[..16],
        count.map_or_else(String::new, |count| format!(", {count} changes since the last version"))
    ));
    for remark in made.remarks.iter().take(5) {
        out.note(format!("note: {remark}"));
    }
    out.json(&Answer {
        file: &args.out,
        version,
        digest: &digest,
        sections: document.sections.len(),
        changes: count,
        analysed: made.analysis.is_some(),
    })?;
    Ok(Code::Ok)
}

/// How the plan is laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    Pdf,
}

impl Form {
    fn of(path: &Path) -> Result<Self, Failure> {
        let ends = |with: &str| path.extension().is_some_and(|ext| ext.eq_ignore_ascii_case(with));
        match (ends("html"), ends("pdf")) {
            (true, _) => Ok(Self::Html),
            (_, true) if holdfast_print::HAS_PDF => Ok(Self::Pdf),
            (_, true) => Err(Failure::new(
                Code::Usage,
                format!("write {}: this program was built without PDF", path.display()),
                "write --out plan.html and print it, or build with `cargo build --release -p holdfast-cli --features pdf` \
                 (it takes some minutes more)",
            )),
            _ => Err(Failure::new(
                Code::Usage,
                format!("{} names neither form of a plan", path.display()),
                "end the name with .html or .pdf",
            )),
        }
    }

    fn lay_out(self, document: &Document) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Html => Ok(html(document).into_bytes()),
            Self::Pdf => pdf(document),
        }
    }
}

#[cfg(feature = "pdf")]
fn pdf(document: &Document) -> Result<Vec<u8>, Failure> {
    holdfast_print::pdf(document).map_err(|error| Failure::new(Code::Bug, error.to_string(), "report it"))
}

#[cfg(not(feature = "pdf"))]
fn pdf(_: &Document) -> Result<Vec<u8>, Failure> {
    // `Form::of` lets nobody come here without the feature.
    Err(Failure::new(Code::Bug, "lay out PDF without the feature", "report it"))
}

fn locale(lang: Lang) -> Locale {
    match lang {
        Lang::En => Locale::En,
        Lang::Ko => Locale::Ko,
    }
}

/// The plan as it would be kept now: nothing is written.
///
/// # Errors
/// [`Failure`] where versions that were kept cannot be read.
pub fn draft(input: Input<'_>, lang: Lang, folder: &Path) -> Result<Document, Failure> {
    let (messages, words) = (texts::messages(lang), Say::new(lang));
    let say = |text: &str| words.of(text);
    let input = Input { messages: &messages, say: &say, ..input };
    let drawn = plan(input, locale(lang));
    let all = read_all(folder)?;
    let last = all.last();
    let found = last.map(|last| changes(&facts(last.of(lang)), &facts(&drawn)));
    let number = match last {
        Some(last) if last.of(lang).digest() == drawn.digest() => Numbered::Kept(last.number),
        Some(last) => Numbered::Draft(last.number + 1),
        None => Numbered::Draft(1),
    };
    Ok(sealed(drawn, &input, locale(lang), number, found.as_deref()))
}

/// The plan in a language with its version: a new one where it says something else than the last that was kept.
pub fn write_version(
    made: &Made,
    lang: Lang,
    folder: Option<&Path>,
) -> Result<(Document, u32, Option<usize>), Failure> {
    let (messages, words) = (texts::messages(lang), Say::new(lang));
    let say = |text: &str| words.of(text);
    let input = Input { messages: &messages, say: &say, ..made.input() };
    let draft = plan(input, locale(lang));
    let Some(folder) = folder else {
        let document = sealed(draft, &input, locale(lang), Numbered::Draft(1), None);
        return Ok((document, 1, None));
    };
    let all = read_all(folder)?;
    let other_lang = if lang == Lang::En { Lang::Ko } else { Lang::En };
    let (other_messages, other_words) = (texts::messages(other_lang), Say::new(other_lang));
    let other_say = |text: &str| other_words.of(text);
    let other = plan(Input { messages: &other_messages, say: &other_say, ..input }, locale(other_lang));
    let same = |kept: &&Kept| kept.of(lang).digest() == draft.digest();
    if let Some(last) = all.last().filter(same) {
        // The same again: it keeps its number, and what changed is what changed then.
        let before = all.iter().rev().nth(1);
        let found = before.map(|before| changes(&facts(before.of(lang)), &facts(&draft)));
        let count = found.as_ref().map(Vec::len);
        let input = Input { made: last.made, ..input };
        return Ok((
            sealed(draft, &input, locale(lang), Numbered::Kept(last.number), found.as_deref()),
            last.number,
            count,
        ));
    }
    let number = all.last().map_or(1, |last| last.number + 1);
    let found = all.last().map(|last| changes(&facts(last.of(lang)), &facts(&draft)));
    let (en, ko) = if lang == Lang::En { (&draft, &other) } else { (&other, &draft) };
    kept::write(folder, &Kept::new(number, input.made, input.state.version, en.clone(), ko.clone()))?;
    let count = found.as_ref().map(Vec::len);
    Ok((sealed(draft, &input, locale(lang), Numbered::Kept(number), found.as_deref()), number, count))
}
