//! Between rows and declared structs. The traits have a lifetime that means nothing: a bound
//! `for<'a> T: WriteField<'a>` is only looked at where the conversion is used, so that a struct
//! whose fields cannot be converted may still be declared.

use crate::{FromValue, Result, Row, Value};

/// A field that becomes a column's value.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not become a column's value",
    label = "a field of this struct has the type `{Self}`",
    note = "implement `From<{Self}>` for `db_adapter::Value`, or leave the field out with `#[db_adapter(skip)]`"
)]
pub trait WriteField<'a> {
    fn write_field(self) -> Value;
}

#[diagnostic::do_not_recommend]
impl<T: Into<Value>> WriteField<'_> for T {
    fn write_field(self) -> Value {
        self.into()
    }
}

/// A field that is read from a column.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a column",
    label = "a field of this struct has the type `{Self}`",
    note = "implement `db_adapter::FromValue` for `{Self}`, or leave the field out with `#[db_adapter(skip)]`"
)]
pub trait ReadField<'a>: Sized {
    fn read_field(row: &Row, column: &str) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromValue> ReadField<'_> for T {
    fn read_field(row: &Row, column: &str) -> Result<Self> {
        row.get(column)
    }
}

/// A field that is no column: it gets its default.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no default for a field that is skipped",
    label = "a field of this struct has the type `{Self}`",
    note = "implement `Default` for `{Self}`, or do not skip the field"
)]
pub trait SkipField<'a> {
    fn skip_field() -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Default> SkipField<'_> for T {
    fn skip_field() -> Self {
        T::default()
    }
}
