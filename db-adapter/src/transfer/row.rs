//! One row of the source as the destination will have it: values in the order of the plan, and the
//! fingerprints of its keys and references as they were. Pure.

use std::borrow::Cow;
use std::sync::Arc;

use db_adapter_core::jsonb::repeats_a_key;
use db_adapter_core::{SqlType, canonical_text};

use super::fingerprint::{Fingerprint, Fingerprints, Meaning};
use super::holding::Led;
use super::plan::{RestorePlan, TablePlan, Target};
use super::source::{Origin, SourceRow};
use super::types::{is_as_stored, of_other_text, without_limits};
use crate::row::Header;
use crate::value::{Limits, canonicalize_in};
use crate::{InvalidValue, Row, Value};

/// Which column of the plan stands where in the rows of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    names: Vec<String>,
    /// For each column of the plan its place in the source's rows.
    places: Vec<Option<usize>>,
    /// The columns that are written.
    pub(super) written: Vec<usize>,
}

impl Layout {
    /// The layout of rows with these columns.
    ///
    /// # Errors
    /// The first column that the destination does not have.
    pub(super) fn new(table: &TablePlan, names: &[String]) -> Result<Layout, String> {
        let unknown = names
            .iter()
            .find(|name| table.position(name).is_none() && !table.computed.contains(name));
        if let Some(name) = unknown {
            return Err(name.clone());
        }
        Ok(Layout::of_known(table, names))
    }

    /// The same, where columns that the plan does not have are passed over.
    pub(super) fn of_known(table: &TablePlan, names: &[String]) -> Layout {
        let places: Vec<Option<usize>> = table
            .columns
            .iter()
            .map(|column| names.iter().position(|name| *name == column.name))
            .collect();
        let written = (0..places.len())
            .filter(|column| {
                places.get(*column).is_some_and(Option::is_some)
                    || table.user == Some(*column)
                    || table.numbered.contains(column)
            })
            .collect();
        Layout {
            names: names.to_vec(),
            places,
            written,
        }
    }

    pub(super) fn is_of(&self, names: &[String]) -> bool {
        self.names == names
    }
}

/// A row on its way.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// For each column of the plan; NULL where nothing is written.
    pub(super) values: Vec<Value>,
    /// Which of the table's layouts the row has.
    pub(super) layout: usize,
    pub(super) origin: Origin,
    /// By which keys others refer to it, for each key set; `None` where one is NULL.
    pub(super) old_keys: Vec<Option<Fingerprint>>,
    /// To which rows of the source it refers, for each reference; `None` where it refers to none.
    pub(super) old_refs: Vec<Option<Fingerprint>>,
    /// References to rows of the same table that it does not wait for: they are set afterwards.
    pub(super) put_off: Vec<usize>,
    /// What became of the references.
    pub(super) resolved: Resolved,
}

/// What became of the references of a row, by their places in the plan.
#[derive(Debug, Clone, Default)]
pub(super) struct Resolved {
    /// How many are NULL because their rows are missing.
    pub(super) nulled: u32,
    /// Those whose rows are missing, and that a row which is there keeps as they are.
    pub(super) kept: Vec<usize>,
    /// Those that lead to other rows of the same table.
    pub(super) together: Vec<Together>,
    /// The rows that were there before, as far as they are looked at once more.
    pub(super) found: Vec<Led>,
    /// Those that lead to the row itself.
    pub(super) itself: Vec<usize>,
    /// Those that are set afterwards, and to which row of the source.
    pub(super) later: Vec<(usize, Fingerprint)>,
    /// One of these that cannot be NULL until then, so that only a row that is there can wait for it.
    pub(super) needed: Option<usize>,
}

/// A reference to another row of the same table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Together {
    pub(super) reference: usize,
    /// The row that it leads to, as it is remembered.
    pub(super) row: u32,
    /// The same, as the source calls it.
    pub(super) old: Fingerprint,
}

impl Item {
    /// Roughly how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        let of = |value: &Value| match value {
            Value::Text(text) => text.len(),
            Value::Json(json) => json.as_str().len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Array(items) => items.len() * 48,
            Value::Numeric(number) => number.as_str().len(),
            _ => 0,
        };
        200 + self
            .values
            .iter()
            .map(|value| 24 + of(value))
            .sum::<usize>()
    }
}

/// Why a row of the source cannot be one of the table.
pub(super) struct Unfit {
    pub(super) origin: Origin,
    pub(super) reason: String,
    /// The keys that others refer to it by, as far as they can be read.
    pub(super) old_keys: Vec<Option<Fingerprint>>,
}

/// What turns rows of the source into items of a table.
pub(super) struct RowReader<'p> {
    /// The names of the natural key's columns, where rows are told of by it.
    named: Option<Arc<Header>>,
    plan: &'p RestorePlan,
    table: &'p TablePlan,
    fingerprints: Fingerprints,
    /// The types to read with, without the limits that would round what is stored.
    stored: Vec<SqlType>,
    /// Whether a column takes what SQLite has stored in one of the same type, whatever that is.
    as_stored: Vec<Kept>,
}

impl<'p> RowReader<'p> {
    pub(super) fn new(
        plan: &'p RestorePlan,
        table: &'p TablePlan,
        fingerprints: Fingerprints,
    ) -> Self {
        let natural = table.natural.iter().filter_map(|c| table.columns.get(*c));
        let header = || Header::new(natural.map(|column| column.name.as_str())).ok();
        let stored = table.columns.iter().map(|c| without_limits(&c.stored));
        RowReader {
            named: plan.tells_rows.then(header).flatten(),
            plan,
            table,
            fingerprints,
            stored: stored.collect(),
            as_stored: as_stored(plan, table),
        }
    }

    /// The same for rows of the destination itself.
    pub(super) fn of_destination(
        plan: &'p RestorePlan,
        table: &'p TablePlan,
        fingerprints: Fingerprints,
    ) -> Self {
        let stored = table.columns.iter().map(|c| without_limits(&c.sql_type));
        RowReader {
            stored: stored.collect(),
            ..RowReader::new(plan, table, fingerprints)
        }
    }

    /// What the source has. SQLite may have stored what is out of the range of the column's type.
    fn stored(
        &self,
        row: &dyn SourceRow,
        (column, place): (usize, usize),
        stored: &SqlType,
    ) -> Result<Value, InvalidValue> {
        let kept = matches!(
            self.as_stored.get(column),
            Some(Kept::AsStored | Kept::Compared)
        );
        if kept && *stored == SqlType::Jsonb {
            // with its text, which the other type would lose
            return row.value(place, &SqlType::Json);
        }
        let mut value = row.value(place, stored);
        if self.as_stored.get(column) != Some(&Kept::AsStored)
            && let Ok(text) = &value
            && let Some(read) = of_other_text(text, stored)
        {
            value = Ok(read);
        }
        match (self.as_stored.get(column), wider(stored)) {
            (Some(Kept::AsStored | Kept::Compared), Some(wider)) => {
                value.or_else(|error| row.value(place, &wider).map_err(|_| error))
            }
            _ => value,
        }
    }

    /// The item of a row, with the user of the source: what refers to it may do so by the user, too.
    pub(super) fn read(
        &self,
        row: &dyn SourceRow,
        layout: &Layout,
        number: usize,
    ) -> Result<Item, Unfit> {
        let mut values = Vec::with_capacity(self.table.columns.len());
        let mut reason = None;
        for (i, column) in self.table.columns.iter().enumerate() {
            let value = match (layout.places.get(i), self.stored.get(i)) {
                (Some(Some(place)), Some(stored)) => self
                    .stored(row, (i, *place), stored)
                    .and_then(|value| {
                        let dialect = self.plan.dialect;
                        let limits = Limits {
                            digits: column.digits,
                            ..Limits::default()
                        };
                        loses_a_key(&value, stored, &column.sql_type)?;
                        let canonical = canonicalize_in(dialect, &value, &column.sql_type, limits);
                        let is_of_another = is_as_stored(&value, &column.sql_type, canonical.is_ok());
                        match self.as_stored.get(i) {
                            Some(Kept::AsStored) if is_of_another => return Ok(value),
                            Some(Kept::AsStored | Kept::Compared)
                                if canonical.is_ok() && matches!(value, Value::Json(_)) =>
                            {
                                return Ok(value);
                            }
                            // as one of the type it would be another row's
                            Some(Kept::Compared)
                                if is_of_another
                                    && canonical.is_ok() =>
                            {
                                return Err(InvalidValue::new(
                                    "it is stored as a value of another type, and rows are found by it",
                                ));
                            }
                            _ => {}
                        }
                        Ok(match canonical? {
                            Cow::Borrowed(_) => value,
                            Cow::Owned(canonical) => canonical,
                        })
                    }),
                _ => Ok(Value::Null),
            };
            let value = value.map(|value| match layout.places.get(i) {
                Some(Some(place)) if self.plan.spelled && column.sql_type.has_spellings() => {
                    spelled(row.spelling(*place), value, &column.sql_type)
                }
                _ => value,
            });
            values.push(value.unwrap_or_else(|details| {
                // the user's column gets another value anyway
                if self.table.user != Some(i) {
                    let text = format!("column `{}`: {}", column.name, details.reason);
                    reason.get_or_insert(text);
                }
                Value::Null
            }));
        }
        let old_keys = old_keys(self.table, &self.fingerprints, &values);
        let mut origin = row.origin();
        origin.key = self.named.as_ref().map(|header| {
            let key = self.table.natural.iter().map(|c| values.get(*c).cloned());
            let key = key.map(Option::unwrap_or_default).collect();
            Arc::new(Row::from_parts(Arc::clone(header), key))
        });
        if let Some(reason) = reason {
            return Err(Unfit {
                reason,
                old_keys,
                origin,
            });
        }
        Ok(Item {
            old_refs: old_refs(self.plan, self.table, &self.fingerprints, &values),
            values,
            layout: number,
            origin,
            old_keys,
            put_off: Vec::new(),
            resolved: Resolved::default(),
        })
    }
}

impl Item {
    /// Finds its keys and references again, now that more is known of what is equal.
    pub(super) fn compare_again(
        &mut self,
        plan: &RestorePlan,
        table: &TablePlan,
        fingerprints: &Fingerprints,
    ) {
        self.old_keys = old_keys(table, fingerprints, &self.values);
        self.old_refs = old_refs(plan, table, fingerprints, &self.values);
    }
}

fn old_keys(
    table: &TablePlan,
    fingerprints: &Fingerprints,
    values: &[Value],
) -> Vec<Option<Fingerprint>> {
    let sets = table.key_sets.iter();
    sets.map(|set| {
        let meanings = set.iter().map(|column| meaning(table, *column));
        fingerprint(fingerprints, values, set, meanings)
    })
    .collect()
}

/// By the meanings of the columns that are referred to, so that both sides agree.
fn old_refs(
    plan: &RestorePlan,
    table: &TablePlan,
    fingerprints: &Fingerprints,
    values: &[Value],
) -> Vec<Option<Fingerprint>> {
    let refs = table.refs.iter();
    refs.map(|reference| match &reference.target {
        Target::Table {
            table: target,
            key_set,
            ..
        } => {
            let target = plan.tables.get(*target)?;
            let set = target.key_sets.get(*key_set)?;
            let meanings = set.iter().map(|column| meaning(target, *column));
            fingerprint(fingerprints, values, &reference.fields, meanings)
        }
        // asked for as it will be, not as it was
        Target::External { .. } => None,
    })
    .collect()
}

/// `None` when one of the values is NULL.
fn fingerprint<'a>(
    fingerprints: &Fingerprints,
    values: &'a [Value],
    columns: &[usize],
    meanings: impl Iterator<Item = Option<&'a Meaning>>,
) -> Option<Fingerprint> {
    let values = columns.iter().map(|column| values.get(*column));
    let cells: Option<Vec<(&Value, &Meaning)>> = values
        .zip(meanings)
        .map(|(value, meaning)| Some((value.filter(|v| !v.is_null())?, meaning?)))
        .collect();
    cells.map(|cells| fingerprints.of(cells))
}

/// What becomes of a value of another type, in a column of the same type as in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// The column has another type, or the destination takes values of its types only.
    Converted,
    /// It is stored as it is.
    AsStored,
    /// The same, and rows are found by it.
    Compared,
}

/// Refuses a document that `jsonb` would keep with fewer values than it has.
fn loses_a_key(value: &Value, from: &SqlType, to: &SqlType) -> Result<(), InvalidValue> {
    let loses = match (from, to) {
        (SqlType::Array(from), SqlType::Array(to)) => {
            let Value::Array(items) = value else {
                return Ok(());
            };
            return items
                .iter()
                .try_for_each(|item| loses_a_key(item, from, to));
        }
        (SqlType::Jsonb, _) | (_, SqlType::Json) => false,
        (_, SqlType::Jsonb) => match value {
            Value::Json(json) => repeats_a_key(json.as_str()),
            Value::Text(text) => repeats_a_key(text),
            _ => false,
        },
        _ => false,
    };
    match loses {
        true => Err(InvalidValue::new(
            "an object of it has a key twice, of which `jsonb` keeps one value",
        )),
        false => Ok(()),
    }
}

/// A type that holds what is out of the range of this one.
fn wider(sql_type: &SqlType) -> Option<SqlType> {
    match sql_type {
        SqlType::Int2 | SqlType::Int4 | SqlType::Oid => Some(SqlType::Int8),
        SqlType::Float4 => Some(SqlType::Float8),
        SqlType::Name => Some(SqlType::Text),
        _ => None,
    }
}

fn as_stored(plan: &RestorePlan, table: &TablePlan) -> Vec<Kept> {
    let compared = table.found_by();
    let columns = table.columns.iter().enumerate();
    columns
        .map(
            |(i, column)| match plan.spelled && column.stored == column.sql_type {
                false => Kept::Converted,
                true if compared.contains(&i) => Kept::Compared,
                true => Kept::AsStored,
            },
        )
        .collect()
}

/// The value as the source spells it, where the destination keeps the text.
fn spelled(text: Option<Cow<'_, str>>, value: Value, sql_type: &SqlType) -> Value {
    match (text, &value) {
        (Some(text), Value::Text(canonical))
            if canonical_text(sql_type, &text).as_deref() == Some(&**canonical) =>
        {
            Value::Text(text.into())
        }
        _ => value,
    }
}

fn meaning(table: &TablePlan, column: usize) -> Option<&Meaning> {
    table.columns.get(column).map(|column| &column.meaning)
}
