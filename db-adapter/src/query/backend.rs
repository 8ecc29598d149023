//! Which database stands behind a client, for the few things that are not the same on each.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Result, Row};

/// The database behind a client; see [`DatabaseClientExt::backend`](crate::DatabaseClientExt::backend).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

impl Backend {
    /// `postgres` or `sqlite`.
    pub fn name(self) -> &'static str {
        match self {
            Backend::Postgres => "postgres",
            Backend::Sqlite => "sqlite",
        }
    }

    /// The answer to [`Operation::Backend`](super::Operation::Backend).
    pub(crate) fn outcome(self) -> super::Outcome {
        super::Outcome {
            rows: vec![Row::from([("backend", self.name())])],
            affected: 0,
        }
    }

    pub(crate) fn of(answer: Option<&Row>) -> Result<Self> {
        match answer {
            Some(row) => row.get::<String>("backend")?.parse(),
            None => Err(unknown()),
        }
    }
}

fn unknown() -> Error {
    Error::unsupported(
        "asking which database it is",
        "this client",
        "ask the client inside, or forward `Operation::Backend`",
    )
}

impl FromStr for Backend {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "postgres" => Ok(Backend::Postgres),
            "sqlite" => Ok(Backend::Sqlite),
            _ => Err(unknown()),
        }
    }
}

/// PostgreSQL or SQLite, for people.
impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Backend::Postgres => "PostgreSQL",
            Backend::Sqlite => "SQLite",
        })
    }
}
