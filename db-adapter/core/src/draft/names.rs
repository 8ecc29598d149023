//! Names of structs and fields: of letters that every compiler takes, each once.

use std::collections::BTreeSet;

/// Keywords, and names that the file needs for something else.
const TAKEN: [&str; 72] = [
    "Self", "Option", "String", "Vec", "Value", "Numeric", "Json", "Box", "Some", "None", "Ok",
    "Err", "Result", "Row", "SCHEMA", "Debug", "Clone", "Copy", "Default", "Drop", "Fn", "From",
    "Into", "Send", "Sync", "Iterator", "as", "async", "await", "break", "const", "continue",
    "crate", "dyn", "else", "enum", "extern", "false", "fn", "for", "gen", "if", "impl", "in",
    "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "type", "union", "unsafe", "use", "where", "while",
    "abstract", "become", "do", "final", "macro", "try", "yield",
];
/// Reserved, and the words of the macros.
const MORE: [&str; 8] = [
    "box", "override", "priv", "typeof", "unsized", "virtual", "none", "i",
];

/// Names that were given.
#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// `order_items` as `OrderItems`.
    pub(super) fn type_of(&mut self, name: &str) -> String {
        let words = words(name);
        let upper = words.iter().map(|word| {
            let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
            format!("{}{rest}", first.to_ascii_uppercase())
        });
        self.give(upper.collect(), ["Table", "Row", ""])
    }

    /// `OrderItems` as `orderitems`: folded, as SQL does.
    pub(super) fn field_of(&mut self, name: &str) -> String {
        self.give(
            words(name).join("_").to_ascii_lowercase(),
            ["column", "_", "_"],
        )
    }

    /// What comes before a name without letters, behind a word that is taken, and before a number.
    fn give(&mut self, name: String, [nameless, more, apart]: [&str; 3]) -> String {
        let mut name = match name.chars().next() {
            None => nameless.to_owned(),
            Some(first) if first.is_ascii_digit() => format!("{nameless}{name}"),
            Some(_) => name,
        };
        if TAKEN.contains(&name.as_str()) || MORE.contains(&name.as_str()) {
            name.push_str(more);
        }
        let plain = name.clone();
        let mut number = 2;
        while !self.0.insert(name.clone()) {
            let apart = if plain.ends_with('_') { "" } else { apart };
            name = format!("{plain}{apart}{number}");
            number += 1;
        }
        name
    }
}

/// The runs of ASCII letters and digits.
fn words(name: &str) -> Vec<&str> {
    let parts = name.split(|c: char| !c.is_ascii_alphanumeric());
    parts.filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn every_name_is_one_of_rust_and_there_once() {
        let mut types = Names::default();
        for (name, given) in [
            ("order_items", "OrderItems"),
            ("Order Items", "OrderItems2"),
            ("option", "OptionRow"),
            ("1st", "Table1st"),
            ("日本", "Table"),
            ("", "Table2"),
        ] {
            assert_eq!(types.type_of(name), given);
        }
        let mut fields = Names::default();
        for (name, given) in [
            ("type", "type_"),
            ("Type", "type_2"),
            ("a.b", "a_b"),
            ("é", "column"),
            ("2fa", "column2fa"),
        ] {
            assert_eq!(fields.field_of(name), given);
        }
    }
}
