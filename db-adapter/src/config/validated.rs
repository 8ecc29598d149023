//! Whether a database is the one that the lock says was validated. Pure: what the database is and
//! looks like now, the caller has asked.

use std::fmt;

use super::{DatabaseIdentity, IdentityChange, ProfileLock};
use crate::Error;

/// Why the lock does not stand for a database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockMismatch {
    /// There is no lock: nothing was validated.
    NoLock,
    /// Another profile was validated.
    Profile {
        /// The one of the lock.
        validated: String,
    },
    /// The lock does not say which database it was, as those of the Python original.
    UnknownDatabase,
    /// It is another database, or only the way to it is another.
    Database(IdentityChange),
    /// Its schema has changed since.
    Schema,
}

impl LockMismatch {
    /// Whether it is the same database nevertheless.
    pub fn is_warning(&self) -> bool {
        matches!(self, LockMismatch::Database(change) if change.is_same_database)
    }

    /// As an error that says what to do.
    pub(crate) fn error(&self, profile: Option<&str>) -> Error {
        let hint = match profile {
            Some(name) => format!("validate it: `db-adapter connect --profile {name}`"),
            None => "validate a profile of it: `db-adapter connect --profile NAME`".to_owned(),
        };
        Error::NotValidated {
            message: self.to_string(),
            hint: Some(hint),
        }
    }
}

impl fmt::Display for LockMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LockMismatch::NoLock => {
                f.write_str("this database was never validated: there is no lock")
            }
            LockMismatch::Profile { validated } => {
                write!(
                    f,
                    "the profile that was validated is another one: `{validated}`"
                )
            }
            LockMismatch::UnknownDatabase => {
                f.write_str("the lock does not say which database was validated")
            }
            LockMismatch::Database(change) if change.is_same_database => {
                write!(
                    f,
                    "the database that was validated is reached another way: {change}"
                )
            }
            LockMismatch::Database(change) => {
                write!(f, "this is not the database that was validated: {change}")
            }
            LockMismatch::Schema => {
                f.write_str("the schema has changed since the database was validated")
            }
        }
    }
}

/// Compares a lock with the database that is meant now. A bare URL has no profile, and a
/// fingerprint that is not known is not compared, nor one of other rules.
pub(crate) fn mismatch(
    lock: Option<&ProfileLock>,
    profile: Option<&str>,
    identity: Option<&DatabaseIdentity>,
    fingerprint: Option<&str>,
) -> Option<LockMismatch> {
    let Some(lock) = lock else {
        return Some(LockMismatch::NoLock);
    };
    if profile.is_some_and(|profile| profile != lock.profile) {
        let validated = lock.profile.clone();
        return Some(LockMismatch::Profile { validated });
    }
    let Some((then, now)) = lock.identity.as_ref().zip(identity) else {
        return Some(LockMismatch::UnknownDatabase);
    };
    let change = then.change(now);
    if let Some(change) = change.clone().filter(|change| !change.is_same_database) {
        return Some(LockMismatch::Database(change));
    }
    let known = lock.fingerprint.as_deref().zip(fingerprint);
    if known.is_some_and(|(then, now)| rules(then) == rules(now) && then != now) {
        return Some(LockMismatch::Schema);
    }
    change.map(LockMismatch::Database)
}

/// The number of the rules that a fingerprint was made by.
fn rules(fingerprint: &str) -> Option<&str> {
    fingerprint.split_once(':').map(|(rules, _)| rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str, id: Option<&str>) -> DatabaseIdentity {
        DatabaseIdentity::Server {
            host: host.into(),
            port: 5432,
            database: "shop".into(),
            system_identifier: id.map(str::to_owned),
        }
    }

    #[test]
    fn only_the_validated_database_passes() {
        let mut lock = ProfileLock::new("local");
        lock.identity = Some(server("a", Some("7")));
        lock.fingerprint = Some("1:ab".into());
        let check = |profile, identity: &DatabaseIdentity, fingerprint| {
            mismatch(Some(&lock), profile, Some(identity), Some(fingerprint))
        };
        let same = server("a", Some("7"));
        assert_eq!(check(Some("local"), &same, "1:ab"), None);
        assert_eq!(check(None, &same, "1:ab"), None);
        assert_eq!(
            check(Some("local"), &same, "1:cd"),
            Some(LockMismatch::Schema)
        );
        assert_eq!(check(Some("local"), &same, "2:cd"), None);
        assert_eq!(
            check(Some("rds"), &same, "1:ab").unwrap().to_string(),
            "the profile that was validated is another one: `local`"
        );
        let moved = check(Some("local"), &server("b", Some("7")), "1:ab").unwrap();
        assert!(moved.is_warning());
        assert_eq!(
            check(Some("local"), &server("b", Some("7")), "1:cd"),
            Some(LockMismatch::Schema)
        );
        let other = check(Some("local"), &server("a", Some("8")), "1:ab").unwrap();
        assert!(!other.is_warning());
        assert_eq!(
            other.to_string(),
            "this is not the database that was validated: the server is `8`, it was `7`"
        );
    }

    #[test]
    fn what_is_not_known_is_not_validated() {
        let same = server("a", None);
        assert_eq!(
            mismatch(None, None, Some(&same), None),
            Some(LockMismatch::NoLock)
        );
        let original = ProfileLock::new("local");
        assert_eq!(
            mismatch(Some(&original), Some("local"), Some(&same), None),
            Some(LockMismatch::UnknownDatabase)
        );
        let error = LockMismatch::NoLock.error(Some("local")).to_string();
        assert!(
            error.ends_with("hint: validate it: `db-adapter connect --profile local`"),
            "{error}"
        );
    }
}
