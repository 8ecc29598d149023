//! CREATE TABLE, in every form.

use super::SqlDialect;
use super::chosen::For;
use super::column::{self, ColumnDef};
use super::constraint::{self, TableConstraint};
use super::cursor::{Cursor, Problem, Read};
use super::naming;
use super::path::{TEMP, own_column, temporary_key};
use super::reader::Reader;
use super::resolve;
use super::types::quoted_where_needed;
use super::{merged, shadow};
use crate::lexer::{Lexer, Token};
use crate::schema::{
    ColumnSchema, ConstraintKind, ConstraintSchema, Identity, NotInspected, SequenceSchema,
    TableSchema,
};
use std::collections::BTreeSet;

/// A table on its way, with what must wait until all the columns are known.
pub(super) struct Draft {
    pub(super) table: TableSchema,
    pub(super) key: String,
    pub(super) constraints: Vec<ConstraintSchema>,
    pub(super) sequences: Vec<(String, SequenceSchema)>,
    pub(super) problems: Vec<Problem>,
    /// How many of the columns, the first ones, come from parents.
    pub(super) inherited: usize,
    /// Those that a table which inherits has by itself.
    pub(super) declared: Vec<String>,
    /// Whether the key is not SQLite's row number, because of `PRIMARY KEY DESC` at its column.
    pub(super) descending_key: bool,
}

impl Reader<'_> {
    /// What follows `CREATE [..] TABLE`.
    pub(super) fn create_table(
        &mut self,
        c: &mut Cursor<'_>,
        temporary: bool,
        unlogged: bool,
    ) -> Read<()> {
        let optional = c.eat("if not exists");
        let start = *c;
        let (schema, name) = self.placed(c.qualified("the name of a table")?);
        if !c.is_postgres() && shadow::is_own(&name) {
            return Ok(());
        }
        let named = start.part(start.at, c.at);
        let mut draft = Draft {
            key: crate::schema::table_key(schema.as_deref(), &name),
            table: TableSchema {
                schema,
                name,
                unlogged,
                ..TableSchema::default()
            },
            constraints: Vec::new(),
            sequences: Vec::new(),
            problems: Vec::new(),
            inherited: 0,
            declared: Vec::new(),
            descending_key: false,
        };
        let schema = draft.table.schema.clone().filter(|_| !c.is_postgres());
        if temporary || schema.as_deref() == Some(TEMP) {
            let key = match c.is_postgres() {
                true => draft.key,
                false => temporary_key(&draft.table.name),
            };
            self.note_at(&start, &format!("temporary tables are not read: `{key}`"));
            self.temporary.insert(key);
            return Ok(());
        }
        if schema.is_some() {
            self.list_attached(&start, "table", &draft.key);
            return Ok(());
        }
        let key = self.known_key(draft.key.clone());
        if let Err(problem) = self.body(c, &mut draft) {
            draft.problems.push(problem);
        }
        if self.is_broken(&key) {
            return Ok(()); // half a table stays out of the schema, whatever follows
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
        self.remember(&key, None, &named);
        self.finish(draft);
        Ok(())
    }

    fn finish(&mut self, mut draft: Draft) {
        merged::without_twins(&mut draft, self.dialect);
        for column in draft.table.columns.iter_mut().skip(draft.inherited) {
            self.place_type(column);
        }
        let Draft {
            mut table,
            key,
            constraints,
            sequences,
            problems,
            descending_key,
            inherited: _,
            declared,
        } = draft;
        for constraint in constraints {
            self.add_constraint(&mut table, constraint);
        }
        match self.dialect {
            SqlDialect::Postgres => {
                all_valid(&mut table);
                resolve::not_null(&mut table); // now: children inherit it
            }
            SqlDialect::Sqlite => {
                own_collations(&mut table);
                if !descending_key {
                    number_rows(&mut table);
                }
            }
        }
        if problems.is_empty() {
            let declared = declared.into_iter().map(|column| (key.clone(), column));
            self.declared.extend(declared);
            self.ddl.schema.tables.insert(key, table);
            self.ddl.schema.sequences.extend(sequences);
            return;
        }
        for problem in problems {
            self.error(problem, Some(&key));
        }
    }

    /// Adds a constraint, with its name, and of a check the columns that it names.
    pub(super) fn add_constraint(&mut self, table: &mut TableSchema, mut new: ConstraintSchema) {
        self.place_target(table, &mut new);
        if let (ConstraintKind::Check, Some(expression)) = (new.kind, &new.expression) {
            new.columns = columns_in(expression, table, self.dialect);
        }
        let (own, what) = (
            (table.schema.clone(), table.name.clone()),
            For::of(new.kind),
        );
        let name = naming::add_beside(table, new, |name| self.is_taken(&own, name, what));
        self.had.insert(name);
    }

    fn body(&mut self, c: &mut Cursor<'_>, draft: &mut Draft) -> Read<()> {
        if c.eat("partition of") {
            let parent = c.qualified("the partitioned table")?;
            let parent = self.inherit(c, draft, parent, true);
            draft.table.partition_of = Some(parent);
            self.refinements(c, draft)?;
            draft.table.partition_bound = Some(bound(c)?);
        } else if c.eat("of") {
            let type_name = c.qualified("the name of a type")?;
            let key = self.key_of(type_name);
            match self.composites.get(&key) {
                Some(columns) => draft.table.columns.clone_from(columns),
                None => self.unknown_columns(c, &draft.key, &key),
            }
            self.refinements(c, draft)?;
        } else if c.is_symbol('(') {
            let inside = c.parentheses("")?;
            let mut rest = *c;
            // not through statements that no semicolon parts from this one
            rest.until(|c| c.is("as") || c.is("create"));
            if c.is_postgres() && rest.is("as") {
                return self.tail(c, draft); // names alone: the query has the types
            }
            // a constraint may stand before the columns that it names
            let elements = inside.commas().into_iter();
            let (columns, rest): (Vec<_>, Vec<_>) = elements.partition(|e| !constraint::starts(e));
            for mut element in columns.into_iter().chain(rest) {
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
            let problem = c.problem("expected a column or a constraint, found nothing");
            return Err(problem.hint("is a `,` too many here?"));
        }
        if c.is_postgres() && c.eat("like") {
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
        draft.table.autoincrement |= constraint::counts_on(start);
        match constraint::of_table(c)? {
            TableConstraint::Constraint(mut new) => {
                for column in &mut new.columns {
                    *column = own_column(&draft.table, std::mem::take(column), self.dialect);
                }
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
            TableConstraint::NotNull(new) => {
                if let Some(column) = draft.table.column_mut(&new.column) {
                    new.put_on(column);
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
        let own = own_column(&draft.table, name.clone(), self.dialect);
        if draft.table.column(&own).is_some() {
            return Err(at.problem(format!("column `{name}` is given twice")));
        }
        let def = self.finished(def, &draft.table, &mut draft.sequences);
        draft.descending_key |= def.descending_key;
        draft.table.autoincrement |= def.autoincrement;
        draft.table.columns.push(def.column);
        draft.constraints.extend(def.constraints);
        Ok(())
    }

    /// The column with what its table decides: the sequence of a serial, SQLite's row number.
    pub(super) fn finished(
        &self,
        mut def: ColumnDef,
        table: &TableSchema,
        sequences: &mut Vec<(String, SequenceSchema)>,
    ) -> ColumnDef {
        if !def.serial {
            return def;
        }
        let own = (table.schema.clone(), table.name.clone());
        let key = |name: &str| crate::schema::table_key(table.schema.as_deref(), name);
        let name = naming::first_free((&table.name, &def.column.name), "seq", |name| {
            let is_new = sequences.iter().any(|(known, _)| *known == key(name));
            is_new || self.is_taken(&own, name, For::Relation)
        });
        let parts = table.schema.iter().chain([&name]);
        let parts: Vec<String> = parts.map(|part| quoted_where_needed(part)).collect();
        let full = parts.join(".").replace('\'', "''");
        def.column.default = Some(format!("nextval('{full}'::regclass)"));
        let sequence = SequenceSchema {
            schema: table.schema.clone(),
            data_type: def.column.data_type.clone(),
            owned_by: Some((table.key(), def.column.name.clone())),
            unlogged: table.unlogged,
            name,
            ..SequenceSchema::default()
        };
        sequences.push((key(&sequence.name), sequence));
        def
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

    /// What follows the columns.
    fn tail(&mut self, c: &mut Cursor<'_>, draft: &mut Draft) -> Read<()> {
        while !c.is_done() {
            if c.eat("inherits") {
                for mut parent in c.parentheses("after `INHERITS`")?.commas() {
                    let parent = parent.qualified("the name of a table")?;
                    let parent = self.inherit(c, draft, parent, false);
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
        self.ddl.schema.not_inspected.push(NotInspected {
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
        let kind = constraint.kind;
        let problem = c.problem(format!(
            "this {kind} names column `{column}`, which is not above it"
        ));
        self.problems.push(match hint {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem,
        });
    }
}

/// A new table has no rows that could break a rule, wherever it has the rule from: NOT VALID has no effect.
fn all_valid(table: &mut TableSchema) {
    for constraint in table.constraints.values_mut() {
        constraint.not_valid = false;
    }
    for column in &mut table.columns {
        column.nullable &= !column.not_null_not_valid;
        column.not_null_not_valid = false;
    }
}

/// Keeps of the collations of keys those that are not the columns' own.
fn own_collations(table: &mut TableSchema) {
    let columns = &table.columns;
    let usual = |name: &str| {
        let column = columns.iter().find(|c| c.name.eq_ignore_ascii_case(name));
        column
            .and_then(|column| column.collation.as_deref())
            .unwrap_or("binary")
    };
    for constraint in table.constraints.values_mut() {
        let spelled = |name: String| own_name(columns, name);
        constraint.collations = std::mem::take(&mut constraint.collations)
            .into_iter()
            .filter(|(column, collation)| !collation.eq_ignore_ascii_case(usual(column)))
            .map(|(column, collation)| (spelled(column), collation))
            .collect();
    }
}

/// The name of a column as its table spells it.
fn own_name(columns: &[ColumnSchema], name: String) -> String {
    let mut columns = columns.iter();
    let found = columns.find(|column| column.name.eq_ignore_ascii_case(&name));
    found.map(|column| column.name.clone()).unwrap_or(name)
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
pub(super) fn columns_in(
    expression: &str,
    table: &TableSchema,
    dialect: SqlDialect,
) -> Vec<String> {
    let lexer = Lexer::of_definition(expression, dialect);
    let tokens: Vec<Token<'_>> = lexer.significant().collect();
    let mut c = Cursor::new(expression, &tokens, dialect);
    let mut found: Vec<String> = Vec::new();
    let known: BTreeSet<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
    while !c.is_done() {
        let before = c.at;
        let name = c.name("a column");
        match name.map(|name| own_column(table, name, dialect)) {
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
