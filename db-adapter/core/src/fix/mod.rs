//! The repair of a schema, as a plan: what is different, as steps with their SQL, what each costs, what has to be
//! asked before, and what is left as it is. Pure: never asks a database, and never changes one.
//!
//! `goal` is what is expected as one schema, `rename` applies the declared names, and validation says what is
//! different. `postgres` and `sqlite` make steps of that, `plan`, `hazard` and `fact` are what they are made of,
//! `decide` is what answers make of a plan, `purpose` whether what it was made for is reached.
//!
//! Nothing is dropped, no value becomes another one, and no meaning changes unless the very object is allowed by
//! name; never with CASCADE. What could be a rename is not guessed.

mod allow;
mod decide;
mod fact;
mod goal;
mod hazard;
mod options;
mod plan;
mod possible;
mod postgres;
mod purpose;
mod rename;
mod sqlite;
#[cfg(all(test, feature = "sql"))]
mod tests;

pub use allow::{Allow, AllowKind, NotAnAllow};
pub use decide::NotRunnable;
pub use fact::{Answer, Fact, FactKind, Rule};
pub use hazard::{Hazard, LockMode, TableLock};
pub use options::{FixMode, FixOptions, Reading, StoredSql};
pub use plan::{FixKind, FixPlan, FixStep, NotFixed, Phase, PhaseKind, Statement, Undecided};

use crate::schema::{DatabaseSchema, SqlDialect, table_key};
use crate::validate::{
    Between, Change, Expected, ObjectKind, SchemaObject, Validation, fingerprint,
};
use goal::Goal;
use purpose::Purpose;
use rename::Renames;

/// What a planner works with.
struct Work<'a> {
    options: &'a FixOptions,
    goal: &'a Goal,
    /// What is there, under the names that are declared.
    actual: &'a DatabaseSchema,
    renames: &'a Renames,
    changes: Vec<Change>,
}

/// Plans how a database becomes what is expected of it.
///
/// The plan has questions for the database: what runs it asks them first, and goes on with
/// [`FixPlan::with_answers`].
///
/// ```
/// use db_adapter_core::fix::{Answer, FixOptions, generate_fix_plan};
/// use db_adapter_core::schema::{ColumnSchema, DatabaseSchema, TableSchema};
/// use db_adapter_core::sql_type::SqlType;
///
/// let schema = |nullable| {
///     let mut name = ColumnSchema::new("name", "text", SqlType::Text);
///     name.nullable = nullable;
///     let users = TableSchema { name: "users".into(), columns: vec![name], ..TableSchema::default() };
///     let mut schema = DatabaseSchema::default();
///     schema.tables.insert("users".into(), users);
///     schema
/// };
/// let plan = generate_fix_plan(&schema(true), &schema(false), &FixOptions::new());
/// assert!(plan.run_list().is_err());
/// let answers: Vec<Answer> = plan.questions().map(|_| Answer::Rows(vec!["3".into()])).collect();
/// let plan = plan.with_answers(answers)?;
/// assert!(plan.is_empty());
/// assert_eq!(plan.not_fixed[0].reason, "3 rows have NULL: give them a value first");
/// # Ok::<(), db_adapter_core::fix::NotRunnable>(())
/// ```
pub fn generate_fix_plan<'a>(
    actual: &DatabaseSchema,
    expected: impl Into<Expected<'a>>,
    options: &FixOptions,
) -> FixPlan {
    let expected = expected.into();
    let goal = Goal::of(expected, actual.dialect, options);
    let (renamed, renames) = rename::apply(actual, &goal.schema, &goal.renamed);
    // column definitions win over the schema that is expected
    let compared = match expected {
        Expected::Full(_) if !options.definitions.is_empty() => Expected::Full(&goal.schema),
        expected => expected,
    };
    let mut validation = Validation::new(compared)
        .level(options.level.unwrap_or(goal.level()))
        .search_path(options.search_path.iter().cloned());
    for rule in &options.ignore {
        validation = validation.ignore(rule.clone());
    }
    let work = Work {
        options,
        goal: &goal,
        actual: &renamed,
        renames: &renames,
        changes: validation.changes(&renamed),
    };
    let mut plan = FixPlan {
        dialect: actual.dialect,
        mode: options.mode,
        made_for: fingerprint(actual),
        search_path: Vec::new(),
        phases: Vec::new(),
        not_fixed: Vec::new(),
        undecided: possible::renames(&work),
        allowed: options.allow.iter().cloned().collect(),
        purpose: Box::new(Purpose::new(expected, options)),
    };
    let wrong = goal.wrong.iter().chain(&renames.wrong);
    plan.not_fixed.extend(wrong.map(|(path, why)| NotFixed {
        object: object(ObjectKind::Column, None, path),
        difference: format!("what is declared of `{path}` is not followed"),
        reason: why.clone(),
        allow: None,
    }));
    plan.not_fixed.extend(open_of_new_tables(&work));
    match actual.dialect {
        SqlDialect::Postgres => postgres::plan(&work, &mut plan),
        SqlDialect::Sqlite => sqlite::plan(&work, &mut plan),
    }
    plan
}

/// The table that a key of a schema means, such as those of [`FixPlan::tables_to_back_up`].
///
/// ```
/// use db_adapter_core::fix::table_of_key;
///
/// assert_eq!(table_of_key("audit.log").schema.as_deref(), Some("audit"));
/// assert_eq!(table_of_key("my log").name, "my log");
/// ```
pub fn table_of_key(key: &str) -> crate::TableName {
    let (schema, name) = crate::ddl_writer::quote::parts_of_key(key);
    crate::TableName { schema, name }
}

/// What the declaration of a table that is made leaves open, or this dialect has not.
fn open_of_new_tables(work: &Work<'_>) -> Vec<NotFixed> {
    let changes = work.changes.iter();
    let missing: Vec<&str> = changes
        .filter_map(|change| match &change.between {
            Between::Table {
                expected: Some(key),
                actual: None,
            } => Some(key.as_str()),
            _ => None,
        })
        .collect();
    let open = work.goal.open.iter().filter_map(|entry| {
        let name = entry.name.as_deref()?;
        let mut tables = missing.iter();
        let key = tables.find(|key| is_of_table(name, key))?;
        Some(NotFixed {
            object: object(ObjectKind::Table, Some(key), key),
            difference: format!("{} `{name}` of the new table", entry.kind),
            reason: entry.reason.clone(),
            allow: None,
        })
    });
    open.collect()
}

/// Whether a path names the table with this key, or something of it.
fn is_of_table(path: &str, key: &str) -> bool {
    let rest = path.strip_prefix(key);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The key of a table by the name that a declaration has for it.
fn key_of(name: &str) -> String {
    match crate::TableName::parse(name) {
        Ok(name) => table_key(name.schema.as_deref(), &name.name),
        Err(_) => table_key(None, name),
    }
}

fn object(kind: ObjectKind, table: Option<&str>, name: &str) -> SchemaObject {
    SchemaObject {
        kind,
        table: table.map(str::to_owned),
        name: name.to_owned(),
    }
}
