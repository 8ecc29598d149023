//! Finds for each expected object the actual one that it is: by what it says, then by its name.
//! Never reports anything.

use crate::validate::expression::Verdict;

/// Who belongs to whom.
pub(super) struct Pairs<'e, 'a, T> {
    /// Pairs that say the same, or of which that cannot be told.
    pub(super) same: Vec<(&'e T, &'a T, Verdict)>,
    /// Pairs of one name that say different things.
    pub(super) changed: Vec<(&'e T, &'a T)>,
    pub(super) missing: Vec<&'e T>,
    pub(super) extra: Vec<&'a T>,
}

/// Pairs two lists. What is surely the same goes first, then what has the same name, then what may
/// be the same although nobody can tell.
pub(super) fn pair<'e, 'a, T>(
    expected: impl Iterator<Item = &'e T>,
    actual: impl Iterator<Item = &'a T>,
    compare: impl Fn(&T, &T) -> Verdict,
    same_name: impl Fn(&T, &T) -> bool,
) -> Pairs<'e, 'a, T> {
    let mut pairs = Pairs {
        same: Vec::new(),
        changed: Vec::new(),
        missing: expected.collect(),
        extra: actual.collect(),
    };
    pairs.take(|e, a| (compare(e, a) == Verdict::Same && same_name(e, a)).then_some(Verdict::Same));
    pairs.take(|e, a| (compare(e, a) == Verdict::Same).then_some(Verdict::Same));
    pairs.take(|e, a| same_name(e, a).then(|| compare(e, a)));
    pairs.take(|e, a| (compare(e, a) == Verdict::Unknown).then_some(Verdict::Unknown));
    pairs
}

impl<T> Pairs<'_, '_, T> {
    fn take(&mut self, verdict: impl Fn(&T, &T) -> Option<Verdict>) {
        let mut left = Vec::new();
        for expected in std::mem::take(&mut self.missing) {
            let found = self.extra.iter().enumerate();
            let found = found
                .filter_map(|(at, actual)| Some((at, verdict(expected, actual)?)))
                .next();
            let Some((at, verdict)) = found else {
                left.push(expected);
                continue;
            };
            let actual = self.extra.remove(at);
            match verdict {
                Verdict::Different => self.changed.push((expected, actual)),
                verdict => self.same.push((expected, actual, verdict)),
            }
        }
        self.missing = left;
    }
}
