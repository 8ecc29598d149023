//! The parameters of a sequence, of its own or behind an identity. Never reads a value that a
//! sequence has come to.

use super::column::of_type;
use super::cursor::{Cursor, Read};
use super::moved::To;
use super::reader::Reader;
use super::{naming, types};
use crate::schema::{ColumnSchema, Numbering, SequenceSchema, table_key};

impl Reader<'_> {
    pub(super) fn create_sequence(&mut self, c: &mut Cursor<'_>, unlogged: bool) -> Read<()> {
        let optional = c.eat("if not exists");
        let name = c.qualified("the name of a sequence")?;
        let (schema, name) = self.placed(name);
        let key = table_key(schema.as_deref(), &name);
        if optional && self.ddl.schema.sequences.contains_key(&key) {
            return Ok(());
        }
        let mut sequence = SequenceSchema {
            schema,
            name,
            data_type: "bigint".to_owned(),
            unlogged,
            ..SequenceSchema::default()
        };
        self.sequence_options(c, &mut sequence, Numbering::default())?;
        self.ddl.schema.sequences.insert(key, sequence);
        Ok(())
    }

    pub(super) fn alter_sequence(&mut self, c: &mut Cursor<'_>) -> Read<()> {
        c.eat("if exists");
        let name = c.qualified("the name of a sequence")?;
        let key = self.key_of(name);
        if let Some(to) = To::read(c)? {
            if let (false, To::Name(new)) = (self.move_relation(&key, &to), to)
                && let Some(column) = self.numbered_by(&key)
            {
                column.identity_sequence = Some(new);
            }
            return Ok(());
        }
        let Some(mut sequence) = self.ddl.schema.sequences.remove(&key) else {
            if let Some(column) = self.numbered_by(&key) {
                identity_options(c, column);
            }
            return Ok(());
        };
        let stored = sequence.numbering().with_defaults(&sequence.data_type);
        self.sequence_options(c, &mut sequence, stored)?;
        self.ddl.schema.sequences.insert(key, sequence);
        Ok(())
    }

    /// The identity whose sequence has this key.
    fn numbered_by(&mut self, key: &str) -> Option<&mut ColumnSchema> {
        self.ddl.schema.tables.values_mut().find_map(|table| {
            let (schema, name) = (table.schema.as_deref(), table.name.as_str());
            table.columns.iter_mut().find(|column| {
                let sequence = identity_sequence(name, column);
                sequence.is_some_and(|own| table_key(schema, &own) == key)
            })
        })
    }

    /// The options of a statement, which change how it counts until now; roles and schemas are passed over.
    fn sequence_options(
        &self,
        c: &mut Cursor<'_>,
        sequence: &mut SequenceSchema,
        mut numbering: Numbering,
    ) -> Read<()> {
        while !c.is_done() {
            if c.eat("as") {
                // bounds that are the old type's own become the new one's
                numbering = numbering.without_defaults(&sequence.data_type);
                sequence.data_type = types::read(c)?.text;
            } else if c.eat("owned by none") {
                sequence.owned_by = None;
            } else if c.eat("owned by") {
                sequence.owned_by = self.column_of_table(c)?;
            } else if c.eat("set unlogged") {
                sequence.unlogged = true;
            } else if c.eat("set logged") {
                sequence.unlogged = false;
            } else if !option(c, &mut numbering) {
                c.next();
            }
        }
        sequence.set_numbering(numbering.without_defaults(&sequence.data_type));
        Ok(())
    }
}

/// The name of the sequence behind a column, if it is an identity.
pub(super) fn identity_sequence(table: &str, column: &ColumnSchema) -> Option<String> {
    column.identity?;
    let given = column.identity_sequence.clone();
    Some(given.unwrap_or_else(|| naming::object_name(table, &column.name, "seq")))
}

fn identity_options(c: &mut Cursor<'_>, column: &mut ColumnSchema) {
    let numbering = column.numbering.unwrap_or_default();
    let mut numbering = numbering.with_defaults(&column.data_type);
    while !c.is_done() {
        if !option(c, &mut numbering) {
            c.next();
        }
    }
    column.numbering = of_type(numbering, column);
}

/// What is in the parentheses of an identity.
pub(super) fn of_identity(mut c: Cursor<'_>) -> Numbering {
    let mut numbering = Numbering::default();
    while !c.is_done() {
        if c.eat("sequence name") {
            let _ = c.qualified("the name of a sequence");
        } else if !option(&mut c, &mut numbering) {
            c.next();
        }
    }
    numbering
}

/// One parameter, if one stands here.
pub(super) fn option(c: &mut Cursor<'_>, numbering: &mut Numbering) -> bool {
    if c.eat("start") {
        c.eat("with");
        numbering.start = c.integer();
    } else if c.eat("increment") {
        c.eat("by");
        numbering.increment = c.integer();
    } else if c.eat("no minvalue") {
        numbering.min = None;
    } else if c.eat("minvalue") {
        numbering.min = c.integer();
    } else if c.eat("no maxvalue") {
        numbering.max = None;
    } else if c.eat("maxvalue") {
        numbering.max = c.integer();
    } else if c.eat("cache") {
        numbering.cache = c.integer();
    } else if c.eat("no cycle") {
        numbering.cycle = false;
    } else if c.eat("cycle") {
        numbering.cycle = true;
    } else {
        return false;
    }
    true
}
