//! Which files of a folder are migrations, and their order: sqlx's, and files that begin with a number.
//! Never guesses: a SQL file without a place in the order is an error.

use std::path::{Path, PathBuf};

use crate::exit::Exit;
use crate::report::Report;

/// A migration.
#[derive(Debug, PartialEq, Eq)]
struct Migration {
    number: u128,
    name: String,
}

/// The files in the order of their numbers.
pub(super) fn migrations(folder: &Path) -> Result<Vec<PathBuf>, Report> {
    let unreadable = |error: std::io::Error| {
        let message = format!("`{}` cannot be read: {}", folder.display(), error.kind());
        Report::new(Exit::Failed, message)
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().into_string().map_err(|_| {
            let message = format!("a name in `{}` is not UTF-8", folder.display());
            Report::new(Exit::Usage, message)
        })?;
        // a link to a folder is one
        let is_folder = std::fs::metadata(entry.path())
            .map_err(unreadable)?
            .is_dir();
        names.push((name, is_folder));
    }
    let ordered = order(names).map_err(|said| {
        Report::new(Exit::Usage, format!("`{}`: {said}", folder.display())).hint(
            "the migrations are `.sql` files whose names begin with a number, such as `0001_users.sql`; of `0001_users.up.sql` and `0001_users.down.sql` the first",
        )
    })?;
    Ok(ordered.into_iter().map(|name| folder.join(name)).collect())
}

fn order(names: Vec<(String, bool)>) -> Result<Vec<String>, String> {
    let mut found: Vec<Migration> = Vec::new();
    for (name, is_folder) in names {
        if name.starts_with('.') {
            continue;
        }
        if is_folder {
            return Err(format!("`{name}` is a folder"));
        }
        let lower = name.to_ascii_lowercase();
        if lower.ends_with(".down.sql") || !lower.ends_with(".sql") {
            continue;
        }
        let digits = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
        let number = name.get(..digits).and_then(|digits| digits.parse().ok());
        let Some(number) = number else {
            return Err(format!("`{name}` has no number"));
        };
        found.push(Migration { number, name });
    }
    found.sort_by_key(|migration| migration.number);
    let twice = found.windows(2).find(|pair| match pair {
        [a, b] => a.number == b.number,
        _ => false,
    });
    if let Some([a, b]) = twice {
        return Err(format!("`{}` and `{}` have one number", a.name, b.name));
    }
    match found.is_empty() {
        true => Err("there is no migration".to_owned()),
        false => Ok(found.into_iter().map(|migration| migration.name).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::order;

    fn ordered(names: &[&str]) -> Result<Vec<String>, String> {
        let files = names.iter().map(|name| {
            let folder = name.strip_suffix('/');
            (folder.unwrap_or(name).to_string(), folder.is_some())
        });
        order(files.collect())
    }

    #[test]
    fn the_numbers_are_the_order() {
        let names = [
            "10_b.sql",
            "9_a.up.sql",
            "9_a.down.sql",
            "README.md",
            ".x/",
            "011.sql",
        ];
        assert_eq!(
            ordered(&names).unwrap(),
            ["9_a.up.sql", "10_b.sql", "011.sql"]
        );
    }

    #[test]
    fn what_has_no_place_is_an_error() {
        for names in [
            &["1_a.sql", "seed.sql"][..],
            &["1_a.sql", "01_b.sql"],
            &["1_a.up.sql", "1_a.sql"],
            &["1_a.sql", "2_b/"],
            &["README.md"],
            &[],
        ] {
            assert!(ordered(names).is_err(), "{names:?}");
        }
    }
}
