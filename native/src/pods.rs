//! The pods of a list as columns, made by a thread of their own while Python reads what they share.

use std::fs::File;
use std::os::fd::{BorrowedFd, RawFd};
use std::sync::mpsc::{sync_channel, Receiver, SyncSender};
use std::sync::Mutex;

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::interning::{Numbers, Texts};
use crate::reading::{read, End, Taker, Unusual};
use crate::wire::{Pod, SPEC_TEXTS};

/// How many pods are handed over at once; few enough that Python need not wait long for the first.
const BATCH: usize = 4096;
/// So many batches may wait.
const WAITING: usize = 4;
/// So many bytes of elements that are no pods end a batch, too.
const BATCH_BYTES: usize = 1024 * 1024;
const API_ACCESS: &[u8] = b"\"kube-api-access-";
/// What stands for a time that is not there.
const NONE: i32 = -1;

#[derive(Default)]
struct Batch {
    names: Texts,
    uids: Texts,
    addresses: Texts,
    /// Where the list of addresses is not just the first: the pod of the batch, and all of them.
    listed: Vec<(usize, Vec<Box<str>>)>,
    numbers: Vec<i32>,
    texts: Vec<Box<str>>,
    common: Vec<[Box<[u8]>; 3]>,
    specs: Vec<(i32, bool, [Box<[u8]>; SPEC_TEXTS])>,
    /// Elements that are no pods, or not such as are read here: pods before them in the batch, line, text.
    others: Vec<(usize, u64, Box<[u8]>)>,
    size: usize,
}

enum Message {
    Some(Box<Batch>),
    End(End, Option<Vec<i32>>),
    Unusual,
}

struct Collector {
    implied: (String, String),
    namespace: String,
    texts: Numbers,
    common: Numbers,
    specs: Numbers,
    scratch: Vec<u8>,
    spare: Vec<u8>,
    batch: Box<Batch>,
    /// Namespaces and names of all pods.
    keys: Vec<i32>,
    names: Texts,
    /// All texts, by their numbers.
    kept: Vec<Box<str>>,
    sender: SyncSender<Message>,
}

impl Collector {
    fn text(&mut self, text: &str) -> i32 {
        let (number, is_new) = self.texts.of(text.as_bytes());
        if is_new {
            self.batch.texts.push(text.into());
            self.kept.push(text.into());
        }
        number
    }

    /// The pods by namespace and name, unless one has no name or is there twice.
    fn order(&self) -> Option<Vec<i32>> {
        let key = |at: &i32| {
            (
                &*self.kept[self.keys[*at as usize] as usize],
                self.names.get(*at as usize),
            )
        };
        let mut found: Vec<i32> = (0..self.keys.len() as i32).collect();
        found.sort_by(|one, other| key(one).cmp(&key(other)));
        let is_plain = found.windows(2).all(|pair| key(&pair[0]) != key(&pair[1]));
        let is_named = self.names.iter().all(|name| !name.is_empty());
        (is_plain && is_named).then_some(found)
    }

    fn common(&mut self, texts: [&str; 3]) -> i32 {
        self.scratch.clear();
        for each in texts {
            self.scratch.extend_from_slice(each.as_bytes());
            self.scratch.push(0);
        }
        let (number, is_new) = self.common.of(&self.scratch);
        if is_new {
            self.batch
                .common
                .push(texts.map(|each| each.as_bytes().into()));
        }
        number
    }

    /// The number of a specification. Replicas differ in the random end of the name of one volume, which is left out
    /// where there is no other of the kind.
    fn spec(&mut self, texts: [&str; SPEC_TEXTS], common: i32) -> i32 {
        self.scratch.clear();
        for each in texts {
            self.scratch.extend_from_slice(each.as_bytes());
            self.scratch.push(0);
        }
        let is_reduced = without_ends(&mut self.scratch, &mut self.spare);
        self.scratch.push(is_reduced as u8);
        let (number, is_new) = self.specs.of(&self.scratch);
        if is_new {
            self.batch
                .specs
                .push((common, is_reduced, texts.map(|each| each.as_bytes().into())));
        }
        number
    }

    fn add(&mut self, line: u64, pod: Pod<'_>) {
        let Pod {
            metadata,
            spec,
            status,
            ..
        } = pod;
        let labels = metadata.labels.map_or("", |each| each.get());
        let annotations = metadata.annotations.map_or("", |each| each.get());
        let owners = metadata.owner_references.map_or("", |each| each.get());
        let namespace = if metadata.namespace.is_empty() {
            let implied = std::mem::take(&mut self.namespace);
            let found = self.text(&implied);
            self.namespace = implied;
            found
        } else {
            self.text(&metadata.namespace)
        };
        let common = self.common([labels, annotations, owners]);
        let found = [
            line as i32,
            namespace,
            common,
            self.text(&metadata.generate_name),
            metadata
                .creation_timestamp
                .map_or(NONE, |each| self.text(&each)),
            metadata
                .deletion_timestamp
                .map_or(NONE, |each| self.text(&each)),
            self.spec(spec.texts(), common),
            self.text(&spec.node_name),
            self.text(&status.phase),
            self.text(&status.host_ip),
        ];
        self.batch.numbers.extend_from_slice(&found);
        self.keys.push(namespace);
        self.names.push(&metadata.name);
        if !(status.pod_ips.len() == 1 && status.pod_ips[0].ip == status.pod_ip) {
            let listed = status
                .pod_ips
                .into_iter()
                .map(|each| each.ip.into())
                .collect();
            self.batch.listed.push((self.batch.names.len(), listed));
        }
        self.batch.names.push(&metadata.name);
        self.batch.uids.push(&metadata.uid);
        self.batch.addresses.push(&status.pod_ip);
    }

    fn send(&mut self) -> bool {
        let batch = std::mem::take(&mut self.batch);
        self.sender.send(Message::Some(batch)).is_ok()
    }
}

/// Leaves out the random ends of the names of the volumes that hold tokens, if all of them are one; says whether.
fn without_ends(text: &mut Vec<u8>, spare: &mut Vec<u8>) -> bool {
    spare.clear();
    let mut end: &[u8] = b"";
    let mut done = 0;
    for found in memchr::memmem::find_iter(text, API_ACCESS) {
        let start = found + API_ACCESS.len();
        let length = text[start..]
            .iter()
            .take_while(|each| each.is_ascii_alphanumeric())
            .count();
        let here = &text[start..start + length];
        if length == 0 || text[start + length] != b'"' || (!end.is_empty() && end != here) {
            return false;
        }
        end = here;
        spare.extend_from_slice(&text[done..start]);
        done = start + length;
    }
    if done == 0 {
        return false;
    }
    spare.extend_from_slice(&text[done..]);
    std::mem::swap(text, spare);
    true
}

impl Taker for Collector {
    fn take(&mut self, text: &[u8], line: u64, pod: Option<Pod<'_>>) -> bool {
        if line > i32::MAX as u64 {
            return false;
        }
        let (version, kind) = &self.implied;
        let served = pod.filter(|each| {
            let is_pod = if each.kind.is_empty() {
                kind == "Pod"
            } else {
                each.kind == "Pod"
            };
            let is_v1 = if each.api_version.is_empty() {
                version == "v1"
            } else {
                each.api_version == "v1"
            };
            is_pod && is_v1 && !each.metadata.uid.is_empty()
        });
        match served {
            Some(pod) => self.add(line, pod),
            None => {
                self.batch.size += text.len();
                self.batch
                    .others
                    .push((self.batch.names.len(), line, text.into()));
            }
        }
        if self.batch.names.len() >= BATCH || self.batch.size >= BATCH_BYTES {
            return self.send();
        }
        true
    }
}

/// The elements of the list in a file, as columns; see `firedoor/native.pyi` for what the methods give.
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
        let mut collector = Collector {
            implied: (api_version, kind),
            namespace,
            texts: Numbers::default(),
            common: Numbers::default(),
            specs: Numbers::default(),
            scratch: Vec::new(),
            spare: Vec::new(),
            batch: Box::default(),
            keys: Vec::new(),
            names: Texts::default(),
            kept: Vec::new(),
            sender,
        };
        let work = move || {
            let found = read(file, offset, line, &mut collector);
            // Where nobody listens any more, nobody wants to know.
            let _ = match found {
                Ok(end) => {
                    collector.send();
                    collector.sender.send(Message::End(end, collector.order()))
                }
                Err(Unusual) => collector.sender.send(Message::Unusual),
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
