//! Who said which database is meant, in the words of the command line. Pure but for one look at
//! the environment.

use db_adapter::ProfileSource;

use crate::dotenv::Dotenv;
use crate::json::Object;
use crate::settings::process_has;

/// Who said which database is meant: a flag, a variable, or a file.
pub(crate) struct Source {
    kind: &'static str,
    name: String,
    file: Option<String>,
}

impl Source {
    pub(crate) fn of(source: &ProfileSource, dotenv: Option<&Dotenv>) -> Self {
        let new = |kind, name: &str| Source {
            kind,
            name: name.to_owned(),
            file: None,
        };
        match source {
            ProfileSource::Url => new("flag", "--database-url"),
            ProfileSource::Profile => new("flag", "--profile"),
            ProfileSource::ProfileVariable(name) | ProfileSource::UrlVariable(name) => {
                match dotenv.filter(|_| !process_has(name)) {
                    Some(dotenv) => Source {
                        file: Some(dotenv.path.display().to_string()),
                        ..new("dotenv", name)
                    },
                    None => new("environment", name),
                }
            }
            ProfileSource::Lock(path) => new("lock", &path.display().to_string()),
            other => new("other", &other.to_string()),
        }
    }

    /// `the variable `DB_PROFILE` of `/srv/app/.env``
    pub(crate) fn text(&self) -> String {
        let what = match self.kind {
            "flag" => "the flag ",
            "lock" => "the lock ",
            "other" => return self.name.clone(),
            _ => "the variable ",
        };
        let file = self.file.as_ref().map(|file| format!(" of `{file}`"));
        format!("{what}`{}`{}", self.name, file.unwrap_or_default())
    }

    pub(crate) fn json(&self) -> Object {
        let object = Object::new()
            .value("kind", self.kind)
            .value("name", &self.name);
        match &self.file {
            Some(file) => object.value("file", file),
            None => object,
        }
    }
}
