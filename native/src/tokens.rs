//! The volumes in which the API server gives pods their token: their names end by chance.

use std::ops::Range;

/// What such a name begins with, and the quote before it.
pub const API_ACCESS: &[u8] = b"\"kube-api-access-";

/// Where the random ends of these names stand in a text, if all of them are one.
pub fn ends(text: &[u8]) -> Option<Vec<Range<usize>>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for place in memchr::memmem::find_iter(text, API_ACCESS) {
        let start = place + API_ACCESS.len();
        let length = text[start..]
            .iter()
            .take_while(|each| each.is_ascii_alphanumeric())
            .count();
        let here = start..start + length;
        let is_one = found
            .first()
            .is_none_or(|first| text[first.clone()] == text[here.clone()]);
        if length == 0 || text[here.end] != b'"' || !is_one {
            return None;
        }
        found.push(here);
    }
    (!found.is_empty()).then_some(found)
}
