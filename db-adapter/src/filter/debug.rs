//! A filter for logs and test failures: columns and operators, never the values.

use std::fmt;

use super::{Condition, Filter, Test};

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::All => f.write_str("All"),
            Filter::TooDeep => f.write_str("TooDeep"),
            Filter::Test(condition) => condition.fmt(f),
            Filter::And(filters) => f.debug_tuple("And").field(filters).finish(),
            Filter::AnyOf(filters) => f.debug_tuple("AnyOf").field(filters).finish(),
            Filter::Not(filter) => f.debug_tuple("Not").field(filter).finish(),
            Filter::RefersTo(reference) => f
                .debug_struct("RefersTo")
                .field("columns", &reference.columns)
                .field("table", &reference.table)
                .field("keys", &reference.keys)
                .field("filter", &reference.filter)
                .finish(),
        }
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.column, self.test)
    }
}

impl fmt::Debug for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operator())
    }
}

impl Test {
    fn operator(&self) -> &'static str {
        match self {
            Test::Dict(_) | Test::Eq(_) => "=",
            Test::Ne(_) => "<>",
            Test::Gt(_) => ">",
            Test::Gte(_) => ">=",
            Test::Lt(_) => "<",
            Test::Lte(_) => "<=",
            Test::Like(_) => "like",
            Test::Ilike(_) => "ilike",
            Test::In(_) => "in",
            Test::NotIn(_) => "not in",
            Test::InAnySpelling(_) => "in any spelling",
            Test::IsNull => "is null",
            Test::NotNull => "is not null",
        }
    }
}
