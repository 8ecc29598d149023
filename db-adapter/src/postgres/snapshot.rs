//! Tables behind the snapshot of a transaction. A transaction that repeats its reads sees the rows of its
//! snapshot, but the server opens the table that is there now: one that another session has rewritten or
//! replaced since has no row for the snapshot, and is read as empty without an error. So the server is asked
//! once for each table, behind the first statement that uses it: the statement's lock keeps the table as it is
//! until the transaction ends. Elsewhere each statement has a snapshot of its own, and nothing is asked.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use db_adapter_core::TableName;
use db_adapter_core::schema::SqlDialect;
use db_adapter_core::statement::Statement;

use super::catalog::PgTable;
use super::encode::Param;
use super::failure::Failure;
use super::run::Work;
use super::statement::fetch_plain;
use crate::query::{Operation, Outcome};
use crate::{Error, Value};

/// The first number that the server gives to a relation of users. Its own are never replaced, and keep their
/// rows for old snapshots when they are written anew.
const FIRST_OF_USERS: u32 = 16_384;

/// Of each name: whether the table that it leads to now is the one that the snapshot has. A query reads the
/// rows of `pg_class` by the snapshot, while names are looked up, and functions look, in the catalog as it is
/// now. A name that leads nowhere any more is our own doing: nobody else changes what we have locked. What
/// is made of other relations tells nothing by itself.
const SAME: &str = "
SELECT CASE WHEN now.oid IS NULL OR now.oid < {first}::oid THEN 'same'
  WHEN c.oid IS NULL THEN 'other'
  WHEN c.relkind NOT IN ('r', 'm') OR c.relhassubclass OR c.relhasrules
    OR pg_catalog.row_security_active(c.oid) THEN 'made'
  WHEN pg_catalog.pg_relation_filenode(c.oid) IS DISTINCT FROM c.relfilenode THEN 'other'
  ELSE 'same' END
FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY AS used (name, place)
  CROSS JOIN LATERAL (SELECT pg_catalog.to_regclass(used.name)::oid) AS now (oid)
  LEFT JOIN pg_catalog.pg_class c ON c.oid = now.oid
ORDER BY used.place";

/// Whether one of all relations that the transaction has locked is not what the snapshot has: what views,
/// policies, partitions and children were read from, as the server has found them and not as the snapshot
/// tells of them. Of those that it cannot see, indexes and parts of a table (TOAST) hold no rows of their own,
/// and one that is gone we have dropped ourselves.
const ALL_SAME: &str = "
SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
  WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
    AND l.relation >= {first}::oid
    AND CASE WHEN c.oid IS NULL THEN pg_catalog.has_table_privilege(l.relation, 'SELECT') IS NOT NULL
        AND pg_catalog.pg_get_indexdef(l.relation) IS NULL
        AND l.relation::regclass::text NOT LIKE 'pg\\_toast.%'
      ELSE c.relkind IN ('r', 'm')
        AND pg_catalog.pg_relation_filenode(c.oid) IS DISTINCT FROM c.relfilenode END)";

fn with_first(sql: &str) -> String {
    sql.replace("{first}", &FIRST_OF_USERS.to_string())
}

/// What a transaction has found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// It is the table of the snapshot, and stays so.
    Same,
    /// It is made of others, which need not be the same ones in each statement.
    Made,
}

/// The snapshot of an open transaction.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// Whether it is one for all statements.
    kept: bool,
    /// What was looked at, by the names that statements use.
    seen: HashMap<TableName, Seen>,
    /// Used by streams that have not come to their end.
    poured: BTreeMap<TableName, Arc<PgTable>>,
}

impl Snapshot {
    pub(super) fn new(kept: bool) -> Self {
        Snapshot {
            kept,
            ..Snapshot::default()
        }
    }

    pub(super) fn is_kept(&self) -> bool {
        self.kept
    }

    /// The caller's text may have asked for it.
    pub(super) fn may_be_kept(&mut self) {
        self.kept = true;
    }

    /// Locks that were taken since a savepoint go with what was done since.
    pub(super) fn forget(&mut self) {
        self.seen.clear();
        self.poured.clear();
    }

    /// Whether tables were read that nobody has looked at.
    pub(super) fn is_unproven(&self) -> bool {
        self.kept && !self.poured.is_empty()
    }
}

/// Whether a text may change how often a transaction takes a snapshot.
pub(super) fn sets_isolation(text: &str) -> bool {
    let setting = "transaction_isolation";
    let mut tokens = Statement::new(text, SqlDialect::Postgres).tokens();
    tokens.any(|token| {
        token.is("isolation")
            || token.names(setting)
            || token
                .string()
                .is_some_and(|text| text.to_lowercase() == setting)
    })
}

/// Whether an operation uses tables that it names.
pub(super) fn names_tables(operation: &Operation) -> bool {
    matches!(
        operation,
        Operation::Select(_)
            | Operation::Count(_)
            | Operation::Exists(_)
            | Operation::Insert(_)
            | Operation::Update(_)
            | Operation::UpdateMany(_)
            | Operation::Delete(_)
            | Operation::Load(_)
            | Operation::AllocateKeys(_)
            | Operation::AdvanceSequence(_)
    )
}

impl Work<'_> {
    /// The next statement uses the table.
    pub(super) fn uses(&mut self, table: &Arc<PgTable>) {
        if self.conn.snapshot().is_kept() {
            self.used
                .insert(table.extra.found.clone(), Arc::clone(table));
        }
    }

    /// A stream is about to be sent, whose end nobody may see.
    pub(super) fn pours(&mut self) {
        let used = self.used.clone();
        let snapshot = self.conn.snapshot_mut();
        let new = used
            .into_iter()
            .filter(|(name, _)| snapshot.seen.get(name) != Some(&Seen::Same));
        snapshot.poured.extend(new.collect::<Vec<_>>());
    }

    /// What an operation gave, if that is what the snapshot has.
    pub(super) async fn of_snapshot(
        &mut self,
        ran: Result<Outcome, Failure>,
    ) -> Result<Outcome, Failure> {
        // a row that is not what was written may be one that cannot be seen
        let is_told = matches!(&ran, Ok(_) | Err(Failure::Ours(Error::NotKept { .. })));
        if is_told {
            self.check_snapshot().await?;
        }
        ran
    }

    /// Refuses what was read where a table is not the one of the snapshot.
    pub(super) async fn check_snapshot(&mut self) -> Result<(), Failure> {
        let used = std::mem::take(&mut self.used);
        if !self.conn.snapshot().is_kept() || !self.conn.is_open() {
            return Ok(());
        }
        let snapshot = self.conn.snapshot_mut();
        let poured = std::mem::take(&mut snapshot.poured);
        let mut is_made = used
            .keys()
            .any(|name| snapshot.seen.get(name) == Some(&Seen::Made));
        let mut open: Vec<Arc<PgTable>> = used
            .iter()
            .filter(|(name, _)| !snapshot.seen.contains_key(name))
            .map(|(_, table)| Arc::clone(table))
            .collect();
        let number = open.len();
        open.extend(poured.into_values());
        for (at, (table, told)) in self.told(open).await?.into_iter().enumerate() {
            let seen = match told.as_deref() {
                Some("same") => Seen::Same,
                Some("made") => Seen::Made,
                _ => return self.is_other(table),
            };
            is_made |= seen == Seen::Made;
            if at < number {
                let snapshot = self.conn.snapshot_mut();
                snapshot.seen.insert(table.extra.found.clone(), seen);
            }
        }
        if is_made && !self.all_same().await? {
            let table = used.into_values().next_back();
            return table.map_or(Err(Failure::Replaced), |table| self.is_other(table));
        }
        Ok(())
    }

    /// What the server says of each.
    async fn told(
        &mut self,
        tables: Vec<Arc<PgTable>>,
    ) -> Result<Vec<(Arc<PgTable>, Option<String>)>, Failure> {
        if tables.is_empty() {
            return Ok(Vec::new());
        }
        let names = tables.iter().map(|table| Some(table.extra.found.quoted()));
        let names = Param::Texts(names.collect());
        let rows = fetch_plain(self.conn, with_first(SAME), vec![names]).await?;
        let told = rows.iter().map(|row| {
            let told = row.first().and_then(Value::as_str);
            told.map(str::to_owned)
        });
        // without an answer it is not the same
        let told = told.chain(std::iter::repeat(None));
        Ok(tables.into_iter().zip(told).collect())
    }

    async fn all_same(&mut self) -> Result<bool, Failure> {
        let rows = fetch_plain(self.conn, with_first(ALL_SAME), Vec::new()).await?;
        Ok(rows.first().and_then(|row| row.first()) == Some(&Value::Bool(true)))
    }

    fn is_other(&mut self, table: Arc<PgTable>) -> Result<(), Failure> {
        self.table = Some(table);
        Err(Failure::Replaced)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_asks_for_a_snapshot_is_known() {
        for text in [
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "set local transaction_isolation = 'repeatable read'",
            "SELECT set_config('Transaction_Isolation', 'serializable', true)",
        ] {
            assert!(sets_isolation(text), "{text}");
        }
        for text in ["SELECT 'isolation'", "SELECT 1 -- isolation level"] {
            assert!(!sets_isolation(text), "{text}");
        }
    }
}
