//! Whether a value fits a field of a declared struct, decided by the compiler: `row!` with a table
//! asks for each value. What a column makes of a value is decided when it is written, not here.
//!
//! A value of the field's own type always fits, whatever that is, and so does a `Value`, which has no
//! type to be checked. Every other one goes by its class: any integer fits an integer.

mod class;

use std::marker::PhantomData;

pub use class::{FieldClass, Takes, ValueClass};

use crate::Value;
use crate::expr::Expression;
use crate::filter::Test;

/// A field: the name of its column, and its type.
#[derive(Debug)]
pub struct Field<F> {
    /// The column's name.
    pub name: &'static str,
    of: PhantomData<fn() -> F>,
}

impl<F> Field<F> {
    /// The field of a column.
    pub const fn new(name: &'static str) -> Self {
        Field {
            name,
            of: PhantomData,
        }
    }

    /// The field together with the type of the value that it is to get.
    pub fn given<V>(&self, _value: &V) -> Given<F, V> {
        Given(PhantomData)
    }
}

/// The types of a field and of a value.
#[derive(Debug)]
pub struct Given<F, V>(PhantomData<fn(V) -> F>);

impl<F, V> Clone for Given<F, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F, V> Copy for Given<F, V> {}

/// A field of which the attribute says the SQL type: its own type tells nothing of the values.
#[derive(Debug)]
pub struct AnyField {
    /// The column's name.
    pub name: &'static str,
}

impl AnyField {
    /// The field of a column.
    pub const fn new(name: &'static str) -> Self {
        AnyField { name }
    }

    /// Nothing is asked of the value.
    pub fn given<V>(&self, _value: &V) -> AnyGiven {
        AnyGiven
    }
}

/// A value that nothing is asked of.
#[derive(Debug)]
pub struct AnyGiven;

impl AnyGiven {
    /// It fits.
    pub fn fit(&self) -> Fitting {
        Fitting
    }
}

/// The value fits without being looked at.
#[derive(Debug)]
pub struct Fitting;

impl Fitting {
    /// The value.
    pub fn check<V>(self, value: V) -> V {
        value
    }
}

/// The value fits if its class does.
#[derive(Debug)]
pub struct ByClass<F>(PhantomData<fn() -> F>);

impl<F> ByClass<F> {
    /// The value, unless it does not fit.
    pub fn check<V: Fits<F>>(self, value: V) -> V {
        value
    }
}

/// Of `(&given).fit()` the compiler takes the first of these three that there is. The first takes a
/// number without a type for one of the field's type.
pub trait FitSame {
    #[doc(hidden)]
    fn fit(self) -> Fitting;
}

impl<T> FitSame for &Given<T, T> {
    fn fit(self) -> Fitting {
        Fitting
    }
}

impl<T> FitSame for &Given<T, &T> {
    fn fit(self) -> Fitting {
        Fitting
    }
}

/// The second.
pub trait FitUnchecked {
    #[doc(hidden)]
    fn fit(self) -> Fitting;
}

macro_rules! unchecked {
    ($($value:ty),*) => { $(
        impl<F> FitUnchecked for &&Given<F, $value> {
            fn fit(self) -> Fitting {
                Fitting
            }
        }
    )* };
}

unchecked!(Value, &Value, Test, Expression);

/// The last.
pub trait FitByClass {
    #[doc(hidden)]
    type Field;
    #[doc(hidden)]
    fn fit(self) -> ByClass<Self::Field>;
}

impl<F, V> FitByClass for Given<F, V> {
    type Field = F;

    fn fit(self) -> ByClass<F> {
        ByClass(PhantomData)
    }
}

/// A value that a field takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit a field of the type `{F}`",
    label = "this field has the type `{F}`, and its value the type `{Self}`",
    note = "a field takes values of its own type and of its kind: any integer for an integer, `&str` for `String`, a list for a filter; NULL only where it is an `Option`; a `db_adapter::Value` is not checked"
)]
pub trait Fits<F> {}

#[diagnostic::do_not_recommend]
impl<F: FieldClass, V: ValueClass> Fits<F> for V where F::Class: Takes<V::Class> {}
