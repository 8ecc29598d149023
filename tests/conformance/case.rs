//! What a case gets, and the macro that runs it on every backend.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use db_adapter::{ConnectOptions, DatabaseClient, ErrorKind, connect, connect_with};
use futures_util::FutureExt;
use support::{Oracle, TestDatabase};
use tokio::sync::{Mutex, MutexGuard};

use crate::lazy_transaction::LazyTransaction;
use crate::spelling::spell;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Postgres,
    Sqlite,
}

/// What stands between the case and the backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Through {
    /// The client of `db_adapter::connect`: the backend's own adapter.
    Connect,
    /// A transaction, committed before the oracle looks.
    Transaction,
}

/// A database of the case's own, a client of it, and the oracle beside it.
pub(crate) struct Case {
    pub(crate) db: Arc<dyn DatabaseClient>,
    pub(crate) backend: Backend,
    pub(crate) database: TestDatabase,
    transaction: Option<Arc<LazyTransaction>>,
    oracle: Mutex<Option<Oracle>>,
}

impl Case {
    async fn new(backend: Backend, through: Through) -> Self {
        let database = match backend {
            Backend::Postgres => TestDatabase::postgres().await,
            Backend::Sqlite => TestDatabase::sqlite(),
        };
        let client = connect(database.url()).await.unwrap();
        let transaction = (through == Through::Transaction)
            .then(|| Arc::new(LazyTransaction::new(Arc::clone(&client))));
        Case {
            db: match &transaction {
                Some(transaction) => Arc::clone(transaction) as _,
                None => client,
            },
            backend,
            database,
            transaction,
            oracle: Mutex::new(None),
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.backend == Backend::Postgres
    }

    /// One of two, where the backends' SQL differs.
    pub(crate) fn either<T>(&self, postgres: T, sqlite: T) -> T {
        match self.backend {
            Backend::Postgres => postgres,
            Backend::Sqlite => sqlite,
        }
    }

    /// Runs SQL beside db-adapter, its types spelled for the backend: `id {id}, price {numeric}`.
    pub(crate) async fn ddl(&self, template: &str) {
        let sql = spell(self.backend, template);
        self.oracle().await.as_mut().unwrap().sql(&sql).await;
    }

    /// Whether the database refuses a statement that runs beside db-adapter.
    pub(crate) async fn oracle_fails(&self, sql: &str) -> bool {
        let mut oracle = self.oracle().await;
        oracle.as_mut().unwrap().try_sql(sql).await.is_err()
    }

    /// SQL with the backend's spelling, for statements that go through the client.
    pub(crate) fn spell(&self, template: &str) -> String {
        spell(self.backend, template)
    }

    /// What the database itself says, as text.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        self.oracle().await.as_mut().unwrap().rows_text(sql).await
    }

    /// The first value of the first row, NULL as an empty text.
    pub(crate) async fn scalar(&self, sql: &str) -> String {
        let mut oracle = self.oracle().await;
        let text = oracle.as_mut().unwrap().scalar_text(sql).await;
        text.unwrap_or_default()
    }

    /// All the rows of a table of few columns, in one line: `1,Alice|2,NULL`.
    pub(crate) async fn table(&self, sql: &str) -> String {
        let row = |row: Vec<Option<String>>| {
            let texts = row.into_iter().map(|v| v.unwrap_or_else(|| "NULL".into()));
            texts.collect::<Vec<_>>().join(",")
        };
        let rows = self.rows(sql).await.into_iter().map(row);
        rows.collect::<Vec<_>>().join("|")
    }

    /// Another client of the same database.
    pub(crate) async fn connect(
        &self,
        change: impl FnOnce(ConnectOptions) -> ConnectOptions,
    ) -> Arc<dyn DatabaseClient> {
        let options = change(ConnectOptions::new(self.database.url()));
        connect_with(options).await.unwrap()
    }

    /// The connection beside db-adapter, made when it is first asked for.
    async fn oracle(&self) -> MutexGuard<'_, Option<Oracle>> {
        self.settle().await;
        let mut oracle = self.oracle.lock().await;
        if oracle.is_none() {
            *oracle = Some(self.database.oracle().await);
        }
        oracle
    }

    async fn settle(&self) {
        if let Some(transaction) = &self.transaction {
            transaction.commit().await.unwrap();
        }
    }
}

/// Runs a case, closes its client and drops its database, also when the case panics.
pub(crate) async fn run(backend: Backend, through: Through, case: impl AsyncFnOnce(&Case)) {
    let context = Case::new(backend, through).await;
    let result = AssertUnwindSafe(case(&context)).catch_unwind().await;
    let closed = tokio::time::timeout(Duration::from_secs(10), context.db.close()).await;
    drop(context);
    if let Err(panic) = result {
        resume_unwind(panic);
    }
    closed.expect("closing takes no time").unwrap();
}

/// The kind of the error that is expected.
#[track_caller]
pub(crate) fn kind<T>(result: db_adapter::Result<T>) -> ErrorKind {
    match result {
        Ok(_) => panic!("expected an error"),
        Err(error) => error.kind(),
    }
}

/// The error that is expected.
#[track_caller]
pub(crate) fn error<T>(result: db_adapter::Result<T>) -> db_adapter::Error {
    match result {
        Ok(_) => panic!("expected an error"),
        Err(error) => error,
    }
}

/// The cases of a file: one test for each backend, and more by the list that a case stands in.
///
/// - `anywhere`: outside and inside of a transaction
/// - `outside`: not in a transaction, because the case takes long or brings its own
macro_rules! cases {
    (
        $(anywhere: [$($anywhere:ident),* $(,)?])?
        $(outside: [$($outside:ident),* $(,)?])?
    ) => {
        cases!(@run postgres Postgres Connect [$($($anywhere)*)? $($($outside)*)?]);
        cases!(@run sqlite Sqlite Connect [$($($anywhere)*)? $($($outside)*)?]);
        cases!(@run transaction_postgres Postgres Transaction [$($($anywhere)*)?]);
        cases!(@run transaction_sqlite Sqlite Transaction [$($($anywhere)*)?]);
    };
    (@run $module:ident $backend:ident $through:ident [$($name:ident)*]) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    use crate::case::{Backend, Through, run};
                    run(Backend::$backend, Through::$through, super::$name).await;
                }
            )*
        }
    };
}
