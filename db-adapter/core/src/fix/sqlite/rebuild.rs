//! A table of SQLite made anew, with its rows, their numbers, its indexes and triggers: the order of the statements,
//! and the checks between them. The stored statement is edited before; this decides nothing.

use super::check;
use crate::fix::plan::Statement;
use crate::name::quote_ident;
use crate::schema::TableSchema;

/// The begin of the names of what is there only for a while.
const NEW: &str = "db_adapter_fix_new_";
const VIOLATIONS: &str = "temp.db_adapter_fix_violations";

/// Before the transaction, in which the first would do nothing: DROP TABLE would delete the rows of other tables.
pub(super) fn before() -> Vec<Statement> {
    vec![
        Statement::Run("PRAGMA foreign_keys = OFF".to_owned()),
        check(
            "SELECT foreign_keys FROM pragma_foreign_keys WHERE foreign_keys <> 0",
            "foreign keys are still on, and dropping a table would delete rows of others",
        ),
        // views and triggers of others may name the table while it has another name
        Statement::Run("PRAGMA legacy_alter_table = ON".to_owned()),
    ]
}

/// Behind the transaction, however it ended.
pub(super) fn after() -> Vec<Statement> {
    vec![
        Statement::Run("PRAGMA legacy_alter_table = OFF".to_owned()),
        Statement::Run("PRAGMA foreign_keys = ON".to_owned()),
    ]
}

/// The first and the last statements of the transaction: no row refers to nothing that did not before. The tables that
/// are left out refer to what is not a key, which SQLite cannot check.
pub(super) fn around(left_out: &[&str]) -> (Vec<Statement>, Vec<Statement>) {
    let columns = "\"table\", rowid, parent";
    let violations = match left_out.is_empty() {
        true => format!("SELECT {columns} FROM pragma_foreign_key_check"),
        false => {
            let names: Vec<String> = left_out.iter().map(|name| literal(name)).collect();
            format!(
                "SELECT f.\"table\", f.rowid, f.parent FROM pragma_table_list AS l, pragma_foreign_key_check(l.name) AS f \
                 WHERE l.schema = 'main' AND l.type = 'table' AND l.name NOT IN ({})",
                names.join(", ")
            )
        }
    };
    let run = |sql: String| Statement::Run(sql);
    let first = vec![run(format!(
        "CREATE TEMP TABLE db_adapter_fix_violations AS {violations}"
    ))];
    let last = vec![
        check(
            format!("{violations} EXCEPT SELECT * FROM {VIOLATIONS} LIMIT 1"),
            "a row refers to what is not there",
        ),
        run(format!("DROP TABLE {VIOLATIONS}")),
    ];
    (first, last)
}

/// What is copied.
pub(super) struct Copy<'a> {
    /// The table as it is.
    pub(super) table: &'a TableSchema,
    /// Its columns that are there before and after, without those that are computed.
    pub(super) columns: Vec<&'a str>,
    /// Those of them whose values may become others, because that is allowed.
    pub(super) may_change: Vec<&'a str>,
    /// Whether numbers of rows that are gone are not given again, afterwards.
    pub(super) autoincrement: bool,
    /// The stored statements of its indexes and triggers, to be run again.
    pub(super) again: Vec<String>,
}

/// The name of the table while it is made.
pub(super) fn new_name(table: &TableSchema) -> String {
    format!("{NEW}{}", table.name)
}

/// All the statements; `create` makes the new table.
pub(super) fn statements(copy: &Copy<'_>, create: String) -> Vec<Statement> {
    let (old, new) = (
        quote_ident(&copy.table.name),
        quote_ident(&new_name(copy.table)),
    );
    let run = |sql: String| Statement::Run(sql);
    let number = row_number(copy.table);
    let quoted = copy.columns.iter().map(|column| quote_ident(column));
    let own_number = number
        .map(str::to_owned)
        .filter(|_| !has_number_column(copy.table));
    let columns: Vec<String> = own_number.into_iter().chain(quoted).collect();
    let columns = columns.join(", ");
    let mut all = vec![run(create)];
    if !columns.is_empty() {
        // a conflict clause of the table would drop rows in silence
        all.push(run(format!(
            "INSERT OR ABORT INTO {new} ({columns}) SELECT {columns} FROM {old}"
        )));
    }
    all.extend(comparison(copy, &old, &new, number));
    if copy.autoincrement && copy.table.autoincrement {
        let names = (literal(&copy.table.name), literal(&new_name(copy.table)));
        all.push(run(format!(
            "DELETE FROM sqlite_sequence WHERE name = {}",
            names.1
        )));
        all.push(run(format!(
            "INSERT INTO sqlite_sequence (name, seq) SELECT {}, seq FROM sqlite_sequence WHERE name = {}",
            names.1, names.0
        )));
    }
    all.push(run(format!("DROP TABLE {old}")));
    all.push(run(format!("ALTER TABLE {new} RENAME TO {old}")));
    all.extend(copy.again.iter().cloned().map(Statement::Run));
    all
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The name by which the number of a row is reached; `None` where there is none.
fn row_number(table: &TableSchema) -> Option<&'static str> {
    let is_taken = |name: &str| {
        table
            .columns
            .iter()
            .any(|c| c.name.eq_ignore_ascii_case(name))
    };
    let mut names = ["rowid", "_rowid_", "oid"].into_iter();
    names
        .find(|name| !is_taken(name))
        .filter(|_| !table.without_rowid)
}

/// Whether a column is the number of the row, and so is copied by itself.
fn has_number_column(table: &TableSchema) -> bool {
    table.columns.iter().any(|column| column.identity.is_some())
}

/// The rows are as many as before, with the same values in the same storage classes.
fn comparison(copy: &Copy<'_>, old: &str, new: &str, number: Option<&str>) -> Vec<Statement> {
    let lost = "a row was lost or changed on the way into the new table";
    let mut checks = vec![check(
        format!("SELECT 1 WHERE (SELECT count(*) FROM {old}) <> (SELECT count(*) FROM {new})"),
        lost,
    )];
    let key = match (number, copy.table.primary_key()) {
        (Some(number), _) => vec![number.to_owned()],
        (None, Some(key)) => key
            .columns
            .iter()
            .map(|column| quote_ident(column))
            .collect(),
        (None, None) => return checks,
    };
    let on: Vec<String> = key
        .iter()
        .map(|column| format!("n.{column} IS o.{column}"))
        .collect();
    let mut differs: Vec<String> = key
        .first()
        .map(|column| format!("n.{column} IS NULL"))
        .into_iter()
        .collect();
    for column in copy
        .columns
        .iter()
        .filter(|column| !copy.may_change.contains(column))
    {
        let own = quote_ident(column);
        differs.push(format!(
            "quote(o.{own}) IS NOT quote(n.{own}) OR typeof(o.{own}) IS NOT typeof(n.{own})"
        ));
    }
    checks.push(check(
        format!(
            "SELECT 1 FROM {old} AS o LEFT JOIN {new} AS n ON {} WHERE {} LIMIT 1",
            on.join(" AND "),
            differs.join(" OR ")
        ),
        lost,
    ));
    checks
}
