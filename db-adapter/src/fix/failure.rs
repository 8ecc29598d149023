//! How a run stopped: where, why, what was applied by then, and who was in the way.

use std::fmt;

use crate::Error;

/// What [`Error::FixFailed`] knows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FixFailure {
    /// The phase that stopped, from 1. What it had done is undone, unless its statements are not a transaction.
    pub phase: usize,
    /// How many there are.
    pub phases: usize,
    /// The step, in words; `None` before and behind the steps.
    pub step: Option<String>,
    /// Why.
    pub reason: String,
    /// The error, where there was one.
    pub cause: Option<Box<Error>>,
    /// What was applied and stays: the steps of the phases before. Planned again, the rest is done.
    pub applied: Vec<String>,
    /// Who held a lock that it waited for.
    pub blocked_by: Vec<BlockingSession>,
}

/// A session that holds a lock. Never what it runs: that can hold values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockingSession {
    /// The server's process.
    pub pid: i64,
    /// What it calls itself; `None` where the role may not see it.
    pub application: Option<String>,
    /// `active`, `idle in transaction` and so on.
    pub state: Option<String>,
}

impl fmt::Display for BlockingSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.pid)?;
        let told = [self.application.as_deref(), self.state.as_deref()];
        let told: Vec<&str> = told
            .into_iter()
            .flatten()
            .filter(|t| !t.is_empty())
            .collect();
        match told.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", told.join(", ")),
        }
    }
}

impl fmt::Display for FixFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.step, self.phases) {
            (Some(step), _) => write!(f, "the repair stopped at `{step}`: ")?,
            (None, 1) => f.write_str("the repair stopped: ")?,
            (None, phases) => write!(
                f,
                "the repair stopped in phase {} of {phases}: ",
                self.phase
            )?,
        }
        f.write_str(&self.reason)?;
        if !self.blocked_by.is_empty() {
            let sessions: Vec<String> = self.blocked_by.iter().map(ToString::to_string).collect();
            write!(f, "; held by {}", sessions.join(", "))?;
        }
        match self.applied.len() {
            0 => f.write_str("; nothing was changed"),
            1 => write!(f, "; applied before: {}", self.applied.join(", ")),
            steps => write!(
                f,
                "; {steps} steps were applied before: {}",
                self.applied.join(", ")
            ),
        }
    }
}

impl FixFailure {
    /// What to do.
    pub(crate) fn hint(&self) -> Option<String> {
        if !self.blocked_by.is_empty() {
            return Some("end these sessions, or run it again when they are done".to_owned());
        }
        if !self.applied.is_empty() {
            return Some(
                "plan again: what is applied stays, and the rest goes on from there".to_owned(),
            );
        }
        self.cause.as_ref()?.hint().map(|hint| hint.into_owned())
    }
}

/// Why a phase stopped.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) step: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) error: Option<Box<Error>>,
    pub(super) blocked_by: Vec<BlockingSession>,
}

impl Stop {
    pub(super) fn because(reason: impl Into<String>) -> Stop {
        Stop {
            step: None,
            reason: Some(reason.into()),
            error: None,
            blocked_by: Vec::new(),
        }
    }

    pub(super) fn at(mut self, step: &str) -> Stop {
        self.step = Some(step.to_owned());
        self
    }

    /// Whether somebody was in the way, so that it may go well when it is tried again.
    pub(super) fn is_in_the_way(&self) -> bool {
        matches!(
            self.error.as_deref(),
            Some(Error::Timeout { .. } | Error::SerializationFailure { .. })
        )
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop {
            step: None,
            reason: None,
            error: Some(Box::new(error)),
            blocked_by: Vec::new(),
        }
    }
}
