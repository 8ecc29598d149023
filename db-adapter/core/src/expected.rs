//! What a program expects of its database: tables and columns, and as much about them as the
//! declaration knows. Never compares anything: that is `validate`.

use crate::schema::{ConstraintKind, DatabaseSchema, SqlDialect, TableSchema, table_key};
use crate::sql_type::SqlType;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A text that a macro may have put into the program.
pub type Text = Cow<'static, str>;
/// Names of columns in their order.
pub type Names = Cow<'static, [Text]>;

/// The tables that a program expects; made at compile time by a macro, or at run time.
///
/// ```
/// use db_adapter_core::ExpectedSchema;
///
/// let expected = ExpectedSchema::columns([
///     ("users", vec!["id", "name"]),
///     ("orders", vec!["id", "user_id", "total"]),
/// ]);
/// assert_eq!(expected.table("users").map(|t| t.columns.len()), Some(2));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExpectedSchema {
    /// The tables, in the declaration's order.
    pub tables: Cow<'static, [ExpectedTable]>,
}

/// One expected table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExpectedTable {
    /// The schema; `None` leaves it to the connection.
    pub schema: Option<Text>,
    /// The name, exactly as the database spells it.
    pub name: Text,
    /// The columns.
    pub columns: Cow<'static, [ExpectedColumn]>,
    /// The columns of the primary key; `None` when the declaration does not say.
    pub primary_key: Option<Names>,
    /// The columns of each unique constraint or full unique index, as far as known.
    pub unique: Cow<'static, [Names]>,
    /// The foreign keys, as far as known.
    pub foreign_keys: Cow<'static, [ExpectedForeignKey]>,
}

/// One expected column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExpectedColumn {
    /// The name.
    pub name: Text,
    /// The type as PostgreSQL writes it, or as SQLite declares it; `None` when not known.
    pub data_type: Option<Text>,
    /// Whether NULL is allowed; `None` when not known.
    pub nullable: Option<bool>,
    /// Whether the database fills the column: a default, an identity, generated; `None` when not
    /// known.
    pub filled: Option<bool>,
    /// Whether `data_type` is the column's own, with its length and its digits, not only that of
    /// the values that a program has for it.
    pub exact: bool,
}

/// One expected foreign key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ExpectedForeignKey {
    /// Its columns.
    pub columns: Names,
    /// The schema of the referenced table; `None` leaves it to the connection.
    pub references_schema: Option<Text>,
    /// The referenced table.
    pub references_table: Text,
    /// The referenced columns; empty means its primary key.
    pub references_columns: Names,
    /// Whether the last column is a span of time: `PERIOD`.
    pub over_time: bool,
    /// Whether it is only written down, `NOT ENFORCED`: then nothing is expected of the database.
    pub not_enforced: bool,
}

impl ExpectedSchema {
    /// A schema from data in the program: what macros expand to.
    ///
    /// Each list is a constant of its own, because the arguments of a const function are not
    /// promoted to statics.
    ///
    /// ```
    /// use db_adapter_core::{ExpectedColumn, ExpectedSchema, ExpectedTable};
    ///
    /// pub const EXPECTED: ExpectedSchema = {
    ///     const USERS: &[ExpectedColumn] =
    ///         &[ExpectedColumn::from_static("id", Some("bigint"), Some(false), None)];
    ///     const TABLES: &[ExpectedTable] = &[ExpectedTable::from_static(None, "users", USERS)];
    ///     ExpectedSchema::from_static(TABLES)
    /// };
    /// # assert_eq!(EXPECTED.tables.len(), 1);
    /// ```
    pub const fn from_static(tables: &'static [ExpectedTable]) -> ExpectedSchema {
        ExpectedSchema {
            tables: Cow::Borrowed(tables),
        }
    }

    /// Names alone, at run time: what the original takes as `{"users": {"id", "name"}}`.
    ///
    /// A table is `name` or `schema.name`; one that is no such name is taken as it is.
    pub fn columns<T, C>(tables: impl IntoIterator<Item = (T, C)>) -> ExpectedSchema
    where
        T: AsRef<str>,
        C: IntoIterator,
        C::Item: Into<Text>,
    {
        let table = |(name, columns): (T, C)| {
            let (schema, name) = match crate::TableName::parse(name.as_ref()) {
                Ok(parsed) => (parsed.schema, parsed.name),
                Err(_) => (None, name.as_ref().to_owned()),
            };
            let columns = columns.into_iter().map(|name| ExpectedColumn {
                name: name.into(),
                ..ExpectedColumn::default()
            });
            ExpectedTable {
                schema: schema.map(Into::into),
                name: name.into(),
                columns: columns.collect(),
                ..ExpectedTable::default()
            }
        };
        ExpectedSchema {
            tables: tables.into_iter().map(table).collect(),
        }
    }

    /// All that a schema says, be it read from SQL or from a database; partitions are left to
    /// their parents, and the keys are those that hold for every row.
    pub fn from_ddl(schema: &DatabaseSchema) -> ExpectedSchema {
        let tables = schema.tables.values().filter(|t| t.partition_of.is_none());
        ExpectedSchema {
            tables: tables
                .map(|table| expected_table(table, schema.dialect))
                .collect(),
        }
    }

    /// The tables of a SQL file for PostgreSQL, or what is wrong with the file.
    ///
    /// ```
    /// use db_adapter_core::ExpectedSchema;
    ///
    /// let expected = ExpectedSchema::from_sql("CREATE TABLE users (id bigserial PRIMARY KEY);")?;
    /// assert_eq!(expected.tables[0].columns[0].nullable, Some(false));
    /// # Ok::<(), Vec<db_adapter_core::ddl::DdlError>>(())
    /// ```
    #[cfg(feature = "sql")]
    pub fn from_sql(sql: &str) -> Result<ExpectedSchema, Vec<crate::ddl::DdlError>> {
        ExpectedSchema::from_sql_of(sql, crate::ddl::SqlDialect::Postgres)
    }

    /// The tables of a SQL file in this dialect, or what is wrong with the file.
    #[cfg(feature = "sql")]
    pub fn from_sql_of(
        sql: &str,
        dialect: crate::ddl::SqlDialect,
    ) -> Result<ExpectedSchema, Vec<crate::ddl::DdlError>> {
        let ddl = crate::ddl::parse(sql, dialect);
        match ddl.errors.is_empty() {
            true => Ok(ExpectedSchema::from_ddl(&ddl.schema)),
            false => Err(ddl.errors),
        }
    }

    /// The table of this name, under the key that [`table_key`] gives.
    pub fn table(&self, key: &str) -> Option<&ExpectedTable> {
        self.tables.iter().find(|t| t.key() == key)
    }
}

impl ExpectedTable {
    /// A table whose keys are not known.
    pub const fn from_static(
        schema: Option<&'static str>,
        name: &'static str,
        columns: &'static [ExpectedColumn],
    ) -> ExpectedTable {
        ExpectedTable {
            schema: borrowed(schema),
            name: Cow::Borrowed(name),
            columns: Cow::Borrowed(columns),
            primary_key: None,
            unique: Cow::Borrowed(&[]),
            foreign_keys: Cow::Borrowed(&[]),
        }
    }

    /// A table with its keys.
    pub const fn with_keys(
        schema: Option<&'static str>,
        name: &'static str,
        columns: &'static [ExpectedColumn],
        primary_key: Option<&'static [Text]>,
        unique: &'static [Names],
        foreign_keys: &'static [ExpectedForeignKey],
    ) -> ExpectedTable {
        ExpectedTable {
            schema: borrowed(schema),
            name: Cow::Borrowed(name),
            columns: Cow::Borrowed(columns),
            primary_key: match primary_key {
                Some(columns) => Some(Cow::Borrowed(columns)),
                None => None,
            },
            unique: Cow::Borrowed(unique),
            foreign_keys: Cow::Borrowed(foreign_keys),
        }
    }

    /// The key under which the actual table is found.
    pub fn key(&self) -> String {
        table_key(self.schema.as_deref(), &self.name)
    }
}

impl ExpectedColumn {
    /// A column with what is known of it.
    pub const fn from_static(
        name: &'static str,
        data_type: Option<&'static str>,
        nullable: Option<bool>,
        filled: Option<bool>,
    ) -> ExpectedColumn {
        ExpectedColumn {
            name: Cow::Borrowed(name),
            data_type: borrowed(data_type),
            nullable,
            filled,
            exact: false,
        }
    }

    /// The column with a type that is its own, with its length and its digits.
    #[must_use]
    pub const fn exact(mut self) -> ExpectedColumn {
        self.exact = true;
        self
    }

    /// The type, read as PostgreSQL writes it.
    pub fn sql_type(&self) -> Option<SqlType> {
        self.data_type.as_deref().map(SqlType::parse_postgres)
    }
}

impl ExpectedForeignKey {
    /// A foreign key; no referenced columns mean the primary key.
    pub const fn from_static(
        columns: &'static [Text],
        references_schema: Option<&'static str>,
        references_table: &'static str,
        references_columns: &'static [Text],
    ) -> ExpectedForeignKey {
        ExpectedForeignKey {
            columns: Cow::Borrowed(columns),
            references_schema: borrowed(references_schema),
            references_table: Cow::Borrowed(references_table),
            references_columns: Cow::Borrowed(references_columns),
            over_time: false,
            not_enforced: false,
        }
    }

    /// The foreign key as one that is `NOT ENFORCED`.
    #[must_use]
    pub const fn not_enforced(mut self) -> ExpectedForeignKey {
        self.not_enforced = true;
        self
    }

    /// The foreign key with `PERIOD` before its last column.
    #[must_use]
    pub const fn over_time(mut self) -> ExpectedForeignKey {
        self.over_time = true;
        self
    }
}

const fn borrowed(text: Option<&'static str>) -> Option<Text> {
    match text {
        Some(text) => Some(Cow::Borrowed(text)),
        None => None,
    }
}

/// One table of a schema.
pub(crate) fn expected_table(table: &TableSchema, dialect: SqlDialect) -> ExpectedTable {
    let columns = table.columns.iter().map(|c| ExpectedColumn {
        name: c.name.clone().into(),
        data_type: (!c.data_type.is_empty()).then(|| c.data_type.clone().into()),
        nullable: Some(c.nullable),
        filled: Some(c.is_filled()),
        exact: dialect == SqlDialect::Postgres, // in SQLite a type bounds nothing
    });
    let foreign_keys = table.foreign_keys().map(|f| ExpectedForeignKey {
        columns: names(&f.columns),
        references_schema: f.references_schema.clone().map(Into::into),
        references_table: f.references_table.clone().unwrap_or_default().into(),
        references_columns: names(f.references_columns.as_deref().unwrap_or_default()),
        over_time: f.over_time,
        not_enforced: f.not_enforced,
    });
    ExpectedTable {
        schema: table.schema.clone().map(Into::into),
        name: table.name.clone().into(),
        columns: columns.collect(),
        primary_key: Some(
            table
                .primary_key()
                .map_or(Cow::Borrowed(&[]), |k| names(&k.columns)),
        ),
        unique: unique_keys(table)
            .into_iter()
            .map(|key| names(&key))
            .collect(),
        foreign_keys: foreign_keys.collect(),
    }
}

/// Unique constraints, and unique indexes on nothing but columns and without a condition.
fn unique_keys(table: &TableSchema) -> BTreeSet<Vec<String>> {
    let constraints = table.constraints.values();
    let of_constraints = constraints
        .filter(|c| c.kind == ConstraintKind::Unique)
        .map(|c| c.columns.clone());
    let full = table
        .indexes
        .values()
        .filter(|i| i.is_unique && i.predicate.is_none());
    let of_indexes = full.filter_map(|i| {
        let columns = i.column_names()?;
        Some(columns.into_iter().map(str::to_owned).collect())
    });
    of_constraints.chain(of_indexes).collect()
}

fn names(names: &[String]) -> Names {
    names.iter().cloned().map(Cow::Owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[ExpectedColumn] = &[
        ExpectedColumn::from_static("id", Some("bigint"), Some(false), Some(true)),
        ExpectedColumn::from_static("org_id", None, None, None),
    ];
    const ORGS: &[ExpectedForeignKey] = &[ExpectedForeignKey::from_static(
        &[Cow::Borrowed("org_id")],
        None,
        "orgs",
        &[],
    )];
    const USERS: &[ExpectedTable] = &[ExpectedTable::with_keys(
        Some("audit"),
        "users",
        COLUMNS,
        Some(&[Cow::Borrowed("id")]),
        &[Cow::Borrowed(&[Cow::Borrowed("org_id")])],
        ORGS,
    )];
    static EXPECTED: ExpectedSchema = ExpectedSchema::from_static(USERS);

    #[test]
    fn a_schema_is_made_at_compile_time() {
        let users = EXPECTED.table("audit.users").unwrap();
        assert_eq!(users.columns[0].sql_type(), Some(SqlType::Int8));
        assert_eq!(users.columns[1].sql_type(), None);
        assert_eq!(users.primary_key.as_deref(), Some(&["id".into()][..]));
        assert_eq!(users.foreign_keys[0].references_table, "orgs");
    }

    #[test]
    fn names_alone_are_enough_at_run_time() {
        let expected =
            ExpectedSchema::columns([("users", ["id", "name"]), ("audit.log", ["id", "at"])]);
        assert_eq!(expected.tables.len(), 2);
        assert_eq!(expected.table("audit.log").unwrap().columns[1].name, "at");
        let expected =
            ExpectedSchema::columns(vec![("my table".to_owned(), vec!["a b".to_owned()])]);
        assert_eq!(expected.table("my table").unwrap().columns[0].name, "a b");
    }
}
