//! Which schema a program declares, decided in one place for every command: a flag, then `[schema]`
//! of db.toml. Never asks a database, and writes nothing.

mod cargo;
mod document;
mod program;

pub(crate) use document::{is_sql, text};

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use db_adapter::{
    ActiveProfile, BackupSchema, DatabaseConfig, DatabaseSchema, ExpectedSchema, Provider,
};
use db_adapter_core::ddl::Ddl;
use db_adapter_core::embed::EmbeddedSchema;
use db_adapter_core::schema::SqlDialect;

use crate::args::SchemaFlags;
use crate::exit::Exit;
use crate::report::Report;
use crate::settings::Settings;

/// A schema that was found.
#[derive(Debug)]
pub(crate) struct Declared {
    /// Where it stands, for messages: `` `schema.sql` ``, `` package `app` ``.
    pub(crate) origin: String,
    pub(crate) content: Content,
    /// What the file says and nobody reads, each with its place.
    pub(crate) notes: Vec<String>,
    /// Where its tables and columns are defined, when it is a file of SQL.
    pub(crate) places: Option<Places>,
}

/// Where tables and columns are defined in a file of SQL.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) file: String,
    /// Read already: its schema is elsewhere.
    pub(crate) ddl: Ddl,
}

/// One place in it.
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Places {
    /// Where the column is defined, else its table; `None` for a table that is not in the file.
    pub(crate) fn of(&self, table: &str, column: Option<&str>) -> Option<Place> {
        let column = column.and_then(|column| self.ddl.place_of_column(table, column));
        let place = column.or_else(|| self.ddl.place_of_table(table))?;
        Some(Place {
            file: self.file.clone(),
            line: place.line,
            column: place.column,
        })
    }
}

/// What a declaration is.
#[derive(Debug)]
pub(crate) enum Content {
    /// All that SQL says: the DDL of a file, or a database's schema written as JSON.
    Database(Box<DatabaseSchema>),
    /// What the macros say: of a program, or exported from one.
    Program(EmbeddedSchema),
}

impl Declared {
    /// What is expected of the database.
    pub(crate) fn expected(&self) -> ExpectedSchema {
        match &self.content {
            Content::Database(schema) => ExpectedSchema::from_ddl(schema),
            Content::Program(schema) => schema.expected(),
        }
    }

    /// What is backed up, when it came from the macros.
    pub(crate) fn backup(&self) -> Option<&BackupSchema> {
        match &self.content {
            Content::Database(_) => None,
            Content::Program(schema) => Some(&schema.backup),
        }
    }
}

/// Where a schema may stand.
#[derive(Clone, Copy)]
enum Source<'a> {
    File(&'a Path),
    Binary(&'a Path),
    Package(&'a str),
}

/// The db.toml whose `[schema]` counts: that of the profile. For a bare URL it is the one that is found, of
/// which nothing else counts; `named` says that a flag names the schema, so that no file is read.
pub(crate) fn config<'a>(
    active: &'a ActiveProfile,
    named: bool,
    settings: &Settings,
) -> Result<Option<Cow<'a, DatabaseConfig>>, Report> {
    match &active.config {
        Some(config) => Ok(Some(Cow::Borrowed(config))),
        None if named || settings.database.find_config()?.is_none() => Ok(None),
        None => Ok(Some(Cow::Owned(settings.database.load_config()?))),
    }
}

/// The file beside db.toml that is the expected schema where nothing else is named, as it is for the
/// Python program.
const DEFAULT_FILE: &str = "schema.sql";

/// The schema that is expected: what a flag names, else what `[schema]` of this db.toml names, else
/// `schema.sql` beside it, else none.
pub(crate) fn expected(
    flags: &SchemaFlags,
    config: Option<&DatabaseConfig>,
    whose: Whose,
    settings: &Settings,
) -> Result<Option<Declared>, Report> {
    if let Some(place) = of_flags(flags).or_else(|| config.and_then(of_config)) {
        return read(place, flags, whose, settings).map(Some);
    }
    let Some((config, path)) = config.and_then(|config| Some((config, default_file(config)?)))
    else {
        return Ok(None);
    };
    let mut declared = read(Source::File(&path), flags, whose, settings)?;
    let shown = path.strip_prefix(&settings.folder).unwrap_or(&path);
    declared.notes.insert(
        0,
        format!(
            "`{}` beside `{}` is taken for the expected schema, since `[schema]` names none",
            shown.display(),
            config.path().file_name().unwrap_or_default().display()
        ),
    );
    Ok(Some(declared))
}

/// `schema.sql` beside this db.toml, where `[schema]` names nothing.
pub(crate) fn default_file(config: &DatabaseConfig) -> Option<PathBuf> {
    let path = config.folder().join(DEFAULT_FILE);
    (of_config(config).is_none() && path.is_file()).then_some(path)
}

/// The tables of a backup, and where they stand: `file` is the flag `--backup-schema`. After it come
/// the other flags, `[schema] backup_schema`, and what else `[schema]` names; SQL says nothing about
/// backups.
pub(crate) fn backup(
    file: Option<&Path>,
    flags: &SchemaFlags,
    config: Option<&DatabaseConfig>,
    settings: &Settings,
) -> Result<Option<(BackupSchema, String)>, Report> {
    let of_its_key = config.and_then(|config| config.schema().backup_schema.as_deref());
    let places = [
        file.map(Source::File),
        of_flags(flags),
        of_its_key.map(Source::File),
        config.and_then(of_config),
    ];
    let mut without = None;
    for place in places.into_iter().flatten() {
        let is_meant =
            matches!(place, Source::File(path) if [file, of_its_key].contains(&Some(path)));
        if !is_meant && matches!(place, Source::File(path) if document::is_sql(path)) {
            continue;
        }
        let whose = Whose {
            named: None,
            usual: SqlDialect::default(),
            flag: "--dialect",
        };
        let declared = read(place, flags, whose, settings)?;
        match declared.content {
            Content::Program(schema) => return Ok(Some((schema.backup, declared.origin))),
            Content::Database(_) if is_meant => return Err(no_backup_in(&declared.origin)),
            Content::Database(_) => without = without.or(Some(declared.origin)),
        }
    }
    match without {
        Some(origin) => Err(no_backup_in(&origin)),
        None => Ok(None),
    }
}

/// What a script has made of an empty database. Where tables and columns are defined is known of a file.
pub(crate) fn of_scratch(
    schema: DatabaseSchema,
    path: &Path,
    dialect: SqlDialect,
    folder: &Path,
) -> Result<Declared, Report> {
    let shown = path.strip_prefix(folder).unwrap_or(path).display();
    if schema.tables.is_empty() {
        return Err(Report::new(
            Exit::Usage,
            format!("`{shown}` makes no table"),
        ));
    }
    let places = match path.is_dir() {
        true => None,
        false => Some(Places {
            file: shown.to_string(),
            ddl: db_adapter_core::ddl::parse(&text(path)?, dialect),
        }),
    };
    Ok(Declared {
        origin: format!("`{shown}`"),
        content: Content::Database(Box::new(schema)),
        notes: Vec::new(),
        places,
    })
}

/// That a command needs an expected schema, and how to name one.
pub(crate) fn nothing_expected() -> Report {
    Report::new(Exit::Usage, "no expected schema is named").hint(
        "pass `--schema-file`, `--binary` or `--package`, set `file` or `binary` in `[schema]` of db.toml, or put `schema.sql` beside it",
    )
}

/// That a command needs a backup schema, and how to name one.
pub(crate) fn nothing_backed_up() -> Report {
    Report::new(Exit::Usage, "no backup schema is named").hint(
        "pass `--backup-schema`, `--binary` or `--package`, or set `backup_schema` or `binary` in `[schema]` of db.toml",
    )
}

/// Whose SQL a file is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whose {
    /// What a flag says.
    pub(crate) named: Option<SqlDialect>,
    /// What it is where neither a flag nor the file says it.
    pub(crate) usual: SqlDialect,
    /// The flag.
    pub(crate) flag: &'static str,
}

/// In which dialect the SQL files for this database are written, where nothing else says it.
pub(crate) fn dialect(active: &ActiveProfile) -> SqlDialect {
    match active.profile.provider() {
        Some(Provider::Sqlite) => SqlDialect::Sqlite,
        _ => SqlDialect::Postgres,
    }
}

fn of_flags(flags: &SchemaFlags) -> Option<Source<'_>> {
    let file = flags.schema_file.as_deref().map(Source::File);
    let binary = || flags.binary.as_deref().map(Source::Binary);
    let package = || flags.package.as_deref().map(Source::Package);
    file.or_else(binary).or_else(package)
}

fn of_config(config: &DatabaseConfig) -> Option<Source<'_>> {
    let schema = config.schema();
    let file = schema.file.as_deref().map(Source::File);
    file.or_else(|| schema.binary.as_deref().map(Source::Binary))
}

fn read(
    place: Source<'_>,
    flags: &SchemaFlags,
    whose: Whose,
    settings: &Settings,
) -> Result<Declared, Report> {
    let id = flags.schema.as_deref();
    match place {
        Source::File(path) => {
            let declared = document::read(path, whose, &settings.folder)?;
            match (id, &declared.content) {
                (None, _) => Ok(declared),
                (Some(id), Content::Program(schema)) if schema.id == id => Ok(declared),
                (Some(id), _) => Err(program::unknown(id, &declared.origin, &[])),
            }
        }
        Source::Binary(path) => {
            let origin = format!("`{}`", path.display());
            let schemas = program::schemas(&[path.to_owned()], &origin)?;
            Ok(of_program(program::choose(schemas, id, &origin)?, origin))
        }
        Source::Package(name) => {
            let files: Vec<PathBuf> = cargo::build(name, settings)?;
            let origin = format!("package `{name}`");
            let schemas = program::schemas(&files, &origin)?;
            Ok(of_program(program::choose(schemas, id, &origin)?, origin))
        }
    }
}

fn of_program(schema: EmbeddedSchema, origin: String) -> Declared {
    Declared {
        origin,
        content: Content::Program(schema),
        notes: Vec::new(),
        places: None,
    }
}

fn no_backup_in(origin: &str) -> Report {
    Report::new(
        Exit::Usage,
        format!("{origin} says what a database has, but not what is backed up"),
    )
    .hint("name a file with the `tables` of a backup schema, such as `db-adapter schema export` writes from a program")
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use db_adapter::Environment;

    use super::*;
    use crate::args::CommandLine;
    use crate::settings::Surroundings;

    /// A folder that goes away, with files that say by their table which one they are.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let name = format!("db-adapter-declared-{}-{name}", std::process::id());
            let folder = Folder(std::env::temp_dir().join(name));
            std::fs::create_dir_all(&folder.0).unwrap();
            for file in ["flag", "other", "key", "file"] {
                let json = format!(r#"{{"tables": [{{"name": "{file}"}}]}}"#);
                folder.write(&format!("{file}.json"), &json);
            }
            folder.write("schema.sql", "CREATE TABLE sql (id int);");
            folder.write(
                "database.json",
                r#"{"tables": {"d": {"name": "d", "columns": {}}}}"#,
            );
            folder
        }

        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.0.join(name), text).unwrap();
        }

        /// The table of the backup schema that is meant, or the message.
        fn backup(&self, db_toml: &str, file: Option<&str>, flag: Option<&str>) -> String {
            let global = CommandLine::try_parse_from(["db-adapter", "status"])
                .unwrap()
                .global;
            let settings = Settings::resolve(&global, Surroundings::default()).unwrap();
            self.write("db.toml", db_toml);
            let config =
                DatabaseConfig::load(self.0.join("db.toml"), Environment::process()).unwrap();
            let flags = SchemaFlags {
                schema_file: flag.map(|name| self.0.join(name)),
                ..SchemaFlags::default()
            };
            let file = file.map(|name| self.0.join(name));
            match backup(file.as_deref(), &flags, Some(&config), &settings) {
                Ok(Some((schema, _))) => schema.tables[0].name.to_string(),
                Ok(None) => "none".to_owned(),
                Err(report) => report.findings[0].message.clone(),
            }
        }
    }

    #[test]
    fn schema_sql_beside_db_toml_is_expected_where_nothing_is_named() {
        let folder = Folder::new("default");
        let found = |db_toml: &str| {
            let global = CommandLine::try_parse_from(["db-adapter", "status"])
                .unwrap()
                .global;
            let settings = Settings::resolve(&global, Surroundings::default()).unwrap();
            folder.write("db.toml", db_toml);
            let path = folder.0.join("db.toml");
            let config = DatabaseConfig::load(path, Environment::process()).unwrap();
            let flags = SchemaFlags::default();
            let whose = Whose {
                named: None,
                usual: SqlDialect::Postgres,
                flag: "--dialect",
            };
            let found = expected(&flags, Some(&config), whose, &settings);
            let found = found.unwrap();
            found.map(|found| (found.origin, found.notes))
        };
        let (origin, notes) = found("").unwrap();
        assert!(origin.contains("schema.sql"), "{origin}");
        assert!(
            notes[0].contains("schema.sql") && notes[0].contains("`db.toml`"),
            "{notes:?}"
        );
        let (origin, notes) = found("[schema]\nfile = \"key.json\"\n").unwrap();
        assert!(origin.contains("key.json") && notes.is_empty(), "{origin}");
        std::fs::remove_file(folder.0.join("schema.sql")).unwrap();
        assert!(found("").is_none());
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_backup_goes_by_its_flag_the_other_flags_its_key_and_the_rest() {
        let folder = Folder::new("order");
        let all = "[schema]\nbackup_schema = \"key.json\"\nfile = \"file.json\"\n";
        let rest = "[schema]\nfile = \"file.json\"\n";
        assert_eq!(
            folder.backup(all, Some("flag.json"), Some("other.json")),
            "flag"
        );
        assert_eq!(folder.backup(all, None, Some("other.json")), "other");
        assert_eq!(folder.backup(all, None, None), "key");
        assert_eq!(folder.backup(rest, None, None), "file");
        assert_eq!(folder.backup("", None, None), "none");
    }

    #[test]
    fn what_says_nothing_about_backups_is_passed_over_unless_it_is_meant() {
        let folder = Folder::new("sql");
        let key = "[schema]\nbackup_schema = \"key.json\"\nfile = \"schema.sql\"\n";
        for flag in ["schema.sql", "database.json"] {
            assert_eq!(folder.backup(key, None, Some(flag)), "key");
            let said = folder.backup(key, Some(flag), None);
            assert!(said.contains("not what is backed up"), "{said}");
        }
        let sql = "[schema]\nfile = \"schema.sql\"\n";
        assert_eq!(folder.backup(sql, None, None), "none");
        let said = folder.backup(sql, None, Some("database.json"));
        assert!(said.contains("not what is backed up"), "{said}");
    }
}
