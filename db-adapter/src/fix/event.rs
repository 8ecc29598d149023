//! What is told while a plan is run.

use super::failure::BlockingSession;

/// What happens now. Phases and steps count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FixEvent {
    /// A phase begins; once more where it is tried again.
    #[non_exhaustive]
    Phase {
        /// Which one.
        phase: usize,
        /// Of how many.
        phases: usize,
    },
    /// Somebody else has what the phase needs: it was undone, and is tried again.
    #[non_exhaustive]
    Waits {
        /// Which phase.
        phase: usize,
        /// How often it was tried.
        attempt: u32,
        /// Who has it, as far as the server tells.
        blocked_by: Vec<BlockingSession>,
    },
    /// The rows of these tables are backed up.
    #[non_exhaustive]
    BacksUp {
        /// Their keys.
        tables: Vec<String>,
    },
    /// A step begins.
    #[non_exhaustive]
    Step {
        /// Its phase.
        phase: usize,
        /// Which one of the plan.
        step: usize,
        /// Of how many.
        steps: usize,
        /// What it does, in words.
        summary: String,
    },
    /// So many rows have their values by now.
    #[non_exhaustive]
    Filled {
        /// Rows of the step.
        rows: u64,
    },
    /// The schema is read again, and compared.
    #[non_exhaustive]
    Checks {
        /// The phase.
        phase: usize,
    },
    /// All of the phase is done, and is made permanent now.
    #[non_exhaustive]
    Commits {
        /// The phase.
        phase: usize,
    },
    /// The phase is permanent.
    #[non_exhaustive]
    Applied {
        /// The phase.
        phase: usize,
    },
}
