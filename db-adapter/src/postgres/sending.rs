//! The driver of one connection, and whether it may be used: nothing of an operation is sent once its time is
//! over, but what ends it. It sends nothing by itself.

use sqlx::postgres::PgConnection;

use super::failure::Failure;
use crate::deadline::Deadline;

/// The driver, and until when the operation under way may send.
pub(super) struct Sending {
    driver: PgConnection,
    deadline: Deadline,
    /// Whether the next statement may write, and was not sent yet.
    writes_next: bool,
}

impl Sending {
    pub(super) fn new(driver: PgConnection) -> Self {
        Sending {
            driver,
            deadline: Deadline::NONE,
            writes_next: false,
        }
    }

    /// An operation begins or has ended.
    pub(super) fn set_deadline(&mut self, deadline: Deadline) {
        self.deadline = deadline;
    }

    pub(super) fn has_deadline(&self) -> bool {
        !self.deadline.is_none()
    }

    /// For what ends something that was begun in time, and so is sent after it too. Gives the deadline,
    /// which is set again behind that.
    pub(super) fn lift_deadline(&mut self) -> Deadline {
        std::mem::take(&mut self.deadline)
    }

    /// Whether the operation may still send something: not when its time is over.
    pub(super) fn may_send(&self) -> Result<(), Failure> {
        match self.deadline.has_passed() {
            true => Err(Failure::Late),
            false => Ok(()),
        }
    }

    /// The driver, for one statement. Every statement of an operation is sent by this.
    pub(super) fn in_time(&mut self) -> Result<&mut PgConnection, Failure> {
        self.may_send()?;
        self.writes_next = false;
        Ok(&mut self.driver)
    }

    /// The driver, for what does nothing by itself: what is read away, given up or asked of the connection.
    pub(super) fn at_any_time(&mut self) -> &mut PgConnection {
        &mut self.driver
    }

    /// For good.
    pub(super) fn into_driver(self) -> PgConnection {
        self.driver
    }

    /// The next statement may write, or nobody says so any more.
    pub(super) fn set_writes_next(&mut self, writes: bool) {
        self.writes_next = writes;
    }

    /// Whether a statement that may write is the next one, and was not sent yet.
    pub(super) fn is_about_to_write(&self) -> bool {
        self.writes_next
    }
}
