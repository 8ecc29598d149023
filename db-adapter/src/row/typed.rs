//! A row into a type of the caller's by serde, which takes the texts out of the row instead of
//! copying them. What a value may become is decided beside the values.

use std::slice;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::Row;
use crate::value::TakingDeserializer;
use crate::{Error, Result, Value};

impl Row {
    /// [`Row::deserialize`] of a row that nobody needs afterwards.
    pub(crate) fn into_typed<T: DeserializeOwned>(mut self) -> Result<T> {
        T::deserialize(TakenRow {
            names: self.header.names.iter(),
            values: self.values.iter_mut(),
        })
    }
}

struct TakenRow<'a> {
    names: slice::Iter<'a, Box<str>>,
    values: slice::IterMut<'a, Value>,
}

impl<'de> Deserializer<'de> for TakenRow<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_map(TakenEntries {
            row: self,
            current: None,
        })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Hands out the entries one by one and says in an error which column it was.
struct TakenEntries<'a> {
    row: TakenRow<'a>,
    /// The entry whose name was handed out.
    current: Option<(&'a str, &'a mut Value)>,
}

impl<'de> MapAccess<'de> for TakenEntries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let (Some(name), Some(value)) = (self.row.names.next(), self.row.values.next()) else {
            return Ok(None);
        };
        self.current = Some((name, value));
        let name: BorrowedStrDeserializer<'de, Error> = BorrowedStrDeserializer::new(name);
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let Some((name, value)) = self.current.take() else {
            return Err(Error::conversion("the row has no more columns"));
        };
        let value = seed.deserialize(TakingDeserializer(value));
        value.map_err(|error| error.in_column(name))
    }
}
