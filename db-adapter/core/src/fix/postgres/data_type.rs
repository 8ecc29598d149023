//! The type of a column: by the plain form where there is one, and only where no value is lost unasked.

use super::column::wrong_text;
use super::conversion::{self, NoConversion};
use super::{POSTGRES, Postgres, Rank};
use crate::ddl_writer::{quote, sound};
use crate::fix::fact::{Fact, FactKind, Rule};
use crate::fix::plan::FixKind;
use crate::fix::{Allow, AllowKind, FixStep, Hazard, LockMode};
use crate::name::quote_ident;
use crate::schema::ColumnSchema;
use crate::sql_type::SqlType;
use crate::validate::Change;

impl<'a> Postgres<'a> {
    pub(super) fn change_type(&mut self, change: &'a Change) {
        let Some((key, table)) = self.table_there(change) else {
            return;
        };
        let name = &change.difference.object.name;
        let (Some(there), Some(wanted)) = (table.column(name), self.wanted_column(change)) else {
            return self.leave(change, "nothing is known of the column");
        };
        if let Some(why) = wrong_text(wanted) {
            return self.leave(change, why);
        }
        let path = format!("{key}.{name}");
        let zone = self.work.options.zones.get(&path);
        let zone = zone.map(|zone| quote::literal(zone, POSTGRES));
        let found = conversion::conversion(
            (&there.data_type, self.work.actual),
            (&wanted.data_type, &self.work.goal.schema),
            zone.as_deref(),
        );
        let found = match found {
            Ok(found) => found,
            Err(NoConversion::Zone) => {
                let why = "in which time zone its values are meant, has to be declared";
                return self.leave(change, why);
            }
            Err(NoConversion::Unknown) => {
                let why = "no conversion is known that tells whether a value would be lost: write a migration";
                return self.leave(change, why);
            }
        };
        if there.generated.is_some() || table.partition_of.is_some() {
            return self.leave(
                change,
                "it has the type of the expression or the column that it comes from",
            );
        }
        let meaning = Allow::new(AllowKind::Reinterpret, &path);
        if found.reinterprets && !found.has_zone && !self.work.options.allow.contains(&meaning) {
            let why = "its values would mean another thing";
            return self.leave_unless(change, why, Some(meaning));
        }
        if found.rewrites && self.is_online() {
            return self.leave(
                change,
                "it would write every row anew under ACCESS EXCLUSIVE: that is for the atomic mode",
            );
        }
        let own = quote_ident(name);
        let with_column = |text: &str| text.replace("{c}", &own);
        let collation = kept_collation(there, wanted).map(quote_ident);
        let collation = collation.map(|own| format!(" COLLATE {own}"));
        let mut parts = vec![format!(
            "ALTER COLUMN {own} TYPE {}{}",
            wanted.data_type,
            collation.unwrap_or_default()
        )];
        if let Some(using) = &found.using {
            // the server would not know how to bring the default along
            if let Some(default) = &there.default {
                let sound = sound::is_expression(default, POSTGRES);
                let default = with_column(using).replace(&own, &format!("({default})"));
                parts.insert(0, format!("ALTER COLUMN {own} DROP DEFAULT"));
                let expected = wanted.default.clone().or_else(|| sound.then_some(default));
                if let Some(default) = expected {
                    let default = sound::default(&default, POSTGRES);
                    parts.push(format!("ALTER COLUMN {own} SET DEFAULT {default}"));
                }
            }
            if let Some(part) = parts.iter_mut().find(|part| part.contains(" TYPE ")) {
                part.push_str(&format!(" USING {}", with_column(using)));
            }
        }
        let sql = Postgres::sql_name(table);
        let mut step = FixStep::new(
            FixKind::ChangeType,
            self.column_object(key, name),
            format!(
                "change the type of `{path}` from `{}` to `{}`",
                there.data_type, wanted.data_type
            ),
        )
        .run(format!("ALTER TABLE {sql} {}", parts.join(", ")))
        .lock(key, LockMode::AccessExclusive)
        .rows_of(self.work.renames.table_now(key));
        for (child, _) in self.references_to(key, name) {
            step = step.lock(&child, LockMode::AccessExclusive);
        }
        let users = self.dependants_of_column(key, name);
        let rule = Rule::NoneOrLeftOut("it is used by {}".to_owned());
        step = step.fact(Fact::new(FactKind::Dependants, users, rule));
        let rule = Rule::NoneOrLeftOut(
            "the change of type would reset {}: set it again after changing the type by hand"
                .to_owned(),
        );
        let kept = self.storage_of_column(key, name);
        step = step.fact(Fact::new(FactKind::Dependants, kept, rule));
        if let Some(condition) = &found.refused {
            let rule =
                Rule::NoneOrLeftOut("{} rows have a value that the new type refuses".to_owned());
            let sql = self.count(key, &with_column(condition));
            step = step.fact(Fact::new(FactKind::Refused, sql, rule));
        }
        if let Some(condition) = &found.changed {
            let rule = Rule::NoneOrAllowed(Allow::new(AllowKind::Narrow, &path));
            let sql = self.count(key, &with_column(condition));
            step = step.fact(Fact::new(FactKind::Changed, sql, rule));
        }
        if found.reinterprets {
            step = step.hazard(Hazard::Reinterprets);
        }
        step = match found.rewrites {
            true => self.sized(key, step.hazard(Hazard::Rewrites)),
            false => step.hazard(Hazard::MetadataOnly),
        };
        self.add(Rank::Column, step);
    }

    /// The tables whose foreign keys refer to this column, which are looked at again.
    fn references_to(&self, key: &str, column: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (child, table) in &self.work.actual.tables {
            for own in table.foreign_keys() {
                let target = super::constraint::target_key(own);
                let to = own.references_columns.iter().flatten();
                if target == key && child != key && to.into_iter().any(|name| name == column) {
                    found.push((child.clone(), own.name.clone()));
                }
            }
        }
        found.dedup_by(|a, b| a.0 == b.0);
        found
    }
}

/// The collation that a column has with its new type: its own, which the server would put back to that of the type, and
/// the expected one where it had none to keep.
fn kept_collation<'c>(there: &'c ColumnSchema, wanted: &'c ColumnSchema) -> Option<&'c str> {
    let has_order = |column: &ColumnSchema| {
        let of_text = matches!(
            column.sql_type,
            SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_) | SqlType::Name
        );
        of_text || column.collation.is_some()
    };
    match (has_order(there), has_order(wanted)) {
        (true, true) => there.collation.as_deref(),
        (false, true) => wanted.collation.as_deref(),
        (_, false) => None,
    }
}
