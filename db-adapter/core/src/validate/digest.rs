//! A short text of all that an object is, so that a [`Baseline`](super::Baseline) tells a difference
//! from a worse one that reads the same: `dm` is a type's name, whatever the domain allows today.
//! Comments, and the names of keys, are not in it. Decides nothing.

use super::fingerprint::Fnv;
use super::lookup::Actual;
use super::{Difference, DifferenceKind, ObjectKind};
use crate::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, IndexSchema, TableSchema, TriggerSchema,
    ViewSchema, table_key,
};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// Changes with the rules of what is in it. A schema model that holds more gives other digests too,
/// and what was known is then new: never the other way round.
const RULES: &str = "1";

/// The digest of what is there; `None` where nothing is, or where the text of the difference says
/// all of it.
pub(super) fn of(difference: &Difference, actual: &Actual<'_>) -> Option<String> {
    let mut parts = Parts {
        actual,
        hash: Fnv::new(),
        is_empty: true,
    };
    if difference.kind != DifferenceKind::Comment {
        parts.object(difference);
    }
    (!parts.is_empty).then(|| format!("{RULES}:{}", parts.hash.text()))
}

struct Parts<'a> {
    actual: &'a Actual<'a>,
    hash: Fnv,
    is_empty: bool,
}

impl Parts<'_> {
    fn take(&mut self, what: &str, part: &impl Debug) {
        self.is_empty = false;
        self.hash.take(&format!("{what} {part:?}"));
    }

    fn object(&mut self, difference: &Difference) {
        let (object, schema) = (&difference.object, self.actual.schema);
        let name = object.name.as_str();
        match object.kind {
            ObjectKind::Enum | ObjectKind::Domain => self.type_of(name),
            ObjectKind::View => self.view(name),
            ObjectKind::Sequence => {
                if let Some(sequence) = schema.sequences.get(name) {
                    let mut sequence = sequence.clone();
                    sequence.comment = None;
                    self.take("sequence", &sequence);
                }
            }
            ObjectKind::Function => self.function(|key, _| key == name),
            ObjectKind::Extension => {}
            _ => {
                let key = object.table.as_deref().unwrap_or(name);
                let tables = self.tables(key);
                for (key, table) in &tables {
                    self.of_table(difference, key, table);
                }
                if difference.kind == DifferenceKind::Renamed {
                    let old = difference.actual.as_deref().unwrap_or_default();
                    for (key, table) in self.tables(old) {
                        self.whole_table(key, table);
                    }
                }
                if let Some(view) = schema.views.get(key) {
                    match object.kind {
                        ObjectKind::Table => self.view(key),
                        ObjectKind::Index => self.indexes(&view.indexes, name),
                        ObjectKind::Trigger => self.trigger(view.triggers.get(name)),
                        _ => {}
                    }
                }
            }
        }
    }

    /// The table of this key, and that which a name without a schema means.
    fn tables<'s>(&self, key: &str) -> Vec<(&'s str, &'s TableSchema)>
    where
        Self: 's,
    {
        let named = crate::TableName::parse(key).ok();
        let named = named.and_then(|n| self.actual.table(n.schema.as_deref(), &n.name));
        let mut found: Vec<_> = self.actual.by_key(key).into_iter().chain(named).collect();
        found.dedup_by(|(one, _), (other, _)| one == other);
        found
    }

    fn of_table(&mut self, difference: &Difference, key: &str, t: &TableSchema) {
        let name = difference.object.name.as_str();
        match difference.object.kind {
            ObjectKind::Table => match difference.kind {
                DifferenceKind::Order => {}
                DifferenceKind::RowSecurity => {
                    self.take("security", &(t.row_security, t.force_row_security));
                }
                DifferenceKind::Partitioning => {
                    let of = (&t.partition_of, &t.partition_bound);
                    self.take("partitioning", &(&t.partition_by, of));
                }
                DifferenceKind::Inheritance => self.take("inherits", &t.inherits),
                DifferenceKind::Storage => {
                    let sqlite = (t.strict, t.without_rowid, t.autoincrement);
                    self.take("storage", &(sqlite, t.unlogged));
                }
                _ => self.whole_table(key, t),
            },
            ObjectKind::Column => {
                if let Some(column) = self.actual.column(t, name) {
                    self.column(difference.kind, key, t, column);
                }
            }
            ObjectKind::Trigger => self.trigger(t.triggers.get(name)),
            ObjectKind::Policy => {
                if let Some(policy) = t.policies.get(name) {
                    self.take("policy", policy);
                }
            }
            ObjectKind::Index => self.indexes(&t.indexes, name),
            kind => self.keys(kind, t, name),
        }
    }

    fn whole_table(&mut self, key: &str, table: &TableSchema) {
        let mut bare = table.clone();
        bare.comment = None;
        for column in &mut bare.columns {
            column.comment = None;
        }
        let constraints = std::mem::take(&mut bare.constraints);
        let indexes = std::mem::take(&mut bare.indexes);
        let triggers = std::mem::take(&mut bare.triggers);
        self.take("table", &bare);
        for column in &table.columns {
            self.type_of(&column.data_type);
            self.sequences(key, &column.name);
        }
        constraints.values().for_each(|c| self.constraint(c));
        indexes.values().for_each(|i| self.index(i));
        triggers.values().for_each(|t| self.trigger(Some(t)));
    }

    /// Of a column that both have, what this difference is about: its others are differences of
    /// their own, and one that is repaired must not make the rest new.
    fn column(&mut self, kind: DifferenceKind, key: &str, table: &TableSchema, c: &ColumnSchema) {
        match kind {
            DifferenceKind::Type => self.take("type", &(&c.data_type, &c.collation)),
            DifferenceKind::Nullability => {
                let not_null = (c.not_null_not_valid, c.not_null_no_inherit);
                self.take("nullability", &(c.nullable, not_null));
            }
            DifferenceKind::Default => {
                self.take("default", &c.default);
                self.sequences(key, &c.name);
            }
            DifferenceKind::Identity => self.take("identity", &(c.identity, c.numbering)),
            DifferenceKind::Generated => self.take("generated", &c.generated),
            DifferenceKind::Collation => self.take("collation", &c.collation),
            _ => {
                let mut bare = c.clone();
                bare.comment = None;
                bare.not_null_name = None;
                self.take("column", &bare);
                self.sequences(key, &c.name);
            }
        }
        self.type_of(&c.data_type);
        if kind == DifferenceKind::Extra {
            let of_it = |names: &[String]| names.contains(&c.name);
            let constraints = table.constraints.values();
            constraints
                .filter(|k| of_it(&k.columns))
                .for_each(|k| self.constraint(k));
            for index in table.indexes.values() {
                if index.columns.iter().any(|k| k.text == c.name) {
                    self.index(index);
                }
            }
        }
    }

    /// Of an enum or a domain, or an array of one: what it is, down to the type under all domains.
    fn type_of(&mut self, data_type: &str) {
        let schema = self.actual.schema;
        let mut next = data_type.to_owned();
        // a schema that somebody wrote may have a circle
        for _ in 0..=schema.domains.len() {
            let text = next.trim_end_matches("[]");
            let key = match crate::TableName::parse(text) {
                Ok(name) if !schema.domains.contains_key(text) => {
                    table_key(name.schema.as_deref(), &name.name)
                }
                _ => text.to_owned(),
            };
            if let Some(found) = schema.enums.get(&key).or_else(|| schema.enums.get(text)) {
                self.take("enum", &(&key, &found.values));
            }
            let Some(domain) = schema.domains.get(&key) else {
                return;
            };
            let mut bare = domain.clone();
            bare.comment = None;
            self.take("domain", &bare);
            next = bare.data_type;
        }
    }

    /// Those that number the rows of a column.
    fn sequences(&mut self, table: &str, column: &str) {
        for sequence in self.actual.schema.sequences.values() {
            let owner = sequence.owned_by.as_ref();
            if owner.is_some_and(|(t, c)| t == table && c == column) {
                let numbering = sequence.numbering();
                self.take("numbered", &(&sequence.data_type, numbering));
            }
        }
    }

    fn view(&mut self, key: &str) {
        let Some(view) = self.actual.schema.views.get(key) else {
            return;
        };
        let mut bare: ViewSchema = view.clone();
        bare.comment = None;
        for column in &mut bare.columns {
            column.comment = None;
        }
        let indexes = std::mem::take(&mut bare.indexes);
        let triggers = std::mem::take(&mut bare.triggers);
        self.take("view", &bare);
        for column in &bare.columns {
            self.type_of(&column.data_type);
        }
        indexes.values().for_each(|i| self.index(i));
        triggers.values().for_each(|t| self.trigger(Some(t)));
    }

    /// A trigger is what its function does.
    fn trigger(&mut self, trigger: Option<&TriggerSchema>) {
        let Some(trigger) = trigger else { return };
        let mut bare = trigger.clone();
        bare.comment = None;
        bare.events.sort_unstable();
        self.take("trigger", &bare);
        let named = bare.function_name.as_str();
        if !named.is_empty() {
            self.function(|_, (schema, name)| named == name || named == table_key(schema, name));
        }
    }

    fn function(&mut self, is_meant: impl Fn(&str, (Option<&str>, &str)) -> bool) {
        for (key, function) in &self.actual.schema.functions {
            if is_meant(key, (function.schema.as_deref(), &function.name)) {
                let mut bare = function.clone();
                bare.comment = None;
                self.take("function", &bare);
            }
        }
    }

    /// Keys are named by their names or by their columns.
    fn keys(&mut self, kind: ObjectKind, table: &TableSchema, name: &str) {
        let list = |names: &str| -> Vec<String> { names.split(", ").map(str::to_owned).collect() };
        let (actual, wanted) = (self.actual, list(name));
        let is_over = |columns: &[String]| actual.is_same_set(&list(&columns.join(", ")), &wanted);
        let is_unique = matches!(kind, ObjectKind::Unique | ObjectKind::NaturalKey);
        for (key, constraint) in &table.constraints {
            let is_kind = match constraint.kind {
                ConstraintKind::PrimaryKey => is_unique || kind == ObjectKind::PrimaryKey,
                ConstraintKind::Unique => is_unique,
                ConstraintKind::ForeignKey => kind == ObjectKind::ForeignKey,
                ConstraintKind::Check => kind == ObjectKind::Check,
                ConstraintKind::Exclude => kind == ObjectKind::Exclusion,
            };
            // a table has one primary key, and it may have other columns than the expected one
            let is_meant = kind == ObjectKind::PrimaryKey
                || key == name
                || constraint.name == name
                || is_over(&constraint.columns);
            if is_kind && is_meant {
                self.constraint(constraint);
            }
        }
        for index in table.indexes.values().filter(|i| is_unique && i.is_unique) {
            let columns = index.columns.iter().map(|c| c.text.clone());
            if index.name == name || is_over(&columns.collect::<Vec<_>>()) {
                self.index(index);
            }
        }
    }

    fn indexes(&mut self, indexes: &BTreeMap<String, IndexSchema>, name: &str) {
        for (key, index) in indexes {
            if key == name || index.name == name {
                self.index(index);
            }
        }
    }

    fn constraint(&mut self, constraint: &ConstraintSchema) {
        let mut bare = constraint.clone();
        bare.name.clear();
        bare.name_is_generated = false;
        bare.comment = None;
        self.take("constraint", &bare);
    }

    fn index(&mut self, index: &IndexSchema) {
        let mut bare = index.clone();
        bare.name.clear();
        bare.name_is_generated = false;
        bare.comment = None;
        self.take("index", &bare);
    }
}
