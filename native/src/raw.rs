//! Values that stay the text that they are written in.

use std::borrow::Cow;

use serde::de::Deserializer;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The text of a value; `None` where the field is not there. A null is a text, too.
pub type Text<'a> = Option<&'a str>;

pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Text<'de>, D::Error> {
    <&RawValue>::deserialize(from).map(|found| Some(found.get()))
}

#[derive(Deserialize)]
struct Written<'a>(#[serde(borrow)] Cow<'a, str>);

/// A text or null, which is borrowed where it has no escapes.
pub fn maybe<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    Ok(Option::<Written>::deserialize(from)?.map(|found| found.0))
}
