//! A sign in the start-up of a connection, by which a session of the server is known to be the one
//! that was begun for it. Poolers begin sessions of their own: they refuse the sign, or drop it. It
//! asks nothing by itself.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;

use super::sslmode::code;

/// A setting that means nothing to the server, and that ends with the session.
const NAME: &str = "db_adapter.session";

/// How poolers and other servers say that they do not take such a setting.
const REFUSALS: &[&str] = &["08P01", "0A000", "22023", "42601", "42602", "42704"];

/// The sign of one connection.
#[derive(Debug)]
pub(super) struct Mark(String);

impl Mark {
    pub(super) fn new() -> Self {
        // its keys are random
        Mark(format!("{:016x}", RandomState::new().hash_one(NAME)))
    }

    /// The settings of a connection with the sign, behind the options that are there already.
    pub(super) fn on(&self, settings: &PgConnectOptions) -> PgConnectOptions {
        settings.clone().options([(NAME, &self.0)])
    }

    /// Whether the session is the one of this connection, as a condition about its row `b` of the
    /// server's activity. `age`: a pooler that brings the sign along to sessions that others began
    /// gives one that is older.
    pub(super) fn condition(&self, age: Duration) -> String {
        format!(
            "coalesce(pg_catalog.current_setting('{NAME}', true) = '{}' \
             AND pg_catalog.clock_timestamp() - b.backend_start < interval '{} milliseconds', false)",
            self.0,
            age.as_millis()
        )
    }
}

/// Whether a refused start-up may be accepted without the sign.
pub(super) fn may_be_refused(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| REFUSALS.contains(&code.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_is_another_one_each_time_and_keeps_the_options_of_the_user() {
        let (one, other) = (Mark::new(), Mark::new());
        assert_ne!(one.0, other.0);
        let settings = PgConnectOptions::new_without_pgpass().options([("work_mem", "8MB")]);
        let before = settings.get_options().unwrap().to_owned();
        let marked = one.on(&settings);
        let expected = format!("{before} -c {NAME}={}", one.0);
        assert_eq!(marked.get_options(), Some(expected.as_str()));
    }
}
