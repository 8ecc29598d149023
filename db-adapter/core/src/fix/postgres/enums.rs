//! Values of enums: added in their place, never taken away or moved.

use super::{POSTGRES, Postgres, Rank};
use crate::ddl_writer::quote;
use crate::fix::plan::FixKind;
use crate::fix::{FixStep, Hazard, object};
use crate::validate::{Change, ObjectKind};

impl<'a> Postgres<'a> {
    pub(super) fn enum_values(
        &mut self,
        change: &'a Change,
        expected: &[String],
        actual: &[String],
    ) {
        let key = &change.difference.object.name;
        let Some(found) = self.work.actual.enums.get(key) else {
            return;
        };
        let name = quote::qualified(found.schema.as_deref(), &found.name, POSTGRES);
        let literal = |value: &str| quote::literal(value, POSTGRES);
        let mut there: Vec<&str> = actual.iter().map(String::as_str).collect();
        for (at, value) in expected.iter().enumerate() {
            if there.contains(&value.as_str()) {
                continue;
            }
            let before = at.checked_sub(1).and_then(|at| expected.get(at));
            let next = expected
                .iter()
                .skip(at)
                .find(|next| there.contains(&next.as_str()));
            let (place, index) = match (before, next) {
                (Some(before), _) => {
                    let index = there.iter().position(|v| v == before).map(|at| at + 1);
                    (format!(" AFTER {}", literal(before)), index)
                }
                (None, Some(next)) => {
                    let index = there.iter().position(|v| v == next);
                    (format!(" BEFORE {}", literal(next)), index)
                }
                (None, None) => (String::new(), None),
            };
            there.insert(index.unwrap_or(there.len()).min(there.len()), value);
            let step = FixStep::new(
                FixKind::AddEnumValue,
                object(ObjectKind::Enum, None, key),
                format!("add the value {} to enum `{key}`", literal(value)),
            )
            .run(format!(
                "ALTER TYPE {name} ADD VALUE IF NOT EXISTS {}{place}",
                literal(value)
            ))
            .hazard(Hazard::MetadataOnly);
            self.add(Rank::EnumValue, step);
        }
        let extra = actual.iter().any(|value| !expected.contains(value));
        if extra {
            self.leave(change, "PostgreSQL cannot take a value out of an enum");
        } else if there != expected {
            self.leave(
                change,
                "PostgreSQL cannot change the order of an enum's values",
            );
        }
    }
}
