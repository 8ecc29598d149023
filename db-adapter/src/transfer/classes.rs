//! Which values of a column the database calls equal although they are written differently: one value
//! of each class of equal ones stands for all of them. Never says itself what is equal. Pure.

use std::collections::HashMap;

use super::fingerprint::{ByKey, Fingerprint};

/// A value of which the database is asked.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Of the value as it is written.
    pub(super) written: Fingerprint,
    /// The value as JSON.
    pub(super) json: String,
}

/// What is known of the values of one kind of column.
#[derive(Debug, Clone, Default)]
pub(super) struct Classes {
    /// For each value that is known the one that stands for it, which may be itself.
    first: ByKey<Fingerprint>,
    /// The values that stand for others or for themselves, by the database's hash of them: only
    /// two of one hash can be equal.
    by_hash: HashMap<i64, Vec<Member>>,
}

impl Classes {
    /// Whether the database was asked about the value.
    pub(super) fn knows(&self, written: Fingerprint) -> bool {
        self.first.contains_key(&written)
    }

    /// The value that stands for this one; itself where nobody has asked.
    pub(super) fn of(&self, written: Fingerprint) -> Fingerprint {
        self.first.get(&written).copied().unwrap_or(written)
    }

    /// Takes a value in that equals no other one, as far as is known. Without a hash it is not a value
    /// of the column's type at all, and equals none.
    pub(super) fn add(&mut self, hash: Option<i64>, member: Member) {
        self.first.insert(member.written, member.written);
        if let Some(hash) = hash {
            self.by_hash.entry(hash).or_default().push(member);
        }
    }

    /// The values of one hash, the ones first that were known first.
    pub(super) fn of_hash(&self, hash: i64) -> &[Member] {
        self.by_hash.get(&hash).map_or(&[], Vec::as_slice)
    }

    /// The database calls these values of one hash equal: the first of them stands for the others.
    pub(super) fn join(&mut self, hash: i64, equal: &[Fingerprint]) {
        let Some(members) = self.by_hash.get_mut(&hash) else {
            return;
        };
        let is_equal = |member: &Member| equal.contains(&member.written);
        let first = members.iter().find(|member| is_equal(member));
        let Some(first) = first.map(|member| member.written) else {
            return;
        };
        for other in equal {
            self.first.insert(*other, first);
        }
        members.retain(|member| member.written == first || !is_equal(member));
    }
}

#[cfg(test)]
mod tests {
    use super::super::fingerprint::{Fingerprints, Meaning};
    use super::*;
    use crate::Value;
    use db_adapter_core::SqlType;

    #[test]
    fn the_first_of_equal_values_stands_for_all_and_for_later_ones() {
        let of = Fingerprints::default();
        let meaning = Meaning::new(SqlType::Citext, None);
        let member = |text: &str| Member {
            written: of.written(&Value::Text(text.into()), &meaning),
            json: format!("\"{text}\""),
        };
        let [a, upper, b, other, none] = ["a", "A", "b", "x", "?"].map(member);
        let mut classes = Classes::default();
        for (hash, member) in [
            (Some(1), &a),
            (Some(1), &upper),
            (Some(1), &b),
            (None, &none),
        ] {
            classes.add(hash, member.clone());
        }
        classes.join(1, &[upper.written, a.written]);
        assert_eq!(classes.of(upper.written), a.written);
        let left: Vec<Fingerprint> = classes.of_hash(1).iter().map(|m| m.written).collect();
        assert_eq!(left, [a.written, b.written]);
        assert_eq!(classes.of(b.written), b.written);
        assert_eq!(classes.of(other.written), other.written);
        assert!(classes.knows(none.written) && !classes.knows(other.written));
    }
}
