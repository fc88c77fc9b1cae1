//! Texts by number.

use hashbrown::HashMap;

/// Numbers texts in the order in which they are first seen.
#[derive(Default)]
pub struct Numbers {
    known: HashMap<Box<[u8]>, i32>,
    /// Equal texts come one after the other, and to compare is faster than to hash.
    last: Vec<u8>,
    last_number: i32,
}

impl Numbers {
    /// The number of a text, and whether it is new.
    pub fn of(&mut self, text: &[u8]) -> (i32, bool) {
        if !self.known.is_empty() && self.last == text {
            return (self.last_number, false);
        }
        let next = self.known.len() as i32;
        let (number, is_new) = match self.known.get(text) {
            Some(&found) => (found, false),
            None => {
                self.known.insert(text.into(), next);
                (next, true)
            }
        };
        self.last.clear();
        self.last.extend_from_slice(text);
        self.last_number = number;
        (number, is_new)
    }
}

/// Texts one behind the other in one piece of memory.
#[derive(Default)]
pub struct Texts {
    whole: String,
    ends: Vec<usize>,
}

impl Texts {
    pub fn push(&mut self, text: &str) {
        self.whole.push_str(text);
        self.ends.push(self.whole.len());
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn get(&self, number: usize) -> &str {
        let start = if number == 0 {
            0
        } else {
            self.ends[number - 1]
        };
        &self.whole[start..self.ends[number]]
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|number| self.get(number))
    }
}
