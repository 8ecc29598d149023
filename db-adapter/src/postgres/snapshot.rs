//! Tables behind the snapshot of a transaction. A transaction that repeats its reads sees the rows of its
//! snapshot, but the server opens the table that is there now: one that another session has rewritten or
//! replaced since has no row for the snapshot, and is read as empty without an error. So the server is asked
//! once for each table, behind the first statement that uses it: the statement's lock keeps the table as it is
//! until the transaction ends. Elsewhere each statement has a snapshot of its own, and nothing is asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use db_adapter_core::TableName;
use db_adapter_core::schema::SqlDialect;
use db_adapter_core::statement::Statement;

use super::catalog::PgTable;
use super::dialect::Postgres;
use super::encode::Param;
use super::failure::Failure;
use super::run::Work;
use super::statement::{fetch_plain, fetch_text};
use crate::query::{Operation, Outcome};
use crate::sql::Dialect;
use crate::{Error, Value};

/// The first number that the server gives to a relation of users. Its own are never replaced, and keep their
/// rows for old snapshots when they are written anew.
const FIRST_OF_USERS: u32 = 16_384;

/// Of each name: whether the table that it leads to now is the one that the snapshot has. A query reads the
/// rows of `pg_class`, `pg_namespace` and `pg_inherits` by the snapshot, while names are looked up, and functions
/// look, in the catalog as it is now: the table that now has the name may have had another one. A name that leads
/// nowhere any more is our own doing: nobody else changes what we have locked. What is made of other relations
/// tells nothing by itself; of partitions the server can say which there are now, of children `EXPLAIN` alone,
/// which needs the right to read. Behind that: the table and its children as the snapshot has them,
/// and whether policies apply to us.
const SAME: &str = "
SELECT CASE WHEN now.oid IS NULL OR now.oid < {first}::oid THEN 'same'
  WHEN c.oid IS NULL THEN 'other'
  WHEN c.relpersistence <> 't' AND ARRAY[n.nspname::text, c.relname::text]
    IS DISTINCT FROM pg_catalog.parse_ident(used.name) THEN 'other'
  WHEN c.relkind = 'p' AND tree.oids IS DISTINCT FROM
    (SELECT pg_catalog.array_agg(t.relid::oid ORDER BY t.relid::oid) FROM pg_catalog.pg_partition_tree(c.oid) t) THEN 'other'
  WHEN c.relkind NOT IN ('r', 'm') OR c.relhassubclass OR c.relhasrules
    OR pg_catalog.row_security_active(c.oid) THEN 'made'
  WHEN pg_catalog.pg_relation_filenode(c.oid) IS DISTINCT FROM c.relfilenode THEN 'other'
  ELSE 'same' END,
  CASE WHEN c.oid >= {first}::oid AND c.relkind = 'r' AND NOT c.relispartition
    AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT') THEN tree.names END,
  pg_catalog.row_security_active(c.oid)
FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY AS used (name, place)
  CROSS JOIN LATERAL (SELECT pg_catalog.to_regclass(used.name)::oid) AS now (oid)
  LEFT JOIN pg_catalog.pg_class c ON c.oid = now.oid
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL (
    WITH RECURSIVE below (oid) AS (SELECT c.oid
      UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN below ON i.inhparent = below.oid)
    SELECT pg_catalog.array_agg(b.oid ORDER BY b.oid),
      pg_catalog.json_agg(pg_catalog.json_build_array(
          CASE b.relpersistence WHEN 't' THEN 'pg_temp' ELSE bn.nspname END, b.relname))
        FILTER (WHERE b.relpersistence <> 't' OR b.relnamespace = pg_catalog.pg_my_temp_schema())::text
    FROM below JOIN pg_catalog.pg_class b USING (oid) JOIN pg_catalog.pg_namespace bn ON bn.oid = b.relnamespace
    ) AS tree (oids, names) ON c.relkind IN ('r', 'p')
ORDER BY used.place";

/// Whether one of all relations that the transaction has locked is not what the snapshot has: what views,
/// policies, partitions and children were read from, as the server has found them and not as the snapshot
/// tells of them; and whether a partitioned one of them has other partitions. Of those that it cannot see,
/// indexes and parts of a table (TOAST) hold no rows of their own, and one that is gone we have dropped ourselves.
const ALL_SAME: &str = "
SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
  WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
    AND l.relation >= {first}::oid
    AND CASE WHEN c.oid IS NULL THEN pg_catalog.has_table_privilege(l.relation, 'SELECT') IS NOT NULL
        AND pg_catalog.pg_get_indexdef(l.relation) IS NULL
        AND l.relation::regclass::text NOT LIKE 'pg\\_toast.%'
      WHEN c.relkind = 'p' THEN (WITH RECURSIVE below (oid) AS (SELECT c.oid
          UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN below ON i.inhparent = below.oid)
        SELECT pg_catalog.array_agg(b.oid ORDER BY b.oid) FROM below b) IS DISTINCT FROM
        (SELECT pg_catalog.array_agg(t.relid::oid ORDER BY t.relid::oid) FROM pg_catalog.pg_partition_tree(c.oid) t)
      ELSE c.relkind IN ('r', 'm')
        AND pg_catalog.pg_relation_filenode(c.oid) IS DISTINCT FROM c.relfilenode END)";

/// Whether the transaction has locked all these tables.
const ALL_LOCKED: &str = "
SELECT NOT EXISTS (SELECT FROM pg_catalog.unnest($1::text[]) AS member (name) WHERE NOT EXISTS
  (SELECT FROM pg_catalog.pg_locks l WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation'
    AND l.granted AND l.relation = pg_catalog.to_regclass(member.name)::oid))";

fn with_first(sql: &str) -> String {
    sql.replace("{first}", &FIRST_OF_USERS.to_string())
}

/// A relation: its schema and its name.
type Relation = (String, String);

/// What the server says of a table.
struct Told {
    word: String,
    family: Option<Family>,
}

/// A table and its children, as the snapshot has them.
struct Family {
    members: BTreeSet<Relation>,
    /// Whether its policies are applied to us.
    is_guarded: bool,
}

impl Told {
    fn of(row: &[Value]) -> Option<Told> {
        let [word, members, is_guarded] = row else {
            return None;
        };
        let family = match members.as_str() {
            Some(members) => Some(Family {
                members: serde_json::from_str(members).ok()?,
                is_guarded: *is_guarded == Value::Bool(true),
            }),
            None => None,
        };
        let word = word.as_str()?.to_owned();
        Some(Told { word, family })
    }
}

/// All the relations that a plan reads.
fn relations(explained: &str) -> Option<BTreeSet<Relation>> {
    let plan: serde_json::Value = serde_json::from_str(explained).ok()?;
    let mut read = BTreeSet::new();
    let mut open = vec![&plan];
    while let Some(part) = open.pop() {
        match part {
            serde_json::Value::Array(parts) => open.extend(parts),
            serde_json::Value::Object(parts) => {
                let text = |name: &str| parts.get(name)?.as_str();
                let schema = text("Schema").map(|schema| match schema.starts_with("pg_temp") {
                    true => "pg_temp", // of later versions the name for all sessions
                    false => schema,
                });
                let found = schema.zip(text("Relation Name"));
                read.extend(found.map(|(schema, name)| (schema.to_owned(), name.to_owned())));
                open.extend(parts.values());
            }
            _ => {}
        }
    }
    Some(read)
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

    /// Locks that were taken since a savepoint go with what was done since. What streams have given is not
    /// taken back, and stays to be looked at.
    pub(super) fn forget(&mut self) {
        self.seen.clear();
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
            | Operation::Differences(_)
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
            let seen = match told.as_ref().map(|told| told.word.as_str()) {
                Some("same") => Seen::Same,
                Some("made") => Seen::Made,
                _ => return self.is_other(table),
            };
            if let Some(family) = told.and_then(|told| told.family)
                && !self.has_children_of_snapshot(&table, &family).await?
            {
                return self.is_other(table);
            }
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
    ) -> Result<Vec<(Arc<PgTable>, Option<Told>)>, Failure> {
        if tables.is_empty() {
            return Ok(Vec::new());
        }
        let names = tables.iter().map(|table| Some(table.extra.found.quoted()));
        let names = Param::Texts(names.collect());
        let rows = fetch_plain(self.conn, with_first(SAME), vec![names]).await?;
        // without an answer it is not the same
        let told = rows.iter().map(|row| Told::of(row));
        let told = told.chain(std::iter::repeat_with(|| None));
        Ok(tables.into_iter().zip(told).collect())
    }

    /// Whether the server reads the table with the children that the snapshot has.
    async fn has_children_of_snapshot(
        &mut self,
        table: &PgTable,
        family: &Family,
    ) -> Result<bool, Failure> {
        if family.is_guarded && family.members.len() == 1 {
            return Ok(true);
        }
        let mut explain = String::from("EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) SELECT FROM ");
        Postgres::push_table(&mut explain, table);
        let answer = fetch_text(self.conn, explain).await?;
        if !family.is_guarded {
            return Ok(answer.as_deref().and_then(relations).as_ref() == Some(&family.members));
        }
        // a policy may read other tables, and leave children out that cannot have a row for us: but all were
        // locked for the plan
        let names = family.members.iter().map(|(schema, name)| {
            let mut quoted = String::new();
            Postgres::push_name(&mut quoted, schema);
            quoted.push('.');
            Postgres::push_name(&mut quoted, name);
            Some(quoted)
        });
        let names = vec![Param::Texts(names.collect())];
        let rows = fetch_plain(self.conn, ALL_LOCKED.to_owned(), names).await?;
        Ok(rows.first().and_then(|row| row.first()) == Some(&Value::Bool(true)))
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
    fn the_relations_of_a_plan_are_found_at_any_depth() {
        let plan = r#"[{"Plan": {"Node Type": "Append", "Plans": [
            {"Node Type": "Seq Scan", "Relation Name": "t", "Schema": "public", "Alias": "t_1"},
            {"Node Type": "Result", "Plans": [{"Relation Name": "c", "Schema": "other", "Alias": "t_2"}]}]}}]"#;
        let name = |schema: &str, name: &str| (schema.to_owned(), name.to_owned());
        let read = BTreeSet::from([name("public", "t"), name("other", "c")]);
        assert_eq!(relations(plan), Some(read));
        assert_eq!(relations("not JSON"), None);
    }

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
