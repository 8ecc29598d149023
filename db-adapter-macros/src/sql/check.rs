//! A struct against its table in the SQL file: names and keys here, types in const evaluation,
//! where aliases and types of one's own are known.

use super::File;
use crate::errors::{Errors, hint};
use crate::krate;
use crate::table::{Column, Declared};
use db_adapter_core::ddl::{DdlError, Place};
use db_adapter_core::schema::{ColumnSchema, TableSchema, table_key};
use db_adapter_core::sql_type::fitting;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

impl File {
    /// Reports what differs, and gives the code that compares the types.
    pub(crate) fn check(&self, declared: &Declared, errors: &mut Errors) -> TokenStream {
        let Some(table) = self.ddl.schema.table(&declared.table) else {
            self.no_such_table(declared, errors);
            return TokenStream::new();
        };
        let mut out = TokenStream::new();
        for column in declared.model.columns() {
            match table.columns.iter().find(|c| c.name == column.column) {
                Some(actual) => out.extend(self.compare(declared, column, table, actual)),
                None => self.no_such_column(column, table, errors),
            }
        }
        self.columns_that_inserts_need(declared, table, errors);
        self.primary_key(declared, table, errors);
        self.foreign_keys(declared, table, errors);
        out
    }

    fn no_such_table(&self, declared: &Declared, errors: &mut Errors) {
        let missing = |e: &DdlError| e.table.as_ref().is_none_or(|t| *t == declared.table);
        let broken = self.ddl.errors.iter().any(missing);
        if broken {
            return; // the table may be the one that could not be read
        }
        let known = self.ddl.schema.tables.values().map(|t| t.name.as_str());
        errors.add(
            declared.name_span,
            format_args!(
                "`{}` creates no table `{}`{}",
                self.shown,
                declared.table,
                hint(&declared.table, known)
            ),
        );
    }

    fn no_such_column(&self, column: &Column, table: &TableSchema, errors: &mut Errors) {
        let known = table.columns.iter().map(|c| c.name.as_str());
        let place = self.ddl.place_of_table(&key(table));
        errors.add(
            column.span(),
            format_args!(
                "table `{}` has no column `{}`{}{}",
                table.name,
                column.column,
                self.at(place),
                hint(&column.column, known)
            ),
        );
    }

    /// ` (schema.sql:4:5)`
    fn at(&self, place: Option<&Place>) -> String {
        place.map_or(String::new(), |p| {
            format!(" ({}:{}:{})", self.shown, p.line, p.column)
        })
    }

    fn compare(
        &self,
        declared: &Declared,
        column: &Column,
        table: &TableSchema,
        actual: &ColumnSchema,
    ) -> TokenStream {
        let krate = krate::at(&declared.model.krate, column.type_span());
        let place = self.ddl.place_of_column(&key(table), &actual.name);
        let definition = place.map_or_else(
            || format!("{} {}", actual.name, actual.data_type),
            |place| place.text.clone(),
        );
        let shown = column.shown();
        let what = format!("`{shown}` does not fit `{definition}`{}", self.at(place));
        let mut types = fitting(&actual.sql_type, self.dialect);
        if !types.is_empty() {
            types.push(actual.sql_type.to_string());
        }
        let messages = [
            format!("{what}; hint: use {}", rust_types(&types)),
            format!(
                "{what}: the column may be NULL; hint: write `Option<{}>`, or `NOT NULL` in the file",
                crate::table::type_text(&column.ty)
            ),
            format!(
                "{what}: the column cannot be NULL; hint: take the `Option` away, or `NOT NULL` in the file"
            ),
        ];
        // an `Option` may also leave a column to its default
        let nullable = match actual.nullable || !(actual.is_filled() || column.default) {
            true => {
                let nullable = actual.nullable;
                quote!(::core::option::Option::Some(#nullable))
            }
            false => quote!(::core::option::Option::None),
        };
        let info = crate::table::info(&declared.model, column);
        quote_spanned! {column.type_span()=>
            const _: () = #krate::declare::declared::check_sql(
                #info, &[#(#types),*], #nullable, [#(#messages),*]);
        }
    }

    fn columns_that_inserts_need(
        &self,
        declared: &Declared,
        table: &TableSchema,
        errors: &mut Errors,
    ) {
        let has = |c: &&ColumnSchema| declared.model.columns().any(|d| d.column == c.name);
        let needed = table.columns.iter().filter(|c| !c.may_be_left_out());
        for column in needed.filter(|c| !has(c)) {
            if declared.has_conditional_fields {
                continue; // it may be among them
            }
            let place = self.ddl.place_of_column(&key(table), &column.name);
            errors.add(
                declared.model.span(),
                format_args!("`{}` lacks the column `{}`{}, which is NOT NULL without a default, so that no row could be inserted; hint: add a field for it", declared.model.struct_name(), column.name, self.at(place)),
            );
        }
    }

    fn primary_key(&self, declared: &Declared, table: &TableSchema, errors: &mut Errors) {
        let Some(actual) = table.primary_key() else {
            return;
        };
        if declared.pk.is_empty() || declared.pk == actual.columns {
            return;
        }
        errors.add(
            declared.pk_span,
            format_args!(
                "the primary key of `{}` is (`{}`){}, not (`{}`); hint: write `pk = [{}]`",
                table.name,
                actual.columns.join("`, `"),
                self.at(self.ddl.place_of_table(&key(table))),
                declared.pk.join("`, `"),
                actual.columns.join(", ")
            ),
        );
    }

    /// A foreign key that is not declared would only be noticed by a restore.
    fn foreign_keys(&self, declared: &Declared, table: &TableSchema, errors: &mut Errors) {
        for actual in table.foreign_keys() {
            if declared.references.contains(&actual.columns) || declared.not_backed_up() {
                continue;
            }
            let to = actual.references_table.clone().unwrap_or_default();
            let form = format!("{}({})", camel_case(&to), actual.columns.join(", "));
            let hint = match (actual.columns.as_slice(), &declared.user) {
                ([column], Some(user)) if column == user => {
                    match declared.model.options.given_at("user") {
                        Some(_) => format!("write `owner = {form}` instead of `user`"),
                        None => format!("add `owner = {form}`"),
                    }
                }
                ([_], None) => format!(
                    "add `owner = {form}` if it says whose row it is, else `parent`, `optional_ref` or `external = {form}`"
                ),
                _ => format!("add `parent`, `optional_ref` or `external = {form}`"),
            };
            errors.add(
                declared.model.span(),
                format_args!(
                    "`{}` does not declare the foreign key (`{}`) to `{to}`; hint: {hint}",
                    declared.model.struct_name(),
                    actual.columns.join("`, `")
                ),
            );
        }
    }
}

fn key(table: &TableSchema) -> String {
    table_key(table.schema.as_deref(), &table.name)
}

/// A guess at the struct's name, for a hint.
fn camel_case(table: &str) -> String {
    let singular = table.strip_suffix('s').unwrap_or(table);
    let parts = singular.split('_').map(|part| {
        let mut chars = part.chars();
        let first = chars.next().map(|c| c.to_uppercase().to_string());
        first.unwrap_or_default() + chars.as_str()
    });
    parts.collect()
}

/// The Rust types for a hint.
fn rust_types(types: &[String]) -> String {
    let mut names: Vec<String> = Vec::new();
    for ty in types {
        let (element, array) = match ty.strip_suffix("[]") {
            Some(element) => (element, true),
            None => (ty.as_str(), false),
        };
        let name = match element {
            "boolean" => "bool",
            "smallint" => "i16",
            "integer" => "i32",
            "bigint" => "i64",
            "real" => "f32",
            "double precision" => "f64",
            "numeric" => "Numeric",
            "text" => "String",
            "uuid" => "Uuid",
            "bytea" => "Vec<u8>",
            "jsonb" => "Json",
            "date" => "NaiveDate",
            "timestamp with time zone" => "DateTime<Utc>",
            "timestamp without time zone" => "NaiveDateTime",
            "time without time zone" => "NaiveTime",
            _ => continue,
        };
        let name = match array {
            true => format!("`Vec<{name}>`"),
            false => format!("`{name}`"),
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(" or ")
}
