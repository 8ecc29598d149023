//! Deletes rows of the destination, children before their parents. A row that others still refer to is not deleted,
//! whatever a foreign key would do with those: first what it is refused by is written, and what refers to it then
//! stops the run. Nothing is ever deleted or changed by `ON DELETE`.

use db_adapter_core::{TableName, TableSchema};

use super::afterwards::names;
use super::existing::{columns_of, in_any_spelling};
use super::outcome::MOST_RECORDED;
use super::plan::TablePlan;
use super::run::Planned;
use crate::client::{DatabaseClient as _, DatabaseClientExt as _};
use crate::query::{Operation, Select};
use crate::transaction::Transaction;
use crate::{Error, Filter, Notice, Result, Row, Value, op};

/// Which foreign keys lead to a table, whatever schema they are in. One of a partition is one of its whole table, at whatever
/// depth.
const CHILDREN: &str = "SELECT DISTINCT n.nspname::text AS schema, r.relname::text AS name, r.oid = p.oid AS is_self, \
     pg_catalog.row_security_active(r.oid) AS is_hidden, \
     ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS c (number, place) \
       JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.number ORDER BY c.place) AS own, \
     ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS c (number, place) \
       JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.number ORDER BY c.place) AS target \
   FROM (SELECT CAST(:table AS regclass)::oid AS oid) AS p \
   JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.confrelid IN ( \
     WITH RECURSIVE tree (oid) AS (SELECT p.oid \
       UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree ON i.inhparent = tree.oid) \
     SELECT tree.oid FROM tree) \
   JOIN pg_catalog.pg_class r ON r.oid = coalesce(CAST(pg_catalog.pg_partition_root(k.conrelid) AS oid), k.conrelid) \
   JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace ORDER BY 1, 2, 5";

/// A foreign key that leads to the table whose rows are deleted.
struct Child {
    table: TableName,
    own: Vec<String>,
    target: Vec<String>,
    is_self: bool,
    /// Whether a policy may hide rows of it, which a foreign key finds nevertheless.
    is_hidden: bool,
}

/// The rows of one table that are to go.
struct Going {
    place: usize,
    filters: Vec<Filter>,
    left: u64,
    children: Vec<Child>,
}

/// All the rows that are to go.
pub(super) struct Deleting {
    tables: Vec<Going>,
    /// Some of them by their natural keys, by tables.
    pub(super) named: Vec<Vec<Row>>,
    /// Of triggers that run for them.
    pub(super) warnings: Vec<Notice>,
}

impl Deleting {
    /// `ids`: the primary keys of the rows, for each table of the plan.
    pub(super) async fn of(
        tx: &Transaction,
        planned: &Planned,
        ids: Vec<Vec<Vec<Value>>>,
    ) -> Result<Deleting> {
        let mut deleting = Deleting {
            tables: Vec::new(),
            named: Vec::new(),
            warnings: Vec::new(),
        };
        let both = planned.plan.tables.iter().zip(&planned.users);
        for (place, ((table, user), ids)) in both.zip(ids).enumerate() {
            let left = ids.len() as u64;
            if left == 0 {
                deleting.named.push(Vec::new());
                continue;
            }
            let filters = filters(table, user, ids);
            deleting.named.push(named(tx, table, &filters).await?);
            deleting.warnings.extend(triggers(planned, table));
            deleting.tables.push(Going {
                children: children(tx, planned, table).await?,
                place,
                filters,
                left,
            });
        }
        Ok(deleting)
    }

    /// Deletes what nothing refers to, children first.
    pub(super) async fn pass(&mut self, tx: &Transaction, planned: &Planned) -> Result<()> {
        for going in self.tables.iter_mut().rev().filter(|going| going.left > 0) {
            let Some(table) = planned.plan.tables.get(going.place) else {
                return Err(Error::internal("rows of no table are to be deleted"));
            };
            if let Some(hidden) = going.children.iter().find(|child| child.is_hidden) {
                return Err(refused(vec![format!(
                    "rows of `{}` are to be deleted, and row-level security of `{}` may hide rows that refer to them",
                    table.name, hidden.table
                )]));
            }
            let is_own = going.children.iter().any(|child| child.is_self);
            loop {
                let sql = statement(table, &going.children);
                let deleted = going.delete(tx, table, &sql).await?;
                // a row that others of its table refer to may go after those
                if is_own && deleted > 0 && going.left > 0 {
                    continue;
                }
                if !is_own || going.left == 0 || !going.is_closed(tx, table).await? {
                    break;
                }
                // rows that refer to each other in a circle go at once
                let sql = statement(table, &[]);
                going.delete(tx, table, &sql).await?;
                break;
            }
        }
        Ok(())
    }

    /// After the last pass.
    ///
    /// # Errors
    /// [`Error::RestoreRefused`] for rows that others refer to, [`Error::NotKept`] for those that the database did not
    /// delete although nothing refers to them.
    pub(super) async fn check(&self, tx: &Transaction, planned: &Planned) -> Result<()> {
        let mut problems = Vec::new();
        let mut in_circles = Vec::new();
        let mut kept = None;
        for going in self.tables.iter().filter(|going| going.left > 0) {
            let Some(table) = planned.plan.tables.get(going.place) else {
                continue;
            };
            let mut is_referred_to = false;
            for child in &going.children {
                let all = going.referring(tx, table, child, None).await?;
                is_referred_to |= all > 0;
                let also = self.tables.iter().find(|other| {
                    let other = planned.plan.tables.get(other.place);
                    other.is_some_and(|other| match planned.can.schemas {
                        true => other.table == child.table,
                        false => is_same(&other.table, &child.table),
                    })
                });
                let mut going_too = 0;
                for filter in also.iter().flat_map(|also| &also.filters) {
                    going_too += going.referring(tx, table, child, Some(filter)).await?;
                }
                let count = all.saturating_sub(going_too);
                if count > 0 {
                    problems.push(format!(
                        "{count} rows of `{}` that are not deleted refer to rows of `{}` that are to be deleted",
                        child.table, table.name
                    ));
                }
            }
            match is_referred_to {
                true => in_circles.push(format!(
                    "rows of `{}` that are to be deleted refer to each other in circles, and are too many to go at once",
                    table.name
                )),
                false => kept = Some(table.name.to_string()),
            }
        }
        match (kept, problems.is_empty(), in_circles.is_empty()) {
            (_, false, _) => Err(refused(problems)),
            (Some(table), ..) => Err(Error::NotKept {
                table,
                what: "the deletion of a row",
            }),
            (None, true, false) => Err(refused(in_circles)),
            (None, true, true) => Ok(()),
        }
    }
}

impl Going {
    async fn delete(&mut self, tx: &Transaction, table: &TablePlan, sql: &str) -> Result<u64> {
        let mut deleted = 0;
        let of = format!("{} AS gone", table.table.quoted());
        for filter in &self.filters {
            deleted += tx.execute(sql).filter("which", &of, filter.clone()).await?;
        }
        self.left = self.left.checked_sub(deleted).ok_or_else(|| {
            Error::internal(format!("too many rows of `{}` were deleted", table.name))
        })?;
        Ok(deleted)
    }

    /// Whether no row but these refers to one of these.
    async fn is_closed(&self, tx: &Transaction, table: &TablePlan) -> Result<bool> {
        let [these] = self.filters.as_slice() else {
            return Ok(false);
        };
        for child in &self.children {
            let all = self.referring(tx, table, child, None).await?;
            let own = match child.is_self {
                true => self.referring(tx, table, child, Some(these)).await?,
                false => 0,
            };
            if all > own {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How many rows refer to these; `which`: how many of those.
    async fn referring(
        &self,
        tx: &Transaction,
        table: &TablePlan,
        child: &Child,
        which: Option<&Filter>,
    ) -> Result<u64> {
        let sql = format!(
            "SELECT count(*) AS n FROM {} AS child WHERE EXISTS (SELECT 1 FROM {} AS gone WHERE {{these}} AND {}){}",
            child.table.quoted(),
            table.table.quoted(),
            refers(table, child),
            which.map_or("", |_| " AND {which}"),
        );
        let of = format!("{} AS gone", table.table.quoted());
        let mut count = 0;
        for filter in &self.filters {
            let mut query = tx.query(&sql).filter("these", &of, filter.clone());
            if let Some(which) = which {
                let of = format!("{} AS child", child.table.quoted());
                query = query.filter("which", of, which.clone());
            }
            count += query.one().await?.get::<u64>("n")?;
        }
        Ok(count)
    }
}

/// What runs when rows of the table are deleted, and may change any others.
fn triggers(planned: &Planned, table: &TablePlan) -> Vec<Notice> {
    let is_it = |found: &&TableSchema| {
        let name = TableName {
            schema: found.schema.clone(),
            name: found.name.clone(),
        };
        match planned.can.schemas {
            true => name == table.table,
            false => is_same(&name, &table.table),
        }
    };
    let found = planned.database.tables.values().find(is_it);
    let triggers = found.into_iter().flat_map(|found| &found.triggers);
    let deletes = |events: &[String]| events.iter().any(|event| event == "DELETE");
    triggers
        .filter(|(_, trigger)| deletes(&trigger.events))
        .map(|(name, _)| {
            Notice::new(format!(
                "the trigger `{name}` of `{}` runs for rows that are deleted, and may change others",
                table.name
            ))
        })
        .collect()
}

/// By the primary key, and by whose the rows are.
fn filters(table: &TablePlan, user: &Value, ids: Vec<Vec<Value>>) -> Vec<Filter> {
    let filters = in_any_spelling(&names(table, &table.key), ids);
    let owner = table.user.and_then(|column| table.columns.get(column));
    let of_user = |filter: Filter| match owner {
        Some(column) => {
            let is_of_user = Filter::test(&column.name, op::in_any_spelling([user.clone()]));
            filter.and(is_of_user)
        }
        None => filter,
    };
    filters.into_iter().map(of_user).collect()
}

async fn named(tx: &Transaction, table: &TablePlan, filters: &[Filter]) -> Result<Vec<Row>> {
    let natural = names(table, &table.natural);
    let mut named: Vec<Row> = Vec::new();
    for filter in filters {
        if named.len() >= MOST_RECORDED {
            break;
        }
        let mut select = Select::new(table.table.clone(), columns_of(&natural)?, filter.clone());
        select.limit = Some((MOST_RECORDED - named.len()) as u64);
        named.extend(tx.run(Operation::Select(select)).await?.rows);
    }
    Ok(named)
}

fn statement(table: &TablePlan, children: &[Child]) -> String {
    let mut sql = format!(
        "DELETE FROM {} AS gone WHERE {{which}}",
        table.table.quoted()
    );
    for child in children {
        sql += &format!(
            " AND NOT EXISTS (SELECT 1 FROM {} AS child WHERE {})",
            child.table.quoted(),
            refers(table, child)
        );
    }
    sql
}

/// That the row `child` refers to the row `gone`, which is another one.
fn refers(table: &TablePlan, child: &Child) -> String {
    let quoted = db_adapter_core::quote_ident;
    let equal = |(target, own): (&String, &String)| {
        format!("gone.{} = child.{}", quoted(target), quoted(own))
    };
    let pairs = child.target.iter().zip(&child.own).map(equal);
    let mut sql = pairs.collect::<Vec<_>>().join(" AND ");
    if child.is_self {
        let key = names(table, &table.key).into_iter();
        let same = key.map(|name| format!("gone.{0} = child.{0}", quoted(name)));
        sql += &format!(" AND NOT ({})", same.collect::<Vec<_>>().join(" AND "));
    }
    sql
}

async fn children(tx: &Transaction, planned: &Planned, table: &TablePlan) -> Result<Vec<Child>> {
    if !planned.can.schemas {
        return Ok(of_one_schema(planned, table));
    }
    let query = tx.query(CHILDREN).bind("table", table.table.quoted());
    let rows = query.await?;
    let child = |row: &Row| {
        Ok(Child {
            table: TableName {
                schema: row.get("schema")?,
                name: row.get("name")?,
            },
            own: row.get("own")?,
            target: row.get("target")?,
            is_self: row.get("is_self")?,
            is_hidden: row.get("is_hidden")?,
        })
    };
    rows.iter().map(child).collect()
}

/// Where the whole database was read.
fn of_one_schema(planned: &Planned, table: &TablePlan) -> Vec<Child> {
    let schema = &planned.database;
    let same = |one: &TableName| is_same(one, &table.table);
    let mut children = Vec::new();
    for from in schema.tables.values() {
        for key in from.foreign_keys() {
            let target = TableName {
                schema: key
                    .references_schema
                    .clone()
                    .or_else(|| from.schema.clone()),
                name: key.references_table.clone().unwrap_or_default(),
            };
            if !same(&target) {
                continue;
            }
            let named = key
                .references_columns
                .clone()
                .filter(|named| !named.is_empty());
            let own = TableName {
                schema: from.schema.clone(),
                name: from.name.clone(),
            };
            children.push(Child {
                is_self: same(&own),
                own: key.columns.clone(),
                target: named.unwrap_or_else(|| table.primary.clone()),
                table: own,
                is_hidden: false,
            });
        }
    }
    children
}

/// As SQLite compares names; without a schema it is the one called `main`.
fn is_same(one: &TableName, other: &TableName) -> bool {
    let main = |name: &TableName| name.schema.clone().unwrap_or_else(|| "main".to_owned());
    one.name.eq_ignore_ascii_case(&other.name) && main(one).eq_ignore_ascii_case(&main(other))
}

fn refused(problems: Vec<String>) -> Error {
    let hint = "delete or change those first, or leave these rows in the source";
    Error::RestoreRefused {
        problems: problems
            .into_iter()
            .map(|text| Notice::new(text).hint(hint))
            .collect(),
    }
}
