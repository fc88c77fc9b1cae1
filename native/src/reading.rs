//! A file through one buffer, and the elements of a list that stand in it.

use std::fs::File;
use std::os::unix::fs::FileExt;

use serde::de::IgnoredAny;
use serde_json::Deserializer;

use crate::replicas::{Likeness, Replicas};
use crate::wire::Pod;

/// Small enough to stay in the processor's cache; it grows where a single element is larger.
const BUFFER_BYTES: usize = 1024 * 1024;
/// No element is larger.
const MOST_BUFFER_BYTES: usize = 64 * 1024 * 1024;

/// The list is laid out in a way, or is broken in a way, that only the general reader tells of.
pub struct Unusual;

/// Where a list has ended: behind its last element, on which line that is.
pub struct End {
    pub offset: u64,
    pub line: u64,
}

/// What a reader gives an element to: its text, the line that it begins on, and the pod that it may be.
pub trait Taker {
    /// Returns whether more is wanted.
    fn take(&mut self, text: &[u8], line: u64, pod: Option<Pod<'_>>) -> bool;
}

struct Buffer {
    file: File,
    bytes: Vec<u8>,
    start: usize,
    stop: usize,
    /// Where in the file `stop` is.
    offset: u64,
}

impl Buffer {
    /// Reads on behind what is not yet taken; says whether there was anything.
    fn fill(&mut self) -> Result<bool, Unusual> {
        self.bytes.copy_within(self.start..self.stop, 0);
        self.stop -= self.start;
        self.start = 0;
        if self.stop == self.bytes.len() {
            if self.bytes.len() >= MOST_BUFFER_BYTES {
                return Err(Unusual);
            }
            self.bytes.resize(2 * self.stop, 0);
        }
        loop {
            match self.file.read_at(&mut self.bytes[self.stop..], self.offset) {
                Ok(count) => {
                    self.stop += count;
                    self.offset += count as u64;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => return Err(Unusual),
            }
        }
    }

    /// Steps to the next element, behind one that ended on `line`.
    fn behind(&mut self, line: u64, stop: Option<u64>) -> Result<Behind, Unusual> {
        let end = End {
            offset: self.offset - (self.stop - self.start) as u64,
            line,
        };
        if stop == Some(end.offset) {
            return Ok(Behind::End(end));
        }
        let (next, lines) = self.after_space()?;
        if next == b']' && stop.is_none() {
            return Ok(Behind::End(end));
        }
        if next != b',' {
            return Err(Unusual);
        }
        self.start += 1;
        let (_, more) = self.after_space()?;
        Ok(Behind::Element(line + lines + more))
    }

    /// Steps over white space, and returns the byte behind it and how many lines ended in between.
    fn after_space(&mut self) -> Result<(u8, u64), Unusual> {
        let mut lines = 0;
        loop {
            while self.start < self.stop {
                match self.bytes[self.start] {
                    b'\n' => lines += 1,
                    b' ' | b'\t' | b'\r' => {}
                    other => return Ok((other, lines)),
                }
                self.start += 1;
            }
            if !self.fill()? {
                return Err(Unusual);
            }
        }
    }
}

/// What comes behind an element.
enum Behind {
    /// Another one, on this line.
    Element(u64),
    End(End),
}

/// One element at the beginning of a text.
enum Element<'a> {
    Pod(Box<Pod<'a>>, usize),
    Other(usize),
    /// The text ends before it does.
    Cut,
}

fn element(text: &[u8]) -> Result<Element<'_>, Unusual> {
    let mut pods = Deserializer::from_slice(text).into_iter::<Pod>();
    match pods.next() {
        Some(Ok(pod)) => Ok(Element::Pod(Box::new(pod), pods.byte_offset())),
        Some(Err(error)) if error.is_eof() => Ok(Element::Cut),
        None => Ok(Element::Cut),
        Some(Err(_)) => {
            let mut others = Deserializer::from_slice(text).into_iter::<IgnoredAny>();
            match others.next() {
                Some(Ok(_)) => Ok(Element::Other(others.byte_offset())),
                Some(Err(error)) if error.is_eof() => Ok(Element::Cut),
                None => Ok(Element::Cut),
                Some(Err(_)) => Err(Unusual),
            }
        }
    }
}

/// Gives the elements of a list to `taker`; the first one is at `offset` in the file, on line `line`. The last one ends
/// at `stop`, or where the list does.
pub fn read(
    file: File,
    offset: u64,
    line: u64,
    stop: Option<u64>,
    taker: &mut dyn Taker,
) -> Result<End, Unusual> {
    let mut buffer = Buffer {
        file,
        bytes: vec![0; BUFFER_BYTES],
        start: 0,
        stop: 0,
        offset,
    };
    let mut line = line;
    let mut replicas = Replicas::default();
    buffer.fill()?;
    loop {
        let text = &buffer.bytes[buffer.start..buffer.stop];
        let told = replicas
            .next(text)
            .filter(|(_, length)| *length < text.len());
        let (length, lines, pod) = if let Some((pod, length)) = told {
            (length, replicas.lines(), Some(pod))
        } else {
            let found = element(text)?;
            let length = match &found {
                Element::Pod(_, length) | Element::Other(length) => *length,
                // A number at the end of the text may go on behind it.
                Element::Cut => 0,
            };
            if length == 0 || length == text.len() {
                if !buffer.fill()? {
                    return Err(Unusual);
                }
                continue;
            }
            let whole = &text[..length];
            // The parser does not look into texts that it steps over.
            if std::str::from_utf8(whole).is_err() {
                return Err(Unusual);
            }
            let lines = memchr::memchr_iter(b'\n', whole).count() as u64;
            let pod = match found {
                Element::Pod(mut pod, _) => {
                    if replicas.keep(whole, lines, &pod) {
                        pod.likeness = Likeness::Model;
                    }
                    Some(*pod)
                }
                _ => None,
            };
            (length, lines, pod)
        };
        if !taker.take(&text[..length], line, pod) {
            return Err(Unusual);
        }
        buffer.start += length;
        match buffer.behind(line + lines, stop)? {
            Behind::Element(next) => line = next,
            Behind::End(end) => return Ok(end),
        }
    }
}
