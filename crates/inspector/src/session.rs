//! One WebSocket, one CDP session, from attach to leave.
//!
//! Every method locks the wire, so calls queue behind each other; dropping a call's future leaves the session usable
//! (see `wire.rs`). [`Session::leave`] takes the session: nothing can be asked afterwards.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::agent::{
    self, Arming, Count, Descriptors, Disk, EventLoop, Identity, Mappings, Memory, Planted, WhenGone,
};
use crate::error::Error;
use crate::ids::{self, Marker};
use crate::leave::{self, Left, Parting};
use crate::limits::Limits;
use crate::packages::{self, Package};
use crate::process::{self, ProcessFacts};
use crate::route::Isolate;
use crate::snapshot::{self, Agents, FileRoute, Of, Progress, Taken};
use crate::sources::{self, MappedScript};
use crate::state::State;
use crate::wire::Wire;
use crate::workers::{self, WorkerHeap};
use crate::{cpu, http, numbers, sampling, timeline};

/// One session to one process. Ids of heap objects are comparable only within it, and the process's inspector stays
/// open at least as long as it lives.
pub struct Session {
    limits: Limits,
    target: String,
    state: Mutex<State>,
}

impl Session {
    /// Finds the process's target over HTTP and upgrades the same connection to a WebSocket.
    ///
    /// # Errors
    /// [`Error::NotInspector`], [`Error::Disconnected`], [`Error::Stalled`].
    pub async fn attach<S>(stream: S, limits: Limits) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let opened = timeout(limits.attach, http::open(Box::new(stream), limits.message)).await;
        let (socket, target) =
            opened.map_err(|_| Error::Stalled { doing: "attaching", after: limits.attach })??;
        Ok(Self { limits, target, state: Mutex::new(State::new(Wire::new(socket))) })
    }

    /// The target's id in the inspector's addresses: hexadecimal digits and hyphens.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Plants the dead-man: the first thing that is done in a process, since from then on the inspector closes when we
    /// are gone. `hunt` is a name that no other hunt has; where another hunt is under way nothing is armed, and
    /// [`Planted::rival`] says so. Neither is it where the process is not the one that is `meant`.
    ///
    /// # Errors
    /// [`Error::OtherProcess`]; [`Error::Refused`] where the process cannot run it; those of the connection.
    pub async fn plant(
        &self,
        when_gone: WhenGone,
        hunt: &str,
        meant: Option<Identity>,
    ) -> Result<Planted, Error> {
        let mut state = self.state.lock().await;
        let arming = Arming { when_gone, hunt, meant, port: None };
        let (dead_man, planted) =
            agent::plant(&mut state.wire, Isolate::Main, arming, self.limits.reply).await?;
        state.dead_man = Some((dead_man, planted.clone()));
        Ok(planted)
    }

    /// Who the process is.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; [`Error::Refused`]; those of the connection.
    pub async fn process(&self) -> Result<ProcessFacts, Error> {
        let mut state = self.state.lock().await;
        let (wire, dead_man, planted) = state.dead_man("facts")?;
        process::process(wire, dead_man, planted.identity, self.limits.reply).await
    }

    /// Enters a worker thread, by its `threadId`: what is asked of a heap from now on is asked of its heap (readings of memory,
    /// collections, markers, snapshots, profiles, what keeps its event loop alive); the rest stays the process's. The dead-man comes
    /// first, in the main thread. Waits until the worker comes back to its event loop, which most of this needs.
    ///
    /// # Errors
    /// [`Error::ThreadEnded`] where there is none of that id, or no longer; [`Error::ThreadSilent`] where it does not come back to
    /// its event loop: then no worker has a session of ours; [`Error::NotPlanted`]; [`Error::NoAgent`]; those of the connection.
    pub async fn enter(&self, thread: u64, hunt: &str) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        workers::enter(&mut state, thread, hunt, self.limits.reply).await
    }

    /// A raw reading of the memory of the process, and of what is in its heap: one small call, 0.1 to 0.3 ms of its event loop.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; [`Error::NoAgent`]; those of the connection.
    pub async fn memory(&self) -> Result<Memory, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent, _) = state.heaps_agent("memory", &self.limits).await?;
        agent::memory(agent, wire, self.limits.reply).await
    }

    /// Forces a full garbage collection; returns how long it took there, by the process's own clock. Neither the way there
    /// and back counts nor what the application was doing when the call arrived.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; those of the connection.
    pub async fn collect_garbage(&self) -> Result<Duration, Error> {
        let mut state = self.state.lock().await;
        let (wire, dead_man) = state.heaps_dead_man("collecting garbage")?;
        agent::collect_garbage(dead_man, wire, self.limits.reply).await
    }

    /// Counts the heap's objects. It costs a tenth to a fifth of a snapshot's pause, and 95 bytes an object that are given
    /// back. It resets V8's object ids, so it belongs before the first snapshot, and not beside another debugger.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; [`Error::Refused`] where the process cannot do it; those of the connection.
    pub async fn count(&self, within: Duration) -> Result<Count, Error> {
        let mut state = self.state.lock().await;
        let (wire, dead_man) = state.heaps_dead_man("counting objects")?;
        agent::count(dead_man, wire, within).await
    }

    /// Holds a new object whose id tells whether the id space still lives.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn hold_marker(&self) -> Result<Marker, Error> {
        let mut state = self.state.lock().await;
        ids::hold_marker(state.heap(), self.limits.reply).await
    }

    /// The marker's id in V8's present id space; 0 until the first snapshot has numbered it. A number that was not 0
    /// and is another now (0 included) means that the space was lost: later snapshots cannot be compared with earlier ones.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn marker_id(&self, marker: &Marker) -> Result<u64, Error> {
        let mut state = self.state.lock().await;
        ids::marker_id(state.heap(), marker, self.limits.reply).await
    }

    /// The numbers in some fields of the object that has this number in V8's present id space; none where it is gone; and for how
    /// long the app stood still while V8 looked for it.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn numbers(
        &self,
        object: u32,
        fields: &[String],
    ) -> Result<(BTreeMap<String, f64>, Duration), Error> {
        let mut state = self.state.lock().await;
        numbers::numbers(state.heap(), object, fields, self.limits.reply).await
    }

    /// Holds another object, made now: in one id space its number will be higher than any that was given out before.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn hold_newcomer(&self) -> Result<Marker, Error> {
        let mut state = self.state.lock().await;
        ids::hold_newcomer(state.heap(), self.limits.reply).await
    }

    /// Lets an object go again.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn release_marker(&self, marker: Marker) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        ids::release(state.heap(), marker, self.limits.reply).await
    }

    /// Takes a heap snapshot and streams it as V8 writes it. What a slow reader does not take queues in the application.
    ///
    /// # Errors
    /// [`Error::Sink`]; those of the connection.
    pub async fn snapshot_stream(
        &self,
        sink: &mut (impl io::Write + Send + ?Sized),
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Taken, Error> {
        let mut state = self.state.lock().await;
        let (wire, dead_man) = state.heap_and_dead_man();
        snapshot::stream(wire, Of::Now, dead_man, &self.limits, sink, progress).await
    }

    /// Has V8 note by which stack each object is allocated from now on. It costs a busy application most of its speed.
    ///
    /// # Errors
    /// [`Error::Refused`]; those of the connection.
    pub async fn timeline_start(&self) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        // It may run even where no answer came.
        state.running.timeline = true;
        timeline::start(state.heap(), self.limits.reply).await
    }

    /// Ends it by a snapshot, a `.heaptimeline`, which is streamed as [`Self::snapshot_stream`] does.
    ///
    /// # Errors
    /// [`Error::Sink`]; those of the connection.
    pub async fn timeline_stop(
        &self,
        sink: &mut (impl io::Write + Send + ?Sized),
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Taken, Error> {
        let mut state = self.state.lock().await;
        let (wire, dead_man) = state.heap_and_dead_man();
        let taken = snapshot::stream(wire, Of::Timeline, dead_man, &self.limits, sink, progress).await?;
        state.running.timeline = false;
        Ok(taken)
    }

    /// Ends it without a snapshot.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn timeline_off(&self) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        timeline::off(state.heap(), self.limits.reply).await?;
        state.running.timeline = false;
        Ok(())
    }

    /// Lets the application write a heap snapshot to its own disk, and pulls it compressed.
    ///
    /// # Errors
    /// [`Error::NotPlanted`], [`Error::NoAgent`], [`Error::RemoteDisk`], [`Error::Damaged`], [`Error::Sink`]; those of the connection.
    pub async fn snapshot_file(
        &self,
        sink: &mut (impl io::Write + Send + ?Sized),
        options: FileRoute,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Taken, Error> {
        let mut state = self.state.lock().await;
        let (wire, heap, main) = state.heaps_agent("the file route", &self.limits).await?;
        snapshot::file(wire, Agents { main, heap }, &self.limits, &options, sink, progress).await
    }

    /// How many file descriptors the process has open, by what they are; none where the system does not tell.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; [`Error::NoAgent`]; those of the connection.
    pub async fn descriptors(&self) -> Result<Option<Descriptors>, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent) = state.agent("descriptors", &self.limits).await?;
        agent::descriptors(agent, wire, self.limits.reply).await
    }

    /// How many resources keep the event loop alive, by kind, as `process.getActiveResourcesInfo()` names them; none where Node does
    /// not tell.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; [`Error::NoAgent`]; those of the connection.
    pub async fn resources(&self) -> Result<Option<BTreeMap<String, u64>>, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent, _) = state.heaps_agent("resources", &self.limits).await?;
        agent::resources(agent, wire, self.limits.reply).await
    }

    /// What of the process is resident, by what it is mapped for; none where the system does not tell.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; those of the connection.
    pub async fn mappings(&self) -> Result<Option<Mappings>, Error> {
        let mut state = self.state.lock().await;
        let (wire, dead_man, _) = state.dead_man("mappings")?;
        agent::mappings(dead_man, wire, self.limits.reply).await
    }

    /// The heap of each worker thread after a garbage collection there, of those that answer in two seconds: one that is inside of
    /// a synchronous call of Node's or an addon's does not. None where Node cannot tell. Afterwards no worker has a session of ours
    /// but the one that was entered, if one was: that one is left out, and the main thread is there, as thread 0.
    ///
    /// # Errors
    /// Those of the connection.
    pub async fn workers(&self) -> Result<Option<Vec<WorkerHeap>>, Error> {
        let mut state = self.state.lock().await;
        workers::heaps(&mut state, self.limits.reply).await
    }

    /// Where the process could write a snapshot.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; [`Error::NoAgent`]; those of the connection.
    pub async fn disk(&self) -> Result<Disk, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent) = state.agent("disk", &self.limits).await?;
        agent::disk(agent, wire, self.limits.reply).await
    }

    /// The program's scripts that have source maps: those that are loaded, and those in the folders around the main one.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; [`Error::NoAgent`]; those of the connection.
    pub async fn sources(&self) -> Result<Vec<MappedScript>, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent) = state.agent("sources", &self.limits).await?;
        sources::sources(wire, agent, &self.limits).await
    }

    /// Reads a file there of at most `most` bytes.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; [`Error::Refused`] if it cannot be read or is larger; [`Error::Damaged`]; those of the
    /// connection.
    pub async fn source(&self, path: &str, most: u64) -> Result<Vec<u8>, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent) = state.agent("a source", &self.limits).await?;
        sources::source(wire, agent, &self.limits, path, most).await
    }

    /// The packages of which scripts are loaded, as far as their package.json can be read in a few seconds.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; [`Error::Refused`]; those of the connection.
    pub async fn packages(&self) -> Result<Vec<Package>, Error> {
        let mut state = self.state.lock().await;
        let (wire, heap, main) = state.heaps_agent("packages", &self.limits).await?;
        let folders = packages::folders(wire, heap, &self.limits).await?;
        packages::packages(wire, main, &self.limits, &folders).await
    }

    /// The packages that lie in these folders there, as far as their package.json can be read in a few seconds.
    ///
    /// # Errors
    /// As [`Self::packages`].
    pub async fn packages_in(&self, folders: &[String]) -> Result<Vec<Package>, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent) = state.agent("packages", &self.limits).await?;
        packages::packages(wire, agent, &self.limits, folders).await
    }

    /// How many clients the inspector's port has, us included: two or more mean that another debugger is attached.
    /// `None` where the process cannot see its connections.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; [`Error::NoAgent`]; those of the connection.
    pub async fn clients(&self) -> Result<Option<u32>, Error> {
        let mut state = self.state.lock().await;
        let (wire, dead_man, _) = state.dead_man("clients")?;
        agent::clients(dead_man, wire, self.limits.reply).await
    }

    /// Starts V8's sampling heap profiler: one sample for each `interval` allocated bytes on average.
    ///
    /// # Errors
    /// [`Error::Refused`] where somebody else's runs in the process; those of the connection.
    pub async fn sampling_start(&self, interval: u32) -> Result<(), Error> {
        let mut state = self.state.lock().await;
        // It may run even where no answer came.
        let started = sampling::start(state.heap(), interval, self.limits.reply).await;
        state.running.sampling = !matches!(started, Err(Error::Refused { .. }));
        started
    }

    /// Stops it; returns the text of a `.heapprofile`, the sites of what is still alive, and for how long that paused the
    /// application.
    ///
    /// # Errors
    /// [`Error::Refused`] if it was not started; those of the connection.
    pub async fn sampling_stop(&self) -> Result<(String, Duration), Error> {
        let mut state = self.state.lock().await;
        let (wire, dead_man) = state.heap_and_dead_man();
        let stopped = sampling::stop(wire, dead_man, self.limits.reply).await?;
        state.running.sampling = false;
        Ok(stopped)
    }

    /// What lives now of all that was allocated since the sampling profiler was started, which goes on.
    ///
    /// # Errors
    /// As [`Self::sampling_stop`]; [`Error::NotPlanted`].
    pub async fn sampling_cut(&self) -> Result<(String, Duration), Error> {
        let mut state = self.state.lock().await;
        let (wire, dead_man) = state.heaps_dead_man("a sampling profile")?;
        sampling::cut(wire, dead_man, self.limits.reply).await
    }

    /// Starts V8's CPU profiler, one sample in each `interval`, and watches the event loop's delay from now on. Returns for how
    /// long that paused the application.
    ///
    /// # Errors
    /// [`Error::NotPlanted`]; [`Error::NoAgent`]; those of the connection.
    pub async fn cpu_start(&self, interval: Duration) -> Result<Duration, Error> {
        let mut state = self.state.lock().await;
        let (wire, agent, _) = state.heaps_agent("the event loop's delay", &self.limits).await?;
        agent::watch_event_loop(agent, wire, self.limits.reply).await?;
        // It may run even where no answer came.
        state.running.cpu = true;
        let (wire, dead_man) = state.heaps_dead_man("a CPU profile")?;
        cpu::start(wire, dead_man, interval, self.limits.reply).await
    }

    /// Stops it; returns the text of a `.cpuprofile`, what the event loop's delay was meanwhile, and for how long stopping paused
    /// the application.
    ///
    /// # Errors
    /// [`Error::Refused`] if it was not started; those of the connection.
    pub async fn cpu_stop(&self) -> Result<(String, EventLoop, Duration), Error> {
        let mut state = self.state.lock().await;
        let (wire, agent, _) = state.heaps_agent("the event loop's delay", &self.limits).await?;
        // Before the profiler is stopped, which holds the loop up.
        let event_loop = agent::event_loop(agent, wire, self.limits.reply).await?;
        let (wire, dead_man) = state.heaps_dead_man("a CPU profile")?;
        let (profile, pause) = cpu::stop(wire, dead_man, self.limits.reply).await?;
        state.running.cpu = false;
        Ok((profile, event_loop, pause))
    }

    /// Leaves: evidence off, file dropped, and where it is to be closed the inspector closed by the dead-man as soon as its
    /// last client, we or another debugger, has gone. Never fails, never waits beyond [`Limits::leave`]; what could not
    /// be seen done is said. A session that has planted nothing can be used so to close an inspector, or just to go.
    pub async fn leave(self, parting: Parting) -> Left {
        leave::leave(self.state.into_inner(), parting, self.limits.leave / 2).await
    }
}
