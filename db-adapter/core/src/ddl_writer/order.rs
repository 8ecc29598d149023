//! In which order objects are made: what something needs before it, as far as that goes. Where a circle
//! leaves no such order, what is least needed comes later. Always the same for the same schema.

use std::collections::{BTreeMap, BTreeSet};

/// How much one object needs another one to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// It is nicer to read: the statement that needs it can come later.
    Nice,
    /// The body of a function, which is not looked at before it runs.
    Later,
    /// A name that may mean the object.
    Likely,
    /// Nothing works without.
    Always,
}

const NEEDS: [Need; 4] = [Need::Nice, Need::Later, Need::Likely, Need::Always];

/// What has to be ordered, with what it needs; nodes are ordered by themselves where nothing else counts.
pub(super) struct Graph<N> {
    needs: BTreeMap<N, BTreeMap<N, Need>>,
}

impl<N: Clone + Ord> Graph<N> {
    pub(super) fn new(nodes: impl IntoIterator<Item = N>) -> Graph<N> {
        Graph {
            needs: nodes.into_iter().map(|n| (n, BTreeMap::new())).collect(),
        }
    }

    /// Notes that one needs the other. What is not among the nodes is somebody else's, and itself is there.
    pub(super) fn need(&mut self, node: &N, other: &N, need: Need) {
        if node == other || !self.needs.contains_key(other) {
            return;
        }
        if let Some(needs) = self.needs.get_mut(node) {
            let known = needs.entry(other.clone()).or_insert(need);
            *known = need.max(*known);
        }
    }

    /// All the nodes, each once.
    pub(super) fn order(mut self) -> Vec<N> {
        let mut order = Vec::with_capacity(self.needs.len());
        let mut users: BTreeMap<N, Vec<N>> = BTreeMap::new();
        for (node, needs) in &self.needs {
            for other in needs.keys() {
                users.entry(other.clone()).or_default().push(node.clone());
            }
        }
        let free = self.needs.iter().filter(|(_, needs)| needs.is_empty());
        let mut ready: BTreeSet<N> = free.map(|(node, _)| node.clone()).collect();
        while !self.needs.is_empty() {
            let Some(node) = ready.pop_first().or_else(|| self.least_stuck()) else {
                break;
            };
            self.needs.remove(&node);
            for user in users.remove(&node).unwrap_or_default() {
                if let Some(needs) = self.needs.get_mut(&user) {
                    needs.remove(&node);
                    if needs.is_empty() {
                        ready.insert(user);
                    }
                }
            }
            order.push(node);
        }
        order
    }

    /// The first of a circle that lacks only what can be done without.
    fn least_stuck(&self) -> Option<N> {
        let lacks = |node: &N, most: Need| {
            let needs = self.needs.get(node);
            needs.is_some_and(|needs| needs.values().all(|need| *need <= most))
        };
        let mut levels = NEEDS.iter();
        levels.find_map(|most| self.needs.keys().find(|node| lacks(node, *most)).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(needs: &[(&'static str, &'static str, Need)]) -> Vec<&'static str> {
        let nodes = needs.iter().flat_map(|(a, b, _)| [*a, *b]);
        let mut graph = Graph::new(nodes);
        for (node, other, need) in needs {
            graph.need(node, other, *need);
        }
        graph.order()
    }

    #[test]
    fn what_is_needed_comes_first() {
        let order = ordered(&[
            ("a", "c", Need::Nice),
            ("b", "a", Need::Always),
            ("c", "d", Need::Likely),
        ]);
        assert_eq!(order, ["d", "c", "a", "b"]);
    }

    #[test]
    fn a_circle_is_broken_where_that_costs_least() {
        let circle = [
            ("a", "b", Need::Always),
            ("b", "c", Need::Nice),
            ("c", "a", Need::Likely),
        ];
        assert_eq!(ordered(&circle), ["b", "a", "c"]);
        // nothing is lost where everything is needed
        let circle = [("a", "b", Need::Always), ("b", "a", Need::Always)];
        assert_eq!(ordered(&circle), ["a", "b"]);
    }

    #[test]
    fn names_decide_where_nothing_else_does() {
        let order = Graph::new(["b", "c", "a"]).order();
        assert_eq!(order, ["a", "b", "c"]);
    }
}
