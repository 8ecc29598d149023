//! The rows of a restore as the database took them, and whether it still has them so at the end: a trigger, a
//! rule or a function can change a row long after it was written, for one of another table. Only where there are
//! any. A row that nothing is known of by which it could be found again is a problem as well.

use std::collections::HashMap;

use super::afterwards::names;
use super::equality::learn;
use super::existing::{around, columns_of};
use super::fingerprint::{ByKey, Fingerprint, Fingerprints};
use super::plan::{Asked, ColumnPlan, RefPlan, RestorePlan, TablePlan, Target, When};
use super::triggered::identifying;
use crate::client::DatabaseClient as _;
use crate::query::{Operation, Select};
use crate::transaction::Transaction;
use crate::{Notice, Result, Row, Value};

/// What is known of the rows of each table.
#[derive(Default)]
pub(super) struct Lasting {
    is_watching: bool,
    tables: HashMap<usize, Rows>,
}

/// The rows of one table.
#[derive(Default)]
struct Rows {
    by_key: ByKey<Written>,
    /// Those whose primary key only the database knows.
    by_natural: ByKey<Written>,
    /// How many cannot be found by either.
    lost: usize,
}

/// Of each column that says which row it is, whose, and where it leads; `None` where that was not written.
pub(super) type Cells = Box<[Option<Fingerprint>]>;

/// One row.
struct Written {
    key: Vec<Value>,
    cells: Cells,
}

impl Lasting {
    pub(super) fn watching(is_watching: bool) -> Self {
        Lasting {
            is_watching,
            tables: HashMap::new(),
        }
    }

    /// Whether there is anything that could change rows.
    pub(super) fn is_watching(&self) -> bool {
        self.is_watching
    }

    /// The database has this row of the table at `place`, as far as the values say.
    pub(super) fn has<'v>(
        &mut self,
        of: &Fingerprints,
        (place, table): (usize, &TablePlan),
        value: impl Fn(&str) -> Option<&'v Value>,
    ) {
        if !self.is_watching {
            return;
        }
        let all = |columns: &[usize]| -> Option<Vec<Value>> {
            let names = columns.iter().map(|at| table.columns.get(*at));
            let values = names.map(|column| value(&column?.name).cloned());
            values.collect::<Option<Vec<_>>>().filter(|v| !v.is_empty())
        };
        let rows = self.tables.entry(place).or_default();
        // no row has NULL as its key: it is one that was not known
        let known = all(&table.key).filter(|key| !key.iter().any(Value::is_null));
        let (rows, columns, key) = match (known, all(&table.natural)) {
            (Some(key), _) => (&mut rows.by_key, &table.key, key),
            (None, Some(natural)) => (&mut rows.by_natural, &table.natural, natural),
            (None, None) => {
                rows.lost += 1;
                return;
            }
        };
        let cell = |name: &str, column| Some(of.of([(value(name)?, column)]));
        let identifying = identifying(table);
        let cells = identifying.iter().map(|c| cell(&c.name, &c.meaning));
        let cells = cells.collect();
        match rows.entry(fingerprint(of, table, columns, &key)) {
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(Written { key, cells });
            }
            std::collections::hash_map::Entry::Occupied(mut before) => {
                let cells = before.get_mut().cells.iter_mut().zip(cells);
                for (cell, now) in cells.filter(|(_, now)| now.is_some()) {
                    *cell = now;
                }
            }
        }
    }

    /// The row with this primary key was there, and was like this.
    pub(super) fn found(
        &mut self,
        of: &Fingerprints,
        (place, table): (usize, &TablePlan),
        key: Vec<Value>,
        cells: Cells,
    ) {
        let rows = &mut self.tables.entry(place).or_default().by_key;
        let row = fingerprint(of, table, &table.key, &key);
        rows.entry(row).or_insert(Written { key, cells });
    }

    /// The tables that have other rows now, with how many.
    pub(super) async fn check(
        self,
        tx: &Transaction,
        of: &mut Fingerprints,
        plan: &RestorePlan,
    ) -> Result<Vec<Notice>> {
        let source = plan.words.source();
        let mut problems = Vec::new();
        for (place, table) in plan.tables.iter().enumerate() {
            let Some(rows) = self.tables.get(&place) else {
                continue;
            };
            let mut gone = 0;
            for (columns, rows) in [
                (&table.key, &rows.by_key),
                (&table.natural, &rows.by_natural),
            ] {
                let look = Look::new(plan, table, columns, rows);
                gone += rows.len().saturating_sub(look.still(tx, of).await?);
            }
            if gone > 0 {
                let text = format!(
                    "{} of `{}` got another key, user, natural key or reference, or went away, after they had been written or found: a trigger, a rule or a function of the database did it, or another session",
                    counted(gone),
                    table.name
                );
                problems.push(Notice::new(text).hint(
                    "do it again where another session may have done it; else switch the trigger off meanwhile, or let it leave such columns alone",
                ));
            }
            if rows.lost > 0 {
                let text = format!(
                    "{} of `{}` cannot be found again: {source} has neither the primary key nor the whole natural key, and triggers, rules or functions of the database may change rows",
                    counted(rows.lost),
                    table.name
                );
                problems.push(Notice::new(text).hint(format!(
                    "{source} must have the columns of the key; or switch the triggers off meanwhile"
                )));
            }
        }
        Ok(problems)
    }
}

fn counted(rows: usize) -> String {
    match rows {
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    }
}

fn fingerprint(
    of: &Fingerprints,
    table: &TablePlan,
    columns: &[usize],
    key: &[Value],
) -> Fingerprint {
    let meanings = columns.iter().filter_map(|c| table.columns.get(*c));
    let cells = key.iter().zip(meanings);
    of.of(cells.map(|(value, column)| (value, &column.meaning)))
}

/// What is compared of a row of the destination that was just read, with values in the order of the plan. Not
/// compared is what follows the columns of rows that an overwrite changes later.
pub(super) fn as_read(
    of: &Fingerprints,
    plan: &RestorePlan,
    table: &TablePlan,
    overwrites: bool,
    values: &[Value],
) -> Cells {
    let cell = |column: &ColumnPlan| {
        let at = table.position(&column.name)?;
        let follows = overwrites && table.refs.iter().any(|r| follows(plan, r, at));
        let value = values.get(at).filter(|_| !follows)?;
        Some(of.of([(value, &column.meaning)]))
    };
    identifying(table).into_iter().map(cell).collect()
}

/// Whether the column refers to one that is no primary key, of rows that come with this one or later.
fn follows(plan: &RestorePlan, reference: &RefPlan, column: usize) -> bool {
    let Target::Table {
        table,
        key_set,
        when,
    } = reference.target
    else {
        return false;
    };
    let target = plan.tables.get(table);
    let is_key = |target: &TablePlan| target.key_sets.get(key_set) == Some(&target.key);
    when != When::Before && reference.fields.contains(&column) && !target.is_some_and(is_key)
}

/// One table, looked at once more.
struct Look<'l> {
    plan: &'l RestorePlan,
    table: &'l TablePlan,
    /// The columns by which its rows are found.
    columns: &'l [usize],
    rows: &'l ByKey<Written>,
    /// All that are read.
    read: Vec<usize>,
}

impl<'l> Look<'l> {
    fn new(
        plan: &'l RestorePlan,
        table: &'l TablePlan,
        columns: &'l [usize],
        rows: &'l ByKey<Written>,
    ) -> Self {
        let identifying = identifying(table);
        let identifying = identifying.iter().filter_map(|c| table.position(&c.name));
        let mut read: Vec<usize> = columns.iter().copied().chain(identifying).collect();
        read.sort_unstable();
        read.dedup();
        Look {
            plan,
            table,
            columns,
            rows,
            read,
        }
    }

    /// How many of the rows are there as they were written.
    async fn still(&self, tx: &Transaction, of: &mut Fingerprints) -> Result<usize> {
        let sought = names(self.table, self.columns);
        let read = names(self.table, &self.read);
        let keys = self.rows.values().map(|row| row.key.clone()).collect();
        let asked = self.plan.asked(self.table);
        let asked: Vec<Asked> = asked
            .into_iter()
            .filter(|asked| self.columns.contains(&asked.column))
            .collect();
        let mut there: ByKey<()> = ByKey::default();
        for filter in around(self.table, &sought, keys) {
            let mut select = Select::new(self.table.table.clone(), columns_of(&read)?, filter);
            select.spelled = true;
            let found = tx.run(Operation::Select(select)).await?.rows;
            let found: Vec<Vec<Value>> = found.iter().map(|row| self.values(row)).collect();
            let rows = found.iter().map(Vec::as_slice);
            learn(tx, &self.plan.samples, of, &asked, rows).await?;
            for values in &found {
                there.extend(self.as_written(of, values).map(|row| (row, ())));
            }
        }
        Ok(there.len())
    }

    /// In the order of the plan.
    fn values(&self, row: &Row) -> Vec<Value> {
        let mut values = vec![Value::Null; self.table.columns.len()];
        for (at, column) in self.read.iter().enumerate() {
            if let (Some(cell), Some(value)) = (values.get_mut(*column), row.get_index(at)) {
                cell.clone_from(value);
            }
        }
        values
    }

    /// Which of the rows it is, as that was written; `None` for another row that has an equal key, too.
    fn as_written(&self, of: &Fingerprints, values: &[Value]) -> Option<Fingerprint> {
        let cell = |column: &usize| values.get(*column).cloned();
        let key: Option<Vec<Value>> = self.columns.iter().map(cell).collect();
        let row = fingerprint(of, self.table, self.columns, &key?);
        let written = self.rows.get(&row)?;
        let mut cells = identifying(self.table).into_iter().zip(&written.cells);
        let is_same = cells.all(|(column, cell)| {
            let value = self
                .table
                .position(&column.name)
                .and_then(|at| values.get(at));
            cell.is_none_or(|cell| value.is_some_and(|v| of.of([(v, &column.meaning)]) == cell))
        });
        is_same.then_some(row)
    }
}
