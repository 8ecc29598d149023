//! Columns: their types, what fills them, and what their enums and domains allow.

use super::{POSTGRES, ToSqlite, is_binary, is_only_key, key_of_type, scope};
use crate::ddl_writer::quote;
use crate::ddl_writer::translate::default::{self, Default as Translated};
use crate::ddl_writer::translate::{expression, types};
use crate::schema::{ColumnSchema, DomainSchema, Generated, Identity, SqlDialect, TableSchema};
use crate::sql_type::SqlType;

/// Of a domain over a domain over ..
const MOST_DOMAINS: usize = 16;

impl<'a> ToSqlite<'a> {
    /// The table, its columns with the types that decide their values.
    pub(super) fn with_base_types(&self, from: &TableSchema) -> TableSchema {
        let mut read = from.clone();
        for column in &mut read.columns {
            let chain = self.domains(&column.data_type);
            if let Some(last) = chain.last() {
                column.data_type.clone_from(&last.data_type);
                column.sql_type = match SqlType::parse_postgres(&last.data_type) {
                    SqlType::Other(_) => column.sql_type.clone(),
                    known => known,
                };
                let collation = chain.iter().find_map(|domain| domain.collation.clone());
                column.collation = column.collation.take().or(collation);
                column.collation = column.collation.take().filter(|name| name != "default");
                column.nullable &= !chain.iter().any(|domain| domain.not_null);
                let default = chain.iter().find_map(|domain| domain.default.clone());
                column.default = column.default.take().or(default);
            }
            if let Some(found) = self.enum_of(&column.data_type) {
                column.sql_type = SqlType::Enum(found.as_str().into());
            }
        }
        read
    }

    /// The domains of a column, its own first.
    fn domains(&self, data_type: &str) -> Vec<&'a DomainSchema> {
        let mut chain = Vec::new();
        let mut next = self.domain(data_type);
        while let Some(domain) = next.filter(|_| chain.len() < MOST_DOMAINS) {
            chain.push(domain);
            next = self.domain(&domain.data_type);
        }
        chain
    }

    pub(super) fn domain(&self, data_type: &str) -> Option<&'a DomainSchema> {
        self.from.domains.get(&key_of_type(data_type)?)
    }

    /// The key of the enum that the type is.
    fn enum_of(&self, data_type: &str) -> Option<String> {
        let key = key_of_type(data_type)?;
        self.from.enums.contains_key(&key).then_some(key)
    }

    pub(super) fn column(
        &mut self,
        key: &str,
        read: &TableSchema,
        from: &ColumnSchema,
        own: &ColumnSchema,
        is_number: bool,
        checks: &mut Vec<(String, String)>,
    ) -> ColumnSchema {
        let path = format!("{key}.{}", from.name);
        let mut declared = types::for_sqlite(&own.sql_type, &own.data_type);
        if is_number {
            declared.text = "INTEGER".to_owned();
        } else if declared.text == "INTEGER" && is_only_key(read, &from.name) {
            // the other word for it: INTEGER would be the number of the row
            declared.text = "INT".to_owned();
        }
        if let Some(why) = declared.lost {
            self.lost.add("column", &path, why);
        }
        if let Some(why) = types::not_enforced(&own.sql_type, &own.data_type) {
            self.lost.add("column", &path, why);
        }
        let sql_type = SqlType::parse_sqlite(&declared.text);
        let sql_type = sql_type.unwrap_or_else(|| SqlType::Other("".into()));
        let mut to = ColumnSchema::new(&from.name, declared.text, sql_type);
        to.nullable = own.nullable && !own.not_null_not_valid;
        to.not_null_name.clone_from(&from.not_null_name);
        self.what_sqlite_lacks(&path, from, own);
        if is_number {
            to.identity = Some(Identity::ByDefault);
            to.nullable = false;
        } else {
            self.filling(&path, read, own, &mut to);
        }
        self.checks_of_type(&path, read, from, checks);
        to
    }

    fn what_sqlite_lacks(&mut self, path: &str, from: &ColumnSchema, own: &ColumnSchema) {
        if from.not_null_not_valid {
            self.lost.add(
                "column",
                path,
                "SQLite has no NOT VALID: it is NOT NULL for all rows",
            );
        }
        if from.not_null_no_inherit {
            self.lost.add("column", path, "SQLite has no NO INHERIT");
        }
        if from.comment.is_some() {
            self.lost.add("column", path, "SQLite has no comments");
        }
        let collation = own.collation.as_deref();
        if let Some(name) = collation.filter(|name| !is_binary(name)) {
            let why = format!("SQLite does not have the collation `{name}`");
            self.lost.add("column", path, why);
        }
    }

    /// What the database puts into it.
    fn filling(
        &mut self,
        path: &str,
        read: &TableSchema,
        own: &ColumnSchema,
        to: &mut ColumnSchema,
    ) {
        if own.identity.is_some() {
            let why = "SQLite numbers no column but a key of one: nothing fills it";
            self.lost.add("column", path, why);
        }
        if let Some(generated) = &own.generated {
            match expression::expression(&generated.expression, &scope(read, None)) {
                Ok(expression) => {
                    to.generated = Some(Generated {
                        expression,
                        stored: generated.stored,
                    });
                }
                Err(why) => self
                    .lost
                    .add("column", path, format!("it is not generated: {why}")),
            }
        }
        let Some(text) = &own.default else { return };
        match default::translated(text, &own.sql_type, POSTGRES) {
            Translated::Same(text) => to.default = Some(text),
            Translated::Near(text, why) => {
                to.default = Some(text);
                self.lost.add("default", path, why);
            }
            Translated::None => {}
            Translated::Unknown => {
                let why = format!("SQLite does not have `{text}`");
                self.lost.hinted(
                    "default",
                    path,
                    why,
                    "write the value, or give the column a default of SQLite's",
                );
            }
        }
    }

    /// The values of an enum, and the checks of a domain.
    fn checks_of_type(
        &mut self,
        path: &str,
        read: &TableSchema,
        from: &ColumnSchema,
        checks: &mut Vec<(String, String)>,
    ) {
        let chain = self.domains(&from.data_type);
        let base = chain
            .last()
            .map_or(from.data_type.as_str(), |domain| &domain.data_type);
        if let Some(found) = self.enum_of(base).and_then(|key| self.from.enums.get(&key)) {
            let values = found.values.iter();
            let values: Vec<String> = values
                .map(|value| quote::literal(value, SqlDialect::Sqlite))
                .collect();
            let name = crate::name::quote_ident(&from.name);
            checks.push((
                from.name.clone(),
                format!("{name} IN ({})", values.join(", ")),
            ));
        }
        let is_array = |text: &str| text.trim_end().ends_with(']');
        let element = base.trim_end().trim_end_matches("[]");
        let own_element = self.enum_of(element).is_some() || self.domain(element).is_some();
        if is_array(base) && own_element {
            let why = format!("what the type `{element}` allows is not checked inside of an array");
            self.lost.add("column", path, why);
        }
        for name in chain.iter().flat_map(|domain| &domain.not_valid) {
            let why = format!(
                "SQLite has no NOT VALID: the check `{name}` of its domain holds for all rows"
            );
            self.lost.add("column", path, why);
        }
        for (name, check) in chain.iter().flat_map(|domain| &domain.checks) {
            match expression::condition(check, &scope(read, Some(&from.name))) {
                Ok(expression) => checks.push((from.name.clone(), expression)),
                Err(why) => {
                    let why = format!("the check `{name}` of its domain is not written: {why}");
                    self.lost.add("column", path, why);
                }
            }
        }
    }
}
