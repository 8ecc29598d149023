//! CREATE of anything, and COMMENT: enums, domains, sequences and views are read here.

use super::cursor::{Cursor, Read};
use super::path::{TEMP, temporary_key};
use super::reader::Reader;
use super::{column, constraint, naming, types, view};
use crate::TableName;
use crate::lexer::Kind;
use crate::schema::{DomainSchema, EnumSchema, NotInspected, ViewSchema, table_key};

/// Kinds that are worth a note when they are passed over: the words, and what to call them.
const NOT_READ: [(&str, &str); 23] = [
    ("foreign table", "foreign table"),
    ("function", "function"),
    ("procedure", "procedure"),
    ("aggregate", "aggregate"),
    ("trigger", "trigger"),
    ("constraint trigger", "trigger"),
    ("event trigger", "event trigger"),
    ("policy", "policy"),
    ("rule", "rule"),
    ("operator", "operator"),
    ("cast", "cast"),
    ("statistics", "statistics object"),
    ("publication", "publication"),
    ("subscription", "subscription"),
    ("text search", "text search object"),
    ("transform", "transform"),
    ("virtual table", "virtual table"),
    ("conversion", "conversion"),
    ("collation", "collation"),
    ("language", "language"),
    ("access method", "access method"),
    ("foreign data wrapper", "foreign data wrapper"),
    ("server", "foreign server"),
];

/// Those of them that expressions and columns name.
const OF_OTHERS: [&str; 8] = [
    "aggregate",
    "collation",
    "foreign table",
    "function",
    "operator",
    "operator class",
    "procedure",
    "text search object",
];

/// Kinds that do not belong to a database's schema, but to the server.
const OUTSIDE: [&str; 5] = ["role", "user", "group", "database", "tablespace"];

impl Reader<'_> {
    /// What follows `CREATE`.
    pub(super) fn create(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        c.eat("or replace");
        let _ = c.eat("global") || c.eat("local");
        let temporary = c.eat("temporary") || c.eat("temp");
        let unlogged = c.eat("unlogged");
        if c.eat("table") {
            return self.create_table(c, temporary, unlogged);
        }
        if c.eat("unique index") {
            return self.create_index(c, true);
        }
        if c.eat("index") {
            return self.create_index(c, false);
        }
        if temporary {
            if !c.is_postgres() && c.eat("view") {
                c.eat("if not exists");
                let (_, name) = c.qualified("the name of a view")?;
                self.temporary.insert(temporary_key(&name));
            }
            return Ok(());
        }
        if c.eat("schema") {
            return self.create_schema(c);
        }
        if c.eat("extension") {
            return self.create_extension(c);
        }
        if c.eat("type") {
            return self.create_type(c);
        }
        if c.eat("domain") {
            return self.create_domain(c);
        }
        if c.eat("sequence") {
            return self.create_sequence(c, unlogged);
        }
        let materialized = c.eat("materialized");
        let recursive = c.eat("recursive");
        if c.eat("view") {
            return self.create_view(c, materialized, recursive);
        }
        let start = *c;
        let found = NOT_READ.iter().find(|(words, _)| c.eat(words));
        if let Some((_, kind)) = found {
            if *kind == "text search object" {
                c.next(); // which of them it is
            }
            let of_class = *kind == "operator" && (c.eat("class") || c.eat("family"));
            c.eat("if not exists");
            let name = match *kind == "operator" && !of_class {
                true => operator(c),
                false => c.qualified("a name").ok(),
            };
            let kind = match of_class {
                true => &"operator class",
                false => kind,
            };
            if let ("virtual table", Some((_, name)), true) = (*kind, &name, c.eat("using")) {
                let module = c.name("a module").unwrap_or_default();
                self.virtual_tables.push((name.clone(), module));
            }
            let name = name.map(|n| self.key_of(n));
            self.not_read(&start, kind, name.as_deref());
            if OF_OTHERS.contains(kind) {
                self.list_by_name(kind, name);
            }
        } else if !c.is_any(&OUTSIDE) {
            self.unknown_statement(c, &format!("CREATE {}", c.word(0).to_uppercase()));
        }
        Ok(())
    }

    /// Its name is compared; what belongs to it is not in the schema.
    fn create_extension(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        c.eat("if not exists");
        let name = c.name("the name of an extension")?;
        if name == "plpgsql" {
            return Ok(()); // which every database has
        }
        let entry = NotInspected {
            kind: "extension".to_owned(),
            name: Some(table_key(None, &name)),
            reason: "what belongs to it is its own".to_owned(),
        };
        if !self.ddl.schema.not_inspected.contains(&entry) {
            self.ddl.schema.not_inspected.push(entry);
        }
        Ok(())
    }

    fn create_type(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        let start = *c;
        let name = c.qualified("the name of a type")?;
        let (schema, name) = self.placed(name);
        let key = table_key(schema.as_deref(), &name);
        if c.eat("as enum") {
            let mut values = Vec::new();
            for mut value in c.parentheses("after `ENUM`")?.commas() {
                let text = value.string();
                values.push(text.ok_or_else(|| value.unexpected("a value in single quotes"))?);
            }
            self.ddl.schema.enums.insert(
                key,
                EnumSchema {
                    schema,
                    name,
                    values,
                    comment: None,
                },
            );
            return Ok(());
        }
        if c.eat("as") && c.is_symbol('(') {
            let parts = c.parentheses("")?.commas();
            let columns = parts.into_iter().map(|mut c| column::definition(&mut c));
            let columns: Read<Vec<_>> = columns.map(|def| Ok(def?.column)).collect();
            self.composites.insert(key.clone(), columns?);
            self.not_read(&start, "composite type", Some(&key));
            self.list_by_name("composite type", Some(key));
        } else if !c.is_done() {
            let kind = if c.is("range") {
                "range type"
            } else {
                "base type"
            };
            self.not_read(&start, kind, Some(&key));
            self.list_by_name(kind, Some(key));
        }
        Ok(())
    }

    fn create_domain(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        let name = c.qualified("the name of a domain")?;
        let (schema, name) = self.placed(name);
        c.eat("as");
        let data_type = types::read(c)?.text;
        let data_type = self.placed_type(&data_type).unwrap_or(data_type);
        let beneath = TableName::parse(&data_type).ok();
        let beneath = beneath.map(|base| self.key_of((base.schema, base.name)));
        let beneath = beneath.and_then(|key| self.ddl.schema.domains.get(&key));
        let mut domain = DomainSchema {
            default: beneath.and_then(|base| base.default.clone()), // the one thing it takes over
            data_type,
            schema,
            name,
            ..DomainSchema::default()
        };
        while !c.is_done() {
            let name = match c.eat("constraint") {
                true => c.name("the name of a constraint")?,
                false => String::new(),
            };
            if c.eat("not null") {
                domain.not_null = true;
            } else if c.eat("null") {
                domain.not_null = false;
            } else if c.eat("default") {
                domain.default = column::default(c)?;
            } else if c.eat("collate") {
                domain.collation = Some(c.qualified("a collation")?.1);
            } else if c.eat("check") {
                let expression = constraint::expression(c, "after `CHECK`")?;
                c.eat("not valid");
                domain.checks.insert(check_name(&domain, name), expression);
            } else {
                return Err(
                    c.unexpected("`NOT NULL`, `DEFAULT`, `COLLATE` or `CHECK` in the domain")
                );
            }
        }
        let key = table_key(domain.schema.as_deref(), &domain.name);
        self.ddl.schema.domains.insert(key, domain);
        Ok(())
    }

    /// `[schema.]table.column` as the key of the table, and the column.
    pub(super) fn column_of_table(&self, c: &mut Cursor<'_>) -> Read<Option<(String, String)>> {
        let mut parts = vec![c.name("a column")?];
        while c.eat_symbol('.') {
            parts.push(c.name("a column")?);
        }
        let (column, table, schema) = (parts.pop(), parts.pop(), parts.pop());
        let Some((column, table)) = column.zip(table) else {
            return Ok(None);
        };
        Ok(Some((self.key_of((schema, table)), column)))
    }

    fn create_view(&mut self, c: &mut Cursor<'_>, materialized: bool, recursive: bool) -> Read<()> {
        c.eat("if not exists");
        let start = *c;
        let name = c.qualified("the name of a view")?;
        let (schema, name) = self.placed(name);
        let key = table_key(schema.as_deref(), &name);
        if let Some(schema) = schema.as_ref().filter(|_| !c.is_postgres()) {
            match schema == TEMP {
                true => _ = self.temporary.insert(temporary_key(&name)),
                false => self.list_attached(&start, "view", &key),
            }
            return Ok(());
        }
        let is_there = self
            .ddl
            .schema
            .views
            .contains_key(&self.known_key(key.clone()));
        if is_there && !c.is_postgres() {
            return Ok(()); // the first one counts
        }
        let column_names = view::column_names(c);
        let mut options = view::options(c);
        c.until(|c| c.is("as"));
        c.eat("as");
        let query = c.until(|c| {
            c.is("with") && (c.is_at(1, "no") && c.is_at(2, "data") || c.is_at(1, "data"))
                || view::starts_check_option(c)
        });
        options.extend(view::check_option(c));
        options.sort();
        self.remember_calls_of_view(&name, query);
        let mut view = ViewSchema {
            schema,
            name,
            materialized,
            definition: (!query.is_done()).then(|| query.sql()),
            column_names,
            options: if materialized { Vec::new() } else { options },
            ..ViewSchema::default()
        };
        if recursive {
            view::unroll(&mut view);
        }
        self.ddl.schema.views.insert(key, view);
        Ok(())
    }

    /// `COMMENT ON kind name IS 'text'`
    pub(super) fn comment(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        if !c.eat("comment on") {
            return Ok(());
        }
        if c.eat("column") {
            let column = self.column_of_table(c)?;
            let text = comment_text(c);
            let schema = &mut self.ddl.schema;
            if let Some((table, column)) = column
                && let Some(column) = schema
                    .tables
                    .get_mut(&table)
                    .and_then(|t| t.column_mut(&column))
            {
                column.comment = text;
            }
            return Ok(());
        }
        if c.eat("constraint") {
            let name = c.name("the name of a constraint")?;
            c.expect("on", "after the constraint's name")?;
            c.eat("domain");
            let table = c.qualified("the name of a table")?;
            let key = self.key_of(table);
            let table = self.ddl.schema.tables.get_mut(&key);
            if let Some(constraint) = table.and_then(|t| t.constraints.get_mut(&name)) {
                constraint.comment = comment_text(c);
            }
            return Ok(());
        }
        self.comment_on_object(c)
    }

    fn comment_on_object(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        let mut kind = c.word(0).to_ascii_lowercase();
        c.next();
        if kind == "materialized" {
            c.eat("view");
            kind = "view".to_owned();
        }
        if !["table", "index", "type", "domain", "sequence", "view"].contains(&kind.as_str()) {
            return Ok(());
        }
        let name = c.qualified("a name")?;
        let key = self.key_of(name.clone());
        let (schema, name) = self.placed(name);
        let text = comment_text(c);
        let all = &mut self.ddl.schema;
        let place = match kind.as_str() {
            "table" => all.tables.get_mut(&key).map(|t| &mut t.comment),
            "type" => all.enums.get_mut(&key).map(|t| &mut t.comment),
            "domain" => all.domains.get_mut(&key).map(|t| &mut t.comment),
            "sequence" => all.sequences.get_mut(&key).map(|t| &mut t.comment),
            "view" => all.views.get_mut(&key).map(|t| &mut t.comment),
            _ => {
                let mut tables = all.tables.values_mut().filter(|t| t.schema == schema);
                tables
                    .find_map(|t| t.indexes.get_mut(&name))
                    .map(|i| &mut i.comment)
            }
        };
        if let Some(place) = place {
            *place = text;
        }
        Ok(())
    }
}

/// `schema.===`
fn operator(c: &mut Cursor<'_>) -> Option<(Option<String>, String)> {
    let mut schema = None;
    while let Some(name) = c.peek().and_then(|token| token.name(c.dialect)) {
        c.next();
        c.eat_symbol('.').then_some(())?;
        schema = Some(name);
    }
    let token = c.next().filter(|token| token.kind == Kind::Operator)?;
    Some((schema, token.text.to_owned()))
}

fn comment_text(c: &mut Cursor<'_>) -> Option<String> {
    c.eat("is");
    c.string()
}

pub(super) fn check_name(domain: &DomainSchema, given: String) -> String {
    if !given.is_empty() {
        return given;
    }
    let number = domain.checks.len();
    let label = match number {
        0 => "check".to_owned(),
        n => format!("check{n}"),
    };
    naming::object_name(&domain.name, "", &label)
}
