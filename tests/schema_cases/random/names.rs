//! Names that are hard to write, each once.

use std::collections::BTreeSet;

use db_adapter_core::quote_ident;
use support::Random;

/// The names that are taken, in lower case: what one backend tells apart, the other may not.
#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

/// Words that cannot be names without quotes.
const WORDS: [&str; 10] = [
    "select", "order", "table", "group", "user", "check", "primary", "default", "all", "when",
];

impl Names {
    pub(super) fn one(&mut self, random: &mut Random) -> String {
        loop {
            let number = random.below(1000);
            let name = match random.below(14) {
                0 => (*random.pick(&WORDS)).to_owned(),
                1 => format!("Capital{number}"),
                2 => format!("with blank {number}"),
                3 => format!("say \"{number}\""),
                4 => format!("it's {number}"),
                5 => format!("a.b{number}"),
                6 => format!("{number}number"),
                7 => format!("größe{number}"),
                8 => "n".repeat(60) + &format!("{number:03}"),
                9 => format!("back\\slash{number}"),
                10 => format!("semi;colon--{number}"),
                11 => format!("line\nbreak{number}"),
                _ => format!("plain_{number}"),
            };
            if self.0.insert(name.to_lowercase()) {
                return name;
            }
        }
    }
}

/// The name as PostgreSQL writes it in a type.
pub(super) fn as_type(name: &str) -> String {
    let plain = name
        .chars()
        .all(|c| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit())
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !WORDS.contains(&name);
    match plain {
        true => name.to_owned(),
        false => quote_ident(name),
    }
}

/// A text that is hard to write.
pub(super) fn text(random: &mut Random) -> String {
    let texts = [
        "",
        "plain",
        "it's",
        "a \"b\"",
        "back\\slash",
        "two\nlines",
        "größe; -- x",
        "$$",
    ];
    (*random.pick(&texts)).to_owned()
}

/// It as a constant of either dialect.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
