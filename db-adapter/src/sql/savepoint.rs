//! The commands for savepoints, and the names that ours have.

use crate::transaction::{Savepoint, Step};

/// The command for a step; every dialect has the same.
pub(crate) fn savepoint(savepoint: Savepoint, step: Step) -> String {
    let command = match step {
        Step::Set => "SAVEPOINT",
        Step::Undo => "ROLLBACK TO SAVEPOINT",
        Step::Release => "RELEASE SAVEPOINT",
    };
    // a name that no caller uses
    format!("{command} db_adapter_{}", savepoint.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_names_the_savepoint() {
        let commands = [Step::Set, Step::Undo, Step::Release];
        assert_eq!(
            commands.map(|step| savepoint(Savepoint(7), step)),
            [
                "SAVEPOINT db_adapter_7",
                "ROLLBACK TO SAVEPOINT db_adapter_7",
                "RELEASE SAVEPOINT db_adapter_7"
            ]
        );
    }
}
