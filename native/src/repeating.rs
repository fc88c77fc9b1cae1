//! Elements that are like one that was read before, but for the values of some texts: replicas nearly always are.
//!
//! Where all between the values is equal, byte by byte, so is what the values stand for, and nothing has to be parsed.

use memchr::{memchr, memchr2};

/// More values that differ are no repetition.
const MOST_CHANGES: usize = 64;
/// How many failures in a row are borne, less for successes before; one in so many elements is tried after them.
const PATIENCE: u32 = 16;

/// Where something stands in a text: its first byte, and the first behind it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// Where `part` stands in `whole`; None if it is none of it.
    pub fn of(whole: &[u8], part: &str) -> Option<Self> {
        let start = (part.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
        let end = start + part.len();
        (end <= whole.len()).then_some(Self { start, end })
    }
}

/// A value with another text than in the model, here and there.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub before: Span,
    pub after: Span,
}

/// A text that others are compared with.
#[derive(Default)]
pub struct Model {
    text: Vec<u8>,
    /// The values that are texts without escapes, without their quotes, as far as they are looked for yet.
    values: Vec<Span>,
    searched: usize,
    changes: Vec<Change>,
    credit: u32,
    passed: u32,
}

impl Model {
    /// Takes another text, one whole JSON value.
    pub fn replace(&mut self, text: &[u8]) {
        self.text.clear();
        self.text.extend_from_slice(text);
        self.values.clear();
        self.searched = 0;
    }

    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The values that differ in the text that was compared last, in their order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// How long the value at the beginning of `text` is, if it is the model with other texts in it; it may well be
    /// such a one and not be recognized.
    pub fn compare(&mut self, text: &[u8]) -> Option<usize> {
        self.passed = (self.passed + 1) % PATIENCE;
        if self.text.is_empty() || (self.credit == 0 && self.passed != 0) {
            return None;
        }
        let found = self.found(text);
        self.credit = match found {
            Some(_) => (self.credit + 2).min(PATIENCE),
            None => self.credit.saturating_sub(1),
        };
        found
    }

    fn found(&mut self, text: &[u8]) -> Option<usize> {
        self.changes.clear();
        let (mut here, mut there, mut number) = (0, 0, 0);
        loop {
            let equal = common(&self.text[here..], text.get(there..)?);
            here += equal;
            there += equal;
            if here == self.text.len() {
                return Some(there);
            }
            let before = self.value_at(here, &mut number)?;
            let start = there - (here - before.start);
            let end = there + memchr(b'"', &text[there..])?;
            let value = &text[start..end];
            let is_plain = value.iter().all(|&each| each >= b' ' && each != b'\\');
            if !is_plain
                || std::str::from_utf8(value).is_err()
                || self.changes.len() == MOST_CHANGES
            {
                return None;
            }
            let after = Span { start, end };
            self.changes.push(Change { before, after });
            here = before.end;
            there = end;
        }
    }

    /// The value that a byte of the model belongs to, its closing quote included; they are asked for in their order.
    fn value_at(&mut self, at: usize, number: &mut usize) -> Option<Span> {
        loop {
            while *number == self.values.len() {
                self.search()?;
            }
            let found = self.values[*number];
            if at <= found.end {
                return (found.start <= at).then_some(found);
            }
            *number += 1;
        }
    }

    /// Looks for the next text in the model; it may be none of `values`.
    fn search(&mut self) -> Option<()> {
        let start = self.searched + memchr(b'"', &self.text[self.searched..])? + 1;
        let mut end = start;
        let mut is_plain = true;
        loop {
            end += memchr2(b'"', b'\\', &self.text[end..])?;
            if self.text[end] == b'"' {
                break;
            }
            is_plain = false;
            end += 2;
        }
        self.searched = end + 1;
        let next = self.text[self.searched..]
            .iter()
            .find(|each| !each.is_ascii_whitespace());
        // The name of a field says what the value behind it means.
        if is_plain && next != Some(&b':') {
            self.values.push(Span { start, end });
        }
        Some(())
    }
}

/// How many bytes two texts have in common at their beginnings.
fn common(one: &[u8], other: &[u8]) -> usize {
    const STEP: usize = 8;
    let mut found = 0;
    for (left, right) in one.chunks_exact(STEP).zip(other.chunks_exact(STEP)) {
        let left = u64::from_le_bytes(left.try_into().unwrap_or_default());
        let right = u64::from_le_bytes(right.try_into().unwrap_or_default());
        if left != right {
            return found + (left ^ right).trailing_zeros() as usize / 8;
        }
        found += STEP;
    }
    let rest = one[found..].iter().zip(&other[found..]);
    found + rest.take_while(|(left, right)| left == right).count()
}

/// Where parts of the model stand in the text that was compared with it; they are asked for in their order.
pub struct Moved<'a> {
    changes: &'a [Change],
    by: isize,
}

impl<'a> Moved<'a> {
    pub fn new(changes: &'a [Change]) -> Self {
        Self { changes, by: 0 }
    }

    /// Where a part stands, and the changes in it.
    pub fn part(&mut self, part: Span) -> (Span, &'a [Change]) {
        self.pass(|change| change.before.start < part.start);
        let start = part.start.wrapping_add_signed(self.by);
        let inside = self.changes;
        self.pass(|change| change.before.end <= part.end);
        let end = part.end.wrapping_add_signed(self.by);
        let count = inside.len() - self.changes.len();
        (Span { start, end }, &inside[..count])
    }

    fn pass(&mut self, is_before: impl Fn(&Change) -> bool) {
        while let Some((first, rest)) = self.changes.split_first() {
            if !is_before(first) {
                break;
            }
            self.by = first.after.end as isize - first.before.end as isize;
            self.changes = rest;
        }
    }
}
