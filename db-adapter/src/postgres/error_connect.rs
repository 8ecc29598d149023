//! What a server or a pooler says before a connection stands.

use sqlx::postgres::PgDatabaseError;

use crate::Error;

/// A host name or address, or a socket's folder, with the port.
pub(super) fn target(options: &sqlx::postgres::PgConnectOptions) -> String {
    match options.get_socket() {
        Some(folder) => format!("{}:{}", folder.display(), options.get_port()),
        None if options.get_host().contains(':') => {
            format!("[{}]:{}", options.get_host(), options.get_port())
        }
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

/// A pooler that refuses a parameter of the start-up names it at the end of its message.
pub(super) fn start_up(error: &PgDatabaseError, target: &str) -> Error {
    // its setting of that name, which it gives as the whole message
    if error.message() == "query_wait_timeout" {
        return Error::connection(
            target,
            "the pooler had no connection of a server in time (`query_wait_timeout`)",
            "look whether it is paused or its server is away, or raise its `default_pool_size`",
        );
    }
    let name = error.message().rsplit(": ").next().unwrap_or_default();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !error.message().starts_with("unsupported startup parameter") || !is_name {
        return Error::connection(
            target,
            "the server did not understand the start of the connection",
            "check that a PostgreSQL server or a pooler listens there",
        );
    }
    Error::connection(
        target,
        format!("the pooler refuses the start-up parameter `{name}`"),
        format!(
            "leave it out of the URL, or add `{name}` to the pooler's `ignore_startup_parameters`"
        ),
    )
}

/// A setting of the URL that the server does not know or take; its name is in quotes in the message.
pub(super) fn setting(error: &PgDatabaseError, target: &str) -> Error {
    let is_name = |name: &&str| {
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        !name.is_empty() && name.chars().all(known)
    };
    let name = error.message().split('"').nth(1).filter(is_name);
    let what = name.map_or_else(
        || "a setting".to_owned(),
        |name| format!("the setting `{name}`"),
    );
    Error::connection(
        target,
        format!(
            "the server refuses {what} of the connection ({})",
            error.code()
        ),
        "check `options` and the other parameters of the URL",
    )
}

pub(super) fn authentication(target: &str, code: &str) -> Error {
    Error::Authentication {
        target: target.to_owned(),
        message: match code {
            "28P01" => "wrong user or password",
            _ => "the server does not let this user in from here, or not without TLS (pg_hba.conf, `sslmode`)",
        }
        .to_owned(),
    }
}
