//! The pods of a list for Python: read by a thread of their own, while Python reads what they share.

use std::fs::File;
use std::os::fd::{BorrowedFd, RawFd};
use std::sync::mpsc::{sync_channel, Receiver};
use std::sync::Mutex;

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::collecting::{Batch, Collector, Message};
use crate::reading::{read, End, Unusual};

/// So many batches may wait.
const WAITING: usize = 32;

/// The elements of the list in a file, as columns; see `firedoor/_native.pyi` for what the methods give.
#[pyclass(module = "firedoor._native")]
pub struct PodList {
    receiver: Mutex<Option<Receiver<Message>>>,
    end: Option<(End, Option<Vec<i32>>)>,
}

#[pymethods]
impl PodList {
    #[new]
    fn new(
        descriptor: RawFd,
        offset: u64,
        line: u64,
        stop: Option<u64>,
        namespace: String,
        api_version: String,
        kind: String,
    ) -> PyResult<Self> {
        if descriptor < 0 {
            return Err(PyValueError::new_err("expected an open file"));
        }
        // SAFETY: the caller holds the file open during this call, and what goes on is a copy of its own.
        let copy = unsafe { BorrowedFd::borrow_raw(descriptor) }.try_clone_to_owned();
        let file = File::from(copy.map_err(|error| PyOSError::new_err(error.to_string()))?);
        let (sender, receiver) = sync_channel(WAITING);
        let mut collector = Collector::new((api_version, kind), namespace, sender.clone());
        let work = move || {
            let found = read(file, offset, line, stop, &mut collector);
            // Where nobody listens any more, nobody wants to know.
            let _ = match found {
                Ok(end) => {
                    collector.send();
                    sender.send(Message::End(end, collector.order()))
                }
                Err(Unusual) => sender.send(Message::Unusual),
            };
        };
        let started = std::thread::Builder::new()
            .name("firedoor-list".into())
            .spawn(work);
        started.map_err(|error| PyOSError::new_err(error.to_string()))?;
        Ok(Self {
            receiver: Mutex::new(Some(receiver)),
            end: None,
        })
    }

    /// The next batch; None at the end.
    fn batch<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let message = py.detach(|| match self.receiver.lock() {
            Ok(receiver) => receiver
                .as_ref()
                .and_then(|each| each.recv().ok())
                .unwrap_or(Message::Unusual),
            Err(_) => Message::Unusual,
        });
        match message {
            Message::Some(batch) => Ok(Some(told(py, *batch)?)),
            Message::End(end, order) => {
                self.end = Some((end, order));
                Ok(None)
            }
            Message::Unusual => Err(PyValueError::new_err("not laid out as lists are")),
        }
    }

    /// Where the last element ended, on which line, and the order of the pods; see `Collector::order`.
    #[getter]
    fn end<'py>(&self, py: Python<'py>) -> Option<(u64, u64, Option<Bound<'py, PyBytes>>)> {
        let (end, order) = self.end.as_ref()?;
        let bytes = order.as_ref().map(|numbers| {
            PyBytes::new(
                py,
                &numbers
                    .iter()
                    .flat_map(|each| each.to_ne_bytes())
                    .collect::<Vec<u8>>(),
            )
        });
        Some((end.offset, end.line, bytes))
    }

    /// Ends the reading.
    fn close(&self) {
        if let Ok(mut receiver) = self.receiver.lock() {
            receiver.take();
        }
    }
}

fn strings<'py, 'a>(
    py: Python<'py>,
    texts: impl Iterator<Item = &'a str>,
) -> PyResult<Bound<'py, PyList>> {
    let found: Vec<_> = texts.map(|each| PyString::new(py, each)).collect();
    PyList::new(py, found)
}

fn told<'py>(py: Python<'py>, batch: Batch) -> PyResult<Bound<'py, PyTuple>> {
    let numbers: Vec<u8> = batch
        .numbers
        .iter()
        .flat_map(|each| each.to_ne_bytes())
        .collect();
    let common = PyList::new(
        py,
        batch
            .common
            .iter()
            .map(|each| each.each_ref().map(|text| PyBytes::new(py, text))),
    )?;
    let specs = PyList::new(
        py,
        batch.specs.iter().map(|(owner, is_reduced, texts)| {
            (
                *owner,
                *is_reduced,
                texts.each_ref().map(|text| PyBytes::new(py, text)),
            )
        }),
    )?;
    let others = PyList::new(
        py,
        batch
            .others
            .iter()
            .map(|(before, line, text)| (*before, *line, PyBytes::new(py, text))),
    )?;
    let listed = batch
        .listed
        .iter()
        .map(|(pod, texts)| Ok((*pod, strings(py, texts.iter().map(|each| &**each))?)))
        .collect::<PyResult<Vec<_>>>()?;
    let columns = (
        strings(py, batch.names.iter())?,
        strings(py, batch.uids.iter())?,
        strings(py, batch.addresses.iter())?,
        PyList::new(py, listed)?,
        PyBytes::new(py, &numbers),
        strings(py, batch.texts.iter().map(|each| &**each))?,
        common,
        specs,
    );
    (columns, others).into_pyobject(py)
}
