//! Plans as text: versioned JSON. A plan is run only on the schema that it was made for, and only where this program
//! would plan the same.

use db_adapter_core::fix::FixPlan;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The format of such a text.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    program: &'static str,
    plan: &'a FixPlan,
}

#[derive(Deserialize)]
struct Head {
    version: u32,
    #[serde(default)]
    program: String,
}

#[derive(Deserialize)]
struct Read {
    plan: FixPlan,
}

/// A plan as JSON.
///
/// ```
/// use db_adapter::fix::{FixOptions, generate_fix_plan, read_plan, write_plan};
///
/// let schema = db_adapter::DatabaseSchema::default();
/// let plan = generate_fix_plan(&schema, &schema, &FixOptions::new());
/// assert_eq!(read_plan(&write_plan(&plan)?)?, plan);
/// # Ok::<(), db_adapter::Error>(())
/// ```
///
/// # Errors
/// [`Error::Internal`].
pub fn write_plan(plan: &FixPlan) -> Result<String> {
    let written = Written {
        version: VERSION,
        program: concat!("db-adapter ", env!("CARGO_PKG_VERSION")),
        plan,
    };
    let text = serde_json::to_string_pretty(&written);
    let mut text = text.map_err(|_| Error::internal("a plan cannot be written as JSON"))?;
    text.push('\n');
    Ok(text)
}

/// The plan that [`write_plan`] wrote.
///
/// # Errors
/// [`Error::InvalidQuery`] for another text, or one of another version.
pub fn read_plan(text: &str) -> Result<FixPlan> {
    let not_one = |_| Error::invalid_query("the text is not a saved plan", "plan again");
    let head: Head = serde_json::from_str(text).map_err(not_one)?;
    if head.version != VERSION {
        let message = format!(
            "the plan has version {}, and this program reads version {VERSION}",
            head.version
        );
        return Err(Error::invalid_query(
            message,
            format!("it was made by {}", head.program),
        ));
    }
    let read: Read = serde_json::from_str(text).map_err(not_one)?;
    Ok(read.plan)
}
