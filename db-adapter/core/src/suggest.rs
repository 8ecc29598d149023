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
            Some((distance, _)) => distance.saturating_sub(1),
            None => wanted.len() / 3,
        };
        if let Some(distance) = distance_within(&wanted, &folded(candidate), limit) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// At most `LONGEST + 1` characters matter: a longer name compares by all of them only here.
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
