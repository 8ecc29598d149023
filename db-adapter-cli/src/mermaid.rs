//! A schema as a diagram in the language of Mermaid. Pure; what its grammar does not take in a name
//! is replaced.

use db_adapter::ExpectedSchema;
use db_adapter_core::{ExpectedForeignKey, ExpectedTable, SqlType};

/// The diagram: tables with their columns, and a line for each foreign key between them.
pub(crate) fn diagram(schema: &ExpectedSchema) -> String {
    let mut text = String::from("erDiagram\n");
    for table in schema.tables.iter() {
        text.push_str(&format!("    {} {{\n", entity(&table.key())));
        for column in table.columns.iter() {
            let (name, renamed) = word(&column.name);
            let data_type = column
                .data_type
                .as_deref()
                .map_or("any".to_owned(), type_word);
            let mut line = format!("        {data_type} {name}");
            let marks = marks(table, &column.name);
            if !marks.is_empty() {
                line.push_str(&format!(" {}", marks.join(", ")));
            }
            if renamed {
                line.push_str(&format!(" \"{}\"", quoted(&column.name)));
            }
            text.push_str(&line);
            text.push('\n');
        }
        text.push_str("    }\n");
    }
    for table in schema.tables.iter() {
        for key in table.foreign_keys.iter() {
            text.push_str(&relation(table, key));
        }
    }
    text
}

/// A row refers to one row or to none; a unique reference comes from one row at most.
fn relation(table: &ExpectedTable, key: &ExpectedForeignKey) -> String {
    let columns = || key.columns.iter();
    let is_optional = columns().any(|name| {
        let column = table.columns.iter().find(|c| c.name == *name);
        column.is_some_and(|c| c.nullable == Some(true))
    });
    let is_key =
        |names: &[_]| names.len() == key.columns.len() && columns().all(|c| names.contains(c));
    let is_unique = table.primary_key.as_deref().is_some_and(is_key)
        || table.unique.iter().any(|names| is_key(names));
    let from = if is_unique { "|o" } else { "}o" };
    let to = if is_optional { "o|" } else { "||" };
    let target =
        db_adapter_core::schema::table_key(key.references_schema.as_deref(), &key.references_table);
    let label: Vec<&str> = columns().map(|c| &**c).collect();
    format!(
        "    {} {from}--{to} {} : \"{}\"\n",
        entity(&table.key()),
        entity(&target),
        quoted(&label.join(", "))
    )
}

fn marks(table: &ExpectedTable, column: &str) -> Vec<&'static str> {
    let mut marks = Vec::new();
    let is = |names: &[db_adapter_core::expected::Text]| names.iter().any(|name| name == column);
    if table.primary_key.as_deref().is_some_and(is) {
        marks.push("PK");
    }
    if table.foreign_keys.iter().any(|key| is(&key.columns)) {
        marks.push("FK");
    }
    if table
        .unique
        .iter()
        .any(|names| names.len() == 1 && is(names))
    {
        marks.push("UK");
    }
    marks
}

/// The short name of a type, because a type is one word there.
fn type_word(text: &str) -> String {
    let known = match SqlType::parse_postgres(text) {
        SqlType::Timestamptz => "timestamptz".to_owned(),
        SqlType::Timestamp => "timestamp".to_owned(),
        SqlType::Timetz => "timetz".to_owned(),
        SqlType::Time => "time".to_owned(),
        SqlType::Float8 => "float8".to_owned(),
        SqlType::Varchar(Some(length)) => format!("varchar({length})"),
        SqlType::Varchar(None) => "varchar".to_owned(),
        SqlType::Char(Some(length)) => format!("char({length})"),
        SqlType::Numeric { .. } => "numeric".to_owned(),
        _ => text.to_owned(),
    };
    match known.is_empty() {
        true => "any".to_owned(),
        false => word(&known).0,
    }
}

/// Letters, digits and what else a word may have; whether anything was replaced.
fn word(name: &str) -> (String, bool) {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-()[]".contains(c);
    let mut word: String = name
        .chars()
        .map(|c| if fits(c) { c } else { '_' })
        .collect();
    if !word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        word.insert(0, '_');
    }
    let renamed = word != name;
    (word, renamed)
}

/// A name of a table: in quotes, unless it is a plain word.
fn entity(name: &str) -> String {
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic());
    match is_plain {
        true => name.to_owned(),
        false => format!("\"{}\"", quoted(name)),
    }
}

fn quoted(text: &str) -> String {
    text.chars()
        .map(|c| if c == '"' || c.is_control() { '\'' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_references_and_odd_names() {
        let sql = "CREATE TABLE authors (id bigserial PRIMARY KEY, slug varchar(20) UNIQUE);
            CREATE TABLE \"My books\" (id int PRIMARY KEY, author_id bigint NOT NULL REFERENCES authors,
                editor_id bigint REFERENCES authors, \"so called\" timestamptz, n numeric(10,2));
            CREATE TABLE audit.covers (book_id int PRIMARY KEY REFERENCES \"My books\");";
        let schema = ExpectedSchema::from_sql(sql).unwrap();
        let expected = r#"erDiagram
    "My books" {
        integer id PK
        bigint author_id FK
        bigint editor_id FK
        timestamptz so_called "so called"
        numeric n
    }
    "audit.covers" {
        integer book_id PK, FK
    }
    authors {
        bigint id PK
        varchar(20) slug UK
    }
    "My books" }o--|| authors : "author_id"
    "My books" }o--o| authors : "editor_id"
    "audit.covers" |o--|| "My books" : "book_id"
"#;
        assert_eq!(diagram(&schema), expected);
    }
}
