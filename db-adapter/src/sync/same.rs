//! Whether two clients lead to one database, whatever names or URLs they were made of: asked of the databases
//! themselves, before anything is read. Never writes.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use db_adapter_core::TableName;
use db_adapter_core::backup::BackupSchema;

use crate::transaction::{Transaction, TxOptions};
use crate::transfer::resolve::Place;
use crate::{Backend, DatabaseClient, DatabaseClientExt as _, Error, Notice, Result, Row, Value};

/// Refuses one database as both sides, but for tables in different schemas of it.
pub(super) async fn refuse(
    source: &dyn DatabaseClient,
    dest: &dyn DatabaseClient,
    schema: &BackupSchema,
) -> Result<()> {
    let is_one = std::ptr::addr_eq(source, dest);
    let (from, to) = (source.backend().await?, dest.backend().await?);
    match (from, to) {
        _ if is_one => Err(same("source and destination are one client")),
        (Backend::Sqlite, Backend::Sqlite) => sqlite(source, dest).await,
        (Backend::Postgres, Backend::Postgres) => {
            let from = source.begin().await?;
            let options = TxOptions {
                timeout: Some(BOTH),
                ..TxOptions::default()
            };
            let begun = match dest.begin_with(options).await {
                // within a transaction of the caller
                Err(Error::InvalidQuery { .. }) => dest.begin().await,
                begun => begun,
            };
            let to = match begun.map_err(late) {
                Ok(to) => to,
                Err(error) => {
                    let _ = from.rollback().await;
                    return Err(error);
                }
            };
            let checked = postgres(&from, &to, schema).await.map_err(late);
            let _ = to.rollback().await;
            let _ = from.rollback().await;
            checked
        }
        _ => Ok(()),
    }
}

/// How long the destination may take for this while the source has begun.
const BOTH: Duration = Duration::from_secs(30);

fn late(error: Error) -> Error {
    if !matches!(error, Error::Timeout { .. }) {
        return error;
    }
    let text = format!(
        "the destination did not answer within {} s while the source has a transaction",
        BOTH.as_secs()
    );
    let hint = "where both are behind one pooler, it must have a connection for each: raise its pool size, or connect directly";
    Error::SyncRefused {
        problems: vec![Notice::new(text).hint(hint)],
    }
}

fn same(message: impl Into<String>) -> Error {
    Error::SameDatabase {
        message: message.into(),
    }
}

/// A lock that one session has, another one of the same database cannot get. The standby of a primary has locks of
/// its own: it is known by the server's identifier, which a copy of a server has as well, but that is no standby.
async fn postgres(from: &Transaction, to: &Transaction, schema: &BackupSchema) -> Result<()> {
    let key = RandomState::new().hash_one("db-adapter sync").cast_signed();
    let is_one = {
        let got = try_lock(from, key).await?;
        got && !try_lock(to, key).await?
    };
    if !is_one && !is_standby_of(from, to).await? {
        return Ok(());
    }
    let (ours, theirs) = (tables(from, schema).await?, tables(to, schema).await?);
    let shared = shared(to, &ours, &theirs).await?;
    match shared.is_empty() {
        true => Ok(()),
        false => Err(same(format!(
            "source and destination are one database: both have {}",
            shared.join(", ")
        ))),
    }
}

/// The relations of one database that both have rows of: the tables themselves, and those that are parts of them or
/// inherit from them. What is not a table, such as a view, may have rows of any.
const SHARED: &str = "WITH RECURSIVE ours (oid) AS ( \
      SELECT CAST(CAST(n.name AS regclass) AS oid) FROM unnest(CAST(:ours AS text[])) AS n (name) \
      UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN ours ON i.inhparent = ours.oid), \
    theirs (oid) AS ( \
      SELECT CAST(CAST(n.name AS regclass) AS oid) FROM unnest(CAST(:theirs AS text[])) AS n (name) \
      UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN theirs ON i.inhparent = theirs.oid) \
    SELECT DISTINCT CAST(CAST(oid AS regclass) AS text) AS name FROM ( \
      SELECT oid FROM ours JOIN theirs USING (oid) \
      UNION ALL SELECT c.oid FROM (SELECT oid FROM ours UNION SELECT oid FROM theirs) AS both_sides \
        JOIN pg_catalog.pg_class c USING (oid) WHERE c.relkind NOT IN ('r', 'p')) AS shared ORDER BY 1";

async fn shared(tx: &Transaction, ours: &[TableName], theirs: &[TableName]) -> Result<Vec<String>> {
    let names = |tables: &[TableName]| -> Vec<Value> {
        tables.iter().map(|table| table.quoted().into()).collect()
    };
    let rows = tx
        .query(SHARED)
        .bind("ours", names(ours))
        .bind("theirs", names(theirs))
        .await?;
    let name = |row: &Row| Ok(format!("`{}`", row.get::<String>("name")?));
    rows.iter().map(name).collect()
}

async fn tables(tx: &Transaction, schema: &BackupSchema) -> Result<Vec<TableName>> {
    let place = Place::find(tx, schema).await?;
    let found = schema.tables.iter();
    let found = found.filter_map(|table| place.tables.get(&table.name).cloned());
    Ok(found.collect())
}

async fn try_lock(tx: &Transaction, key: i64) -> Result<bool> {
    let sql = "SELECT pg_catalog.pg_try_advisory_xact_lock(:key) AS got";
    let row = tx.query(sql).bind("key", key).one().await?;
    row.get("got")
}

async fn is_standby_of(from: &Transaction, to: &Transaction) -> Result<bool> {
    let about = async |tx: &Transaction| {
        let sql = "SELECT pg_catalog.pg_is_in_recovery() AS standby, d.oid::text || ' ' || d.datname AS database \
            FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()";
        let row = tx.query(sql).one().await?;
        Ok::<(bool, String), Error>((row.get("standby")?, row.get("database")?))
    };
    let ((from_standby, ours), (to_standby, theirs)) = (about(from).await?, about(to).await?);
    if !(from_standby || to_standby) || ours != theirs {
        return Ok(false);
    }
    let (ours, theirs) = (identifier(from).await?, identifier(to).await?);
    // one that may not be read is taken to be the same
    Ok(ours.is_none() || theirs.is_none() || ours == theirs)
}

/// The server's own; `None` where the role may not read it.
async fn identifier(tx: &Transaction) -> Result<Option<String>> {
    let savepoint = tx.begin().await?;
    let sql = "SELECT system_identifier::text AS x FROM pg_catalog.pg_control_system()";
    let row = savepoint.query(sql).one().await;
    savepoint.rollback().await?;
    match row {
        Ok(row) => row.get("x"),
        Err(Error::PermissionDenied { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// How long a database in memory may be busy before it is taken for the one that is in use already.
const SOON: Duration = Duration::from_millis(500);

async fn sqlite(source: &dyn DatabaseClient, dest: &dyn DatabaseClient) -> Result<()> {
    let (ours, theirs) = (file(source).await?, file(dest).await?);
    match (ours.as_deref(), theirs.as_deref()) {
        (Some(ours), Some(theirs)) if is_one_file(ours, theirs) => {
            Err(same("source and destination are one file of SQLite"))
        }
        // in memory: it has one connection
        (None, None) => {
            let held = source.begin().await?;
            let options = TxOptions {
                timeout: Some(SOON),
                ..TxOptions::default()
            };
            let result = match dest.begin_with(options).await {
                Ok(other) => other.rollback().await,
                Err(Error::PoolTimeout { .. } | Error::Timeout { .. }) => Err(same(
                    "source and destination are one database in memory, or the destination is busy",
                )),
                Err(error) => Err(error),
            };
            let _ = held.rollback().await;
            result
        }
        _ => Ok(()),
    }
}

/// The file of the main database; `None` in memory.
async fn file(client: &dyn DatabaseClient) -> Result<Option<String>> {
    let sql = "SELECT file FROM pragma_database_list WHERE name = 'main'";
    let row = client.query(sql).one().await?;
    let file: Option<String> = row.get("file")?;
    Ok(file.filter(|file| !file.is_empty()))
}

/// By what the file system says, through links of every kind.
fn is_one_file(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let id = |path| std::fs::metadata(path).map(|found| (found.dev(), found.ino()));
        if let (Ok(one), Ok(other)) = (id(one), id(other)) {
            return one == other;
        }
    }
    let real = |path| std::fs::canonicalize(path).ok();
    real(one).is_some() && real(one) == real(other)
}
