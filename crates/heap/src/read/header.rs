//! The `snapshot` object at the head of the file: how many nodes and edges follow, and what their fields mean.
//!
//! Fields and types are looked up by name, because each V8 adds, drops and renumbers some: Node 20 has 16 node
//! types, Node 22 has 15; `trace_node_id` is only written by Node 24 when allocations are tracked.

use serde::Deserialize;

use crate::error::Error;
use crate::kinds::{EdgeType, NodeType};

/// Records wider than this are not believed: V8 has never had more than seven fields.
const MAX_FIELDS: usize = 32;

#[derive(Deserialize)]
struct RawHeader {
    meta: RawMeta,
    node_count: u64,
    edge_count: u64,
    #[serde(default)]
    root_index: u64,
    #[serde(default)]
    extra_native_bytes: u64,
}

#[derive(Deserialize)]
struct RawMeta {
    node_fields: Vec<String>,
    node_types: Vec<FieldType>,
    edge_fields: Vec<String>,
    edge_types: Vec<FieldType>,
    #[serde(default)]
    location_fields: Vec<String>,
}

/// A field is either a number of some meaning or an index into a list of names.
#[derive(Deserialize)]
#[serde(untagged)]
enum FieldType {
    Names(Vec<String>),
    Scalar(#[expect(dead_code, reason = "only its shape matters: not a list of names")] String),
}

/// Where each field of a node record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeLayout {
    pub(crate) fields: usize,
    pub(crate) kind: usize,
    pub(crate) name: usize,
    pub(crate) id: usize,
    pub(crate) self_size: usize,
    pub(crate) edge_count: usize,
    pub(crate) detachedness: Option<usize>,
}

/// Where each field of an edge record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EdgeLayout {
    pub(crate) fields: usize,
    pub(crate) kind: usize,
    pub(crate) name_or_index: usize,
    pub(crate) to_node: usize,
}

/// Where each field of a location record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocationLayout {
    pub(crate) fields: usize,
    pub(crate) object_index: usize,
    pub(crate) script_id: usize,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// What the rest of the file must be read by.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) node: NodeLayout,
    pub(crate) edge: EdgeLayout,
    pub(crate) location: Option<LocationLayout>,
    pub(crate) node_types: Vec<NodeType>,
    /// The names V8 gave the node types, by code.
    pub(crate) node_type_names: Vec<String>,
    pub(crate) edge_types: Vec<EdgeType>,
    pub(crate) node_count: usize,
    pub(crate) edge_count: usize,
    /// The ordinal of the root, zero in all files seen.
    pub(crate) root: u32,
    /// Memory that V8 accounts for without any node (Node 24 and later).
    pub(crate) extra_native_bytes: u64,
}

impl Header {
    /// Reads the text of the `snapshot` object in a file of `file_len` bytes.
    pub(crate) fn parse(text: &[u8], file_len: usize) -> Result<Self, Error> {
        let raw: RawHeader = serde_json::from_slice(text)
            .map_err(|e| Error::NotASnapshot(format!("its header is not that of a snapshot: {e}")))?;
        let meta = &raw.meta;
        let node = node_layout(&meta.node_fields)?;
        let edge = edge_layout(&meta.edge_fields)?;
        let node_type_names = names(&meta.node_types, node.kind, "node_types")?.to_vec();
        let edge_type_names = names(&meta.edge_types, edge.kind, "edge_types")?;
        let node_count = believable(raw.node_count, node.fields, file_len, "nodes")?;
        let edge_count = believable(raw.edge_count, edge.fields, file_len, "edges")?;
        if node_count == 0 {
            return Err(Error::damaged("header", "a heap without a single node"));
        }
        let root = raw.root_index / node.fields as u64;
        if root >= node_count as u64 {
            return Err(Error::damaged("header", "root_index is beyond the last node"));
        }
        Ok(Self {
            node,
            edge,
            location: location_layout(&meta.location_fields),
            node_types: first_of_each(&node_type_names, NodeType::from_name, NodeType::Other),
            edge_types: first_of_each(edge_type_names, EdgeType::from_name, EdgeType::Other),
            node_type_names,
            node_count,
            edge_count,
            root: u32::try_from(root).expect("checked against node_count, which fits"),
            extra_native_bytes: raw.extra_native_bytes,
        })
    }
}

/// Maps type names to what this crate knows. As in DevTools' `indexOf`, the first of two equal names wins.
fn first_of_each<T: PartialEq + Copy>(names: &[String], known: fn(&str) -> T, other: T) -> Vec<T> {
    let mut types = Vec::with_capacity(names.len());
    for name in names {
        let kind = known(name);
        types.push(if types.contains(&kind) { other } else { kind });
    }
    types
}

fn names<'a>(types: &'a [FieldType], at: usize, what: &str) -> Result<&'a [String], Error> {
    match types.get(at) {
        Some(FieldType::Names(names)) if (1..=256).contains(&names.len()) => Ok(names),
        _ => Err(Error::NotASnapshot(format!("its header has no usable {what}"))),
    }
}

/// A count is only believed when the file is long enough to hold that many records of `fields` one-digit numbers.
fn believable(count: u64, fields: usize, file_len: usize, what: &'static str) -> Result<usize, Error> {
    if count.saturating_mul(2 * fields as u64) > file_len as u64 + 2 {
        return Err(Error::damaged(
            "header",
            format!("it promises {count} {what}, more than the file can hold"),
        ));
    }
    if count >= u64::from(u32::MAX) || count.saturating_mul(fields as u64) > u64::from(u32::MAX) {
        return Err(Error::TooLarge(what));
    }
    Ok(usize::try_from(count).expect("fits, as the file does"))
}

fn field(fields: &[String], name: &str) -> Option<usize> {
    fields.iter().position(|f| f == name)
}

fn required(fields: &[String], name: &str) -> Result<usize, Error> {
    field(fields, name).ok_or_else(|| Error::NotASnapshot(format!("its records have no field {name:?}")))
}

fn node_layout(fields: &[String]) -> Result<NodeLayout, Error> {
    if fields.len() > MAX_FIELDS {
        return Err(Error::NotASnapshot(format!("its nodes have {} fields", fields.len())));
    }
    Ok(NodeLayout {
        fields: fields.len(),
        kind: required(fields, "type")?,
        name: required(fields, "name")?,
        id: required(fields, "id")?,
        self_size: required(fields, "self_size")?,
        edge_count: required(fields, "edge_count")?,
        detachedness: field(fields, "detachedness"),
    })
}

fn edge_layout(fields: &[String]) -> Result<EdgeLayout, Error> {
    if fields.len() > MAX_FIELDS {
        return Err(Error::NotASnapshot(format!("its edges have {} fields", fields.len())));
    }
    Ok(EdgeLayout {
        fields: fields.len(),
        kind: required(fields, "type")?,
        name_or_index: required(fields, "name_or_index")?,
        to_node: required(fields, "to_node")?,
    })
}

fn location_layout(fields: &[String]) -> Option<LocationLayout> {
    if fields.len() > MAX_FIELDS {
        return None;
    }
    Some(LocationLayout {
        fields: fields.len(),
        object_index: field(fields, "object_index")?,
        script_id: field(fields, "script_id")?,
        line: field(fields, "line")?,
        column: field(fields, "column")?,
    })
}
