//! Where a script does something with one object, by all the names that it has for it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::acts::Act;
use super::bindings::Bindings;
use super::exports::Exports;
use super::names::{Name, Names};
use super::things::{Naming, Root, Step, Thing};
use super::uses::{Use, Uses};

/// The ways in which a script names one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Target {
    things: Vec<Thing>,
    /// The field that it is, if it is one: of others of this name nobody knows.
    field: Option<Name>,
}

impl Target {
    fn of(things: Vec<Thing>) -> Self {
        let field = things.first().and_then(Thing::field);
        Self { things, field }
    }

    /// What either of two is.
    pub(in super::super) fn or(mut self, other: Self) -> Self {
        self.things.extend(other.things);
        self.field = self.field.or(other.field);
        self
    }
}

/// What a script does with one object.
#[derive(Default)]
pub(in super::super) struct Traces<'i> {
    /// Of these acts, with the object itself.
    pub(in super::super) uses: Vec<&'i Use>,
    /// With an element of it.
    pub(in super::super) of_elements: Vec<&'i Use>,
    /// More may be done with it, under a name that does not tell.
    pub(in super::super) may_be_more: bool,
}

/// What is needed to tell whether two pieces of code name the same object.
#[derive(Default)]
pub(super) struct Identities {
    uses: Uses,
    exports: Exports,
    /// What variables stand for, by where they are declared, if that is something else.
    other_names: FxHashMap<u32, Thing>,
    /// The classes of the variables that are an instance of one of this script.
    classes: FxHashMap<u32, u32>,
    /// The variables of what this script makes itself.
    made: FxHashSet<u32>,
    /// The classes that extend another.
    extending: FxHashSet<u32>,
}

impl Identities {
    pub(super) fn of(
        uses: Uses,
        exports: Exports,
        extending: FxHashSet<u32>,
        naming: &Naming<'_, '_>,
    ) -> Self {
        let bindings: &Bindings<'_> = naming.bindings;
        let variable = |at| Thing::of(Root::Variable(at), Vec::new());
        let known = naming.known.iter().map(|(symbol, thing)| (bindings.declared_at(*symbol), thing.clone()));
        Self {
            uses,
            exports,
            other_names: known.filter(|(at, thing)| *thing != variable(*at)).collect(),
            classes: bindings.declared().filter_map(|at| Some((at, bindings.class_of(at)?))).collect(),
            made: bindings.declared().filter(|at| bindings.is_made(*at)).collect(),
            extending,
        }
    }

    /// The variable that is declared at an offset.
    pub(super) fn variable(&self, at: u32) -> Target {
        let mut things = vec![Thing::of(Root::Variable(at), Vec::new())];
        things.extend(self.other_names.get(&at).cloned());
        self.with_exports(things)
    }

    /// A field of the instances of the class that begins at an offset.
    pub(super) fn field(&self, class: u32, name: Name) -> Target {
        Target::of(vec![Thing::of(Root::Instance(class), vec![Step::Field(name)])])
    }

    /// What the module exports under a name.
    pub(super) fn exported(&self, name: Name) -> Target {
        let mut things = vec![Thing::of(Root::Exports, vec![Step::Field(name)])];
        let named = self.exports.named.iter().filter(|(known, _)| *known == name);
        things.extend(named.map(|(_, thing)| thing.clone()).filter(|thing| !thing.is_unknown()));
        Target { things, field: None }
    }

    pub(super) fn global(&self, name: Name) -> Target {
        Target::of(vec![Thing::of(Root::Global(name), Vec::new())])
    }

    /// What these modules, by how this script calls them, export by this way.
    pub(super) fn imported(&self, modules: &[Name], way: &[Name]) -> Target {
        let steps: Vec<Step> = way.iter().copied().map(Step::Field).collect();
        let things = modules.iter().map(|module| Thing::of(Root::Import(*module), steps.clone())).collect();
        Target { things, field: None }
    }

    /// A field of this name, of whatever object.
    pub(super) fn any_field(&self, name: Name) -> Target {
        Target { things: Vec::new(), field: Some(name) }
    }

    /// A field of what a target is.
    pub(super) fn within(&self, target: &Target, field: Name) -> Target {
        let mut things: Vec<Thing> =
            target.things.iter().map(|thing| thing.clone().with(Step::Field(field))).collect();
        for thing in &target.things {
            if let (Root::Variable(at), []) = (thing.root, thing.path.as_slice())
                && let Some(class) = self.classes.get(&at)
            {
                things.push(Thing::of(Root::Instance(*class), vec![Step::Field(field)]));
            }
        }
        Target { things, field: Some(field) }
    }

    /// An element of what a target is, under some key.
    pub(super) fn element_of(&self, target: &Target) -> Target {
        let things = target.things.iter().map(|thing| thing.clone().with(Step::Element)).collect();
        Target { things, field: None }
    }

    /// One thing alone.
    pub(super) fn only(&self, thing: &Thing) -> Target {
        self.with_exports(vec![thing.clone()])
    }

    /// The ways by which other modules get at it; none of them if they cannot.
    pub(super) fn ways_out<'n>(&self, target: &Target, names: &'n Names) -> Vec<Vec<&'n str>> {
        let fields = |steps: &[Step]| -> Option<Vec<&'n str>> {
            let field = |step: &Step| match step {
                Step::Field(name) => Some(names.text(*name)),
                Step::Element => None,
            };
            steps.iter().map(field).collect()
        };
        let of_exports = target.things.iter().filter(|thing| thing.root == Root::Exports);
        let mut ways: Vec<Vec<&str>> = of_exports.filter_map(|thing| fields(&thing.path)).collect();
        for whole in &self.exports.whole {
            let below = target.things.iter().filter(|thing| thing.root == whole.root);
            ways.extend(below.filter_map(|thing| fields(thing.path.strip_prefix(whole.path.as_slice())?)));
        }
        // An ES module takes a whole CommonJS module by `default`.
        let by_default = |way: &Vec<&'n str>| [&["default"], way.as_slice()].concat();
        ways.extend(ways.iter().map(by_default).collect::<Vec<_>>());
        ways
    }

    /// What is done with it of these acts.
    pub(super) fn traces(&self, target: &Target, acts: &[Act]) -> Traces<'_> {
        let mut traces = Traces::default();
        let is_variable = target.things.iter().any(Thing::is_variable);
        // A variable is exported, and so has another name: that gives it no other value.
        let exports =
            |found: &Use| is_variable && found.act == Act::Assign && found.thing.root == Root::Exports;
        let uses = self.uses.uses.iter().filter(|found| acts.contains(&found.act));
        for found in uses.filter(|found| !exports(found)) {
            if target.things.contains(&found.thing) {
                traces.uses.push(found);
            } else if target
                .things
                .iter()
                .any(|thing| found.thing.is_element_of(thing) || found.thing.is_like(thing))
            {
                traces.of_elements.push(found);
            } else {
                traces.may_be_more |= self.may_be(&found.thing, target);
            }
        }
        // The first value that it gets ends nothing, but for what is given to it again and again.
        let is_first = |found: &&Use| {
            found.act == Act::Assign && found.setting.check.is_none_or(|check| check.limit.is_none())
        };
        if !target.things.iter().any(|thing| self.uses.begun.contains(thing))
            && let Some(first) = traces.uses.iter().position(is_first)
        {
            traces.uses.remove(first);
        }
        let is_one = |thing: &Thing| target.things.iter().any(|known| thing == known || thing.is_like(known));
        let handed = |thing: &Thing| is_one(thing) || self.may_be(thing, target);
        traces.may_be_more |= self.uses.handed_on.iter().any(handed);
        traces
    }

    /// The first place where something is put into the field of this name, if there is one such field.
    pub(super) fn insertion_named(&self, name: Name) -> Option<&Use> {
        let of_field = |found: &&Use| found.thing.path.last() == Some(&Step::Field(name));
        let first = self.any(Act::Insert).find(of_field)?;
        self.any(Act::Insert).filter(of_field).all(|found| found.thing == first.thing).then_some(first)
    }

    /// Whether the script makes itself what the variable stands for that is declared at an offset.
    pub(super) fn is_made(&self, at: u32) -> bool {
        self.made.contains(&at)
    }

    /// What is done at an offset.
    pub(super) fn use_at(&self, at: u32) -> Option<&Use> {
        self.uses.uses.iter().find(|found| found.at == at)
    }

    /// All uses of one kind.
    pub(super) fn any(&self, act: Act) -> impl Iterator<Item = &Use> {
        self.uses.uses.iter().filter(move |found| found.act == act)
    }

    /// Whether a thing of which that is not known may be the one that is asked about: a field of the same name, of what is
    /// neither made here nor of another class.
    fn may_be(&self, thing: &Thing, target: &Target) -> bool {
        let Some(field) = thing.field() else { return false };
        if thing.path.last() == Some(&Step::Element) || target.field != Some(field) {
            return false;
        }
        match thing.root {
            Root::Variable(at) => !self.made.contains(&at) || thing.path.len() > 1,
            Root::Instance(class) => self.extending.contains(&class) || thing.path.len() > 1,
            Root::Exports => thing.path.len() > 1,
            Root::Unknown | Root::Import(_) | Root::Global(_) => true,
        }
    }

    fn with_exports(&self, mut things: Vec<Thing>) -> Target {
        let exported: Vec<Thing> = self
            .exports
            .named
            .iter()
            .filter(|(_, thing)| things.contains(thing))
            .map(|(name, _)| Thing::of(Root::Exports, vec![Step::Field(*name)]))
            .collect();
        things.extend(exported);
        Target::of(things)
    }
}

#[cfg(test)]
mod tests {
    use super::super::slice;
    use super::super::tests::indexed;
    use super::super::uses::Form;
    use super::*;

    const TAKES: &[Act] = &[Act::Remove, Act::Assign];

    /// What `m` is: the variable that code at `/*here*/` sees or, of the class whose constructor is there, the field.
    #[track_caller]
    fn target(index: &super::super::Index, here: u32) -> Target {
        match index.declaration("m", &[here]) {
            Some((at, _)) => index.target_of_variable(at),
            None => index.target_of_field(here, "m").expect("a class with that field"),
        }
    }

    /// The code that takes out of `m`, or that nothing does; nothing at all where the script does not tell.
    #[track_caller]
    fn check(text: &str, expected: Option<&[&str]>) {
        let (index, here) = indexed(text);
        let traces = index.traces(&target(&index, here), TAKES);
        let code = |found: &&Use| match found.form {
            Form::Call(span)
            | Form::Delete(span)
            | Form::Element(span)
            | Form::Assigned(span)
            | Form::Awaited(span) => slice(text, span),
        };
        let found: Vec<&str> = traces.uses.iter().chain(&traces.of_elements).map(code).collect();
        let told = (!traces.may_be_more || !found.is_empty()).then_some(found);
        assert_eq!(told.as_deref(), expected, "{text}");
    }

    #[test]
    fn to_be_exported_is_no_other_value() {
        check("const m = new Map();\nexports.m = m;\nm.set(1, 2);", Some(&[]));
        check("let m = new Map();\nexports.m = m;\nexports.reset = () => { m = new Map(); };", Some(&["m"]));
    }

    #[test]
    fn a_function_that_is_bound_is_a_method_of_that_object() {
        let text = "const log = exports = module.exports = new Emitter();\nlog.m = [];\n\
                    log.add = function (line) { this.m.push(line); this.m = this.m.slice(-9); }.bind(log);";
        let (index, _) = indexed(text);
        let traces = index.traces(&index.target_of_export("m"), &[Act::Append, Act::Insert, Act::Assign]);
        let found: Vec<Act> = traces.uses.iter().map(|found| found.act).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.contains(&Act::Assign), "{found:?}");
    }

    #[test]
    fn what_takes_out_of_a_container_is_found() {
        check("const m = new Map();\nm.set(1, 2);\nm.delete(1);", Some(&["m.delete"]));
        check(
            "class A { #m = []; constructor/*here*/() {} next() { return this.#m.shift(); } }",
            Some(&["this.#m.shift"]),
        );
        check("const m = {};\nm.a = 1;\ndelete m[key];", Some(&["m"]));
        check("const m = [];\nm.length = 0;", Some(&["m.length"]));
        check("const m = [];\nm.splice(0, 5);\nm.splice(0, 0, 1);", Some(&["m.splice"]));
        check("let m = [];\nm.push(1);\nm = m.filter(isOpen);", Some(&["m"]));
        check("const m = new Map();\nm.get(a).delete(1);", Some(&["m.get(a).delete"]));
    }

    #[test]
    fn a_first_value_and_a_longer_one_take_nothing_out() {
        check("class A { constructor/*here*/() { this.m = []; } }", Some(&[]));
        check(
            "function A/*here*/() { this.m = []; }\nA.prototype.clear = function () { this.m = []; };",
            Some(&["this.m"]),
        );
        check("let m;\nfunction start() { m = new Map(); }", Some(&[]));
        check("let m;\nm ??= new Map();\nm.set(1, 2);", Some(&[]));
        check("let m = [];\nfunction add(it) { m = [...m, it]; }", Some(&[]));
        check("let m = [];\nfunction add(it) { m = m.concat(it); }", Some(&[]));
    }

    #[test]
    fn another_variable_or_field_of_the_name_is_not_it() {
        check("const m = new Map();\nm.set(1, 2);\nother.delete(1);", Some(&[]));
        check("const m = [];\nfunction f() { const m = []; m.pop(); }", Some(&[]));
        check("const m = [];\nfunction f(m) { m.pop(); }", Some(&[]));
        check(
            "class A { m = [];\n constructor/*here*/() {} }\nclass B { m = [];\n f() { this.m.pop(); } }",
            Some(&[]),
        );
        check("class A { m = [];\n constructor/*here*/() {} }\nconst b = { m: [] };\nb.m.pop();", Some(&[]));
        check("const m = [];\nthis.m.pop();\nstore.m.pop();", Some(&[]));
    }

    #[test]
    fn it_is_found_under_its_other_names() {
        check("const m = [];\nconst it = m;\nit.pop();", Some(&["it.pop"]));
        check(
            "class A { m = [];\n constructor/*here*/() {}\n f() { const { m: list } = this; list.pop(); } }",
            Some(&["list.pop"]),
        );
        check(
            "class A { m = [];\n constructor/*here*/() {} }\nconst a = new A();\na.m.pop();",
            Some(&["a.m.pop"]),
        );
        check(
            "class A { m = [];\n constructor/*here*/() {}\n f() { const self = this; g(() => self.m.pop()); } }",
            Some(&["self.m.pop"]),
        );
        check(
            "function A/*here*/() { this.m = []; }\nfunction evict() { this.m.pop(); }\n\
             A.prototype.f = function () { evict.call(this); };",
            Some(&["this.m.pop"]),
        );
        check(
            "var A = function () { function A/*here*/() { this.m = []; }\n\
             _createClass(A, [{ key: 'f', value: function f() { this.m.pop(); } }]); return A; }();",
            Some(&["this.m.pop"]),
        );
        check("const m = new Map();\nfor (const of of m.values()) of.clear();", Some(&["of.clear"]));
        check(
            "const m = new Map();\nlet rows = m.get(1);\nif (!rows) { rows = new Set(); m.set(1, rows); }\nrows.delete(2);",
            Some(&["rows.delete"]),
        );
        check(
            "const m = new Map();\nmodule.exports = { m };\nmodule.exports.m.clear();",
            Some(&["module.exports.m.clear"]),
        );
        check("exports.n = 1;\nglobalThis.m = [];\nconst m = [];\nglobalThis.m.pop();", Some(&[]));
    }

    #[test]
    fn what_has_a_key_of_the_running_program_is_an_element() {
        let text = "const m = {};\nfunction wait(key, it) { m[key].push(it); }\nfunction next(key) { m[key].shift()(); }";
        let (index, here) = indexed(text);
        let sales = index.field_of(&target(&index, here), "sales");
        let code: Vec<&str> = index
            .traces(&sales, TAKES)
            .uses
            .iter()
            .map(|found| match found.form {
                Form::Call(span)
                | Form::Delete(span)
                | Form::Element(span)
                | Form::Assigned(span)
                | Form::Awaited(span) => slice(text, span),
            })
            .collect();
        assert_eq!(code, ["m[key].shift"]);
    }

    #[test]
    fn what_waits_for_a_promise_is_found() {
        let text = "const m = new Promise(start);\nawait m;\nPromise.race([other, m]);\nm.then(print);\n\
                    Promise.race(m);\nrace([m]);";
        let (index, here) = indexed(text);
        let waits = index.traces(&target(&index, here), &[Act::Wait]).uses;
        let lines: Vec<&str> =
            waits.iter().map(|found| text[found.at as usize..].lines().next().unwrap_or_default()).collect();
        assert_eq!(lines, ["await m;", "Promise.race([other, m]);", "m.then(print);"]);
    }

    #[test]
    fn what_is_put_in_stands_in_the_call_and_in_no_function_around_it() {
        let text = "m.push({ of: 1 });\nm.push(() => make({ of: 2 }));";
        let (index, _) = indexed(text);
        let (put, kept) = (text.find("{ of").expect("it is there"), text.rfind("{ of").expect("it is there"));
        assert_eq!(index.insertion_of(put as u32).map(|found| found.at), Some(0));
        assert_eq!(index.insertion_of(kept as u32).map(|found| found.at), None);
    }

    #[test]
    fn a_cut_that_is_put_in_is_told_from_one_of_which_something_else_is_made() {
        let put = |text: &str| {
            let (index, _) = indexed(text);
            index.call_put_in(0, &["subarray", "slice"]).map(|callee| slice(text, callee).to_owned())
        };
        assert_eq!(put("m.set(name, data.subarray(0, 24));").as_deref(), Some("data.subarray"));
        assert_eq!(put("m[name] = data.slice(0, 24);").as_deref(), Some("data.slice"));
        for other in [
            "m.set(name.slice(1), data);",
            "m.push(data.subarray(0, 4).toString());",
            "m.push([data.slice(1)]);",
        ] {
            assert_eq!(put(other), None, "{other}");
        }
    }

    #[test]
    fn what_somebody_else_may_do_is_not_known() {
        check("const m = new Map();\nprune(m, 10);", None);
        check("const m = new Map();\nfunction all() { return m; }", None);
        check("const m = new Map();\nconst all = () => m;", None);
        check("const m = [];\nregistry.list = m;", None);
        check("class A { m = [];\n constructor/*here*/() {} }\nfunction f(a) { a.m.pop(); }", None);
        check(
            "class A { m = [];\n constructor/*here*/() {} }\nclass B extends A { f() { this.m.pop(); } }",
            None,
        );
        check("const m = new Map();\nconsole.log(JSON.stringify(m), Object.keys(m));", Some(&[]));
        check("const m = new Map();\nmodule.exports = { m };", Some(&[]));
    }
}
