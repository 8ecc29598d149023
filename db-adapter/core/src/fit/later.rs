//! Optional references to rows that a restore brings later, such as those of a circle of tables: a row goes
//! without them first, so that they can be NULL until then; or with the key that the other row will have, where
//! the foreign key can wait for that.

use super::Resolved;
use super::misfit::{Misfit, quoted};
use super::references::{Declared, same_columns, with_partitions};
use crate::backup::{BackupSchema, ForeignKey, TableDef};
use crate::schema::SqlDialect;
use crate::{DatabaseSchema, Notice, TableSchema};

/// The references of a table that would have to be NULL for a while, and cannot.
pub(super) fn check(
    schema: &BackupSchema,
    def: &TableDef,
    table: &TableSchema,
    database: &DatabaseSchema,
    tables: &Resolved,
) -> Vec<Misfit> {
    let place = |name: &str| schema.tables.iter().position(|other| other.name == name);
    let own = place(&def.name);
    let comes_later = |reference: &&ForeignKey| {
        let target = place(&reference.table);
        target.is_some_and(|target| own.is_some_and(|own| own < target))
    };
    let waits =
        |reference: &ForeignKey| !waiting_keys(schema, def, database, tables, reference).is_empty();
    let later = def.optional_refs.iter().filter(comes_later);
    let misfit = |reference: &ForeignKey| Misfit::NeverNull {
        table: def.name.to_string(),
        columns: reference.fields.iter().map(ToString::to_string).collect(),
        references: reference.table.to_string(),
    };
    later
        .filter(|reference| !can_be_null(def, table, reference) && !waits(reference))
        .map(misfit)
        .collect()
}

/// Whether a column of the reference may be NULL that is of no key and of no other reference, and whether the
/// row is still the same one then.
fn can_be_null(def: &TableDef, table: &TableSchema, reference: &ForeignKey) -> bool {
    let natural = def.natural_key();
    let is_user = |field: &str| def.user_field.as_deref() == Some(field);
    let others = || def.references().filter(|other| *other != reference);
    let is_of_another = |field: &str| others().any(|r| r.fields.iter().any(|f| &**f == field));
    let is_free = |field: &str| {
        let is_key = def.pk.iter().any(|column| &**column == field);
        let found = table.column(field);
        // one that is not there is told elsewhere
        found.is_none_or(|c| c.nullable) && !is_key && !is_user(field) && !is_of_another(field)
    };
    let mut fields = reference.fields.iter().map(|field| &**field);
    let identifies = fields
        .clone()
        .any(|field| natural.contains(&field) && !is_user(field) && !is_of_another(field));
    !identifies && fields.any(is_free)
}

/// The foreign keys of an optional reference that can wait for the end of the transaction, each by its schema and
/// name, so that a row goes before the one that it refers to: empty where one of them cannot, where there is none,
/// or where nobody knows the other row's key beforehand.
///
/// ```
/// # use db_adapter_core::backup::{BackupSchema, TableDef};
/// # use db_adapter_core::fit::{Resolved, waiting_keys};
/// # use db_adapter_core::DatabaseSchema;
/// let people = TableDef::new("people").optional_ref("people", "boss_id");
/// let schema = BackupSchema::new([people])?;
/// let (database, tables) = (DatabaseSchema::default(), Resolved::default());
/// let def = &schema.tables[0];
/// assert!(waiting_keys(&schema, def, &database, &tables, &def.optional_refs[0]).is_empty());
/// # Ok::<(), db_adapter_core::backup::InvalidSchema>(())
/// ```
pub fn waiting_keys(
    schema: &BackupSchema,
    def: &TableDef,
    database: &DatabaseSchema,
    tables: &Resolved,
    reference: &ForeignKey,
) -> Vec<(Option<String>, String)> {
    let Some(table) = tables.table(&def.name, database) else {
        return Vec::new();
    };
    if !is_known_beforehand(schema, def, reference) {
        return Vec::new();
    }
    let declared = Declared {
        schema,
        def,
        database,
        tables,
    };
    let mut found = Vec::new();
    for there in with_partitions(table, database) {
        for (name, key) in &there.constraints {
            let is_meant = there.foreign_keys().any(|other| std::ptr::eq(other, key))
                && same_columns(&reference.fields, &key.columns)
                && declared.leads_to(there, key, reference);
            if !is_meant {
                continue;
            }
            // SQLite puts any of them off
            if key.over_time || !(key.deferrable || database.dialect == SqlDialect::Sqlite) {
                return Vec::new();
            }
            found.push((there.schema.clone(), name.clone()));
        }
    }
    found
}

/// Whether the database itself sees to it that what the reference leads to is there: by a foreign key that it
/// enforces.
pub fn is_guarded(
    schema: &BackupSchema,
    def: &TableDef,
    database: &DatabaseSchema,
    tables: &Resolved,
    reference: &ForeignKey,
) -> bool {
    let declared = Declared {
        schema,
        def,
        database,
        tables,
    };
    tables.table(&def.name, database).is_some_and(|table| {
        table.foreign_keys().any(|key| {
            !key.not_enforced
                && !key.over_time
                && same_columns(&reference.fields, &key.columns)
                && declared.leads_to(table, key, reference)
        })
    })
}

/// Whether the columns of the reference are its own, and the key that they get is the other row's own, which a
/// restore keeps or takes from the database before the row is there.
fn is_known_beforehand(schema: &BackupSchema, def: &TableDef, reference: &ForeignKey) -> bool {
    let Some(target) = schema.table(&reference.table) else {
        return false;
    };
    let keys = match reference.references.is_empty() {
        true => &target.pk,
        false => &reference.references,
    };
    let natural = def.natural_key();
    let is_user = |def: &TableDef, field: &str| def.user_field.as_deref() == Some(field);
    let others = || def.references().filter(|other| *other != reference);
    let is_of_another = |field: &str| others().any(|r| r.fields.iter().any(|f| &**f == field));
    let is_made = |key: &str| {
        let mut refers = target.references().flat_map(|r| r.fields.iter());
        refers.any(|field| &**field == key) || target.renew.iter().any(|column| &**column == key)
    };
    let mut is_any_free = false;
    let fits = |(field, key): (&std::borrow::Cow<'_, str>, &std::borrow::Cow<'_, str>)| {
        if is_user(def, field) {
            return is_user(target, key);
        }
        is_any_free = true;
        let is_own = !is_of_another(field) && !natural.contains(&&**field);
        is_own && !def.pk.contains(field) && !is_user(target, key) && !is_made(key)
    };
    keys.len() == reference.fields.len()
        && reference.fields.iter().zip(keys.iter()).all(fits)
        && is_any_free
}

pub(super) fn notice(table: &str, columns: &[String], references: &str) -> Notice {
    let columns = quoted(columns);
    Notice::new(format!(
        "`{table}` refers to `{references}` by {columns}, whose rows are restored after those of `{table}`, and the reference cannot be NULL until then"
    ))
    .hint(format!(
        "declare it as a parent, unless the tables need each other in a circle; in a circle let the column be NULL in the database, or give it a foreign key that is DEFERRABLE and leads to a key without references in it, and keep it out of the keys of `{table}`"
    ))
}
