//! Asks two databases where every reference of a user's rows points, by names instead of keys, and
//! compares the answers. It knows nothing of how the rows came there.

use std::collections::{BTreeMap, BTreeSet};

use db_adapter::prelude::*;
use db_adapter::{BackupSchema, ForeignKey, Result};

/// The user's rows of each table, each called by what names it and its parents: no key is in it.
const CALLED: &str = "
    WITH called_authors AS (
        SELECT authors.*, slug AS called FROM authors WHERE user_id = :user
    ), called_books AS (
        SELECT books.*, a.called || '/' || books.slug AS called
        FROM books JOIN called_authors a ON a.id = author_id
    ), called_chapters AS (
        SELECT chapters.*, b.called || '/' || chapters.number AS called
        FROM chapters JOIN called_books b ON b.id = book_id
    ), called_tags AS (
        SELECT tags.*, slug AS called FROM tags
    ), called_book_tags AS (
        SELECT book_tags.*, b.called || '+' || t.called AS called
        FROM book_tags JOIN called_books b ON b.id = book_id JOIN called_tags t ON t.id = tag_id
    )";

/// What became of one reference of a table.
pub(crate) struct Checked {
    /// `books.author_id -> authors`
    pub(crate) reference: String,
    /// The rows of the user in the source that refer to something.
    pub(crate) set: usize,
    /// Of them, those that refer to the same thing in the destination.
    pub(crate) same: usize,
    /// Of them, those whose key is another number there.
    pub(crate) new_keys: usize,
    /// Rows that differ: lost, added, or pointing elsewhere.
    pub(crate) wrong: Vec<String>,
}

/// Where a row points.
#[derive(PartialEq, Eq)]
struct Target {
    key: Option<i64>,
    called: Option<String>,
}

/// Every reference that is declared, in both databases.
pub(crate) async fn references(
    source: &impl DatabaseClient,
    destination: &impl DatabaseClient,
    schema: &BackupSchema,
    user: &str,
) -> Result<Vec<Checked>> {
    let mut all = Vec::new();
    for table in schema.tables.iter() {
        for reference in table.parents.iter().chain(table.optional_refs.iter()) {
            let before = targets(source, &table.name, reference, user).await?;
            let after = targets(destination, &table.name, reference, user).await?;
            let name = format!(
                "{}.{} -> {}",
                table.name, reference.fields[0], reference.table
            );
            all.push(compared(name, &before, &after));
        }
    }
    Ok(all)
}

/// Where the user's rows of a table point, by what the rows are called.
async fn targets(
    db: &impl DatabaseClient,
    table: &str,
    reference: &ForeignKey,
    user: &str,
) -> Result<BTreeMap<String, Target>> {
    let (field, parent) = (&reference.fields[0], &reference.table);
    let sql = format!(
        "{CALLED}
         SELECT child.called AS child, child.{field} AS key, parent.called AS called
         FROM called_{table} child LEFT JOIN called_{parent} parent ON parent.id = child.{field}"
    );
    let rows = db.query(sql).bind("user", user).await?;
    let target = |row: &Row| {
        let target = Target {
            key: row.get("key")?,
            called: row.get("called")?,
        };
        Ok((row.get("child")?, target))
    };
    rows.iter().map(target).collect()
}

fn compared(
    reference: String,
    before: &BTreeMap<String, Target>,
    after: &BTreeMap<String, Target>,
) -> Checked {
    let mut checked = Checked {
        reference,
        set: before
            .values()
            .filter(|target| target.key.is_some())
            .count(),
        same: 0,
        new_keys: 0,
        wrong: Vec::new(),
    };
    for (child, was) in before {
        let Some(is) = after.get(child) else {
            checked.wrong.push(format!("{child} is lost"));
            continue;
        };
        let leads_nowhere = is.key.is_some() && is.called.is_none();
        if is.called != was.called || leads_nowhere {
            let shown = |target: &Target| target.called.clone().unwrap_or("nothing".to_owned());
            let (is, was) = (shown(is), shown(was));
            checked
                .wrong
                .push(format!("{child} points to {is} instead of {was}"));
        } else if was.key.is_some() {
            checked.same += 1;
            checked.new_keys += usize::from(is.key != was.key);
        }
    }
    let added = after.keys().filter(|child| !before.contains_key(*child));
    checked
        .wrong
        .extend(added.map(|child| format!("{child} came from nowhere")));
    checked
}

/// Every row of a database, as text.
pub(crate) async fn all_rows(
    db: &impl DatabaseClient,
    schema: &BackupSchema,
) -> Result<BTreeSet<(String, String)>> {
    let mut all = BTreeSet::new();
    for table in schema.tables.iter() {
        for row in db.select(&*table.name, "*").await? {
            all.insert((table.name.to_string(), row.to_json()));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{Author, Book, Chapter, SCHEMA};
    use crate::place::Place;
    use crate::rows;

    /// A database in which somebody changed something, compared with one that is as it was.
    async fn after(sql: &str) -> Vec<String> {
        let folder = std::env::temp_dir().join(format!("db-adapter-check-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut places = Vec::new();
        for name in ["before", "after"] {
            let place = Place::make(None, &folder, &format!("{name}-{}", sql.len()))
                .await
                .unwrap();
            rows::fill_source(&place.db).await.unwrap();
            places.push(place);
        }
        places[1].db.execute(sql).await.unwrap();
        let found = references(&places[0].db, &places[1].db, &SCHEMA, "ann").await;
        std::fs::remove_dir_all(&folder).unwrap();
        let wrong = found.unwrap().into_iter().flat_map(|found| found.wrong);
        wrong.collect()
    }

    #[tokio::test]
    async fn it_sees_every_way_to_be_wrong() {
        let other_editor = format!("UPDATE {} SET editor_id = author_id", Book::TABLE);
        assert_eq!(
            after(&other_editor).await,
            [
                "le-guin/the-dispossessed points to le-guin instead of lem",
                "lem/solaris points to lem instead of nothing"
            ]
        );
        let others = format!(
            "UPDATE {} SET author_id = (SELECT id FROM {} WHERE user_id = 'bob') WHERE slug = 'solaris'",
            Book::TABLE,
            Author::TABLE
        );
        assert!(
            after(&others)
                .await
                .contains(&"lem/solaris is lost".to_owned())
        );
        let no_thread = format!("UPDATE {} SET continues = NULL", Chapter::TABLE);
        assert_eq!(after(&no_thread).await.len(), 2);
        assert!(after("SELECT 1").await.is_empty());
    }
}
