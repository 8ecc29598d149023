//! Who may write where: a protected database, and one that nobody has named, must be named with
//! `--target`. Pure; asked before anything is opened.

use db_adapter::{ActiveProfile, DatabaseIdentity, DatabaseProfile, SecretUrl};

use crate::exit::Exit;
use crate::report::Report;

/// Refuses a write that the profile does not allow, or that was not asked for by name.
pub(crate) fn write(active: &ActiveProfile, target: Option<&str>) -> Result<(), Report> {
    let profile = &active.profile;
    let name = name(active);
    let shown = name.as_deref().unwrap_or("of this URL");
    if profile.is_read_only() {
        return Err(refused(format!("the profile `{shown}` is read only"))
            .hint("use another profile, or take `read_only` out of db.toml"));
    }
    match (target, &name) {
        (Some(target), Some(name)) if target == name => Ok(()),
        (Some(target), _) => Err(refused(format!(
            "`--target {target}` is not the database that is used: `{shown}`"
        ))
        .hint("`db-adapter status` says which database is used, and why")),
        (None, Some(name)) if profile.is_protected() => {
            Err(refused(format!("the profile `{name}` is protected"))
                .hint(format!("pass `--target {name}` to write to it")))
        }
        (None, Some(name)) if active.source.is_fallback() => Err(refused(format!(
            "the database `{name}` is known from {} alone",
            active.source
        ))
        .hint(format!(
            "pass `--target {name}` to write to it, or name it with `--profile` or `--database-url`"
        ))),
        (None, _) => Ok(()),
    }
}

/// Refuses to bring the rows of a database on this machine to one elsewhere that was not named for it.
pub(crate) fn sends_away(
    from: &SecretUrl,
    to: &SecretUrl,
    active: &ActiveProfile,
    target: Option<&str>,
) -> Result<(), Report> {
    if target.is_some() || !is_here(from) || is_here(to) {
        return Ok(()); // that the target is the destination, `write` has made sure
    }
    let name = match active.name() {
        Some(name) => Some(name.to_owned()),
        None => DatabaseIdentity::of_url(to).map(|identity| identity.name()),
    };
    let shown = name.as_deref().unwrap_or("of this URL");
    let message =
        format!("the source is on this machine, and the destination `{shown}` is on another one");
    Err(refused(message).hint(format!("pass `--target {shown}` to write to it")))
}

/// Whether a database is on this machine. Of several hosts all would have to be.
fn is_here(url: &SecretUrl) -> bool {
    match DatabaseIdentity::of_url(url) {
        Some(DatabaseIdentity::Server { host, .. }) => {
            let name = host.trim_matches(['[', ']']);
            let address = name.parse::<std::net::IpAddr>();
            name == "localhost"
                || (name.starts_with('/') && !name.contains(','))
                || address.is_ok_and(|address| address.is_loopback())
        }
        Some(DatabaseIdentity::File { .. }) => true,
        _ => url.scheme() == "sqlite",
    }
}

/// Refuses to delete rows without a base in a destination that was not named for it.
pub(crate) fn deletes_unknown(active: &ActiveProfile, target: Option<&str>) -> Result<(), Report> {
    if target.is_some() {
        return Ok(()); // that it is the destination, `write` has made sure
    }
    let name = name(active);
    let shown = name.as_deref().unwrap_or("of this URL");
    let message = format!(
        "without a base every row of `{shown}` is deleted that the source does not have, whoever made it"
    );
    Err(refused(message).hint(format!("pass `--target {shown}` to delete them")))
}

/// What `profiles` and `status` call it.
pub(crate) fn of(profile: &DatabaseProfile) -> Option<&'static str> {
    match (profile.is_protected(), profile.is_read_only()) {
        (_, true) => Some("read only"),
        (true, false) => Some("protected"),
        (false, false) => None,
    }
}

/// What a database is called: its profile, else what its URL says. One in memory has no name.
fn name(active: &ActiveProfile) -> Option<String> {
    if let Some(name) = active.name() {
        return Some(name.to_owned());
    }
    let url = active.profile.resolve_url().ok()?;
    DatabaseIdentity::of_url(&url).map(|identity| identity.name())
}

fn refused(message: String) -> Report {
    Report::new(Exit::Refused, message)
}

#[cfg(test)]
mod tests {
    use db_adapter::{AdapterOptions, Environment};

    use super::*;

    fn refusal(options: AdapterOptions, target: Option<&str>) -> Option<String> {
        let active = options.resolve().unwrap();
        let refused = write(&active, target).err()?;
        assert_eq!(refused.exit, Exit::Refused);
        Some(refused.findings[0].message.clone())
    }

    fn fallback(url: &str) -> AdapterOptions {
        let environment = Environment::of([("DATABASE_URL", url)]).in_folder("/");
        AdapterOptions::new().environment(environment)
    }

    #[test]
    fn a_database_that_nobody_named_must_be_named() {
        let url = "postgresql://u:secret@h/shop";
        let message = refusal(fallback(url), None).unwrap();
        assert_eq!(
            message,
            "the database `shop` is known from the environment variable `DATABASE_URL` alone"
        );
        assert_eq!(refusal(fallback(url), Some("shop")), None);
        assert!(refusal(fallback(url), Some("other")).is_some());
        assert_eq!(refusal(fallback("sqlite::memory:"), None), None);
        assert_eq!(refusal(fallback("sqlite:///a/b.db"), Some("b.db")), None);
    }

    #[test]
    fn rows_of_this_machine_are_sent_away_only_by_name() {
        let active = |url: &str| AdapterOptions::new().database_url(url).resolve().unwrap();
        let here = [
            "sqlite:///a.db",
            "sqlite::memory:",
            "postgresql://u@localhost/d",
            "postgresql://u@127.0.0.2/d",
            "postgresql://u@[::1]/d",
            "postgresql://u@/d?host=/run/pg",
        ];
        let away = [
            "postgresql://u@h/d",
            "postgresql://u@10.0.0.1/d",
            "postgresql://u@localhost,h/d",
        ];
        let refused = |from: &str, to: &str, target| {
            let url = |text| SecretUrl::new(text);
            sends_away(&url(from), &url(to), &active(to), target).is_err()
        };
        for from in here {
            assert!(here.iter().all(|to| !refused(from, to, None)), "{from}");
            for to in away {
                assert!(
                    refused(from, to, None) && !refused(from, to, Some("d")),
                    "{from} {to}"
                );
            }
        }
        for from in away {
            assert!(
                here.iter().chain(&away).all(|to| !refused(from, to, None)),
                "{from}"
            );
        }
    }

    #[test]
    fn a_url_that_was_typed_is_meant() {
        let typed = || AdapterOptions::new().database_url("sqlite:///a/b.db");
        assert_eq!(refusal(typed(), None), None);
        assert!(refusal(typed(), Some("x")).is_some());
    }
}
