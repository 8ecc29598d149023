//! Names that tables and columns had before: those that are declared, applied to the schema that is there, and
//! those that could be. Never guesses one.

use crate::lexer::{Kind, Lexer};
use crate::schema::{DatabaseSchema, SqlDialect, TableSchema};
use std::collections::BTreeMap;

/// The declared renames that are still to be done.
#[derive(Clone, Debug, Default)]
pub(super) struct Renames {
    /// The keys that tables have now, by those that they get.
    pub(super) tables: BTreeMap<String, String>,
    /// The names that columns have now, by the key that the table gets and the name that they get.
    pub(super) columns: BTreeMap<(String, String), String>,
    /// What cannot be done, with the reason: by its path.
    pub(super) wrong: Vec<(String, String)>,
}

impl Renames {
    /// The key that a table has now.
    pub(super) fn table_now<'a>(&'a self, key: &'a str) -> &'a str {
        self.tables.get(key).map_or(key, String::as_str)
    }

    /// The columns of a table that get new names: the new one and the one that they have now.
    pub(super) fn columns_of<'a>(
        &'a self,
        table: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = self
            .columns
            .iter()
            .filter(move |((key, _), _)| key == table);
        all.map(|((_, new), old)| (new.as_str(), old.as_str()))
    }
}

/// The schema that is there with the names that are declared, and which of them are new.
pub(super) fn apply(
    actual: &DatabaseSchema,
    wanted: &DatabaseSchema,
    declared: &BTreeMap<String, String>,
) -> (DatabaseSchema, Renames) {
    let (mut schema, mut renames) = (actual.clone(), Renames::default());
    let mut left: Vec<(&String, &String)> = Vec::new();
    for (path, old) in declared {
        let unlisted = unlisted(actual, wanted, path, old);
        let Some(table) = wanted.tables.get(path).or(unlisted.as_ref()) else {
            left.push((path, old));
            continue;
        };
        let old = key_in(actual, table, old);
        match (
            schema.tables.contains_key(path),
            schema.tables.contains_key(&old),
        ) {
            (false, true) if wanted.tables.contains_key(&old) => {
                let why = format!("the table `{old}` is expected, too");
                renames.wrong.push((path.clone(), why));
            }
            (false, true) => {
                rename_table(&mut schema, &old, table);
                renames.tables.insert(path.clone(), old);
            }
            (true, true) => {
                let why = format!("there is a table `{path}` and a table `{old}`");
                renames.wrong.push((path.clone(), why));
            }
            (_, false) => {} // it is done, or nothing of that name is there
        }
    }
    for (path, old) in left {
        let Some((key, name)) = column_of(path, wanted) else {
            let why = "no such table or column is expected".to_owned();
            renames.wrong.push((path.clone(), why));
            continue;
        };
        let Some(table) = schema.tables.get(&key) else {
            continue;
        };
        match (table.column(&name), table.column(old)) {
            (None, Some(_)) => {
                rename_column(&mut schema, &key, old, &name);
                renames.columns.insert((key, name), old.clone());
            }
            (Some(_), Some(_)) => {
                let why = format!("`{key}` has a column `{name}` and a column `{old}`");
                renames.wrong.push((path.clone(), why));
            }
            (_, None) => {}
        }
    }
    (schema, renames)
}

/// A table of which a declaration has the names alone: it is not one of the tables that are wanted.
fn unlisted(
    actual: &DatabaseSchema,
    wanted: &DatabaseSchema,
    path: &str,
    old: &str,
) -> Option<TableSchema> {
    let there = actual.tables.get(old)?;
    if wanted.tables.contains_key(path) || column_of(path, wanted).is_some() {
        return None;
    }
    let (_, name) = crate::ddl_writer::quote::parts_of_key(path);
    let table = TableSchema {
        schema: there.schema.clone(),
        name,
        ..TableSchema::default()
    };
    (table.key() == path).then_some(table)
}

/// The old key as it is written, or in the schema of the new table.
fn key_in(actual: &DatabaseSchema, table: &TableSchema, old: &str) -> String {
    if actual.tables.contains_key(old) {
        return old.to_owned();
    }
    crate::schema::table_key(table.schema.as_deref(), old)
}

fn column_of(path: &str, wanted: &DatabaseSchema) -> Option<(String, String)> {
    let mut tables = wanted.tables.iter();
    tables.find_map(|(key, table)| {
        let name = path.strip_prefix(key.as_str())?.strip_prefix('.')?;
        table.column(name)?;
        Some((key.clone(), name.to_owned()))
    })
}

fn rename_table(schema: &mut DatabaseSchema, old: &str, wanted: &TableSchema) {
    let Some(mut table) = schema.tables.remove(old) else {
        return;
    };
    let (was, now) = (table.name.clone(), wanted.name.clone());
    let in_schema = table.schema.clone();
    table.name.clone_from(&now);
    let key = table.key();
    schema.tables.insert(key.clone(), table);
    for other in schema.tables.values_mut() {
        for own in other.constraints.values_mut() {
            let same = own.references_schema == in_schema || own.references_schema.is_none();
            if own.references_table.as_deref() == Some(&was) && same {
                own.references_table = Some(now.clone());
            }
        }
        for parent in other.partition_of.iter_mut().chain(&mut other.inherits) {
            if parent == old {
                parent.clone_from(&key);
            }
        }
    }
    for sequence in schema.sequences.values_mut() {
        if let Some((table, _)) = &mut sequence.owned_by
            && table == old
        {
            table.clone_from(&key);
        }
    }
}

fn rename_column(schema: &mut DatabaseSchema, key: &str, old: &str, new: &str) {
    let dialect = schema.dialect;
    let Some(table) = schema.tables.get_mut(key) else {
        return;
    };
    let (own_schema, own_name) = (table.schema.clone(), table.name.clone());
    if let Some(column) = table.column_mut(old) {
        new.clone_into(&mut column.name);
    }
    let renamed = |text: &mut String| *text = in_expression(text, old, new, dialect);
    let listed = |names: &mut Vec<String>| {
        for name in names.iter_mut().filter(|name| *name == old) {
            new.clone_into(name);
        }
    };
    for column in &mut table.columns {
        if let Some(generated) = &mut column.generated {
            renamed(&mut generated.expression);
        }
    }
    for own in table.constraints.values_mut() {
        listed(&mut own.columns);
        listed(&mut own.include);
        listed(&mut own.on_delete_columns);
        own.expression.as_mut().into_iter().for_each(renamed);
    }
    for index in table.indexes.values_mut() {
        listed(&mut index.include);
        for column in &mut index.columns {
            match column.is_expression {
                true => renamed(&mut column.text),
                false if column.text == old => new.clone_into(&mut column.text),
                false => {}
            }
        }
        index.predicate.as_mut().into_iter().for_each(renamed);
    }
    for other in schema.tables.values_mut() {
        for own in other.constraints.values_mut() {
            let here = own.references_table.as_deref() == Some(&own_name)
                && (own.references_schema == own_schema || own.references_schema.is_none());
            if let Some(to) = own.references_columns.as_mut().filter(|_| here) {
                listed(to);
            }
        }
    }
    for sequence in schema.sequences.values_mut() {
        if let Some((table, column)) = &mut sequence.owned_by
            && table == key
            && column == old
        {
            new.clone_into(column);
        }
    }
}

/// The expression with a column under its new name: names behind a dot are those of a qualified column, names
/// before a parenthesis are functions.
fn in_expression(text: &str, old: &str, new: &str, dialect: SqlDialect) -> String {
    let tokens: Vec<_> = Lexer::of_definition(text, dialect).collect();
    let mut result = String::with_capacity(text.len());
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1).map_or("", |token| token.text);
        let is_name = matches!(token.kind, Kind::Word | Kind::Name) && next != "(" && next != ".";
        match is_name && token.name(dialect).as_deref() == Some(old) {
            true => result.push_str(&crate::quote_ident(new)),
            false => result.push_str(token.text),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_column_gets_its_new_name() {
        let renamed = |text: &str| in_expression(text, "a", "b c", SqlDialect::Postgres);
        assert_eq!(
            renamed("a > 0 AND x.a = 'a'"),
            "\"b c\" > 0 AND x.\"b c\" = 'a'"
        );
        assert_eq!(renamed("a(1) + \"a\""), "a(1) + \"b c\"");
    }
}
