//! Pods that are like one before, of which what they share need not be told anew.

use crate::repeating::{Change, Model, Moved, Span};
use crate::tokens::{ends, API_ACCESS};
use crate::wire::{Pod, COMMON_START, POD_TEXTS, SPEC_START};

/// What a pod has to do with others.
#[derive(Clone, Copy, Default)]
pub enum Likeness {
    #[default]
    None,
    /// Those that come may be told by it.
    Model,
    /// It is told by the last model, and has the same labels, annotations and owners, or the same specification, but for
    /// the random end of the name of the volume of its token.
    Like { common: bool, spec: bool },
}

/// Tells pods by one that was parsed.
#[derive(Default)]
pub struct Replicas {
    model: Model,
    /// How many lines end in it.
    lines: u64,
    /// Where the texts of the model stand, by their place.
    parts: Vec<(usize, Span)>,
    /// The name of the volume of its token, if there is one alone, and how often it stands in the specification.
    token: Vec<u8>,
    tokens: usize,
}

impl Replicas {
    /// How many lines end in a pod that `next` told.
    pub fn lines(&self) -> u64 {
        // There are none in the values of texts.
        self.lines
    }

    /// Takes a pod as the model of those that come, if it is fit for that, and says whether it is. `text` is UTF-8.
    pub fn keep(&mut self, text: &[u8], lines: u64, pod: &Pod<'_>) -> bool {
        let Some(texts) = pod
            .texts()
            .filter(|texts| texts[SPEC_START..].iter().any(Option::is_some))
        else {
            return false;
        };
        self.model.replace(text);
        self.lines = lines;
        let spans = texts
            .iter()
            .map(|each| each.and_then(|part| Span::of(text, part)));
        self.parts.clear();
        self.parts.extend(
            spans
                .enumerate()
                .filter_map(|(place, span)| Some((place, span?))),
        );
        self.parts.sort_unstable_by_key(|(_, span)| span.start);
        self.tokens = 0;
        let joined: String = texts[SPEC_START..].iter().flatten().copied().collect();
        if let Some(found) = ends(joined.as_bytes()) {
            self.tokens = found.len();
            self.token.clear();
            self.token.extend_from_slice(&API_ACCESS[1..]);
            self.token
                .extend_from_slice(&joined.as_bytes()[found[0].clone()]);
        }
        true
    }

    /// The pod at the beginning of a text and its length, where it is recognized as one like the model.
    pub fn next<'a>(&mut self, text: &'a [u8]) -> Option<(Pod<'a>, usize)> {
        let length = self.model.compare(text)?;
        let mut found = [None; POD_TEXTS];
        let mut moved = Moved::new(self.model.changes());
        let mut common = true;
        let mut renamed = Vec::new();
        for (place, part) in &self.parts {
            let (span, changes) = moved.part(*part);
            // SAFETY: the model is UTF-8, and so are the values that are others, as `Model::compare` has seen; a quote or a
            // brace stands where one meets the other, and at both ends.
            found[*place] =
                Some(unsafe { std::str::from_utf8_unchecked(&text[span.start..span.end]) });
            if *place >= SPEC_START {
                renamed.extend_from_slice(changes);
            } else if *place >= COMMON_START {
                common &= changes.is_empty();
            }
        }
        let spec = renamed.is_empty() || self.is_token(text, &renamed);
        Some((Pod::of(&found, Likeness::Like { common, spec }), length))
    }

    /// Whether changes are nothing but another random end of the name of the volume of the token.
    fn is_token(&self, text: &[u8], changes: &[Change]) -> bool {
        let after = |each: &Change| &text[each.after.start..each.after.end];
        let first = after(&changes[0]);
        let end = first.strip_prefix(&API_ACCESS[1..]).unwrap_or_default();
        let is_name = !end.is_empty() && end.iter().all(u8::is_ascii_alphanumeric);
        let before = |each: &Change| &self.model.text()[each.before.start..each.before.end];
        is_name
            && changes.len() == self.tokens
            && changes
                .iter()
                .all(|each| before(each) == self.token && after(each) == first)
    }
}
