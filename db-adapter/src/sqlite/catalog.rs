//! What SQLite knows of a table, from its pragmas, kept until something changes it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db_adapter_core::schema::SqlDialect;
use db_adapter_core::{Affinity, SqlType, TableName, push_quoted, suggest, temporal};
use rusqlite::{Row as RawRow, Statement};

use super::connection::{Connection, Keep, bind, is_new};
use super::encode::Param;
use super::error::{Context, translate};
use super::plan::AllColumns;
use crate::sql::{self, Generated};
use crate::{Error, Result, Rounding};

pub(super) type Table = sql::Table<TableExtra, ColumnExtra>;
pub(super) type Column = sql::Column<ColumnExtra>;

/// What SQLite knows of a table beyond the common.
#[derive(Debug)]
pub(super) struct TableExtra {
    /// The name of the row's number, where the table has one that no column hides.
    pub(super) rowid: Option<&'static str>,
    pub(super) is_view: bool,
    /// SQLite's count of the changes of the schema, when this was looked up.
    pub(super) version: i64,
    /// Whether it is in the file itself, whose changes that version counts.
    pub(super) is_main: bool,
    /// All of its columns as outputs.
    pub(super) all: AllColumns,
}

/// What SQLite knows of a column beyond the common.
#[derive(Debug, PartialEq)]
pub(super) struct ColumnExtra {
    /// As it is declared; empty without a type.
    pub(super) declared: String,
    pub(super) affinity: Affinity,
}

/// The types of the columns of every table, by schema, table and column: for the results of
/// caller-written SQL.
pub(super) type Origins = HashMap<String, HashMap<String, HashMap<String, SqlType>>>;

/// The tables that were looked up so far.
#[derive(Debug)]
pub(super) struct Catalog {
    /// What its tables do with values that a column would round or cut.
    pub(super) rounding: Rounding,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Counts the clearings: what was loaded before one is not kept after it.
    generation: u64,
    tables: HashMap<TableName, Arc<Table>>,
    /// With the version of the schema that they are from.
    origins: Option<(i64, Arc<Origins>)>,
}

impl Catalog {
    pub(super) fn new(rounding: Rounding) -> Self {
        Catalog {
            rounding,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything, after something may have changed it.
    pub(super) fn clear(&self) {
        let mut state = self.state();
        state.generation += 1;
        state.tables.clear();
        state.origins = None;
    }

    /// The table, if it is known already.
    pub(super) fn known(&self, name: &TableName) -> Option<Arc<Table>> {
        self.state().tables.get(name).cloned()
    }

    /// The table as the connection has it now.
    pub(super) fn table(&self, connection: &Connection, name: &TableName) -> Result<Arc<Table>> {
        let generation = self.state().generation;
        let mut table = load(connection, name, self.rounding)?;
        if table.extra.is_view {
            self.look_through(connection, &mut table)?;
        }
        let table = Arc::new(table);
        let mut state = self.state();
        if state.generation == generation {
            state.tables.insert(name.clone(), Arc::clone(&table));
        }
        Ok(table)
    }

    /// Of a view's column without a type, and of one that has two, SQLite says `BLOB`. Only what is behind it
    /// tells whether that was declared.
    fn look_through(&self, connection: &Connection, view: &mut Table) -> Result<()> {
        if !view.columns.iter().any(is_blob) {
            return Ok(());
        }
        let mut sql = String::from("SELECT * FROM ");
        if let Some(schema) = &view.name.schema {
            push_quoted(&mut sql, schema);
            sql.push('.');
        }
        push_quoted(&mut sql, &view.name.name);
        // a view of what is gone is told when it is read
        let Ok(statement) = connection.prepare(&sql, Keep::Not) else {
            return Ok(());
        };
        let origins = self.origins(connection)?;
        let behind = output_types(&statement, &origins);
        for (column, behind) in view.columns.iter_mut().zip(behind) {
            if is_blob(column) && behind != SqlType::Bytea {
                column.sql_type = untyped();
                column.extra.declared = String::new();
            }
        }
        Ok(())
    }

    /// The columns of all tables, of the version of the schema that the connection has: looked up
    /// where they are not known in it. A caller's query has no error to tell of a change.
    pub(super) fn origins(&self, connection: &Connection) -> Result<Arc<Origins>> {
        let version = match connection.version() {
            Some(version) => version,
            None => connection.read_version().map_err(failed)?,
        };
        let generation = {
            let state = self.state();
            if let Some((known, origins)) = &state.origins
                && *known == version
            {
                return Ok(Arc::clone(origins));
            }
            state.generation
        };
        let origins = Arc::new(load_origins(connection)?);
        let mut state = self.state();
        if state.generation == generation {
            state.origins = Some((version, Arc::clone(&origins)));
        }
        Ok(origins)
    }
}

/// One row a column, of the tables of this name in every schema: temporary ones first, as
/// SQLite itself looks names up.
const COLUMNS: &str = "SELECT l.schema, l.type, l.wr, l.strict, x.name, x.type, x.pk, x.hidden, v.schema_version \
    FROM pragma_schema_version AS v, pragma_table_list(?1) AS l, pragma_table_xinfo(?1, l.schema) AS x \
    WHERE l.name = ?1 COLLATE BINARY AND (?2 IS NULL OR l.schema = ?2) \
    ORDER BY l.schema <> 'temp', l.schema <> 'main', l.schema, x.cid";

const ORIGINS: &str = "SELECT l.schema, l.name, x.name, x.type, l.strict \
    FROM pragma_table_list AS l, pragma_table_xinfo(l.name, l.schema) AS x \
    WHERE l.type = 'table'";

const NAMES: &str = "SELECT name FROM pragma_table_list WHERE type IN ('table', 'view', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

fn load(connection: &Connection, name: &TableName, rounding: Rounding) -> Result<Table> {
    let mut found: Option<(String, Table)> = None;
    let mut keys: Vec<(i64, usize)> = Vec::new();
    let schema = name.schema.clone().map_or(Param::Null, Param::Text);
    let params = [Param::Text(name.name.clone()), schema];
    each(connection, COLUMNS, &params, |row| {
        let schema: String = row.get(0)?;
        let hidden: i64 = row.get(7)?;
        let strict = row.get::<_, i64>(3)? != 0;
        let (of, table) = match &mut found {
            Some(found) => found,
            None => found.insert((schema.clone(), empty(row, name, rounding)?)),
        };
        if *of != schema || hidden == 1 {
            return Ok(());
        }
        let declared: String = row.get(5)?;
        let (sql_type, affinity) = column_type(&declared, strict);
        let key: i64 = row.get(6)?;
        if key > 0 {
            keys.push((key, table.columns.len()));
        }
        table.columns.push(Column {
            name: row.get(4)?,
            sql_type,
            digits: temporal::digits(&declared),
            generated: match hidden {
                0 => Generated::No,
                _ => Generated::Computed,
            },
            extra: ColumnExtra { declared, affinity },
        });
        Ok(())
    })?;
    let Some((_, mut table)) = found else {
        return Err(undefined(connection, &name.to_string())?);
    };
    connection.set_version(table.extra.version);
    table.extra.all = AllColumns::of(&table.columns)?;
    keys.sort_unstable();
    table.primary_key = keys.into_iter().map(|(_, position)| position).collect();
    table.extra.rowid = table.extra.rowid.and_then(|_| {
        let hidden = |name: &str| {
            let mut columns = table.columns.iter();
            columns.any(|column| column.name.eq_ignore_ascii_case(name))
        };
        ["rowid", "_rowid_", "oid"]
            .into_iter()
            .find(|name| !hidden(name))
    });
    Ok(table)
}

/// The table of a row of [`COLUMNS`], without columns.
fn empty(row: &RawRow<'_>, name: &TableName, rounding: Rounding) -> rusqlite::Result<Table> {
    let kind: String = row.get(1)?;
    let without_rowid = row.get::<_, i64>(2)? != 0;
    Ok(Table {
        name: name.clone(),
        dialect: SqlDialect::Sqlite,
        rounding,
        columns: Vec::new(),
        primary_key: Vec::new(),
        extra: TableExtra {
            rowid: (kind == "table" && !without_rowid).then_some("rowid"),
            is_view: kind == "view",
            version: row.get(8)?,
            is_main: row.get::<_, String>(0)? == "main",
            all: AllColumns::default(),
        },
    })
}

/// The type that a declaration means, and how SQLite stores what is written.
pub(super) fn column_type(declared: &str, strict: bool) -> (SqlType, Affinity) {
    if strict && declared.eq_ignore_ascii_case("any") {
        return (untyped(), Affinity::Blob);
    }
    (
        SqlType::parse_sqlite(declared).unwrap_or_else(untyped),
        Affinity::of_declared(declared),
    )
}

fn is_blob(column: &Column) -> bool {
    column.extra.declared.eq_ignore_ascii_case("blob")
}

/// The types of what a statement gives, as far as there are columns of tables behind it.
pub(super) fn output_types(statement: &Statement<'_>, origins: &Origins) -> Vec<SqlType> {
    let columns = statement.columns_with_metadata();
    let types = columns.iter().map(|column| {
        let tables = column.database_name().and_then(|name| origins.get(name));
        let columns = tables
            .zip(column.table_name())
            .and_then(|(tables, name)| tables.get(name));
        let known = columns
            .zip(column.origin_name())
            .and_then(|(columns, name)| columns.get(name));
        known.cloned().unwrap_or_else(untyped)
    });
    types.collect()
}

/// The type of what has none: values are what they are stored as.
pub(super) fn untyped() -> SqlType {
    SqlType::Other("".into())
}

/// There is no such table; with the nearest name that there is.
pub(super) fn undefined(connection: &Connection, name: &str) -> Result<Error> {
    let mut names: Vec<String> = Vec::new();
    each(connection, NAMES, &[], |row| {
        names.push(row.get(0)?);
        Ok(())
    })?;
    let wanted = name.rsplit_once('.').map_or(name, |(_, name)| name);
    Ok(Error::UndefinedTable {
        table: name.to_owned(),
        suggestion: suggest::closest(wanted, names.iter().map(String::as_str)).map(str::to_owned),
    })
}

fn load_origins(connection: &Connection) -> Result<Origins> {
    let mut origins = Origins::new();
    each(connection, ORIGINS, &[], |row| {
        let schema: String = row.get(0)?;
        let name: String = row.get(1)?;
        let declared: String = row.get(3)?;
        let strict = row.get::<_, i64>(4)? != 0;
        let (sql_type, _) = column_type(&declared, strict);
        let table = origins.entry(schema).or_default().entry(name).or_default();
        table.insert(row.get(2)?, sql_type);
        Ok(())
    })?;
    Ok(origins)
}

/// Runs a statement of ours to its end, row by row.
fn each(
    connection: &Connection,
    sql: &str,
    params: &[Param],
    mut row: impl FnMut(&RawRow<'_>) -> rusqlite::Result<()>,
) -> Result<()> {
    let mut statement = connection.prepare(sql, Keep::Prepared).map_err(failed)?;
    bind(&mut statement, params)?;
    let is_new = is_new(&statement);
    {
        let mut rows = statement.raw_query();
        while let Some(found) = rows.next().map_err(failed)? {
            row(found).map_err(failed)?;
        }
    }
    connection.notice(&statement, is_new).map_err(failed)
}

fn failed(error: rusqlite::Error) -> Error {
    translate(&error, &Context::default())
}
