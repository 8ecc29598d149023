//! Names that the compiler checks, for calls that take any name.

/// The names of columns, checked: `cols!(Book: id, slug)`.
///
/// ```
/// use db_adapter::{backup_table, cols};
///
/// #[backup_table(name = "books")]
/// struct Book { id: i64, slug: String, #[db_adapter(name = "type")] kind: String }
///
/// assert_eq!(cols!(Book: id, kind), ["id", "type"]);
/// ```
///
/// ```compile_fail,E0609
/// # use db_adapter::{backup_table, cols};
/// # #[backup_table(name = "books")]
/// # struct Book { id: i64, slug: String }
/// cols!(Book: id, slgu);
/// ```
#[macro_export]
macro_rules! cols {
    ($table:path : $($column:ident),+ $(,)?) => {
        [$(<$table as $crate::declare::BackupTable>::NAMES.$column),+]
    };
    ($($other:tt)*) => {
        ::core::compile_error!("expected a table and its fields: `cols!(Book: id, slug)`")
    };
}

/// As [`row!`](crate::row) with a table, and every column that an insert needs must be given:
/// all but those that may be NULL, an integer primary key, and those marked
/// `#[db_adapter(default)]`.
///
/// ```
/// use db_adapter::{backup_table, new_row};
///
/// #[backup_table(name = "books")]
/// struct Book { id: i64, slug: String, title: Option<String> }
///
/// let row = new_row!(Book { slug: "dune" });
/// assert_eq!(row["slug"], "dune");
/// let slug = "emma";
/// assert_eq!(new_row!(Book { slug })["slug"], "emma");
/// ```
///
/// ```compile_fail
/// # use db_adapter::{backup_table, new_row};
/// # #[backup_table(name = "books")]
/// # struct Book { id: i64, slug: String, title: Option<String> }
/// new_row!(Book { title: "Dune" });
/// ```
#[macro_export]
macro_rules! new_row {
    ($table:path { $($field:tt)* }) => {
        $crate::new_row!(@typed $table, { $($field)* }, { $($field)* })
    };
    (@typed $table:path, { $($column:ident $(: $value:expr)?),* $(,)? }, $fields:tt) => {{
        // an item: `cargo check` looks at no inline const
        const _: () = $crate::declare::declared::check_new_row(
            <$table as $crate::declare::BackupTable>::DEF,
            <$table as $crate::declare::BackupTable>::FIELDS,
            &[$(<$table as $crate::declare::BackupTable>::TYPED.$column.name),*],
        );
        $crate::row!($table $fields)
    }};
    ($($other:tt)*) => {
        ::core::compile_error!("expected a table and its values: `new_row!(Book { slug: \"dune\" })`")
    };
}
