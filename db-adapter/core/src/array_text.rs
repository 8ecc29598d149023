//! Reading the text form of PostgreSQL's arrays: `{1,NULL,"a b"}`, `[0:1]={7,8}`.
//! Never looks inside an element, and takes what every version of PostgreSQL takes.

/// PostgreSQL has no more dimensions.
pub const MOST_DIMENSIONS: usize = 6;

/// An array as its text says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayText {
    /// The lower bound of each dimension, where one is not 1.
    pub lower: Option<Vec<i32>>,
    /// The lengths of the dimensions, outermost first; none for the empty array.
    pub lengths: Vec<usize>,
    /// What is in the outermost dimension.
    pub items: Vec<Item>,
}

/// What is in an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// `NULL` without quotes.
    Null,
    /// An element, without quotes and escapes.
    Text(String),
    /// One more dimension.
    Array(Vec<Item>),
}

/// Reads an array; `None` where PostgreSQL takes the text for malformed.
///
/// ```
/// use db_adapter_core::array_text::{Item, parse};
///
/// let array = parse("{1,NULL}").map(|array| array.items);
/// assert_eq!(array, Some(vec![Item::Text("1".into()), Item::Null]));
/// assert_eq!(parse("{1,}"), None);
/// ```
pub fn parse(text: &str) -> Option<ArrayText> {
    let mut reader = Reader { rest: text };
    let bounds = reader.bounds()?;
    reader.blanks();
    if !reader.eat('{') {
        return None;
    }
    let items = reader.items(1)?;
    reader.blanks();
    if !reader.rest.is_empty() {
        return None;
    }
    let lengths = match items.is_empty() {
        true => Vec::new(),
        false => lengths(&items)?,
    };
    let lower = match bounds {
        None => None,
        Some(bounds) => {
            let given = bounds.iter().map(|bound| bound.length());
            if !given.eq(lengths.iter().map(|length| Some(*length))) {
                return None;
            }
            let moved = bounds.iter().any(|bound| bound.lower != 1);
            moved.then(|| bounds.iter().map(|bound| bound.lower).collect())
        }
    };
    Some(ArrayText {
        lower,
        lengths,
        items,
    })
}

/// The lengths of the dimensions; `None` where inner arrays differ, or one is empty.
fn lengths(items: &[Item]) -> Option<Vec<usize>> {
    let of = |item: &Item| match item {
        Item::Array(items) => lengths(items),
        _ => Some(Vec::new()),
    };
    let mut all = items.iter().map(of);
    let first = all.next()??;
    if !all.all(|inner| inner.as_ref() == Some(&first)) {
        return None;
    }
    let mut lengths = vec![items.len()];
    lengths.extend(first);
    Some(lengths)
}

struct Bound {
    lower: i32,
    upper: i32,
}

impl Bound {
    fn length(&self) -> Option<usize> {
        usize::try_from(i64::from(self.upper) - i64::from(self.lower) + 1).ok()
    }
}

struct Reader<'a> {
    rest: &'a str,
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

impl Reader<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(is_blank);
    }

    fn eat(&mut self, c: char) -> bool {
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next();
        self.rest = chars.as_str();
        c
    }

    /// `[0:1][3]=`; the outer `None` is a mistake, the inner one says that there are none.
    fn bounds(&mut self) -> Option<Option<Vec<Bound>>> {
        self.blanks();
        let mut bounds = Vec::new();
        while self.eat('[') {
            let (inside, rest) = self.rest.split_once(']')?;
            self.rest = rest;
            let (lower, upper) = inside.split_once(':').unwrap_or(("1", inside));
            bounds.push(Bound {
                lower: lower.parse().ok()?,
                upper: upper.parse().ok()?,
            });
            if bounds.len() > MOST_DIMENSIONS {
                return None;
            }
            self.blanks();
        }
        if bounds.is_empty() {
            return Some(None);
        }
        self.eat('=').then_some(Some(bounds))
    }

    /// What stands behind an opening brace, up to the closing one.
    fn items(&mut self, depth: usize) -> Option<Vec<Item>> {
        if depth > MOST_DIMENSIONS {
            return None;
        }
        let mut items = Vec::new();
        self.blanks();
        if self.eat('}') {
            // only the whole array may be empty
            return (depth == 1).then_some(items);
        }
        loop {
            self.blanks();
            items.push(if self.eat('{') {
                Item::Array(self.items(depth + 1)?)
            } else if self.eat('"') {
                Item::Text(self.quoted()?)
            } else {
                self.plain()?
            });
            self.blanks();
            match self.next()? {
                ',' => {}
                '}' => return Some(items),
                _ => return None,
            }
        }
    }

    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            match self.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.next()?),
                c => text.push(c),
            }
        }
    }

    /// An element without quotes, without the blanks around it.
    fn plain(&mut self) -> Option<Item> {
        let mut text = String::new();
        let (mut kept, mut escaped) = (0, false);
        loop {
            match self.rest.chars().next()? {
                ',' | '}' => break,
                '{' | '"' => return None,
                '\\' => {
                    self.next();
                    text.push(self.next()?);
                    kept = text.len();
                    escaped = true;
                }
                c => {
                    self.next();
                    text.push(c);
                    if !is_blank(c) {
                        kept = text.len();
                    }
                }
            }
        }
        text.truncate(kept);
        match text.as_str() {
            "" => None,
            word if !escaped && word.eq_ignore_ascii_case("null") => Some(Item::Null),
            _ => Some(Item::Text(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each was tried on PostgreSQL 15.
    #[test]
    fn arrays_are_read_as_postgresql_does() {
        let text = |text: &str| Item::Text(text.into());
        let items = |given: &str| parse(given).map(|array| array.items);
        for (given, expected) in [
            ("{}", vec![]),
            ("{ }", vec![]),
            (" {1} ", vec![text("1")]),
            ("{ 1 , 2 }", vec![text("1"), text("2")]),
            ("{\"1\",\"a b\"}", vec![text("1"), text("a b")]),
            ("{a b , \"c\" }", vec![text("a b"), text("c")]),
            (
                "{null,NULL,\"null\"}",
                vec![Item::Null, Item::Null, text("null")],
            ),
            (
                "{a\\,b,\\ a\\ ,a\\\"b}",
                vec![text("a,b"), text(" a "), text("a\"b")],
            ),
            ("{\\null}", vec![text("null")]),
            ("{\"\"}", vec![text("")]),
            ("[1:2]={1,2}", vec![text("1"), text("2")]),
            ("[2]={1,2}", vec![text("1"), text("2")]),
            (" [1:2] = {1,2}", vec![text("1"), text("2")]),
            (
                "{{1},{2}}",
                vec![Item::Array(vec![text("1")]), Item::Array(vec![text("2")])],
            ),
        ] {
            assert_eq!(items(given), Some(expected), "{given}");
        }
        for wrong in [
            "",
            "1",
            "{1,}",
            "{,1}",
            "{1",
            "{}x",
            "{1}{2}",
            "{{}}",
            "{{},{}}",
            "{{1},{2,3}}",
            "{{1},2}",
            "{a\"b\"}",
            "{\"a\"b}",
            "{\"a\" b}",
            "{\\}",
            "{\"a}",
            "{{{{{{{1}}}}}}}",
            "[2:1]={}",
            "[0:0]={}",
            "[0:1]={1}",
            "[0:2147483647]={1}",
            "[0:1]{1,2}",
            "[a]={1}",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!(parse("[1:2]={1,2}").and_then(|a| a.lower), None);
        assert_eq!(parse("[+0:1]={1,2}").and_then(|a| a.lower), Some(vec![0]));
        let mixed = parse("[1:1][-3:-2]={{1,2}}");
        assert_eq!(mixed.and_then(|a| a.lower), Some(vec![1, -3]));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*|[\\[\\]{}:=,\"\\\\0-2 nul]{0,30}") {
            let _ = parse(&text);
        }
    }
}
