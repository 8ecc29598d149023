//! What makes a database the same one: where a URL leads to. Pure; nothing is looked up, and
//! nothing of a login is kept.

use std::path::{Path, PathBuf};

use crate::SecretUrl;
use crate::url_hosts::{Lists, Place, decode, of_authority};
use crate::url_shape::{self, PostgresUrl};

/// What makes a database the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DatabaseIdentity {
    /// A database of a PostgreSQL server.
    Server {
        /// The host, as the URL says. Of several hosts all of them, with their ports, such as
        /// `a:5432,b:5432`.
        host: String,
        /// The port. Of several hosts that of the first.
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
    /// One server is known by its system identifier, whatever host leads to it, and so is its
    /// standby; without one by host and port, in whatever order several are named.
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
                let (then, now) = (servers(host, *port), servers(now_host, *now_port));
                (then != now).then(|| IdentityChange {
                    is_same_database: known.is_some(),
                    ..IdentityChange::new("host", &then.join(","), &now.join(","))
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
    let lists = Lists {
        host: parameter("host"),
        hostaddr: parameter("hostaddr"),
        port: parameter("port"),
    };
    // lists that contradict each other are refused when it is connected to
    let places = lists.over(of_authority(url.hosts)).unwrap_or_default();
    let (host, port) = host_and_port(&places);
    let database = url.name.filter(|name| !name.is_empty()).or(url.user);
    DatabaseIdentity::Server {
        host,
        port,
        database: parameter("dbname").unwrap_or_else(|| decode(database.unwrap_or_default())),
        system_identifier: None,
    }
}

/// Host and port of the only server, or all of them and the first one's port.
fn host_and_port(places: &[Place]) -> (String, u16) {
    let host = |place: &Place| place.host.clone().unwrap_or_else(|| "localhost".to_owned());
    let port = |place: &Place| place.port.unwrap_or(5432);
    let all = places.iter().map(|place| match host(place) {
        address if address.contains(':') => format!("[{address}]:{}", port(place)),
        name => format!("{name}:{}", port(place)),
    });
    match places {
        [] => ("localhost".to_owned(), 5432),
        [one] => (host(one), port(one)),
        [first, ..] => (all.collect::<Vec<_>>().join(","), port(first)),
    }
}

/// The servers of an identity, in an order that does not depend on the URL's.
fn servers(host: &str, port: u16) -> Vec<String> {
    if !host.contains(',') {
        return vec![format!("{host}:{port}")];
    }
    let mut servers: Vec<String> = host.split(',').map(str::to_owned).collect();
    servers.sort();
    servers
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
            ("postgresql://u@a:1,b:2/d", "a:1,b:2", 1, "d"),
            ("postgresql://u@[::1],b:2/d", "[::1]:5432,b:2", 5432, "d"),
            ("postgresql://u@/d?host=a,b&port=7", "a:7,b:7", 7, "d"),
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
        let both = server("a:1,b:2", 1, "d", None);
        assert_eq!(both.change(&server("b:2,a:1", 2, "d", None)), None);
        let fewer = both.change(&server("a", 1, "d", None)).unwrap();
        assert_eq!(fewer.to_string(), "the host is `a:1`, it was `a:1,b:2`");
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
