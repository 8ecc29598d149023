//! Classes of fields and of values, and which field takes which value: what its column takes without
//! loss, as far as a type tells.

use std::borrow::Cow;
use std::marker::PhantomData;

use crate::{Json, Numeric, Value};

/// What kind of values a field takes.
pub trait FieldClass {
    #[doc(hidden)]
    type Class;
}

/// What kind of value a type is.
pub trait ValueClass {
    #[doc(hidden)]
    type Class;
}

/// Whether a field of a class takes values of another one.
pub trait Takes<Class> {}

macro_rules! classes {
    ($($class:ident)*) => { $(
        #[doc(hidden)]
        #[derive(Debug)]
        pub struct $class;
    )* };
}

classes!(Bool Int Float Num Text Bytes Uuid Instant Stamp Day Clock Doc Any Null);

/// NULL or a value of a class.
#[derive(Debug)]
pub struct Opt<C>(PhantomData<C>);

/// Values of a class.
#[derive(Debug)]
pub struct List<C>(PhantomData<C>);

macro_rules! class_of {
    ($trait:ident $($class:ident: $($ty:ty),+;)*) => { $($(
        impl $trait for $ty {
            type Class = $class;
        }
    )+)* };
}

class_of! { FieldClass
    Bool: bool;
    Int: i8, i16, i32, i64, isize, u16, u32, u64, usize;
    Float: f32, f64;
    Num: i128, u128, Numeric;
    Text: String, Box<str>, char;
    Bytes: Vec<u8>;
    Doc: Json, serde_json::Value;
    Any: Value;
}

class_of! { ValueClass
    Bool: bool;
    Int: i8, i16, i32, i64, i128, isize, u16, u32, u64, u128, usize;
    Float: f32, f64;
    Num: Numeric;
    Text: str, String, Box<str>, char, Cow<'_, str>;
    Bytes: Vec<u8>, [u8];
    Doc: Json;
    Any: Value, serde_json::Value;
    Null: ();
}

#[cfg(any(
    feature = "uuid",
    feature = "chrono",
    feature = "time",
    feature = "rust_decimal"
))]
macro_rules! class_of_both {
    ($($class:ident: $($ty:ty),+;)*) => {
        class_of! { FieldClass $($class: $($ty),+;)* }
        class_of! { ValueClass $($class: $($ty),+;)* }
    };
}

#[cfg(feature = "uuid")]
class_of_both! { Uuid: uuid::Uuid; }

#[cfg(feature = "rust_decimal")]
class_of_both! { Num: rust_decimal::Decimal; }

#[cfg(feature = "chrono")]
class_of_both! {
    Stamp: chrono::NaiveDateTime;
    Day: chrono::NaiveDate;
    Clock: chrono::NaiveTime;
}

#[cfg(feature = "chrono")]
impl<Z: chrono::TimeZone> FieldClass for chrono::DateTime<Z> {
    type Class = Instant;
}

#[cfg(feature = "chrono")]
impl<Z: chrono::TimeZone> ValueClass for chrono::DateTime<Z> {
    type Class = Instant;
}

#[cfg(feature = "time")]
class_of_both! {
    Instant: time::OffsetDateTime;
    Stamp: time::PrimitiveDateTime;
    Day: time::Date;
    Clock: time::Time;
}

impl<const N: usize> FieldClass for [u8; N] {
    type Class = Bytes;
}

impl<const N: usize> ValueClass for [u8; N] {
    type Class = Bytes;
}

impl<T: FieldClass> FieldClass for Option<T> {
    type Class = Opt<T::Class>;
}

impl<T: FieldClass> FieldClass for Vec<T> {
    type Class = List<T::Class>;
}

impl<T: ValueClass> ValueClass for Option<T> {
    type Class = Opt<T::Class>;
}

impl<T: ValueClass + ?Sized> ValueClass for &T {
    type Class = T::Class;
}

macro_rules! lists {
    ($([$($generics:tt)*] $ty:ty;)*) => { $(
        impl<T: ValueClass, $($generics)*> ValueClass for $ty {
            type Class = List<T::Class>;
        }
    )* };
}

lists! {
    [] Vec<T>;
    [] [T];
    [const N: usize] [T; N];
}

macro_rules! takes {
    ($($field:ident: $($value:ident)+;)*) => { $($( impl Takes<$value> for $field {} )+)* };
}

// as a column takes it without loss: a text for what is written as text
takes! {
    Bool: Bool;
    Int: Int;
    Float: Float Int;
    Num: Num Int Float Text;
    Text: Text;
    Bytes: Bytes;
    Uuid: Uuid Text;
    Instant: Instant Text;
    Stamp: Stamp Text;
    Day: Day Text;
    Clock: Clock Text;
}

impl<C> Takes<C> for Doc {}
impl<C> Takes<C> for Any {}

macro_rules! simple {
    ($($class:ident)*) => { $(
        impl Takes<Any> for $class {}
        // as a filter a list means one of its values
        impl<D> Takes<List<D>> for $class where $class: Takes<D> {}
        impl<C: Takes<$class>> Takes<$class> for Opt<C> {}
    )* };
}

simple!(Bool Int Float Num Text Bytes Uuid Instant Stamp Day Clock);

impl<C> Takes<Any> for List<C> {}
impl<C: Takes<D>, D> Takes<List<D>> for List<C> {}

impl<C> Takes<Any> for Opt<C> {}
impl<C> Takes<Null> for Opt<C> {}
impl<C: Takes<Doc>> Takes<Doc> for Opt<C> {}
impl<C: Takes<List<D>>, D> Takes<List<D>> for Opt<C> {}
impl<C: Takes<D>, D> Takes<Opt<D>> for Opt<C> {}
