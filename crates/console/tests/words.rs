//! The two languages say the same things with the same variables, and every rejection has its words.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use holdfast_console::words::{Locale, Words};
use holdfast_domain::money::{Currency, Money};
use holdfast_domain::reject::Rejection;
use holdfast_domain::time::{Day, Span};

fn variables(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            expression_variables(expression, found);
        }
    }
}

fn expression_variables(expression: &Expression<&str>, found: &mut BTreeSet<String>) {
    let inline = |inline: &InlineExpression<&str>, found: &mut BTreeSet<String>| {
        if let InlineExpression::VariableReference { id } = inline {
            found.insert(id.name.to_owned());
        }
    };
    match expression {
        Expression::Inline(one) => inline(one, found),
        Expression::Select { selector, variants } => {
            inline(selector, found);
            variants.iter().for_each(|variant| variables(&variant.value, found));
        }
    }
}

/// Every message with its variables; panics where the file is not whole.
fn messages(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
    let resource = fluent_syntax::parser::parse(locale.source())
        .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", locale.tag()));
    let mut found = BTreeMap::new();
    for entry in &resource.body {
        if let Entry::Message(message) = entry {
            let mut used = BTreeSet::new();
            variables(message.value.as_ref().expect("every message has a text"), &mut used);
            let twice = found.insert(message.id.name.to_owned(), used).is_some();
            assert!(!twice, "{}: {} is there twice", locale.tag(), message.id.name);
        }
    }
    found
}

#[test]
fn both_languages_have_the_same_messages_with_the_same_variables() {
    let (en, ko) = (messages(Locale::En), messages(Locale::Ko));
    let (keys_en, keys_ko): (BTreeSet<_>, BTreeSet<_>) = (en.keys().collect(), ko.keys().collect());
    assert_eq!(keys_en, keys_ko);
    for (key, used) in &en {
        assert_eq!(used, &ko[key], "{key}");
    }
}

#[test]
fn every_rejection_has_a_cause_and_a_remedy_in_both_languages() {
    for locale in Locale::ALL {
        for code in Rejection::CODES {
            for kind in ["reject", "remedy"] {
                let said = Words::of(locale).say(&format!("{kind}-{code}"));
                assert!(!said.starts_with('⟦'), "{}: {kind}-{code}", locale.tag());
            }
        }
    }
}

#[test]
fn numbers_dates_and_money_are_written_as_the_language_has_them() {
    let (en, ko) = (Words::of(Locale::En), Words::of(Locale::Ko));
    let plain = |text: String| text.replace('\u{a0}', " ");
    let day: Day = "2018-09-13".parse().unwrap();
    assert_eq!(
        (plain(en.day(day)), plain(ko.day(day))),
        ("13 Sep 2018".to_owned(), "2018년 9월 13일".to_owned())
    );
    assert_eq!(
        (plain(en.day_short(day)), plain(ko.day_short(day))),
        ("Thu 13 Sep".to_owned(), "9월 13일 (목)".to_owned())
    );
    assert_eq!(en.money(Money::new(-123_456, Currency::USD)), "−$1,234.56");
    assert_eq!(ko.money(Money::new(12_000, Currency::KRW)), "12,000원");
    assert_eq!(ko.money(Money::new(5, Currency::USD)), "US$0.05");
    assert_eq!((en.number(1_234_567), en.decimal(-0.04, 1)), ("1,234,567".to_owned(), "0.0".to_owned()));
    assert_eq!((en.percent(0.1234, 1), ko.percent(0.1234, 1)), ("12.3 %".to_owned(), "12.3%".to_owned()));
    assert_eq!(
        (en.span(Span::hours(52)), ko.span(Span::minutes(95))),
        ("2 d 4 h".to_owned(), "1시간 35분".to_owned())
    );
    assert_eq!(
        (Locale::of("ko-KR"), Locale::of("EN_us"), Locale::of("fr")),
        (Some(Locale::Ko), Some(Locale::En), None)
    );
}
