//! What is known of tables and types, and until when.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db_adapter_core::TableName;

use super::connection::Connection;
use super::describe_table::{TYPE_COLUMNS, TYPES, load, version};
use super::effects::Effects;
use super::encode::Param;
use super::failure::Failure;
use super::guard::Texts;
use super::same_types::Relied;
use super::statement::fetch_plain;
use super::types::{CatalogType, TypeInfo};
use crate::sql::{Column, Table};
use crate::{Rounding, Row, Value};

pub(super) type PgTable = Table<TableFacts, ColumnFacts>;
pub(super) type PgColumn = Column<ColumnFacts>;

/// What is known of a table beyond the names and types of its columns. Its `name` is the one the
/// caller uses, for messages.
#[derive(Debug, PartialEq)]
pub(super) struct TableFacts {
    /// With its schema.
    pub(super) found: TableName,
    /// Constraints and unique indexes, with their columns, for messages.
    pub(super) constraints: Vec<(String, Vec<String>)>,
    /// Whether policies decide which rows the role may write: then there is no COPY.
    pub(super) row_security: bool,
    /// Whether COPY does there what an insert does: a table of the server's own, without rules and
    /// without policies for the role.
    pub(super) takes_copy: bool,
    /// What else happens when it is read or written.
    pub(super) effects: Effects,
    /// Other after every change of the table or one of its columns: see `describe_table`.
    pub(super) version: Option<String>,
    /// What statements about the whole table say again and again.
    pub(super) texts: Texts,
}

#[derive(Debug, PartialEq)]
pub(super) struct ColumnFacts {
    pub(super) ty: TypeInfo,
    /// The column's own type, a domain as well, without its length.
    pub(super) own: String,
    /// Whether that is a domain over the type that values are cast to.
    pub(super) is_domain: bool,
    /// What statements take for granted of it; see `guard`.
    pub(super) relied: Relied,
}

/// The tables that were looked up, by the names that callers use.
#[derive(Debug)]
pub(super) struct Catalog {
    /// What its tables do with values that a column would round or cut.
    pub(super) rounding: Rounding,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    tables: HashMap<TableName, Arc<PgTable>>,
    /// Counts the clearings: what was loaded before one must not be kept after it.
    generation: u64,
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

    /// Forgets everything: the schema may have changed.
    pub(super) fn clear(&self) {
        let mut state = self.state();
        state.tables.clear();
        state.generation += 1;
    }

    /// The table as it is now.
    pub(super) async fn fresh(
        &self,
        conn: &mut Connection,
        name: &TableName,
    ) -> Result<Arc<PgTable>, Failure> {
        self.state().tables.remove(name);
        Ok(self.table(conn, name).await?.0)
    }

    /// Looks at a table again; whether it is not what it was. As long as it is, others keep what
    /// they know.
    pub(super) async fn reload(
        &self,
        conn: &mut Connection,
        name: &TableName,
    ) -> Result<bool, Failure> {
        let (generation, known) = {
            let state = self.state();
            (state.generation, state.tables.get(name).cloned())
        };
        if let Some(known) = known
            && known.extra.version.is_some()
            && known.extra.version == version(conn, name).await?
        {
            return Ok(false);
        }
        let found = match Box::pin(load(conn, name, self.rounding)).await {
            // it is gone, or what is there now was made behind our snapshot
            Err(Failure::Ours(_) | Failure::Stale) => None,
            found => Some(found?),
        };
        let mut state = self.state();
        let same = match (&found, state.tables.get(name)) {
            (Some(found), Some(known)) => *found == **known,
            _ => false,
        };
        if same {
            return Ok(false);
        }
        state.tables.remove(name);
        if let Some(found) = found
            && state.generation == generation
        {
            state.tables.insert(name.clone(), Arc::new(found));
        }
        Ok(true)
    }

    /// The table, and whether that is from the cache.
    pub(super) async fn table(
        &self,
        conn: &mut Connection,
        name: &TableName,
    ) -> Result<(Arc<PgTable>, bool), Failure> {
        let generation = {
            let state = self.state();
            if let Some(table) = state.tables.get(name) {
                return Ok((Arc::clone(table), true));
            }
            state.generation
        };
        let table = Arc::new(Box::pin(load(conn, name, self.rounding)).await?);
        let mut state = self.state();
        if state.generation == generation {
            state.tables.insert(name.clone(), Arc::clone(&table));
        }
        Ok((table, false))
    }
}

/// What the types of these oids are.
pub(super) async fn types(
    conn: &mut Connection,
    oids: &[u32],
) -> Result<HashMap<u32, TypeInfo>, Failure> {
    let mut infos = HashMap::new();
    if oids.is_empty() {
        return Ok(infos);
    }
    let sql = format!(
        "WITH RECURSIVE src AS (
          SELECT x::int8 AS id, x::oid AS typ, -1 AS mod FROM unnest($1::text[]) AS x),{TYPES}
          SELECT types.id, {TYPE_COLUMNS} FROM types"
    );
    let list = oids.iter().map(|oid| Some(oid.to_string())).collect();
    for row in fetch_plain(conn, sql, vec![Param::Texts(list)]).await? {
        let mut cells = Cells(row.into_iter());
        let id = cells.int().and_then(|id| u32::try_from(id).ok());
        if let (Some(id), Some(ty)) = (id, catalog_type(&mut cells)) {
            infos.insert(id, ty.info());
        }
    }
    Ok(infos)
}

/// The cells of a catalog row, one after another.
pub(super) struct Cells<I>(pub(super) I);

impl<I: Iterator<Item = Value>> Cells<I> {
    pub(super) fn text(&mut self) -> Option<String> {
        match self.0.next() {
            Some(Value::Text(text)) => Some(text.into_string()),
            _ => None,
        }
    }

    pub(super) fn int(&mut self) -> Option<i64> {
        self.0.next().as_ref().and_then(Value::as_i64)
    }

    pub(super) fn flag(&mut self) -> bool {
        matches!(self.0.next(), Some(Value::Bool(true)))
    }
}

/// A row of an id and [`TYPE_COLUMNS`].
pub(super) fn catalog_type_of(row: &Row) -> Option<CatalogType> {
    let cells = row.iter().skip(1).map(|(_, value)| value.clone());
    catalog_type(&mut Cells(cells))
}

/// The columns of [`TYPE_COLUMNS`].
pub(super) fn catalog_type<I: Iterator<Item = Value>>(cells: &mut Cells<I>) -> Option<CatalogType> {
    let mut ty = one_type(cells);
    let mut element = one_type(cells);
    let is_domain = cells.flag();
    let collates = cells.flag();
    if let Some(element) = &mut element {
        element.was_domain = is_domain;
    }
    if let Some(ty) = &mut ty {
        ty.element = element.map(Box::new);
        ty.collates = collates;
    }
    ty
}

fn one_type<I: Iterator<Item = Value>>(cells: &mut Cells<I>) -> Option<CatalogType> {
    let oid = cells.int().and_then(|oid| u32::try_from(oid).ok());
    let (schema, name, kind, display) = (cells.text(), cells.text(), cells.text(), cells.text());
    Some(CatalogType {
        oid: oid?,
        schema: schema?,
        name: name?,
        is_enum: kind.as_deref() == Some("e"),
        is_pseudo: kind? == "p",
        collates: false,
        display: display?,
        element: None,
        was_domain: false,
    })
}
