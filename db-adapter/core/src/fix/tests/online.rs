//! Plans in phases: what blocks nobody, and what goes on where an earlier run ended.

use super::super::*;
use super::{decided, plan, statements};

#[test]
fn phases_let_others_read_and_write() {
    let options = FixOptions::new().mode(FixMode::Online);
    let actual = "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (a int, b int)";
    let expected = "CREATE TABLE p (id int PRIMARY KEY);
        CREATE TABLE t (a int NOT NULL, b int, u uuid NOT NULL DEFAULT gen_random_uuid(),
            CONSTRAINT t_b UNIQUE (b), CONSTRAINT t_p FOREIGN KEY (a) REFERENCES p (id), CONSTRAINT t_c CHECK (b > 0));
        CREATE INDEX t_i ON t (a)";
    let found = decided(plan(actual, expected, &options), "0");
    assert!(found.not_fixed.is_empty(), "{:#?}", found.not_fixed);
    for phase in &found.phases {
        for step in &phase.steps {
            let scans =
                step.hazards.contains(&Hazard::Scans) || step.hazards.contains(&Hazard::Rewrites);
            let blocks = step.hazards.contains(&Hazard::BlocksWrites);
            assert!(!scans || !blocks, "{step:#?}");
        }
    }
    let alone = found
        .phases
        .iter()
        .filter(|phase| phase.kind == PhaseKind::Alone);
    assert_eq!(alone.count(), 2);
    assert!(
        found
            .phases
            .iter()
            .any(|phase| phase.kind == PhaseKind::Batches)
    );
}

#[test]
fn a_run_that_was_interrupted_goes_on() {
    let options = FixOptions::new().mode(FixMode::Online);
    let expected = "CREATE TABLE t (a int NOT NULL, u uuid NOT NULL DEFAULT gen_random_uuid())";
    let checked = "CREATE TABLE t (a int, u uuid NOT NULL DEFAULT gen_random_uuid());
        ALTER TABLE t ADD CONSTRAINT db_adapter_fix_not_null_a CHECK (a IS NOT NULL) NOT VALID";
    let found = statements(&decided(plan(checked, expected, &options), "0"));
    assert!(
        found[0].contains("VALIDATE CONSTRAINT \"db_adapter_fix_not_null_a\""),
        "{found:#?}"
    );
    let last = "ALTER TABLE \"t\" DROP CONSTRAINT \"db_adapter_fix_not_null_a\"";
    assert_eq!(found.last().map(String::as_str), Some(last));
    let filling = "CREATE TABLE t (a int NOT NULL, u uuid DEFAULT gen_random_uuid());
        ALTER TABLE t ADD CONSTRAINT db_adapter_fix_fill_u CHECK (u IS NULL OR u IS NOT NULL) NOT VALID";
    let found = statements(&decided(plan(filling, expected, &options), "7"));
    assert_eq!(found[0].split(' ').next(), Some("UPDATE"), "{found:#?}");
    assert!(found.last().unwrap().contains("\"db_adapter_fix_fill_u\""));
    let left = "CREATE TABLE t (a int NOT NULL, u uuid NOT NULL DEFAULT gen_random_uuid(),
        CONSTRAINT db_adapter_fix_not_null_a CHECK (a IS NOT NULL))";
    let found = plan(left, expected, &options);
    assert_eq!(
        statements(&found),
        ["ALTER TABLE \"t\" DROP CONSTRAINT \"db_adapter_fix_not_null_a\""]
    );
    assert!(found.not_fixed.is_empty(), "{:#?}", found.not_fixed);
}

#[test]
fn what_inherits_has_no_checks_for_a_while() {
    let actual = "CREATE TABLE p (a int); CREATE TABLE c () INHERITS (p)";
    let wanted = "CREATE TABLE p (a int NOT NULL); CREATE TABLE c () INHERITS (p)";
    let online = plan(actual, wanted, &FixOptions::new().mode(FixMode::Online));
    assert!(online.is_empty(), "{}", online.sql());
    let reason = &online.not_fixed[0].reason;
    assert!(reason.contains("the atomic mode"), "{reason}");
}
