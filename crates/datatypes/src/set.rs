//! Placeholder of set on this branch.

use crate::collection::Collection;
use crate::types::Type;

/// A set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Set {
    elements: Box<Vec<Vec<u8>>>,
}

impl Set {
    /// Adds an element.
    pub fn add(&mut self, element: &[u8]) {
        self.elements.push(element.to_vec());
    }

    /// Takes the last element.
    pub fn pop(&mut self) -> Option<Vec<u8>> {
        self.elements.pop()
    }

    /// Whether a member is there.
    pub fn contains(&self, member: &[u8]) -> bool {
        self.elements.iter().any(|element| element == member)
    }

    /// Shows every member.
    pub fn for_each(&self, visit: &mut dyn FnMut(&[u8])) {
        self.elements.iter().for_each(|element| visit(element));
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.elements.len()
    }
}

impl Collection for Set {
    const TYPE: Type = Type::Set;

    fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    fn part_count(&self) -> usize {
        self.elements.len()
    }

    fn allocated_bytes(&self) -> usize {
        self.elements.len() * 32
    }

    fn encoding(&self) -> &'static str {
        "placeholder"
    }
}
