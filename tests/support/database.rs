//! A database for one test, gone at its end, also when it panics. Tests never share one.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;

use crate::oracle::Oracle;
use crate::postgres::PostgresServer;
use crate::unique;
use crate::watchdog::watch;

/// Names the shared server for all test processes of one run: the URL of its database `postgres`.
pub const CLUSTER_URL_VARIABLE: &str = "DB_ADAPTER_TESTS_POSTGRES_URL";

/// The admin URL of the shared server: the one that `tests/run` started, else this process's
/// own, started by the first call and stopped when the process ends.
///
/// # Panics
/// When no server is installed or it does not start.
pub fn cluster_admin_url() -> &'static str {
    static CLUSTER: OnceLock<(String, Option<PostgresServer>)> = OnceLock::new();
    let (url, _) = CLUSTER.get_or_init(|| match std::env::var(CLUSTER_URL_VARIABLE) {
        Ok(url) => (url, None),
        Err(_) => {
            // statics are not dropped: its watchdog sees the end of this process
            let server = PostgresServer::start();
            (server.admin_url(), Some(server))
        }
    });
    url
}

/// An empty database that only this test knows.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Postgres { name: String, admin_url: String },
    Sqlite { path: PathBuf, _folder: TempDir },
}

impl TestDatabase {
    /// A new database on the shared PostgreSQL server.
    ///
    /// # Panics
    /// When there is no server.
    pub async fn postgres() -> Self {
        // here, not below: starting the shared server can hang as well
        watch();
        Self::on(cluster_admin_url()).await
    }

    /// A new database on a server of the test's own.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn postgres_on(server: &PostgresServer) -> Self {
        Self::on(&server.admin_url()).await
    }

    /// The same in the locale C, where PostgreSQL knows no case of letters but the 26 of ASCII.
    ///
    /// # Panics
    /// When there is no server.
    pub async fn postgres_in_locale_c() -> Self {
        watch();
        let locale = "template0 LC_COLLATE 'C' LC_CTYPE 'C'";
        Self::created(cluster_admin_url(), locale).await
    }

    /// The same in another encoding.
    ///
    /// # Panics
    /// When there is no server, or it does not know the encoding.
    pub async fn postgres_in_encoding(encoding: &str) -> Self {
        watch();
        let options = format!("template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'");
        Self::created(cluster_admin_url(), &options).await
    }

    async fn on(admin_url: &str) -> Self {
        // template0 has no connections that would stand in the way of parallel copies
        Self::created(admin_url, "template0").await
    }

    /// A copy of this database, to which nobody may be connected meanwhile.
    ///
    /// # Panics
    /// When somebody is.
    pub async fn copy(&self) -> Self {
        match &self.place {
            Place::Postgres { name, admin_url } => Self::created(admin_url, name).await,
            Place::Sqlite { path, .. } => {
                let copy = Self::sqlite();
                std::fs::copy(path, copy.path()).expect("a copy of the file");
                copy
            }
        }
    }

    async fn created(admin_url: &str, template: &str) -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "test_{}_{}_{}",
            std::process::id(),
            COUNTER.fetch_add(1, Ordering::Relaxed),
            unique::word()
        );
        let (server, _) = admin_url.rsplit_once('/').expect("a URL with a database");
        let database = Self {
            url: format!("{server}/{name}"),
            place: Place::Postgres {
                name: name.clone(),
                admin_url: admin_url.to_owned(),
            },
        };
        Oracle::postgres(admin_url)
            .await
            .sql(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await;
        database
    }

    /// A path for a new SQLite database in a folder of its own; there is no file yet.
    ///
    /// # Panics
    /// When the temporary folder cannot be made.
    #[must_use]
    pub fn sqlite() -> Self {
        watch();
        let folder = tempfile::Builder::new()
            .prefix("db-adapter-sqlite-")
            .tempdir()
            .expect("a temporary folder");
        let path = folder.path().join("test.db");
        Self {
            url: format!("sqlite://{}", path.display()),
            place: Place::Sqlite {
                path,
                _folder: folder,
            },
        }
    }

    /// `postgresql://user:password@127.0.0.1:port/name` or `sqlite://folder/test.db`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The name of a PostgreSQL database.
    ///
    /// # Panics
    /// On SQLite.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.place {
            Place::Postgres { name, .. } => name,
            Place::Sqlite { .. } => panic!("an SQLite database has a path, not a name"),
        }
    }

    /// The URL of the server's database `postgres`, as the superuser.
    ///
    /// # Panics
    /// On SQLite.
    #[must_use]
    pub fn admin_url(&self) -> &str {
        match &self.place {
            Place::Postgres { admin_url, .. } => admin_url,
            Place::Sqlite { .. } => panic!("an SQLite database has no server"),
        }
    }

    /// The file of an SQLite database.
    ///
    /// # Panics
    /// On PostgreSQL.
    #[must_use]
    pub fn path(&self) -> &Path {
        match &self.place {
            Place::Sqlite { path, .. } => path,
            Place::Postgres { .. } => panic!("a PostgreSQL database has a name, not a path"),
        }
    }

    /// A connection beside db-adapter that stays open, for many calls or for a session's state.
    ///
    /// # Panics
    /// When the connection fails.
    pub async fn oracle(&self) -> Oracle {
        match &self.place {
            Place::Postgres { .. } => Oracle::postgres(&self.url).await,
            Place::Sqlite { path, .. } => Oracle::sqlite(path).await,
        }
    }

    /// Runs any number of statements, on a connection of their own.
    ///
    /// # Panics
    /// When one fails.
    pub async fn sql(&self, sql: &str) {
        self.oracle().await.sql(sql).await;
    }

    /// See [`Oracle::scalar_text`]; on a connection of its own.
    ///
    /// # Panics
    /// When the statement fails.
    pub async fn scalar_text(&self, sql: &str) -> Option<String> {
        self.oracle().await.scalar_text(sql).await
    }

    /// See [`Oracle::rows_text`]; on a connection of its own.
    ///
    /// # Panics
    /// When the statement fails.
    pub async fn rows_text(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        self.oracle().await.rows_text(sql).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Place::Postgres { name, admin_url } = &self.place else {
            return;
        };
        // a thread of its own: a runtime cannot be blocked on from within
        let on_a_thread =
            || std::thread::scope(|scope| scope.spawn(|| drop_database(admin_url, name)).join());
        // DROP DATABASE waits for every half-made connection to the server: other tasks must be
        // able to go on with theirs, where the runtime has a thread for them
        let dropped = match Handle::try_current().map(|handle| handle.runtime_flavor()) {
            Ok(RuntimeFlavor::MultiThread) => block_in_place(on_a_thread),
            _ => on_a_thread(),
        };
        // no second panic; what is left goes with the server
        if dropped.is_err() {
            eprintln!("the test database `{name}` was not dropped");
        }
    }
}

fn drop_database(admin_url: &str, name: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut oracle = Oracle::postgres(admin_url).await;
        oracle
            .sql(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            .await;
    });
}
