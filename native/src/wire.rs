//! Pods as the API writes them (`v1.Pod`), of which what replicas share is still text.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::raw::{text, Text};

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
}

impl Pod<'_> {
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
        fields.iter().flatten().any(|each| each.get() == "null")
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
    #[serde(borrow)]
    pub creation_timestamp: Option<Cow<'a, str>>,
    #[serde(borrow)]
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

impl<'a> Spec<'a> {
    /// All but the name of the node, in the order in which Python names them; a field that is not there is empty.
    pub fn texts(&self) -> [&'a str; SPEC_TEXTS] {
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
        .map(|each| each.map_or("", RawValue::get))
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
