//! Rows that get another value when the one does that they refer to, by `ON UPDATE`: a restore changes those of
//! its user only. Asked of the database for each value that others follow and that would become another one.

use futures_util::StreamExt as _;

use super::existing::columns_of;
use super::plan::Follower;
use super::row::Item;
use super::table::TableRun;
use crate::client::DatabaseClient as _;
use crate::query::{Operation, Select};
use crate::{Filter, Result, Value, op};

impl TableRun<'_, '_> {
    /// Why the row that is there, by its place among those that were found, cannot get the values of the item.
    pub(super) async fn is_followed(&self, item: &Item, row: u32) -> Result<Option<String>> {
        let table = self.table;
        let kept = item.resolved.kept.iter();
        let left = kept.filter_map(|at| table.refs.get(*at));
        let left: Vec<usize> = left.flat_map(|r| r.fields.iter().copied()).collect();
        for (kept, column) in table.kept.iter().enumerate() {
            let (Some(plan), Some(given)) = (table.columns.get(*column), item.values.get(*column))
            else {
                continue;
            };
            if plan.followed_by.is_empty() || left.contains(column) {
                continue;
            }
            let there = self.present.value(kept, row);
            if there.is_null() || there == *given {
                continue; // nothing refers to NULL
            }
            for follower in &plan.followed_by {
                if self.may_not_follow(follower, &there).await? {
                    let why = match follower.is_unset {
                        true => " would refer to nothing or to another row",
                        false => {
                            "which are not this user's as far as is known, would change with it"
                        }
                    };
                    return Ok(Some(format!(
                        "the row is there with another `{}`, and rows of `{}` that refer to it{why} (ON UPDATE)",
                        plan.name, follower.table.name
                    )));
                }
            }
        }
        Ok(None)
    }

    /// Whether there is a row with this value that is not known to be the user's, or that would lose its reference.
    async fn may_not_follow(&self, follower: &Follower, there: &Value) -> Result<bool> {
        let plan = self.ledger.remap.plan;
        let place = plan.tables.iter().position(|t| t.table == follower.table);
        if follower.is_untold {
            return Ok(true);
        }
        if place.is_some() && !follower.is_unset && self.ledger.remap.options.all_rows {
            return Ok(false); // everybody's rows are restored
        }
        let whose = place.and_then(|place| {
            let table = plan.tables.get(place)?;
            let column = table.columns.get(table.user?)?;
            Some((column, self.ledger.users.get(place)?))
        });
        let column = whose.map_or(follower.column.as_str(), |(column, _)| column.name.as_str());
        let filter = Filter::test(
            follower.column.as_str(),
            op::in_any_spelling([there.clone()]),
        );
        let select = Select::new(follower.table.clone(), columns_of(&[column])?, filter);
        let of = &self.ledger.remap.fingerprints;
        let mut rows = self.tx.run_stream(Operation::Select(select));
        while let Some(row) = rows.next().await {
            let row = row?;
            let is_theirs = whose.is_some_and(|(column, user)| {
                let owner = row.value(&column.name);
                owner.is_some_and(|owner| {
                    of.of([(owner, &column.meaning)]) == of.of([(user, &column.meaning)])
                })
            });
            if follower.is_unset || !is_theirs {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
