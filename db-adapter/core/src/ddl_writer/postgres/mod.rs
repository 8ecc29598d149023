//! A schema of PostgreSQL, statement by statement: each object after what it needs, and what a circle
//! leaves open by ALTER TABLE at the end.

mod constraints;
mod needs;
mod objects;
mod security;
mod tables;

use super::left_out::LeftOut;
use super::{NotExpressed, WrittenDdl, column, object, quote, sequence, sound, user_type};
use crate::name::quote_ident;
use crate::schema::{ConstraintKind, DatabaseSchema, SqlDialect};
use crate::validate::{ObjectKind, SchemaObject};
use std::collections::{BTreeMap, BTreeSet};

const POSTGRES: SqlDialect = SqlDialect::Postgres;

/// An object that others may need, by its key. Where nothing else counts they come in this order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Enum(String),
    Domain(String),
    Sequence(String),
    Function(String),
    Table(String),
    View(String),
}

struct Postgres<'a> {
    schema: &'a DatabaseSchema,
    left_out: LeftOut,
    /// Relations and types by their keys.
    named: BTreeMap<&'a str, Vec<Node>>,
    /// Functions by their names' keys.
    functions: BTreeMap<String, Vec<Node>>,
    written: BTreeSet<Node>,
    /// The indexes that are there, by table and name.
    indexes: BTreeSet<(String, String)>,
    late: Late,
    out: WrittenDdl,
}

/// What waits for the end, in the order in which it comes then.
#[derive(Default)]
struct Late {
    defaults: Vec<(SchemaObject, String)>,
    checks: Vec<(SchemaObject, String)>,
    indexes: Vec<(SchemaObject, String)>,
    foreign_keys: Vec<(SchemaObject, String)>,
    owners: Vec<(SchemaObject, String)>,
}

pub(super) fn write(schema: &DatabaseSchema) -> WrittenDdl {
    let mut writer = Postgres::new(schema);
    writer.settings();
    writer.schemas();
    writer.not_inspected();
    for node in writer.order() {
        writer.node(&node);
        writer.written.insert(node);
    }
    writer.end();
    writer.security();
    writer.triggers();
    writer.comments();
    writer.out
}

/// The kind of object that a constraint is.
pub(super) fn object_kind(kind: ConstraintKind) -> ObjectKind {
    match kind {
        ConstraintKind::PrimaryKey => ObjectKind::PrimaryKey,
        ConstraintKind::Unique => ObjectKind::Unique,
        ConstraintKind::ForeignKey => ObjectKind::ForeignKey,
        ConstraintKind::Check => ObjectKind::Check,
        ConstraintKind::Exclude => ObjectKind::Exclusion,
    }
}

impl<'a> Postgres<'a> {
    fn new(schema: &'a DatabaseSchema) -> Postgres<'a> {
        let mut named: BTreeMap<&'a str, Vec<Node>> = BTreeMap::new();
        let mut add = |key: &'a String, node: fn(String) -> Node| {
            named.entry(key).or_default().push(node(key.clone()));
        };
        schema.enums.keys().for_each(|key| add(key, Node::Enum));
        schema.domains.keys().for_each(|key| add(key, Node::Domain));
        schema
            .sequences
            .keys()
            .for_each(|key| add(key, Node::Sequence));
        schema.tables.keys().for_each(|key| add(key, Node::Table));
        schema.views.keys().for_each(|key| add(key, Node::View));
        let mut functions: BTreeMap<String, Vec<Node>> = BTreeMap::new();
        for (key, function) in &schema.functions {
            let name = crate::schema::table_key(function.schema.as_deref(), &function.name);
            let node = Node::Function(key.clone());
            functions.entry(name).or_default().push(node);
        }
        Postgres {
            schema,
            left_out: LeftOut::of(schema),
            named,
            functions,
            written: BTreeSet::new(),
            indexes: BTreeSet::new(),
            late: Late::default(),
            out: WrittenDdl::new(POSTGRES),
        }
    }

    fn setting(&mut self, sql: &str) {
        self.out.statements.push(super::DdlStatement {
            sql: sql.to_owned(),
            object: None,
        });
    }

    /// Expressions and bodies name what is in `public` without saying so.
    fn settings(&mut self) {
        let public = Some("public".to_owned());
        let mut schemas = all_schemas(self.schema);
        if schemas.any(|schema| schema == public.as_deref()) {
            self.setting("SET search_path TO \"public\"");
        }
        if !self.schema.functions.is_empty() {
            self.setting("SET check_function_bodies TO off");
        }
    }

    fn schemas(&mut self) {
        let named: BTreeSet<&str> = all_schemas(self.schema).flatten().collect();
        for schema in named.into_iter().filter(|schema| *schema != "public") {
            let sql = format!("CREATE SCHEMA IF NOT EXISTS {}", quote_ident(schema));
            self.out.add(object(ObjectKind::Schema, None, schema), sql);
        }
    }

    /// Extensions are made, and all else that nobody has read is told.
    fn not_inspected(&mut self) {
        for entry in &self.schema.not_inspected {
            let is_extension = entry.kind == "extension";
            let Some(key) = entry.name.as_deref().filter(|_| is_extension) else {
                self.out.leave_out(NotExpressed {
                    kind: entry.kind.clone(),
                    name: entry.name.clone(),
                    reason: entry.reason.clone(),
                    hint: None,
                });
                continue;
            };
            let (_, name) = quote::parts_of_key(key);
            let sql = format!("CREATE EXTENSION IF NOT EXISTS {}", quote_ident(&name));
            self.out.add(object(ObjectKind::Extension, None, key), sql);
            let why = "its version and its schema are not known: it is made as the server has it";
            self.out.leave_out(NotExpressed::new("extension", key, why));
        }
    }

    fn node(&mut self, node: &Node) {
        let schema = self.schema;
        match node {
            Node::Enum(key) => {
                if let Some(found) = schema.enums.get(key) {
                    let sql = user_type::create_enum(found);
                    self.named_object(ObjectKind::Enum, key, &found.name, sql);
                }
            }
            Node::Domain(key) => self.domain(key),
            Node::Sequence(key) => {
                if let Some(found) = schema.sequences.get(key) {
                    match sound::is_type(&found.data_type) || found.data_type.is_empty() {
                        true => {
                            let sql = sequence::create(found);
                            self.named_object(ObjectKind::Sequence, key, &found.name, sql);
                        }
                        false => self.cannot("sequence", key, "its type is not a type"),
                    }
                }
            }
            Node::Function(key) => self.function(key),
            Node::Table(key) => self.table(key),
            Node::View(key) => self.view(key),
        }
    }

    /// An object whose name has to be one.
    fn named_object(&mut self, kind: ObjectKind, key: &str, name: &str, sql: String) {
        match sound::wrong_name(name, POSTGRES) {
            Some(why) => self.cannot(&kind.words(), key, why),
            None => self.out.add(object(kind, None, key), sql),
        }
    }

    fn cannot(&mut self, kind: &str, name: &str, why: &str) {
        self.out.leave_out(NotExpressed::new(kind, name, why));
    }

    /// A name without its schema: that of a collation that is not the server's is looked for among what is
    /// there.
    fn collation(&self, name: &str) -> String {
        let own = self.schema.not_inspected.iter();
        let mut own = own.filter(|entry| entry.kind == "collation");
        let found = own.find_map(|entry| {
            let (schema, own) = quote::parts_of_key(entry.name.as_deref()?);
            (own == name).then_some(schema)
        });
        column::collation(name, found.flatten().as_deref(), POSTGRES)
    }

    fn end(&mut self) {
        let late = std::mem::take(&mut self.late);
        let all = [
            late.defaults,
            late.checks,
            late.indexes,
            late.foreign_keys,
            late.owners,
        ];
        for (object, sql) in all.into_iter().flatten() {
            self.out.add(object, sql);
        }
        for (key, found) in &self.schema.sequences {
            let Some((table, _)) = &found.owned_by else {
                continue;
            };
            if !self.schema.tables.contains_key(table) || self.left_out.tables.contains_key(table) {
                let why = format!("it belongs to a column of `{table}`, which is not written");
                self.cannot("sequence", key, &why);
            }
        }
    }
}

/// The schemas of all the objects.
pub(super) fn all_schemas(schema: &DatabaseSchema) -> impl Iterator<Item = Option<&str>> {
    let tables = schema.tables.values().map(|o| o.schema.as_deref());
    let views = schema.views.values().map(|o| o.schema.as_deref());
    let functions = schema.functions.values().map(|o| o.schema.as_deref());
    let enums = schema.enums.values().map(|o| o.schema.as_deref());
    let domains = schema.domains.values().map(|o| o.schema.as_deref());
    let sequences = schema.sequences.values().map(|o| o.schema.as_deref());
    tables
        .chain(views)
        .chain(functions)
        .chain(enums)
        .chain(domains)
        .chain(sequences)
}
