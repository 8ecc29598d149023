//! A JSON document into a user's type, with every digit before the point of its numbers: serde_json gives
//! integers that are too long as floats, and floats take integers that they round. Only for documents
//! that may have such a number; of the others serde_json does the same.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    self, Deserializer, IntoDeserializer, MapAccess, Visitor, value::CowStrDeserializer,
    value::MapAccessDeserializer, value::MapDeserializer, value::SeqDeserializer,
};
use serde_json::value::RawValue;

use super::Numeric;
use super::de::numeric_to_f64;
use super::de_value::{MAX_DEPTH, raw_name};
use super::refused::{Refused, another_shape, refused};

/// Digits that a float has for certain.
const CERTAIN: usize = 15;

/// Whether a number of the document may be more than a float holds. Text in it may say so too.
pub(super) fn may_round(json: &str) -> bool {
    let mut digits = 0;
    for byte in json.bytes() {
        digits = match byte {
            b'0'..=b'9' => digits + 1,
            b'e' | b'E' if digits > 0 => return true,
            _ => 0,
        };
        if digits > CERTAIN {
            return true;
        }
    }
    false
}

/// A part of a document, by its text.
#[derive(Clone, Copy)]
pub(super) struct Document<'de> {
    text: &'de str,
    depth: usize,
}

impl<'de> Document<'de> {
    pub(super) fn new(json: &'de str) -> Self {
        Document {
            text: json.trim(),
            depth: 0,
        }
    }

    fn inside(self, part: &'de RawValue) -> Self {
        Document {
            text: part.get().trim(),
            depth: self.depth + 1,
        }
    }

    fn first(self) -> Option<u8> {
        self.text.bytes().next()
    }

    fn is_number(self) -> bool {
        matches!(self.first(), Some(b'-' | b'0'..=b'9'))
    }

    /// As serde_json does it: for what holds no number.
    fn plain(self) -> serde_json::Deserializer<serde_json::de::StrRead<'de>> {
        serde_json::Deserializer::from_str(self.text)
    }

    fn float(self) -> Result<f64, Refused> {
        match self.text {
            // a numeric has no negative zero
            "-0" | "-0.0" => Ok(-0.0),
            text => Ok(numeric_to_f64(Numeric::parse(text)?.as_str())?),
        }
    }

    fn items(self) -> Result<Vec<&'de RawValue>, Refused> {
        self.check_depth()?;
        serde_json::from_str(self.text).map_err(|_| another_shape())
    }

    fn members(self) -> Result<Vec<(Key<'de>, Document<'de>)>, Refused> {
        self.check_depth()?;
        let members = self.plain().deserialize_map(Members);
        let members = members.map_err(|_| another_shape())?;
        let member = |(key, part)| (Key(key), self.inside(part));
        Ok(members.into_iter().map(member).collect())
    }

    /// Each level is one of the stack as well.
    fn check_depth(self) -> Result<(), Refused> {
        match self.depth < MAX_DEPTH {
            true => Ok(()),
            false => Err(refused(format!(
                "documents nested deeper than {MAX_DEPTH} levels"
            ))),
        }
    }
}

/// The members of an object, in their order.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key::<Name<'de>>()? {
            members.push((key.0, map.next_value()?));
        }
        Ok(members)
    }
}

/// A member's name, borrowed where it has no escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> de::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $ty:ty;)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            match self.text.parse::<$ty>() {
                Ok(int) => visitor.$visit(int),
                Err(_) => self.deserialize_any(visitor),
            }
        }
    )* };
}

impl<'de> Deserializer<'de> for Document<'de> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.first() {
            Some(b'{') => visitor.visit_map(MapDeserializer::new(self.members()?.into_iter())),
            Some(b'[') => {
                let items = self.items()?.into_iter().map(|part| self.inside(part));
                visitor.visit_seq(SeqDeserializer::new(items))
            }
            _ if !self.is_number() => {
                let read = (&mut self.plain()).deserialize_any(visitor);
                read.map_err(|_| another_shape())
            }
            _ => match (self.text.parse::<u64>(), self.text.parse::<i64>()) {
                (Ok(int), _) => visitor.visit_u64(int),
                (_, Ok(int)) if int != 0 => visitor.visit_i64(int),
                _ => visitor.visit_f64(self.float()?),
            },
        }
    }

    integers! {
        deserialize_i8 visit_i8 i8; deserialize_i16 visit_i16 i16; deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64; deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8; deserialize_u16 visit_u16 u16; deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64; deserialize_u128 visit_u128 u128;
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.is_number() {
            true => visitor.visit_f64(self.float()?),
            false => self.deserialize_any(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.text {
            "null" => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        if name != raw_name() {
            return visitor.visit_newtype_struct(self);
        }
        let read = self.plain().deserialize_newtype_struct(name, visitor);
        read.map_err(|_| another_shape())
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        if self.first() != Some(b'{') {
            let read = self.plain().deserialize_enum(name, variants, visitor);
            return read.map_err(|_| another_shape());
        }
        let members = self.members()?;
        if members.len() != 1 {
            return Err(another_shape());
        }
        let members = MapDeserializer::new(members.into_iter());
        visitor.visit_enum(MapAccessDeserializer::new(members))
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.first() {
            Some(b'"') => {
                let read = self.plain().deserialize_bytes(visitor);
                read.map_err(|_| another_shape())
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool char str string unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

impl<'de> IntoDeserializer<'de, Refused> for Document<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A member's name as a key: of a map by integers it is the text of one.
struct Key<'de>(Cow<'de, str>);

impl<'de> Key<'de> {
    fn text(self) -> CowStrDeserializer<'de, Refused> {
        self.0.into_deserializer()
    }
}

impl<'de> IntoDeserializer<'de, Refused> for Key<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! keys {
    ($($method:ident $visit:ident $ty:ty;)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            match self.0.parse::<$ty>() {
                Ok(key) => visitor.$visit(key),
                Err(_) => self.deserialize_any(visitor),
            }
        }
    )* };
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.text().deserialize_any(visitor)
    }

    keys! {
        deserialize_i8 visit_i8 i8; deserialize_i16 visit_i16 i16; deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64; deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8; deserialize_u16 visit_u16 u16; deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64; deserialize_u128 visit_u128 u128;
        deserialize_bool visit_bool bool;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_enum(self.text())
    }

    serde::forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::{Error, Json, Value};

    fn read<'de, T: Deserialize<'de>>(json: &'de str) -> Result<T, Error> {
        assert!(may_round(json), "{json}");
        Ok(T::deserialize(Document::new(json))?)
    }

    const TOO_LONG: [&str; 6] = [
        "18446744073709551616",
        "-9223372036854775809",
        "12345678901234567890123456789012345678",
        "123456789012345678.5",
        "9007199254740993.0",
        "123456789012345678e1",
    ];

    #[test]
    fn no_digit_before_the_point_is_lost() {
        for number in TOO_LONG {
            let json = format!(r#"{{"a":[{number}]}}"#);
            let error = read::<serde_json::Value>(&json).unwrap_err().to_string();
            assert!(error.contains("rounded"), "{error}");
            assert!(!error.contains("1234"), "{error}");
            read::<BTreeMap<String, Vec<f64>>>(&json).unwrap_err();
            // what holds it takes it
            let exact: BTreeMap<String, Vec<Value>> = read(&json).unwrap();
            assert_eq!(exact["a"].len(), 1);
            let raw: BTreeMap<String, Box<RawValue>> = read(&json).unwrap();
            assert_eq!(raw["a"].get(), format!("[{number}]"));
            // and who does not look at it does not mind
            #[derive(Deserialize)]
            struct Other {
                b: Option<i64>,
            }
            assert_eq!(read::<Other>(&json).unwrap().b, None);
        }
        // integers go into floats that hold them, and nowhere else
        let odd = r#"{"a":9007199254740993}"#;
        read::<BTreeMap<String, f64>>(odd).unwrap_err();
        let whole: BTreeMap<String, i64> = read(odd).unwrap();
        assert_eq!(whole["a"], 9_007_199_254_740_993);
        let wide: Vec<i128> = read("[170141183460469231731687303715884105727]").unwrap();
        assert_eq!(wide, [i128::MAX]);
        assert_eq!(read::<Vec<f64>>("[1e300, 1E2]").unwrap(), [1e300, 100.0]);
    }

    #[test]
    fn of_all_else_it_is_what_serde_json_gives() {
        let json = r#" {"a\u0041": [1, -2, -0, 0.1, 1.5e3, "x\n1e5", null, true, {}, []],
            "k": {"1": {"Variant": [1, 2]}, "-2": "Unit"}, "big": 18446744073709551615, "least": -9223372036854775808} "#;
        let expected: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(read::<serde_json::Value>(json).unwrap(), expected);

        #[derive(Debug, Deserialize, PartialEq)]
        enum Kind {
            Unit,
            Variant(u8, u8),
            Named { n: f32 },
        }
        #[derive(Debug, Deserialize, PartialEq)]
        struct Typed<'a> {
            #[serde(borrow)]
            text: &'a str,
            kinds: BTreeMap<i8, Kind>,
            pair: (u8, Option<char>),
            none: Option<u8>,
            unit: (),
            new: New,
            bytes: serde_bytes_like::Bytes,
            number: f64,
        }
        #[derive(Debug, Deserialize, PartialEq)]
        struct New(i16);
        mod serde_bytes_like {
            #[derive(Debug, serde::Deserialize, PartialEq)]
            pub(super) struct Bytes(Vec<u8>);
        }
        let json = r#"{"text":"t","kinds":{"-1":"Unit","2":{"Variant":[1,2]},"3":{"Named":{"n":1.5}}},
            "pair":[7,"c"],"none":null,"unit":null,"new":-3,"bytes":[1,2],"number":1e2}"#;
        let expected: Typed<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(read::<Typed<'_>>(json).unwrap(), expected);
        assert!(read::<Vec<u8>>("[300e0]").is_err() && read::<Kind>(r#"{"a":1e1,"b":2}"#).is_err());
    }

    #[test]
    fn hostile_depth_is_refused() {
        let deep = format!("{}1e1{}", "[".repeat(5000), "]".repeat(5000));
        read::<serde_json::Value>(&deep).unwrap_err();
        let json = Json::parse(deep).unwrap();
        json.deserialize::<serde_json::Value>().unwrap_err();
    }

    #[test]
    fn only_long_digits_and_exponents_are_looked_at() {
        assert!(!may_round(r#"{"a":123456789012345.25,"e":"extra"}"#));
        assert!(may_round("1234567890123456") && may_round("1e3") && may_round("1E3"));
    }
}
