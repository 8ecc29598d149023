//! What makes a database the same one: where a URL leads to. Pure; nothing is looked up, and
//! nothing of a login is kept.

use std::path::{Path, PathBuf};

use crate::SecretUrl;
use crate::url_shape::{self, PostgresUrl};

/// What makes a database the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DatabaseIdentity {
    /// A database of a PostgreSQL server.
    Server {
        /// The host, as it was connected to.
        host: String,
        /// The port.
        port: u16,
        /// The name of the database.
        database: String,
        /// The identifier that the server made for itself, where the role may read it.
        system_identifier: Option<String>,
    },
    /// A file of SQLite.
    File {
        /// The file, absolute.
        path: PathBuf,
    },
}

impl DatabaseIdentity {
    /// Where a URL leads to, as far as it says so itself; `None` for a database in memory and for
    /// what is no URL of PostgreSQL or SQLite. The server knows better the name of a database that
    /// the URL leaves out, and its system identifier.
    ///
    /// ```
    /// use db_adapter::{DatabaseIdentity, SecretUrl};
    /// let url = SecretUrl::new("postgresql://app:secret@db.example.com/shop");
    /// let identity = DatabaseIdentity::of_url(&url).expect("it is a URL of PostgreSQL");
    /// assert_eq!(identity.name(), "shop");
    /// ```
    pub fn of_url(url: &SecretUrl) -> Option<Self> {
        let scheme = url.scheme();
        if url_shape::is_postgres(&scheme) {
            return PostgresUrl::parse(url.expose()).ok().map(server);
        }
        if scheme != "sqlite" {
            return None;
        }
        let (text, file) = (url.expose(), url_shape::sqlite_file(url.expose()));
        let parameters = text.split_once('?').map_or("", |(_, query)| query);
        if file.is_empty()
            || file == ":memory:"
            || parameters.split('&').any(|p| p == "mode=memory")
        {
            return None;
        }
        let path = PathBuf::from(decode(file));
        let path = std::path::absolute(&path).unwrap_or(path);
        Some(DatabaseIdentity::File { path })
    }

    /// How this database, which was validated, differs from the one that is meant now.
    ///
    /// One server is known by its system identifier, whatever host leads to it; without one by
    /// host and port.
    pub fn change(&self, now: &DatabaseIdentity) -> Option<IdentityChange> {
        use DatabaseIdentity::{File, Server};
        match (self, now) {
            (
                Server {
                    host,
                    port,
                    database,
                    system_identifier,
                },
                Server {
                    host: now_host,
                    port: now_port,
                    database: now_database,
                    system_identifier: now_identifier,
                },
            ) => {
                let known = system_identifier.as_ref().zip(now_identifier.as_ref());
                if let Some((then, now)) = known.filter(|(then, now)| then != now) {
                    return Some(IdentityChange::new("server", then, now));
                }
                if database != now_database {
                    return Some(IdentityChange::new("database", database, now_database));
                }
                let place = |host: &str, port: u16| format!("{host}:{port}");
                let (then, now) = (place(host, *port), place(now_host, *now_port));
                (then != now).then(|| IdentityChange {
                    is_same_database: known.is_some(),
                    ..IdentityChange::new("host", &then, &now)
                })
            }
            (File { path }, File { path: now }) => (path != now).then(|| {
                IdentityChange::new(
                    "file",
                    &path.display().to_string(),
                    &now.display().to_string(),
                )
            }),
            (then, now) => Some(IdentityChange::new("kind", then.kind(), now.kind())),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            DatabaseIdentity::Server { .. } => "PostgreSQL",
            DatabaseIdentity::File { .. } => "SQLite",
        }
    }

    /// The name of the database, or of the file without its folder.
    pub fn name(&self) -> String {
        match self {
            DatabaseIdentity::Server { database, .. } => database.clone(),
            DatabaseIdentity::File { path } => {
                let name = path.file_name().unwrap_or(path.as_os_str());
                Path::new(name).display().to_string()
            }
        }
    }
}

/// What is another one than it was.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdentityChange {
    /// What changed: `server` (its system identifier), `database`, `host`, `file` or `kind`.
    pub what: &'static str,
    /// What it was.
    pub then: String,
    /// What it is.
    pub now: String,
    /// Whether it is the same database nevertheless: only the way to it is another.
    pub is_same_database: bool,
}

impl IdentityChange {
    fn new(what: &'static str, then: &str, now: &str) -> Self {
        IdentityChange {
            what,
            then: then.to_owned(),
            now: now.to_owned(),
            is_same_database: false,
        }
    }
}

/// ``the host is `b:5432`, it was `a:5432` ``
impl std::fmt::Display for IdentityChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the {} is `{}`, it was `{}`",
            self.what, self.now, self.then
        )
    }
}

fn server(url: PostgresUrl<'_>) -> DatabaseIdentity {
    let parameter = |name: &str| {
        let pairs = url.query.unwrap_or_default().split('&');
        let mut pairs = pairs.filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(key, _)| *key == name);
        found.map(|(_, value)| decode(value))
    };
    // of several hosts the first: what they share is the system identifier
    let (host, port) = host_and_port(url.hosts.split(',').next().unwrap_or_default());
    let database = url.name.filter(|name| !name.is_empty()).or(url.user);
    DatabaseIdentity::Server {
        host: parameter("host").unwrap_or_else(|| match host {
            "" => "localhost".to_owned(),
            host => decode(host),
        }),
        port: parameter("port")
            .and_then(|port| port.parse().ok())
            .or(port)
            .unwrap_or(5432),
        database: parameter("dbname").unwrap_or_else(|| decode(database.unwrap_or_default())),
        system_identifier: None,
    }
}

/// `host:port`; an address of IPv6 stands in brackets and has colons of its own.
fn host_and_port(authority: &str) -> (&str, Option<u16>) {
    if let Some((host, rest)) = authority.strip_prefix('[').and_then(|a| a.split_once(']')) {
        return (
            host,
            rest.strip_prefix(':').and_then(|port| port.parse().ok()),
        );
    }
    match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (authority, None),
    }
}

/// The text behind the percent escapes; one that is none stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let hex = after.get(..2).filter(|hex| !hex.starts_with('+'));
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(url: &str) -> Option<DatabaseIdentity> {
        DatabaseIdentity::of_url(&SecretUrl::new(url))
    }

    #[test]
    fn a_server_is_its_host_port_and_database() {
        for (url, host, port, database) in [
            ("postgresql://u:p@h/d", "h", 5432, "d"),
            ("postgres://h:1/a%20b", "h", 1, "a b"),
            ("postgresql://u@[::1]:2/d?sslmode=require", "::1", 2, "d"),
            ("postgresql://u@a:1,b:2/d", "a", 1, "d"),
            ("postgresql://u@/?host=/run/pg&port=3", "/run/pg", 3, "u"),
            ("postgresql://%2Frun%2Fpg/d", "/run/pg", 5432, "d"),
        ] {
            let expected = DatabaseIdentity::Server {
                host: host.into(),
                port,
                database: database.into(),
                system_identifier: None,
            };
            assert_eq!(identity(url), Some(expected), "{url}");
        }
    }

    #[test]
    fn a_server_is_known_by_its_identifier_whatever_leads_to_it() {
        let server =
            |host: &str, port, database: &str, id: Option<&str>| DatabaseIdentity::Server {
                host: host.into(),
                port,
                database: database.into(),
                system_identifier: id.map(str::to_owned),
            };
        let then = server("a", 1, "d", Some("7"));
        let change =
            |now: DatabaseIdentity| then.change(&now).map(|c| (c.what, c.is_same_database));
        assert_eq!(change(server("a", 1, "d", Some("7"))), None);
        assert_eq!(change(server("b", 2, "d", Some("7"))), Some(("host", true)));
        assert_eq!(
            change(server("a", 1, "d", Some("8"))),
            Some(("server", false))
        );
        assert_eq!(
            change(server("a", 1, "e", Some("7"))),
            Some(("database", false))
        );
        // a role that may not read the identifier
        assert_eq!(change(server("a", 1, "d", None)), None);
        assert_eq!(change(server("b", 1, "d", None)), Some(("host", false)));
        assert_eq!(change(server("a", 2, "d", None)), Some(("host", false)));
        let file = DatabaseIdentity::File { path: "/a".into() };
        assert_eq!(change(file.clone()), Some(("kind", false)));
        assert_eq!(file.change(&file), None);
        let shown = then.change(&server("b", 1, "d", None)).unwrap().to_string();
        assert_eq!(shown, "the host is `b:1`, it was `a:1`");
    }

    #[test]
    fn a_file_is_its_absolute_path() {
        let file = identity("sqlite:///srv/a%20b.db?mode=ro").unwrap();
        assert_eq!(file.name(), "a b.db");
        let path = "/srv/a b.db".into();
        assert_eq!(file, DatabaseIdentity::File { path });
        for url in [
            "sqlite::memory:",
            "sqlite://x?mode=memory",
            "https://h/d",
            "",
            "x",
        ] {
            assert_eq!(identity(url), None, "{url}");
        }
    }
}
