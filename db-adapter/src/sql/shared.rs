//! Which rows of other tables a filter asks for more than once, when what it refers to refers to the same
//! rows again: they are named once, before the rest. Written out each time, the text would double with
//! every table in between. Writes no SQL.

use std::sync::Arc;

use crate::Filter;
use crate::filter::RefersTo;

/// Rows that have a name in a statement.
#[derive(Debug)]
pub(crate) struct Named {
    /// Where the filter is: one that is written elsewhere may be equal, and is not compared.
    filter: usize,
    table: db_adapter_core::TableName,
    keys: Vec<String>,
}

impl Named {
    pub(super) fn of(reference: &RefersTo) -> Named {
        Named {
            filter: place(reference),
            table: reference.table.clone(),
            keys: reference.keys.clone(),
        }
    }

    /// Whether the reference leads to these rows.
    pub(super) fn is_of(&self, reference: &RefersTo) -> bool {
        self.filter == place(reference)
            && self.table == reference.table
            && self.keys == reference.keys
    }
}

fn place(reference: &RefersTo) -> usize {
    Arc::as_ptr(&reference.filter).addr()
}

/// The references within a filter whose rows are asked for more than once, each once, and before those
/// that need it.
pub(super) fn repeated(filter: &Filter) -> Vec<&RefersTo> {
    let mut found = Vec::new();
    visit(filter, &mut found);
    let often = found.into_iter().filter(|(_, count)| *count > 1);
    often.map(|(reference, _)| reference).collect()
}

/// What is known already is not entered again, so that the time does not double either.
fn visit<'f>(filter: &'f Filter, found: &mut Vec<(&'f RefersTo, usize)>) {
    match filter {
        Filter::All | Filter::Test(_) | Filter::TooDeep => {}
        Filter::And(filters) | Filter::AnyOf(filters) => {
            for filter in filters {
                visit(filter, found);
            }
        }
        Filter::Not(filter) => visit(filter, found),
        Filter::RefersTo(reference) => {
            let named = Named::of(reference);
            match found.iter_mut().find(|(known, _)| named.is_of(known)) {
                Some((_, count)) => *count += 1,
                None => {
                    visit(&reference.filter, found);
                    found.push((reference, 1));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row;

    fn refers(column: &str, table: &str, filter: &Arc<Filter>) -> Filter {
        let mut made = Filter::refers_to(column, table, "id", Filter::All).unwrap();
        if let Filter::RefersTo(reference) = &mut made {
            reference.filter = Arc::clone(filter);
        }
        made
    }

    #[test]
    fn only_what_is_asked_for_twice_is_named_and_inner_rows_come_first() {
        let of_user = Arc::new(Filter::from(row! { "user_id": "ann" }));
        let twice = |table: &str, filter: &Arc<Filter>| {
            let both = refers("a", table, filter).and(refers("b", table, filter));
            Arc::new(both)
        };
        let (first, second) = (twice("t0", &of_user), twice("t0", &of_user));
        let last = refers("a", "t1", &first).and(refers("b", "t1", &first));
        let last = last.and(refers("c", "t2", &second));
        let tables: Vec<String> = repeated(&last)
            .iter()
            .map(|r| r.table.to_string())
            .collect();
        assert_eq!(tables, ["t0", "t1"]);
        assert!(repeated(&refers("c", "t2", &of_user)).is_empty());
    }

    #[test]
    fn a_chain_of_any_length_is_visited_once() {
        let mut filter = Arc::new(Filter::from(row! { "user_id": "ann" }));
        for _ in 0..60 {
            filter = Arc::new(refers("a", "t", &filter).and(refers("b", "t", &filter)));
        }
        assert_eq!(repeated(&filter).len(), 60);
        assert_eq!(filter.tables().len(), 1);
    }
}
