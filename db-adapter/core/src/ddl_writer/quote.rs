//! Names and texts as SQL, always quoted. Never decides which names there are.

use crate::name::{TableName, push_quoted, quote_ident};
use crate::schema::{DatabaseSchema, SqlDialect};

/// A text as a string constant, which every setting of the server reads alike.
pub(crate) fn literal(text: &str, dialect: SqlDialect) -> String {
    let quoted = text.replace('\'', "''");
    match dialect == SqlDialect::Postgres && text.contains('\\') {
        true => format!("E'{}'", quoted.replace('\\', "\\\\")),
        false => format!("'{quoted}'"),
    }
}

/// The name of an object with its schema, which SQLite's own file does not need.
pub(crate) fn qualified(schema: Option<&str>, name: &str, dialect: SqlDialect) -> String {
    let mut sql = String::new();
    let own = dialect == SqlDialect::Sqlite;
    if let Some(schema) = schema.filter(|schema| !own || *schema != "main") {
        push_quoted(&mut sql, schema);
        sql.push('.');
    }
    push_quoted(&mut sql, name);
    sql
}

/// `"a", "b"`
pub(crate) fn list<T: AsRef<str>>(names: &[T]) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| quote_ident(name.as_ref()))
        .collect();
    quoted.join(", ")
}

/// The schema and the name that a key is made of.
pub(crate) fn parts_of_key(key: &str) -> (Option<String>, String) {
    match key.contains('.').then(|| TableName::parse(key)) {
        Some(Ok(name)) => (name.schema, name.name),
        _ => (None, key.to_owned()),
    }
}

/// The table with this key as SQL, with the schema that it has.
pub(crate) fn table(key: &str, schema: &DatabaseSchema) -> String {
    match schema.tables.get(key) {
        Some(table) => qualified(table.schema.as_deref(), &table.name, schema.dialect),
        None => {
            let (own, name) = parts_of_key(key);
            qualified(own.as_deref(), &name, schema.dialect)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_back_whatever_is_in_them() {
        for (text, postgres, sqlite) in [
            ("it's", "'it''s'", "'it''s'"),
            ("a\\'b", "E'a\\\\''b'", "'a\\''b'"),
            ("", "''", "''"),
            ("a\nb", "'a\nb'", "'a\nb'"),
        ] {
            assert_eq!(literal(text, SqlDialect::Postgres), postgres);
            assert_eq!(literal(text, SqlDialect::Sqlite), sqlite);
        }
    }

    #[test]
    fn keys_are_names_again() {
        let key = |schema: Option<&str>, name: &str| crate::schema::table_key(schema, name);
        for (schema, name) in [
            (None, "a"),
            (None, "a.b"),
            (None, "say \"hi\""),
            (Some("audit"), "a.b"),
            (Some("my audit"), "say \"hi\""),
        ] {
            let parts = parts_of_key(&key(schema, name));
            assert_eq!(parts, (schema.map(str::to_owned), name.to_owned()));
        }
    }
}
