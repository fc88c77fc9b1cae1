//! Pods into columns: what they share is told by its number, and handed over once.

use std::sync::mpsc::SyncSender;

use crate::interning::{Numbers, Texts};
use crate::reading::{End, Taker};
use crate::replicas::Likeness;
use crate::tokens::ends;
use crate::wire::{Pod, SPEC_TEXTS};

/// The common parts of the first pod with it, whether the random end of a name was left out to tell it, and its texts.
pub type NewSpec = (i32, bool, [Box<[u8]>; SPEC_TEXTS]);

/// How many pods are handed over at once; few enough that Python need not wait long for the first.
const BATCH: usize = 4096;
/// So many bytes of elements that are no pods end a batch, too.
const BATCH_BYTES: usize = 1024 * 1024;
/// What stands for a time that is not there.
const NONE: i32 = -1;

/// Pods one after the other, and what is new in them; see `PodBatch` in Python.
#[derive(Default)]
pub struct Batch {
    pub names: Texts,
    pub uids: Texts,
    pub addresses: Texts,
    /// Where the list of addresses is not just the first: the pod of the batch, and all of them.
    pub listed: Vec<(usize, Vec<Box<str>>)>,
    pub numbers: Vec<i32>,
    pub texts: Vec<Box<str>>,
    pub common: Vec<[Box<[u8]>; 3]>,
    pub specs: Vec<NewSpec>,
    /// Elements that are no pods, or not such as are read here: pods before them in the batch, line, text.
    pub others: Vec<(usize, u64, Box<[u8]>)>,
    size: usize,
}

pub enum Message {
    Some(Box<Batch>),
    End(End, Option<Vec<i32>>),
    Unusual,
}

/// Makes batches of the elements of a list.
pub struct Collector {
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
    /// The numbers of what the last model has in common with its replicas, and of its specification.
    model: Option<(i32, i32)>,
    sender: SyncSender<Message>,
}

impl Collector {
    /// `implied` are the version and kind of elements that name none.
    pub fn new(implied: (String, String), namespace: String, sender: SyncSender<Message>) -> Self {
        Self {
            implied,
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
            model: None,
            sender,
        }
    }

    fn text(&mut self, text: &str) -> i32 {
        let (number, is_new) = self.texts.of(text.as_bytes());
        if is_new {
            self.batch.texts.push(text.into());
            self.kept.push(text.into());
        }
        number
    }

    /// The pods by namespace and name, unless one has no name or is there twice.
    pub fn order(&self) -> Option<Vec<i32>> {
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
            likeness,
            ..
        } = pod;
        let like = match likeness {
            Likeness::Like { common, spec } => (common, spec),
            _ => (false, false),
        };
        let namespace = if metadata.namespace.is_empty() {
            let implied = std::mem::take(&mut self.namespace);
            let found = self.text(&implied);
            self.namespace = implied;
            found
        } else {
            self.text(&metadata.namespace)
        };
        let common = match self.model {
            Some((number, _)) if like.0 => number,
            _ => self.common(
                [
                    metadata.labels,
                    metadata.annotations,
                    metadata.owner_references,
                ]
                .map(Option::unwrap_or_default),
            ),
        };
        let spec_number = match self.model {
            Some((_, number)) if like.1 => number,
            _ => self.spec(spec.texts(), common),
        };
        if matches!(likeness, Likeness::Model) {
            self.model = Some((common, spec_number));
        }
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
            spec_number,
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

    /// Hands over what was collected; says whether somebody wants more.
    pub fn send(&mut self) -> bool {
        let batch = std::mem::take(&mut self.batch);
        self.sender.send(Message::Some(batch)).is_ok()
    }
}

/// Leaves out the random ends of the names of the volumes that hold tokens, if all of them are one; says whether.
fn without_ends(text: &mut Vec<u8>, spare: &mut Vec<u8>) -> bool {
    let Some(found) = ends(text) else {
        return false;
    };
    spare.clear();
    let mut done = 0;
    for end in found {
        spare.extend_from_slice(&text[done..end.start]);
        done = end.end;
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
        if matches!(
            pod,
            Some(Pod {
                likeness: Likeness::Model,
                ..
            })
        ) {
            self.model = None;
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
            is_pod && is_v1 && !each.metadata.uid.is_empty() && !each.has_nulls()
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
