//! A schema as it could have been before, or after somebody's hurry: things of it are missing, looser or other ones, and
//! there is more than wanted.

use db_adapter::schema::{ColumnSchema, ConstraintKind, DatabaseSchema, SqlDialect, TableSchema};
use db_adapter_core::SqlType;
use support::Random;

/// The schema with one to four things of it changed.
pub(super) fn drifted(model: &DatabaseSchema, random: &mut Random) -> DatabaseSchema {
    let mut schema = model.clone();
    for _ in 0..1 + random.below(4) {
        let keys: Vec<String> = schema.tables.keys().cloned().collect();
        let Some(key) = random.choose(&keys) else {
            return schema;
        };
        if random.chance(8) && schema.tables.len() > 1 {
            remove_table(&mut schema, key);
            continue;
        }
        let dialect = schema.dialect;
        if let Some(table) = schema.tables.get_mut(key) {
            of_table(table, dialect, random);
        }
    }
    schema
}

/// With what refers to it.
fn remove_table(schema: &mut DatabaseSchema, key: &str) {
    let Some(gone) = schema.tables.remove(key) else {
        return;
    };
    for table in schema.tables.values_mut() {
        let refers = |to: &Option<String>| to.as_deref() == Some(gone.name.as_str());
        table
            .constraints
            .retain(|_, own| !refers(&own.references_table));
    }
}

fn of_table(table: &mut TableSchema, dialect: SqlDialect, random: &mut Random) {
    match random.below(8) {
        0 => {
            let names: Vec<String> = table.indexes.keys().cloned().collect();
            random.choose(&names).map(|name| table.indexes.remove(name));
        }
        1 | 2 => {
            let own = table.constraints.iter();
            let own = own.filter(|(_, own)| own.kind != ConstraintKind::Exclude);
            let names: Vec<String> = own.map(|(name, _)| name.clone()).collect();
            random
                .choose(&names)
                .map(|name| table.constraints.remove(name));
        }
        3 => remove_column(table, random),
        4 => {
            let data_type = if dialect == SqlDialect::Sqlite {
                "TEXT"
            } else {
                "text"
            };
            table
                .columns
                .push(ColumnSchema::new("more of it", data_type, SqlType::Text));
        }
        5 => change(table, random, |column| column.nullable = true),
        6 => change(table, random, |column| column.default = None),
        _ => change(table, random, |column| {
            // the same values are written alike in both
            let (data_type, sql_type) = match column.data_type.as_str() {
                "character varying(20)" => ("text", SqlType::Text),
                "smallint" => ("bigint", SqlType::Int8),
                _ => return,
            };
            if column.default.is_none() && column.identity.is_none() {
                column.data_type = data_type.to_owned();
                column.sql_type = sql_type;
            }
        }),
    }
}

fn change(table: &mut TableSchema, random: &mut Random, change: impl Fn(&mut ColumnSchema)) {
    let end = table.columns.len();
    if end > 0 {
        change(&mut table.columns[random.below(end)]);
    }
}

/// With what is made of it.
fn remove_column(table: &mut TableSchema, random: &mut Random) {
    let end = table.columns.len();
    if end < 2 {
        return;
    }
    let at = random.below(end);
    let gone = table.columns[at].name.clone();
    // SQLite takes the name of a column that is not there for a text, which is another value once the column is there
    let is_used = |own: &ColumnSchema| {
        let computed = own.generated.as_ref();
        computed.is_some_and(|own| own.expression.contains(&gone.replace('"', "\"\"")))
    };
    if table.columns.iter().any(is_used) {
        return;
    }
    table.columns.remove(at);
    table
        .constraints
        .retain(|_, own| !own.columns.contains(&gone) && own.expression.is_none());
    table.indexes.retain(|_, index| {
        index.predicate.is_none()
            && index
                .columns
                .iter()
                .all(|c| !c.is_expression && c.text != gone)
    });
}
