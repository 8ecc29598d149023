//! The schema while it is read: tables by the numbers that the catalog gives them. Pure.

use std::collections::{BTreeMap, HashMap};

use db_adapter_core::ddl::object_name;
use db_adapter_core::schema::{
    ColumnSchema, DatabaseSchema, IndexSchema, NotInspected, Numbering, SqlDialect, TableSchema,
    TriggerSchema, ViewSchema, table_key,
};
use db_adapter_core::{SqlType, TableName};

use super::Part;
use super::scope::Scope;
use crate::Result;
use crate::Row;
use crate::schema::IntrospectOptions;

/// What was read so far.
pub(super) struct Draft {
    pub(super) schema: DatabaseSchema,
    /// Tables and views by oid.
    pub(super) relations: HashMap<i64, Relation>,
    /// The types that are not built in, by oid.
    pub(super) types: HashMap<i64, SqlType>,
    /// By the catalog that has the object, its oid, and the number of the column or 0.
    comments: HashMap<(String, i64, i64), String>,
}

/// A table or a view, and what both may have.
pub(super) struct Relation {
    pub(super) what: What,
    /// The columns with their numbers, which are no positions.
    pub(super) columns: Vec<(i64, ColumnSchema)>,
    pub(super) indexes: BTreeMap<String, IndexSchema>,
    pub(super) triggers: BTreeMap<String, TriggerSchema>,
    /// The places in `columns`, and the collations, by number.
    places: HashMap<i64, (usize, i64)>,
}

/// What a relation is.
pub(super) enum What {
    Table(Box<TableSchema>),
    View(Box<ViewSchema>),
}

impl Draft {
    pub(super) fn new(scope: &Scope) -> Draft {
        Draft {
            schema: DatabaseSchema {
                dialect: SqlDialect::Postgres,
                not_inspected: scope.not_inspected.clone(),
                ..DatabaseSchema::default()
            },
            relations: HashMap::new(),
            types: HashMap::new(),
            comments: HashMap::new(),
        }
    }

    pub(super) fn add(&mut self, part: &Part, rows: &[Row]) -> Result<()> {
        rows.iter().try_for_each(|row| (part.add)(self, row))
    }

    pub(super) fn remember_comment(&mut self, class: String, oid: i64, column: i64, text: String) {
        self.comments.insert((class, oid, column), text);
    }

    /// The comment on an object, or on a column of it.
    pub(super) fn comment(&mut self, class: &str, oid: i64, column: i64) -> Option<String> {
        self.comments.remove(&(class.to_owned(), oid, column))
    }

    /// The table or view that a row belongs to; `None` for one that is left out.
    pub(super) fn relation_of(&mut self, row: &Row) -> Result<Option<&mut Relation>> {
        Ok(self.relations.get_mut(&row.get("relation")?))
    }

    pub(super) fn leave_out(
        &mut self,
        kind: &str,
        name: Option<String>,
        reason: impl Into<String>,
    ) {
        let entry = NotInspected {
            kind: kind.to_owned(),
            name,
            reason: reason.into(),
        };
        if !self.schema.not_inspected.contains(&entry) {
            self.schema.not_inspected.push(entry);
        }
    }

    pub(super) fn denied(&mut self, kind: &str, catalog: &str) {
        self.leave_out(
            kind,
            None,
            format!("the role may not read `pg_catalog.{catalog}`"),
        );
    }

    /// The schema, without the excluded tables.
    pub(super) fn finish(mut self, options: &IntrospectOptions) -> DatabaseSchema {
        let excluded: Vec<TableName> = options
            .excluded_tables
            .iter()
            .filter_map(|name| TableName::parse(name).ok())
            .collect();
        for (_, relation) in std::mem::take(&mut self.relations) {
            match relation.finish() {
                What::View(view) => {
                    let key = table_key(view.schema.as_deref(), &view.name);
                    self.schema.views.insert(key, *view);
                }
                What::Table(table) if is_excluded(&table, &excluded) => {
                    self.leave_out("table", Some(table.key()), "excluded");
                }
                What::Table(table) => {
                    self.schema.tables.insert(table.key(), *table);
                }
            }
        }
        self.schema.not_inspected.sort();
        self.schema
    }
}

/// A name without a schema means the table in every schema.
fn is_excluded(table: &TableSchema, excluded: &[TableName]) -> bool {
    excluded.iter().any(|name| {
        name.name == table.name && (name.schema.is_none() || name.schema == table.schema)
    })
}

/// A NOT NULL that is a constraint.
pub(super) struct NotNull {
    pub(super) name: String,
    pub(super) is_valid: bool,
    pub(super) no_inherit: bool,
}

impl Relation {
    pub(super) fn new(what: What) -> Relation {
        Relation {
            what,
            columns: Vec::new(),
            indexes: BTreeMap::new(),
            triggers: BTreeMap::new(),
            places: HashMap::new(),
        }
    }

    /// Whether the server would choose this name for the NOT NULL of a column.
    fn is_own_name(&self, name: &str, column: &str) -> bool {
        let table = match &self.what {
            What::Table(table) => &table.name,
            What::View(view) => &view.name,
        };
        name == format!("{table}_{column}_not_null")
    }

    pub(super) fn key(&self) -> String {
        match &self.what {
            What::Table(table) => table.key(),
            What::View(view) => table_key(view.schema.as_deref(), &view.name),
        }
    }

    /// The table, unless it is a view.
    pub(super) fn table_mut(&mut self) -> Option<&mut TableSchema> {
        match &mut self.what {
            What::Table(table) => Some(table),
            What::View(_) => None,
        }
    }

    pub(super) fn add_column(&mut self, number: i64, collation: i64, column: ColumnSchema) {
        self.places.insert(number, (self.columns.len(), collation));
        self.columns.push((number, column));
    }

    /// How the identity of the column with this number counts, unless that is the default of the column's type:
    /// the sequence may have another type.
    pub(super) fn set_numbering(&mut self, number: i64, name: &str, numbering: Numbering) {
        let table = match &self.what {
            What::Table(table) => table.name.clone(),
            What::View(_) => return,
        };
        let place = self.places.get(&number).map(|(place, _)| *place);
        let column = place.and_then(|place| self.columns.get_mut(place));
        if let Some((_, column)) = column {
            let numbering = numbering.without_defaults(&column.data_type);
            column.numbering = (numbering != Numbering::default()).then_some(numbering);
            let usual = object_name(&table, &column.name, "seq");
            column.identity_sequence = (name != usual).then(|| name.to_owned());
        }
    }

    /// What the constraint says of the column with this number. Older rows may not fulfil one that is
    /// not valid.
    pub(super) fn set_not_null(&mut self, number: i64, not_null: &NotNull) {
        let Some(place) = self.places.get(&number).map(|(place, _)| *place) else {
            return;
        };
        let own = self
            .name_of(number)
            .is_some_and(|column| self.is_own_name(&not_null.name, column));
        if let Some((_, column)) = self.columns.get_mut(place) {
            if !not_null.is_valid {
                column.set_nullable(true);
            }
            column.not_null_not_valid = !not_null.is_valid;
            column.not_null_no_inherit = not_null.no_inherit;
            column.not_null_name = (!own).then(|| not_null.name.clone());
        }
    }

    /// The name of the column with this number. Expressions (0) and the system's own columns have
    /// none.
    pub(super) fn name_of(&self, number: i64) -> Option<&String> {
        let (place, _) = self.places.get(&number)?;
        let (_, column) = self.columns.get(*place)?;
        Some(&column.name)
    }

    /// The oid of the collation of the column with this number.
    pub(super) fn collation_of(&self, number: i64) -> Option<i64> {
        self.places.get(&number).map(|(_, collation)| *collation)
    }

    /// The names of the columns with these numbers, in this order.
    pub(super) fn names_of(&self, numbers: &[i64]) -> Vec<String> {
        let names = numbers.iter().filter_map(|number| self.name_of(*number));
        names.cloned().collect()
    }

    fn finish(mut self) -> What {
        self.columns.sort_by_key(|(number, _)| *number);
        let columns = self.columns.into_iter().map(|(_, column)| column).collect();
        match &mut self.what {
            What::Table(table) => {
                table.columns = columns;
                table.indexes = self.indexes;
                table.triggers = self.triggers;
            }
            What::View(view) => {
                view.columns = columns;
                view.indexes = self.indexes;
                view.triggers = self.triggers;
            }
        }
        self.what
    }
}
