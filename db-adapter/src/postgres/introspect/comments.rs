//! Comments, read before the objects that they are on. What `initdb` made has lower numbers.

use super::Part;
use super::draft::Draft;
use crate::{Result, Row};

pub(super) const PART: Part = Part {
    kind: "comment",
    catalog: "pg_description",
    // the parameter is the same for all the queries
    sql: |_| {
        "SELECT d.classoid::regclass::text AS class, d.objoid::int8 AS oid, d.objsubid AS number, \
         d.description AS text \
         FROM pg_catalog.pg_description d \
         WHERE d.objoid >= 16384 AND pg_catalog.cardinality(:schemas::oid[]) > 0 \
         AND d.classoid IN ('pg_catalog.pg_class'::regclass, 'pg_catalog.pg_constraint'::regclass, \
         'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_proc'::regclass, \
         'pg_catalog.pg_trigger'::regclass)"
            .to_owned()
    },
    add,
    essential: false,
};

fn add(draft: &mut Draft, row: &Row) -> Result<()> {
    let class = row.get("class")?;
    draft.remember_comment(class, row.get("oid")?, row.get("number")?, row.get("text")?);
    Ok(())
}
