//! What was typed, as plain data. Reads no environment, opens nothing, decides nothing.

use std::fmt;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use db_adapter::ValidationLevel;
use db_adapter::schema::SqlDialect;

const EXIT_CODES: &str = "\
Exit status:
  0    done
  1    done, with a negative finding
  2    wrong usage or configuration
  3    could not do it: connection, database or output failed
  4    refused by a guard; the message names the flag that allows it
  130  interrupted";

/// Validate databases, back up, restore and sync a user's rows, run SQL: PostgreSQL and SQLite alike
#[derive(Debug, Parser)]
#[command(name = "db-adapter", version, after_help = EXIT_CODES, max_term_width = 100)]
#[command(
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The options of every command, before or after it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Profile of db.toml to use; default: the variable DB_PROFILE, then the one of the last
    /// `connect`, then the database of DATABASE_URL
    #[arg(short, long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Database to use instead of a profile: `postgresql://user:password@host/name` or
    /// `sqlite://file.db`
    #[arg(short = 'D', long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<HiddenUrl>,

    /// The db.toml to read; default: the variable DB_ADAPTER_CONFIG, then the nearest one from the
    /// working directory upward
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// What the names of the environment variables start with, such as `APP_` for APP_DB_PROFILE
    #[arg(
        long,
        global = true,
        value_name = "PREFIX",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) env_prefix: String,

    /// Read no `.env` file
    #[arg(long, global = true)]
    pub(crate) no_dotenv: bool,

    /// Allow to write to this protected profile, or to this database of DATABASE_URL
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) target: Option<String>,

    /// Answer every question with yes
    #[arg(short, long, global = true)]
    pub(crate) yes: bool,

    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// When to use colours; `auto` is on a terminal and without NO_COLOR
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: Color,

    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Show on stderr what is done and how long it takes
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Connect to the database, and make its profile the active one
    ///
    /// Where a schema is expected, the database must have it, else nothing is changed and the exit
    /// status is 1. The profile's name, the database's identity and its schema's fingerprint are
    /// written to the lock `.db-profile` beside db.toml. Switch with
    /// `db-adapter connect --profile NAME`.
    Connect(CompareArgs),

    /// Compare the database with the schema that is expected of it
    ///
    /// Exit status 0: no error, perhaps warnings; 1: the report says what is different. Nothing is
    /// written. To ask the very program that will be deployed:
    /// `db-adapter validate --binary target/release/app`.
    Validate(ValidateArgs),

    /// Show how the database becomes what is expected of it, and do it with --confirm
    ///
    /// Without --confirm nothing is changed: the differences are shown, the steps with what each costs, and
    /// their SQL. Nothing is dropped, no value changes, and none gets another meaning without --allow and the
    /// object's name. Before a step that loses rows or changes values, all the rows of its table are written to
    /// `backups/pre-fix-<profile>-<time>.json` beside db.toml.
    Fix(FixArgs),

    /// Show which database is used, who says so, and how many rows its tables have
    ///
    /// A database that does not answer is no failure: everything else is shown.
    Status,

    /// List the profiles of db.toml; `*` marks the active one
    Profiles,

    /// Run one SQL statement and print its rows
    ///
    /// The statement runs in a read-only transaction unless --write is given. Numbers are
    /// printed with all their digits, in tables and in JSON.
    Query(QueryArgs),

    /// Look at the schema that a program declares, or write it as JSON or SQL
    #[command(subcommand)]
    Schema(SchemaCommand),

    /// Write one user's rows to a file, or check such a file
    ///
    /// All of it is one snapshot. The file appears under its name when it is whole; a run that fails
    /// leaves the file before it as it was. `backup --validate FILE` needs no database.
    Backup(BackupArgs),

    /// Restore a backup as rows of a user, all or nothing
    ///
    /// Rows that are there already are found by their natural keys; all others are new, and get new
    /// keys where the database makes them. Every reference leads to where its row is now. Rows of
    /// other users are never touched.
    Restore(RestoreArgs),

    /// Compare the rows of two databases, and bring those of one into the other
    ///
    /// Without a flag it only compares. `--confirm` writes, all or nothing: rows that the destination does
    /// not have get new keys there, rows that differ are changed in the columns that differ, and no row is
    /// deleted. The destination is `--to`, else the database that every command uses.
    Sync(SyncArgs),

    /// Write a first db.toml
    Init,

    /// Print the completions for a shell
    ///
    /// For bash: `db-adapter completions bash > ~/.local/share/bash-completion/completions/db-adapter`
    Completions(CompletionsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct QueryArgs {
    /// The SQL statement; `-` or nothing reads it from stdin
    #[arg(value_name = "SQL")]
    pub(crate) sql: Option<String>,

    /// Allow the statement to change the database
    #[arg(long)]
    pub(crate) write: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// File with the tables of a backup; default: `backup_schema` of `[schema]` in db.toml
    #[arg(long, value_name = "FILE", conflicts_with_all = ["schema_file", "binary", "package"])]
    pub(crate) backup_schema: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) schema: SchemaFlags,

    /// Whose rows; default: the variable that `user_id_env` of `[defaults]` in db.toml names
    #[arg(long, value_name = "ID", conflicts_with = "all_rows")]
    pub(crate) user_id: Option<String>,

    /// Where to: a file, with `.zst` at its end compressed, or `-` for stdout; default: a new file
    /// `backups/backup-<time>.json` beside db.toml
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Only these tables of the schema
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    pub(crate) tables: Vec<String>,

    /// Whole tables, whoever their rows belong to
    #[arg(long)]
    pub(crate) all_rows: bool,

    /// Go on where row-level security may hide rows from the role
    #[arg(long)]
    pub(crate) allow_row_security: bool,

    /// Go on where rows have one natural key: a restore takes one of them
    #[arg(long)]
    pub(crate) allow_duplicates: bool,

    /// Check this file instead, without a database; `-` for stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = ["user_id", "output", "tables", "all_rows", "allow_row_security", "allow_duplicates"])]
    pub(crate) validate: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup; `-` reads it from stdin
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// File with the tables of a backup; default: `backup_schema` of `[schema]` in db.toml
    #[arg(long, value_name = "FILE", conflicts_with_all = ["schema_file", "binary", "package"])]
    pub(crate) backup_schema: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) schema: SchemaFlags,

    /// Whose rows they become; default: the variable that `user_id_env` of `[defaults]` in db.toml
    /// names
    #[arg(long, value_name = "ID", conflicts_with = "all_rows")]
    pub(crate) user_id: Option<String>,

    /// What happens to rows that are there already
    #[arg(short, long, value_name = "MODE", value_enum, default_value_t)]
    pub(crate) mode: Mode,

    /// Do all the work and undo it: the numbers are exact
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Which keys restored rows get: new ones where the database makes them, or those of the file
    #[arg(long, value_name = "KEYS", value_enum, default_value_t)]
    pub(crate) keys: KeyPolicy,

    /// What a row that fails does: abort it all, or skip it with its children and restore the rest
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub(crate) on_error: OnFailure,

    /// What an optional reference to a row that is not in the file becomes
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub(crate) missing_ref: Missing,

    /// Go on where row-level security may hide rows that are there: they may be restored twice
    #[arg(long)]
    pub(crate) allow_row_security: bool,

    /// Let `--mode overwrite` change rows that all users share, too
    #[arg(long)]
    pub(crate) overwrite_shared: bool,

    /// Whole tables, as `backup --all-rows` writes them: rows keep their users
    #[arg(long)]
    pub(crate) all_rows: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// Profile whose rows are brought
    #[arg(short, long, value_name = "PROFILE")]
    pub(crate) from: String,

    /// Profile that they are brought into; default: the active one
    #[arg(long, value_name = "PROFILE")]
    pub(crate) to: Option<String>,

    /// Only these tables; default: `tables` of `[sync]` in db.toml, else all of the schema
    #[arg(long, value_name = "TABLES", value_delimiter = ',')]
    pub(crate) tables: Vec<String>,

    /// Whose rows; default: the variable that `user_id_env` of `[defaults]` in db.toml names
    #[arg(long, value_name = "ID", conflicts_with = "all_rows")]
    pub(crate) user_id: Option<String>,

    /// Whole tables, whoever their rows belong to
    #[arg(long)]
    pub(crate) all_rows: bool,

    /// Column that says whose a row is, of tables without a declared schema [default: user_id]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) user_field: Option<String>,

    /// Column by which a row is known, of tables without a declared schema [default: slug]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) slug_field: Option<String>,

    /// File with the tables and how they hang together; default: `backup_schema` of `[schema]` in
    /// db.toml. Tables without foreign keys need none
    #[arg(long, value_name = "FILE", conflicts_with_all = ["schema_file", "binary", "package"])]
    pub(crate) backup_schema: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) schema: SchemaFlags,

    /// Do all the work and undo it: the plan is exact, and what the database would refuse is known
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Do it
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) confirm: bool,

    /// Only compare; exit status 1 when the databases do not have the same rows
    #[arg(long, conflicts_with_all = ["dry_run", "confirm"])]
    pub(crate) verify: bool,

    /// Change rows that all users share, too
    #[arg(long)]
    pub(crate) overwrite_shared: bool,

    /// File with what both sides were like after the last sync, in hashes: what only the destination has changed
    /// since stays. Made where it is not there, written anew by each sync
    #[arg(long, value_name = "FILE")]
    pub(crate) base: Option<PathBuf>,

    /// Delete rows that the source had at the last sync and has no more, unless the destination has changed them.
    /// Needs `--base`, or `--no-base`
    #[arg(long)]
    pub(crate) delete: bool,

    /// With `--delete`: delete every row that only the destination has, whoever made it. To do it, name the
    /// destination with `--target`
    #[arg(long, requires = "delete", conflicts_with = "base")]
    pub(crate) no_base: bool,

    /// What becomes of rows that were changed on both sides: `fail`, `source`, `dest`, or `newer:COLUMN` for the side
    /// with the later value in a column [default: fail; without a base: source]
    #[arg(long, value_name = "POLICY", value_parser = on_conflict)]
    pub(crate) on_conflict: Option<db_adapter::sync::OnConflict>,

    /// Go on where row-level security may hide rows from a role
    #[arg(long)]
    pub(crate) allow_row_security: bool,
}

/// What becomes of conflicts.
fn on_conflict(text: &str) -> Result<db_adapter::sync::OnConflict, String> {
    use db_adapter::sync::OnConflict;
    match (text, text.split_once(':')) {
        ("fail", _) => Ok(OnConflict::Fail),
        ("source", _) => Ok(OnConflict::Source),
        ("dest", _) => Ok(OnConflict::Dest),
        (_, Some(("newer", column))) if !column.trim().is_empty() => {
            Ok(OnConflict::Newer(column.to_owned()))
        }
        _ => Err("it is `fail`, `source`, `dest` or `newer:COLUMN`".to_owned()),
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    #[default]
    Skip,
    Overwrite,
    Fail,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyPolicy {
    #[default]
    New,
    Keep,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnFailure {
    #[default]
    Abort,
    Skip,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Missing {
    /// NULL, counted and listed
    #[default]
    Null,
    /// What the row of the destination has; NULL in a new row
    Keep,
    /// The row fails
    Fail,
}

#[derive(Debug, Args)]
pub(crate) struct FixArgs {
    #[command(flatten)]
    pub(crate) schema: SchemaFlags,

    /// File with the types of columns, `{"table.column": "SQL type"}`, which win over the schema; default:
    /// `column_defs` of `[schema]` in db.toml
    #[arg(long, value_name = "FILE")]
    pub(crate) column_defs: Option<PathBuf>,

    /// Do it; the same as --yes
    #[arg(long)]
    pub(crate) confirm: bool,

    /// Do it in phases that let others read and write meanwhile; of PostgreSQL
    #[arg(long)]
    pub(crate) online: bool,

    /// Write no backup before steps that lose rows or change values
    #[arg(long)]
    pub(crate) no_backup: bool,

    /// Allow one thing by its name, such as `column:users.shoe_size` to drop it or `narrow:users.age` to change
    /// its values
    #[arg(long, value_name = "KIND:NAME")]
    pub(crate) allow: Vec<String>,

    /// Table or column that had another name before: `users.full_name=name`, `users=people`
    #[arg(long, value_name = "NOW=BEFORE")]
    pub(crate) renamed: Vec<String>,

    /// Time zone that the times of a column without one are meant in: `orders.paid_at=Europe/Vienna`
    #[arg(long, value_name = "COLUMN=ZONE")]
    pub(crate) zone: Vec<String>,

    /// Write the plan to this file, to be done later by --apply
    #[arg(long, value_name = "FILE", conflicts_with_all = ["confirm", "apply"])]
    pub(crate) plan: Option<PathBuf>,

    /// Do the plan of this file, if the database still has the schema that it was made for
    #[arg(long, value_name = "FILE", conflicts_with_all = ["schema_file", "binary", "package", "schema", "column_defs", "online", "allow", "renamed", "zone", "level", "dialect", "ignore", "schemas"])]
    pub(crate) apply: Option<PathBuf>,

    /// How much is repaired; default: everything that a `.sql` file or an exported database says, of a program
    /// what it needs to work
    #[arg(long, value_name = "LEVEL", value_enum)]
    pub(crate) level: Option<Level>,

    /// Whose SQL a `.sql` file is; default: that of what only one of them can say in it, else that of the database
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) dialect: Option<Dialect>,

    /// Difference that is left as it is, and why: `users.legacy=dropped with release 9`
    #[arg(long, value_name = "OBJECT=REASON")]
    pub(crate) ignore: Vec<String>,

    /// Schemas to read beside the connection's own and those that the expected schema names
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) schemas: Vec<String>,

    /// How long one attempt waits for a lock; everybody else who wants the table waits behind it
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 3000)]
    pub(crate) lock_timeout: u64,

    /// End with exit status 1 where something is to be done
    #[arg(long)]
    pub(crate) exit_code: bool,
}

/// What is compared, and how much.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    #[command(flatten)]
    pub(crate) schema: SchemaFlags,

    /// How much is compared: names alone; what a program needs to work (types, nullability, keys);
    /// or all that both sides know
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t)]
    pub(crate) level: Level,

    /// Whose SQL a `.sql` file is; default: that of what only one of them can say in it, else that of the database
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) dialect: Option<Dialect>,

    /// Difference that is known and wanted, and why: `users.legacy=dropped with release 9`; `*`
    /// stands for any text
    #[arg(long, value_name = "OBJECT=REASON")]
    pub(crate) ignore: Vec<String>,

    /// Schemas to compare beside the connection's own and those that the expected schema names
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) schemas: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    Columns,
    #[default]
    Compatible,
    Exact,
}

impl From<Level> for ValidationLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Columns => ValidationLevel::Columns,
            Level::Compatible => ValidationLevel::Compatible,
            Level::Exact => ValidationLevel::Exact,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    #[command(flatten)]
    pub(crate) compare: CompareArgs,

    /// Compare with the database of this profile instead of a declared schema
    #[arg(long, value_name = "PROFILE", conflicts_with_all = ["schema_file", "binary", "package", "dialect"])]
    pub(crate) against: Option<String>,

    /// File with the differences that are known: only others count. It is of one dialect and level,
    /// and a file that cannot be read is an error
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// Write the differences into this file, by default that of --baseline. Reasons that are in the
    /// file are kept
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    pub(crate) write_baseline: Option<Option<PathBuf>>,

    /// Run --schema-file, a SQL file or a folder of migrations, in an empty database and compare with
    /// what that has then. The database is made beside the one of this URL of PostgreSQL, and removed;
    /// for SQLite write `sqlite::memory:`
    #[arg(long, value_name = "URL", conflicts_with_all = ["against", "binary", "package", "schema", "dialect"])]
    pub(crate) scratch: Option<HiddenUrl>,

    /// Form of the report: for people, or annotations of a GitHub workflow
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Text,
    Github,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// Show the declared tables: their order, keys, references and columns
    Show(DeclaredArgs),

    /// Print the declared schema as JSON
    ///
    /// `db-adapter schema export --binary target/release/app > schema.json` writes what
    /// `--schema-file`, `--backup-schema` and `[schema] file` of db.toml read.
    Export(DeclaredArgs),

    /// Print the declared schema as a Mermaid diagram
    ///
    /// GitHub, GitLab and many editors draw it: put it between ```mermaid and ``` in a text.
    Diagram(DiagramArgs),

    /// Write the declared schema as SQL for PostgreSQL or SQLite
    ///
    /// The statements make it in an empty database. What the other kind of database cannot express is left
    /// out, never replaced by something near it: each such thing is a comment at the top and a warning on
    /// stderr.
    Ddl(DdlArgs),

    /// Write a first declaration of the tables that the database has
    ///
    /// Parents, optional references, natural keys and owners are those that its keys and constraints
    /// prove. What they do not prove is chosen: as Rust each choice is a comment at its place, else a
    /// line on stderr.
    Draft(DraftArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DraftArgs {
    /// Write structs for `backup_schema!` instead of the JSON of a backup schema
    #[arg(long)]
    pub(crate) rust: bool,

    /// The column that says whose row it is; default: `user_id`
    #[arg(long, value_name = "NAME")]
    pub(crate) user_column: Option<String>,

    /// Schemas to read beside the connection's own
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) schemas: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DiagramArgs {
    #[command(flatten)]
    pub(crate) declared: DeclaredArgs,

    /// Draw what the database has instead
    #[arg(long, conflicts_with_all = ["schema_file", "binary", "package", "schema"])]
    pub(crate) live: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DdlArgs {
    #[command(flatten)]
    pub(crate) schema: SchemaFlags,

    /// The kind of database that the SQL is for
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) dialect: Dialect,

    /// Whose SQL a `.sql` file is; default: that of what only one of them can say in it, else that of the active
    /// profile, else PostgreSQL's
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) from: Option<Dialect>,

    /// Write what the database has instead
    #[arg(long, conflicts_with_all = ["schema_file", "binary", "package", "schema", "from"])]
    pub(crate) live: bool,

    /// Schemas to read beside the connection's own, with --live
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) schemas: Vec<String>,

    /// Where to: a file, or `-` for stdout
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "-",
        hide_default_value = true
    )]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct DeclaredArgs {
    #[command(flatten)]
    pub(crate) schema: SchemaFlags,

    /// Whose SQL a `.sql` file is; default: that of what only one of them can say in it, else that of the active
    /// profile, else PostgreSQL's
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) dialect: Option<Dialect>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dialect {
    Postgres,
    Sqlite,
}

impl From<Dialect> for SqlDialect {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Postgres => SqlDialect::Postgres,
            Dialect::Sqlite => SqlDialect::Sqlite,
        }
    }
}

/// Which schema is declared, when `[schema]` of db.toml is not to say so.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Schema")]
pub(crate) struct SchemaFlags {
    /// File with the schema: `.sql` with DDL, or `.json` as `schema export` writes it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["binary", "package"])]
    pub(crate) schema_file: Option<PathBuf>,

    /// Program or library that the macros have put the schema into, such as `target/release/app`
    #[arg(long, value_name = "PATH", conflicts_with = "package")]
    pub(crate) binary: Option<PathBuf>,

    /// Package of the workspace to build with cargo and to read the schema from
    #[arg(long, value_name = "NAME")]
    pub(crate) package: Option<String>,

    /// Which of the schemas in a program, such as `app::models::SCHEMA`
    #[arg(long, value_name = "ID")]
    pub(crate) schema: Option<String>,
}

impl SchemaFlags {
    /// Whether they say where the schema stands.
    pub(crate) fn names_a_place(&self) -> bool {
        self.schema_file.is_some() || self.binary.is_some() || self.package.is_some()
    }
}

/// A URL that `Debug` does not show.
#[derive(Clone)]
pub(crate) struct HiddenUrl(pub(crate) String);

impl fmt::Debug for HiddenUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl From<&str> for HiddenUrl {
    fn from(url: &str) -> Self {
        HiddenUrl(url.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn global_options_stand_before_or_after_the_command() {
        for line in [
            ["db-adapter", "-D", "sqlite://x", "query", "SELECT 1"],
            ["db-adapter", "query", "SELECT 1", "-D", "sqlite://x"],
        ] {
            let parsed = CommandLine::try_parse_from(line).unwrap();
            assert_eq!(parsed.global.database_url.unwrap().0, "sqlite://x");
            let Command::Query(query) = parsed.command else {
                panic!("another command");
            };
            assert_eq!(
                (query.sql.as_deref(), query.write),
                (Some("SELECT 1"), false)
            );
        }
    }

    #[test]
    fn debug_shows_no_url() {
        let line = ["db-adapter", "query", "-D", "postgresql://u:secret@h/d"];
        let parsed = CommandLine::try_parse_from(line).unwrap();
        assert!(!format!("{parsed:?}").contains("secret"));
    }
}
