//! Columns that are declared to be filled anew: the database has to fill them.

use super::misfit::Misfit;
use crate::backup::TableDef;
use crate::{Notice, TableSchema};

/// The columns of `renew` that are not there, or that nothing fills.
pub(super) fn check(def: &TableDef, table: &TableSchema) -> Vec<Misfit> {
    let misfit = |column: &str, is_there| Misfit::NotRenewed {
        table: def.name.to_string(),
        column: column.to_owned(),
        is_there,
    };
    let wrong = def.renew.iter().filter_map(|column| {
        let Some(found) = table.column(column) else {
            return Some(misfit(column, false));
        };
        let default = found.default.as_deref().map(str::trim);
        let has_default = default.is_some_and(|text| !text.eq_ignore_ascii_case("null"));
        let is_filled = has_default || found.identity.is_some() || found.generated.is_some();
        (!is_filled).then(|| misfit(column, true))
    });
    wrong.collect()
}

pub(super) fn notice(table: &str, column: &str, is_there: bool) -> Notice {
    if !is_there {
        let text =
            format!("`renew` of `{table}` names `{column}`, and the table has no such column");
        return Notice::new(text).hint("correct the name, or take it out of `renew`");
    }
    Notice::new(format!(
        "`{column}` of `{table}` is declared to be new in every new row, and nothing fills it there"
    ))
    .hint("give the column a default, such as `gen_random_uuid()`, or take it out of `renew`")
}
