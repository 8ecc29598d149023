//! "Did you mean": the known name that a mistyped one most likely stands for.
//! Never suggests something far away, and never spends long on long names.

/// Longer names than this are only compared without regard to case.
const LONGEST: usize = 64;

/// The candidate that is closest to `name`, or `None` when nothing is close enough.
///
/// A name that differs only in case wins; else the smallest number of typing slips (a letter
/// missing, added, replaced, or swapped with its neighbour), at most a third of the length.
///
/// ```
/// use db_adapter_core::closest;
///
/// assert_eq!(closest("emial", ["name", "email"]), Some("email"));
/// assert_eq!(closest("emial", ["name", "age"]), None);
/// ```
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(name);
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        if candidate == name {
            return Some(candidate);
        }
        let limit = match best {
            Some((0, _)) => continue, // only the exact spelling beats another case
            Some((distance, _)) => distance - 1,
            None => wanted.len() / 3,
        };
        if let Some(distance) = distance_within(&wanted, &folded(candidate), limit) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The characters without their case.
fn folded(name: &str) -> Vec<char> {
    name.chars().flat_map(char::to_lowercase).collect()
}

/// The number of slips between `a` and `b`, when it is at most `limit`.
fn distance_within(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a == b {
        return Some(0);
    }
    if a.len().abs_diff(b.len()) > limit || a.len().max(b.len()) > LONGEST {
        return None;
    }
    let distance = distance(a, b);
    (distance <= limit).then_some(distance)
}

/// Damerau-Levenshtein distance, in the variant that edits no letter twice.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        let mut left = i + 1;
        row.push(left);
        for (j, y) in b.iter().enumerate() {
            let replaced = at(&above, j) + usize::from(x != y);
            let mut best = replaced.min(left + 1).min(at(&above, j + 1) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
            left = best;
        }
        before = std::mem::replace(&mut above, row);
    }
    at(&above, b.len())
}

fn at(row: &[usize], index: usize) -> usize {
    row.get(index).copied().unwrap_or(usize::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slips_are_found() {
        let columns = ["id", "name", "email", "created_at", "user_id"];
        let closest = |name| closest(name, columns);
        assert_eq!(closest("nmae"), Some("name"));
        assert_eq!(closest("emails"), Some("email"));
        assert_eq!(closest("creatd_at"), Some("created_at"));
        assert_eq!(closest("userid"), Some("user_id"));
        assert_eq!(closest("ID"), Some("id"));
    }

    #[test]
    fn nothing_silly_is_suggested() {
        let columns = ["id", "name", "age"];
        for name in ["", "x", "di", "price", "nm", "zzz"] {
            assert_eq!(closest(name, columns), None, "{name}");
        }
    }

    #[test]
    fn another_case_wins_and_the_exact_spelling_wins_over_it() {
        assert_eq!(closest("NAME", ["nome", "name"]), Some("name"));
        assert_eq!(closest("name", ["NAME", "Name", "name"]), Some("name"));
        assert_eq!(closest("nAME", ["NAME", "Name"]), Some("NAME"));
        assert_eq!(closest("ÄPFEL", ["äpfel"]), Some("äpfel"));
    }

    #[test]
    fn long_names_cost_little() {
        let (long, other) = ("a".repeat(100_000), "b".repeat(100_000));
        assert_eq!(closest(&long, [other.as_str()]), None);
        assert_eq!(
            closest(&long.to_uppercase(), [long.as_str()]),
            Some(long.as_str())
        );
    }

    proptest! {
        #[test]
        fn a_distance_is_symmetric_and_bounded(a in "[abc]{0,8}", b in "[abc]{0,8}") {
            let (a, b) = (folded(&a), folded(&b));
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert!(distance(&a, &b) <= a.len().max(b.len()));
            prop_assert_eq!(distance(&a, &b) == 0, a == b);
        }
    }
}
