//! A scenario in words, for somebody who has to find out why it failed.

use super::scenario::Scenario;
use crate::side::Backend;

impl std::fmt::Display for Scenario {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Scenario {
            from,
            to,
            choices,
            dry_run,
            world,
            ..
        } = self;
        writeln!(f, "{}", self.shape.ddl(Backend::Postgres, true))?;
        for (side, content) in [
            ("source", Some(&self.source)),
            ("destination", self.destination.as_ref()),
        ] {
            for (table, rows) in self
                .shape
                .tables
                .iter()
                .zip(content.map_or(&[][..], |c| &c.tables))
            {
                writeln!(f, "{side} {}: {rows:?}", table.name)?;
            }
        }
        for table in self.shape.schema().tables.iter() {
            writeln!(
                f,
                "{} by {:?}, parents {:?}, optional {:?}",
                table.name,
                table.natural_key(),
                table.parents,
                table.optional_refs
            )?;
        }
        write!(
            f,
            "{from:?} to {to:?}, dry run first: {dry_run}, {choices:?}, {world:?}"
        )
    }
}
