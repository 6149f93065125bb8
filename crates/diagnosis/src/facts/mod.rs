//! All that is known of a suspect, before it is put into words: what holds it, under which name, and where the program's own
//! code is.

mod code;
mod package;
mod undoing;

use leakhunt_heap::{EdgeType, NodeType};
use rustc_hash::FxHashSet;

use crate::caller::{self, Caller};
use crate::contents::{Contents, contents, put_in};
use crate::findings::{From, Text};
use crate::graph::{Edge, Node};
use crate::held::{Held, are_of_pipe, recognise, user_code_below};
use crate::naming::{Holder, Name, fields_of, holder, known, names_of, pick};
use crate::packages::Packages;
use crate::profile::Calls;
use crate::shown::original_class;
use crate::source::{Author, CallsWithin, Place, Sources, Trace, Written};
use crate::strings;
use crate::suspects::{Chain, Suspect};
use crate::view::View;

pub(crate) use code::Code;
use code::code;
use package::OfPackage;
pub(crate) use package::Own;
use package::{of_filler, of_package};
use undoing::done;
pub(crate) use undoing::{Done, Undoing};

/// The class of the map in which Node keeps the ES modules that it has loaded (lib/internal/modules/esm/module_map.js).
const MODULES_OF_NODE: &str = "LoadCache";
/// So many modules are looked at.
const MOST_MODULES: usize = 256;
/// Plain objects with fewer fields are written down in too many places.
const LEAST_FIELDS: usize = 2;

/// What is known of a suspect.
pub(crate) struct Facts {
    pub(crate) held: Held,
    pub(crate) holder: Holder,
    pub(crate) grows: Grows,
    /// The function that a timer calls, a listener is, or a promise waits in.
    pub(crate) code: Option<Code>,
    /// Where something is put in, and what is done against the growth.
    pub(crate) done: Done,
    /// The function whose result a promise without a name is.
    pub(crate) result_of: Option<Written>,
    /// The package whose object holds it, or whose code is run, if it is a package's.
    pub(crate) package: Option<OfPackage>,
    /// The program's own call that has a package, or Node, make it.
    pub(crate) caller: Option<Caller>,
    /// What leads to the program's own code where the holder is not its own.
    pub(crate) lead: Option<Lead>,
    /// Where neither does: what the program calls of that by which it reaches the holder.
    pub(crate) uses: Option<CallsWithin>,
    /// What else of the package's grows by the same calls.
    pub(crate) in_step: Vec<Name>,
}

/// What grows.
pub(crate) struct Grows {
    pub(crate) class: String,
    /// The constructor of its class, if that is the program's.
    pub(crate) made: Option<Place>,
    /// Where the program writes it down, where a package holds it and it has no class.
    pub(crate) written: Option<Place>,
    /// Its class is a package's.
    pub(crate) is_packages: bool,
    /// It is a function.
    pub(crate) is_function: bool,
    /// The holder's own bytes grow.
    pub(crate) in_place: bool,
    /// Of some file there are several modules: it was required again.
    pub(crate) is_required_again: bool,
    /// It is held by one name of the container's, of several.
    pub(crate) in_slot: bool,
    pub(crate) chain: Option<Chain>,
    /// What makes each of the growing objects larger as well, and where that is declared.
    pub(crate) inner: Option<(String, Option<Place>)>,
    /// The key by which one of the growing objects is found.
    pub(crate) key: Option<Text>,
    /// Strings in one of the growing objects, its key first.
    pub(crate) strings: Vec<Text>,
    pub(crate) contents: Option<Contents>,
}

/// How the program's own code is found in what a library or Node keeps.
pub(crate) enum Lead {
    /// The growing objects keep it; in which class or function it is.
    Kept {
        part: Option<String>,
        /// What was given it, where it is written for that.
        given_to: Option<String>,
        place: Place,
        /// What it calls of that by which the holder is reached.
        calls: Option<CallsWithin>,
    },
    /// It makes them by this call, as far as names tell.
    Made { call: String, place: Place },
    /// They are functions of its own, which it hands on by this call.
    Handed { call: String, place: Place },
    /// They listen to something of its own, because of this call.
    Listens { call: String, place: Place },
}

impl Lead {
    fn place(&self) -> &Place {
        match self {
            Self::Kept { place, .. }
            | Self::Made { place, .. }
            | Self::Handed { place, .. }
            | Self::Listens { place, .. } => place,
        }
    }
}

impl Facts {
    /// Asks the heap and the sources about a suspect.
    pub(crate) fn of(
        suspect: &Suspect,
        view: &View<'_>,
        sources: &Sources<'_>,
        packages: &Packages<'_>,
        calls: Option<&Calls<'_>>,
    ) -> Self {
        let held = recognise(suspect, view);
        let holder = holder(suspect, &held, view, sources);
        let grows = Grows::of(suspect, view, sources);
        let code = code(&held, view, sources);
        let mut facts = Self {
            done: done(suspect, &held, &holder, code.as_ref(), view, sources),
            result_of: result_of(&held, &holder, view, sources),
            package: of_package(suspect, &held, &holder, code.as_ref(), view, sources, packages),
            held,
            holder,
            grows,
            code,
            caller: None,
            lead: None,
            uses: None,
            in_step: Vec::new(),
        };
        if facts.is_foreign() {
            facts.lead = facts.lead(suspect, view, sources);
            if let Some((place, put)) = calls.and_then(|calls| written(suspect, view, sources, calls)) {
                facts.grows.written = Some(place);
                facts.done.insertion = facts.done.insertion.take().or(put);
            }
        }
        if let Some(put) = facts.put_beside(sources) {
            facts.grows.written = Some(put.place.clone());
            facts.done.insertion = Some(put);
        }
        if facts.package.is_none() && facts.is_users_holder() {
            facts.package = of_filler(facts.done.insertion.as_ref(), view, sources, packages);
        }
        if let Some(handed) = facts.handed() {
            facts.lead = Some(handed);
        } else if facts.is_put_by_others() {
            let caller = calls.and_then(|calls| facts.caller(suspect, view, sources, calls));
            // What the program's own functions tell is surer than a function without the call.
            facts.caller = caller.filter(|caller| caller.is_found || !facts.keeps_own_code());
            facts.package = facts.package.take().or_else(|| facts.called(view, sources, packages));
        } else if facts.is_put_by_nobody() {
            facts.caller = calls.and_then(|calls| caller::of_most(calls, sources));
            facts.package = facts.called(view, sources, packages);
        }
        facts.lead = facts.lead.take().or_else(|| facts.listens(view, sources));
        facts.uses = facts.uses(sources);
        let put = || put_in(suspect, facts.done.insertion.as_ref()?, view, sources);
        facts.grows.contents = facts.grows.contents.take().or_else(put);
        facts
    }

    /// The line to look at: the code that a timer or an event runs, else the class of what grows, else its holder; the
    /// program's own lines before those of a library.
    pub(crate) fn location(&self) -> Option<&Place> {
        let named = self.holder.name.as_ref();
        let is_listener = matches!(self.held, Held::Listener { .. });
        // Where a package keeps functions, the call that has it do so comes before them.
        let is_kept = self.caller.is_some() && !self.is_run();
        let runs = |code: &&Code| {
            code.author == Author::User && !is_kept && !(code.awaited && named.is_some() && !is_listener)
        };
        let code = self.code.as_ref().filter(runs).map(|code| &code.place);
        let declared = named.and_then(|name| name.declared.as_ref());
        let caller = self.caller.as_ref();
        let listens = self.lead.as_ref().filter(|lead| matches!(lead, Lead::Listens { .. }));
        code.or_else(|| listens.map(Lead::place))
            .or_else(|| self.result_of.as_ref().map(|function| &function.place))
            .or_else(|| declared.filter(|_| self.is_users_holder() && self.caller.is_none()))
            .or(self.grows.written.as_ref())
            .or_else(|| caller.filter(|caller| caller.is_found).map(Caller::place))
            .or(self.grows.made.as_ref())
            .or_else(|| caller.map(Caller::place))
            .or_else(|| self.code.as_ref().filter(|code| code.author == Author::User)?.only_wait())
            .or_else(|| self.holder.reached_through.as_ref().and_then(|reached| reached.place.as_ref()))
            .or_else(|| self.lead.as_ref().map(Lead::place))
            .or(declared)
            .or_else(|| self.code.as_ref().map(|code| &code.place))
    }

    /// What that line is known by, where it is not the snapshots.
    pub(crate) fn location_from(&self) -> Option<From> {
        let caller = self.caller.as_ref()?;
        (self.location() == Some(caller.place())).then_some(From::AllocationProfile)
    }

    /// Where no stack tells and what grows does not, the program's own calls of what leads to the holder.
    fn uses(&self, sources: &Sources<'_>) -> Option<CallsWithin> {
        let is_known = self.caller.is_some() || self.lead.is_some() || self.keeps_own_code();
        if is_known || self.grows.made.is_some() || self.grows.written.is_some() {
            return None;
        }
        let place = self.holder.reached_through.as_ref()?.place.as_ref()?;
        sources.calls_of_declared(&place.location, self.holder.reached_by()?)
    }

    /// The program has a name for it, and has made it itself.
    fn is_users_holder(&self) -> bool {
        if matches!(self.held, Held::Object) && self.holder.package_file.is_some() {
            return false;
        }
        let is_users = |name: &Name| name.author() == Author::User;
        self.holder
            .name
            .as_ref()
            .is_some_and(|name| is_users(name) && !(name.is_anybodys() && self.grows.is_packages))
    }

    /// Its callback is what is called for it, not only what is kept.
    fn is_run(&self) -> bool {
        !matches!(self.held, Held::Collection { .. } | Held::Closure { .. })
    }

    /// Not the program itself has put it where it is kept: the holder is not its own, or a package has added a listener or fills it.
    fn is_put_by_others(&self) -> bool {
        let code = self.code.as_ref().map(|code| code.author);
        let is_filled = self.package.as_ref().is_some_and(|of| of.own == Own::Filler);
        let by_package = matches!(self.held, Held::Listener { .. }) && code == Some(Author::Library);
        (by_package || is_filled || !self.is_users_holder())
            && self.grows.written.is_none()
            && !(self.is_run() && code == Some(Author::User))
    }

    /// It is the program's by its name, and no line of the program that is known puts anything there.
    fn is_put_by_nobody(&self) -> bool {
        let is_kept = matches!(self.held, Held::Collection { .. } | Held::List | Held::Object);
        let is_known = self.grows.made.is_some() || self.grows.written.is_some() || self.code.is_some();
        is_kept
            && self.is_users_holder()
            && !is_known
            && self.done.insertion.is_none()
            && self.package.is_none()
    }

    /// It keeps a function of the program's.
    fn keeps_own_code(&self) -> bool {
        let is_kept = matches!(self.lead, Some(Lead::Kept { .. }));
        is_kept || self.code.as_ref().is_some_and(|code| code.author == Author::User)
    }

    /// The call by which the program hands what others keep the functions that it keeps: of a stack, V8 may have inlined it.
    fn handed(&self) -> Option<Lead> {
        let keeps = matches!(self.held, Held::Collection { .. }) && self.is_put_by_others();
        let code =
            self.code.as_ref().filter(|code| keeps && code.is_inline && code.author == Author::User)?;
        let call = code.call.as_ref()?;
        Some(Lead::Handed { call: call.callee.clone(), place: call.place.clone() })
    }

    /// A package's object holds it.
    pub(crate) fn is_of_package(&self) -> bool {
        self.package.as_ref().is_some_and(|of| of.own == Own::Holder)
    }

    /// They are the children of a module of Node's: those that it has required.
    pub(crate) fn keeps_modules(&self) -> bool {
        self.grows.class == "Module" && self.holder.name.as_ref().is_some_and(Name::is_children_of_module)
    }

    /// Nothing of the program's own is known of it.
    fn is_foreign(&self) -> bool {
        !self.is_users_holder()
            && self.grows.made.is_none()
            && self.code.as_ref().is_none_or(|code| code.author != Author::User)
    }

    /// Where the file of a class of the program's puts something into a package's container: the objects that grow, put there by
    /// themselves or by who makes them.
    fn put_beside(&self, sources: &Sources<'_>) -> Option<Written> {
        let made = self.grows.made.as_ref().filter(|_| !self.is_users_holder())?;
        let name = self.holder.name.as_ref().filter(|name| name.is_field())?;
        sources.insertion_in(&made.location.file, name.bare())
    }

    /// The call that has something of Node's or a package's listen to an emitter of the program's.
    fn listens(&self, view: &View<'_>, sources: &Sources<'_>) -> Option<Lead> {
        let Held::Listener { emitter, event: Some(event), .. } = &self.held else { return None };
        if are_of_pipe(*emitter, event, view) {
            let name = self.holder.name.as_ref()?.bare();
            let pipe = sources.only_call(&view.scripts, "pipe", Some(name));
            return pipe.map(|pipe| Lead::Listens { call: pipe.code, place: pipe.place });
        }
        let is_own = self.code.as_ref().is_some_and(|code| code.author == Author::User);
        let emitter = known(self.holder.name.as_ref().filter(|_| !is_own)?, view, sources)?;
        let Trace { place, code, .. } = sources.addition_of_listener(&emitter, event)?;
        Some(Lead::Listens { call: code, place })
    }

    /// The package that is called, where no other is known.
    fn called(&self, view: &View<'_>, sources: &Sources<'_>, packages: &Packages<'_>) -> Option<OfPackage> {
        OfPackage::of(self.caller.as_ref()?.file.clone()?, Own::Called, view, sources, packages)
    }

    /// By the profile.
    fn caller(
        &self,
        suspect: &Suspect,
        view: &View<'_>,
        sources: &Sources<'_>,
        calls: &Calls<'_>,
    ) -> Option<Caller> {
        let of = self.package.as_ref();
        let (file, package) = (of.map(|of| of.file.as_str()), of.map(|of| &of.package));
        caller::profiled(suspect, (file, package), self.holder.reached_by(), calls, view, sources)
    }

    fn lead(&self, suspect: &Suspect, view: &View<'_>, sources: &Sources<'_>) -> Option<Lead> {
        // What Node keeps of a module is the module's code, and not that which imported it.
        if self.holder.is_nodes && self.holder.class == MODULES_OF_NODE {
            let import = |place| Lead::Made { call: "import".to_owned(), place };
            return sources.computed_import(&view.scripts).map(import);
        }
        if is_branch(suspect, &self.held, view) {
            let tee = sources.only_call(&view.scripts, "tee", None);
            return tee.map(|tee| Lead::Made { call: tee.code, place: tee.place });
        }
        let kept = || {
            let code = user_code_below(view, suspect.cluster.example).filter(|_| !self.grows.in_place)?;
            let spot = view.graph.spot(code)?;
            let place = sources.place(&view.scripts, spot, None)?;
            let calls = self
                .holder
                .reached_by()
                .and_then(|name| sources.calls_of_variable(&view.scripts.location(spot, None)?, name));
            let given_to = sources.call_with(&view.scripts, spot).map(|call| call.callee);
            Some(Lead::Kept { part: sources.part_around(&view.scripts, spot), given_to, place, calls })
        };
        let made = || {
            // V8's own classes, such as Array, are written nowhere; those of Node's C++ objects have the names of its classes.
            let is_written = |node: &Node| {
                view.constructors(*node).any(|at| view.graph.spot(at).is_some())
                    || view.graph.internal(*node, "javascript_to_native").is_some()
            };
            let made = suspect
                .objects()
                .filter(|node| view.graph.kind(*node) == NodeType::Object && !view.is_permanent(*node))
                .filter(is_written)
                .find_map(|node| sources.maker(&view.scripts, &view.graph.name(node)))?;
            Some(Lead::Made { call: made.code, place: made.place })
        };
        kept().or_else(|| if self.holder.reached_through.is_none() { made() } else { None })
    }
}

impl Grows {
    fn of(suspect: &Suspect, view: &View<'_>, sources: &Sources<'_>) -> Self {
        let (graph, cluster, between) = (view.graph, &suspect.cluster, suspect.between());
        let example = cluster.example;
        let made = graph
            .spot(example)
            .filter(|spot| {
                graph.kind(example) == NodeType::Object && view.scripts.author(*spot) == Author::User
            })
            .and_then(|spot| sources.place(&view.scripts, spot, Some(graph.name(example).into_owned())));
        let is_packages =
            graph.spot(example).is_some_and(|spot| view.scripts.author(spot) == Author::Library);
        let inner = cluster.inner.filter(|inner| *inner != example).and_then(|inner| {
            let (named, place) = pick(names_of(view, inner), view, sources)?;
            (named.author == Author::User).then(|| (named.qualified(), place))
        });
        Self {
            class: original_class(view, sources, example),
            made,
            written: None,
            is_packages,
            is_function: graph.kind(example) == NodeType::Closure,
            in_place: suspect.is_in_place(),
            is_required_again: is_required_again(suspect, view),
            in_slot: cluster.slot.is_some(),
            chain: cluster.chain.clone(),
            inner,
            key: strings::key(between, view),
            strings: strings::of(example, between, view),
            contents: contents(suspect, view, sources),
        }
    }
}

/// Whether what grows are modules, and of some file there are several.
fn is_required_again(suspect: &Suspect, view: &View<'_>) -> bool {
    let modules = suspect.cluster.members().iter().take(MOST_MODULES).filter_map(|id| view.node(*id));
    let files =
        modules.filter(|node| view.is_named(*node, &["Module"])).filter_map(|node| view.module_file(node));
    let mut seen = FxHashSet::default();
    files.into_iter().any(|file| !seen.insert(file))
}

/// Whether a stream of the Web's is one of the two that `tee` gives: what one of them has read waits in the other.
fn is_branch(suspect: &Suspect, held: &Held, view: &View<'_>) -> bool {
    let is_branch = |edge: &Edge| {
        edge.kind == EdgeType::Context
            && matches!(&*view.graph.edge_name(*edge), "branch1" | "branch2")
            && view.scripts.of_context(edge.from).iter().any(|spot| view.scripts.is_nodes(spot.script_id))
    };
    matches!(held, Held::Stream { is_web: true, .. }) && suspect.path.iter().any(is_branch)
}

/// Where the program writes down the plain objects that grow, if the functions that had memory allocated are known and one
/// of them does; and what it puts them in there.
fn written(
    suspect: &Suspect,
    view: &View<'_>,
    sources: &Sources<'_>,
    calls: &Calls<'_>,
) -> Option<(Place, Option<Written>)> {
    let example = suspect.cluster.example;
    let fields = fields_of(view, example);
    if !view.is_builtin(example, &["Object"]) || fields.len() < LEAST_FIELDS {
        return None;
    }
    let functions: Vec<_> = calls.programs().into_iter().map(|(function, _)| function).collect();
    sources.written_within(&view.scripts, &fields, &functions)
}

fn result_of(held: &Held, holder: &Holder, view: &View<'_>, sources: &Sources<'_>) -> Option<Written> {
    let Held::Promise { result_of: Some(function), .. } = held else { return None };
    let spot = view.graph.spot(*function).filter(|_| holder.name.is_none())?;
    let code = sources.name_around(&view.scripts, spot)?;
    Some(Written { place: sources.place(&view.scripts, spot, None)?, code })
}
