//! Values that stay the text that they are written in.

use serde::de::Deserializer;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The text of a value; `None` where the field is not there. A null is a text, too.
pub type Text<'a> = Option<&'a RawValue>;

pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Text<'de>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}
