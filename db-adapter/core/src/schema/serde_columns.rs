//! The keys of an index in JSON: a plain ascending column is its name, as the original writes it;
//! anything else an object.

use super::IndexColumn;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Wire {
    Name(String),
    Full(Full),
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Full {
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expression: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    descending: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    nulls_first: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    collation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator_class: Option<String>,
}

pub(super) fn serialize<S: Serializer>(columns: &[IndexColumn], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(columns.iter().map(write))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<IndexColumn>, D::Error> {
    Ok(Vec::<Wire>::deserialize(from)?
        .into_iter()
        .map(read)
        .collect())
}

fn write(column: &IndexColumn) -> Wire {
    let IndexColumn {
        text,
        is_expression,
        descending,
        nulls_first,
        collation,
        operator_class,
    } = column.clone();
    if column == &IndexColumn::column(text.as_str()) {
        return Wire::Name(text);
    }
    let (column, expression) = match is_expression {
        true => (None, Some(text)),
        false => (Some(text), None),
    };
    Wire::Full(Full {
        column,
        expression,
        descending,
        nulls_first,
        collation,
        operator_class,
    })
}

fn read(wire: Wire) -> IndexColumn {
    match wire {
        Wire::Name(name) => IndexColumn::column(name),
        Wire::Full(full) => IndexColumn {
            is_expression: full.expression.is_some(),
            text: full.expression.or(full.column).unwrap_or_default(),
            descending: full.descending,
            nulls_first: full.nulls_first,
            collation: full.collation,
            operator_class: full.operator_class,
        },
    }
}
