//! A plan: steps in phases, what is left out and why, and what has to be decided first. Plain data; never
//! runs anything.

use super::FixMode;
use super::allow::Allow;
use super::fact::Fact;
use super::hazard::{Hazard, LockMode, TableLock};
use super::purpose::Purpose;
use crate::Notice;
use crate::schema::SqlDialect;
use crate::validate::{SchemaObject, words};
use std::collections::BTreeMap;
use std::fmt;

words! {
    /// What a step does.
    FixKind {
        /// Renames a table or a column.
        Rename "rename",
        /// Makes an enum, a domain, or a sequence of a column.
        CreateType "create_type",
        /// Adds a value to an enum.
        AddEnumValue "add_enum_value",
        /// Makes a table.
        CreateTable "create_table",
        /// Adds a column.
        AddColumn "add_column",
        /// Changes the type of a column.
        ChangeType "change_type",
        /// Makes a column NOT NULL, or lets it have NULL.
        ChangeNullability "change_nullability",
        /// Changes or drops the default of a column.
        ChangeDefault "change_default",
        /// Changes how a column numbers rows.
        ChangeIdentity "change_identity",
        /// Gives the rows from before the value of a new default.
        Backfill "backfill",
        /// Adds a constraint.
        AddConstraint "add_constraint",
        /// Puts a constraint in the place of another one.
        ReplaceConstraint "replace_constraint",
        /// Checks the rows from before.
        Validate "validate",
        /// Makes an index.
        CreateIndex "create_index",
        /// Puts an index in the place of another one.
        ReplaceIndex "replace_index",
        /// Drops a table, a column, a constraint or an index.
        Drop "drop",
        /// Makes a table of SQLite anew, with its rows.
        Rebuild "rebuild",
    }
}

words! {
    /// How the statements of a phase are run.
    PhaseKind {
        /// In one transaction.
        Transaction "transaction",
        /// Each by itself, outside of a transaction.
        Alone "alone",
        /// Again and again, each time in a transaction of its own, until no row changes.
        Batches "batches",
    }
}

/// A statement of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Statement {
    /// It is run.
    Run(String),
    /// A query that must give no row, or the transaction is rolled back.
    Check {
        /// The query.
        sql: String,
        /// What is wrong where it gives a row.
        why: String,
    },
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct FixStep {
    /// What it does.
    pub kind: FixKind,
    /// To what.
    pub object: SchemaObject,
    /// What it does, in words.
    pub summary: String,
    /// What it costs.
    pub hazards: Vec<Hazard>,
    /// The locks that it takes.
    pub locks: Vec<TableLock>,
    /// What is asked of the database before.
    pub facts: Vec<Fact>,
    /// Its statements, in their order.
    pub statements: Vec<Statement>,
    /// The keys of the tables, as they are called now, whose rows are backed up before.
    pub back_up: Vec<String>,
    /// What has to be there before: where the step that makes it is left out, so is this one.
    pub(super) needs: Vec<SchemaObject>,
    /// The key, as it is now, of the table whose values may become others.
    pub(super) rows_of: Option<String>,
    /// What a table is made anew for.
    #[cfg_attr(feature = "serde", serde(default))]
    pub(super) parts: Vec<StepPart>,
}

/// One of the changes that are made together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct StepPart {
    /// What is changed.
    pub(super) object: SchemaObject,
    /// In words.
    pub(super) summary: String,
}

/// Steps that are run together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Phase {
    /// How.
    pub kind: PhaseKind,
    /// Statements before it, outside of the transaction.
    pub before: Vec<Statement>,
    /// Statements at the begin of its transaction.
    pub first: Vec<Statement>,
    /// The steps.
    pub steps: Vec<FixStep>,
    /// Statements at the end of its transaction, before it is committed.
    pub last: Vec<Statement>,
    /// Statements behind it, outside of the transaction, which are run however it ended.
    pub after: Vec<Statement>,
    /// Why it ends where it does, where that is not for the sake of others.
    pub ends_because: Option<String>,
}

/// A difference that the plan leaves as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct NotFixed {
    /// What it is about.
    pub object: SchemaObject,
    /// The difference, in words.
    pub difference: String,
    /// Why it is left.
    pub reason: String,
    /// What would change that, by a permission.
    pub allow: Option<Allow>,
}

/// What could be a rename, and nobody says whether it is one. A plan with one cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Undecided {
    /// The table, or the table of the column, as it is expected.
    pub table: String,
    /// The column that is expected and missing; `None` where it is a table.
    pub column: Option<String>,
    /// What is there and not expected, and could be it.
    pub candidates: Vec<String>,
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct FixPlan {
    /// Whose SQL it is.
    pub dialect: SqlDialect,
    /// How it is run.
    pub mode: FixMode,
    /// The fingerprint of the schema that it was made for: it is right for no other one.
    pub made_for: String,
    /// The schemas in which its statements look for names, for `SET search_path`; PostgreSQL alone.
    pub search_path: Vec<String>,
    /// The phases, in their order.
    pub phases: Vec<Phase>,
    /// What is left as it is.
    pub not_fixed: Vec<NotFixed>,
    /// What has to be declared first.
    pub undecided: Vec<Undecided>,
    pub(super) allowed: Vec<Allow>,
    pub(super) purpose: Box<Purpose>,
}

impl FixPlan {
    /// The steps, in their order.
    pub fn steps(&self) -> impl Iterator<Item = &FixStep> {
        self.phases.iter().flat_map(|phase| &phase.steps)
    }

    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.steps().next().is_none() && self.undecided.is_empty()
    }

    /// The keys of the tables whose rows are backed up before the plan is run.
    pub fn tables_to_back_up(&self) -> Vec<&str> {
        let tables = self.steps().flat_map(|step| &step.back_up);
        let mut tables: Vec<&str> = tables.map(String::as_str).collect();
        tables.sort_unstable();
        tables.dedup();
        tables
    }

    /// All the statements as one text for people: checks are comments.
    pub fn sql(&self) -> String {
        let mut sql = String::new();
        for phase in &self.phases {
            let in_transaction = phase.kind == PhaseKind::Transaction;
            write_all(&phase.before, &mut sql);
            if in_transaction {
                sql.push_str("BEGIN;\n");
            }
            write_all(&phase.first, &mut sql);
            for step in &phase.steps {
                write_all(&step.statements, &mut sql);
            }
            write_all(&phase.last, &mut sql);
            if in_transaction {
                sql.push_str("COMMIT;\n");
            }
            write_all(&phase.after, &mut sql);
        }
        sql
    }
}

fn write_all(statements: &[Statement], sql: &mut String) {
    for statement in statements {
        match statement {
            Statement::Run(text) => {
                sql.push_str(text);
                sql.push_str(";\n");
            }
            Statement::Check { sql: text, .. } => {
                let lines = text.lines().map(|line| format!("-- {line}\n"));
                sql.push_str("-- this must give no row:\n");
                sql.extend(lines);
            }
        }
    }
}

impl Phase {
    /// Whether foreign keys have to be off while it runs, as for making a table of SQLite anew: that is what its
    /// statements before and after are for.
    pub fn needs_foreign_keys_off(&self) -> bool {
        !self.before.is_empty()
    }

    /// The strongest lock that its steps take on each table, in one order for everybody.
    pub fn locks(&self) -> Vec<TableLock> {
        let mut strongest: BTreeMap<&str, LockMode> = BTreeMap::new();
        for lock in self.steps.iter().flat_map(|step| &step.locks) {
            let mode = strongest.entry(&lock.table).or_insert(lock.mode);
            *mode = lock.mode.max(*mode);
        }
        let locks = strongest.into_iter().map(|(table, mode)| TableLock {
            table: table.to_owned(),
            mode,
        });
        locks.collect()
    }

    pub(super) fn new(kind: PhaseKind) -> Phase {
        Phase {
            kind,
            before: Vec::new(),
            first: Vec::new(),
            steps: Vec::new(),
            last: Vec::new(),
            after: Vec::new(),
            ends_because: None,
        }
    }
}

impl FixStep {
    pub(super) fn new(kind: FixKind, object: SchemaObject, summary: impl Into<String>) -> FixStep {
        FixStep {
            kind,
            object,
            summary: summary.into(),
            hazards: Vec::new(),
            locks: Vec::new(),
            facts: Vec::new(),
            statements: Vec::new(),
            back_up: Vec::new(),
            needs: Vec::new(),
            rows_of: None,
            parts: Vec::new(),
        }
    }

    pub(super) fn run(mut self, sql: impl Into<String>) -> FixStep {
        self.statements.push(Statement::Run(sql.into()));
        self
    }

    pub(super) fn hazard(mut self, hazard: Hazard) -> FixStep {
        if !self.hazards.contains(&hazard) {
            self.hazards.push(hazard);
            self.hazards.sort();
        }
        self
    }

    /// The lock, with what it means for others.
    pub(super) fn lock(mut self, table: &str, mode: super::LockMode) -> FixStep {
        self.locks.push(TableLock {
            table: table.to_owned(),
            mode,
        });
        if !mode.lets_write() {
            self = self.hazard(Hazard::BlocksWrites);
        }
        if !mode.lets_read() {
            self = self.hazard(Hazard::BlocksReads);
        }
        self
    }

    pub(super) fn fact(mut self, fact: Fact) -> FixStep {
        self.facts.push(fact);
        self
    }

    /// The rows of this table are backed up before.
    pub(super) fn backs_up(mut self, table: &str) -> FixStep {
        self.back_up.push(table.to_owned());
        self
    }

    /// The rows of this table are backed up where a value becomes another one.
    pub(super) fn rows_of(mut self, table: &str) -> FixStep {
        self.rows_of = Some(table.to_owned());
        self
    }

    pub(super) fn need(mut self, object: SchemaObject) -> FixStep {
        self.needs.push(object);
        self
    }

    /// Its statements as one text; checks are comments.
    ///
    /// ```
    /// use db_adapter_core::ExpectedSchema;
    /// use db_adapter_core::fix::{FixOptions, generate_fix_plan};
    /// use db_adapter_core::schema::{ColumnSchema, DatabaseSchema, SqlDialect, TableSchema};
    /// use db_adapter_core::sql_type::SqlType;
    ///
    /// let id = ColumnSchema::new("id", "bigint", SqlType::Int8);
    /// let name = ColumnSchema::new("name", "text", SqlType::Text);
    /// let table = |columns| TableSchema { name: "users".into(), columns, ..TableSchema::default() };
    /// let (mut actual, mut expected) = (DatabaseSchema::default(), DatabaseSchema::default());
    /// actual.tables.insert("users".into(), table(vec![id.clone()]));
    /// expected.tables.insert("users".into(), table(vec![id, name]));
    ///
    /// let plan = generate_fix_plan(&actual, &expected, &FixOptions::new());
    /// let step = plan.steps().next().unwrap();
    /// assert_eq!(step.sql(), "ALTER TABLE \"users\" ADD COLUMN \"name\" text;\n");
    /// ```
    pub fn sql(&self) -> String {
        let mut sql = String::new();
        write_all(&self.statements, &mut sql);
        sql
    }
}

impl NotFixed {
    /// It as a message with its hint.
    pub fn notice(&self) -> Notice {
        let notice = Notice::new(format!("{}: {}", self.difference, self.reason));
        match &self.allow {
            Some(allow) => notice.hint(format!("allow it by `--allow {allow}`")),
            None => notice,
        }
    }
}

impl Undecided {
    /// It as a message, with the declaration to add.
    ///
    /// The column `full_name` is missing, and `name` is not expected: `renamed_from = "name"` says that it is
    /// the same one.
    pub fn notice(&self) -> Notice {
        let path = match &self.column {
            Some(column) => format!("{}.{column}", self.table),
            None => self.table.clone(),
        };
        let what = if self.column.is_some() {
            "column"
        } else {
            "table"
        };
        let candidates: Vec<String> = self.candidates.iter().map(|c| format!("`{c}`")).collect();
        let first = self.candidates.first().map_or("", String::as_str);
        Notice::new(format!(
            "{what} `{path}` is missing, and could be {}, which is not expected, under a new name",
            candidates.join(" or ")
        ))
        .hint(format!(
            "declare `renamed_from = \"{first}\"` for `{path}` if it is; if it is a new one, `--allow add:{path}`"
        ))
    }
}

impl fmt::Display for Undecided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.notice().fmt(f)
    }
}

impl fmt::Display for NotFixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.notice().fmt(f)
    }
}
