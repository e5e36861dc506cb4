//! Where secrets are: in a variable of the environment or in a file, and seldom in the configuration itself.

use std::path::PathBuf;

/// A secret from where it is kept, without the end of its line; `None` where neither a variable nor a file is named.
///
/// # Errors
/// What is wrong: both are named, the variable is not set, the file cannot be read.
pub(crate) fn secret_of(
    variable: Option<&str>,
    file: Option<&PathBuf>,
    env: &impl Fn(&str) -> Option<String>,
) -> Result<Option<String>, String> {
    let text = match (variable, file) {
        (None, None) => return Ok(None),
        (Some(variable), Some(path)) => {
            return Err(format!("give the variable {variable} or the file {}, one of them", path.display()));
        }
        (Some(variable), None) => {
            env(variable).ok_or_else(|| format!("the variable {variable} is not set"))?
        }
        (None, Some(path)) => {
            std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?
        }
    };
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::secret_of;

    #[test]
    fn a_secret_comes_from_one_place() {
        let folder = tempfile::tempdir().unwrap();
        let (file, missing) = (folder.path().join("secret"), folder.path().join("none"));
        std::fs::write(&file, "of the file\n").unwrap();
        let env = |name: &str| (name == "S").then(|| " of the variable\n".to_owned());
        let of = |variable, file| secret_of(variable, file, &env);
        assert_eq!(of(None, None), Ok(None));
        assert_eq!(of(Some("S"), None), Ok(Some(" of the variable".to_owned())));
        assert_eq!(of(None, Some(&file)), Ok(Some("of the file".to_owned())));
        assert!(of(Some("T"), None).unwrap_err().contains("variable T"));
        assert!(of(None, Some(&missing)).unwrap_err().contains("none"));
        let both = of(Some("S"), Some(&file)).unwrap_err();
        assert!(both.contains('S') && both.contains("one of them"), "{both}");
    }
}
