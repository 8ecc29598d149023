//! CREATE TRIGGER, as SQLite stores it: when it fires. A whole file's triggers are not read.

use super::SqlDialect;
use super::cursor::{Cursor, Read};
use super::split::split;
use crate::schema::TriggerSchema;

/// Reads the definition of one trigger of SQLite; `None` for anything else.
///
/// ```
/// use db_adapter_core::ddl::trigger;
///
/// let read = trigger("CREATE TRIGGER t AFTER UPDATE OF a ON b BEGIN SELECT 1; END").expect("one");
/// assert_eq!((read.timing.as_str(), read.events), ("AFTER", vec!["UPDATE".to_owned()]));
/// ```
pub fn trigger(sql: &str) -> Option<TriggerSchema> {
    let split = split(sql, SqlDialect::Sqlite);
    let tokens = split.statements.first()?;
    let mut c = Cursor::new(sql, tokens, SqlDialect::Sqlite);
    let head = head(&mut c).ok()??;
    Some(TriggerSchema {
        definition: Some(sql.to_owned()),
        ..head
    })
}

fn head(c: &mut Cursor<'_>) -> Read<Option<TriggerSchema>> {
    c.eat("create");
    let _ = c.eat("temporary") || c.eat("temp");
    if !c.eat("trigger") {
        return Ok(None);
    }
    c.eat("if not exists");
    let (_, name) = c.qualified("the name of a trigger")?;
    let timings = [
        ("before", "BEFORE"),
        ("after", "AFTER"),
        ("instead of", "INSTEAD OF"),
    ];
    let timing = timings.iter().find(|(words, _)| c.eat(words));
    let events = ["insert", "update", "delete"];
    let event = events.iter().find(|word| c.eat(word));
    Ok(event.map(|event| TriggerSchema {
        name,
        // what SQLite does where nothing is said
        timing: timing.map_or("BEFORE", |(_, timing)| timing).to_owned(),
        events: vec![event.to_ascii_uppercase()],
        ..TriggerSchema::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_trigger_is_read() {
        for (sql, timing, event) in [
            (
                "create trigger a.t delete on x begin select 1; end",
                "BEFORE",
                "DELETE",
            ),
            (
                "CREATE TEMP TRIGGER IF NOT EXISTS \"a b\" INSTEAD OF INSERT ON v BEGIN SELECT 1; END",
                "INSTEAD OF",
                "INSERT",
            ),
            (
                "CREATE TRIGGER [t] /* x */ AFTER UPDATE OF a, b ON x FOR EACH ROW WHEN 1 BEGIN SELECT 1; END",
                "AFTER",
                "UPDATE",
            ),
        ] {
            let read = trigger(sql).unwrap();
            assert_eq!(
                (read.timing.as_str(), read.events[0].as_str()),
                (timing, event)
            );
        }
        for sql in [
            "",
            "CREATE TABLE t (a)",
            "CREATE TRIGGER t ON x",
            "CREATE TRIGGER",
        ] {
            assert!(trigger(sql).is_none(), "{sql}");
        }
    }
}
