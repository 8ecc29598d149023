//! DROP, of things and of parts of tables, with what goes with them. Never asks whether CASCADE was
//! needed: a file that was loaded has it where it was.

use super::SqlDialect;
use super::cursor::{Cursor, Read};
use super::moved::OF_TABLES;
use super::path::{is_same, schema_in_sqlite};
use super::reader::Reader;
use super::table::columns_in;
use crate::TableName;
use crate::lexer::{Lexer, Token};
use crate::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, IndexSchema, TableSchema, ViewSchema, table_key,
};

impl Reader<'_> {
    /// What follows `DROP`. Kinds that are not read have nothing to take away, unless CASCADE takes
    /// more than them.
    pub(super) fn drop_things(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        let kinds = [
            "table",
            "index",
            "materialized view",
            "view",
            "sequence",
            "type",
            "domain",
            "schema",
            "extension",
        ];
        let start = *c;
        let mut end = *c;
        end.until(|c| c.is("cascade"));
        let cascade = end.is("cascade");
        let Some(kind) = kinds.into_iter().find(|kind| c.eat(kind)) else {
            if cascade || c.is("owned") {
                let words = format!("DROP {}", c.word(0).to_uppercase());
                self.unknown_statement(&start, &words);
            }
            return Ok(());
        };
        if kind == "extension" && cascade {
            self.unknown_statement(&start, "DROP EXTENSION"); // what depends on it is not known
        }
        c.eat("concurrently");
        c.eat("if exists");
        loop {
            let name = c.qualified("the name of what to drop")?;
            let key = self.key_of(name.clone());
            match kind {
                "table" => self.drop_table(&key, cascade),
                "index" => self.drop_index(name),
                "sequence" => self.drop_sequence(&key),
                "type" | "domain" => self.drop_type(&key, cascade),
                "schema" => self.drop_schema(&name.1, cascade),
                "extension" => {
                    let left_out = &mut self.ddl.schema.not_inspected;
                    left_out.retain(|n| n.kind != "extension" || n.name.as_ref() != Some(&name.1));
                }
                _ => {
                    self.temporary.remove(&key);
                    self.ddl.schema.views.remove(&key);
                    self.drop_views_of(&key, None, cascade);
                }
            }
            if !c.eat_symbol(',') {
                return Ok(());
            }
        }
    }

    /// With CASCADE, the views that read a table or a view, or a column of it.
    fn drop_views_of(&mut self, key: &str, column: Option<&str>, cascade: bool) {
        let Ok(gone) = TableName::parse(key) else {
            return;
        };
        let dialect = self.dialect;
        let reads = |view: &ViewSchema| {
            let query = view.definition.as_deref().unwrap_or_default();
            reads_from(query, &gone.name, dialect)
                && column.is_none_or(|column| mentions(query, column, dialect))
        };
        let views = self.ddl.schema.views.iter().filter(|_| cascade);
        let found = views.filter(|(_, view)| reads(view));
        for view in found.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            if self.ddl.schema.views.remove(&view).is_some() {
                self.drop_views_of(&view, None, cascade);
            }
        }
    }

    /// Those that a table or a column owns.
    fn drop_sequences_of(&mut self, owns: impl Fn(&(String, String)) -> bool) {
        let sequences = self.ddl.schema.sequences.iter();
        let owned = sequences.filter(|(_, s)| s.owned_by.as_ref().is_some_and(&owns));
        for key in owned.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.drop_sequence(&key);
        }
    }

    /// The defaults that take their numbers from it go, too.
    fn drop_sequence(&mut self, key: &str) {
        self.ddl.schema.sequences.remove(key);
        let dialect = self.dialect;
        let tables = self.ddl.schema.tables.values_mut();
        for column in tables.flat_map(|table| &mut table.columns) {
            let default = column.default.as_deref().unwrap_or_default();
            let tokens: Vec<_> = Lexer::of_definition(default, dialect)
                .significant()
                .collect();
            let [function, _, named, ..] = tokens.as_slice() else {
                continue;
            };
            let text = named.string().filter(|_| function.names("nextval"));
            let name = text.and_then(|text| TableName::parse(&text).ok());
            if name.is_some_and(|n| table_key(n.schema.as_deref(), &n.name) == key) {
                column.default = None;
            }
        }
    }

    fn drop_table(&mut self, key: &str, cascade: bool) {
        if self.dialect == SqlDialect::Sqlite {
            // what refers to it stays, and means the next table of this name
            if !self.temporary.remove(key) {
                self.ddl.schema.tables.remove(key);
                self.unlist(key);
            }
            return;
        }
        let heirs = self.heirs(key);
        if self.ddl.schema.tables.remove(key).is_none() {
            return;
        }
        self.declared.retain(|(table, _)| table != key);
        self.unlist(key);
        self.drop_sequences_of(|(table, _)| table == key);
        for table in self.ddl.schema.tables.values_mut() {
            let refers = |k: &ConstraintSchema| target(k).as_deref() == Some(key);
            table
                .constraints
                .retain(|_, constraint| !refers(constraint));
        }
        self.drop_views_of(key, None, cascade);
        for heir in heirs {
            self.drop_table(&heir, cascade);
        }
    }

    /// What is listed of a table that is gone.
    fn unlist(&mut self, key: &str) {
        let listed = &mut self.ddl.schema.not_inspected;
        listed.retain(|entry| {
            entry.name.as_deref() != Some(key) || !OF_TABLES.contains(&entry.kind.as_str())
        });
    }

    /// The names of indexes are unique in their schema.
    fn drop_index(&mut self, (schema, name): (Option<String>, String)) {
        let lies_in = self.lies_in(schema);
        let all = &mut self.ddl.schema;
        let dialect = self.dialect;
        for table in all.tables.values_mut().filter(|t| lies_in(&t.schema)) {
            table
                .indexes
                .retain(|known, _| !is_same(known, &name, dialect));
        }
        for view in all.views.values_mut().filter(|v| lies_in(&v.schema)) {
            view.indexes.remove(&name);
        }
    }

    /// Whether a thing is in this schema, or, where none is named, in one of the path.
    pub(super) fn lies_in(
        &self,
        schema: Option<String>,
    ) -> impl Fn(&Option<String>) -> bool + use<> {
        let schema = match self.dialect {
            SqlDialect::Postgres => schema,
            SqlDialect::Sqlite => schema.and_then(schema_in_sqlite),
        };
        let schemas = match schema {
            Some(schema) => vec![schema],
            None => self.search_path.clone(),
        };
        move |of| {
            let key = table_key(of.as_deref(), "t");
            let mut named = schemas.iter().map(|s| table_key(Some(s), "t"));
            schemas.is_empty() && key == "t" || named.any(|named| named == key)
        }
    }

    /// The columns of the type go with it.
    fn drop_type(&mut self, key: &str, cascade: bool) {
        self.composites.remove(key);
        let all = &mut self.ddl.schema;
        let known = all.enums.remove(key).is_some() | all.domains.remove(key).is_some();
        let mut of_type = Vec::new();
        for (table, there) in all.tables.iter().filter(|_| known) {
            let columns = there.columns.iter();
            let columns = columns.filter(|c| c.data_type.trim_end_matches("[]") == key);
            of_type.extend(columns.map(|column| (table.clone(), column.name.clone())));
        }
        let over = all.domains.iter();
        let over = over.filter(|(_, domain)| domain.data_type.trim_end_matches("[]") == key);
        let over: Vec<String> = over.map(|(key, _)| key.clone()).collect();
        for (table, column) in of_type {
            self.drop_column_cascade(&table, &column, cascade);
        }
        for domain in over {
            self.drop_type(&domain, cascade);
        }
    }

    fn drop_schema(&mut self, name: &str, cascade: bool) {
        let lies_in = |schema: &Option<String>| {
            table_key(schema.as_deref(), "t") == table_key(Some(name), "t")
        };
        let tables = self.ddl.schema.tables.iter();
        let tables = tables.filter(|(_, table)| lies_in(&table.schema));
        for key in tables.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.drop_table(&key, cascade);
        }
        let views = self.ddl.schema.views.iter();
        let views = views.filter(|(_, view)| lies_in(&view.schema));
        for key in views.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.ddl.schema.views.remove(&key);
            self.drop_views_of(&key, None, cascade);
        }
        let sequences = self.ddl.schema.sequences.iter();
        let sequences = sequences.filter(|(_, s)| lies_in(&s.schema));
        for key in sequences.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.drop_sequence(&key);
        }
        let all = &mut self.ddl.schema;
        let enums = all.enums.iter().filter(|(_, e)| lies_in(&e.schema));
        let domains = all.domains.iter().filter(|(_, d)| lies_in(&d.schema));
        let types = enums.map(|(key, _)| key).chain(domains.map(|(key, _)| key));
        for key in types.cloned().collect::<Vec<_>>() {
            self.drop_type(&key, cascade);
        }
    }

    /// The same, with the views that read it.
    pub(super) fn drop_column_cascade(&mut self, key: &str, name: &str, cascade: bool) {
        let generated = self.drop_column(key, name);
        for name in std::iter::once(name.to_owned()).chain(generated) {
            self.drop_views_of(key, Some(&name), cascade);
        }
    }

    /// A constraint; with CASCADE the foreign keys that need it go, too.
    pub(super) fn drop_constraint(&mut self, key: &str, name: &str, cascade: bool) {
        let Some(table) = self.ddl.schema.tables.get_mut(key) else {
            return;
        };
        let Some(gone) = table.constraints.remove(name) else {
            return;
        };
        let is_primary = gone.kind == ConstraintKind::PrimaryKey;
        let needs = |foreign: &ConstraintSchema| {
            let same = match &foreign.references_columns {
                Some(columns) => {
                    columns.len() == gone.columns.len()
                        && columns.iter().all(|column| gone.columns.contains(column))
                }
                None => is_primary,
            };
            same && target(foreign).as_deref() == Some(key)
        };
        let is_key = is_primary || gone.kind == ConstraintKind::Unique;
        if cascade && is_key {
            for other in self.ddl.schema.tables.values_mut() {
                other.constraints.retain(|_, foreign| !needs(foreign));
            }
        }
    }

    /// A column, and those that are generated from it, which it gives; of each what belongs to it.
    pub(super) fn drop_column(&mut self, key: &str, name: &str) -> Vec<String> {
        self.drop_one_column(key, name);
        let dialect = self.dialect;
        let Some(table) = self.ddl.schema.tables.get(key) else {
            return Vec::new();
        };
        let mut before = table.clone(); // with the column, which an expression cannot name otherwise
        before.columns.push(ColumnSchema::new(
            name,
            "",
            crate::sql_type::SqlType::Other("".into()),
        ));
        let columns = table.columns.iter();
        let generated = columns.filter(|column| {
            let expression = column.generated.as_ref().map(|g| &g.expression);
            let named = expression.map(|text| columns_in(text, &before, dialect));
            dialect == SqlDialect::Postgres && named.is_some_and(|n| n.iter().any(|n| n == name))
        });
        let generated: Vec<String> = generated.map(|column| column.name.clone()).collect();
        for column in &generated {
            self.drop_one_column(key, column); // none is generated from another generated one
        }
        generated
    }

    /// A column with the keys, checks and indexes that name it, references to it, and its sequence.
    fn drop_one_column(&mut self, key: &str, name: &str) {
        let dialect = self.dialect;
        let all = &mut self.ddl.schema;
        let Some(table) = all.tables.get_mut(key) else {
            return;
        };
        let names = |text: &str, table: &TableSchema| {
            let found = columns_in(text, table, dialect);
            found.iter().any(|column| column == name)
        };
        let uses = |index: &IndexSchema, table: &TableSchema| {
            let mut keys = index.columns.iter();
            index.include.iter().any(|column| column == name)
                || index.predicate.as_deref().is_some_and(|p| names(p, table))
                || keys.any(|k| match k.is_expression {
                    true => names(&k.text, table),
                    false => k.text == name,
                })
        };
        let key_columns = table.primary_key().map(|key| key.columns.clone());
        let mut indexes = std::mem::take(&mut table.indexes);
        indexes.retain(|_, index| !uses(index, table));
        table.indexes = indexes;
        table.columns.retain(|column| column.name != name);
        self.declared.remove(&(key.to_owned(), name.to_owned()));
        table
            .constraints
            .retain(|_, constraint| !constraint.columns.iter().any(|column| column == name));
        let own = |owner: &(String, String)| owner.0 == key && owner.1 == name;
        self.drop_sequences_of(own);
        if dialect == SqlDialect::Sqlite {
            return; // references to it stay
        }
        for other in self.ddl.schema.tables.values_mut() {
            other.constraints.retain(|_, constraint| {
                // a reference without columns is to the primary key
                let to = constraint
                    .references_columns
                    .as_ref()
                    .or(key_columns.as_ref());
                let refers = to.is_some_and(|columns| columns.iter().any(|c| c == name));
                !refers || target(constraint).as_deref() != Some(key)
            });
        }
    }
}

/// Whether a query names a table where it reads from tables.
fn reads_from(query: &str, table: &str, dialect: SqlDialect) -> bool {
    const ELSEWHERE: [&str; 12] = [
        "where",
        "group",
        "order",
        "having",
        "limit",
        "window",
        "union",
        "except",
        "intersect",
        "select",
        "on",
        "values",
    ];
    let (mut reading, mut before) = (false, None::<Token<'_>>);
    for token in Lexer::of_definition(query, dialect).significant() {
        if token.is_any(&["from", "join"]) {
            reading = true;
        } else if token.is_any(&ELSEWHERE) {
            reading = false;
        } else if reading
            && token.name(dialect).as_deref() == Some(table)
            && before.is_some_and(|b| {
                b.is_any(&["from", "join", "only", "lateral"]) || matches!(b.text, "," | "." | "(")
            })
        {
            return true;
        }
        before = Some(token);
    }
    false
}

/// Whether a query names a column, or takes all there are.
fn mentions(query: &str, column: &str, dialect: SqlDialect) -> bool {
    let mut tokens = Lexer::of_definition(query, dialect).significant();
    tokens.any(|token| token.text == "*" || token.name(dialect).as_deref() == Some(column))
}

/// The key of the table that a foreign key refers to.
fn target(constraint: &ConstraintSchema) -> Option<String> {
    let table = constraint.references_table.as_deref()?;
    Some(table_key(constraint.references_schema.as_deref(), table))
}
