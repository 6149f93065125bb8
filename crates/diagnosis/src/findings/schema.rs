//! The JSON Schema of `findings.json`, made of the types themselves.

use schemars::Schema;
use schemars::generate::SchemaSettings;

use super::Findings;

/// The JSON Schema of `findings.json` as it is written: what is always there is required, and more may come.
#[must_use]
pub fn schema() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Findings>()
}
