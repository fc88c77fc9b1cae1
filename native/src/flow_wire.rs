//! Lines of Hubble (`observer.ExportEvent` with a `flow.Flow`) in their usual shape; any other is an error here.

use serde::de::{self, Deserializer};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::raw::{text, Text};

/// What stands besides the flow is another event, or nothing that is needed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line<'a> {
    #[serde(borrow)]
    pub flow: Flow<'a>,
    #[serde(default, rename = "node_name")]
    _node_name: &'a str,
    #[serde(default, rename = "time")]
    _time: &'a str,
}

#[derive(Deserialize)]
pub struct Flow<'a> {
    pub time: &'a str,
    #[serde(default, rename = "node_name")]
    _node_name: &'a str,
    #[serde(rename = "Type")]
    pub kind: &'a str,
    #[serde(borrow, rename = "IP")]
    pub ip: Addresses<'a>,
    #[serde(borrow)]
    pub l4: Layer4<'a>,
    #[serde(borrow)]
    pub source: &'a RawValue,
    #[serde(borrow)]
    pub destination: &'a RawValue,
    #[serde(borrow, default, deserialize_with = "text")]
    pub source_names: Text<'a>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub destination_names: Text<'a>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub source_service: Text<'a>,
    #[serde(borrow, default, deserialize_with = "text")]
    pub destination_service: Text<'a>,
    #[serde(borrow)]
    verdict: &'a RawValue,
    #[serde(borrow)]
    event_type: &'a RawValue,
    #[serde(borrow, default, deserialize_with = "text")]
    traffic_direction: Text<'a>,
    #[serde(borrow, default, deserialize_with = "text")]
    trace_observation_point: Text<'a>,
    #[serde(borrow, default, deserialize_with = "text")]
    is_reply: Text<'a>,
    #[serde(borrow, default, deserialize_with = "text")]
    reply: Text<'a>,
    #[serde(borrow, default, deserialize_with = "text")]
    l7: Text<'a>,
    #[serde(borrow, default, deserialize_with = "text")]
    drop_reason: Text<'a>,
    #[serde(borrow, default, deserialize_with = "text")]
    drop_reason_desc: Text<'a>,
    #[serde(borrow, default, deserialize_with = "text")]
    egress_allowed_by: Text<'a>,
    #[serde(borrow, default, deserialize_with = "text")]
    ingress_allowed_by: Text<'a>,
    #[serde(borrow, default, deserialize_with = "text")]
    egress_denied_by: Text<'a>,
    #[serde(borrow, default, deserialize_with = "text")]
    ingress_denied_by: Text<'a>,
}

impl<'a> Flow<'a> {
    /// What the line tells besides its time, ends and ports, by name.
    pub fn told(&self) -> [(&'static str, Text<'a>); 13] {
        [
            ("verdict", Some(self.verdict.get())),
            ("event_type", Some(self.event_type.get())),
            ("traffic_direction", self.traffic_direction),
            ("trace_observation_point", self.trace_observation_point),
            ("is_reply", self.is_reply),
            ("reply", self.reply),
            ("l7", self.l7),
            ("drop_reason", self.drop_reason),
            ("drop_reason_desc", self.drop_reason_desc),
            ("egress_allowed_by", self.egress_allowed_by),
            ("ingress_allowed_by", self.ingress_allowed_by),
            ("egress_denied_by", self.egress_denied_by),
            ("ingress_denied_by", self.ingress_denied_by),
        ]
    }
}

#[derive(Deserialize)]
pub struct Addresses<'a> {
    pub source: &'a str,
    pub destination: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer4<'a> {
    #[serde(borrow, default, rename = "TCP")]
    pub tcp: Option<Ports<'a>>,
    #[serde(borrow, default, rename = "UDP")]
    pub udp: Option<Ports<'a>>,
}

#[derive(Deserialize)]
pub struct Ports<'a> {
    #[serde(deserialize_with = "port")]
    pub source_port: u16,
    #[serde(deserialize_with = "port")]
    pub destination_port: u16,
    #[serde(borrow, default, deserialize_with = "text")]
    pub flags: Text<'a>,
}

fn port<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    match u16::deserialize(from)? {
        0 => Err(de::Error::custom("no port")),
        port => Ok(port),
    }
}
