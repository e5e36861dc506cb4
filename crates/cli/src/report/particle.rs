//! Korean particles, which follow the sound before them: 은 after a consonant, 는 after a vowel.
//!
//! Invariant: this is the one place that chooses. Numbers are read as Korean reads them, currencies by their names, capital
//! letters one by one; of other foreign words the last letter decides, which may be wrong where they end in a mute one.

/// How a word ends, for the particle behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Vowel,
    /// ㄹ, which takes 로 like a vowel and everything else like a consonant.
    Rieul,
    Consonant,
}

/// What currencies are called end so: 원, 달러, 유로, 파운드, 엔.
const CURRENCIES: [(&str, Ending); 5] = [
    ("KRW", Ending::Consonant),
    ("USD", Ending::Vowel),
    ("EUR", Ending::Vowel),
    ("GBP", Ending::Vowel),
    ("JPY", Ending::Consonant),
];

/// The one of two particles that fits behind `before`: the first follows a consonant, the second a vowel.
pub(super) fn choose<'a>(before: &str, (consonant, vowel): (&'a str, &'a str)) -> &'a str {
    match ending(before) {
        Ending::Consonant => consonant,
        Ending::Rieul if !consonant.starts_with("으로") => consonant,
        Ending::Rieul | Ending::Vowel => vowel,
    }
}

fn ending(before: &str) -> Ending {
    let word = before.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '%');
    if let Some((_, ending)) = CURRENCIES.iter().find(|(code, _)| word.ends_with(code)) {
        return *ending;
    }
    match word.chars().next_back() {
        Some(last @ '가'..='힣') => match (u32::from(last) - u32::from('가')) % 28 {
            0 => Ending::Vowel,
            8 => Ending::Rieul,
            _ => Ending::Consonant,
        },
        Some(last) if last.is_ascii_digit() => number(word),
        Some('l' | 'L' | 'r' | 'R') => Ending::Rieul,
        Some('m' | 'M' | 'n' | 'N') => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

/// By the last digit, or by the place it stands at: 십, 백, 천, 만, 억, 조.
fn number(word: &str) -> Ending {
    let start = word.rfind(|c: char| !c.is_ascii_digit() && c != ',' && c != '.').map_or(0, |at| {
        // The letter before the number may be longer than a byte.
        at + word[at..].chars().next().map_or(1, char::len_utf8)
    });
    let digits: String = word[start..].chars().filter(|c| *c != ',').collect();
    let whole = digits.trim_end_matches('0');
    let zeros = if digits.contains('.') || whole.is_empty() { 0 } else { digits.len() - whole.len() };
    match (zeros, digits.chars().next_back()) {
        (12..=15, _) => Ending::Vowel,
        (1.., _) => Ending::Consonant,
        (0, Some('2' | '4' | '5' | '9')) => Ending::Vowel,
        (0, Some('1' | '7' | '8')) => Ending::Rieul,
        (0, _) => Ending::Consonant,
    }
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn the_particle_follows_the_sound_before_it() {
        let company = choose("회사", ("이", "가"));
        assert_eq!(company, "가");
        for (before, topic, way) in [
            ("센터", "는", "로"),
            ("시스템", "은", "으로"),
            ("손실", "은", "로"),
            ("929,639 KRW", "은", "으로"),
            ("929,639.00 USD", "는", "로"),
            ("36.0 %", "는", "로"),
            ("27.5%", "는", "로"),
            ("900", "은", "으로"),
            ("4,690,644", "는", "로"),
            ("1,000,000,000,000", "는", "로"),
            ("10.50", "은", "으로"),
            ("0", "은", "으로"),
            ("ICN1", "은", "로"),
            ("센터8", "은", "로"),
            ("WMS", "는", "로"),
            ("SKU(분류)", "는", "로"),
            ("", "는", "로"),
        ] {
            assert_eq!(choose(before, ("은", "는")), topic, "{before}");
            assert_eq!(choose(before, ("으로", "로")), way, "{before}");
        }
    }
}
