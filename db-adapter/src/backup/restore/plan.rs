//! What will be restored and how, from the declared schema, what the file says of itself and what
//! the destination is: everything that stands in the way is found here, before the first write.
//! Pure.

use db_adapter_core::backup::{BackupSchema, ForeignKey, MatchBy, TableDef};
use db_adapter_core::schema::Identity;
use db_adapter_core::{ColumnSchema, DatabaseSchema, SqlType, TableName, TableSchema};

use super::destination::{Destination, refers_to_user, same_columns};
use super::fingerprint::Meaning;
use super::options::{Keys, RestoreOptions};
use super::types::fits;

/// A table of the file.
#[derive(Debug, Clone)]
pub(super) struct FileTable {
    /// Its name in the file.
    pub(super) key: String,
    /// Its name in the database that it is from.
    pub(super) table: String,
    /// Its columns, where the file tells.
    pub(super) columns: Option<Vec<(String, SqlType)>>,
}

/// What the whole restore is.
#[derive(Debug)]
pub(super) struct RestorePlan {
    /// Parents before their children.
    pub(super) tables: Vec<TablePlan>,
    pub(super) warnings: Vec<String>,
}

/// What is done with one table. Columns are positions in `columns`.
#[derive(Debug)]
pub(super) struct TablePlan {
    /// As declared, which is what operations and messages use.
    pub(super) name: TableName,
    /// Its name in the file; `None` when the file has no such table.
    pub(super) in_file: Option<String>,
    /// The columns that can be written.
    pub(super) columns: Vec<ColumnPlan>,
    /// The columns that the database computes.
    pub(super) computed: Vec<String>,
    /// The column that gets the user.
    pub(super) user: Option<usize>,
    /// The columns that tell whether two rows are the same one.
    pub(super) natural: Vec<usize>,
    /// The primary key.
    pub(super) key: Vec<usize>,
    pub(super) refs: Vec<RefPlan>,
    /// The sets of columns by which others refer to its rows.
    pub(super) key_sets: Vec<Vec<usize>>,
    /// The columns whose values are remembered for each row.
    pub(super) kept: Vec<usize>,
    /// The key columns that get new values of the database.
    pub(super) numbered: Vec<usize>,
    /// The columns whose sequences are behind once rows bring their own numbers.
    pub(super) sequences: Vec<usize>,
    pub(super) scope: Scope,
    /// Whether its rows are nobody's, so that a restore of one user leaves them alone.
    pub(super) shared: bool,
}

/// Which rows of the destination can be the same as one of the backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Those of the user.
    User,
    /// Those whose parent, by this reference, is a row that was there before.
    Parent(usize),
    /// All of them.
    All,
}

#[derive(Debug)]
pub(super) struct ColumnPlan {
    pub(super) name: String,
    pub(super) sql_type: SqlType,
    pub(super) nullable: bool,
    /// Whether only a new row can bring its own value: `GENERATED ALWAYS AS IDENTITY`.
    pub(super) fixed: bool,
    pub(super) meaning: Meaning,
    /// The type that the values have in the file; the column's own where the file does not tell.
    pub(super) stored: SqlType,
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
        columns: Vec<String>,
    },
}

/// When the table of a reference is restored, seen from the table that refers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Before,
    Together,
    After,
}

impl TablePlan {
    /// Where a column's value is remembered.
    pub(super) fn kept_at(&self, column: usize) -> Option<usize> {
        self.kept.iter().position(|kept| *kept == column)
    }

    /// The names of the natural key's columns, for messages.
    pub(super) fn natural_names(&self) -> Vec<String> {
        let columns = self.natural.iter().filter_map(|c| self.columns.get(*c));
        columns.map(|column| column.name.clone()).collect()
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
    files: &[FileTable],
    database: &DatabaseSchema,
    options: &RestoreOptions,
) -> Result<RestorePlan, Vec<String>> {
    let mut planner = Planner {
        schema,
        destination: Destination::new(database),
        options,
        problems: Vec::new(),
        warnings: Vec::new(),
    };
    let mut tables = Vec::with_capacity(schema.tables.len());
    let mut known = Vec::new();
    for def in schema.tables.iter() {
        let file = file_of(def, files);
        known.extend(file.map(|file| &file.key));
        if let Some(table) = planner.table(def, file) {
            tables.push(table);
        }
    }
    for file in files.iter().filter(|file| !known.contains(&&file.key)) {
        planner.warnings.push(format!(
            "the file's table `{}` is not in the schema, and is left out",
            file.key
        ));
    }
    if planner.problems.is_empty() {
        planner.references(&mut tables);
    }
    if planner.problems.is_empty() {
        return Ok(RestorePlan {
            tables,
            warnings: planner.warnings,
        });
    }
    Err(planner.problems)
}

/// The table of the file that holds the rows: of this name, else of the name that it had.
fn file_of<'f>(def: &TableDef, files: &'f [FileTable]) -> Option<&'f FileTable> {
    let called = |name: &str| {
        let wanted = plain(name);
        files
            .iter()
            .find(|file| file.key == name || plain(&file.table) == wanted)
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
    destination: Destination<'a>,
    options: &'a RestoreOptions,
    problems: Vec<String>,
    warnings: Vec<String>,
}

impl Planner<'_> {
    fn problem(&mut self, text: String) {
        self.problems.push(text);
    }

    fn table(&mut self, def: &TableDef, file: Option<&FileTable>) -> Option<TablePlan> {
        let Ok(name) = TableName::parse(&def.name) else {
            self.problem(format!("`{}` is no name of a table", def.name));
            return None;
        };
        let Some(found) = self.destination.table(&name) else {
            self.problem(format!("the destination has no table `{name}`"));
            return None;
        };
        if file.is_none() {
            let text = format!("the file has no table `{name}`");
            self.warnings.push(text);
        }
        self.triggers(&name, found);
        let columns = self.columns(def, file, found);
        let position = |column: &str| columns.iter().position(|c| c.name == column);
        let mut missing = Vec::new();
        let mut positions = |names: &[&str]| -> Vec<usize> {
            let find = |name: &&str| {
                position(name).or_else(|| {
                    missing.push((*name).to_owned());
                    None
                })
            };
            names.iter().filter_map(find).collect()
        };
        let pk: Vec<&str> = def.pk.iter().map(|column| &**column).collect();
        let key = positions(&pk);
        let natural = positions(&def.natural_key());
        let user = match &def.user_field {
            Some(column) => positions(&[column]).first().copied(),
            None => None,
        };
        let references: Vec<usize> = def
            .references()
            .flat_map(|r| positions(&r.fields.iter().map(|f| &**f).collect::<Vec<_>>()))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        for column in missing {
            self.problem(format!(
                "table `{name}` needs the column `{column}`, which the destination or the file does not have"
            ));
        }
        let everyone = self.options.all_rows;
        let shared = user.is_none() && def.parents.is_empty();
        let numbered = key.iter().copied().filter(|column| {
            self.options.keys == Keys::New
                && def.match_by == MatchBy::Natural
                && !natural.contains(column)
                && !references.contains(column)
                && user != Some(*column)
                && columns
                    .get(*column)
                    .and_then(|c| found.column(&c.name))
                    .is_some_and(makes_keys)
        });
        let numbered: Vec<usize> = numbered.collect();
        let sequences = (0..columns.len()).filter(|column| {
            let schema = columns.get(*column).and_then(|c| found.column(&c.name));
            !numbered.contains(column) && schema.is_some_and(counts)
        });
        Some(TablePlan {
            sequences: sequences.collect(),
            in_file: file.map(|file| file.key.clone()),
            computed: computed(found),
            natural,
            kept: key.clone(),
            key,
            user: user.filter(|_| !everyone),
            refs: Vec::new(),
            key_sets: Vec::new(),
            numbered,
            scope: match user {
                _ if everyone || shared => Scope::All,
                Some(_) => Scope::User,
                None => Scope::Parent(0),
            },
            shared: shared && !everyone,
            columns,
            name,
        })
    }

    /// The columns that can be written, with a problem for each that does not fit.
    fn columns(
        &mut self,
        def: &TableDef,
        file: Option<&FileTable>,
        found: &TableSchema,
    ) -> Vec<ColumnPlan> {
        let stored = file.and_then(|file| file.columns.as_deref());
        for (name, _) in stored.unwrap_or_default() {
            if found.column(name).is_none() {
                let near = found.columns.iter().map(|column| column.name.as_str());
                let hint = match db_adapter_core::closest(name, near) {
                    Some(near) => format!("; hint: did you mean `{near}`?"),
                    None => String::new(),
                };
                self.problem(format!(
                    "the file has the column `{name}` of `{}`, which the destination does not have{hint}",
                    def.name
                ));
            }
        }
        let mut columns = Vec::new();
        for column in found.columns.iter().filter(|c| c.generated.is_none()) {
            let in_file = stored.map(|all| all.iter().find(|(name, _)| *name == column.name));
            let is_user = def.user_field.as_deref() == Some(&column.name);
            if let Some(None) = in_file
                && !is_user
            {
                if file.is_some() && !column.may_be_left_out() {
                    self.problem(format!(
                        "the destination's column `{}.{}` must have a value, and the file has no such column",
                        def.name, column.name
                    ));
                }
                continue;
            }
            let stored = in_file.flatten().map(|(_, sql_type)| sql_type);
            if let Some(stored) = stored
                && !fits(stored, &column.sql_type)
                && !is_user
            {
                self.problem(format!(
                    "the column `{}.{}` is {stored} in the file and {} in the destination",
                    def.name, column.name, column.sql_type
                ));
            }
            columns.push(ColumnPlan {
                name: column.name.clone(),
                sql_type: column.sql_type.clone(),
                nullable: column.nullable,
                fixed: column.identity == Some(Identity::Always),
                meaning: Meaning::new(column.sql_type.clone(), column.collation.as_deref()),
                stored: stored.unwrap_or(&column.sql_type).clone(),
            });
        }
        columns
    }

    fn triggers(&mut self, name: &TableName, found: &TableSchema) {
        let acts = |events: &[String]| {
            let counts = |event: &String| {
                let event = event.to_ascii_uppercase();
                event.starts_with("INSERT") || event.starts_with("UPDATE")
            };
            events.iter().any(counts)
        };
        for (trigger, _) in found.triggers.iter().filter(|(_, t)| acts(&t.events)) {
            self.warnings.push(format!(
                "the trigger `{trigger}` of `{name}` runs for restored rows, and may change them"
            ));
        }
    }

    /// The references of every table, and by which columns each table is referred to.
    fn references(&mut self, tables: &mut [TablePlan]) {
        for (place, def) in self.schema.tables.iter().enumerate() {
            self.undeclared(def, tables.get(place));
            let optional = def.optional_refs.iter().map(|r| (r, false));
            for (reference, required) in def.parents.iter().map(|r| (r, true)).chain(optional) {
                self.reference(tables, place, def, reference, required);
            }
            for reference in def.external.iter() {
                self.external(tables, place, def, reference);
            }
        }
    }

    fn reference(
        &mut self,
        tables: &mut [TablePlan],
        place: usize,
        def: &TableDef,
        reference: &ForeignKey,
        required: bool,
    ) {
        if !self.options.all_rows && refers_to_user(def, reference) {
            return; // the user that the row gets
        }
        let target = self
            .schema
            .tables
            .iter()
            .position(|t| t.name == reference.table);
        let Some(target) = target else { return };
        let Some(parent) = tables.get_mut(target) else {
            return;
        };
        let columns: Vec<usize> = match reference.references.as_ref() {
            [] => parent.key.clone(),
            names => names.iter().filter_map(|n| parent.position(n)).collect(),
        };
        if columns.len() != reference.fields.len() {
            let text = format!(
                "table `{}` refers to columns of `{}` that the destination or the file does not have",
                def.name, reference.table
            );
            return self.problem(text);
        }
        let key_set = match parent.key_sets.iter().position(|set| *set == columns) {
            Some(key_set) => key_set,
            None => {
                parent.key_sets.push(columns.clone());
                parent.key_sets.len() - 1
            }
        };
        for column in columns {
            if !parent.kept.contains(&column) {
                parent.kept.push(column);
            }
        }
        let when = match target.cmp(&place) {
            std::cmp::Ordering::Less => When::Before,
            std::cmp::Ordering::Equal => When::Together,
            std::cmp::Ordering::Greater => When::After,
        };
        let target = Target::Table {
            table: target,
            key_set,
            when,
        };
        self.push_ref(tables, place, def, reference, target, required);
    }

    fn external(
        &mut self,
        tables: &mut [TablePlan],
        place: usize,
        def: &TableDef,
        reference: &ForeignKey,
    ) {
        let name = TableName::parse(&reference.table).ok();
        let found = name.and_then(|name| Some((self.destination.table(&name)?, name)));
        let Some((found, name)) = found else {
            let text = format!(
                "table `{}` refers to `{}`, which the destination does not have",
                def.name, reference.table
            );
            return self.problem(text);
        };
        let columns: Vec<String> = match reference.references.as_ref() {
            [] => found
                .primary_key()
                .map(|key| key.columns.clone())
                .unwrap_or_default(),
            names => names.iter().map(|name| name.to_string()).collect(),
        };
        if columns.len() != reference.fields.len()
            || columns.iter().any(|column| found.column(column).is_none())
        {
            let text = format!(
                "table `{}` refers to `{name}` by other columns than the destination's `{name}` has",
                def.name
            );
            return self.problem(text);
        }
        let target = Target::External { name, columns };
        self.push_ref(tables, place, def, reference, target, true);
    }

    fn push_ref(
        &mut self,
        tables: &mut [TablePlan],
        place: usize,
        def: &TableDef,
        reference: &ForeignKey,
        target: Target,
        required: bool,
    ) {
        let Some(table) = tables.get_mut(place) else {
            return;
        };
        let fields: Vec<usize> = reference
            .fields
            .iter()
            .filter_map(|f| table.position(f))
            .collect();
        let needed: Vec<usize> = def
            .parents
            .iter()
            .flat_map(|parent| parent.fields.iter())
            .filter_map(|field| table.position(field))
            .collect();
        let nulled = fields.iter().copied().filter(|field| {
            table.columns.get(*field).is_some_and(|c| c.nullable)
                && !table.key.contains(field)
                && !needed.contains(field)
                && table.user != Some(*field)
        });
        let nulled = if required {
            Vec::new()
        } else {
            nulled.collect()
        };
        table.refs.push(RefPlan {
            fields,
            target,
            required,
            nulled,
        });
    }

    /// A foreign key that nobody declared would lead to rows of whoever has that key here.
    fn undeclared(&mut self, def: &TableDef, table: Option<&TablePlan>) {
        let Some(found) = table.and_then(|table| self.destination.table(&table.name)) else {
            return;
        };
        let mut problems = Vec::new();
        for key in found.foreign_keys() {
            let user = def.user_field.as_deref();
            if key.columns.len() == 1 && key.columns.first().map(String::as_str) == user {
                continue;
            }
            let declared = def
                .references()
                .filter(|reference| same_columns(&reference.fields, &key.columns))
                .any(|reference| self.destination.leads_to(found, key, &reference.table));
            if !declared {
                let columns = key.columns.join("`, `");
                let target = key.references_table.as_deref().unwrap_or_default();
                problems.push(format!(
                    "the destination's `{}` refers to `{target}` by (`{columns}`), which the schema does not declare; hint: declare it as a parent, as an optional reference, or as `external` when its keys are the same everywhere",
                    def.name
                ));
            }
        }
        self.problems.extend(problems);
    }
}

fn computed(table: &TableSchema) -> Vec<String> {
    let columns = table.columns.iter().filter(|c| c.generated.is_some());
    columns.map(|column| column.name.clone()).collect()
}

/// Whether the database makes new keys for the column: not where every row would get the same.
fn makes_keys(column: &ColumnSchema) -> bool {
    column.identity.is_some() || column.default.as_deref().is_some_and(|d| d.contains('('))
}

/// Whether numbers are given out one after another.
fn counts(column: &ColumnSchema) -> bool {
    column.identity.is_some()
        || column
            .default
            .as_deref()
            .is_some_and(|d| d.contains("nextval"))
}
