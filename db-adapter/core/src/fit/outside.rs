//! References out of the backup: they lead to a table that the database has, by columns of it, and to none of
//! the backup itself.

use super::misfit::{Misfit, NotOutside, quoted};
use super::references::Declared;
use crate::backup::ForeignKey;
use crate::schema::table_key;
use crate::{Notice, TableSchema};

/// What is wrong with the external references of a table.
pub(super) fn check(declared: &Declared<'_>, table: &TableSchema) -> Vec<Misfit> {
    let misfit = |reference: &ForeignKey| {
        let why = match declared.schema.table(&reference.table) {
            Some(_) => NotOutside::InBackup,
            None => why_not(declared, table, reference)?,
        };
        Some(Misfit::NotOutside {
            table: declared.def.name.to_string(),
            columns: reference.fields.iter().map(ToString::to_string).collect(),
            references: reference.table.to_string(),
            why,
        })
    };
    let external = declared.def.external.iter();
    external.filter_map(misfit).collect()
}

fn why_not(
    declared: &Declared<'_>,
    table: &TableSchema,
    reference: &ForeignKey,
) -> Option<NotOutside> {
    let (database, tables) = (declared.database, declared.tables);
    let Some(found) = tables.table(&reference.table, database) else {
        // of a schema that was not read: a foreign key proves that it is there
        let mut keys = table.foreign_keys();
        if keys.any(|key| declared.leads_to(table, key, reference)) {
            return None;
        }
        let name = tables.get(&reference.table);
        let key = name.map(|name| table_key(name.schema.as_deref(), &name.name));
        let key = key.unwrap_or_else(|| reference.table.to_string());
        return Some(match database.views.contains_key(&key) {
            true => NotOutside::View,
            false => NotOutside::NoTable,
        });
    };
    let columns: Vec<&str> = match reference.references.as_ref() {
        [] => {
            let key = found.primary_key().map(|key| key.columns.as_slice());
            key.unwrap_or_default().iter().map(String::as_str).collect()
        }
        names => names.iter().map(|name| &**name).collect(),
    };
    let is_there = |column: &&str| found.column(column).is_some();
    let fits = columns.len() == reference.fields.len() && columns.iter().all(is_there);
    (!fits).then_some(NotOutside::Columns)
}

pub(super) fn notice(table: &str, columns: &[String], references: &str, why: NotOutside) -> Notice {
    let columns = quoted(columns);
    let (what, hint) = match why {
        NotOutside::InBackup => (
            "which is in the backup: its rows get other keys",
            "declare it as a parent or as an optional reference, or take the table out of the backup",
        ),
        NotOutside::NoTable => (
            "and the database has no such table",
            "declare the table that it leads to, or no reference",
        ),
        NotOutside::View => (
            "which is a view: its rows are those of other tables",
            "declare the table that has the rows, or no reference",
        ),
        NotOutside::Columns => (
            "which does not have as many columns of these names in its key",
            "name the columns that it leads to as `references`",
        ),
    };
    Notice::new(format!(
        "{columns} of `{table}` is declared as `external` to `{references}`, {what}"
    ))
    .hint(hint)
}
