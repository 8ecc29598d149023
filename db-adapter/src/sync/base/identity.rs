//! Which database it is, as the database itself says, so that a base is not taken for one of another database.

use crate::query::Backend;
use crate::{DatabaseClient, DatabaseClientExt as _, Error, Notice, Result};

/// What makes a database the same one, also after others have taken its name or its place: on PostgreSQL the server's
/// own identifier and the number of the database, of SQLite the file and its number.
///
/// # Errors
/// [`Error::SyncRefused`] for what is another one each time, and those of the connection.
pub(in crate::sync) async fn identity(client: &dyn DatabaseClient) -> Result<String> {
    let refused = |text: &str| Error::SyncRefused {
        problems: vec![Notice::new(text)],
    };
    match client.backend().await? {
        Backend::Sqlite => {
            let sql = "SELECT file FROM pragma_database_list WHERE name = 'main'";
            let file: Option<String> = client.query(sql).one().await?.get("file")?;
            let file = file.filter(|file| !file.is_empty());
            let Some(file) = file else {
                return Err(refused("a database in memory has no base"));
            };
            let path = std::fs::canonicalize(&file).unwrap_or_else(|_| file.into());
            Ok(format!("sqlite {} {}", number(&path), path.display()))
        }
        _ => {
            let sql = "SELECT d.oid::text AS number, d.datname::text AS name, \
                (SELECT c.system_identifier::text FROM pg_catalog.pg_control_system() AS c) AS server \
                FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()";
            let row = match client.query(sql).one().await {
                Ok(row) => row,
                Err(Error::PermissionDenied { .. }) => {
                    return Err(refused(
                        "the role may not ask who the server is (`pg_control_system`), which a base needs to know",
                    ));
                }
                Err(error) => return Err(error),
            };
            let part = |name: &str| row.get::<String>(name);
            Ok(format!(
                "postgres {} {} {}",
                part("server")?,
                part("number")?,
                part("name")?
            ))
        }
    }
}

/// Of the file on its disk: another file of the name is another database.
fn number(path: &std::path::Path) -> u64 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        std::fs::metadata(path).map_or(0, |found| found.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        0
    }
}
