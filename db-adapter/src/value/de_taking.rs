//! serde in, of a value that nobody needs afterwards: texts and bytes are taken out of it, all else
//! is read as from a value that is lent.

use serde::de::value::SeqDeserializer;
use serde::de::{Deserializer, IntoDeserializer, Visitor};

use super::{Value, ValueDeserializer};
use crate::Error;

/// Hands one value to a user's `Deserialize`, and may leave NULL in its place.
pub(crate) struct TakingDeserializer<'a>(pub(crate) &'a mut Value);

impl<'a> IntoDeserializer<'a, Error> for TakingDeserializer<'a> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! lent {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            ValueDeserializer(self.0).$method(visitor)
        }
    )* };
}

impl<'de> Deserializer<'de> for TakingDeserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Text(text) => visitor.visit_string(std::mem::take(text).into()),
            Value::Bytes(bytes) => visitor.visit_byte_buf(std::mem::take(bytes).into()),
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(
                items.iter_mut().map(TakingDeserializer),
            )),
            lent => ValueDeserializer(lent).deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Text(_) => self.deserialize_any(visitor),
            lent => ValueDeserializer(lent).deserialize_string(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(_) => self.deserialize_any(visitor),
            lent => ValueDeserializer(lent).deserialize_seq(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Text(_) | Value::Bytes(_) | Value::Array(_) => visitor.visit_some(self),
            lent => ValueDeserializer(lent).deserialize_option(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Text(_) | Value::Bytes(_) | Value::Array(_) => {
                visitor.visit_newtype_struct(self)
            }
            lent => ValueDeserializer(lent).deserialize_newtype_struct(name, visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        ValueDeserializer(self.0).deserialize_enum(name, variants, visitor)
    }

    lent! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_bool deserialize_ignored_any
    }

    serde::forward_to_deserialize_any! {
        char bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
    }
}
