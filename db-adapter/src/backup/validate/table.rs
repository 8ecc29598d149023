//! One table of a file under validation: its columns, its keys, and what its rows refer to.

use db_adapter_core::SqlType;
use db_adapter_core::backup::{ForeignKey, TableDef};

use super::Findings;
use super::keys::{KeyHash, KeyHasher, Keys};
use crate::backup::file::{FileRow, TableDetails};
use crate::backup::{BackupProblemKind as Kind, BackupSchema};
use crate::transfer::types::without_limits;

/// What is known of a table.
pub(super) struct TableCheck {
    pub(super) name: String,
    /// Whether the file has it.
    pub(super) seen: bool,
    /// Whether all its rows were read.
    closed: bool,
    hasher: KeyHasher,
    pk: Vec<String>,
    natural: Vec<String>,
    /// What the rows must have.
    required: Vec<String>,
    pub(super) references: Vec<Reference>,
    /// The keys by which others refer to it, with those that were seen.
    referred: Vec<(Vec<String>, Keys)>,
    pks: Keys,
    naturals: Keys,
    /// References to what was not read yet.
    pub(super) pending: Vec<Pending>,
    /// From the file, else from the schema.
    types: Vec<(String, SqlType)>,
    /// Whether the file says which columns each row has.
    exact: bool,
    /// Columns that were found missing, each told once.
    told: Vec<String>,
}

/// A reference of a table.
pub(super) struct Reference {
    pub(super) table: String,
    pub(super) fields: Vec<String>,
    pub(super) required: bool,
    /// The position of the table, and of the key among those by which others refer to it.
    target: Option<(usize, usize)>,
}

/// A reference of a row that could not be followed yet.
pub(super) struct Pending {
    pub(super) key: KeyHash,
    pub(super) row: u64,
    pub(super) line: u64,
    pub(super) reference: usize,
}

impl Reference {
    /// Whether a row with this key was read.
    fn leads_to_seen(&self, tables: &[TableCheck], key: KeyHash) -> bool {
        let referred = self.target.and_then(|(table, keys)| {
            let table = tables.get(table)?;
            table.referred.get(keys)
        });
        referred.is_some_and(|(_, keys)| keys.contains(key))
    }

    /// The same at the end of the file. That a whole table is missing is told once, not by row.
    pub(super) fn leads_to(&self, tables: &[TableCheck], key: KeyHash) -> bool {
        let target = self.target.and_then(|(table, _)| tables.get(table));
        target.is_none_or(|table| !table.seen) || self.leads_to_seen(tables, key)
    }
}

fn owned<T: ToString>(names: &[T]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// The columns that a reference leads to.
fn target_columns(key: &ForeignKey, target: &TableDef) -> Vec<String> {
    match key.references.is_empty() {
        true => owned(&target.pk),
        false => owned(&key.references),
    }
}

/// All the keys by which tables of the schema refer to this one.
fn referred_columns(schema: &BackupSchema, def: &TableDef) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<String>> = Vec::new();
    for child in schema.tables.iter() {
        for key in child.parents.iter().chain(child.optional_refs.iter()) {
            let columns = target_columns(key, def);
            if key.table == def.name && !found.contains(&columns) {
                found.push(columns);
            }
        }
    }
    found
}

impl TableCheck {
    pub(super) fn new(schema: &BackupSchema, def: &TableDef, hasher: &KeyHasher) -> Self {
        let reference = |key: &ForeignKey, required| {
            let position = schema.tables.iter().position(|t| t.name == key.table);
            let target = position.and_then(|position| {
                let target = schema.tables.get(position)?;
                let columns = target_columns(key, target);
                let mut keys = referred_columns(schema, target).into_iter();
                Some((position, keys.position(|found| found == columns)?))
            });
            Reference {
                table: key.table.to_string(),
                fields: owned(&key.fields),
                required,
                target,
            }
        };
        let parents = def.parents.iter().map(|key| reference(key, true));
        let natural = owned(&def.natural_key());
        let user = def.user_field.as_deref();
        let is_own = |field: &str| {
            let mut needed = def.parents.iter().flat_map(|parent| parent.fields.iter());
            user == Some(field) || needed.any(|column| column == field)
        };
        let optional = def.optional_refs.iter().map(|key| {
            let mut fields = key.fields.iter();
            // without its row it would be the natural key of another row
            let identifies = fields.any(|f| !is_own(f) && natural.iter().any(|n| n == f));
            reference(key, identifies)
        });
        let references = parents.chain(optional).collect();
        let mut required = owned(&def.pk);
        for column in &natural {
            // a restore sets the user itself
            if Some(column.as_str()) != user && !required.contains(column) {
                required.push(column.clone());
            }
        }
        let types = def.columns.iter().filter_map(|column| {
            let text = column.data_type.as_deref()?;
            Some((column.name.to_string(), SqlType::parse_postgres(text)))
        });
        TableCheck {
            name: def.name.to_string(),
            seen: false,
            closed: false,
            hasher: hasher.clone(),
            pk: owned(&def.pk),
            natural,
            required,
            references,
            referred: referred_columns(schema, def)
                .into_iter()
                .map(|columns| (columns, Keys::default()))
                .collect(),
            pks: Keys::default(),
            naturals: Keys::default(),
            pending: Vec::new(),
            types: types.collect(),
            exact: false,
            told: Vec::new(),
        }
    }

    /// Its rows follow.
    pub(super) fn open(&mut self, details: Option<&TableDetails>) {
        self.seen = true;
        if let Some(details) = details {
            let columns = details.columns.iter();
            self.types = columns
                .map(|(name, sql_type)| (name.clone(), without_limits(sql_type)))
                .collect();
            self.exact = true;
        }
    }

    /// Its rows were read.
    pub(super) fn close(&mut self) {
        self.closed = true;
        self.naturals.clear();
        self.pks.clear();
    }

    fn type_of(&self, column: &str) -> Option<&SqlType> {
        let mut types = self.types.iter();
        types.find(|(name, _)| name == column).map(|(_, t)| t)
    }

    fn key(&self, row: &FileRow<'_>, columns: &[String]) -> super::keys::Key {
        let cells = columns.iter().map(|c| (row.position(c), self.type_of(c)));
        self.hasher.key(row, cells)
    }

    fn columns(&mut self, row: &FileRow<'_>, findings: &mut Findings) {
        if self.exact
            && !row
                .names()
                .iter()
                .eq(self.types.iter().map(|(name, _)| name))
        {
            let message = "the row has other columns than the metadata says";
            findings.error(row.problem(Kind::Altered, message));
        }
        let missing: Vec<String> = self
            .required
            .iter()
            .filter(|column| row.position(column).is_none())
            .cloned()
            .collect();
        for column in missing {
            let problem = row.problem(Kind::MissingColumn, "the row has no such column");
            findings.error(problem.in_column(&column));
        }
        for reference in &self.references {
            for column in &reference.fields {
                if row.position(column).is_none() && !self.told.contains(column) {
                    let problem = row.problem(
                        Kind::MissingColumn,
                        "rows have no such column, so that they refer to nothing",
                    );
                    findings.warn(problem.in_column(column));
                    self.told.push(column.clone());
                }
            }
        }
    }

    fn cells(&self, row: &FileRow<'_>, findings: &mut Findings) {
        for (position, name) in row.names().iter().enumerate() {
            let sql_type = match self.types.get(position) {
                Some((column, sql_type)) if column == name => Some(sql_type),
                _ => self.type_of(name),
            };
            let Some(sql_type) = sql_type else { continue };
            if let Err(details) = row.value(position, sql_type) {
                let message = format!("the value is no `{sql_type}`: {}", details.reason);
                findings.misfit(row.problem(Kind::InvalidValue, message).in_column(name));
            }
        }
    }

    fn own_keys(&mut self, row: &FileRow<'_>, findings: &mut Findings) {
        let pk = self.key(row, &self.pk);
        let columns = || self.pk.join("`, `");
        if pk.has_null && self.pk.iter().all(|column| row.position(column).is_some()) {
            let message = format!("the primary key `{}` is null", columns());
            findings.error(row.problem(Kind::NullKey, message));
        } else if !pk.has_null && !self.pks.insert(pk.hash) {
            let message = format!("another row has the same primary key `{}`", columns());
            findings.error(row.problem(Kind::DuplicateKey, message));
        }
        if self.natural != self.pk {
            // NULLs count as equal: else each restore would add the row again
            let natural = self.key(row, &self.natural);
            if !self.naturals.insert(natural.hash) {
                let columns = self.natural.join("`, `");
                let message = format!("another row has the same natural key `{columns}`");
                findings.error(row.problem(Kind::DuplicateKey, message));
            }
        }
        for at in 0..self.referred.len() {
            let Some(columns) = self.referred.get(at).map(|(columns, _)| columns) else {
                continue;
            };
            let key = self.key(row, columns);
            if let Some((_, keys)) = self.referred.get_mut(at) {
                keys.insert(key.hash);
            }
        }
    }
}

/// Checks a row of the table at this position.
pub(super) fn row(
    position: usize,
    tables: &mut [TableCheck],
    row: &FileRow<'_>,
    findings: &mut Findings,
) {
    if let Some(table) = tables.get_mut(position) {
        table.columns(row, findings);
        table.cells(row, findings);
        table.own_keys(row, findings);
    }
    let pending = followed(position, tables, row, findings);
    if let Some(table) = tables.get_mut(position) {
        table.pending.extend(pending);
    }
}

/// Follows the references of a row; gives those whose target was not read to its end.
fn followed(
    position: usize,
    tables: &[TableCheck],
    row: &FileRow<'_>,
    findings: &mut Findings,
) -> Vec<Pending> {
    let mut pending = Vec::new();
    let Some(table) = tables.get(position) else {
        return pending;
    };
    for (at, reference) in table.references.iter().enumerate() {
        let key = table.key(row, &reference.fields);
        if key.has_null || reference.leads_to_seen(tables, key.hash) {
            continue;
        }
        let target = reference.target.and_then(|(table, _)| tables.get(table));
        if target.is_some_and(|target| target.closed) {
            findings.missing(table, reference, row.number(), row.line());
        } else {
            pending.push(Pending {
                key: key.hash,
                row: row.number(),
                line: row.line(),
                reference: at,
            });
        }
    }
    pending
}
