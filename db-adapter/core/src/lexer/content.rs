//! What a token stands for: the name that a word or a quoted name is, the content of a string
//! constant.

use super::{Kind, Quote, Token};
use crate::schema::SqlDialect;

/// PostgreSQL cuts names to so many bytes, silently.
const LONGEST_NAME: usize = 63;

impl Token<'_> {
    /// The name that it spells, folded and cut as the database does; in SQLite a string in
    /// single quotes may be one. `None` for anything else.
    pub fn name(&self, dialect: SqlDialect) -> Option<String> {
        let postgres = dialect == SqlDialect::Postgres;
        let name = match self.kind {
            Kind::Word if postgres => self.text.to_ascii_lowercase(),
            Kind::Word => self.text.to_owned(),
            Kind::Name => match self.text.strip_prefix(['u', 'U']) {
                Some(rest) => code_points(&quoted(rest.strip_prefix('&')?)?),
                None => quoted(self.text)?,
            },
            Kind::String(Quote::Plain) if !postgres => quoted(self.text)?,
            _ => return None,
        };
        Some(if postgres { clipped(name) } else { name })
    }

    /// The name that it is cut to, where it is one that is longer than the database keeps.
    #[cfg(feature = "sql")]
    pub(crate) fn cut(&self, dialect: SqlDialect) -> Option<String> {
        let is_long = dialect == SqlDialect::Postgres && self.text.len() > LONGEST_NAME;
        let name = self.name(dialect).filter(|_| is_long)?;
        let whole = match self.kind {
            Kind::Word => self.text.len(),
            _ => quoted(self.text).map_or(usize::MAX, |name| name.len()),
        };
        (whole > name.len()).then_some(name)
    }

    /// The content of a string constant: without quotes, prefix and escapes. That of bits is their
    /// digits. `None` for anything else, and for one that never ends.
    pub fn string(&self) -> Option<String> {
        let Kind::String(quote) = self.kind else {
            return None;
        };
        if !self.closed {
            return None;
        }
        if quote == Quote::Dollar {
            let tag = self.text.get(1..)?.find('$')? + 2;
            return Some(self.text.get(tag..self.text.len() - tag)?.to_owned());
        }
        let start = self.text.find('\'')?;
        let inside = quoted(self.text.get(start..)?)?;
        Some(match quote {
            Quote::Escape => unescaped(&inside),
            Quote::Unicode => code_points(&inside),
            _ => inside,
        })
    }
}

/// What is between two quotes; a doubled one is one.
fn quoted(text: &str) -> Option<String> {
    let first = text.chars().next()?;
    let last = if first == '[' { ']' } else { first };
    let inside = text.get(1..)?.strip_suffix(last)?;
    Some(match first {
        '[' => inside.to_owned(),
        _ => inside.replace(&format!("{first}{first}"), &first.to_string()),
    })
}

/// The name as PostgreSQL keeps it.
pub(crate) fn clipped(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(LONGEST_NAME));
    name
}

/// The content of an `E''` string. Its bytes in octal and hexadecimal are characters where they
/// are ASCII, and are kept as written where they are parts of one.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escaped)) = rest.split_once('\\') {
        out.push_str(before);
        let mut after = escaped.chars();
        let Some(letter) = after.next() else {
            out.push('\\');
            return out;
        };
        rest = after.as_str();
        match letter {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'x' => rest = number(&mut out, "\\x", rest, (16, 2)),
            'u' => rest = number(&mut out, "\\u", rest, (16, 4)),
            'U' => rest = number(&mut out, "\\U", rest, (16, 8)),
            '0'..='7' => rest = number(&mut out, "\\", escaped, (8, 3)),
            other => out.push(other),
        }
    }
    out.push_str(rest);
    out
}

/// The content of a `U&''` string or a `U&""` name.
fn code_points(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escaped)) = rest.split_once('\\') {
        out.push_str(before);
        rest = match (escaped.strip_prefix('\\'), escaped.strip_prefix('+')) {
            (Some(after), _) => {
                out.push('\\');
                after
            }
            (None, Some(digits)) => number(&mut out, "\\+", digits, (16, 6)),
            (None, None) => number(&mut out, "\\", escaped, (16, 4)),
        };
    }
    out.push_str(rest);
    out
}

/// Adds the character whose number stands at the start of the text, with at most so many digits;
/// what is none is kept as it is written. Gives what follows.
fn number<'a>(out: &mut String, mark: &str, text: &'a str, (radix, most): (u32, usize)) -> &'a str {
    let digits = text.chars().take(most).take_while(|c| c.is_digit(radix));
    let (digits, rest) = text.split_at(digits.count());
    let code = u32::from_str_radix(digits, radix).ok();
    // one or two digits of a byte that is a part of a character say nothing by themselves
    let of_byte = most <= 3;
    match code
        .filter(|c| !of_byte || *c < 0x80)
        .and_then(char::from_u32)
    {
        Some(c) => out.push(c),
        None => {
            out.push_str(mark);
            out.push_str(digits);
        }
    }
    rest
}
