//! CREATE TABLE, in every form.

use super::DdlDialect;
use super::column::{self, ColumnDef};
use super::constraint::{self, TableConstraint};
use super::cursor::{Cursor, Problem, Read};
use super::lex::Lexer;
use super::naming;
use super::reader::{Qualified, Reader};
use crate::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, Identity, SequenceSchema, TableSchema,
};
use std::collections::BTreeSet;

/// A table on its way, with what must wait until all the columns are known.
struct Draft {
    table: TableSchema,
    key: String,
    constraints: Vec<ConstraintSchema>,
    sequences: Vec<(String, SequenceSchema)>,
    problems: Vec<Problem>,
    /// Whether the key is not SQLite's row number, because of `PRIMARY KEY DESC` at its column.
    descending_key: bool,
}

/// What a table takes from the one that it is LIKE.
#[derive(Default, Clone, Copy)]
struct Including {
    defaults: bool,
    generated: bool,
    identity: bool,
    constraints: bool,
    indexes: bool,
    comments: bool,
}

impl Reader<'_> {
    /// What follows `CREATE [..] TABLE`.
    pub(super) fn create_table(&mut self, c: &mut Cursor<'_>, temporary: bool) -> Read<()> {
        let optional = c.eat("if not exists");
        let start = *c;
        let (schema, name) = self.placed(c.qualified("the name of a table")?);
        let mut draft = Draft {
            key: crate::schema::table_key(schema.as_deref(), &name),
            table: TableSchema {
                schema,
                name,
                ..TableSchema::default()
            },
            constraints: Vec::new(),
            sequences: Vec::new(),
            problems: Vec::new(),
            descending_key: false,
        };
        let key = draft.key.clone();
        if temporary {
            self.note_at(&start, &format!("temporary tables are not read: `{key}`"));
            return Ok(());
        }
        if let Err(problem) = self.body(c, &mut draft) {
            draft.problems.push(problem);
        }
        if self.ddl.schema.tables.contains_key(&key) {
            if !optional {
                self.note_at(
                    &start,
                    &format!("table `{key}` is there already: the first one counts"),
                );
            }
            return Ok(());
        }
        self.remember(
            &key,
            None,
            &start.part(start.at.saturating_sub(1), start.at),
        );
        self.finish(draft);
        Ok(())
    }

    fn finish(&mut self, draft: Draft) {
        let Draft {
            mut table,
            key,
            constraints,
            sequences,
            problems,
            descending_key,
        } = draft;
        for constraint in constraints {
            self.add_constraint(&mut table, constraint);
        }
        if self.dialect == DdlDialect::Sqlite && !descending_key {
            number_rows(&mut table);
        }
        if problems.is_empty() {
            self.ddl.schema.tables.insert(key, table);
            self.ddl.schema.sequences.extend(sequences);
            return;
        }
        for problem in problems {
            self.error(problem, Some(&key));
        }
    }

    /// Adds a constraint, with its name, and of a check the columns that it names.
    pub(super) fn add_constraint(&self, table: &mut TableSchema, mut new: ConstraintSchema) {
        if let (ConstraintKind::Check, Some(expression)) = (new.kind, &new.expression) {
            new.columns = columns_in(expression, table, self.dialect);
        }
        naming::add_constraint(table, new);
    }

    fn body(&mut self, c: &mut Cursor<'_>, draft: &mut Draft) -> Read<()> {
        if c.eat("partition of") {
            let parent = c.qualified("the partitioned table")?;
            let parent = self.inherit(c, draft, parent);
            draft.table.partition_of = Some(parent);
            self.refinements(c, draft)?;
            draft.table.partition_bound = Some(bound(c)?);
        } else if c.eat("of") {
            let type_name = c.qualified("the name of a type")?;
            let key = self.key_of(type_name);
            match self.composites.get(&key) {
                Some(columns) => draft.table.columns.clone_from(columns),
                None => self.note_at(c, &format!("the columns of type `{key}` are not known")),
            }
            self.refinements(c, draft)?;
        } else if c.is_symbol('(') {
            let inside = c.parentheses("")?;
            for mut element in inside.commas() {
                if let Err(problem) = self.element(&mut element, draft) {
                    draft.problems.push(problem);
                }
            }
        } else if c.is("as") {
            // the tail tells what that means
        } else {
            return Err(c.unexpected("`(` after the table's name"));
        }
        self.tail(c, draft)
    }

    /// One part between commas.
    fn element(&mut self, c: &mut Cursor<'_>, draft: &mut Draft) -> Read<()> {
        if c.is_done() {
            return Err(c.problem(
                "expected a column or a constraint, found nothing; hint: is a `,` too many here?",
            ));
        }
        if c.eat("like") {
            return self.like(c, draft);
        }
        while constraint::starts(c) {
            self.constraint_element(c, draft)?;
            if c.is_done() || c.is_postgres() {
                break; // SQLite needs no comma between constraints
            }
        }
        if c.at > 0 {
            return match c.is_done() {
                true => Ok(()),
                false => Err(c.unexpected("`,` or `)` after the constraint")),
            };
        }
        let whole = *c;
        let def = column::definition(c)?;
        let name = def.column.name.clone();
        self.remember(&draft.key, Some(&name), &whole);
        self.add_column(def, draft, &whole)
    }

    fn constraint_element(&mut self, c: &mut Cursor<'_>, draft: &mut Draft) -> Read<()> {
        let start = *c;
        match constraint::of_table(c)? {
            TableConstraint::Constraint(new) => {
                for column in new
                    .columns
                    .iter()
                    .filter(|_| new.kind != ConstraintKind::Exclude)
                {
                    if draft.table.column(column).is_none() && draft.table.inherits.is_empty() {
                        draft.unknown(&start, &new, column);
                    }
                }
                draft.constraints.push(new);
            }
            TableConstraint::NotNull(column) => {
                if let Some(column) = draft.table.column_mut(&column) {
                    column.nullable = false;
                }
            }
            TableConstraint::FromIndex(..) => {
                return Err(start.problem("`USING INDEX` needs an index, and a new table has none"));
            }
        }
        Ok(())
    }

    fn add_column(&mut self, def: ColumnDef, draft: &mut Draft, at: &Cursor<'_>) -> Read<()> {
        let name = def.column.name.clone();
        if draft.table.column(&name).is_some() {
            return Err(at.problem(format!("column `{name}` is given twice")));
        }
        let def = finished(def, &draft.table, &mut draft.sequences);
        draft.descending_key |= def.descending_key;
        draft.table.columns.push(def.column);
        draft.constraints.extend(def.constraints);
        Ok(())
    }

    /// `(column options, constraint, ..)` of a partition or a typed table.
    fn refinements(&mut self, c: &mut Cursor<'_>, draft: &mut Draft) -> Read<()> {
        if !c.is_symbol('(') {
            return Ok(());
        }
        for mut element in c.parentheses("")?.commas() {
            if constraint::starts(&element) {
                self.constraint_element(&mut element, draft)?;
                continue;
            }
            if draft.table.columns.is_empty() {
                continue; // the parent is not known, and a note says so
            }
            let def = column::options_alone(&mut element, &draft.table.columns)?;
            if let Some(column) = draft.table.column_mut(&def.column.name) {
                *column = def.column;
            }
            draft.constraints.extend(def.constraints);
        }
        Ok(())
    }

    /// Takes over the columns and checks of a parent; returns its key.
    fn inherit(&mut self, c: &Cursor<'_>, draft: &mut Draft, parent: Qualified) -> String {
        let key = self.key_of(parent);
        let Some(parent) = self.ddl.schema.tables.get(&key) else {
            if !self.is_broken(&key) {
                self.note_at(
                    c,
                    &format!(
                        "the columns of `{key}` are not known: this file does not create it before"
                    ),
                );
            }
            return key;
        };
        let own = std::mem::take(&mut draft.table.columns);
        draft.table.columns.clone_from(&parent.columns);
        for column in own {
            match draft.table.column_mut(&column.name) {
                Some(there) => *there = column,
                None => draft.table.columns.push(column),
            }
        }
        let checks = parent.checks().filter(|check| !check.no_inherit).cloned();
        draft.constraints.extend(checks);
        key
    }

    fn like(&mut self, c: &mut Cursor<'_>, draft: &mut Draft) -> Read<()> {
        let name = c.qualified("the name of a table after `LIKE`")?;
        let key = self.key_of(name);
        let mut including = Including::default();
        while c.is("including") || c.is("excluding") {
            including.read(c.is("including"), c.word(1));
            c.at += 2;
        }
        if !c.is_done() {
            return Err(c.unexpected("`INCLUDING` or `EXCLUDING`"));
        }
        let Some(other) = self.ddl.schema.tables.get(&key) else {
            if !self.is_broken(&key) {
                self.note_at(
                    c,
                    &format!(
                        "the columns of `{key}` are not known: this file does not create it before"
                    ),
                );
            }
            return Ok(());
        };
        draft
            .table
            .columns
            .extend(other.columns.iter().map(|column| including.column(column)));
        for constraint in other.constraints.values() {
            let is_key = matches!(
                constraint.kind,
                ConstraintKind::PrimaryKey | ConstraintKind::Unique | ConstraintKind::Exclude
            );
            let wanted = is_key && including.indexes
                || constraint.kind == ConstraintKind::Check && including.constraints;
            if wanted {
                let mut copy = constraint.clone();
                if is_key {
                    copy.name.clear(); // the names of indexes are unique, so new ones are chosen
                }
                draft.constraints.push(copy);
            }
        }
        if including.indexes {
            let indexes: Vec<_> = other.indexes.values().cloned().collect();
            for mut index in indexes {
                index.name.clear();
                naming::add_index(&mut draft.table, index);
            }
        }
        Ok(())
    }

    /// What follows the columns.
    fn tail(&mut self, c: &mut Cursor<'_>, draft: &mut Draft) -> Read<()> {
        while !c.is_done() {
            if c.eat("inherits") {
                for mut parent in c.parentheses("after `INHERITS`")?.commas() {
                    let parent = parent.qualified("the name of a table")?;
                    let parent = self.inherit(c, draft, parent);
                    draft.table.inherits.push(parent);
                }
            } else if c.eat("partition by") {
                let how = c.until(|c| c.is_any(&["using", "with", "without", "tablespace", "on"]));
                draft.table.partition_by = Some(upper_first(&how.sql()));
            } else if c.eat("without rowid") {
                draft.table.without_rowid = true;
            } else if !c.is_postgres() && c.eat("strict") {
                draft.table.strict = true;
            } else if c.eat("as") {
                self.columns_of_query(c, draft);
                return Ok(());
            } else if !storage(c)? {
                return self.after_end(c, draft);
            }
        }
        Ok(())
    }

    fn columns_of_query(&mut self, c: &Cursor<'_>, draft: &mut Draft) {
        let key = &draft.key;
        self.note_at(
            c,
            &format!("the columns of `{key}` are those of a query, which is not read"),
        );
        self.ddl
            .schema
            .not_inspected
            .push(crate::schema::NotInspected {
                kind: "table".into(),
                name: Some(key.clone()),
                reason: "its columns are those of a query".into(),
            });
    }

    /// Something that does not belong to the table, above all the next statement.
    fn after_end(&mut self, c: &Cursor<'_>, draft: &mut Draft) -> Read<()> {
        let next = [
            "create", "alter", "comment", "insert", "drop", "grant", "set",
        ];
        if !c.is_any(&next) {
            return Err(c.unexpected("`;` after the table"));
        }
        self.resume = Some(c.at);
        let key = draft.key.clone();
        self.error(c.unexpected(&format!("`;` after table `{key}`")), None);
        Ok(())
    }
}

impl Draft {
    /// A column that a constraint names and the table lacks; in SQLite a string may be meant.
    fn unknown(&mut self, c: &Cursor<'_>, constraint: &ConstraintSchema, column: &str) {
        let names = self.table.columns.iter().map(|c| c.name.as_str());
        let hint = crate::suggest::closest(column, names);
        let is_same = hint.is_some_and(|h| h.eq_ignore_ascii_case(column));
        if !c.is_postgres() && is_same {
            return;
        }
        let hint = hint
            .map(|h| format!("; hint: did you mean `{h}`?"))
            .unwrap_or_default();
        let kind = constraint.kind;
        self.problems.push(c.problem(format!(
            "this {kind} names column `{column}`, which is not above it{hint}"
        )));
    }
}

/// The column with what its table decides: the sequence of a serial, SQLite's row number.
pub(super) fn finished(
    mut def: ColumnDef,
    table: &TableSchema,
    sequences: &mut Vec<(String, SequenceSchema)>,
) -> ColumnDef {
    if !def.serial {
        return def;
    }
    let name = naming::object_name(&table.name, &def.column.name, "seq");
    let full = crate::TableName {
        schema: table.schema.clone(),
        name: name.clone(),
    };
    def.column.default = Some(format!(
        "nextval('{}'::regclass)",
        full.to_string().replace('\'', "''")
    ));
    let sequence = SequenceSchema {
        schema: table.schema.clone(),
        data_type: def.column.data_type.clone(),
        owned_by: Some((table.key(), def.column.name.clone())),
        name,
        ..SequenceSchema::default()
    };
    let key = crate::schema::table_key(sequence.schema.as_deref(), &sequence.name);
    sequences.push((key, sequence));
    def
}

impl Including {
    fn read(&mut self, on: bool, what: &str) {
        match what.to_ascii_lowercase().as_str() {
            "all" => {
                *self = Including {
                    defaults: on,
                    generated: on,
                    identity: on,
                    constraints: on,
                    indexes: on,
                    comments: on,
                }
            }
            "defaults" => self.defaults = on,
            "generated" => self.generated = on,
            "identity" => self.identity = on,
            "constraints" => self.constraints = on,
            "indexes" => self.indexes = on,
            "comments" => self.comments = on,
            _ => {}
        }
    }

    fn column(self, other: &ColumnSchema) -> ColumnSchema {
        let mut column = other.clone();
        column.default = column.default.filter(|_| self.defaults);
        column.generated = column.generated.filter(|_| self.generated);
        column.identity = column.identity.filter(|_: &Identity| self.identity);
        column.comment = column.comment.filter(|_| self.comments);
        column
    }
}

/// SQLite numbers the rows by a key of the one column that is `INTEGER`.
fn number_rows(table: &mut TableSchema) {
    let key = table.primary_key().filter(|_| !table.without_rowid);
    let columns = key.map(|k| k.columns.clone()).unwrap_or_default();
    let [name] = columns.as_slice() else {
        return;
    };
    let column = table.column_mut(name);
    if let Some(column) = column.filter(|c| c.data_type.eq_ignore_ascii_case("integer")) {
        column.identity = Some(Identity::ByDefault);
    }
}

/// Which rows a partition holds.
pub(super) fn bound(c: &mut Cursor<'_>) -> Read<String> {
    if c.eat("default") {
        return Ok("DEFAULT".to_owned());
    }
    if !(c.is("for") && c.is_at(1, "values")) {
        return Err(c.unexpected("`FOR VALUES` or `DEFAULT`"));
    }
    let stop = ["partition", "using", "tablespace"];
    let start = c.at;
    c.at += 2;
    if c.eat("with") {
        c.parentheses("after `WITH`")?;
    } else {
        c.until(|c| c.is_any(&stop) || c.is("with"));
    }
    Ok(c.part(start, c.at).sql())
}

/// Clauses that say where and how the rows are kept.
fn storage(c: &mut Cursor<'_>) -> Read<bool> {
    if c.eat("with oids") || c.eat("without oids") || c.eat_symbol(',') {
        return Ok(true);
    }
    if c.eat("with") || c.eat("options") {
        c.parentheses("after `WITH`")?;
    } else if c.eat("using") || c.eat("tablespace") || c.eat("server") {
        c.name("a name")?;
    } else if c.eat("on commit") {
        let known = c.eat("drop") || c.eat("delete rows") || c.eat("preserve rows");
        return match known {
            true => Ok(true),
            false => Err(c.unexpected("`DROP`, `DELETE ROWS` or `PRESERVE ROWS`")),
        };
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn upper_first(text: &str) -> String {
    let end = text
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    format!("{}{rest}", word.to_ascii_uppercase())
}

/// The table's columns that an expression names, in its order.
fn columns_in(expression: &str, table: &TableSchema, dialect: DdlDialect) -> Vec<String> {
    let mut lexer = Lexer::new(expression, dialect);
    let mut tokens = Vec::new();
    while let Ok(Some(token)) = lexer.next() {
        tokens.push(token);
    }
    let mut c = Cursor::new(expression, &tokens, dialect);
    let mut found: Vec<String> = Vec::new();
    let known: BTreeSet<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
    while !c.is_done() {
        let before = c.at;
        match c.name("a column") {
            Ok(name) if known.contains(name.as_str()) && !c.is_symbol('(') => {
                if !found.contains(&name) {
                    found.push(name);
                }
            }
            _ => c.at = before + 1,
        }
    }
    found
}
