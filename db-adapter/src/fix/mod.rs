//! The repair of a schema: a plan for what is there, and its run, which loses nothing unasked.
//!
//! [`plan_fixes`] reads the database, asks it what a plan has to know, and gives the plan that the answers decide.
//! [`apply_fixes`] runs it: in one transaction, or in phases that others hardly notice. What is run was decided
//! before: running makes no decisions but to stop.
//!
//! | file | what it is for |
//! |---|---|
//! | `plan` | what a plan has to know of a database |
//! | `saved` | plans as text |
//! | `apply` | the order of a run, what is checked before, and what is said when it stops |
//! | `phase`, `alone` | one phase in a transaction; those that are not in one |
//! | `settings` | how a transaction waits, and which locks it takes first |
//! | `blocked` | who holds a lock |
//! | `state` | what is there now |
//! | `options`, `event`, `failure` | what a caller chooses, hears and gets |

mod alone;
mod apply;
mod blocked;
mod event;
mod failure;
mod options;
mod phase;
mod plan;
mod saved;
mod settings;
mod state;

pub use apply::apply_fixes;
pub use db_adapter_core::fix::{
    Allow, AllowKind, Answer, Fact, FactKind, FixKind, FixMode, FixOptions, FixPlan, FixStep,
    Hazard, LockMode, NotAnAllow, NotFixed, NotRunnable, Phase, PhaseKind, Reading, Rule,
    Statement, StoredSql, TableLock, Undecided, generate_fix_plan, table_of_key,
};
pub use event::FixEvent;
pub use failure::{BlockingSession, FixFailure};
pub use options::{ApplyOptions, FixResult};
pub use plan::plan_fixes;
pub use saved::{read_plan, write_plan};
