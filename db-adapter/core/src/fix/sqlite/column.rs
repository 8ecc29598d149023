//! Columns: added and dropped by ALTER TABLE where it can, and else by an edit of the stored statement.

use super::edit::Edit;
use super::table::Needs;
use super::{SQLITE, Sqlite};
use crate::ddl_writer::{column, quote, sound};
use crate::fix::fact::{Fact, FactKind, Rule};
use crate::fix::plan::FixKind;
use crate::fix::{Allow, AllowKind, FixStep, Hazard, object};
use crate::lexer::{Kind, Lexer};
use crate::name::quote_ident;
use crate::schema::{ColumnSchema, ConstraintKind, TableSchema};
use crate::validate::{Change, ObjectKind};

impl Sqlite<'_> {
    pub(super) fn default(
        &mut self,
        change: &Change,
        name: &str,
        default: Option<&str>,
        needs: &mut Needs,
    ) {
        if default.is_some_and(|text| !sound::is_expression(text, SQLITE)) {
            return self.leave(change, "it is not one expression");
        }
        let text = default.map(|text| sound::default(text, SQLITE));
        needs.edits.push(Edit::Default(name.to_owned(), text));
        needs.part(change, format!("default of `{name}`"));
    }

    pub(super) fn add_column(
        &mut self,
        key: &str,
        table: &TableSchema,
        change: &Change,
        own: &ColumnSchema,
        needs: &mut Needs,
    ) {
        let default = own.default.as_deref();
        let generated = own.generated.as_ref();
        let mut texts = default
            .into_iter()
            .chain(generated.map(|g| g.expression.as_str()));
        if texts.any(|text| !sound::is_expression(text, SQLITE)) {
            return self.leave(change, "its default is not one expression");
        }
        if own.identity.is_some() {
            return self.leave(
                change,
                "the key of the rows is not added to a table that has rows",
            );
        }
        let collation = own.collation.as_deref().map(quote_ident);
        let options = column::AtColumn::default();
        let definition = column::definition(own, collation.as_deref(), SQLITE, options);
        if !own.nullable && default.is_none() && generated.is_none() {
            let rule = Rule::NoneOrLeftOut(
                "the table has rows, which would have no value: give the column a default"
                    .to_owned(),
            );
            needs
                .facts
                .push(Fact::new(FactKind::AnyRow, self.any_row(key), rule));
            needs.edits.push(Edit::Add(definition));
            needs.part(change, format!("column `{}`", own.name));
            needs.columns.push(own.name.clone());
            return;
        }
        let constant = default.is_none_or(is_constant) && generated.is_none_or(|g| !g.stored);
        if !constant {
            needs.edits.push(Edit::Add(definition));
            needs.part(change, format!("column `{}`", own.name));
            needs.columns.push(own.name.clone());
            return;
        }
        let name = quote::qualified(table.schema.as_deref(), &table.name, SQLITE);
        let step = FixStep::new(
            FixKind::AddColumn,
            object(ObjectKind::Column, Some(key), &own.name),
            format!("add column `{key}.{}`", own.name),
        )
        .run(format!("ALTER TABLE {name} ADD COLUMN {definition}"))
        .hazard(Hazard::MetadataOnly);
        needs.added.push((definition, step));
    }

    pub(super) fn extra_column(
        &mut self,
        key: &str,
        table: &TableSchema,
        change: &Change,
        own: &str,
        needs: &mut Needs,
    ) {
        let path = format!("{key}.{own}");
        if !self.work.options.allows(AllowKind::Column, &path) {
            return self.leave_unless(
                change,
                "nothing is dropped unasked",
                Some(Allow::new(AllowKind::Column, path)),
            );
        }
        let users = self.mentioning(table, own);
        if !users.is_empty() {
            return self.leave(change, format!("it is used by {}", users.join(", ")));
        }
        let in_index = table.indexes.values().any(|index| {
            index
                .columns
                .iter()
                .any(|c| c.is_expression || c.text.eq_ignore_ascii_case(own))
                || index.predicate.is_some()
        });
        let in_constraint = table.constraints.values().any(|c| {
            c.kind == ConstraintKind::Check
                || c.columns.iter().any(|name| name.eq_ignore_ascii_case(own))
        });
        if in_index || in_constraint {
            return self.leave(
                change,
                "an index or a constraint of the table may use it: drop that first",
            );
        }
        needs.loses = true;
        let name = quote::qualified(table.schema.as_deref(), &table.name, SQLITE);
        let others_rebuild = !needs.edits.is_empty();
        if self.is_since(3, 35) && !others_rebuild {
            let step = FixStep::new(
                FixKind::Drop,
                object(ObjectKind::Column, Some(key), own),
                format!("drop column `{path}` with its values"),
            )
            .run(format!(
                "ALTER TABLE {name} DROP COLUMN {}",
                quote_ident(own)
            ))
            .hazard(Hazard::Rewrites)
            .hazard(Hazard::LosesData)
            .backs_up(self.work.renames.table_now(key));
            needs.later.push(step);
            return;
        }
        needs.edits.push(Edit::DropColumn(own.to_owned()));
        needs.dropped.push(own.to_owned());
        needs.part(change, format!("without column `{own}`"));
    }
}

/// Whether ADD COLUMN takes the default: a constant, and not a word that is computed.
fn is_constant(default: &str) -> bool {
    let tokens: Vec<_> = Lexer::of_definition(default, SQLITE)
        .significant()
        .collect();
    let value = match tokens.as_slice() {
        [value] => value,
        [sign, value] if matches!(sign.text, "-" | "+") => value,
        _ => return false,
    };
    match value.kind {
        Kind::Word => value.is_any(&["null", "true", "false"]),
        kind => matches!(kind, Kind::Number | Kind::String(_)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_that_is_computed_is_no_constant() {
        for (default, constant) in [
            ("1", true),
            ("-1.5", true),
            ("'a'", true),
            ("NULL", true),
            ("CURRENT_TIMESTAMP", false),
            ("(random())", false),
            ("(1)", false),
        ] {
            assert_eq!(is_constant(default), constant, "{default}");
        }
    }
}
