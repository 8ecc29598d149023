//! The declared owner beside the database: its table and the column that it is known by are there,
//! and a foreign key of the user's column leads to it.

use super::Resolved;
use super::misfit::Misfit;
use super::references::Declared;
use crate::backup::{BackupSchema, ForeignKey, TableDef};
use crate::{ConstraintSchema, DatabaseSchema, TableSchema};

/// The table of owners, and the column by which it knows a user.
///
/// `None` where the table does not have one such column, or the database not the table.
///
/// ```
/// use db_adapter_core::backup::{BackupSchema, ForeignKey, TableDef};
/// use db_adapter_core::fit::{Resolved, owner_of};
/// use db_adapter_core::{ColumnSchema, DatabaseSchema, SqlType, TableSchema};
///
/// let mut tenants = TableSchema { name: "tenants".into(), ..TableSchema::default() };
/// tenants.columns.push(ColumnSchema::new("code", "text", SqlType::Text));
/// let mut database = DatabaseSchema::default();
/// database.tables.insert("tenants".into(), tenants);
///
/// let owner = ForeignKey::new("tenants", "tenant").to("code");
/// let schema = BackupSchema::new([TableDef::new("projects").owner_key(owner.clone())])?;
/// let tables = Resolved::of(&schema, &database);
/// let (table, column) = owner_of(&owner, &schema, &database, &tables).unwrap();
/// assert_eq!((table.name.as_str(), column), ("tenants", "code"));
/// # Ok::<(), db_adapter_core::backup::InvalidSchema>(())
/// ```
pub fn owner_of<'a>(
    owner: &'a ForeignKey,
    schema: &'a BackupSchema,
    database: &'a DatabaseSchema,
    tables: &Resolved,
) -> Option<(&'a TableSchema, &'a str)> {
    let found = tables.table(&owner.table, database)?;
    let column = match (owner.references.as_ref(), schema.table(&owner.table)) {
        ([column], _) => column,
        ([], Some(def)) => match def.pk.as_ref() {
            [column] => column,
            _ => return None,
        },
        ([], None) => match found.primary_key()?.columns.as_slice() {
            [column] => column.as_str(),
            _ => return None,
        },
        _ => return None,
    };
    found.column(column).map(|_| (found, column))
}

/// What is wrong with the owner of a table.
pub(super) fn check(declared: &Declared<'_>) -> Option<Misfit> {
    let owner = declared.def.owner.as_ref()?;
    if find(declared, owner).is_some() {
        return None;
    }
    Some(Misfit::NoOwners {
        table: declared.def.name.to_string(),
        field: owner.fields.first().map(ToString::to_string)?,
        owners: owner.table.to_string(),
        is_there: declared
            .tables
            .table(&owner.table, declared.database)
            .is_some(),
        column: owner.references.first().map(ToString::to_string),
    })
}

fn find<'a>(declared: &Declared<'a>, owner: &'a ForeignKey) -> Option<(&'a TableSchema, &'a str)> {
    owner_of(owner, declared.schema, declared.database, declared.tables)
}

/// Whether a foreign key needs no look beside the declared references: it is by the user's column,
/// whose value is given. With a declared owner one such key leads to it.
pub(super) fn is_given(
    declared: &Declared<'_>,
    there: &TableSchema,
    key: &ConstraintSchema,
) -> bool {
    if !is_by_user(declared.def, key) {
        return false;
    }
    let Some(owner) = &declared.def.owner else {
        return true;
    };
    if find(declared, owner).is_none() {
        return true; // that it is not there is told by itself
    }
    let leads = |key: &ConstraintSchema| declared.leads_to(there, key, owner);
    let mut others = there.foreign_keys();
    !leads(key) && others.any(|other| is_by_user(declared.def, other) && leads(other))
}

/// That a foreign key by the owner's column leads to another table.
pub(super) fn other(def: &TableDef, key: &ConstraintSchema) -> Option<Misfit> {
    let owner = def.owner.as_ref().filter(|_| is_by_user(def, key))?;
    Some(Misfit::OtherOwners {
        table: def.name.to_string(),
        column: key.columns.concat(),
        declared: owner.table.to_string(),
        found: key.references_table.clone().unwrap_or_default(),
    })
}

fn is_by_user(def: &TableDef, key: &ConstraintSchema) -> bool {
    match key.columns.as_slice() {
        [column] => def.user_field.as_deref() == Some(column.as_str()),
        _ => false,
    }
}
