//! `row!`: a literal for rows and filters.

use crate::expr::{Changes, Expression};
use crate::filter::Test;
use crate::row::RowNames;
use crate::{Filter, Row, Value};

/// What stands behind a colon in [`row!`](crate::row): a value, an operator of
/// [`op`](crate::op), which makes a filter of the whole, or an expression of
/// [`expr`](crate::expr), which makes changes of it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column value",
    label = "convert it, for example to text or to a number",
    note = "values are integers, floats, bool, text, bytes, arrays, `Option`s, `Value`, `Numeric` and `Json`; uuid, chrono, time and rust_decimal types need the feature of that name"
)]
pub trait Entry<To> {
    /// A row stays a row until an operator comes.
    type Out;

    /// Adds the entry.
    fn add(self, name: &str, to: To) -> Self::Out;
}

impl<V: Into<Value>> Entry<Row> for V {
    type Out = Row;

    fn add(self, name: &str, mut to: Row) -> Row {
        to.push(name, self.into());
        to
    }
}

impl Entry<Row> for Test {
    type Out = Filter;

    fn add(self, name: &str, to: Row) -> Filter {
        Entry::<Filter>::add(self, name, to.into())
    }
}

impl<V: Into<Value>> Entry<Filter> for V {
    type Out = Filter;

    fn add(self, name: &str, to: Filter) -> Filter {
        Entry::<Filter>::add(Test::Dict(self.into()), name, to)
    }
}

impl Entry<Filter> for Test {
    type Out = Filter;

    fn add(self, name: &str, to: Filter) -> Filter {
        to.and(Filter::test(name, self))
    }
}

impl Entry<Row> for Expression {
    type Out = Changes;

    fn add(self, name: &str, to: Row) -> Changes {
        Changes::from(to).push(name, self)
    }
}

impl<V: Into<Value>> Entry<Changes> for V {
    type Out = Changes;

    fn add(self, name: &str, mut to: Changes) -> Changes {
        to.row.push(name, self.into());
        to
    }
}

impl Entry<Changes> for Expression {
    type Out = Changes;

    fn add(self, name: &str, to: Changes) -> Changes {
        to.push(name, self)
    }
}

/// The row that a `row!` begins with; the names are shared by all that it makes.
#[doc(hidden)]
pub fn begin_row(names: &RowNames, of: &[&str]) -> Row {
    Row::begin(names, of)
}

/// A row, or a filter where it has an operator of [`op`](crate::op).
///
/// Keys are literals, constants or expressions in parentheses.
///
/// ```
/// use db_adapter::prelude::*;
/// const EMAIL: &str = "email";
/// let key = String::from("age");
/// let row: Row = row! { "name": "Alice", EMAIL: None::<&str>, (key): 30 };
/// let filter: Filter = row! { "age": op::gt(18), "active": true };
/// assert_eq!(row.len(), 3);
/// ```
///
/// With a declared table the compiler checks the names and the types of the values, and a name alone
/// takes the variable of that name, as in a struct literal:
///
/// ```
/// # #[cfg(feature = "macros")]
/// # fn main() {
/// use db_adapter::{backup_table, prelude::*};
///
/// #[backup_table(name = "books")]
/// struct Book { id: i64, slug: String }
///
/// let row = row!(Book { slug: "dune" });
/// let filter: Filter = row!(Book { id: op::gt(1) });
/// let changes = row!(Book { id: expr::add(1) });
/// let slug = "emma";
/// assert_eq!(row!(Book { id: 2, slug }), row! { "id": 2, "slug": "emma" });
/// # }
/// # #[cfg(not(feature = "macros"))]
/// # fn main() {}
/// ```
///
/// A field takes values of its own type, and what means the same: any integer for an integer, `&str`
/// for `String`, text for a time, `None` where it is an `Option`; as a filter also a list of them.
/// A [`Value`](crate::Value), the operators of [`op`](crate::op) and the expressions of
/// [`expr`](crate::expr) are not checked, nor is a field
/// whose SQL type is said by an attribute. So this does not compile:
///
/// ```compile_fail
/// # use db_adapter::{backup_table, prelude::*};
/// # #[backup_table(name = "books")]
/// # struct Book { id: i64, slug: String }
/// let row = row!(Book { id: "1" });
/// ```
///
/// A filter given as data does not compile:
///
/// ```compile_fail
/// # use db_adapter::prelude::*;
/// # async fn f(db: &dyn DatabaseClient) {
/// db.insert("users", row! { "age": op::gt(18) });
/// # }
/// ```
#[macro_export]
macro_rules! row {
    // what stands for a column's value: in the short form the name itself
    (@value $column:ident) => { $column };
    (@value $column:ident : $value:expr) => { $value };
    // twice: once to see that they are names, once as they are, so that the compiler points at them
    ($table:path { $($field:tt)* }) => {
        $crate::row!(@typed $table, { $($field)* }, { $($field)* })
    };
    (
        @typed $table:path,
        { $($name:ident $(: $_value:expr)?),* $(,)? },
        { $($column:tt $(: $value:expr)?),* $(,)? }
    ) => {{
        #[allow(unused_imports)]
        use $crate::declare::fit::{FitByClass as _, FitSame as _, FitUnchecked as _};
        static __DB_ADAPTER_NAMES: $crate::RowNames = $crate::RowNames::new();
        let __names: &[&str] = &[$(<$table as $crate::declare::BackupTable>::TYPED.$column.name),*];
        let __row = $crate::__begin_row(&__DB_ADAPTER_NAMES, __names);
        $(
            // the value has the name of its column, so that a message about it is there
            let __row = match $crate::row!(@value $column $(: $value)?) {
                $column => {
                    let __field = <$table as $crate::declare::BackupTable>::TYPED.$column;
                    let __given = __field.given(&$column);
                    let $column = (&__given).fit().check($column);
                    $crate::Entry::add($column, __field.name, __row)
                }
            };
        )*
        __row
    }};
    // an item is seen by the values, so its name is one that nobody has
    ($($name:literal : $value:expr),+ $(,)?) => {{
        static __DB_ADAPTER_NAMES: $crate::RowNames = $crate::RowNames::new();
        let __row = $crate::__begin_row(&__DB_ADAPTER_NAMES, &[$($name),+]);
        $( let __row = $crate::Entry::add($value, $name, __row); )+
        __row
    }};
    ($($name:tt : $value:expr),* $(,)?) => {{
        let __row = $crate::Row::new();
        $( let __row = $crate::Entry::add($value, ::core::convert::AsRef::<str>::as_ref(&$name), __row); )*
        __row
    }};
    ($($other:tt)*) => {
        ::core::compile_error!("expected `\"column\": value, ..`; a constant may stand for the name, any other expression needs parentheses: `(name): value`")
    };
}
