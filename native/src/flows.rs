//! Lines of Hubble as columns: what many of them have in common is a text, and has a number.

use std::fs::File;
use std::io;
use std::os::fd::{BorrowedFd, RawFd};
use std::os::unix::fs::FileExt;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::flow_wire::{Flow, Line};
use crate::interning::Numbers;
use crate::moments::nanoseconds;

/// Small enough to stay in the processor's cache; it grows where a single line is larger.
const BUFFER_BYTES: usize = 1 << 18;
/// Longer lines are left.
const LONGEST_LINE: usize = 1 << 20;

/// Texts that are numbered in the order in which they are first seen, and those that Python was not yet told.
#[derive(Default)]
struct Told {
    numbers: Numbers,
    new: Vec<Box<[u8]>>,
}

impl Told {
    fn of(&mut self, text: &[u8]) -> i32 {
        let (number, is_new) = self.numbers.of(text);
        if is_new {
            self.new.push(text.into());
        }
        number
    }

    fn take<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let new = std::mem::take(&mut self.new);
        PyList::new(py, new.iter().map(|each| PyBytes::new(py, each)))
    }
}

#[derive(Default)]
struct Columns {
    ends: Told,
    frames: Told,
    /// See `Lines` in `firedoor/_native.pyi`.
    rows: Vec<u8>,
    left: Vec<u8>,
    count: i64,
    scratch: Vec<u8>,
}

impl Columns {
    /// Takes whole lines that begin at `base`.
    fn take(&mut self, block: &[u8], base: u64) {
        // The parser need not look for it in every line, then.
        let whole = std::str::from_utf8(block).ok();
        let mut start = 0;
        while start < block.len() {
            let end =
                memchr::memchr(b'\n', &block[start..]).map_or(block.len(), |at| start + at + 1);
            let line = match whole {
                Some(text) => text.get(start..end),
                None => std::str::from_utf8(&block[start..end]).ok(),
            };
            let begin = base as i64 + start as i64;
            if line.and_then(|each| self.add(each, begin)).is_none() {
                for each in [self.count, begin, (end - start) as i64] {
                    self.left.extend_from_slice(&each.to_ne_bytes());
                }
            }
            self.count += 1;
            start = end;
        }
    }

    /// Adds a line; `None` for one that is to be left.
    fn add(&mut self, line: &str, begin: i64) -> Option<()> {
        if line.len() > LONGEST_LINE || has_unicode_escape(line.as_bytes()) {
            return None;
        }
        let flow = serde_json::from_str::<Line>(line).ok()?.flow;
        let number = i32::try_from(self.count).ok()?;
        let time = nanoseconds(flow.time)?;
        let (protocol, ports) = match (&flow.l4.tcp, &flow.l4.udp) {
            (Some(ports), None) => ("TCP", ports),
            (None, Some(ports)) => ("UDP", ports),
            _ => return None,
        };
        if flow.kind != "L3_L4" {
            return None;
        }
        self.frame(&flow, protocol, ports.flags.unwrap_or_default());
        let frame = self.frames.of(&self.scratch);
        let names = [flow.source_names, flow.destination_names].map(Option::unwrap_or_default);
        let services =
            [flow.source_service, flow.destination_service].map(Option::unwrap_or_default);
        self.end(flow.ip.source, flow.source.get(), names[0], services[0]);
        let source = self.ends.of(&self.scratch);
        self.end(
            flow.ip.destination,
            flow.destination.get(),
            names[1],
            services[1],
        );
        let destination = self.ends.of(&self.scratch);
        self.rows.extend_from_slice(&time.to_ne_bytes());
        self.rows.extend_from_slice(&begin.to_ne_bytes());
        for each in [number, line.len() as i32, source, destination, frame] {
            self.rows.extend_from_slice(&each.to_ne_bytes());
        }
        self.rows
            .extend_from_slice(&ports.source_port.to_ne_bytes());
        self.rows
            .extend_from_slice(&ports.destination_port.to_ne_bytes());
        Some(())
    }

    /// Writes an end as an object: its address and what else is told of it.
    fn end(&mut self, address: &str, endpoint: &str, names: &str, service: &str) {
        self.scratch.clear();
        // A text without escapes, as it was read.
        self.put("{\"address\":\"", address);
        self.put("\",\"endpoint\":", endpoint);
        if !names.is_empty() {
            self.put(",\"names\":", names);
        }
        if !service.is_empty() {
            self.put(",\"service\":", service);
        }
        self.scratch.push(b'}');
    }

    /// Writes as a flow what a line tells besides its time and ends, with ports that always are the same.
    fn frame(&mut self, flow: &Flow<'_>, protocol: &str, flags: &str) {
        self.scratch.clear();
        self.put("{\"l4\":{\"", protocol);
        self.put("\":{\"source_port\":11,\"destination_port\":22", "");
        if !flags.is_empty() {
            self.put(",\"flags\":", flags);
        }
        self.put("}}", "");
        for (name, text) in flow.told() {
            if let Some(text) = text {
                self.put(",\"", name);
                self.put("\":", text);
            }
        }
        self.scratch.push(b'}');
    }

    fn put(&mut self, before: &str, text: &str) {
        self.scratch.extend_from_slice(before.as_bytes());
        self.scratch.extend_from_slice(text.as_bytes());
    }

    fn read(&mut self, file: &File, start: u64, end: u64) -> io::Result<()> {
        let mut buffer = vec![0; BUFFER_BYTES];
        let (mut filled, mut offset) = (0, start);
        loop {
            if filled == buffer.len() {
                buffer.resize(2 * filled, 0);
            }
            let most = (buffer.len() - filled).min((end - offset) as usize);
            let count = match file.read_at(&mut buffer[filled..filled + most], offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            offset += count as u64;
            filled += count;
            let begin = offset - filled as u64;
            if count == 0 {
                self.take(&buffer[..filled], begin);
                return Ok(());
            }
            if let Some(last) = memchr::memrchr(b'\n', &buffer[..filled]) {
                self.take(&buffer[..=last], begin);
                buffer.copy_within(last + 1..filled, 0);
                filled -= last + 1;
            }
        }
    }
}

/// Whether there may be half a character in it, which the parser does not look for in what it steps over.
fn has_unicode_escape(line: &[u8]) -> bool {
    memchr::memchr_iter(b'\\', line).any(|at| line.get(at + 1) == Some(&b'u'))
}

/// What one call gives; see `firedoor/_native.pyi`.
type Found<'py> = (
    i64,
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
    Bound<'py, PyList>,
    Bound<'py, PyList>,
);

/// Reads lines of Hubble, and knows texts again that it read before; see `firedoor/_native.pyi`.
#[pyclass(module = "firedoor._native")]
#[derive(Default)]
pub struct FlowLines {
    columns: Columns,
}

#[pymethods]
impl FlowLines {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    fn read<'py>(
        &mut self,
        py: Python<'py>,
        descriptor: RawFd,
        start: u64,
        end: u64,
    ) -> PyResult<Found<'py>> {
        if descriptor < 0 || start > end {
            return Err(PyValueError::new_err(
                "expected an open file and a part of it",
            ));
        }
        let columns = self.begun();
        py.detach(|| -> io::Result<()> {
            // SAFETY: the caller holds the file open during this call, and what is read is a copy of its own.
            let copy = unsafe { BorrowedFd::borrow_raw(descriptor) }.try_clone_to_owned()?;
            columns.read(&File::from(copy), start, end)
        })?;
        self.found(py)
    }

    fn take<'py>(&mut self, py: Python<'py>, data: &[u8], start: u64) -> PyResult<Found<'py>> {
        let columns = self.begun();
        py.detach(|| columns.take(data, start));
        self.found(py)
    }
}

impl FlowLines {
    /// The columns without lines; of a call that failed there may be some.
    fn begun(&mut self) -> &mut Columns {
        self.columns.count = 0;
        self.columns.rows.clear();
        self.columns.left.clear();
        &mut self.columns
    }

    fn found<'py>(&mut self, py: Python<'py>) -> PyResult<Found<'py>> {
        let columns = &mut self.columns;
        Ok((
            columns.count,
            PyBytes::new(py, &columns.rows),
            PyBytes::new(py, &columns.left),
            columns.ends.take(py)?,
            columns.frames.take(py)?,
        ))
    }
}
