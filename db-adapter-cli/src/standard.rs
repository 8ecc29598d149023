//! What a database is compared with: the schema that a program declares, or that another profile
//! has. Opens the other profile, and nothing else.

use db_adapter::schema::{Difference, Expected, Ignore, ObjectKind};
use db_adapter::{
    ActiveProfile, BackupSchema, DatabaseConfig, ExpectedSchema, SchemaIntrospector, Validation,
};

use crate::args::CompareArgs;
use crate::database::{Access, Database, Databases};
use crate::declared::{self, Content, Declared, Place};
use crate::exit::Exit;
use crate::printer::Printer;
use crate::report::Report;
use crate::scratch;
use crate::settings::Settings;

/// What is expected.
pub(crate) struct Standard {
    declared: Declared,
    expected: ExpectedSchema,
    /// The tables that are backed up, where SQL cannot say them.
    backup: Option<BackupSchema>,
    ignore: Vec<Ignore>,
    /// The schemas to compare besides.
    schemas: Vec<String>,
    level: db_adapter::ValidationLevel,
}

/// What the flags name, else `[schema]` of db.toml; `None` when neither does. What a file says and
/// nobody reads is noted.
pub(crate) fn declared(
    args: &CompareArgs,
    active: &ActiveProfile,
    settings: &Settings,
    printer: &mut Printer,
) -> Result<Option<Standard>, Report> {
    let ignore = rules(&args.ignore)?;
    let config = declared::config(active, args.schema.names_a_place(), settings)?;
    let config = config.as_deref();
    let whose = declared::Whose {
        named: args.dialect.map(Into::into),
        usual: declared::dialect(active),
        flag: "--dialect",
    };
    let Some(declared) = declared::expected(&args.schema, config, whose, settings)? else {
        return Ok(None);
    };
    for note in &declared.notes {
        printer.note(note);
    }
    let backup = backed_up(&declared, config, settings)?;
    Ok(Some(Standard::new(declared, backup, ignore, args)))
}

/// The tables that db.toml names beside what says nothing about backups.
fn backed_up(
    declared: &Declared,
    config: Option<&DatabaseConfig>,
    settings: &Settings,
) -> Result<Option<BackupSchema>, Report> {
    let names_backup = config.is_some_and(|config| config.schema().backup_schema.is_some());
    let backup = match &declared.content {
        Content::Database(_) if names_backup => {
            declared::backup(None, &Default::default(), config, settings)?
        }
        _ => None,
    };
    Ok(backup.map(|(schema, _)| schema))
}

/// What a script makes of an empty database.
pub(crate) async fn by_scratch(
    url: &str,
    args: &CompareArgs,
    active: &ActiveProfile,
    target: &Database,
    settings: &Settings,
    databases: &Databases,
) -> Result<Standard, Report> {
    let ignore = rules(&args.ignore)?;
    let config = declared::config(active, args.schema.names_a_place(), settings)?;
    let declared = scratch::declared(url, args, active, target, settings, databases).await?;
    let backup = backed_up(&declared, config.as_deref(), settings)?;
    Ok(Standard::new(declared, backup, ignore, args))
}

/// The schema that another profile's database has.
pub(crate) async fn of_profile(
    name: &str,
    args: &CompareArgs,
    settings: &Settings,
    databases: &Databases,
) -> Result<Standard, Report> {
    let ignore = rules(&args.ignore)?;
    let config = settings.database.load_config()?;
    let profile = config.profile(name)?;
    let database = databases.open_profile(profile, Access::Look).await?;
    let mut introspector = SchemaIntrospector::new(&database.client);
    for schema in profile.schemas().iter().chain(&args.schemas) {
        introspector = introspector.also_schema(schema);
    }
    let schema = introspector.introspect().await;
    database.close().await;
    let declared = Declared {
        origin: format!("profile `{name}`"),
        content: Content::Database(Box::new(schema?)),
        notes: Vec::new(),
        places: None,
    };
    Ok(Standard::new(declared, None, ignore, args))
}

/// `OBJECT=REASON`
fn rules(given: &[String]) -> Result<Vec<Ignore>, Report> {
    let rule = |text: &String| match text.split_once('=') {
        Some((object, reason)) if !object.trim().is_empty() && !reason.trim().is_empty() => {
            Ok(Ignore::new(object.trim(), reason.trim()))
        }
        _ => Err(
            Report::new(Exit::Usage, format!("`--ignore {text}` has no reason"))
                .hint("write what and why: `--ignore 'users.legacy=dropped with release 9'`"),
        ),
    };
    given.iter().map(rule).collect()
}

impl Standard {
    fn new(
        declared: Declared,
        backup: Option<BackupSchema>,
        ignore: Vec<Ignore>,
        args: &CompareArgs,
    ) -> Standard {
        Standard {
            expected: declared.expected(),
            declared,
            backup,
            ignore,
            schemas: args.schemas.clone(),
            level: args.level.into(),
        }
    }

    /// Where it stands: `` `schema.sql` ``, from the working folder where it is in it.
    pub(crate) fn origin(&self) -> String {
        match &self.declared.places {
            Some(places) => format!("`{}`", places.file),
            None => self.declared.origin.clone(),
        }
    }

    /// What a repair starts from.
    pub(crate) fn expected(&self) -> Expected<'_> {
        match &self.declared.content {
            Content::Database(schema) => Expected::Full(schema),
            Content::Program(schema) => Expected::Backup(&schema.backup),
        }
    }

    /// How much is compared where nobody says: all that is known.
    pub(crate) fn whole(mut self) -> Standard {
        if matches!(self.declared.content, Content::Database(_)) {
            self.level = db_adapter::ValidationLevel::Exact;
        }
        self
    }

    /// The rules for what is left as it is.
    pub(crate) fn ignored(&self) -> &[Ignore] {
        &self.ignore
    }

    /// How much is compared.
    pub(crate) fn level(&self) -> db_adapter::ValidationLevel {
        self.level
    }

    /// The comparison to run.
    pub(crate) fn validation(&self) -> Validation<'_> {
        let validation = match &self.declared.content {
            Content::Database(schema) => Validation::new(&**schema),
            Content::Program(_) => Validation::new(&self.expected),
        };
        let tables = self.declared.backup().or(self.backup.as_ref());
        let validation = match tables {
            Some(tables) => validation.declared(tables),
            None => validation,
        };
        let ignore = self.ignore.iter().cloned();
        let validation = validation.level(self.level);
        let validation = validation.also_schemas(self.schemas.iter().cloned());
        ignore.fold(validation, Validation::ignore)
    }

    /// Where what is expected was written, when that was in a SQL file.
    pub(crate) fn place(&self, difference: &Difference) -> Option<Place> {
        let places = self.declared.places.as_ref()?;
        let object = &difference.object;
        let table = object.table.as_deref()?;
        let column = (object.kind == ObjectKind::Column).then_some(object.name.as_str());
        places.of(table, column)
    }
}
