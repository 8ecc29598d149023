//! Which tables cannot be written at all, and why: half a table would let a check pass that should not.
//! Decides before anything is written, so that nothing refers to what is not there.

use super::mentions::Mentions;
use super::{quote, sound};
use crate::lexer::Lexer;
use crate::schema::{
    ColumnSchema, DatabaseSchema, DomainSchema, FunctionSchema, SqlDialect, TableSchema,
};
use crate::sql_type::SqlType;
use std::collections::{BTreeMap, BTreeSet};

/// The kinds of types that the model names and does not know.
const UNKNOWN_TYPES: [&str; 3] = ["composite type", "range type", "base type"];
/// The kinds of relations and functions that it names and does not know.
const UNKNOWN_OBJECTS: [&str; 5] = [
    "foreign table",
    "table",
    "virtual table",
    "aggregate",
    "view",
];

/// The kinds of functions that it names and does not know.
const UNKNOWN_FUNCTIONS: [&str; 3] = ["function", "procedure", "aggregate"];

/// The operators of the server.
#[rustfmt::skip] // one a line would be a page
const OPERATORS: [&str; 74] = [
    "!!", "!~", "!~*", "!~~", "!~~*", "#", "##", "#-", "#>", "#>>", "%", "&", "&&", "&<", "&<|",
    "&>", "*", "*<", "*<=", "*<>", "*=", "*>", "*>=", "+", "-", "->", "->>", "-|-", "/", "<",
    "<->", "<<", "<<=", "<<|", "<=", "<>", "<@", "<^", "=", ">", ">=", ">>", ">>=", ">^", "?",
    "?#", "?&", "?-", "?-|", "?|", "?||", "@", "@-@", "@>", "@?", "@@", "@@@", "^", "^@", "|",
    "|&>", "|/", "|>>", "||", "||/", "~", "~*", "~<=~", "~<~", "~=", "~>=~", "~>~", "~~", "~~*",
];

/// What cannot be written.
pub(super) struct LeftOut {
    /// The keys of tables, and why.
    pub(super) tables: BTreeMap<String, String>,
    /// The keys of types that nobody here knows.
    types: BTreeSet<String>,
    /// The keys of other objects that nobody here knows.
    objects: BTreeSet<String>,
    /// The names of functions that cannot be written, as keys.
    functions: BTreeSet<String>,
    /// The names of collations, operator classes and text search configurations that nobody here knows.
    collations: BTreeSet<String>,
    classes: BTreeSet<String>,
    configurations: BTreeSet<String>,
    /// Operators that the server does not have by itself.
    operators: BTreeSet<String>,
    /// The keys of the sequences that are there.
    sequences: BTreeSet<String>,
    /// The schemas of what is written, and the server's own.
    schemas: BTreeSet<String>,
}

impl LeftOut {
    pub(super) fn of(schema: &DatabaseSchema) -> LeftOut {
        let named = |kinds: &[&str]| {
            let entries = schema.not_inspected.iter();
            let of_kinds = entries.filter(|entry| kinds.contains(&entry.kind.as_str()));
            of_kinds
                .filter_map(|entry| Some(without_arguments(entry.name.as_deref()?)))
                .collect::<BTreeSet<String>>()
        };
        let bare = |kinds: &[&str]| {
            let keys = named(kinds).into_iter();
            keys.map(|key| quote::parts_of_key(&key).1)
                .collect::<BTreeSet<String>>()
        };
        let mut left_out = LeftOut {
            tables: BTreeMap::new(),
            types: named(&UNKNOWN_TYPES),
            objects: named(&UNKNOWN_OBJECTS),
            functions: named(&UNKNOWN_FUNCTIONS),
            collations: bare(&["collation"]),
            classes: bare(&["operator class"]),
            configurations: bare(&["text search configuration", "text search object"]),
            operators: bare(&["operator"])
                .into_iter()
                .filter(|name| !OPERATORS.contains(&name.as_str()))
                .collect(),
            sequences: schema.sequences.keys().cloned().collect(),
            schemas: super::postgres::all_schemas(schema)
                .flatten()
                .chain(["public", "pg_catalog", "information_schema"])
                .map(str::to_owned)
                .collect(),
        };
        // one that goes may take others with it
        loop {
            let before = left_out.count();
            if schema.dialect == SqlDialect::Postgres {
                left_out.types_of(schema);
                left_out.functions_of(schema);
            }
            for (key, table) in &schema.tables {
                if left_out.tables.contains_key(key) {
                    continue;
                }
                if let Some(why) = left_out.why(table, schema.dialect) {
                    left_out.tables.insert(key.clone(), why);
                }
            }
            left_out.follow(schema);
            if left_out.count() == before {
                return left_out;
            }
        }
    }

    fn count(&self) -> usize {
        self.tables.len() + self.types.len() + self.functions.len()
    }

    /// Enums and domains that cannot be written.
    fn types_of(&mut self, schema: &DatabaseSchema) {
        let dialect = schema.dialect;
        let enums = schema.enums.iter().map(|(key, e)| (key, &e.name, None));
        let domains = schema.domains.iter();
        let domains = domains.map(|(key, d)| (key, &d.name, Some(d)));
        let mut gone = Vec::new();
        for (key, name, domain) in enums.chain(domains) {
            let wrong = sound::wrong_name(name, dialect).is_some()
                || domain.is_some_and(|domain| self.wrong_domain(domain).is_some());
            if wrong {
                gone.push(key.clone());
            }
        }
        self.types.extend(gone);
    }

    /// Why a domain cannot be written.
    pub(super) fn wrong_domain(&self, domain: &DomainSchema) -> Option<String> {
        let wrong = self.wrong_type(&domain.data_type, SqlDialect::Postgres);
        let collation = || self.wrong_collation(domain.collation.as_deref()?);
        wrong.or_else(collation)
    }

    /// Functions that cannot be written, of whatever arguments.
    fn functions_of(&mut self, schema: &DatabaseSchema) {
        for (key, function) in &schema.functions {
            let gone = self.wrong_function(function).is_some()
                || super::function::create(key, function).is_err();
            if gone {
                self.functions.insert(name_of(function));
            }
        }
    }

    /// What a function needs and is not written. Its own name does not count as a call.
    pub(super) fn wrong_function(&self, function: &FunctionSchema) -> Option<String> {
        let mut mentions = Mentions::of(&function.definition, SqlDialect::Postgres);
        mentions.calls.remove(&name_of(function));
        let of_type = || {
            let found = mentions.names.intersection(&self.types).next()?;
            Some(format!("its type `{found}` is not written"))
        };
        self.missing_in(&mentions).or_else(of_type)
    }

    /// Why a collation cannot be named.
    pub(super) fn wrong_collation(&self, name: &str) -> Option<String> {
        let unknown = self.collations.contains(name);
        unknown.then(|| format!("its collation `{name}` is not written"))
    }

    /// Why an operator class cannot be named.
    pub(super) fn wrong_class(&self, class: &str) -> Option<String> {
        let name = class.split(" (").next().unwrap_or(class);
        let unknown = self.classes.contains(name);
        unknown.then(|| format!("its operator class `{name}` is not written"))
    }

    /// Tables that are parts of others go with them.
    fn follow(&mut self, schema: &DatabaseSchema) {
        loop {
            let mut found = Vec::new();
            for (key, table) in &schema.tables {
                let mut parents = table.partition_of.iter().chain(&table.inherits);
                let gone = parents.find(|parent| {
                    self.tables.contains_key(*parent) || !schema.tables.contains_key(*parent)
                });
                if let Some(parent) = gone.filter(|_| !self.tables.contains_key(key)) {
                    let why = format!("it is a part of `{parent}`, which is not written");
                    found.push((key.clone(), why));
                }
            }
            if found.is_empty() {
                return;
            }
            self.tables.extend(found);
        }
    }

    fn why(&self, table: &TableSchema, dialect: SqlDialect) -> Option<String> {
        let own_file = |schema: &str| dialect == SqlDialect::Postgres || schema == "main";
        if let Some(other) = table.schema.as_deref().filter(|schema| !own_file(schema)) {
            return Some(format!("it is in the attached database `{other}`"));
        }
        if let Some(wrong) = sound::wrong_name(&table.name, dialect) {
            return Some(wrong.to_owned());
        }
        if self.objects.contains(&table.key()) {
            return Some("its columns are not known".to_owned());
        }
        if dialect == SqlDialect::Sqlite && table.columns.is_empty() {
            return Some("it has no columns, and SQLite has no such tables".to_owned());
        }
        let mut clauses = table.partition_by.iter().chain(&table.partition_bound);
        if let Some(clause) = clauses.find(|clause| !sound::is_clause(clause, dialect)) {
            return Some(format!("`{clause}` is not a clause of a partition"));
        }
        let mut clauses = table.partition_by.iter().chain(&table.partition_bound);
        if let Some(why) = clauses.find_map(|clause| self.lacks(clause, dialect)) {
            return Some(why);
        }
        if table.partition_of.is_some() && table.partition_bound.is_none() {
            return Some("which rows the partition holds is not known".to_owned());
        }
        let mut seen = BTreeSet::new();
        for column in &table.columns {
            let name = match dialect {
                SqlDialect::Postgres => column.name.clone(),
                SqlDialect::Sqlite => column.name.to_ascii_lowercase(),
            };
            if !seen.insert(name) {
                return Some(format!("it has two columns `{}`", column.name));
            }
            if let Some(wrong) = self.wrong_column(column, dialect) {
                return Some(format!("column `{}`: {wrong}", column.name));
            }
        }
        None
    }

    fn wrong_column(&self, column: &ColumnSchema, dialect: SqlDialect) -> Option<String> {
        if let Some(wrong) = sound::wrong_name(&column.name, dialect) {
            let own = dialect == SqlDialect::Sqlite && !column.name.contains('\0');
            return (!own).then(|| wrong.to_owned()); // only objects of SQLite's have such names
        }
        if let Some(wrong) = self.wrong_type(&column.data_type, dialect) {
            return Some(wrong);
        }
        let collation = column.collation.as_deref();
        let collation = collation.filter(|_| dialect == SqlDialect::Postgres);
        if let Some(wrong) = collation.and_then(|name| self.wrong_collation(name)) {
            return Some(wrong);
        }
        let generated = column.generated.as_ref()?;
        self.wrong_expression(&generated.expression, dialect)
    }

    /// What is wrong with an expression, if anything is.
    pub(super) fn wrong_expression(&self, text: &str, dialect: SqlDialect) -> Option<String> {
        if !sound::is_expression(text, dialect) {
            return Some(match text.trim().is_empty() {
                true => "its expression is not known".to_owned(),
                false => format!("`{text}` is not one expression"),
            });
        }
        self.lacks(text, dialect)
    }

    /// Something that an expression needs and that is not there.
    fn lacks(&self, text: &str, dialect: SqlDialect) -> Option<String> {
        if dialect == SqlDialect::Sqlite {
            return None;
        }
        let mentions = Mentions::of(text, dialect);
        let function = self.missing_function(&mentions);
        let missing = |what: &str, name: &String| format!("its {what} `{name}` is not written");
        let of_type = || {
            let found = mentions.types.intersection(&self.types).next()?;
            Some(missing("type", found))
        };
        let of_operator = || {
            let mut tokens = Lexer::of_definition(text, dialect).significant();
            let found = tokens.find(|token| self.operators.contains(token.text))?;
            Some(missing("operator", &found.text.to_owned()))
        };
        let of_search = || {
            let found = mentions
                .in_strings
                .intersection(&self.configurations)
                .next()?;
            Some(missing("text search configuration", found))
        };
        let of_sequence = || {
            let named = mentions.in_strings.iter();
            let mut named = named.filter(|name| self.sequences.contains(*name));
            let lacks = mentions.calls.contains("nextval") && named.next().is_none();
            lacks.then(|| "its sequence is not written".to_owned())
        };
        self.other_schema(&mentions)
            .or(function)
            .or_else(of_type)
            .or_else(of_operator)
            .or_else(of_search)
            .or_else(of_sequence)
    }

    /// A function that a text calls and that is not written.
    pub(super) fn missing_function(&self, mentions: &Mentions) -> Option<String> {
        let found = mentions.calls.intersection(&self.functions).next()?;
        Some(format!("it calls `{found}`, which is not written"))
    }

    /// That something is of a schema that is not written.
    pub(super) fn other_schema(&self, mentions: &Mentions) -> Option<String> {
        let other = mentions.schemas.difference(&self.schemas).next()?;
        Some(format!(
            "it needs the schema `{other}`, which is not written"
        ))
    }

    /// What is wrong with the text of a type.
    pub(super) fn wrong_type(&self, data_type: &str, dialect: SqlDialect) -> Option<String> {
        if dialect == SqlDialect::Sqlite {
            let nul = data_type.contains('\0');
            return nul.then(|| "its declared type has a NUL character".to_owned());
        }
        if data_type.trim().is_empty() {
            return Some("its type is not known".to_owned());
        }
        if !sound::is_type(data_type) {
            return Some(format!("`{data_type}` is not a type"));
        }
        let known = SqlType::parse_postgres(data_type);
        let known = known.element().unwrap_or(&known);
        if !matches!(known, SqlType::Other(_) | SqlType::Citext) {
            return None;
        }
        let mentions = Mentions::of(data_type, dialect);
        if let Some(wrong) = self.other_schema(&mentions) {
            return Some(wrong);
        }
        let mut names = mentions.names.iter().chain(&mentions.calls);
        let unknown = names.find(|name| self.types.contains(*name))?;
        Some(format!("its type `{unknown}` is not written"))
    }

    /// An object that a query mentions and that is not written.
    pub(super) fn missing_in(&self, mentions: &Mentions) -> Option<String> {
        let mut names = mentions.names.iter().chain(&mentions.calls);
        let is_gone =
            |name: &&String| self.tables.contains_key(*name) || self.objects.contains(*name);
        let gone = names.find(is_gone);
        let gone = gone.map(|gone| format!("it needs `{gone}`, which is not written"));
        let of_type = || {
            let found = mentions.types.intersection(&self.types).next()?;
            Some(format!("it needs the type `{found}`, which is not written"))
        };
        gone.or_else(|| self.other_schema(mentions))
            .or_else(|| self.missing_function(mentions))
            .or_else(of_type)
    }
}

/// The name of a function as a key, without its arguments.
fn name_of(function: &FunctionSchema) -> String {
    crate::schema::table_key(function.schema.as_deref(), &function.name)
}

/// `total` of `total(integer)`.
fn without_arguments(key: &str) -> String {
    match key.find('(').filter(|at| *at > 0 && key.ends_with(')')) {
        Some(at) => key.get(..at).unwrap_or(key).to_owned(),
        None => {
            let (schema, name) = quote::parts_of_key(key);
            crate::schema::table_key(schema.as_deref(), &name)
        }
    }
}
