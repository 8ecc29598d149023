//! Keys: the primary key, what is unique, foreign keys both ways, and whether the natural keys of
//! declared tables are proven. Never looks at names or actions of constraints.

use super::findings::{Findings, Found};
use super::lookup::{Actual, listed};
use super::{Between, DifferenceKind, ObjectKind, Severity};
use crate::backup::{MatchBy, TableDef};
use crate::expected::{ExpectedForeignKey, ExpectedTable};
use crate::fit::unique_keys;
use crate::schema::{ConstraintKind, ConstraintSchema, TableSchema, table_key};

/// A set of columns that no two rows share.
struct UniqueSet<'a> {
    columns: Vec<&'a str>,
    nulls_not_distinct: bool,
}

/// Compares the keys of a table; `full` when they are those of a whole schema.
pub(super) fn compare(
    key: &str,
    expected: &ExpectedTable,
    full: bool,
    declared: Option<&TableDef>,
    table: &TableSchema,
    actual: &Actual<'_>,
    findings: &mut Findings,
) {
    if let Some(reason) = actual.why_left_out("constraint", key) {
        findings.not_checked("keys", Some(key.to_owned()), reason);
        return;
    }
    let is_declared = declared.is_some_and(|def| !full && is_unique(def, table, actual));
    if !is_declared {
        primary(key, expected, table, actual, findings);
    }
    unique(key, expected, table, actual, findings);
    let missing = match full {
        true => Severity::Error,
        false => findings.exact_only(), // a reference may be kept by the program alone
    };
    for wanted in expected.foreign_keys.iter().filter(|f| !f.not_enforced) {
        foreign_key(key, wanted, missing, table, actual, findings);
    }
    // names alone say nothing about keys
    if expected.primary_key.is_some() {
        for there in table.foreign_keys() {
            not_expected(key, expected, declared, there, actual, findings);
        }
    }
}

fn strings(names: &[crate::expected::Text]) -> Vec<String> {
    names.iter().map(|n| n.to_string()).collect()
}

/// Whether the key of a table that is backed up is one that the database keeps unique, as a backup needs it: the
/// primary key or another one.
fn is_unique(def: &TableDef, table: &TableSchema, actual: &Actual<'_>) -> bool {
    let declared: Vec<String> = def.pk.iter().map(ToString::to_string).collect();
    let mut keys = unique_keys(table, actual.schema).into_iter();
    keys.any(|key| actual.is_same_set(&key, &declared))
}

fn primary(
    key: &str,
    expected: &ExpectedTable,
    table: &TableSchema,
    actual: &Actual<'_>,
    findings: &mut Findings,
) {
    let Some(wanted) = expected.primary_key.as_deref().map(strings) else {
        return;
    };
    let there = table.primary_key().map_or(&[][..], |k| &k.columns);
    if actual.is_same_set(&wanted, there) {
        return;
    }
    let name = match wanted.is_empty() {
        true => there.join(", "),
        false => wanted.join(", "),
    };
    let between = || Between::Constraint {
        expected: (!wanted.is_empty()).then(|| demand(ConstraintKind::PrimaryKey, &wanted)),
        actual: table.primary_key().cloned().map(Box::new),
    };
    let found = |kind| Found::of_table(kind, ObjectKind::PrimaryKey, key, &name).between(between());
    findings.add(match (wanted.is_empty(), there.is_empty()) {
        (true, _) => found(DifferenceKind::Extra)
            .severity(findings.exact_only())
            .actual(there.join(", "))
            .message(format!(
                "table `{key}` has a primary key ({}) that is not expected",
                listed(there)
            ))
            .hint("declare it, or ignore it with a reason"),
        (_, true) => found(DifferenceKind::Missing)
            .expected(wanted.join(", "))
            .message(format!(
                "table `{key}` has no primary key, expected is ({})",
                listed(&wanted)
            ))
            .hint("add the primary key, or change what is expected"),
        _ => found(DifferenceKind::Columns)
            .expected(wanted.join(", "))
            .actual(there.join(", "))
            .message(format!(
                "the primary key of `{key}` is ({}), not ({})",
                listed(there),
                listed(&wanted)
            ))
            .hint("change the key, or what is expected"),
    });
}

/// The primary key, unique constraints, and unique indexes over columns alone and all rows.
fn unique_sets(table: &TableSchema) -> Vec<UniqueSet<'_>> {
    let constraints = table.primary_key().into_iter().chain(table.unique());
    let constraints = constraints.map(|c| UniqueSet {
        columns: c.columns.iter().map(String::as_str).collect(),
        nulls_not_distinct: c.nulls_not_distinct,
    });
    let full = table
        .indexes
        .values()
        .filter(|i| i.is_unique && i.predicate.is_none());
    let indexes = full.filter_map(|i| {
        Some(UniqueSet {
            columns: i.column_names()?,
            nulls_not_distinct: i.nulls_not_distinct,
        })
    });
    constraints.chain(indexes).collect()
}

fn unique(
    key: &str,
    expected: &ExpectedTable,
    table: &TableSchema,
    actual: &Actual<'_>,
    findings: &mut Findings,
) {
    let there = unique_sets(table);
    for wanted in expected.unique.iter() {
        let wanted = strings(wanted);
        let is_there = |set: &UniqueSet<'_>| {
            let columns: Vec<String> = set.columns.iter().map(|c| (*c).to_owned()).collect();
            actual.is_same_set(&columns, &wanted)
        };
        if there.iter().any(is_there) {
            continue;
        }
        findings.add(
            Found::of_table(
                DifferenceKind::Missing,
                ObjectKind::Unique,
                key,
                &wanted.join(", "),
            )
            .between(Between::Constraint {
                expected: Some(demand(ConstraintKind::Unique, &wanted)),
                actual: None,
            })
            .expected(wanted.join(", "))
            .message(format!(
                "nothing keeps ({}) of `{key}` unique",
                listed(&wanted)
            ))
            .hint("add the unique constraint, or change what is expected"),
        );
    }
}

fn foreign_key(
    key: &str,
    wanted: &ExpectedForeignKey,
    missing: Severity,
    table: &TableSchema,
    actual: &Actual<'_>,
    findings: &mut Findings,
) {
    let columns = strings(&wanted.columns);
    let target = target_of(wanted, actual);
    let mut there = table
        .foreign_keys()
        .filter(|f| actual.is_same_set(&f.columns, &columns) && !f.not_enforced)
        .peekable();
    let found = |kind| Found::of_table(kind, ObjectKind::ForeignKey, key, &columns.join(", "));
    let shown = references(
        &target,
        &strings(&wanted.references_columns),
        wanted.over_time,
    );
    let between = |actual: Option<&ConstraintSchema>| Between::Constraint {
        expected: Some(reference(wanted, &columns)),
        actual: actual.cloned().map(Box::new),
    };
    let Some(first) = there.peek().copied() else {
        findings.add(
            found(DifferenceKind::Missing)
                .severity(missing)
                .between(between(None))
                .expected(shown.as_str())
                .message(format!(
                    "`{key}` has no foreign key ({}) to {shown}",
                    listed(&columns)
                ))
                .hint("add the constraint, or nothing keeps the reference true"),
        );
        return;
    };
    if there.any(|f| refers(f, wanted, &columns, &target, actual)) {
        return;
    }
    let now = references(
        &actual_target(first),
        first.references_columns.as_deref().unwrap_or_default(),
        first.over_time,
    );
    findings.add(
        found(DifferenceKind::Reference)
            .between(between(Some(first)))
            .expected(shown.as_str())
            .actual(now.as_str())
            .message(format!(
                "the foreign key ({}) of `{key}` refers to {now}, not to {shown}",
                listed(&columns)
            ))
            .hint("change the constraint, or the declaration"),
    );
}

/// A key of which only the columns are known.
fn demand(kind: ConstraintKind, columns: &[String]) -> Box<ConstraintSchema> {
    Box::new(ConstraintSchema {
        kind,
        columns: columns.to_vec(),
        name_is_generated: true,
        ..ConstraintSchema::default()
    })
}

/// A foreign key as it is declared.
fn reference(wanted: &ExpectedForeignKey, columns: &[String]) -> Box<ConstraintSchema> {
    let to = strings(&wanted.references_columns);
    Box::new(ConstraintSchema {
        references_schema: wanted.references_schema.as_ref().map(ToString::to_string),
        references_table: Some(wanted.references_table.to_string()),
        references_columns: (!to.is_empty()).then_some(to),
        over_time: wanted.over_time,
        ..*demand(ConstraintKind::ForeignKey, columns)
    })
}

/// `` `authors` (`id`) ``, without columns for the primary key
fn references(table: &str, columns: &[String], over_time: bool) -> String {
    let text = match columns.is_empty() {
        true => format!("`{table}`"),
        false => format!("`{table}` ({})", listed(columns)),
    };
    match over_time {
        true => format!("{text} over a PERIOD"),
        false => text,
    }
}

fn target_of(wanted: &ExpectedForeignKey, actual: &Actual<'_>) -> String {
    let (schema, name) = (
        wanted.references_schema.as_deref(),
        &wanted.references_table,
    );
    match actual.table(schema, name) {
        Some((key, _)) => key.to_owned(),
        None => table_key(schema, name),
    }
}

/// The key of the table that a foreign key refers to.
pub(super) fn actual_target(there: &ConstraintSchema) -> String {
    let table = there.references_table.as_deref().unwrap_or_default();
    table_key(there.references_schema.as_deref(), table)
}

/// Column by column, in whatever order the constraint has them.
fn refers(
    there: &ConstraintSchema,
    wanted: &ExpectedForeignKey,
    columns: &[String],
    target: &str,
    actual: &Actual<'_>,
) -> bool {
    if there.over_time != wanted.over_time || !actual.is_same(&actual_target(there), target) {
        return false;
    }
    let mut to = strings(&wanted.references_columns);
    if to.is_empty() {
        let parent = actual.schema.tables.get(target);
        let key = parent.and_then(|t| t.primary_key());
        to = key.map(|k| k.columns.clone()).unwrap_or_default();
    }
    let Some(real) = there
        .references_columns
        .as_deref()
        .filter(|_| !to.is_empty())
    else {
        return true; // the key is not known
    };
    let pairs = |from: &[String], to: &[String]| {
        let fold = |s: &String| match actual.schema.dialect {
            crate::schema::SqlDialect::Sqlite => s.to_ascii_lowercase(),
            crate::schema::SqlDialect::Postgres => s.clone(),
        };
        let mut pairs: Vec<_> = from.iter().map(fold).zip(to.iter().map(fold)).collect();
        pairs.sort();
        pairs
    };
    pairs(&there.columns, real) == pairs(columns, &to)
}

/// A foreign key of the database that nobody declared: a restore would not know what to do with it.
fn not_expected(
    key: &str,
    expected: &ExpectedTable,
    declared: Option<&TableDef>,
    there: &ConstraintSchema,
    actual: &Actual<'_>,
    findings: &mut Findings,
) {
    let mut known = expected.foreign_keys.iter();
    if known.any(|f| actual.is_same_set(&strings(&f.columns), &there.columns)) {
        return;
    }
    let (target, columns) = (actual_target(there), there.columns.join(", "));
    let found = |kind| {
        Found::of_table(kind, ObjectKind::ForeignKey, key, &columns)
            .between(Between::Constraint {
                expected: None,
                actual: Some(Box::new(there.clone())),
            })
            .actual(references(
                &target,
                there.references_columns.as_deref().unwrap_or_default(),
                there.over_time,
            ))
    };
    let is_user = |def: &TableDef| match there.columns.as_slice() {
        [column] => def.user_field.as_deref() == Some(column),
        _ => false,
    };
    findings.add(match declared {
        Some(def) if is_user(def) => found(DifferenceKind::Undeclared)
            .severity(findings.exact_only())
            .message(format!(
                "`{key}` does not declare that its user column `{columns}` refers to `{target}`, so a restore finds out row by row whether the user is there"
            ))
            .hint(format!("declare `{target}` as its `owner`, by `{columns}`")),
        Some(_) => found(DifferenceKind::Undeclared)
            .message(format!(
                "`{key}` does not declare its foreign key ({}) to `{target}`, so a restore would be refused",
                listed(&there.columns)
            ))
            .hint(format!(
                "declare it as {}`parent`, `optional_ref` or `external` with the field{} `{columns}`",
                owner_or(declared, there),
                if there.columns.len() > 1 { "s" } else { "" }
            )),
        None => found(DifferenceKind::Extra)
            .severity(findings.exact_only())
            .message(format!(
                "the foreign key ({}) of `{key}` to `{target}` is not expected",
                listed(&there.columns)
            ))
            .hint("declare it, or ignore it with a reason"),
    });
}

/// A table without a user may have forgotten who owns its rows.
fn owner_or(declared: Option<&TableDef>, there: &ConstraintSchema) -> &'static str {
    match (
        declared.is_some_and(|def| def.user_field.is_none()),
        there.columns.len(),
    ) {
        (true, 1) => "the `owner` if it says whose row it is, else as ",
        _ => "",
    }
}

/// Whether the database itself guarantees that a natural key names one row.
pub(super) fn natural(
    key: &str,
    declared: &TableDef,
    table: &TableSchema,
    actual: &Actual<'_>,
    findings: &mut Findings,
) {
    let columns = declared.natural_key();
    if declared.match_by == MatchBy::Pk || columns.is_empty() {
        return; // that is the primary key's comparison
    }
    if columns.iter().any(|c| actual.column(table, c).is_none()) {
        return; // the missing column is told already
    }
    if let Some(reason) = actual
        .why_left_out("index", key)
        .or_else(|| actual.why_left_out("constraint", key))
    {
        findings.not_checked("natural key", Some(key.to_owned()), reason);
        return;
    }
    let within = |set: &UniqueSet<'_>| {
        set.columns
            .iter()
            .all(|c| columns.iter().any(|n| actual.is_same(n, c)))
    };
    let sets: Vec<UniqueSet<'_>> = unique_sets(table).into_iter().filter(within).collect();
    let nullable = |set: &UniqueSet<'_>| -> Vec<String> {
        let of = set.columns.iter().filter_map(|c| actual.column(table, c));
        of.filter(|c| c.nullable).map(|c| c.name.clone()).collect()
    };
    let children = has_children(table, actual);
    if !children
        && sets
            .iter()
            .any(|set| set.nulls_not_distinct || nullable(set).is_empty())
    {
        return;
    }
    let why = match sets.first() {
        Some(_) if children => {
            "an index of it does not hold for the rows of the tables that inherit from it"
                .to_owned()
        }
        Some(set) => format!(
            "its unique index takes rows with NULL in {} for different",
            listed(nullable(set))
        ),
        None => "no unique index proves it".to_owned(),
    };
    findings.add(
        Found::of_table(
            DifferenceKind::NotProven,
            ObjectKind::NaturalKey,
            key,
            &columns.join(", "),
        )
        .severity(findings.exact_only())
        .expected(columns.join(", "))
        .actual(why.as_str())
        .message(format!(
            "the natural key ({}) of `{key}` may name two rows: {why}",
            listed(&columns)
        ))
        .hint(unique_index(key, &columns, table, actual)),
    );
}

/// Whether reading the table reads other tables too, each with indexes of its own. Partitions share
/// those of their parent.
fn has_children(table: &TableSchema, actual: &Actual<'_>) -> bool {
    let key = table.key();
    let mut tables = actual.schema.tables.values();
    tables.any(|child| child.inherits.contains(&key))
}

/// The statement that would prove it.
fn unique_index(key: &str, columns: &[&str], table: &TableSchema, actual: &Actual<'_>) -> String {
    let nullable = |name: &&str| actual.column(table, name).is_some_and(|c| c.nullable);
    let names: Vec<String> = columns.iter().map(|c| crate::quote_ident(c)).collect();
    let nulls = columns.iter().any(nullable);
    let statement = format!("CREATE UNIQUE INDEX ON {key} ({})", names.join(", "));
    match (actual.schema.dialect, nulls) {
        (crate::schema::SqlDialect::Postgres, true) => {
            format!("`{statement} NULLS NOT DISTINCT`, or make its columns NOT NULL")
        }
        (crate::schema::SqlDialect::Postgres, false) => format!("`{statement}`"),
        (_, true) => "make its columns NOT NULL, and put a unique index on them".to_owned(),
        (_, false) => "put a unique index on its columns".to_owned(),
    }
}
