//! Columns: added, dropped where that is allowed, and NOT NULL or not.

use super::{POSTGRES, Postgres, Rank};
use crate::ddl_writer::{column, sound};
use crate::fix::fact::{Fact, FactKind, Rule};
use crate::fix::plan::FixKind;
use crate::fix::{Allow, AllowKind, FixStep, Hazard, LockMode};
use crate::name::quote_ident;
use crate::schema::{ColumnSchema, TableSchema};
use crate::validate::{Between, Change};

/// One that the server computes once for all rows, or not at all.
const STABLE: [&str; 24] = [
    "now",
    "transaction_timestamp",
    "statement_timestamp",
    "date_trunc",
    "make_date",
    "to_date",
    "lower",
    "upper",
    "md5",
    "coalesce",
    "array",
    "row",
    "cast",
    "varchar",
    "character",
    "varying",
    "numeric",
    "decimal",
    "bit",
    "char",
    "timestamp",
    "time",
    "interval",
    "bpchar",
];

/// Whether each row gets a value of its own by this default: a function is called of which that is not known to
/// be otherwise.
pub(super) fn is_volatile(default: &str) -> bool {
    use crate::lexer::Lexer;
    let tokens: Vec<_> = Lexer::of_definition(default, POSTGRES)
        .significant()
        .collect();
    tokens.windows(2).any(|pair| match pair {
        [name, open] => {
            let called = name.name(POSTGRES).filter(|_| open.is_symbol("("));
            called.is_some_and(|called| !STABLE.contains(&called.as_str()))
        }
        _ => false,
    })
}

/// What is wrong with the texts of a column, if anything is: they become SQL.
pub(super) fn wrong_text(column: &ColumnSchema) -> Option<&'static str> {
    let generated = column.generated.as_ref().map(|g| g.expression.as_str());
    let mut expressions = column.default.as_deref().into_iter().chain(generated);
    if column.data_type.is_empty() {
        return Some("the declaration does not say which type it has");
    }
    if !sound::is_type(&column.data_type) {
        return Some("its type is not a type");
    }
    if expressions.any(|text| !sound::is_expression(text, POSTGRES)) {
        return Some("its default is not one expression");
    }
    sound::wrong_name(&column.name, POSTGRES)
}

/// Why something is not done in phases: a check that is there for a while would be inherited, and could not be dropped.
const RELATIVES: &str = "tables inherit from each other: that is for the atomic mode";

impl<'a> Postgres<'a> {
    /// Whether it inherits from a table, or one from it.
    fn has_relatives(&self, key: &str, table: &TableSchema) -> bool {
        let mut tables = self.work.actual.tables.values();
        let is_heir = |other: &TableSchema| other.inherits.iter().any(|above| above == key);
        !table.inherits.is_empty() || tables.any(is_heir)
    }

    pub(super) fn add_column(&mut self, change: &'a Change) {
        let (Some((key, table)), Some(column)) =
            (self.table_there(change), self.wanted_column(change))
        else {
            return self.leave(change, "nothing is known of the column");
        };
        if let Some(why) = wrong_text(column) {
            return self.leave(change, why);
        }
        let default = column.default.as_deref();
        let volatile = default.is_some_and(is_volatile);
        let computed = column.identity.is_some()
            || column
                .generated
                .as_ref()
                .is_some_and(|generated| generated.stored);
        let rules = self.has_rules(&column.data_type);
        let rewrites = volatile || computed || rules;
        self.sequences_of(key, column);
        let name = Postgres::sql_name(table);
        if rewrites && self.is_online() && self.has_relatives(key, table) {
            return self.leave(change, RELATIVES);
        }
        if rewrites && self.is_online() {
            return match volatile && !computed && !rules {
                true => self.add_filled(key, &name, column),
                false => self.leave(change, "it would write every row anew under ACCESS EXCLUSIVE: that is for the atomic mode"),
            };
        }
        let collation = column.collation.as_deref().map(quote_ident);
        let options = column::AtColumn::default();
        let definition = column::definition(column, collation.as_deref(), POSTGRES, options);
        let object = self.column_object(key, &column.name);
        let mut step = FixStep::new(
            FixKind::AddColumn,
            object,
            format!("add column `{key}.{}`", column.name),
        )
        .run(format!("ALTER TABLE {name} ADD COLUMN {definition}"))
        .lock(key, LockMode::AccessExclusive);
        if !column.nullable && !column.is_filled() {
            let why = "the table has rows, which would have no value: give the column a default";
            let rule = Rule::NoneOrLeftOut(why.to_owned());
            step = step.fact(Fact::new(FactKind::AnyRow, self.any_row(key), rule));
        }
        step = match rewrites {
            true => self.sized(key, step.hazard(Hazard::Rewrites)),
            false => step.hazard(Hazard::MetadataOnly),
        };
        self.add(Rank::AddColumn, step);
    }

    /// The rows and bytes beside the step.
    pub(super) fn sized(&self, key: &str, mut step: FixStep) -> FixStep {
        for fact in self.size(key) {
            step = step.fact(fact);
        }
        step
    }

    /// Whether a type is a domain that refuses values.
    fn has_rules(&self, data_type: &str) -> bool {
        let key = crate::fix::key_of(data_type.trim_end_matches("[]"));
        let (wanted, actual) = (&self.work.goal.schema.domains, &self.work.actual.domains);
        let domain = wanted.get(&key).or_else(|| actual.get(&key));
        domain.is_some_and(|domain| domain.not_null || !domain.checks.is_empty())
    }

    pub(super) fn extra_column(&mut self, change: &'a Change) {
        let (
            Some((key, table)),
            Between::Column {
                actual: Some(name), ..
            },
        ) = (self.table_there(change), &change.between)
        else {
            return;
        };
        let path = format!("{key}.{name}");
        if !self.work.options.allows(AllowKind::Column, &path) {
            let allow = Allow::new(AllowKind::Column, path);
            return self.leave_unless(change, "nothing is dropped unasked", Some(allow));
        }
        let (sql, own) = (Postgres::sql_name(table), quote_ident(name));
        let why = "it is used by {}".to_owned();
        let rule = Rule::NoneOrLeftOut(why);
        let users = Fact::new(FactKind::Dependants, self.users_of_column(key, name), rule);
        let step = FixStep::new(
            FixKind::Drop,
            self.column_object(key, name),
            format!("drop column `{key}.{name}` with its values"),
        )
        .run(format!("ALTER TABLE {sql} DROP COLUMN {own}"))
        .lock(key, LockMode::AccessExclusive)
        .hazard(Hazard::MetadataOnly)
        .hazard(Hazard::LosesData)
        .backs_up(self.work.renames.table_now(key))
        .fact(users)
        .fact(self.heirs(key));
        let step = self.sized(key, step);
        self.add(Rank::DropColumn, step);
    }

    pub(super) fn nullability(&mut self, change: &'a Change, nullable: bool) {
        let Some((key, table)) = self.table_there(change) else {
            return;
        };
        let name = &change.difference.object.name;
        let (sql, own) = (Postgres::sql_name(table), quote_ident(name));
        let object = self.column_object(key, name);
        let Some(there) = table.column(name) else {
            return;
        };
        if there.nullable == nullable && !there.not_null_not_valid {
            return self.leave(change, "what NOT NULL has besides is not changed");
        }
        if nullable {
            let step = FixStep::new(
                FixKind::ChangeNullability,
                object,
                format!("let `{key}.{name}` have NULL"),
            )
            .run(format!(
                "ALTER TABLE {sql} ALTER COLUMN {own} DROP NOT NULL"
            ))
            .lock(key, LockMode::AccessExclusive)
            .hazard(Hazard::MetadataOnly);
            return self.add(Rank::Column, step);
        }
        let nulls = self.count(key, &format!("{own} IS NULL"));
        let rule = Rule::NoneOrLeftOut("{} rows have NULL: give them a value first".to_owned());
        // a backfill that was interrupted goes on, and leaves none
        let filling = self.is_online() && self.is_being_filled(table, name);
        let nulls = Fact::new(FactKind::Nulls, nulls, rule);
        let facts = if filling { Vec::new() } else { vec![nulls] };
        if self.is_online() && self.has_relatives(key, table) {
            return self.leave(change, RELATIVES);
        }
        if self.is_online() {
            return self.not_null_online(key, table, name, facts, Rank::Check);
        }
        let mut step = FixStep::new(
            FixKind::ChangeNullability,
            object,
            format!("make `{key}.{name}` NOT NULL"),
        )
        .run(format!("ALTER TABLE {sql} ALTER COLUMN {own} SET NOT NULL"))
        .lock(key, LockMode::AccessExclusive)
        .hazard(Hazard::Scans);
        step.facts.extend(facts);
        let step = self.sized(key, step);
        self.add(Rank::Column, step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_that_differs_for_each_row_calls_something() {
        for volatile in [
            "gen_random_uuid()",
            "nextval('s'::regclass)",
            "(random() * 2)",
            "public.f()",
        ] {
            assert!(is_volatile(volatile), "{volatile}");
        }
        for stable in [
            "1",
            "now()",
            "CURRENT_TIMESTAMP",
            "'a'::character varying(3)",
            "('a' || 'b')",
            "'f()'",
        ] {
            assert!(!is_volatile(stable), "{stable}");
        }
    }
}
