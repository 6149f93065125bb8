//! Types of nodes and edges, under V8's own names.

/// The type of a node, as `HeapGraphNode::Type` in V8's `v8-profiler.h` has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are V8's and have no more to them")]
#[repr(u8)]
pub enum NodeType {
    Hidden,
    Array,
    String,
    Object,
    Code,
    Closure,
    RegExp,
    Number,
    Native,
    Synthetic,
    ConcatenatedString,
    SlicedString,
    Symbol,
    BigInt,
    ObjectShape,
    WasmObject,
    /// A type that came after this was written; its name is in the file.
    Other,
}

impl NodeType {
    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "hidden" => Self::Hidden,
            "array" => Self::Array,
            "string" => Self::String,
            "object" => Self::Object,
            "code" => Self::Code,
            "closure" => Self::Closure,
            "regexp" => Self::RegExp,
            "number" => Self::Number,
            "native" => Self::Native,
            "synthetic" => Self::Synthetic,
            "concatenated string" => Self::ConcatenatedString,
            "sliced string" => Self::SlicedString,
            "symbol" => Self::Symbol,
            "bigint" => Self::BigInt,
            "object shape" => Self::ObjectShape,
            "wasm object" => Self::WasmObject,
            _ => Self::Other,
        }
    }

    /// What DevTools calls the class of nodes of this type, given V8's name of it; objects and native nodes, which are not of
    /// one class, apart.
    pub(crate) fn class_name(self, type_name: &str) -> String {
        match self {
            Self::Hidden => "(system)".to_owned(),
            Self::Code => "(compiled code)".to_owned(),
            Self::Closure => "Function".to_owned(),
            Self::RegExp => "RegExp".to_owned(),
            _ => format!("({type_name})"),
        }
    }

    /// Whether a node of this type is one of V8's strings.
    #[must_use]
    pub fn is_string(self) -> bool {
        matches!(self, Self::String | Self::ConcatenatedString | Self::SlicedString)
    }
}

/// The type of an edge, as `HeapGraphEdge::Type` in V8's `v8-profiler.h` has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum EdgeType {
    /// A variable of a function's context.
    Context,
    /// An element of an array.
    Element,
    /// A named property.
    Property,
    /// A link of V8's own that keeps its target alive.
    Internal,
    /// A numbered link of V8's own.
    Hidden,
    /// A link that only shortens a path; from the root it marks a global object.
    Shortcut,
    /// A link that keeps nothing alive.
    Weak,
    /// A link that DevTools does not show.
    Invisible,
    /// A type that came after this was written.
    Other,
}

impl EdgeType {
    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "context" => Self::Context,
            "element" => Self::Element,
            "property" => Self::Property,
            "internal" => Self::Internal,
            "hidden" => Self::Hidden,
            "shortcut" => Self::Shortcut,
            "weak" => Self::Weak,
            "invisible" => Self::Invisible,
            _ => Self::Other,
        }
    }

    /// Whether the edge carries a number. All others carry the index of a string.
    #[must_use]
    pub fn is_numbered(self) -> bool {
        matches!(self, Self::Element | Self::Hidden)
    }

    /// The edge as DevTools writes it in a path.
    #[must_use]
    pub fn display(self, name: &str) -> String {
        match self {
            Self::Context => format!("->{name}"),
            Self::Element => format!("[{name}]"),
            Self::Weak => format!("[[{name}]]"),
            Self::Property | Self::Shortcut if name.contains(' ') => format!("[\"{name}\"]"),
            Self::Property | Self::Shortcut => format!(".{name}"),
            Self::Internal | Self::Hidden | Self::Invisible => format!("{{{name}}}"),
            Self::Other => format!("?{name}?"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_written_as_devtools_writes_them() {
        assert_eq!(EdgeType::Context.display("self"), "->self");
        assert_eq!(EdgeType::Element.display("3"), "[3]");
        assert_eq!(EdgeType::Property.display("a b"), "[\"a b\"]");
        assert_eq!(EdgeType::Property.display("ab"), ".ab");
        assert_eq!(EdgeType::Weak.display("7"), "[[7]]");
        assert_eq!(EdgeType::Internal.display("map"), "{map}");
    }
}
