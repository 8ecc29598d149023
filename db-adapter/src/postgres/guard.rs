//! What keeps a statement from meaning something else once its table was changed: conditions that the
//! server looks at when it reads the statement, and that cost nothing or little when it runs. And
//! the texts that every statement about a whole table has in it. Pure.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use db_adapter_core::{SqlType, TableName};

use super::catalog::{PgColumn, PgTable};
use super::dialect::Postgres;
use super::same_types::{Relied, never_run, same_numbers, same_types};
use crate::filter::Test;
use crate::query::{Columns, SelectItem};
use crate::row::Header;
use crate::sql::push_outputs;
use crate::{Filter, Result};

/// The first number that the server gives to a type of users.
const FIRST_OF_USERS: u32 = 16_384;

/// The parts of statements that a table's description decides: made once with it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Texts {
    /// `t."a" AS "a", ..`: all columns as outputs.
    pub(super) outputs: String,
    /// The names of all columns.
    pub(super) header: Arc<Header>,
    /// The guard of a statement that gives all columns and does nothing else.
    pub(super) guard: Option<String>,
    /// What is refused when the table has not as many columns as we know.
    number: String,
}

impl Texts {
    pub(super) fn of(table: &PgTable) -> Result<Self> {
        let mut outputs = String::new();
        if !table.columns.is_empty() {
            push_outputs::<Postgres>(&mut outputs, table, &Columns::All, true)?;
        }
        let mut texts = Texts {
            outputs,
            header: Header::new(table.columns.iter().map(|column| column.name.as_str()))?,
            guard: None,
            number: number(table),
        };
        let mut all = Guard {
            number: Some(&texts.number),
            ..Guard::default()
        };
        all.push_read(&table.columns);
        texts.guard = all.text();
        Ok(texts)
    }
}

/// The names of what a select or a `RETURNING` gives, whose text is added.
pub(super) fn push_returned(
    text: &mut String,
    table: &PgTable,
    columns: &Columns,
) -> Result<Arc<Header>> {
    if let (Columns::All, false) = (columns, table.columns.is_empty()) {
        text.push_str(&table.extra.texts.outputs);
        return Ok(Arc::clone(&table.extra.texts.header));
    }
    let outputs = push_outputs::<Postgres>(text, table, columns, true)?;
    Header::new(outputs.into_iter().map(|output| output.name))
}

/// A condition that is true, and that the server refuses once a column that a statement relies on
/// has another type, or the table not as many columns as we know. It names the table's row type and
/// not the table, so that it needs no right to read, and no lock.
#[derive(Debug, Default)]
pub(super) struct Guard<'t> {
    /// Columns whose values are cast to their type: an assignment would convert them once more, and
    /// silently, to another type and to another scale of the same.
    typed: BTreeSet<&'t Relied>,
    /// Columns of whose types the number alone has to be what it was: what is read as text has no
    /// digits that could change, and to name a type needs a right to its schema.
    numbered: BTreeSet<&'t Relied>,
    number: Option<&'t str>,
}

impl<'t> Guard<'t> {
    /// Columns that are written, or compared with values.
    pub(super) fn push(&mut self, columns: impl IntoIterator<Item = &'t PgColumn>) {
        for column in columns {
            let relied = &column.extra.relied;
            if !relied.by_number {
                self.typed.insert(relied);
            }
            // the name of a type of users may be that of another one by now
            if relied.by_number || relied.oid >= FIRST_OF_USERS {
                self.numbered.insert(relied);
            }
        }
    }

    /// Columns that are read: of the others, what comes tells its type.
    fn push_read(&mut self, columns: impl IntoIterator<Item = &'t PgColumn>) {
        let columns = columns.into_iter();
        let as_text = columns.filter(|column| !column.extra.ty.output.is_empty());
        self.numbered
            .extend(as_text.map(|column| &column.extra.relied));
    }

    /// The columns at these places, which are written.
    pub(super) fn written(mut self, table: &'t PgTable, columns: &[usize]) -> Result<Self> {
        for position in columns {
            self.push([table.at(*position)?]);
        }
        Ok(self)
    }

    /// What a select or a `RETURNING` gives.
    pub(super) fn given(mut self, table: &'t PgTable, columns: Option<&Columns>) -> Result<Self> {
        match columns {
            None => {}
            Some(Columns::All) => {
                self.push_read(&table.columns);
                self.number = Some(&table.extra.texts.number);
            }
            Some(Columns::List(items)) => {
                for item in items {
                    if let SelectItem::Column { name, .. } = item {
                        self.push_read([table.column(name)?]);
                    }
                }
            }
        }
        Ok(self)
    }

    /// The columns whose values a filter asks for.
    pub(super) fn filtered(
        mut self,
        table: &'t PgTable,
        others: &'t [(TableName, Arc<PgTable>)],
        filter: &Filter,
    ) -> Result<Self> {
        let mut open = vec![(table, filter)];
        let mut seen = HashSet::new();
        while let Some((table, filter)) = open.pop() {
            match filter {
                Filter::All | Filter::TooDeep => {}
                Filter::Test(condition) => match &condition.test {
                    Test::IsNull | Test::NotNull => {}
                    Test::Dict(value) | Test::Eq(value) | Test::Ne(value) if value.is_null() => {}
                    _ => self.push([table.column(&condition.column)?]),
                },
                Filter::And(filters) | Filter::AnyOf(filters) => {
                    open.extend(filters.iter().map(|filter| (table, filter)));
                }
                Filter::Not(filter) => open.push((table, filter)),
                Filter::RefersTo(reference) => {
                    // several references may share a filter, each level of them twice
                    if !seen.insert((Arc::as_ptr(&reference.filter), &reference.table)) {
                        continue;
                    }
                    let other = others.iter().find(|(name, _)| *name == reference.table);
                    open.extend(other.map(|(_, other)| (&**other, &*reference.filter)));
                }
            }
        }
        Ok(self)
    }

    /// The condition; `None` where there is nothing that could change.
    pub(super) fn text(&self) -> Option<String> {
        let lists = self.typed.iter().filter_map(|relied| relied.list.clone());
        let mut read: Vec<String> = lists.collect();
        let others = self.typed.iter().filter(|relied| relied.list.is_none());
        let others: Vec<_> = others
            .map(|relied| (&*relied.now, &*relied.known))
            .collect();
        read.extend(same_types(&others));
        read.extend(self.number.map(str::to_owned));
        match (read.is_empty(), self.when_run()) {
            (true, run) => run,
            (false, None) => Some(never_run(&read.join(" AND "))),
            (false, Some(run)) => Some(format!("{} AND {run}", never_run(&read.join(" AND ")))),
        }
    }

    /// The part of it that is asked when the statement runs.
    pub(super) fn when_run(&self) -> Option<String> {
        same_numbers(self.numbered.iter().copied())
    }
}

/// Rows that are compared, and both sides of a union, have the same number of columns. The first is
/// cheaper for the server, but wants types that can be compared.
fn number(table: &PgTable) -> String {
    let mut row = String::from("(NULL::");
    table.extra.found.push_quoted(&mut row);
    row.push_str(").*");
    let nulls = vec!["NULL"; table.columns.len()].join(", ");
    let mut types = table.columns.iter().map(|column| &column.sql_type);
    match !table.columns.is_empty() && types.all(can_be_compared) {
        true => format!("ROW({row}) OPERATOR(pg_catalog.=) ROW({nulls})"),
        false => format!("EXISTS (SELECT {row} UNION ALL SELECT {nulls})"),
    }
}

fn can_be_compared(sql_type: &SqlType) -> bool {
    match sql_type {
        // of a domain over an enum, too, which has no operators
        SqlType::Json | SqlType::Citext | SqlType::Enum(_) | SqlType::Other(_) => false,
        SqlType::Array(element) => can_be_compared(element),
        _ => true,
    }
}
