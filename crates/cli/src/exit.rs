//! Exit codes: an interface, so they never change meaning.

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Code {
    /// It did what was asked.
    Ok = 0,
    /// It ran, and what it checked does not hold: a journal with a fault, a book with row errors, a plan refused.
    Found = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A file cannot be read or written, or is not what it should be.
    Input = 3,
    /// The journal cannot be used: damaged, held by another writer, from a newer program.
    Journal = 4,
    /// The program contradicts itself: please report it.
    Bug = 70,
}

impl From<Code> for std::process::ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// A command that could not do what was asked: cause, remedy, code.
#[derive(Debug)]
pub struct Failure {
    /// How the process ends.
    pub code: Code,
    /// What went wrong, with its place.
    pub cause: String,
    /// What to do next.
    pub remedy: String,
}

impl Failure {
    /// A failure.
    pub fn new(code: Code, cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { code, cause: cause.into(), remedy: remedy.into() }
    }

    /// A file that cannot be used.
    pub fn input(cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Code::Input, cause, remedy)
    }
}

/// An error with the errors behind it, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let said = inner.to_string();
        // Some errors say what is behind them in their own words.
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::chain;

    #[derive(Debug, thiserror::Error)]
    enum Told {
        #[error("read the file: {0}")]
        Within(#[source] std::num::ParseIntError),
        #[error("read the file")]
        Behind(#[source] std::num::ParseIntError),
    }

    #[test]
    fn what_an_error_says_itself_is_not_said_again() {
        let bad = "x".parse::<u8>().unwrap_err();
        for told in [Told::Within(bad.clone()), Told::Behind(bad)] {
            assert_eq!(chain(&told), "read the file: invalid digit found in string");
        }
    }
}
