//! What will be restored and how, from the declared schema, what the source says of itself and what
//! the destination is: everything that stands in the way is found here, before the first write.
//! Pure.

mod references;
mod table;
mod whole;

use std::collections::HashSet;
use std::sync::Arc;

use crate::{Capabilities, Notice};
use db_adapter_core::backup::{BackupSchema, TableDef};
use db_adapter_core::fit::{Misfit, Resolved, fit};
use db_adapter_core::schema::SqlDialect;
use db_adapter_core::{DatabaseSchema, SqlType, TableName};

use self::table::has_triggers;
use super::destination::Destination;
use super::fingerprint::Meaning;
use super::options::Options;
use super::source::{About, SourceTable, Words};

/// What the whole restore is.
#[derive(Debug)]
pub(super) struct RestorePlan {
    /// The destination's.
    pub(super) dialect: SqlDialect,
    /// How messages speak of the source.
    pub(super) words: Arc<dyn Words>,
    /// Whether uuids, times and the like keep the spelling of the source, which is that of SQLite.
    pub(super) spelled: bool,
    /// Whether single rows are told of.
    pub(super) tells_rows: bool,
    /// Whether the destination keeps the text that such a value was written as.
    pub(super) keeps_spelling: bool,
    /// Whether others may write meanwhile, and rows can be locked against them.
    pub(super) locks_rows: bool,
    /// Whether single constraints can be made to wait.
    pub(super) sets_constraints: bool,
    /// Parents before their children.
    pub(super) tables: Vec<TablePlan>,
    /// For each class of values that the database compares a column of that kind.
    pub(super) samples: Vec<Sample>,
    /// Whether triggers or rules may change rows that were restored before.
    pub(super) is_acted_on: bool,
    /// The foreign keys that wait for the end of the transaction, each by its schema and name.
    pub(super) waiting_keys: Vec<(Option<String>, String)>,
    pub(super) warnings: Vec<Notice>,
}

/// A column by which the database is asked what is equal.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) table: TableName,
    pub(super) column: String,
}

/// A column of a table, the values of which the database compares.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) column: usize,
    pub(super) class: usize,
    pub(super) meaning: Meaning,
}

/// What is done with one table. Columns are positions in `columns`.
#[derive(Debug)]
pub(super) struct TablePlan {
    /// As declared, which is what messages use.
    pub(super) name: TableName,
    /// As it was found, with its schema, which is what statements use.
    pub(super) table: TableName,
    /// Its name in the source; `None` when the source has no such table.
    pub(super) in_source: Option<String>,
    /// How many rows the source has of it, as far as that says.
    pub(super) rows: Option<u64>,
    /// The columns that can be written.
    pub(super) columns: Vec<ColumnPlan>,
    /// The columns that the database computes.
    pub(super) computed: Vec<String>,
    /// The column that gets the user.
    pub(super) user: Option<usize>,
    /// The row that owns them all, where the user's column is declared to refer to one.
    pub(super) owner: Option<OwnerPlan>,
    /// The columns that tell whether two rows are the same one.
    pub(super) natural: Vec<usize>,
    /// The primary key.
    pub(super) key: Vec<usize>,
    /// The columns of that which the database calls so; the other may be another unique one.
    pub(super) primary: Vec<String>,
    pub(super) refs: Vec<RefPlan>,
    /// Whether a column is part of several of them.
    pub(super) shares_columns: bool,
    /// The sets of columns by which others refer to its rows.
    pub(super) key_sets: Vec<Vec<usize>>,
    /// The columns whose values are remembered for each row.
    pub(super) kept: Vec<usize>,
    /// The key columns that get new values of the database.
    pub(super) numbered: Vec<usize>,
    /// The columns whose sequences are behind once rows bring their own numbers.
    pub(super) sequences: Vec<usize>,
    pub(super) scope: Scope,
    /// Whether its rows are no user's, not by a parent either, so that a restore of one user
    /// leaves them alone.
    pub(super) shared: bool,
    /// Whether triggers of it run for restored rows.
    pub(super) triggered: bool,
}

/// The table that the user's column refers to.
#[derive(Debug)]
pub(super) struct OwnerPlan {
    /// The column that refers.
    pub(super) field: String,
    /// The table as declared.
    pub(super) name: TableName,
    /// As it was found, with its schema.
    pub(super) table: TableName,
    /// The column that has the user's id.
    pub(super) column: String,
    pub(super) sql_type: SqlType,
    /// Whether the column is the primary key.
    pub(super) is_key: bool,
    /// Whether a foreign key keeps the row.
    pub(super) is_guarded: bool,
    /// Its place among the tables of the restore.
    pub(super) within: Option<usize>,
}

/// Which rows of the destination can be the same as one of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those of the user.
    User,
    /// Those that have a parent, by one of these references, which was there before. They lead to
    /// rows of users: through a shared table everybody's rows would be reached.
    Parents(Vec<usize>),
    /// All of them.
    All,
}

#[derive(Debug)]
pub(super) struct ColumnPlan {
    pub(super) name: String,
    pub(super) sql_type: SqlType,
    /// The digits of a second that it keeps; of times alone.
    pub(super) digits: u32,
    pub(super) nullable: bool,
    /// Whether only a new row can bring its own value: `GENERATED ALWAYS AS IDENTITY`.
    pub(super) fixed: bool,
    pub(super) meaning: Meaning,
    /// The type that the values have in the source; the column's own where the source does not tell.
    pub(super) stored: SqlType,
    /// Whether a foreign key refers to it: its rows follow what it becomes, those of others too.
    pub(super) is_referenced: bool,
    /// The foreign keys by which rows get a new value when it does, by `ON UPDATE`.
    pub(super) followed_by: Vec<Follower>,
    /// Whether only the server knows if it stores a value as the source has it.
    pub(super) is_rewritten: bool,
}

/// A column that gets another value when the one that it refers to does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Follower {
    /// Its table as it was found, with its schema.
    pub(super) table: TableName,
    pub(super) column: String,
    /// Whether nobody can say whose rows get another value: some may be hidden by a policy, or others follow the
    /// follower in turn.
    pub(super) is_untold: bool,
    /// Whether it no longer leads to the row then: SET NULL and SET DEFAULT.
    pub(super) is_unset: bool,
}

/// A reference of a table's rows.
#[derive(Debug)]
pub(super) struct RefPlan {
    pub(super) fields: Vec<usize>,
    pub(super) target: Target,
    /// Whether a row needs it.
    pub(super) required: bool,
    /// The fields that become NULL where there is nothing to refer to.
    pub(super) nulled: Vec<usize>,
    /// Whether the database lets a row be without the one that it refers to until the end of the transaction,
    /// and its key is known before. Of a reference that cannot be NULL alone.
    pub(super) waits: bool,
    /// Whether a foreign key keeps what it leads to.
    pub(super) is_guarded: bool,
}

#[derive(Debug)]
pub(super) enum Target {
    /// A table of the restore: its place, which of its key sets, and when it is restored.
    Table {
        table: usize,
        key_set: usize,
        when: When,
    },
    /// A table outside of it, whose rows must be there.
    External {
        name: TableName,
        /// As it was found, with its schema.
        table: TableName,
        columns: Vec<String>,
        /// Whether these are the primary key.
        is_key: bool,
    },
}

/// When the table of a reference is restored, seen from the table that refers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Before,
    Together,
    After,
}

impl Target {
    /// Whether it is the table that refers.
    pub(super) fn is_together(&self) -> bool {
        matches!(
            self,
            Target::Table {
                when: When::Together,
                ..
            }
        )
    }
}

impl RestorePlan {
    /// The tables, as statements call them.
    pub(super) fn tables(&self) -> impl Iterator<Item = &TableName> {
        self.tables.iter().map(|table| &table.table)
    }

    /// The columns of a table that tell which row is which and that the database compares. What
    /// refers to another row is compared as the column that it refers to.
    pub(super) fn asked(&self, table: &TablePlan) -> Vec<Asked> {
        let own = table.natural.iter().chain(&table.kept);
        let own = own.chain(table.key_sets.iter().flatten());
        let own = own.chain(table.refs.iter().flat_map(|r| &r.fields));
        let mut asked: Vec<Asked> = Vec::new();
        let mut add = |column: usize, meaning: Option<&Meaning>| {
            let class = meaning.and_then(Meaning::asks);
            if let (Some(meaning), Some(class)) = (meaning, class)
                && !asked.iter().any(|a| (a.column, a.class) == (column, class))
            {
                let meaning = meaning.clone();
                asked.push(Asked {
                    column,
                    class,
                    meaning,
                });
            }
        };
        for column in own {
            add(*column, table.columns.get(*column).map(|c| &c.meaning));
        }
        for reference in &table.refs {
            let Target::Table { table, key_set, .. } = &reference.target else {
                continue;
            };
            let Some(target) = self.tables.get(*table) else {
                continue;
            };
            let set = target.key_sets.get(*key_set).into_iter().flatten();
            for (field, column) in reference.fields.iter().zip(set) {
                add(*field, target.columns.get(*column).map(|c| &c.meaning));
            }
        }
        asked
    }
}

impl OwnerPlan {
    pub(super) fn is_same(&self, other: &OwnerPlan) -> bool {
        (&self.table, &self.column) == (&other.table, &other.column)
    }
}

impl TablePlan {
    /// Where a column's value is remembered.
    /// From here on the value that the column has is remembered of each row.
    pub(super) fn keep(&mut self, column: usize) {
        if !self.kept.contains(&column) {
            self.kept.push(column);
        }
    }

    pub(super) fn kept_at(&self, column: usize) -> Option<usize> {
        self.kept.iter().position(|kept| *kept == column)
    }

    /// The names of the natural key's columns, for messages.
    pub(super) fn natural_names(&self) -> Vec<String> {
        let columns = self.natural.iter().filter_map(|c| self.columns.get(*c));
        columns.map(|column| column.name.clone()).collect()
    }

    /// The columns that say which row it is, whose, and to which others it leads.
    pub(super) fn compared(&self) -> Vec<usize> {
        self.keys_and(|_| true)
    }

    /// The columns by which rows are found. An optional reference may have any value: one to nothing becomes NULL.
    pub(super) fn found_by(&self) -> Vec<usize> {
        self.keys_and(|r| r.required || matches!(r.target, Target::External { .. }))
    }

    fn keys_and(&self, counts: impl Fn(&RefPlan) -> bool) -> Vec<usize> {
        let refs = self.refs.iter().filter(|reference| counts(reference));
        let refs = refs.flat_map(|reference| &reference.fields);
        let sets = self.key_sets.iter().flatten();
        let columns = refs.chain(sets).chain(&self.natural).chain(&self.key);
        let mut columns: Vec<usize> = columns.chain(&self.user).copied().collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// The columns that say whose a row is: the user's, or those that lead to its parents.
    pub(super) fn owned_by(&self) -> Vec<usize> {
        match &self.scope {
            Scope::All => Vec::new(),
            Scope::User => self.user.into_iter().collect(),
            Scope::Parents(references) => {
                let references = references.iter().filter_map(|at| self.refs.get(*at));
                let mut columns: Vec<usize> = Vec::new();
                for field in references.flat_map(|reference| &reference.fields) {
                    if !columns.contains(field) {
                        columns.push(*field);
                    }
                }
                columns
            }
        }
    }

    /// Whether more has to be known of its rows than whether they are there.
    pub(super) fn is_tracked(&self) -> bool {
        let waits = |reference: &RefPlan| match reference.target {
            Target::Table { when, .. } => when != When::Before,
            Target::External { .. } => false,
        };
        !self.key_sets.is_empty() || self.refs.iter().any(waits)
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// The plan, or everything that stands in its way.
pub(super) fn plan(
    schema: &BackupSchema,
    source: &About,
    database: &DatabaseSchema,
    resolved: &Resolved,
    options: &Options,
    can: Capabilities,
) -> Result<RestorePlan, Vec<Notice>> {
    let misfits = fit(schema, database, resolved);
    // rows that are there can wait for what they refer to: those of a source from before may all be
    let is_of_new_rows = |misfit: &&Misfit| matches!(misfit, Misfit::NeverNull { .. });
    let (warnings, problems): (Vec<_>, Vec<_>) = misfits.iter().partition(is_of_new_rows);
    let mut planner = Planner {
        schema,
        words: source.words.as_ref(),
        destination: Destination {
            database,
            tables: resolved,
        },
        options,
        can,
        owned: HashSet::new(),
        waiting_keys: Vec::new(),
        problems: problems.into_iter().map(Misfit::notice).collect(),
        warnings: warnings.into_iter().map(Misfit::notice).collect(),
    };
    let mut tables = Vec::with_capacity(schema.tables.len());
    let mut known = Vec::new();
    for def in schema.tables.iter() {
        let given = table_of(def, &source.tables);
        if let Some(table) = given.filter(|table| known.contains(&&table.key)) {
            let twice = format!(
                "{}'s table `{}` is that of two tables of the schema, one of which was called so before",
                source.words.source(),
                table.key
            );
            planner.problem(Notice::new(twice).hint("use a schema of one of them"));
        }
        known.extend(given.map(|table| &table.key));
        if let Some(table) = planner.table(def, given) {
            tables.push(table);
        }
    }
    let unknown = source.tables.iter();
    for table in unknown.filter(|table| !known.contains(&&table.key)) {
        planner.warnings.push(Notice::new(format!(
            "{}'s table `{}` is not in the schema, and is left out",
            source.words.source(),
            table.key
        )));
    }
    if planner.problems.is_empty() {
        planner.references(&mut tables);
    }
    if planner.problems.is_empty() {
        return Ok(RestorePlan {
            dialect: database.dialect,
            words: Arc::clone(&source.words),
            spelled: false,
            tells_rows: options.records,
            keeps_spelling: can.spelled_times,
            locks_rows: can.row_locks,
            sets_constraints: can.set_constraints,
            is_acted_on: may_act(database),
            tables,
            samples: Vec::new(),
            waiting_keys: planner.waiting_keys,
            warnings: planner.warnings,
        });
    }
    Err(planner.problems)
}

/// Whether triggers may run, known ones or not: those of other tables do for rows that follow a key.
fn may_act(database: &DatabaseSchema) -> bool {
    let mut unknown = database.not_inspected.iter();
    database.tables.values().any(has_triggers) || unknown.any(|left_out| left_out.kind == "trigger")
}

/// The table of the source that holds the rows: of this name, else of the name that it had.
fn table_of<'s>(def: &TableDef, tables: &'s [SourceTable]) -> Option<&'s SourceTable> {
    let called = |name: &str| {
        let wanted = plain(name);
        tables
            .iter()
            .find(|table| table.key == name || plain(&table.table) == wanted)
    };
    called(&def.name).or_else(|| called(def.renamed_from.as_deref()?))
}

/// The name without a schema that every database has.
fn plain(name: &str) -> String {
    match TableName::parse(name) {
        Ok(name) => db_adapter_core::schema::table_key(name.schema.as_deref(), &name.name),
        Err(_) => name.to_owned(),
    }
}

struct Planner<'a> {
    schema: &'a BackupSchema,
    words: &'a dyn Words,
    destination: Destination<'a>,
    options: &'a Options,
    can: Capabilities,
    /// The tables whose rows are of users, by a column or through a parent.
    owned: HashSet<String>,
    waiting_keys: Vec<(Option<String>, String)>,
    problems: Vec<Notice>,
    warnings: Vec<Notice>,
}

impl Planner<'_> {
    fn problem(&mut self, problem: impl Into<Notice>) {
        self.problems.push(problem.into());
    }
}
