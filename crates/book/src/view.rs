//! Views: where each column of a file of the book comes from in a sheet, with or without a mapping.

use std::borrow::Cow;
use std::collections::BTreeMap;

use csv::StringRecord;

use crate::mapping::{Mapping, stem};
use crate::row::FileSpec;

/// Where a cell may come from.
#[derive(Clone, Debug)]
enum Source {
    /// Fields, joined by a blank.
    Fields(Vec<usize>),
    /// Always the same.
    Constant(String),
    /// The running number of the row in its order.
    Running,
}

/// One column of the book in a sheet.
#[derive(Clone, Debug, Default)]
struct Origin {
    sources: Vec<Source>,
    /// The first header it is read from.
    header: Option<String>,
    values: BTreeMap<String, String>,
}

/// A file of the book as a sheet has it.
#[derive(Clone, Debug)]
pub struct View {
    file: FileSpec,
    origins: Vec<Origin>,
    /// The sheet's header.
    header: Vec<String>,
}

/// One row through a view: a cell for each column of the file.
pub type Seen<'a> = Vec<Cow<'a, str>>;

impl View {
    /// The view of `file` in a sheet whose columns are named as the book names them.
    #[must_use]
    pub fn plain(file: FileSpec, header: &[String], merchant: &str) -> Self {
        let spelled: Vec<String> = header.iter().map(|name| spelling(name)).collect();
        let field = |name: &str| spelled.iter().position(|column| column == name);
        let origins = file
            .columns
            .iter()
            .map(|column| {
                let both = |a: &str, b: &str| field(a).zip(field(b)).map(|(a, b)| vec![a, b]);
                let fields = match (field(column.name), column.name) {
                    (Some(at), _) => Some(vec![at]),
                    (None, "place" | "centroid") => {
                        both("lat", "lon").or_else(|| both("latitude", "longitude"))
                    }
                    (None, _) => None,
                };
                let source = match (fields, column.name) {
                    (Some(fields), _) => Some(Source::Fields(fields)),
                    (None, "merchant") => Some(Source::Constant(merchant.to_owned())),
                    (None, _) => None,
                };
                let header = match &source {
                    Some(Source::Fields(fields)) => fields.first().map(|at| header[*at].clone()),
                    _ => None,
                };
                Origin { sources: source.into_iter().collect(), header, values: BTreeMap::new() }
            })
            .collect();
        Self { file, origins, header: header.to_vec() }
    }

    /// The view of `file` in a sheet read by `mapping`.
    #[must_use]
    pub fn mapped(file: FileSpec, header: &[String], mapping: &Mapping, merchant: &str) -> Self {
        let origins = file
            .columns
            .iter()
            .map(|column| {
                let name = format!("{}.{}", stem(&file), column.name);
                let mut origin = origin(mapping, &name, header);
                if origin.sources.is_empty() && column.name == "merchant" {
                    origin.sources.push(Source::Constant(merchant.to_owned()));
                }
                origin
            })
            .collect();
        Self { file, origins, header: header.to_vec() }
    }

    /// Required columns that have no source.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let columns = self.file.columns.iter().zip(&self.origins);
        columns
            .filter(|(column, origin)| column.required && origin.sources.is_empty())
            .map(|(c, _)| c.name)
            .collect()
    }

    /// Fields of the sheet that this view reads.
    pub fn fields(&self) -> impl Iterator<Item = usize> {
        self.origins
            .iter()
            .flat_map(|origin| &origin.sources)
            .flat_map(|source| match source {
                Source::Fields(fields) => fields.as_slice(),
                Source::Constant(_) | Source::Running => &[],
            })
            .copied()
    }

    /// The row as the columns of the file.
    #[must_use]
    pub fn see<'a>(&'a self, record: &'a StringRecord, running: u32) -> Seen<'a> {
        let raw: Seen<'a> = self.origins.iter().map(|origin| self.cell(origin, record, running)).collect();
        if self.origins.iter().all(|origin| origin.values.is_empty()) {
            return raw;
        }
        let column = |name: &str| self.file.columns.iter().position(|column| column.name == name);
        let same = |text: &str| text.strip_prefix('@').and_then(column).map(|at| raw[at].clone());
        raw.iter().map(|cell| same(cell).unwrap_or_else(|| cell.clone())).collect()
    }

    /// How a column is called in the sheet.
    #[must_use]
    pub fn called(&self, column: &str) -> String {
        let at = self.file.columns.iter().position(|c| c.name == column);
        at.and_then(|at| self.origins[at].header.clone()).unwrap_or_else(|| column.to_owned())
    }

    /// The cell of `column` in a seen row.
    #[must_use]
    pub fn find<'a>(&self, seen: &'a Seen<'_>, column: &str) -> Option<&'a str> {
        let at = self.file.columns.iter().position(|c| c.name == column)?;
        seen.get(at).map(AsRef::as_ref)
    }

    fn cell<'a>(&'a self, origin: &'a Origin, record: &'a StringRecord, running: u32) -> Cow<'a, str> {
        for source in &origin.sources {
            let (found, header) = match source {
                Source::Constant(text) => (Cow::Borrowed(text.as_str()), ""),
                Source::Running => (Cow::Owned(running.to_string()), ""),
                Source::Fields(fields) => (joined(fields, record), self.header[fields[0]].as_str()),
            };
            if found.is_empty() {
                continue;
            }
            let translated = translate(&origin.values, header, found);
            if !translated.is_empty() {
                return translated;
            }
        }
        Cow::Borrowed("")
    }
}

/// Where a mapping takes a column from in this header.
fn origin(mapping: &Mapping, name: &str, header: &[String]) -> Origin {
    let mut origin =
        Origin { values: mapping.values.get(name).cloned().unwrap_or_default(), ..Origin::default() };
    for wanted in mapping.columns.get(name).into_iter().flatten() {
        match wanted.strip_prefix('=') {
            Some("#") => origin.sources.push(Source::Running),
            Some(constant) => origin.sources.push(Source::Constant(constant.to_owned())),
            None => {
                let field = |name: &str| header.iter().position(|column| column.trim() == name.trim());
                if let Some(fields) = wanted.split('+').map(field).collect::<Option<Vec<_>>>() {
                    origin.header.get_or_insert_with(|| wanted.clone());
                    origin.sources.push(Source::Fields(fields));
                }
            }
        }
    }
    origin
}

fn joined<'a>(fields: &[usize], record: &'a StringRecord) -> Cow<'a, str> {
    let text = |at: &usize| record.get(*at).unwrap_or("").trim();
    match fields {
        [one] => Cow::Borrowed(text(one)),
        many => {
            let parts: Vec<&str> = many.iter().map(text).filter(|part| !part.is_empty()).collect();
            Cow::Owned(parts.join(" "))
        }
    }
}

fn translate<'a>(values: &'a BTreeMap<String, String>, header: &str, found: Cow<'a, str>) -> Cow<'a, str> {
    if values.is_empty() {
        return found;
    }
    let hit = values
        .get(&format!("{header}:{found}"))
        .or_else(|| values.get(found.as_ref()))
        .or_else(|| values.get(&format!("{header}:*")))
        .or_else(|| values.get("*"));
    hit.map_or(found, |text| Cow::Borrowed(text.as_str()))
}

/// `On hand` and `on-hand` are `on_hand`.
fn spelling(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}
