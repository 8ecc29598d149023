//! What a struct says about its table's columns, as constants, and the checks between structs.
//! The checks run in const evaluation: their messages are the compile errors.

use crate::backup::rules::{names, same, text};
use crate::backup::{Message, TableDef};
use crate::expected::ExpectedColumn;
use crate::fit::are_apart_by_name;
use std::borrow::Cow;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $sql:literal,)*) => {
        /// The SQL type that a Rust type stands for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
            /// Any type at all.
            Any,
        }

        impl Kind {
            /// The name as PostgreSQL writes it; of an array of it, if asked.
            pub const fn sql(self, array: bool) -> Option<&'static str> {
                match (self, array) {
                    $((Kind::$kind, false) => Some($sql),
                    (Kind::$kind, true) => Some(concat!($sql, "[]")),)*
                    (Kind::Any, _) => None,
                }
            }
        }
    };
}

kinds! {
    /// `bool`
    Bool "boolean",
    /// `i16`
    Int2 "smallint",
    /// `i32`
    Int4 "integer",
    /// `i64`
    Int8 "bigint",
    /// `f32`
    Float4 "real",
    /// `f64`
    Float8 "double precision",
    /// an exact decimal
    Numeric "numeric",
    /// `String`
    Text "text",
    /// a UUID
    Uuid "uuid",
    /// an instant
    Timestamptz "timestamp with time zone",
    /// a date and a time of day
    Timestamp "timestamp without time zone",
    /// a date
    Date "date",
    /// a time of day
    Time "time without time zone",
    /// bytes
    Bytea "bytea",
    /// a JSON document
    Json "jsonb",
}

/// What a field's type says about its column.
#[derive(Clone, Copy, Debug)]
pub struct Info {
    /// The SQL type; `None` when the Rust type takes any.
    pub sql: Option<&'static str>,
    /// Whether the type can hold NULL.
    pub nullable: bool,
}

/// A field of a struct, as a column of its table.
#[derive(Clone, Copy, Debug)]
pub struct FieldDef {
    /// The field's name in Rust.
    pub field: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// The column's name as it stands in a JSON string.
    pub json_name: &'static str,
    /// The SQL type and whether NULL is allowed.
    pub info: Info,
    /// The column's own type, as the declaration or its SQL file writes it, and as it stands in a
    /// JSON string; `None` where the field's type alone is known.
    pub column_type: Option<(&'static str, &'static str)>,
    /// Whether the database fills the column; `None` when that is not known.
    pub filled: Option<bool>,
}

/// The fields as expected columns; `N` of them.
pub const fn columns<const N: usize>(fields: &[FieldDef]) -> [ExpectedColumn; N] {
    let mut out = [const { ExpectedColumn::from_static("", None, None, None) }; N];
    let mut i = 0;
    while i < N {
        let field = &fields[i];
        let (data_type, exact) = match field.column_type {
            Some((own, _)) => (Some(own), true),
            None => (field.info.sql, false),
        };
        let nullable = Some(field.info.nullable);
        let mut column =
            ExpectedColumn::from_static(field.column, data_type, nullable, field.filled);
        column.exact = exact;
        // a plain assignment would drop, which const evaluation cannot
        std::mem::forget(std::mem::replace(&mut out[i], column));
        i += 1;
    }
    out
}

/// A field that another struct names; any field when there is none of this name, which
/// [`check_field`] reports.
pub const fn field_of(fields: &'static [FieldDef], field: &str) -> &'static FieldDef {
    match find(fields, field, false) {
        Some(field) => field,
        None => &fields[0],
    }
}

/// A field that another struct names is there.
///
/// # Panics
/// In const evaluation, as the compile error.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "in const evaluation this is the compile error"
)]
pub const fn check_field(struct_name: &str, fields: &[FieldDef], field: &str) {
    if find(fields, field, false).is_some() {
        return;
    }
    let mut message = Message::new("");
    message.push_name(struct_name);
    message.push(" has no field ");
    message.push_name(field);
    message.push_hint("use one of ");
    let mut i = 0;
    while i < fields.len() {
        message.push(if i > 0 { ", " } else { "" });
        message.push_name(fields[i].field);
        i += 1;
    }
    panic!("{}", message.as_str());
}

const fn find<'a>(fields: &'a [FieldDef], name: &str, column: bool) -> Option<&'a FieldDef> {
    let mut i = 0;
    while i < fields.len() {
        let known = match column {
            true => fields[i].column,
            false => fields[i].field,
        };
        if same(known, name) {
            return Some(&fields[i]);
        }
        i += 1;
    }
    None
}

/// One column of a reference, for the check of its type.
#[derive(Clone, Copy, Debug)]
pub struct Reference {
    /// The referring field as it stands in the source: `author_id: i64`.
    pub shown: &'static str,
    /// What the field's type says.
    pub info: Info,
    /// Whether the column's type is said beside the field, so that it is the database's own: the server lets
    /// `integer` refer to `bigint`.
    pub declared: bool,
    /// Which column of the parent's key it is.
    pub position: usize,
    /// The parent's field, when it is not the primary key.
    pub to: Option<&'static str>,
}

/// A reference has the type of the key that it refers to; where the column's own type is said, one of its kind.
///
/// # Panics
/// In const evaluation, as the compile error.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "in const evaluation this is the compile error"
)]
pub const fn check_type(reference: Reference, parent: &TableDef, fields: &[FieldDef]) {
    let key = names(&parent.pk);
    let target = match reference.to {
        Some(field) => find(fields, field, false),
        None if reference.position < key.len() => {
            find(fields, text(&key[reference.position]), true)
        }
        None => None, // the number of columns is another check's
    };
    let Some(target) = target else { return };
    let (Some(sql), Some(wanted)) = (reference.info.sql, target.info.sql) else {
        return;
    };
    if same(sql, wanted) || (reference.declared && !are_apart_by_name(sql, wanted)) {
        return;
    }
    let mut message = Message::new("");
    message.push_name(reference.shown);
    message.push(" is ");
    message.push(sql);
    message.push(", but ");
    message.push_name(text(&parent.name));
    message.push(" has ");
    message.push(wanted);
    message.push(" in ");
    message.push_name(target.column);
    message.push(
        "; hint: give both the same type, or say what the column is: `#[db_adapter(type = \"",
    );
    message.push(wanted);
    message.push("\")]`");
    panic!("{}", message.as_str());
}

/// A row needs its parent, so the column that refers to it holds no NULL.
///
/// # Panics
/// In const evaluation, as the compile error.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "in const evaluation this is the compile error"
)]
pub const fn check_required(shown: &str, info: Info) {
    if !info.nullable {
        return;
    }
    let mut message = Message::new("");
    message.push_name(shown);
    message.push(" may be NULL, but a row needs its parent");
    message.push_hint("write `optional_ref` instead of `parent`, or take the `Option` away");
    panic!("{}", message.as_str());
}

/// One of the columns of an optional reference can hold NULL.
///
/// # Panics
/// In const evaluation, as the compile error.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "in const evaluation this is the compile error"
)]
pub const fn check_optional(shown: &str, ty: &str, columns: &[Info]) {
    let mut i = 0;
    while i < columns.len() {
        if columns[i].nullable {
            return;
        }
        i += 1;
    }
    let mut message = Message::new("");
    message.push_name(shown);
    message.push(" cannot be NULL, so that the reference is not optional");
    message.push_hint("write `Option<");
    message.push(ty);
    message.push(">`, or `parent` instead of `optional_ref`");
    panic!("{}", message.as_str());
}

/// A reference to a primary key names as many columns as the key has.
///
/// # Panics
/// In const evaluation, as the compile error.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "in const evaluation this is the compile error"
)]
pub const fn check_arity(given: usize, parent: &TableDef) {
    let key = names(&parent.pk);
    if given == key.len() || key.is_empty() {
        return;
    }
    let mut message = Message::new("the primary key of ");
    message.push_name(text(&parent.name));
    message.push(" is (");
    let mut i = 0;
    while i < key.len() {
        message.push(if i > 0 { ", " } else { "" });
        message.push_name(text(&key[i]));
        i += 1;
    }
    message.push(")");
    message.push_hint("name one field for each column in the parentheses, or say which column is meant: `(field -> column)`");
    panic!("{}", message.as_str());
}

/// A field's type and `Option` are those of its column in a SQL file. `types` are the SQL types of
/// the Rust types that fit; none means any.
///
/// # Panics
/// In const evaluation, as the compile error, with one of the messages.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "in const evaluation this is the compile error"
)]
pub const fn check_sql(info: Info, types: &[&str], nullable: Option<bool>, messages: [&str; 3]) {
    if let Some(sql) = info.sql
        && !types.is_empty()
        && !contains(types, sql)
    {
        panic!("{}", messages[0]);
    }
    match nullable {
        Some(true) if !info.nullable => panic!("{}", messages[1]),
        Some(false) if info.nullable => panic!("{}", messages[2]),
        _ => {}
    }
}

/// All columns that an insert needs are given.
///
/// # Panics
/// In const evaluation, as the compile error.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "in const evaluation this is the compile error"
)]
pub const fn check_new_row(table: &TableDef, fields: &[FieldDef], given: &[&str]) {
    let mut message = Message::new("a new row of ");
    message.push_name(text(&table.name));
    message.push(" needs ");
    let (mut missing, mut i) = (0, 0);
    while i < fields.len() {
        let field = &fields[i];
        let optional = field.info.nullable || !matches!(field.filled, Some(false));
        if !optional && !contains(given, field.column) {
            message.push(if missing > 0 { ", " } else { "" });
            message.push_name(field.field);
            missing += 1;
        }
        i += 1;
    }
    if missing > 0 {
        message.push(
            "; hint: give a value, or mark what the database fills: `#[db_adapter(default)]`",
        );
        panic!("{}", message.as_str());
    }
}

const fn contains(names: &[&str], name: &str) -> bool {
    let mut i = 0;
    while i < names.len() {
        if same(names[i], name) {
            return true;
        }
        i += 1;
    }
    false
}

/// A list of one constant name, for the macros.
pub const fn borrowed(name: &'static str) -> Cow<'static, str> {
    Cow::Borrowed(name)
}
