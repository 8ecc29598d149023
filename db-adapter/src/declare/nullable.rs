//! Whether a type is an `Option`, behind an alias too, whatever it is an `Option` of, and whether it is
//! a table: the compiler takes the constant of the type where there is one, and that of the trait
//! elsewhere.

use std::marker::PhantomData;

/// Asks `T`: `<Nullable<T>>::YES`, with [`NotNullable`] in scope.
#[doc(hidden)]
#[derive(Debug)]
pub struct Nullable<T>(PhantomData<T>);

impl<T> Nullable<Option<T>> {
    /// It is one.
    pub const YES: bool = true;
}

/// The answer for every other type.
#[doc(hidden)]
pub trait NotNullable {
    /// It is none.
    const YES: bool = false;
}

impl<T> NotNullable for Nullable<T> {}

/// Asks whether `T` is a table: `<IsTable<T>>::YES`, with [`NotATable`] in scope.
#[doc(hidden)]
#[derive(Debug)]
pub struct IsTable<T: ?Sized>(PhantomData<T>);

impl<T: super::BackupTable> IsTable<T> {
    /// It is one.
    pub const YES: bool = true;
}

/// The answer for every other type.
#[doc(hidden)]
pub trait NotATable {
    /// It is none.
    const YES: bool = false;
}

impl<T: ?Sized> NotATable for IsTable<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    type Alias = Option<std::thread::Thread>;

    #[test]
    fn an_alias_is_seen() {
        const { assert!(<Nullable<Alias>>::YES) };
        const { assert!(!<Nullable<Vec<Option<u8>>>>::YES) };
    }
}
