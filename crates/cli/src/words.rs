//! The words of reports: every sentence a reader sees has a key, and stands in a file for each language.
//!
//! Invariant, held by a test: English and Korean have the same keys with the same variables, and the program uses
//! every key that is there and none that is not.

use std::fmt::Display;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

/// A language reports are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// Its two letters.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    const fn file(self) -> &'static str {
        match self {
            Self::En => {
                concat!(include_str!("../locales/en/report.ftl"), include_str!("../locales/en/parts.ftl"))
            }
            Self::Ko => {
                concat!(include_str!("../locales/ko/report.ftl"), include_str!("../locales/ko/parts.ftl"))
            }
        }
    }
}

/// The words of one language.
pub struct Words {
    /// Which.
    pub lang: Lang,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// The words that are compiled in.
    pub fn new(lang: Lang) -> Self {
        let tag = lang.code().parse().expect("the two letters of a language are a tag");
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Isolation marks show as boxes on terminals.
        bundle.set_use_isolating(false);
        // What does not parse is left out, and a test finds it missing.
        let resource = FluentResource::try_new(lang.file().to_owned()).unwrap_or_else(|(kept, _)| kept);
        bundle.add_resource_overriding(resource);
        Self { lang, bundle }
    }

    /// Whether there is a message `key`.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// The message `key`.
    pub fn say(&self, key: &str) -> String {
        self.tell(key, &[])
    }

    /// The message `key` with its variables. A key or variable that is missing shows as itself in brackets: a report
    /// with a hole is better than none, and a test looks for the brackets.
    pub fn tell(&self, key: &str, variables: &[(&str, &dyn Display)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in variables {
            args.set(*name, value.to_string());
        }
        let found = self.bundle.get_message(key).and_then(|message| message.value());
        let Some(pattern) = found else { return format!("⟦{key}⟧") };
        let mut errors = Vec::new();
        let said = self.bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        if errors.is_empty() { said } else { format!("⟦{key}: {said}⟧") }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{Lang, Words};

    /// Keys with the variables each uses, read off the file without the library that reads it for the program.
    fn shape(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
        let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut last = String::new();
        for line in lang.file().lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let text = match line.split_once(" = ") {
                Some((key, text)) if !line.starts_with(' ') => {
                    last = key.to_owned();
                    assert!(!found.contains_key(key), "{} has {key} twice", lang.code());
                    text
                }
                _ => line,
            };
            let uses = found.entry(last.clone()).or_default();
            let names = text.split("{ $").skip(1).filter_map(|rest| rest.split(' ').next());
            uses.extend(names.map(str::to_owned));
        }
        found
    }

    #[test]
    fn both_languages_have_the_same_keys_and_variables() {
        let (english, korean) = (shape(Lang::En), shape(Lang::Ko));
        assert!(english.len() > 100, "the file was read: {} keys", english.len());
        for (key, variables) in &english {
            assert_eq!(korean.get(key), Some(variables), "Korean {key}");
        }
        for key in korean.keys() {
            assert!(english.contains_key(key), "English lacks {key}");
        }
        for lang in [Lang::En, Lang::Ko] {
            let words = Words::new(lang);
            for key in english.keys() {
                assert!(words.has(key), "{} cannot say {key}", lang.code());
            }
        }
    }

    #[test]
    fn korean_is_korean() {
        let same: Vec<String> = shape(Lang::En)
            .into_keys()
            .filter(|key| {
                let text = Words::new(Lang::Ko).say(key);
                !text.chars().any(|letter| ('가'..='힣').contains(&letter))
                    && text.chars().any(char::is_alphabetic)
            })
            .filter(|key| !matches!(key.as_str(), "policy-holdfast" | "per-cent" | "sku-column"))
            .collect();
        assert_eq!(same, Vec::<String>::new());
    }

    #[test]
    fn the_program_uses_every_key_and_no_other() {
        let source = concat!(
            include_str!("report/mod.rs"),
            include_str!("report/text.rs"),
            include_str!("report/opened.rs"),
            include_str!("report/html.rs"),
            include_str!("report/html/compare.rs"),
            include_str!("report/html/lost.rs"),
            include_str!("report/html/merchants.rs"),
            include_str!("report/html/places.rs"),
            include_str!("report/html/plans.rs"),
            include_str!("report/html/takeover.rs"),
            include_str!("report/merchant.rs"),
            include_str!("report/parts.rs"),
            include_str!("report/parts/rendered.rs"),
            include_str!("report/parts/routes.rs"),
            include_str!("command/drill.rs"),
            include_str!("command/demo.rs"),
        );
        let known = shape(Lang::En);
        for key in known.keys() {
            // Keys that are put together from a code: act-…, hazard-…, assumed-….
            let made = ["act-", "assumed-", "policy-", "stock-", "cause-", "note-"]
                .iter()
                .any(|start| key.starts_with(start));
            assert!(made || source.contains(&format!("\"{key}\"")), "nothing says {key}");
        }
        for start in ["say(\"", "tell(\""] {
            for rest in source.split(start).skip(1) {
                let key = rest.split('"').next().unwrap_or_default();
                assert!(known.contains_key(key), "there is no message {key}");
            }
        }
    }
}
