//! Pods as the API writes them (`v1.Pod`), of which what replicas share is still text.

use std::borrow::Cow;

use crate::raw::{maybe, text, Text};
use crate::replicas::Likeness;
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Pod<'a> {
    #[serde(borrow)]
    pub api_version: Cow<'a, str>,
    #[serde(borrow)]
    pub kind: Cow<'a, str>,
    #[serde(borrow)]
    pub metadata: Metadata<'a>,
    #[serde(borrow)]
    pub spec: Spec<'a>,
    #[serde(borrow)]
    pub status: Status<'a>,
    #[serde(skip)]
    pub likeness: Likeness,
}

impl<'a> Pod<'a> {
    /// Whether a field is null that must not be; the general reader knows what the API makes of that.
    pub fn has_nulls(&self) -> bool {
        let (metadata, spec) = (&self.metadata, &self.spec);
        let fields = [
            metadata.labels,
            metadata.annotations,
            metadata.owner_references,
            spec.volumes,
            spec.containers,
            spec.init_containers,
            spec.ephemeral_containers,
            spec.host_network,
            spec.host_pid,
            spec.host_ipc,
            spec.service_account_name,
            spec.service_account,
        ];
        fields.iter().flatten().any(|each| *each == "null")
    }

    /// All texts that a pod is made of, `None` for fields that are not there. None where one is written with escapes, or
    /// where there are more addresses than nearly all pods have.
    pub fn texts(&self) -> Option<[Text<'_>; POD_TEXTS]> {
        let (metadata, spec, status) = (&self.metadata, &self.spec, &self.status);
        let mut ips = status.pod_ips.iter().map(|each| &each.ip);
        let written = [
            Some(&self.api_version),
            Some(&self.kind),
            Some(&metadata.name),
            Some(&metadata.namespace),
            Some(&metadata.generate_name),
            Some(&metadata.uid),
            metadata.creation_timestamp.as_ref(),
            metadata.deletion_timestamp.as_ref(),
            Some(&spec.node_name),
            Some(&status.phase),
            Some(&status.pod_ip),
            Some(&status.host_ip),
            ips.next(),
            ips.next(),
        ];
        let mut found = [None; POD_TEXTS];
        for (place, each) in found.iter_mut().zip(written) {
            *place = match each {
                Some(Cow::Borrowed(text)) => Some(*text),
                Some(Cow::Owned(_)) => return None,
                None => None,
            };
        }
        found[COMMON_START..SPEC_START].copy_from_slice(&[
            metadata.labels,
            metadata.annotations,
            metadata.owner_references,
        ]);
        found[SPEC_START..].copy_from_slice(&spec.fields());
        ips.next().is_none().then_some(found)
    }

    /// A pod of the texts that `texts` tells of another one.
    pub fn of(texts: &[Text<'a>; POD_TEXTS], likeness: Likeness) -> Self {
        let mut written = texts[..COMMON_START]
            .iter()
            .map(|each| each.map(Cow::Borrowed));
        let mut next = || written.next().flatten();
        let (api_version, kind) = (next().unwrap_or_default(), next().unwrap_or_default());
        let [name, namespace, generate_name, uid] = [(); 4].map(|()| next().unwrap_or_default());
        let (creation_timestamp, deletion_timestamp) = (next(), next());
        let [node_name, phase, pod_ip, host_ip] = [(); 4].map(|()| next().unwrap_or_default());
        let pod_ips = [next(), next()].into_iter().flatten();
        let [labels, annotations, owner_references] =
            [0, 1, 2].map(|each| texts[COMMON_START + each]);
        let mut fields = [None; SPEC_TEXTS];
        fields.copy_from_slice(&texts[SPEC_START..]);
        Self {
            api_version,
            kind,
            metadata: Metadata {
                name,
                namespace,
                labels,
                annotations,
                owner_references,
                generate_name,
                uid,
                creation_timestamp,
                deletion_timestamp,
            },
            spec: Spec::of(node_name, fields),
            status: Status {
                phase,
                pod_ip,
                pod_ips: pod_ips.map(|ip| PodIp { ip }).collect(),
                host_ip,
            },
            likeness,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Metadata<'a> {
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    #[serde(borrow)]
    pub namespace: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    pub labels: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub annotations: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub owner_references: Text<'a>,
    #[serde(borrow)]
    pub generate_name: Cow<'a, str>,
    #[serde(borrow)]
    pub uid: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "maybe")]
    pub creation_timestamp: Option<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "maybe")]
    pub deletion_timestamp: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Spec<'a> {
    #[serde(borrow)]
    pub node_name: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    volumes: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    containers: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    init_containers: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    ephemeral_containers: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    security_context: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    os: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    host_network: Text<'a>,
    #[serde(borrow, deserialize_with = "text", rename = "hostPID")]
    host_pid: Text<'a>,
    #[serde(borrow, deserialize_with = "text", rename = "hostIPC")]
    host_ipc: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    host_users: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    share_process_namespace: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    service_account_name: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    service_account: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    automount_service_account_token: Text<'a>,
}

/// How many texts a specification has, less the name of the node.
pub const SPEC_TEXTS: usize = 14;
/// Where, in the texts of a pod, those begin that replicas have in common: labels, annotations and owners.
pub const COMMON_START: usize = 14;
/// Where those of the specification begin.
pub const SPEC_START: usize = COMMON_START + 3;
/// How many texts a pod has.
pub const POD_TEXTS: usize = SPEC_START + SPEC_TEXTS;

impl<'a> Spec<'a> {
    /// All but the name of the node, in the order in which Python names them; a field that is not there is empty.
    pub fn texts(&self) -> [&'a str; SPEC_TEXTS] {
        self.fields().map(Option::unwrap_or_default)
    }

    fn fields(&self) -> [Text<'a>; SPEC_TEXTS] {
        [
            self.volumes,
            self.containers,
            self.init_containers,
            self.ephemeral_containers,
            self.security_context,
            self.os,
            self.host_network,
            self.host_pid,
            self.host_ipc,
            self.host_users,
            self.share_process_namespace,
            self.service_account_name,
            self.service_account,
            self.automount_service_account_token,
        ]
    }

    fn of(node_name: Cow<'a, str>, fields: [Text<'a>; SPEC_TEXTS]) -> Self {
        let [volumes, containers, init_containers, ephemeral_containers, security_context, os, host_network, host_pid, host_ipc, host_users, share_process_namespace, service_account_name, service_account, automount_service_account_token] =
            fields;
        Self {
            node_name,
            volumes,
            containers,
            init_containers,
            ephemeral_containers,
            security_context,
            os,
            host_network,
            host_pid,
            host_ipc,
            host_users,
            share_process_namespace,
            service_account_name,
            service_account,
            automount_service_account_token,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub struct Status<'a> {
    #[serde(borrow)]
    pub phase: Cow<'a, str>,
    #[serde(borrow, rename = "podIP")]
    pub pod_ip: Cow<'a, str>,
    #[serde(borrow, rename = "podIPs")]
    pub pod_ips: Vec<PodIp<'a>>,
    #[serde(borrow, rename = "hostIP")]
    pub host_ip: Cow<'a, str>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct PodIp<'a> {
    #[serde(borrow)]
    pub ip: Cow<'a, str>,
}
