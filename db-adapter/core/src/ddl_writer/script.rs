//! The statements as one text. Never lets a name end the comment that it is in.

use super::WrittenDdl;
use crate::lexer::{Kind, Lexer};
use crate::schema::SqlDialect;

pub(super) fn text(written: &WrittenDdl) -> String {
    let mut text = String::new();
    if !written.not_expressed.is_empty() {
        text.push_str("-- not expressed:\n");
        for entry in &written.not_expressed {
            text.push_str(&format!("-- {}\n", on_one_line(&entry.to_string())));
        }
        text.push('\n');
    }
    for statement in &written.statements {
        text.push_str(&statement.sql);
        text.push_str(match ends_in_comment(&statement.sql, written.dialect) {
            true => "\n;\n",
            false => ";\n",
        });
    }
    text
}

/// Control characters escaped: a line break in a name would end the comment.
fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        // nor may it drive the terminal, or turn the direction of what follows
        match c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            true => line.extend(c.escape_default()),
            false => line.push(c),
        }
    }
    line
}

fn ends_in_comment(sql: &str, dialect: SqlDialect) -> bool {
    let last = Lexer::of_definition(sql, dialect).last();
    last.is_some_and(|token| token.kind == Kind::Comment)
}
