//! The files for the command line: a `db.toml` that names both databases, and this very program as
//! the place where the tables are declared.

use std::path::Path;

/// Writes it into the folder of the databases.
pub(crate) fn write(folder: &Path) -> std::io::Result<()> {
    let program = std::env::current_exe()?;
    let db_toml = format!(
        "# Written by db-adapter's quickstart.\n\n\
         [profiles.source]\n\
         url = \"sqlite://source.db\"\n\n\
         [profiles.destination]\n\
         url = \"sqlite://destination.db\"\n\n\
         # The declared tables are in the program itself.\n\
         [schema]\n\
         binary = {:?}\n",
        program.display().to_string()
    );
    std::fs::write(folder.join("db.toml"), db_toml)
}
