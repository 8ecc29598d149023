//! What each object needs to be there before it, by the names that its texts mention.

use super::super::constraint;
use super::super::mentions::Mentions;
use super::super::order::{Graph, Need};
use super::{Node, POSTGRES, Postgres};
use crate::schema::{ConstraintKind, TableSchema};
use std::collections::BTreeSet;

impl<'a> Postgres<'a> {
    pub(super) fn order(&self) -> Vec<Node> {
        let schema = self.schema;
        let mut graph = Graph::new(
            (self.named.values().flatten().cloned())
                .chain(self.functions.values().flatten().cloned()),
        );
        for (key, domain) in &schema.domains {
            let node = Node::Domain(key.clone());
            self.need_types(&mut graph, &node, &domain.data_type);
            for text in domain.checks.values().chain(&domain.default) {
                self.need_expression(&mut graph, &node, text, Need::Nice);
            }
        }
        for (key, function) in &schema.functions {
            self.need_of_function(&mut graph, &Node::Function(key.clone()), function);
        }
        for (key, table) in &schema.tables {
            self.need_of_table(&mut graph, &Node::Table(key.clone()), table);
        }
        for (key, view) in &schema.views {
            let node = Node::View(key.clone());
            let query = view.definition.as_deref().unwrap_or_default();
            let found = Mentions::of(query, POSTGRES);
            self.need_named(&mut graph, &node, &found.names, Need::Always);
            self.need_named(&mut graph, &node, &found.calls, Need::Likely);
            self.need_functions(&mut graph, &node, &found, Need::Always);
            self.need_named(&mut graph, &node, &found.in_strings, Need::Likely);
        }
        for (key, sequence) in &schema.sequences {
            if let Some((table, _)) = &sequence.owned_by {
                let table = Node::Table(table.clone());
                graph.need(&table, &Node::Sequence(key.clone()), Need::Nice);
            }
        }
        graph.order()
    }

    fn need_of_function(
        &self,
        graph: &mut Graph<Node>,
        node: &Node,
        function: &crate::schema::FunctionSchema,
    ) {
        let found = Mentions::of(&function.definition, POSTGRES);
        self.need_named(graph, node, &found.names, Need::Likely);
        self.need_named(graph, node, &found.calls, Need::Likely);
        self.need_functions(graph, node, &found, Need::Likely);
        // a body in SQL may be put into what calls it
        if function.language.eq_ignore_ascii_case("sql") {
            self.need_named(graph, node, &found.in_strings, Need::Later);
        }
    }

    fn need_of_table(&self, graph: &mut Graph<Node>, node: &Node, table: &TableSchema) {
        for column in &table.columns {
            self.need_types(graph, node, &column.data_type);
            if let Some(default) = &column.default {
                self.need_expression(graph, node, default, Need::Nice);
            }
            if let Some(generated) = &column.generated {
                self.need_expression(graph, node, &generated.expression, Need::Always);
            }
        }
        for clause in table.partition_by.iter().chain(&table.partition_bound) {
            self.need_expression(graph, node, clause, Need::Always);
        }
        for parent in table.partition_of.iter().chain(&table.inherits) {
            graph.need(node, &Node::Table(parent.clone()), Need::Always);
        }
        for own in table.constraints.values() {
            if own.kind == ConstraintKind::ForeignKey {
                let target = Node::Table(constraint::target_key(own));
                graph.need(node, &target, Need::Nice);
            }
            if let Some(expression) = &own.expression {
                self.need_expression(graph, node, expression, Need::Nice);
            }
        }
    }

    fn need_types(&self, graph: &mut Graph<Node>, node: &Node, data_type: &str) {
        let found = Mentions::of(data_type, POSTGRES);
        self.need_named(graph, node, &found.names, Need::Always);
        self.need_named(graph, node, &found.calls, Need::Always);
    }

    fn need_expression(&self, graph: &mut Graph<Node>, node: &Node, text: &str, need: Need) {
        for other in self.needed_by(text) {
            graph.need(node, &other, need);
        }
    }

    fn need_named(
        &self,
        graph: &mut Graph<Node>,
        node: &Node,
        keys: &BTreeSet<String>,
        need: Need,
    ) {
        for other in keys
            .iter()
            .filter_map(|key| self.named.get(key.as_str()))
            .flatten()
        {
            graph.need(node, other, need);
        }
    }

    fn need_functions(&self, graph: &mut Graph<Node>, node: &Node, found: &Mentions, need: Need) {
        for other in found
            .calls
            .iter()
            .filter_map(|key| self.functions.get(key))
            .flatten()
        {
            graph.need(node, other, need);
        }
    }

    /// The functions, types and sequences that an expression uses. Its other names are columns.
    fn needed_by(&self, expression: &str) -> Vec<Node> {
        let found = Mentions::of(expression, POSTGRES);
        let is_type = |node: &&Node| matches!(node, Node::Enum(_) | Node::Domain(_));
        let is_sequence = |node: &&Node| matches!(node, Node::Sequence(_));
        let named = |keys: &BTreeSet<String>| -> Vec<Node> {
            let nodes = keys.iter().filter_map(|key| self.named.get(key.as_str()));
            nodes.flatten().cloned().collect()
        };
        let functions = found.calls.iter().filter_map(|key| self.functions.get(key));
        let functions = functions.flatten().cloned();
        let (names, strings) = (named(&found.names), named(&found.in_strings));
        let types = names.iter().filter(is_type).cloned();
        let sequences = strings.iter().filter(is_sequence).cloned();
        functions.chain(types).chain(sequences).collect()
    }

    /// Whether all that the expression uses is there already.
    pub(super) fn is_early(&self, expression: &str) -> bool {
        let mut needed = self.needed_by(expression).into_iter();
        needed.all(|node| self.written.contains(&node))
    }
}
