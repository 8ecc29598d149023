//! Where a sequence runs: the servers, the tables, and a session beside the adapter that alters
//! and judges. It never asks the adapter about the tables.

use std::fmt;
use std::time::Duration;

use db_adapter::prelude::*;
use db_adapter::{ConnectOptions, PoolStatus, Pooler, PostgresAdapter, Result, SqliteAdapter};
use support::{Oracle, PgBouncer, PoolMode, TestDatabase};

use crate::op::RANGE;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Postgres,
    TransactionPooler,
    SessionPooler,
    SqliteFile,
    SqliteMemory,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Target::Postgres => "PostgreSQL",
            Target::TransactionPooler => "PostgreSQL behind PgBouncer in transaction mode",
            Target::SessionPooler => "PostgreSQL behind PgBouncer in session mode",
            Target::SqliteFile => "an SQLite file",
            Target::SqliteMemory => "SQLite in memory",
        })
    }
}

impl Target {
    pub(crate) fn is_sqlite(self) -> bool {
        matches!(self, Target::SqliteFile | Target::SqliteMemory)
    }
}

/// A place of the pool is waited for so long. Long enough for a busy machine: where it is not
/// expected that the pool is exhausted, its time-out is a finding.
const ACQUIRE: Duration = Duration::from_millis(1000);
const LANES: i64 = 3;

/// The adapter under test, by its own type: only that tells how its pool is used.
#[derive(Debug, Clone)]
pub(crate) enum Db {
    Postgres(PostgresAdapter),
    Sqlite(SqliteAdapter),
}

impl Db {
    pub(crate) fn client(&self) -> &dyn DatabaseClient {
        match self {
            Db::Postgres(db) => db,
            Db::Sqlite(db) => db,
        }
    }

    pub(crate) fn pool_status(&self) -> PoolStatus {
        match self {
            Db::Postgres(db) => db.pool_status(),
            Db::Sqlite(db) => db.pool_status(),
        }
    }
}

/// A database of its own, used for one sequence after the other.
pub(crate) struct Place {
    pub(crate) target: Target,
    database: TestDatabase,
    bouncer: Option<PgBouncer>,
    /// For a database in memory there is none until it is copied out.
    pub(crate) oracle: Option<Oracle>,
    /// The tables are as they were made, but for their rows.
    pub(crate) unaltered: bool,
}

/// `t` and what it refers to. `late` is checked at COMMIT; nobody names `note`.
fn schema(sqlite: bool) -> String {
    let mut owners = Vec::new();
    for lane in 0..LANES {
        owners.push(format!("({})", lane * RANGE + crate::effect::OWNER));
    }
    let clear = if sqlite {
        ""
    } else {
        "DROP TABLE IF EXISTS t, owners;"
    };
    format!(
        "{clear}
        CREATE TABLE owners (id bigint PRIMARY KEY);
        INSERT INTO owners VALUES {};
        CREATE TABLE t (id bigint PRIMARY KEY, v integer NOT NULL CHECK (v >= 0), code bigint UNIQUE,
            owner bigint REFERENCES owners (id),
            late bigint REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED,
            note integer);",
        owners.join(", ")
    )
}

const OTHERS: &str = "FROM pg_stat_activity WHERE datname = current_database()
    AND backend_type = 'client backend' AND pid <> pg_backend_pid()";

/// Ends what a failed sequence has left behind. A pooler's idle connections are its own: it would
/// give the next client one that is dead, until it notices.
async fn end_leftovers(oracle: &mut Oracle, target: Target) {
    let which = match target {
        Target::Postgres => "",
        _ => "AND state IS DISTINCT FROM 'idle'",
    };
    let ended = oracle
        .rows_text(&format!(
            "SELECT pg_terminate_backend(pid, 5000) {OTHERS} {which}"
        ))
        .await;
    if !ended.is_empty() && target != Target::Postgres {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

impl Place {
    pub(crate) async fn new(target: Target) -> Place {
        let database = match target.is_sqlite() {
            true => TestDatabase::sqlite(),
            false => TestDatabase::postgres().await,
        };
        let bouncer = match target {
            Target::TransactionPooler => Some(PgBouncer::start(database.url(), 12)),
            Target::SessionPooler => {
                Some(PgBouncer::start_in(PoolMode::Session, database.url(), 12))
            }
            _ => None,
        };
        Place {
            target,
            database,
            bouncer,
            oracle: None,
            unaltered: false,
        }
    }

    /// Empty tables, and nobody else's work on them.
    pub(crate) async fn reset(&mut self) {
        match self.target {
            Target::SqliteMemory => self.oracle = None,
            Target::SqliteFile => {
                self.database = TestDatabase::sqlite();
                let mut oracle = self.database.oracle().await;
                oracle
                    .sql("PRAGMA busy_timeout = 100; PRAGMA journal_mode = WAL")
                    .await;
                oracle.sql(&schema(true)).await;
                self.oracle = Some(oracle);
            }
            _ => {
                let oracle = match &mut self.oracle {
                    Some(oracle) => oracle,
                    none => none.insert(self.database.oracle().await),
                };
                end_leftovers(oracle, self.target).await;
                let tables = match self.unaltered {
                    true => "DELETE FROM t".to_owned(),
                    false => schema(false),
                };
                let settings = "SET client_min_messages = error; SET lock_timeout";
                oracle
                    .sql(&format!("{settings} = '5s'; {tables}; {settings} = '30ms'"))
                    .await;
                self.unaltered = true;
            }
        }
    }

    pub(crate) async fn connect(&self, connections: u32) -> Result<Db> {
        let url = match (&self.bouncer, self.target) {
            (Some(bouncer), _) => bouncer.url(self.database.name()),
            (None, Target::SqliteMemory) => "sqlite::memory:".to_owned(),
            (None, _) => self.database.url().to_owned(),
        };
        let mut options = ConnectOptions::new(url)
            .max_connections(connections)
            .acquire_timeout(ACQUIRE);
        if self.target == Target::TransactionPooler {
            options = options.pooler(Pooler::Transaction);
        }
        if !self.target.is_sqlite() {
            return Ok(Db::Postgres(PostgresAdapter::connect_with(options).await?));
        }
        let db = SqliteAdapter::connect_with(options).await?;
        if self.target == Target::SqliteMemory {
            db.execute_script(schema(true)).await?;
        }
        Ok(Db::Sqlite(db))
    }

    /// Whether backends can be counted and killed: only where each is one of the adapter's.
    pub(crate) fn is_direct(&self) -> bool {
        self.target == Target::Postgres
    }

    async fn number(&mut self, sql: &str) -> u64 {
        let oracle = self.oracle.as_mut().expect("a server beside the adapter");
        let text = oracle.scalar_text(sql).await.expect("a number");
        text.parse().expect("a number")
    }

    /// The adapter's backends.
    pub(crate) async fn backends(&mut self) -> u64 {
        self.number(&format!("SELECT count(*) {OTHERS}")).await
    }

    /// Those that run something, or have a transaction open.
    pub(crate) async fn busy(&mut self) -> u64 {
        let sql = format!("SELECT count(*) {OTHERS} AND state IS DISTINCT FROM 'idle'");
        self.number(&sql).await
    }

    /// Locks that other clients hold in this database.
    pub(crate) async fn locks(&mut self) -> u64 {
        self.number(
            // not those of autovacuum, which comes when it likes, nor what a serializable transaction
            // has read: that blocks nobody, and stays after its commit while others are open anywhere
            // in the server
            "SELECT count(*) FROM pg_locks l JOIN pg_database ON pg_database.oid = database
             LEFT JOIN pg_stat_activity a ON a.pid = l.pid
             WHERE pg_database.datname = current_database() AND l.pid IS DISTINCT FROM pg_backend_pid()
             AND coalesce(a.backend_type, 'client backend') = 'client backend'
             AND l.mode <> 'SIReadLock'",
        )
        .await
    }

    /// Terminates all of the adapter's backends, and waits until they are gone.
    pub(crate) async fn kill(&mut self) {
        let wait = format!(
            "SELECT count(*) FROM (SELECT pg_terminate_backend(pid, 5000) AS gone {OTHERS}) k WHERE gone"
        );
        self.number(&wait).await;
    }

    /// Copies a database in memory to where it can be judged.
    pub(crate) async fn copy_out(&mut self, db: &Db) -> Result<()> {
        self.database = TestDatabase::sqlite();
        let path = self.database.path().display().to_string();
        db.client().execute(format!("VACUUM INTO '{path}'")).await?;
        self.oracle = Some(self.database.oracle().await);
        Ok(())
    }
}
