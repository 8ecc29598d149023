//! Which rows wait for each other in circles: the strongly connected parts of a graph, in time that
//! grows with the number of rows and references alone. Pure.

/// For each node the circle that it is part of: two nodes are in one circle when each leads to the
/// other, and then have one number. A node that is in none has a number of its own.
///
/// By Tarjan's algorithm, without recursion: a chain may be as long as a table.
pub(super) fn circles(next: &[Vec<usize>]) -> Vec<usize> {
    let mut search = Search {
        order: vec![None; next.len()],
        lowest: vec![0; next.len()],
        circle: vec![None; next.len()],
        open: Vec::new(),
        seen: 0,
    };
    for start in 0..next.len() {
        search.from(next, start);
    }
    let circles = search.circle.into_iter().enumerate();
    circles
        .map(|(node, circle)| circle.unwrap_or(node))
        .collect()
}

struct Search {
    /// When each node was first seen.
    order: Vec<Option<usize>>,
    /// The earliest node that is still open and that each leads to.
    lowest: Vec<usize>,
    circle: Vec<Option<usize>>,
    /// The nodes whose circle is not complete.
    open: Vec<usize>,
    seen: usize,
}

impl Search {
    fn from(&mut self, next: &[Vec<usize>], start: usize) {
        // a node, and how many of its edges have been followed
        let mut path: Vec<(usize, usize)> = Vec::new();
        if self.is_new(start) {
            self.enter(start);
            path.push((start, 0));
        }
        while let Some((node, followed)) = path.last_mut() {
            let node = *node;
            let edge = next.get(node).and_then(|edges| edges.get(*followed));
            *followed += 1;
            match edge.copied() {
                Some(to) if self.is_new(to) => {
                    self.enter(to);
                    path.push((to, 0));
                }
                Some(to) => self.leads_to_seen(node, to),
                None => {
                    path.pop();
                    self.leave(node);
                    if let Some((before, _)) = path.last() {
                        self.leads_as_low(*before, node);
                    }
                }
            }
        }
    }

    fn is_new(&self, node: usize) -> bool {
        self.order.get(node).is_some_and(Option::is_none)
    }

    fn enter(&mut self, node: usize) {
        if let (Some(order), Some(lowest)) = (self.order.get_mut(node), self.lowest.get_mut(node)) {
            *order = Some(self.seen);
            *lowest = self.seen;
            self.seen += 1;
            self.open.push(node);
        }
    }

    fn leads_to_seen(&mut self, node: usize, to: usize) {
        let is_open = self.circle.get(to).is_some_and(Option::is_none);
        let order = self.order.get(to).copied().flatten();
        if let (true, Some(order), Some(lowest)) = (is_open, order, self.lowest.get_mut(node)) {
            *lowest = order.min(*lowest);
        }
    }

    fn leads_as_low(&mut self, node: usize, child: usize) {
        let low = self.lowest.get(child).copied();
        let is_open = self.circle.get(child).is_some_and(Option::is_none);
        if let (true, Some(low), Some(lowest)) = (is_open, low, self.lowest.get_mut(node)) {
            *lowest = low.min(*lowest);
        }
    }

    /// A node that leads to none before it completes a circle, of all that were opened since.
    fn leave(&mut self, node: usize) {
        if self.order.get(node).copied().flatten() != self.lowest.get(node).copied() {
            return;
        }
        while let Some(member) = self.open.pop() {
            if let Some(circle) = self.circle.get_mut(member) {
                *circle = Some(node);
            }
            if member == node {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two nodes are in one circle when each is reached from the other.
    fn by_looking(next: &[Vec<usize>]) -> Vec<Vec<bool>> {
        let reached = |from: usize| {
            let mut seen = vec![false; next.len()];
            let mut todo = vec![from];
            while let Some(node) = todo.pop() {
                for to in &next[node] {
                    if !std::mem::replace(&mut seen[*to], true) {
                        todo.push(*to);
                    }
                }
            }
            seen
        };
        let reached: Vec<Vec<bool>> = (0..next.len()).map(reached).collect();
        let both = |a: usize, b: usize| a == b || (reached[a][b] && reached[b][a]);
        let row = |a| (0..next.len()).map(|b| both(a, b)).collect();
        (0..next.len()).map(row).collect()
    }

    proptest::proptest! {
        #[test]
        fn nodes_that_lead_to_each_other_are_in_one_circle(
            edges in proptest::collection::vec((0_usize..9, 0_usize..9), 0..20),
        ) {
            let mut next = vec![Vec::new(); 9];
            for (from, to) in edges {
                next[from].push(to);
            }
            let circle_of = circles(&next);
            for (a, row) in by_looking(&next).iter().enumerate() {
                for (b, together) in row.iter().enumerate() {
                    assert_eq!(circle_of[a] == circle_of[b], *together, "{a} {b} of {next:?}");
                }
            }
        }
    }

    #[test]
    fn a_long_chain_is_no_circle_and_a_long_circle_is_one() {
        const LENGTH: usize = 200_000;
        let mut next: Vec<Vec<usize>> = (1..=LENGTH).map(|to| vec![to]).collect();
        next.push(Vec::new());
        let circle_of = circles(&next);
        assert!(circle_of.windows(2).all(|two| two[0] != two[1]));
        next[LENGTH].push(0);
        let circle_of = circles(&next);
        assert!(circle_of.windows(2).all(|two| two[0] == two[1]));
        assert!(circles(&[]).is_empty());
    }
}
