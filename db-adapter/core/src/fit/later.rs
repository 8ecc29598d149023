//! Optional references to rows that a restore brings later, such as those of a circle of tables: a row goes
//! without them first, so that they can be NULL until then.

use super::misfit::{Misfit, quoted};
use crate::backup::{BackupSchema, ForeignKey, TableDef};
use crate::{Notice, TableSchema};

/// The references of a table that would have to be NULL for a while, and cannot.
pub(super) fn check(schema: &BackupSchema, def: &TableDef, table: &TableSchema) -> Vec<Misfit> {
    let place = |name: &str| schema.tables.iter().position(|other| other.name == name);
    let own = place(&def.name);
    let comes_later = |reference: &&ForeignKey| {
        let target = place(&reference.table);
        target.is_some_and(|target| own.is_some_and(|own| own < target))
    };
    let later = def.optional_refs.iter().filter(comes_later);
    let misfit = |reference: &ForeignKey| Misfit::NeverNull {
        table: def.name.to_string(),
        columns: reference.fields.iter().map(ToString::to_string).collect(),
        references: reference.table.to_string(),
    };
    later
        .filter(|reference| !can_be_null(def, table, reference))
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

pub(super) fn notice(table: &str, columns: &[String], references: &str) -> Notice {
    let columns = quoted(columns);
    Notice::new(format!(
        "`{table}` refers to `{references}` by {columns}, whose rows are restored after those of `{table}`, and the reference cannot be NULL until then"
    ))
    .hint(format!(
        "declare it as a parent, unless the tables need each other in a circle; in a circle let the column be NULL in the database, and keep it out of the keys of `{table}`"
    ))
}
