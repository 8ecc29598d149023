//! What does not fit, as data and as words. Decides nothing.

use super::Resolved;
use crate::{DatabaseSchema, Notice, TableName, closest};

/// One way in which a declaration does not fit a database. Tables are called as they are declared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misfit {
    /// The database has no such table.
    NoTable {
        /// The table.
        table: String,
        /// A table of the database with a similar name.
        suggestion: Option<String>,
    },
    /// The name is that of a view, or of something else that has no rows of its own.
    NotATable {
        /// The name.
        table: String,
    },
    /// The declared key may be that of several rows: a statement about one row would reach those
    /// of others.
    KeyNotUnique {
        /// The table.
        table: String,
        /// The columns of the declared key.
        key: Vec<String>,
        /// Why the database does not keep it unique.
        why: NotUnique,
        /// The keys of the table that are unique.
        instead: Vec<Vec<String>>,
    },
    /// A reference is declared to other columns than the database's foreign key refers to.
    OtherTarget {
        /// The table.
        table: String,
        /// The columns that refer.
        columns: Vec<String>,
        /// The table that they refer to.
        references: String,
        /// The columns that are declared, in the order of `columns`.
        declared: Vec<String>,
        /// Those of the foreign key, in the same order.
        found: Vec<String>,
    },
    /// A reference is declared to lead out of the backup, and does not.
    NotOutside {
        /// The table.
        table: String,
        /// The columns that refer.
        columns: Vec<String>,
        /// The table that they refer to.
        references: String,
        /// Why not.
        why: NotOutside,
    },
    /// A key or a reference is by a column that the database computes, which is in no backup.
    Computed {
        /// The table that has the key or the reference.
        table: String,
        /// The table of the column.
        of: String,
        /// The column.
        column: String,
    },
    /// A reference and its key are of types whose values a restore cannot compare, such as a text and a number.
    OtherKind {
        /// The table that has the reference.
        table: String,
        /// The column that refers.
        column: String,
        /// The table that it refers to.
        references: String,
        /// The column that it refers to.
        key: String,
    },
    /// An optional reference to rows that are restored later cannot be NULL until then.
    NeverNull {
        /// The table.
        table: String,
        /// The columns that refer.
        columns: Vec<String>,
        /// The table that they refer to.
        references: String,
    },
    /// The database's foreign key is over a span of time, by `PERIOD`: it may refer to several rows.
    OverTime {
        /// The table.
        table: String,
        /// The columns that refer.
        columns: Vec<String>,
        /// The table that they refer to.
        references: String,
    },
    /// A column that is declared to be new in every new row is not there, or the database does not fill it.
    NotRenewed {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Whether the table has it.
        is_there: bool,
    },
    /// The owner's table, or the column by which it is known, is not in the database.
    NoOwners {
        /// The table.
        table: String,
        /// The owner's column.
        field: String,
        /// The table that it is declared to be owned by.
        owners: String,
        /// Whether the table is there, so that it is the column that is not.
        is_there: bool,
        /// The column; `None` for the primary key, which is not one column.
        column: Option<String>,
    },
    /// The database's foreign key of the owner's column leads to another table than is declared.
    OtherOwners {
        /// The table.
        table: String,
        /// The owner's column.
        column: String,
        /// The table that is declared.
        declared: String,
        /// The one that the foreign key refers to.
        found: String,
    },
    /// A foreign key of the database that is not declared: its rows would lead to whoever has that
    /// key.
    Undeclared {
        /// The table.
        table: String,
        /// The partition that has the foreign key, where the table itself has none.
        partition: Option<String>,
        /// The columns that refer.
        columns: Vec<String>,
        /// The table that they refer to.
        references: String,
    },
}

/// Why a reference does not lead to a table outside of the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotOutside {
    /// The table is in the backup: the keys of its rows become others.
    InBackup,
    /// The database has no such table.
    NoTable,
    /// It is a view.
    View,
    /// The table does not have the columns.
    Columns,
}

/// Why a key is not unique.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotUnique {
    /// No primary key, unique constraint or unique index is on these columns.
    NoKey,
    /// The unique constraint or index lets this column be NULL.
    Nullable(String),
    /// The constraint may wait for the end of the transaction.
    Deferrable,
    /// The unique index has a condition, so that it is not about all rows.
    Partial,
    /// This table inherits from it, whose rows are rows of both and in no key of it.
    Inherited(String),
}

impl Misfit {
    /// The table that does not fit, as it is declared.
    pub fn table(&self) -> &str {
        match self {
            Misfit::NoTable { table, .. }
            | Misfit::NotATable { table }
            | Misfit::KeyNotUnique { table, .. }
            | Misfit::OtherTarget { table, .. }
            | Misfit::NotOutside { table, .. }
            | Misfit::Computed { table, .. }
            | Misfit::OtherKind { table, .. }
            | Misfit::NeverNull { table, .. }
            | Misfit::OverTime { table, .. }
            | Misfit::NotRenewed { table, .. }
            | Misfit::NoOwners { table, .. }
            | Misfit::OtherOwners { table, .. }
            | Misfit::Undeclared { table, .. } => table,
        }
    }

    /// What is wrong, and the declaration that would decide it.
    pub fn notice(&self) -> Notice {
        match self {
            Misfit::NoTable { table, suggestion } => {
                let notice = Notice::new(format!("the database has no table `{table}`"));
                match suggestion {
                    Some(near) => notice.hint(format!("did you mean `{near}`?")),
                    None => notice,
                }
            }
            Misfit::NotATable { table } => Notice::new(format!(
                "`{table}` is not a table: it is a view, or something else whose rows are those of other tables"
            ))
            .hint("declare the tables that have the rows"),
            Misfit::KeyNotUnique {
                table,
                key,
                why,
                instead,
            } => key_not_unique(table, key, why, instead),
            Misfit::OtherTarget {
                table,
                columns,
                references,
                declared,
                found,
            } => {
                let found = quoted(found);
                Notice::new(format!(
                    "{} of `{table}` is declared to refer to {} of `{references}`, and the database's foreign key refers to {found}",
                    quoted(columns),
                    quoted(declared),
                ))
                .hint(format!("declare the reference with `references` {found}"))
            }
            Misfit::NoOwners {
                table,
                owners,
                is_there,
                column,
                ..
            } => no_owners(table, owners, *is_there, column.as_deref()),
            Misfit::OtherOwners {
                table,
                column,
                declared,
                found,
            } => Notice::new(format!(
                "`{column}` of `{table}` is declared to refer to its owner in `{declared}`, and the database's foreign key leads to `{found}`"
            ))
            .hint(format!("declare `{found}` as the table of its owners")),
            Misfit::NotOutside {
                table,
                columns,
                references,
                why,
            } => super::outside::notice(table, columns, references, *why),
            Misfit::Computed { table, of, column } => super::computed::notice(table, of, column),
            Misfit::OtherKind {
                table,
                column,
                references,
                key,
            } => super::kinds::notice(table, column, references, key),
            Misfit::NeverNull {
                table,
                columns,
                references,
            } => super::later::notice(table, columns, references),
            Misfit::OverTime {
                table,
                columns,
                references,
            } => Notice::new(format!(
                "the foreign key ({}) of `{table}` refers to `{references}` over a PERIOD, that is to any number of rows, which no restore can follow",
                quoted(columns)
            ))
            .hint("leave the table out of the backup"),
            Misfit::NotRenewed {
                table,
                column,
                is_there,
            } => super::renewed::notice(table, column, *is_there),
            Misfit::Undeclared {
                table,
                partition,
                columns,
                references,
            } => {
                let place = match partition {
                    Some(partition) => format!("the partition `{partition}` of `{table}`"),
                    None => format!("the table `{table}`"),
                };
                Notice::new(format!(
                    "{place} refers to `{references}` by ({}), which the schema does not declare",
                    quoted(columns)
                ))
                .hint("declare it as a parent, as an optional reference, as the `owner` if it says whose row it is, or as `external` when its keys are the same everywhere")
            }
        }
    }
}

fn key_not_unique(table: &str, key: &[String], why: &NotUnique, instead: &[Vec<String>]) -> Notice {
    let why = match why {
        NotUnique::NoKey => "has no primary key and no unique constraint on it".to_owned(),
        NotUnique::Nullable(column) => format!("lets its column `{column}` be NULL"),
        NotUnique::Deferrable => {
            "checks it by a deferrable constraint, which may wait for the end of a transaction"
                .to_owned()
        }
        NotUnique::Partial => {
            "has a unique index on it with a condition, which is not about all rows".to_owned()
        }
        NotUnique::Inherited(child) => {
            format!("is inherited by `{child}`, whose rows are in no key of it")
        }
    };
    let notice = Notice::new(format!(
        "the declared key ({}) of `{table}` may be that of several rows: the table {why}",
        quoted(key)
    ));
    let instead: Vec<String> = instead
        .iter()
        .map(|key| format!("({})", quoted(key)))
        .collect();
    notice.hint(match instead.is_empty() {
        false => format!("declare `pk` as {}", instead.join(" or ")),
        true => "give the table a primary key, or a unique constraint on columns that are NOT NULL, and declare its columns as `pk`".to_owned(),
    })
}

fn no_owners(table: &str, owners: &str, is_there: bool, column: Option<&str>) -> Notice {
    let what = match (is_there, column) {
        (false, _) => "and the database has no such table".to_owned(),
        (true, Some(column)) => format!("which do not have the column `{column}`"),
        (true, None) => "whose primary key is not one column".to_owned(),
    };
    Notice::new(format!("`{table}` is owned by rows of `{owners}`, {what}")).hint(match is_there {
        true => "declare the column of the owners that is the user's id, as `references`",
        false => "declare the table that the owner's column refers to",
    })
}

pub(super) fn quoted(columns: &[String]) -> String {
    let columns: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
    columns.join(", ")
}

pub(super) fn no_table(table: &str, database: &DatabaseSchema, tables: &Resolved) -> Misfit {
    if tables.get(table).is_some() {
        return Misfit::NotATable {
            table: table.to_owned(),
        };
    }
    Misfit::NoTable {
        table: table.to_owned(),
        suggestion: near_table(table, database),
    }
}

/// The table whose name is nearest, as a declaration writes it: in quotes where the name needs them.
pub fn near_table(table: &str, database: &DatabaseSchema) -> Option<String> {
    let near = closest(table, database.tables.keys().map(String::as_str))?;
    let found = database.tables.get(near)?;
    let schema = found.schema.clone().filter(|_| near != found.name);
    let name = TableName {
        schema,
        name: found.name.clone(),
    };
    Some(name.to_string())
}
