//! Values of `row!` with a table: of the field's type, of its kind, unchecked, and in filters.

use db_adapter::declare::{ColumnType, Kind};
use db_adapter::prelude::*;
use db_adapter::{Json, Numeric, backup_table, new_row};

/// A key of a type of its own.
#[derive(Clone, Copy, Debug)]
pub struct TaskId(pub i64);

impl ColumnType for TaskId {
    const KIND: Kind = Kind::Int8;
}

impl From<TaskId> for Value {
    fn from(id: TaskId) -> Value {
        id.0.into()
    }
}

#[derive(Clone)]
enum Status {
    Open,
}

impl From<Status> for Value {
    fn from(status: Status) -> Value {
        match status {
            Status::Open => "open".into(),
        }
    }
}

/// A field of each kind; some types are less visible than the table.
#[backup_table(name = "tasks")]
#[allow(dead_code, missing_docs)]
pub struct Task {
    pub id: TaskId,
    pub slug: String,
    level: i16,
    pub parent_id: Option<i64>,
    pub due: Option<String>,
    pub price: Numeric,
    pub score: f64,
    pub done: bool,
    pub photo: Vec<u8>,
    pub tags: Vec<String>,
    pub extra: Option<Json>,
    pub anything: Value,
    #[db_adapter(type = "text")]
    status: Status,
    #[db_adapter(type = "uuid")]
    pub token: String,
    pub r#type: Option<Vec<i64>>,
}

/// What a field takes as data.
pub fn data(row: &Row, text: &str, maybe: Option<&str>) -> Result<Row, std::num::ParseIntError> {
    let (slug, id) = (text.to_owned(), TaskId(7));
    let level = text.parse::<i32>()?;
    Ok(new_row!(Task {
        id: &id,
        slug,
        level,
        parent_id: 5,
        due: maybe,
        price: "1.50",
        score: 3,
        done: !text.is_empty(),
        photo: [1_u8, 2],
        tags: ["a", text],
        extra: None,
        anything: vec![1, 2],
        status: Status::Open,
        token: row["token"].clone(),
        r#type: Some([1, 2]),
    }))
}

/// A number without a type gets the field's, and nothing is evaluated twice.
pub fn literals(mut texts: std::vec::IntoIter<String>) -> Row {
    row!(Task {
        level: 3,
        parent_id: None,
        due: texts.next(),
        price: 2.5,
        score: 1.5,
        done: true,
        extra: "text is a document too",
        r#type: (),
    })
}

/// What a `Value` and a reference to one are nobody checks.
pub fn unchecked(row: &Row) -> Row {
    row!(Task {
        id: &row["id"],
        level: row["level"].clone(),
        due: Value::Null,
        slug: &String::from("a"),
    })
}

/// In a filter a list means one of its values, and an operator decides by itself.
pub fn filters(ids: &[i64], due: Option<&String>) -> [Filter; 2] {
    [
        row!(Task {
            id: op::gt(1),
            level: [1, 2],
            parent_id: ids
        }),
        row!(Task {
            slug: ["a", "b"],
            due,
            tags: op::eq(["x"])
        }),
    ]
}

/// The names of columns are free for variables, and for what is called inside.
pub fn shadowed() -> Row {
    let (row, field, given) = ("a", true, 1_i64);
    row!(Task {
        slug: row,
        done: field,
        parent_id: given
    })
}
