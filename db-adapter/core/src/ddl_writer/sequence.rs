//! Sequences, and the parameters of identities. Never writes what a sequence has come to: that is data.

use super::quote;
use crate::name::push_quoted;
use crate::schema::{DatabaseSchema, Numbering, SequenceSchema, SqlDialect};

pub(crate) fn create(sequence: &SequenceSchema) -> String {
    let name = quote::qualified(
        sequence.schema.as_deref(),
        &sequence.name,
        SqlDialect::Postgres,
    );
    let unlogged = if sequence.unlogged { "UNLOGGED " } else { "" };
    let mut sql = format!("CREATE {unlogged}SEQUENCE {name}");
    if !matches!(sequence.data_type.as_str(), "" | "bigint") {
        sql.push_str(&format!(" AS {}", sequence.data_type));
    }
    for option in options(&sequence.numbering()) {
        sql.push(' ');
        sql.push_str(&option);
    }
    sql
}

/// That it goes with its column.
pub(crate) fn owned(sequence: &SequenceSchema, schema: &DatabaseSchema) -> Option<String> {
    let (table, column) = sequence.owned_by.as_ref()?;
    let name = quote::qualified(
        sequence.schema.as_deref(),
        &sequence.name,
        SqlDialect::Postgres,
    );
    let mut sql = format!(
        "ALTER SEQUENCE {name} OWNED BY {}.",
        quote::table(table, schema)
    );
    push_quoted(&mut sql, column);
    Some(sql)
}

/// The parameters that are not the default.
pub(crate) fn options(numbering: &Numbering) -> Vec<String> {
    let told = [
        ("INCREMENT BY", numbering.increment),
        ("MINVALUE", numbering.min),
        ("MAXVALUE", numbering.max),
        ("START WITH", numbering.start),
        ("CACHE", numbering.cache),
    ];
    let told = told.into_iter();
    let told = told.filter_map(|(word, value)| value.map(|value| format!("{word} {value}")));
    told.chain(numbering.cycle.then(|| "CYCLE".to_owned()))
        .collect()
}
