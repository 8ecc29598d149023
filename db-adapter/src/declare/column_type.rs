//! Which column type a Rust type stands for.

use db_adapter_core::declared::{Info, Kind};

use crate::{Json, Numeric, Value};

/// A Rust type that a column can have in a declaration.
///
/// Types of your own say which they are; a single field says it with
/// `#[db_adapter(type = "uuid")]` instead.
///
/// ```
/// use db_adapter::declare::{ColumnType, Kind};
///
/// struct AuthorId(i64);
/// impl ColumnType for AuthorId {
///     const KIND: Kind = Kind::Int8;
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no column type that db-adapter knows",
    label = "which SQL type is it?",
    note = "say it with `#[db_adapter(type = \"..\")]`, leave the field out with `#[db_adapter(skip)]`, or implement `ColumnType` for `{Self}`; uuid, chrono, time and rust_decimal types need the feature of that name"
)]
pub trait ColumnType {
    /// The SQL type.
    const KIND: Kind;
    /// Whether the column is an array of it.
    const ARRAY: bool = false;
    /// Whether the type holds NULL.
    const NULLABLE: bool = false;
    #[doc(hidden)]
    const INFO: Info = Info {
        sql: Self::KIND.sql(Self::ARRAY),
        nullable: Self::NULLABLE,
    };
}

macro_rules! column_types {
    ($($kind:ident: $($(#[$cfg:meta])* $ty:ty),+;)*) => { $($(
        $(#[$cfg])*
        impl ColumnType for $ty {
            const KIND: Kind = Kind::$kind;
        }
    )+)* };
}

column_types! {
    Bool: bool;
    Int2: i8, i16;
    Int4: i32, u16;
    Int8: i64, u32, u64, isize, usize;
    Numeric: i128, u128, Numeric;
    Float4: f32;
    Float8: f64;
    Text: String, Box<str>, char;
    Bytea: Vec<u8>;
    Json: Json, serde_json::Value;
    Any: Value;
}

#[cfg(feature = "uuid")]
column_types! { Uuid: uuid::Uuid; }

#[cfg(feature = "rust_decimal")]
column_types! { Numeric: rust_decimal::Decimal; }

#[cfg(feature = "chrono")]
column_types! {
    Timestamp: chrono::NaiveDateTime;
    Date: chrono::NaiveDate;
    Time: chrono::NaiveTime;
}

#[cfg(feature = "chrono")]
impl<Z: chrono::TimeZone> ColumnType for chrono::DateTime<Z> {
    const KIND: Kind = Kind::Timestamptz;
}

#[cfg(feature = "time")]
column_types! {
    Timestamptz: time::OffsetDateTime;
    Timestamp: time::PrimitiveDateTime;
    Date: time::Date;
    Time: time::Time;
}

impl<T: ColumnType> ColumnType for Option<T> {
    const KIND: Kind = T::KIND;
    const ARRAY: bool = T::ARRAY;
    const NULLABLE: bool = true;
}

impl<T: ColumnType> ColumnType for Vec<T> {
    const KIND: Kind = T::KIND;
    const ARRAY: bool = true;
}

impl<const N: usize> ColumnType for [u8; N] {
    const KIND: Kind = Kind::Bytea;
}
