//! A short text that two schemas share when a program sees no difference between them. Never looks
//! at rows, comments, names of constraints and indexes, the order of columns, partitions, or bodies
//! of functions and views.

use super::expression::{self, Kept};
use crate::schema::{
    ColumnSchema, ConstraintSchema, DatabaseSchema, DomainSchema, IndexSchema, SequenceSchema,
    SqlDialect, TableSchema, TriggerSessions,
};
use crate::sql_type::SqlType;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Changes with the rules of what is in it, so that old fingerprints are not compared.
const RULES: &str = "2";

/// The fingerprint of a schema: `2:` and 32 hexadecimal digits.
///
/// In it are the dialect; of each table, but partitions, its columns with type, nullability,
/// default, identity, generation and collation, its keys, foreign keys with their actions, checks
/// and exclusions, its indexes, triggers, policies and row-level security; the values of enums, the
/// domains, the sequences of their own, the names of views, and functions with their arguments and
/// results. Spellings that mean the same give the same fingerprint.
///
/// ```
/// use db_adapter_core::schema::DatabaseSchema;
/// use db_adapter_core::validate::fingerprint;
///
/// let (one, other) = (DatabaseSchema::default(), DatabaseSchema::default());
/// assert_eq!(fingerprint(&one), fingerprint(&other));
/// assert_eq!(fingerprint(&one).len(), 34);
/// ```
pub fn fingerprint(schema: &DatabaseSchema) -> String {
    let mut lines = BTreeSet::new();
    for (key, table) in schema
        .tables
        .iter()
        .filter(|(_, t)| t.partition_of.is_none())
    {
        lines.extend(of_table(key, table, schema.dialect));
    }
    lines.extend(objects(schema));
    let mut hash = Fnv::new();
    hash.take(schema.dialect.name());
    lines.iter().for_each(|line| hash.take(line));
    format!("{RULES}:{}", hash.text())
}

fn of_table(key: &str, t: &TableSchema, dialect: SqlDialect) -> Vec<String> {
    let mut lines = vec![format!(
        "table {key:?} {:?} {:?} {} {} {} {}",
        t.partition_by, t.inherits, t.row_security, t.force_row_security, t.strict, t.without_rowid
    )];
    lines.extend(t.columns.iter().map(|c| column(c, dialect)));
    let kept = Kept::by_both(dialect, dialect);
    lines.extend(t.constraints.values().map(|c| constraint(c, kept)));
    lines.extend(t.indexes.values().map(|i| index(i, kept)));
    lines.extend(t.triggers.iter().map(|(name, trigger)| {
        let events: BTreeSet<&String> = trigger.events.iter().collect();
        let state = match (trigger.disabled, trigger.sessions) {
            (true, _) => " disabled",
            (false, TriggerSessions::Ordinary) => "",
            (false, TriggerSessions::Replica) => " replica",
            (false, TriggerSessions::Always) => " always",
        };
        format!(
            "trigger {name:?} {} {events:?} {}{state}",
            trigger.timing, trigger.function_name
        )
    }));
    lines.extend(t.policies.iter().map(|(name, p)| {
        let roles: BTreeSet<&String> = p.roles.iter().collect();
        let parts = (normal(&p.using, kept), normal(&p.with_check, kept));
        format!(
            "policy {name:?} {} {} {roles:?} {parts:?}",
            p.command, p.restrictive
        )
    }));
    lines
        .iter_mut()
        .skip(1)
        .for_each(|line| line.insert_str(0, &format!("{key:?} ")));
    lines
}

fn normal(expression: &Option<String>, kept: Kept) -> Option<String> {
    expression
        .as_deref()
        .map(|e| expression::normal(e, None, kept))
}

fn column(c: &ColumnSchema, dialect: SqlDialect) -> String {
    let kept = Kept::by_both(dialect, dialect);
    // a domain may have a default, which NULL takes away
    let of_domain = dialect == SqlDialect::Postgres
        && matches!(SqlType::parse_postgres(&c.data_type), SqlType::Other(_));
    let default = c.default.as_deref();
    let default = default.filter(|d| of_domain || !expression::is_null(d));
    let default = default.map(|d| expression::normal(d, Some(&c.sql_type), kept));
    let generated = c.generated.as_ref();
    let generated = generated.map(|g| (expression::normal(&g.expression, None, kept), g.stored));
    let mut line = format!(
        "column {:?} {} {} {default:?} {:?} {generated:?} {:?}",
        c.name,
        type_text(&c.data_type, dialect),
        c.nullable,
        c.identity,
        c.collation
    );
    if c.not_null_not_valid || c.not_null_no_inherit {
        let _ = write!(line, " {} {}", c.not_null_not_valid, c.not_null_no_inherit);
    }
    if let Some(action) = &c.not_null_on_conflict {
        let _ = write!(line, " on conflict {action}");
    }
    line
}

/// `int8` and `bigint` are one type, and so are `varchar( 3 )` and `VARCHAR(3)` of SQLite.
fn type_text(text: &str, dialect: SqlDialect) -> String {
    let plain = || text.split_whitespace().collect::<String>().to_lowercase();
    match dialect {
        SqlDialect::Sqlite => plain(),
        SqlDialect::Postgres => match SqlType::parse_postgres(text) {
            SqlType::Other(_) | SqlType::Array(_) => text.replace("public.", ""),
            known if known.is_temporal() && text.contains('(') => plain(),
            known => known.to_string(),
        },
    }
}

fn constraint(c: &ConstraintSchema, kept: Kept) -> String {
    let mut line = format!("{} {:?} {:?}", c.kind, c.columns, c.include);
    if c.expression.is_some() {
        line = format!("{} {:?}", c.kind, normal(&c.expression, kept));
    }
    if let Some(table) = &c.references_table {
        let key = crate::schema::table_key(c.references_schema.as_deref(), table);
        let _ = write!(
            line,
            " {key:?} {:?} {:?} {:?} {:?} {}",
            c.references_columns, c.on_delete, c.on_update, c.on_delete_columns, c.match_full
        );
    }
    let _ = write!(
        line,
        " {} {} {} {} {}",
        c.deferrable, c.initially_deferred, c.not_valid, c.no_inherit, c.nulls_not_distinct
    );
    // only what is so, that the fingerprints of all other schemas stay what they are
    if c.not_enforced || c.over_time {
        let _ = write!(line, " {} {}", c.not_enforced, c.over_time);
    }
    if !c.collations.is_empty() || c.on_conflict.is_some() {
        let _ = write!(line, " {:?} {:?}", c.collations, c.on_conflict);
    }
    line
}

fn index(i: &IndexSchema, kept: Kept) -> String {
    let keys: Vec<String> = i
        .columns
        .iter()
        .map(|c| {
            let text = match c.is_expression {
                true => expression::normal(&c.text, None, kept),
                false => format!("{:?}", c.text),
            };
            format!(
                "{text} {} {:?} {:?} {:?}",
                c.descending, c.nulls_first, c.collation, c.operator_class
            )
        })
        .collect();
    format!(
        "index {} {} {keys:?} {:?} {:?} {}",
        i.is_unique,
        i.method.to_lowercase(),
        i.include,
        normal(&i.predicate, kept),
        i.nulls_not_distinct
    )
}

fn objects(schema: &DatabaseSchema) -> Vec<String> {
    let enums = schema
        .enums
        .iter()
        .map(|(key, e)| format!("enum {key:?} {:?}", e.values));
    let domains = schema
        .domains
        .iter()
        .map(|(key, d)| format!("domain {key:?} {}", domain(d)));
    let sequences = schema.sequences.iter();
    let sequences = sequences.map(|(key, s)| format!("sequence {key:?} {}", sequence(s)));
    let views = schema
        .views
        .iter()
        .map(|(key, v)| format!("view {key:?} {}", v.materialized));
    let functions = schema.functions.iter();
    let functions = functions.map(|(key, f)| format!("function {key:?} {:?}", f.return_type));
    enums
        .chain(domains)
        .chain(sequences)
        .chain(views)
        .chain(functions)
        .collect()
}

fn domain(d: &DomainSchema) -> String {
    let sql_type = SqlType::parse_postgres(&d.data_type);
    let default = d
        .default
        .as_deref()
        .map(|d| expression::normal(d, Some(&sql_type), Kept::Meaning));
    let checks: BTreeSet<String> = d
        .checks
        .values()
        .map(|c| expression::normal(c, None, Kept::Meaning))
        .collect();
    let text = type_text(&d.data_type, SqlDialect::Postgres);
    let mut line = format!(
        "{text} {} {default:?} {:?} {checks:?}",
        d.not_null, d.collation
    );
    if !d.not_valid.is_empty() {
        let _ = write!(line, " {} not valid", d.not_valid.len());
    }
    line
}

fn sequence(s: &SequenceSchema) -> String {
    format!(
        "{} {} {} {:?}",
        s.data_type,
        s.increment.unwrap_or(1),
        s.cycle,
        s.owned_by
    )
}

/// FNV-1a with 128 bits: the same on every machine and in every version of the compiler. Not made
/// against people who look for two schemas with one fingerprint.
pub(super) struct Fnv(u128);

impl Fnv {
    pub(super) fn new() -> Fnv {
        Fnv(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    /// The 32 hexadecimal digits.
    pub(super) fn text(&self) -> String {
        format!("{:032x}", self.0)
    }

    pub(super) fn take(&mut self, line: &str) {
        for byte in line.bytes().chain([b'\n']) {
            self.0 ^= u128::from(byte);
            self.0 = self
                .0
                .wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}
