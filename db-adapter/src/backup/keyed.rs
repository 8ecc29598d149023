//! Whether the values by which rows are found are what a restore reads again: SQLite stores any value in any
//! column, and tells two spellings of one uuid or time apart. What it has as data alone may be anything.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use db_adapter_core::backup::TableDef;
use db_adapter_core::schema::SqlDialect;
use db_adapter_core::{SqlType, TableSchema, temporal};
use futures_util::TryStreamExt as _;

use super::BackupSchema;
use super::plan::TablePlan;
use super::select::Scope;
use crate::query::{Columns, Operation, Select, SelectItem};
use crate::transaction::Transaction;
use crate::transfer::fingerprint::{ByKey, Fingerprints, Meaning};
use crate::transfer::types::{is_as_stored, is_read_as_value, of_other_text};
use crate::value::{Limits, canonicalize_in};
use crate::{DatabaseClient as _, Error, Filter, Notice, Result, Row, Value};

/// What a restore finds the rows of a table by, where the database does not see to the types.
#[derive(Debug, Clone)]
pub(super) struct Keyed {
    dialect: SqlDialect,
    columns: Vec<KeyColumn>,
    /// The primary key, the natural key, and the other columns that rows refer to.
    sets: BTreeSet<Vec<String>>,
    /// Which of them is the natural key: NULL is a value of it like any other.
    natural: Vec<String>,
}

#[derive(Debug, Clone)]
struct KeyColumn {
    name: String,
    sql_type: SqlType,
    digits: u32,
    /// What a restore compares.
    meaning: Meaning,
    /// A restore gives it another value, which tells rows apart all the same where many users are in a backup, or
    /// one in several spellings.
    is_user: bool,
}

impl Keyed {
    pub(super) fn of(
        schema: &BackupSchema,
        def: &TableDef,
        table: &TableSchema,
        dialect: SqlDialect,
    ) -> Keyed {
        let owned = |names: &[std::borrow::Cow<'static, str>]| -> Vec<String> {
            names.iter().map(ToString::to_string).collect()
        };
        let tables = schema.tables.iter();
        let to_it = tables
            .flat_map(|other| other.references())
            .filter(|reference| reference.table == def.name && !reference.references.is_empty());
        let mut sets: BTreeSet<Vec<String>> = to_it.map(|r| owned(&r.references)).collect();
        sets.insert(owned(&def.pk));
        let natural: Vec<String> = def.natural_key().into_iter().map(str::to_owned).collect();
        sets.insert(natural.clone());
        // no row is found by an optional reference: one to nothing becomes NULL, where it can
        let can_be_null = |field: &std::borrow::Cow<'static, str>| {
            table.column(field).is_some_and(|column| column.nullable)
        };
        let optional = def.optional_refs.iter();
        let optional = optional.filter(|reference| !reference.fields.iter().any(can_be_null));
        let needed = def.parents.iter().chain(def.external.iter());
        let needed = needed.chain(&def.owner).chain(optional);
        let fields = needed.flat_map(|reference| owned(&reference.fields));
        let names: BTreeSet<String> = natural
            .iter()
            .cloned()
            .chain(fields)
            .chain(sets.iter().flatten().cloned())
            .collect();
        let columns = table
            .columns
            .iter()
            .filter(|column| names.contains(&column.name));
        let columns = columns.map(|column| KeyColumn {
            name: column.name.clone(),
            sql_type: column.sql_type.clone(),
            digits: temporal::digits(&column.data_type),
            meaning: Meaning::new(column.sql_type.clone(), column.collation.as_deref()),
            is_user: def.user_field.as_deref() == Some(&column.name),
        });
        Keyed {
            dialect,
            columns: columns.collect(),
            sets,
            natural,
        }
    }

    fn column(&self, name: &str) -> Option<&KeyColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The value as a restore compares it; `None` where it is not one of the column's type.
    fn read<'v>(&self, column: &KeyColumn, value: &'v Value) -> Option<Cow<'v, Value>> {
        if let Some(read) = of_other_text(value, &column.sql_type) {
            return Some(Cow::Owned(read));
        }
        let limits = Limits {
            digits: column.digits,
            ..Limits::default()
        };
        let read = canonicalize_in(self.dialect, value, &column.sql_type, limits).ok()?;
        (!is_as_stored(value, &column.sql_type, true)).then_some(read)
    }
}

/// Looks at the rows of a table on their way into the file.
pub(super) struct Look<'p> {
    keyed: &'p Keyed,
    /// By column, how many rows have a value of another type.
    of_another_type: BTreeMap<&'p str, u64>,
    /// The sets of which a row is spelled as the database does not compare it.
    respelled: BTreeSet<&'p Vec<String>>,
}

impl<'p> Look<'p> {
    /// `but`: a set in which rows may have one key.
    pub(super) fn at(keyed: &'p Keyed, but: Option<&Vec<String>>) -> Self {
        // of these a row does not tell how it is written
        let is_read = |name: &String| {
            let column = keyed.column(name);
            column.is_some_and(|column| is_read_as_value(&column.sql_type))
        };
        let sets = keyed.sets.iter().filter(|set| Some(*set) != but);
        Look {
            keyed,
            of_another_type: BTreeMap::new(),
            respelled: sets.filter(|set| set.iter().any(is_read)).collect(),
        }
    }

    pub(super) fn row(&mut self, row: &Row) {
        for column in &self.keyed.columns {
            let Some(value) = row.value(&column.name).filter(|value| !value.is_null()) else {
                continue;
            };
            match self.keyed.read(column, value) {
                None if column.is_user => {}
                None => *self.of_another_type.entry(&column.name).or_default() += 1,
                Some(read) if *read != *value => {
                    let sets = self.keyed.sets.iter();
                    self.respelled
                        .extend(sets.filter(|set| set.contains(&column.name)));
                }
                Some(_) => {}
            }
        }
    }

    /// What a restore could not take of these rows.
    pub(super) async fn problems(
        self,
        snapshot: &Transaction,
        plan: &TablePlan,
        scope: &Scope,
    ) -> Result<Vec<Notice>> {
        let mut problems = Vec::new();
        for (name, rows) in self.of_another_type {
            let sql_type = self.keyed.column(name).map(|column| &column.sql_type);
            let sql_type = sql_type.map(ToString::to_string).unwrap_or_default();
            let rows = of_rows(rows);
            let text = format!(
                "table `{}`: {rows} a value in `{name}` that {sql_type} does not hold, and a restore finds rows by this column",
                plan.name
            );
            problems.push(Notice::new(text).hint("correct the values, or declare another key"));
        }
        for set in self.respelled {
            let doubles = doubles(self.keyed, snapshot, plan, scope, set).await?;
            if doubles > 0 {
                let rows = of_rows(doubles);
                let text = format!(
                    "table `{}`: {rows} the value of another row in `{}`, written otherwise, so that a restore cannot tell them apart",
                    plan.name,
                    set.join("`, `")
                );
                problems.push(Notice::new(text).hint("give one of the rows another value"));
            }
        }
        Ok(problems)
    }
}

fn of_rows(rows: u64) -> String {
    match rows {
        1 => "1 row has".to_owned(),
        rows => format!("{rows} rows have"),
    }
}

/// How many rows have a key of another one, however it is written.
async fn doubles(
    keyed: &Keyed,
    snapshot: &Transaction,
    plan: &TablePlan,
    scope: &Scope,
    set: &[String],
) -> Result<u64> {
    let items = set.iter().map(|name| SelectItem::Column {
        name: name.clone(),
        alias: None,
    });
    let columns = Columns::List(items.collect());
    let mut select = Select::new(plan.table.clone(), columns, Filter::clone(&scope.included));
    select.spelled = true;
    let columns = set.iter().map(|name| keyed.column(name));
    let columns: Option<Vec<&KeyColumn>> = columns.collect();
    let columns = columns.ok_or_else(|| {
        Error::internal(format!(
            "a key of `{}` has columns that were not read",
            plan.table
        ))
    })?;
    let of = Fingerprints::default();
    let null_counts = *set == *keyed.natural;
    let mut rows = snapshot.run_stream(Operation::Select(select));
    let mut seen: ByKey<()> = ByKey::default();
    let mut doubles = 0;
    while let Some(row) = rows.try_next().await? {
        let cell = |(at, column): (usize, &&KeyColumn)| {
            let value = row.get_index(at).filter(|v| null_counts || !v.is_null())?;
            let read = keyed.read(column, value);
            Some(read.unwrap_or(Cow::Borrowed(value)))
        };
        let cells: Option<Vec<Cow<'_, Value>>> = columns.iter().enumerate().map(cell).collect();
        let Some(cells) = cells else { continue };
        let meanings = columns.iter().map(|column| &column.meaning);
        let key = of.of(cells.iter().map(|cell| &**cell).zip(meanings));
        doubles += u64::from(seen.insert(key, ()).is_some());
    }
    Ok(doubles)
}
