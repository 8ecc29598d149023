//! The one reader of the environment: its variables, the working directory, the home folder. All
//! of it can be replaced, so that a test never touches the process and the command line can add
//! a `.env` file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::{env, fmt};

use crate::{Error, Result};

/// Where variables come from: the process, or what a test or a program says instead.
///
/// ```
/// use db_adapter::Environment;
/// let environment = Environment::of([("DB_PROFILE", "local")]).in_folder("/srv/app");
/// assert_eq!(environment.get("DB_PROFILE")?.as_deref(), Some("local"));
/// assert_eq!(environment.get("HOME")?, None);
/// # Ok::<(), db_adapter::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Environment {
    /// Instead of those of the process.
    variables: Option<Arc<BTreeMap<String, String>>>,
    fallback: Arc<BTreeMap<String, String>>,
    folder: Option<PathBuf>,
}

impl Environment {
    /// The environment of the process, read at the moment of use.
    pub fn process() -> Self {
        Environment::default()
    }

    /// These variables and no others.
    pub fn of<K, V>(variables: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<String>,
        V: Into<String>,
    {
        Environment {
            variables: Some(collect(variables)),
            ..Environment::default()
        }
    }

    /// Variables for the names that are not set, such as those of a `.env` file.
    pub fn with_fallback<K, V>(mut self, variables: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<String>,
        V: Into<String>,
    {
        self.fallback = collect(variables);
        self
    }

    /// Where the search for `db.toml` starts; default the working directory.
    pub fn in_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// The value of a variable, `None` when it is not set.
    ///
    /// # Errors
    /// [`Error::Config`] for a value that is no UTF-8.
    pub fn get(&self, name: &str) -> Result<Option<String>> {
        let own = match &self.variables {
            Some(variables) => variables.get(name).cloned(),
            None => match env::var_os(name).map(|value| value.into_string()) {
                Some(Ok(value)) => Some(value),
                Some(Err(_)) => {
                    return Err(Error::config(
                        format!("the environment variable {} is no UTF-8", shown(name)),
                        "set it to plain text",
                    ));
                }
                None => None,
            },
        };
        Ok(own.or_else(|| self.fallback.get(name).cloned()))
    }

    /// As [`Environment::get`], where a variable that is set to nothing is not set.
    pub(crate) fn get_filled(&self, name: &str) -> Result<Option<String>> {
        Ok(self.get(name)?.filter(|value| !value.is_empty()))
    }

    pub(crate) fn current_dir(&self) -> Result<PathBuf> {
        match &self.folder {
            Some(folder) => Ok(folder.clone()),
            None => env::current_dir().map_err(|error| {
                Error::config(
                    format!("the working directory cannot be read: {}", error.kind()),
                    "change to a folder that exists",
                )
            }),
        }
    }

    pub(crate) fn home(&self) -> Option<PathBuf> {
        match &self.variables {
            Some(variables) => variables.get("HOME").map(PathBuf::from),
            None => env::home_dir(),
        }
        .filter(|home| home.is_absolute())
    }
}

/// The name in backticks when it looks like one; somebody may have put a password in its place.
pub(crate) fn shown(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    if name.len() <= 64
        && name.contains(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(plain)
    {
        format!("`{name}`")
    } else {
        "that it names".to_owned()
    }
}

fn collect<K: Into<String>, V: Into<String>>(
    variables: impl IntoIterator<Item = (K, V)>,
) -> Arc<BTreeMap<String, String>> {
    let pairs = variables.into_iter();
    Arc::new(
        pairs
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
    )
}

/// Names alone: values are secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Environment");
        match &self.variables {
            Some(variables) => shown.field("variables", &variables.keys()),
            None => shown.field("variables", &"of the process"),
        };
        shown
            .field("fallback", &self.fallback.keys())
            .field("folder", &self.folder)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fallback_never_overrides() {
        let environment = Environment::of([("A", "1"), ("B", "")]).with_fallback([
            ("A", "2"),
            ("B", "2"),
            ("C", "3"),
        ]);
        assert_eq!(environment.get("A").unwrap().as_deref(), Some("1"));
        assert_eq!(environment.get("C").unwrap().as_deref(), Some("3"));
        assert_eq!(environment.get_filled("B").unwrap(), None);
    }

    #[test]
    fn debug_shows_names_alone() {
        let environment = Environment::of([("A", "canary")]).with_fallback([("B", "canary")]);
        let shown = format!("{environment:?}");
        assert!(
            shown.contains("\"A\"") && !shown.contains("canary"),
            "{shown}"
        );
    }

    #[test]
    fn what_is_no_name_of_a_variable_is_not_shown() {
        assert_eq!(shown("PG_PASSWORD2"), "`PG_PASSWORD2`");
        for secret in ["hunter2", "postgresql://u:p@h", "12345", ""] {
            assert_eq!(shown(secret), "that it names");
        }
    }
}
