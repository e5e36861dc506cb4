//! The words: Fluent messages by language, a merchant's own over them, and the lint that guards both.
//!
//! Invariant: what [`Words::say`] returns had every message and every variable it needed. A language is
//! complete against English before it is accepted, and a merchant's override may not lose a fact (a date,
//! an amount, an order number) that the message it replaces states.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use unic_langid::LanguageIdentifier;

/// The language everything is checked against, and the one used where a reader's is not there.
pub const DEFAULT_LANGUAGE: &str = "en";
/// The largest locale file, in bytes.
pub const FILE_MAX: usize = 256 * 1024;
/// The deepest nesting of braces in a locale file: the parser recurses, a hostile file would exhaust it.
const NESTING_MAX: usize = 16;

/// The languages that are compiled in: a file, and one line here, for each.
const EMBEDDED: &[(&str, &str)] = &[
    ("en", include_str!("../../locales/en/notices.ftl")),
    ("en-GB", include_str!("../../locales/en-GB/notices.ftl")),
    ("ko", include_str!("../../locales/ko/notices.ftl")),
    ("es", include_str!("../../locales/es/notices.ftl")),
];

/// Variables a language may leave out because another one of the same message says it, or custom does not
/// want it: parts of a date or time, the currency's code, a name, a region.
const MAY_BE_LEFT_OUT: &[&str] = &[
    "weekday", "month", "year", "half", "hour", "hour12", "minute", "sharp", "zone", "code", "region", "name",
];

/// What is wrong with a locale file or an override.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LintProblem {
    /// Not Fluent.
    #[error("line {line}: not Fluent syntax ({cause}); each variant of a plural needs a line of its own")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        cause: String,
    },
    /// Too large or too deep.
    #[error("the file is larger than 256 KiB or nests braces deeper than 16: cut it down")]
    TooLarge,
    /// A message twice.
    #[error("message {id} is there twice: keep one")]
    Twice {
        /// The message.
        id: String,
    },
    /// A message that nothing uses.
    #[error("message {id} is not one that notices use: look for a typing mistake")]
    UnknownMessage {
        /// The message.
        id: String,
    },
    /// A message that is not there.
    #[error("message {id} is missing: add it")]
    MissingMessage {
        /// The message.
        id: String,
    },
    /// A variable the message is not given.
    #[error("message {id} uses ${variable}, which it is not given: look for a typing mistake")]
    UnknownVariable {
        /// The message.
        id: String,
        /// The variable.
        variable: String,
    },
    /// A fact the message would lose.
    #[error("message {id} does not say ${variable}: a notice may not lose it")]
    LostVariable {
        /// The message.
        id: String,
        /// The variable.
        variable: String,
    },
    /// Not a language tag.
    #[error("{tag:?} is not a language tag: write it as ko or en-GB")]
    NotALanguage {
        /// The text.
        tag: String,
    },
}

/// A message that could not be said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("say {id} in {language}: {cause}")]
pub struct Unsaid {
    /// The message.
    pub id: String,
    /// The language.
    pub language: String,
    /// What is missing.
    pub cause: String,
}

/// The variables each message uses, its references included.
type Shape = BTreeMap<String, BTreeSet<String>>;

struct Locale {
    bundle: FluentBundle<FluentResource>,
    shape: Shape,
}

/// Every language, and every merchant's own words.
pub struct Catalog {
    languages: BTreeMap<String, Locale>,
    overrides: BTreeMap<(String, String), Locale>,
}

impl Catalog {
    /// The languages that are compiled in.
    #[must_use]
    pub fn embedded() -> Self {
        let mut catalog = Self { languages: BTreeMap::new(), overrides: BTreeMap::new() };
        for (tag, text) in EMBEDDED {
            if let Err(problems) = catalog.add_language(tag, text) {
                unreachable!("the embedded locale {tag} does not pass its lint: {problems:?}");
            }
        }
        catalog
    }

    /// Adds or replaces a language. One with a region (`en-GB`) may hold only what differs from the language
    /// without it; any other must be complete.
    ///
    /// # Errors
    /// Every problem the lint finds.
    pub fn add_language(&mut self, tag: &str, text: &str) -> Result<(), Vec<LintProblem>> {
        let locale = Locale::read(tag, text)?;
        let is_base = tag == DEFAULT_LANGUAGE;
        let base = if is_base { &locale.shape } else { &self.languages[DEFAULT_LANGUAGE].shape };
        let mut problems = compare(&locale.shape, base);
        let leans_on = tag.split_once('-').is_some_and(|(primary, _)| self.languages.contains_key(primary));
        if !leans_on {
            let missing = base.keys().filter(|id| !locale.shape.contains_key(*id));
            problems.extend(missing.map(|id| LintProblem::MissingMessage { id: id.clone() }));
        }
        if problems.is_empty() {
            self.languages.insert(tag.to_owned(), locale);
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// Sets a merchant's own words over those of `tag`; an empty text takes them away.
    ///
    /// # Errors
    /// Every problem the lint finds: an unknown message or variable, a fact the message would lose.
    pub fn set_override(&mut self, merchant: &str, tag: &str, text: &str) -> Result<(), Vec<LintProblem>> {
        let key = (merchant.to_owned(), tag.to_owned());
        if text.trim().is_empty() {
            self.overrides.remove(&key);
            return Ok(());
        }
        let locale = Locale::read(tag, text)?;
        let problems = compare(&locale.shape, &self.languages[DEFAULT_LANGUAGE].shape);
        if problems.is_empty() {
            self.overrides.insert(key, locale);
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// The tags of all languages.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.languages.keys().map(String::as_str)
    }

    /// The words for a reader of `language`, in `merchant`'s own where it has some: the nearest language
    /// there is (`ko-KR` takes `ko`), else English.
    #[must_use]
    pub fn words(&self, language: &str, merchant: &str) -> Words<'_> {
        let exact = language.trim().replace('_', "-");
        let primary = exact.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let known = |tag: &str| self.languages.keys().find(|known| known.eq_ignore_ascii_case(tag)).cloned();
        let mut tags: Vec<String> = [known(&exact), known(&primary)].into_iter().flatten().collect();
        tags.dedup();
        if tags.is_empty() {
            tags.push(DEFAULT_LANGUAGE.to_owned());
        }
        let overrides = tags.iter().filter_map(|tag| self.overrides.get(&(merchant.to_owned(), tag.clone())));
        let locales: Vec<&Locale> = overrides.chain(tags.iter().map(|tag| &self.languages[tag])).collect();
        Words { language: tags.swap_remove(0), locales }
    }
}

/// The words of one reader's language.
pub struct Words<'a> {
    language: String,
    locales: Vec<&'a Locale>,
}

impl Words<'_> {
    /// The tag of the language in use.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.language
    }

    /// Whether there is a message `id`.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.locales.iter().any(|locale| locale.bundle.has_message(id))
    }

    /// The message `id` with its variables filled in.
    ///
    /// # Errors
    /// [`Unsaid`] where the message or one of its variables is missing: never a blank.
    pub fn say(&self, id: &str, args: &FluentArgs<'_>) -> Result<String, Unsaid> {
        let unsaid = |cause: String| Unsaid { id: id.to_owned(), language: self.language.clone(), cause };
        let found = self.locales.iter().find(|locale| locale.bundle.has_message(id));
        let locale = found.ok_or_else(|| unsaid("there is no such message".to_owned()))?;
        let message = locale.bundle.get_message(id).and_then(|message| message.value());
        let pattern = message.ok_or_else(|| unsaid("the message has no value".to_owned()))?;
        let mut errors = vec![];
        let said = locale.bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        if errors.is_empty() {
            Ok(said)
        } else {
            let causes: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Err(unsaid(causes.join("; ")))
        }
    }
}

impl Locale {
    fn read(tag: &str, text: &str) -> Result<Self, Vec<LintProblem>> {
        if text.len() > FILE_MAX || nesting(text) > NESTING_MAX {
            return Err(vec![LintProblem::TooLarge]);
        }
        let language: LanguageIdentifier =
            tag.parse().map_err(|_| vec![LintProblem::NotALanguage { tag: tag.to_owned() }])?;
        let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| {
            let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
            let syntax = |e: fluent_syntax::parser::ParserError| LintProblem::Syntax {
                line: line(e.pos.start),
                cause: e.to_string(),
            };
            errors.into_iter().map(syntax).collect::<Vec<_>>()
        })?;
        let shape = shape(&resource)?;
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Isolation marks would count against an SMS and show as boxes in old readers.
        bundle.set_use_isolating(false);
        if bundle.add_resource(resource).is_err() {
            return Err(vec![LintProblem::Twice { id: "(unnamed)".to_owned() }]);
        }
        Ok(Self { bundle, shape })
    }
}

fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Every message with the variables it uses, through references too.
fn shape(resource: &FluentResource) -> Result<Shape, Vec<LintProblem>> {
    let mut direct: BTreeMap<String, Uses> = BTreeMap::new();
    let mut problems = vec![];
    for entry in resource.entries() {
        if let Entry::Message(message) = entry {
            let mut uses = Uses::default();
            if let Some(value) = &message.value {
                uses.pattern(value);
            }
            let id = message.id.name.to_owned();
            if direct.insert(id.clone(), uses).is_some() {
                problems.push(LintProblem::Twice { id });
            }
        }
    }
    for referred in direct.values().flat_map(|uses| &uses.messages) {
        if !direct.contains_key(referred) {
            problems.push(LintProblem::UnknownMessage { id: referred.clone() });
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let all = direct.keys().map(|id| (id.clone(), closure(id, &direct))).collect();
    Ok(all)
}

fn closure(id: &str, direct: &BTreeMap<String, Uses>) -> BTreeSet<String> {
    let (mut variables, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![id]);
    while let Some(id) = open.pop() {
        if let (true, Some(uses)) = (seen.insert(id), direct.get(id)) {
            variables.extend(uses.variables.iter().cloned());
            open.extend(uses.messages.iter().map(String::as_str));
        }
    }
    variables
}

#[derive(Default)]
struct Uses {
    variables: BTreeSet<String>,
    messages: BTreeSet<String>,
}

impl Uses {
    fn pattern(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                self.expression(expression);
            }
        }
    }

    fn expression(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.inline(inline),
            Expression::Select { selector, variants } => {
                self.inline(selector);
                for variant in variants {
                    self.pattern(&variant.value);
                }
            }
        }
    }

    fn inline(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                self.variables.insert(id.name.to_owned());
            }
            InlineExpression::MessageReference { id, .. } => {
                self.messages.insert(id.name.to_owned());
            }
            InlineExpression::Placeable { expression } => self.expression(expression),
            _ => {}
        }
    }
}

/// What is wrong with `shape` seen from `base`: unknown messages and variables, lost facts.
fn compare(shape: &Shape, base: &Shape) -> Vec<LintProblem> {
    let mut problems = vec![];
    for (id, variables) in shape {
        let Some(expected) = base.get(id) else {
            problems.push(LintProblem::UnknownMessage { id: id.clone() });
            continue;
        };
        let allowed = |variable: &String| {
            expected.contains(variable)
                || (id.starts_with("date") || id.starts_with("time") || id == "moment")
                    && MAY_BE_LEFT_OUT.contains(&variable.as_str())
        };
        for variable in variables.iter().filter(|variable| !allowed(variable)) {
            problems.push(LintProblem::UnknownVariable { id: id.clone(), variable: variable.clone() });
        }
        let lost = expected.difference(variables).filter(|v| !MAY_BE_LEFT_OUT.contains(&v.as_str()));
        problems.extend(lost.map(|v| LintProblem::LostVariable { id: id.clone(), variable: v.clone() }));
    }
    problems
}
