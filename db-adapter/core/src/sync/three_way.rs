//! What becomes of a row by its three states: in the base (what both sides were like after the last sync), in the
//! source and in the destination. A side that is as it was then has nothing to say; the other one decides. Where both
//! have changed it is a conflict. Pure: states go in, an action comes out.

#![forbid(unsafe_code)]

/// A row in the base: by its hash in the source and in the destination, which differ where the two databases hold one
/// value in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base<H> {
    /// There is no base, so that nobody knows.
    Unknown,
    /// There is a base, without the row.
    Absent,
    /// The row was there.
    Row {
        /// Its hash in the source.
        source: H,
        /// Its hash in the destination.
        dest: H,
    },
}

/// What is known of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State<H> {
    /// After the last sync.
    pub base: Base<H>,
    /// Its hash in the source; `None` where it is not there.
    pub source: Option<H>,
    /// Its hash in the destination.
    pub dest: Option<H>,
}

/// One of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one that is read.
    Source,
    /// The one that is written to.
    Dest,
}

/// What becomes of a row that was changed on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// It stays a conflict.
    Fail,
    /// It becomes what it is in the source.
    Source,
    /// It stays what it is in the destination.
    Dest,
    /// The side with the later value in a column wins.
    Newer,
}

/// What is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Whether rows are deleted.
    pub deletes: bool,
    /// What becomes of conflicts. `None`: without a base rows that differ are no conflicts, and get the values of the
    /// source; with a base it is as [`Policy::Fail`].
    pub on_conflict: Option<Policy>,
}

/// What is done with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// The destination gets it.
    Insert,
    /// It gets the values of the source.
    Update,
    /// Nothing changed.
    Unchanged,
    /// Both sides have changed to the same.
    Converged,
    /// Only the destination has it, and it stays.
    OnlyInDest,
    /// Only the destination has changed it: it stays as it is there.
    KeptChange,
    /// Only the destination has deleted it: it stays deleted there.
    KeptGone,
    /// The source has deleted it: so does the destination.
    Delete,
    /// Both sides have changed it, and nothing says which counts.
    Conflict,
    /// It is in neither of the two any more.
    Gone,
}

/// An action, and whether both sides had changed the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// What is done.
    pub action: Action,
    /// Whether it was a conflict, decided or not.
    pub is_conflict: bool,
}

/// What becomes of a row. `newer` is asked only where both sides have a row that is in conflict and the policy is
/// [`Policy::Newer`]; `None` where nobody can say, which leaves it a conflict.
///
/// ```
/// use db_adapter_core::sync::{Action, Base, Rules, State, verdict};
///
/// let rules = Rules { deletes: true, on_conflict: None };
/// let state = State { base: Base::Row { source: 1, dest: 1 }, source: None, dest: Some(1) };
/// assert_eq!(verdict(state, rules, || None).action, Action::Delete);
/// // the destination has changed it since
/// let state = State { dest: Some(2), ..state };
/// assert_eq!(verdict(state, rules, || None).action, Action::Conflict);
/// ```
pub fn verdict<H: PartialEq + Copy>(
    state: State<H>,
    rules: Rules,
    newer: impl FnOnce() -> Option<Side>,
) -> Verdict {
    let plain = |action| Verdict {
        action,
        is_conflict: false,
    };
    let conflict = |newer| Verdict {
        action: decided(state, rules.on_conflict, newer),
        is_conflict: true,
    };
    let only_in_dest = |is_to_go: bool| match is_to_go && rules.deletes {
        true => plain(Action::Delete),
        false => plain(Action::OnlyInDest),
    };
    match (state.base, state.source, state.dest) {
        (_, None, None) => plain(Action::Gone),
        (Base::Unknown | Base::Absent, Some(_), None) => plain(Action::Insert),
        (Base::Unknown, None, Some(_)) => only_in_dest(true),
        (Base::Absent, None, Some(_)) => only_in_dest(false),
        (Base::Unknown, Some(source), Some(dest)) if source == dest => plain(Action::Unchanged),
        (Base::Unknown, ..) if rules.on_conflict.is_none() => plain(Action::Update),
        (Base::Absent, Some(source), Some(dest)) if source == dest => plain(Action::Converged),
        (Base::Unknown | Base::Absent, ..) => conflict(newer),
        (Base::Row { source, dest }, now, there) => {
            match (now == Some(source), there == Some(dest), now, there) {
                (true, true, ..) => plain(Action::Unchanged),
                (_, _, Some(now), Some(there)) if now == there => plain(Action::Converged),
                (false, true, Some(_), _) => plain(Action::Update),
                (false, true, None, _) => only_in_dest(true),
                (true, false, _, Some(_)) => plain(Action::KeptChange),
                (true, false, _, None) => plain(Action::KeptGone),
                // what is not to be deleted is in no conflict
                (false, false, None, _) if !rules.deletes => only_in_dest(false),
                (false, false, ..) => conflict(newer),
            }
        }
    }
}

/// What a policy makes of a conflict.
fn decided<H>(
    state: State<H>,
    policy: Option<Policy>,
    newer: impl FnOnce() -> Option<Side>,
) -> Action {
    let both = state.source.is_some() && state.dest.is_some();
    let side = match policy {
        None | Some(Policy::Fail) => None,
        Some(Policy::Source) => Some(Side::Source),
        Some(Policy::Dest) => Some(Side::Dest),
        Some(Policy::Newer) if both => newer(),
        // what is not there has no time
        Some(Policy::Newer) => None,
    };
    match (side, state.source, state.dest) {
        (None, ..) => Action::Conflict,
        (Some(Side::Source), Some(_), Some(_)) => Action::Update,
        (Some(Side::Source), Some(_), None) => Action::Insert,
        (Some(Side::Source), None, _) => Action::Delete,
        (Some(Side::Dest), Some(_), Some(_)) => Action::KeptChange,
        (Some(Side::Dest), Some(_), None) => Action::KeptGone,
        (Some(Side::Dest), None, _) => Action::OnlyInDest,
    }
}

/// The row in the base of the next sync, once this verdict was carried out; `None` where the base forgets it. `after`:
/// its hash in the destination afterwards.
///
/// Of a row that the destination keeps against the source, the base has what the source has, so that its change is
/// not brought once more, and of the destination what it was before, so that what is there goes on to be its change.
pub fn next_base<H: PartialEq + Copy>(
    state: State<H>,
    verdict: Verdict,
    after: Option<H>,
) -> Option<(H, H)> {
    let before = match state.base {
        Base::Row { dest, .. } => Some(dest),
        Base::Unknown | Base::Absent => None,
    };
    match (state.source, verdict.action) {
        (Some(source), Action::KeptChange | Action::KeptGone) => {
            // without a base both sides have added it: what is in the destination is not the source's
            Some((source, before.unwrap_or(source)))
        }
        (Some(source), _) => Some((source, after.unwrap_or(source))),
        // a later sync may be one that deletes
        (None, Action::OnlyInDest) if !verdict.is_conflict => match state.base {
            Base::Row { source, dest } => Some((source, dest)),
            Base::Unknown | Base::Absent => None,
        },
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hash as a letter; `.` is a row that is not there, `?` a base that is not there. A base of two letters has
    /// another hash for each side.
    fn state(text: &str) -> State<char> {
        let cells: Vec<&str> = text.split_whitespace().collect();
        let side = |text: &str| text.chars().next().filter(|c| *c != '.');
        State {
            base: match cells[0] {
                "?" => Base::Unknown,
                "." => Base::Absent,
                row => Base::Row {
                    source: row.chars().next().unwrap(),
                    dest: row.chars().last().unwrap(),
                },
            },
            source: side(cells[1]),
            dest: side(cells[2]),
        }
    }

    const POLICIES: [Option<Policy>; 5] = [
        None,
        Some(Policy::Fail),
        Some(Policy::Source),
        Some(Policy::Dest),
        Some(Policy::Newer),
    ];

    fn letter(verdict: Verdict) -> String {
        let letter = match verdict.action {
            Action::Insert => "ins",
            Action::Update => "upd",
            Action::Unchanged => "same",
            Action::Converged => "conv",
            Action::OnlyInDest => "only",
            Action::KeptChange => "keep",
            Action::KeptGone => "gone",
            Action::Delete => "del",
            Action::Conflict => "FAIL",
            Action::Gone => "-",
        };
        let mark = if verdict.is_conflict { "!" } else { "" };
        format!("{mark}{letter}")
    }

    /// Base, source, destination; then what is done without deletes and with them, each for: no policy, fail, source,
    /// dest, newer where the source is newer, newer where nobody can say.
    const TABLE: &[(&str, &str, &str)] = &[
        // there is no base
        ("? . .", "-", "-"),
        ("? a .", "ins", "ins"),
        ("? . a", "only", "del"),
        ("? a a", "same", "same"),
        (
            "? a b",
            "upd !FAIL !upd !keep !upd !FAIL",
            "upd !FAIL !upd !keep !upd !FAIL",
        ),
        // the base does not have the row
        (". . .", "-", "-"),
        (". a .", "ins", "ins"),
        (". . a", "only", "only"),
        (". a a", "conv", "conv"),
        (
            ". a b",
            "!FAIL !FAIL !upd !keep !upd !FAIL",
            "!FAIL !FAIL !upd !keep !upd !FAIL",
        ),
        // the base has the row
        ("a . .", "-", "-"),
        ("a a a", "same", "same"),
        ("a b a", "upd", "upd"),
        ("a a b", "keep", "keep"),
        ("a b b", "conv", "conv"),
        (
            "a b c",
            "!FAIL !FAIL !upd !keep !upd !FAIL",
            "!FAIL !FAIL !upd !keep !upd !FAIL",
        ),
        ("a a .", "gone", "gone"),
        (
            "a b .",
            "!FAIL !FAIL !ins !gone !FAIL !FAIL",
            "!FAIL !FAIL !ins !gone !FAIL !FAIL",
        ),
        ("a . a", "only", "del"),
        ("a . b", "only", "!FAIL !FAIL !del !only !FAIL !FAIL"),
        // the two sides hold one row in two ways
        ("ax . .", "-", "-"),
        ("ax a x", "same", "same"),
        ("ax b x", "upd", "upd"),
        ("ax a y", "keep", "keep"),
        ("ax a a", "conv", "conv"),
        ("ax x x", "conv", "conv"),
        ("ax a .", "gone", "gone"),
        ("ax . x", "only", "del"),
        ("ax . a", "only", "!FAIL !FAIL !del !only !FAIL !FAIL"),
    ];

    #[test]
    fn every_combination_has_its_action() {
        let mut seen = std::collections::HashSet::new();
        for (text, without, with) in TABLE {
            let state = state(text);
            assert!(seen.insert(text), "{text} twice");
            for (deletes, expected) in [(false, without), (true, with)] {
                let told = |on_conflict, newer| {
                    let rules = Rules {
                        deletes,
                        on_conflict,
                    };
                    letter(verdict(state, rules, || newer))
                };
                let mut all: Vec<String> = POLICIES
                    .into_iter()
                    .map(|policy| told(policy, Some(Side::Source)))
                    .collect();
                all.push(told(Some(Policy::Newer), None));
                let expected: Vec<&str> = expected.split(' ').collect();
                let expected = match expected.as_slice() {
                    [one] => vec![*one; 6],
                    all => all.to_vec(),
                };
                assert_eq!(all, expected, "{text}, deletes: {deletes}");
            }
        }
    }

    /// The table above has every combination: three kinds of base, two sides that are absent, as in the base, or
    /// changed, alike or not.
    #[test]
    fn the_table_is_whole() {
        let sides = [None, Some('a'), Some('b'), Some('c')];
        let bases = [
            Base::Unknown,
            Base::Absent,
            Base::Row {
                source: 'a',
                dest: 'a',
            },
        ];
        let known: Vec<State<char>> = TABLE.iter().map(|(text, ..)| state(text)).collect();
        for base in bases {
            for source in sides {
                for dest in sides {
                    let wanted = shape(State { base, source, dest });
                    let found = known.iter().any(|state| shape(*state) == wanted);
                    assert!(found, "{base:?} {source:?} {dest:?}");
                }
            }
        }
    }

    /// All that a verdict may depend on.
    fn shape(state: State<char>) -> (u8, [bool; 5]) {
        let (kind, base) = match state.base {
            Base::Unknown => (0, (None, None)),
            Base::Absent => (1, (None, None)),
            Base::Row { source, dest } => (2, (Some(source), Some(dest))),
        };
        let (source, dest) = (state.source, state.dest);
        let is = [
            source.is_some(),
            dest.is_some(),
            source == dest,
            kind == 2 && source == base.0,
            kind == 2 && dest == base.1,
        ];
        (kind, is)
    }

    /// A second sync of what a first one left has nothing to write, whatever was decided.
    #[test]
    fn a_second_sync_writes_nothing() {
        for (text, ..) in TABLE {
            for deletes in [false, true] {
                for on_conflict in POLICIES {
                    let rules = Rules {
                        deletes,
                        on_conflict,
                    };
                    let state = state(text);
                    let first = verdict(state, rules, || Some(Side::Source));
                    let dest = match first.action {
                        Action::Conflict => continue,
                        Action::Insert | Action::Update => state.source,
                        Action::Delete => None,
                        _ => state.dest,
                    };
                    let base = match next_base(state, first, dest) {
                        Some((source, dest)) => Base::Row { source, dest },
                        None => Base::Absent,
                    };
                    let next = State {
                        base,
                        dest,
                        ..state
                    };
                    let second = verdict(next, rules, || None);
                    let writes = [
                        Action::Insert,
                        Action::Update,
                        Action::Delete,
                        Action::Conflict,
                    ];
                    assert!(
                        !writes.contains(&second.action),
                        "{text} {rules:?}: {first:?}, then {second:?}"
                    );
                }
            }
        }
    }
}
