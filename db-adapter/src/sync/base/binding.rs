//! What a base is for: two databases, their columns, the declaration, and whose rows. For anything else it says
//! nothing, and is refused.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use db_adapter_core::backup::BackupSchema;

use crate::transfer::three_way::Shape;
use crate::{Error, ExactJson as _, Notice, Result, Value};

/// What a base is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sync) struct Binding {
    source: String,
    dest: String,
    source_columns: String,
    dest_columns: String,
    tables: String,
    user: String,
}

impl Binding {
    /// `identities` and `shapes`: of the source, and of the destination.
    pub(in crate::sync) fn new(
        identities: (String, String),
        shapes: (Shape, Shape),
        schema: &BackupSchema,
        user: Option<&Value>,
        salt: &[u8],
    ) -> Result<Binding> {
        let tables: Vec<&_> = schema.tables.iter().collect();
        let tables = serde_json::to_vec(&tables)
            .map_err(|_| Error::internal("a declaration cannot be written as JSON"))?;
        // an id can be guessed: not without the file
        let whose = match user {
            Some(user) => [b"user ", user.to_json().as_bytes()].concat(),
            None => b"all".to_vec(),
        };
        Ok(Binding {
            source: identities.0,
            dest: identities.1,
            source_columns: hex(&shapes.0),
            dest_columns: hex(&shapes.1),
            tables: hex(&Sha256::digest(tables)),
            user: hex(&Sha256::digest([salt, &whose].concat())),
        })
    }

    /// What is another than it was.
    pub(in crate::sync) fn differences(&self, now: &Binding) -> Vec<Notice> {
        let parts = [
            (self.source == now.source, "another source"),
            (self.dest == now.dest, "another destination"),
            (
                self.source_columns == now.source_columns,
                "other columns of the source",
            ),
            (
                self.dest_columns == now.dest_columns,
                "other columns of the destination",
            ),
            (self.tables == now.tables, "other tables or keys"),
            (self.user == now.user, "the rows of another user"),
        ];
        let differs = parts.into_iter().filter(|(same, _)| !same);
        differs
            .map(|(_, what)| {
                Notice::new(format!("the base is for {what}")).hint(
                    "name the file of this sync, or another one that is not there yet: it is made by a sync without deletes",
                )
            })
            .collect()
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
