//! Which of an object's names says best what it is.

use crate::source::Author;

/// What a name is to the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A variable of a context.
    Variable,
    /// A variable that an ES module exports.
    ModuleVariable,
    /// A field of an instance of a class.
    Field,
    /// A field of a plain object.
    PlainField,
    /// A field of the object that a CommonJS module exports.
    Export,
    /// `module.exports` itself.
    WholeExport,
    /// A property of a function, or of its prototype.
    OfFunction,
    /// A property of the global object.
    Global,
}

/// How well a name says what an object is, the best last. In general the program's own names say most, then those of
/// packages; but the field of a package's class says more than a property of the global object, and Node's variable more than
/// a package's `module.exports`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    ExportOfNode,
    GlobalOfNode,
    FieldOfNode,
    WholeExportOfLibrary,
    PropertyOfNode,
    VariableOfNode,
    WholeExport,
    ExportOfLibrary,
    PlainFieldOfLibrary,
    PropertyOfLibrary,
    Global,
    FieldOfLibrary,
    VariableOfLibrary,
    Export,
    PlainField,
    Property,
    Field,
    ModuleVariable,
    Variable,
}

impl Rank {
    pub(super) fn of(form: Form, author: Author) -> Self {
        match (author, form) {
            (Author::Node, Form::Export | Form::WholeExport) => Self::ExportOfNode,
            (Author::Node, Form::Global) => Self::GlobalOfNode,
            (Author::Node, Form::Field | Form::PlainField) => Self::FieldOfNode,
            (Author::Node, Form::OfFunction | Form::ModuleVariable) => Self::PropertyOfNode,
            (Author::Node, Form::Variable) => Self::VariableOfNode,
            (Author::Library, Form::WholeExport) => Self::WholeExportOfLibrary,
            (Author::Library, Form::Export) => Self::ExportOfLibrary,
            (Author::Library, Form::PlainField) => Self::PlainFieldOfLibrary,
            (Author::Library, Form::OfFunction) => Self::PropertyOfLibrary,
            (Author::Library, Form::Field) => Self::FieldOfLibrary,
            (Author::Library, Form::Variable | Form::ModuleVariable) => Self::VariableOfLibrary,
            (Author::Library | Author::User, Form::Global) => Self::Global,
            (Author::User, Form::WholeExport) => Self::WholeExport,
            (Author::User, Form::Export) => Self::Export,
            (Author::User, Form::PlainField) => Self::PlainField,
            (Author::User, Form::OfFunction) => Self::Property,
            (Author::User, Form::Field) => Self::Field,
            (Author::User, Form::ModuleVariable) => Self::ModuleVariable,
            (Author::User, Form::Variable) => Self::Variable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_of_the_program_is_the_best_name() {
        let worse = [
            (Form::ModuleVariable, Author::User),
            (Form::Field, Author::User),
            (Form::PlainField, Author::User),
            (Form::Export, Author::User),
            (Form::Variable, Author::Library),
            (Form::Field, Author::Library),
            (Form::Global, Author::User),
            (Form::PlainField, Author::Library),
            (Form::WholeExport, Author::User),
            (Form::Variable, Author::Node),
            (Form::WholeExport, Author::Library),
            (Form::Field, Author::Node),
        ];
        let ranks: Vec<Rank> = worse.iter().map(|(form, author)| Rank::of(*form, *author)).collect();
        assert!(ranks.is_sorted_by(|better, worse| better > worse), "{ranks:?}");
        assert!(Rank::of(Form::Variable, Author::User) > ranks[0]);
    }
}
