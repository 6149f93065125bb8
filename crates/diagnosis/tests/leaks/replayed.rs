//! Every program of the corpus, from what was recorded of it: no program is run.
//!
//! Each is judged against its truth as `cargo xtask diagnose` does, and all that is said of it, its findings.json, is compared
//! with a snapshot by insta. The recordings are in `tests/recordings`; `cargo xtask diagnose --keep` records them again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use serde_json::Value;

use crate::corpus::recording::Recording;
use crate::programs;

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

#[track_caller]
pub(crate) fn recorded(name: &str) -> Recording {
    let archive = recordings().join(format!("{name}.tar.zst"));
    Recording::kept(&archive, &programs()).unwrap_or_else(|error| {
        panic!("{}: {error}; `cargo xtask diagnose --keep {name}` records it", archive.display())
    })
}

#[track_caller]
fn replay(name: &str) {
    let _beside_others = crate::PROCESSORS.read().unwrap_or_else(PoisonError::into_inner);
    let recording = recorded(name);
    crate::check(name, &recording);
    let findings = serde_json::to_string_pretty(&recording.diagnose()).expect("findings are JSON");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("../findings");
    settings.bind(|| insta::assert_snapshot!(name, findings));
}

macro_rules! programs {
    ($($name:ident,)*) => {
        $(
            #[test]
            fn $name() {
                replay(&stringify!($name).replace('_', "-"));
            }
        )*

        pub(crate) const PROGRAMS: &[&str] = &[$(stringify!($name)),*];
    };
}

programs! {
    abort_signal,
    async_contexts,
    audit_stream,
    banner_interval,
    bound_resources,
    buffer_heads,
    bundled_memoize,
    chat_sockets,
    config_listeners,
    dataloader_global,
    dedupe_set,
    error_log,
    esm_subscriptions,
    exports_cache,
    express_layers,
    far_timers,
    finalizers,
    healthy_batcher,
    healthy_debounce,
    healthy_lazy_data,
    healthy_lru,
    healthy_npm_lru,
    healthy_once,
    healthy_pool,
    healthy_queue,
    healthy_rare_keys,
    healthy_ring,
    healthy_sessions,
    healthy_templates,
    healthy_warmup,
    inherited_map,
    kept_requests,
    latency_samples,
    linked_queue,
    memoize_user,
    message_ports,
    minified_no_map,
    once_replies,
    open_cursors,
    plugin_reload,
    polling_forever,
    pool_waiters,
    private_log,
    process_listeners,
    prom_labels,
    promise_race,
    response_cache,
    retry_closures,
    root_context,
    rpc_pending,
    rx_subscriptions,
    session_store,
    shared_context,
    sliced_tokens,
    stuck_queue,
    symbol_history,
    tenant_agents,
    ts_audit_trail,
    ts_namespace,
    ts_rate_limiter,
    ttl_cache,
    unlinked_lru,
    upload_buffers,
    weakmap_mirror,
    winston_per_request,
    worker_inner,
    worker_tasks,
}

/// A truth that accepts many answers tells nothing of the one that is given: where two are right, it says why (`either`).
#[test]
fn a_truth_is_one_answer() {
    for name in PROGRAMS.iter().map(|name| name.replace('_', "-")) {
        let truth = std::fs::read(programs().join(&name).join("truth.json")).expect("a truth");
        let truth: Value = serde_json::from_slice(&truth).expect("a truth is JSON");
        let suspect = &truth["suspect"];
        for field in ["kind", "class", "at", "holder_at"] {
            let answers = suspect[field].as_array().map_or(0, Vec::len);
            assert!(answers <= 1 || suspect["either"].is_string(), "{name}: {field} has {answers} answers");
        }
    }
}

#[test]
fn no_program_is_left_out() {
    let listed: BTreeSet<String> = PROGRAMS.iter().map(|name| name.replace('_', "-")).collect();
    let names = |folder: PathBuf, name_of: &dyn Fn(&Path) -> Option<String>| -> BTreeSet<String> {
        let entries =
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        entries.filter_map(|entry| name_of(&entry.expect("an entry").path())).collect()
    };
    let file = |ending: &'static str| {
        move |path: &Path| Some(path.file_name()?.to_str()?.strip_suffix(ending)?.to_owned())
    };
    let program = |path: &Path| {
        path.join("truth.json")
            .exists()
            .then(|| path.file_name().map(|name| name.to_string_lossy().into_owned()))?
    };
    assert_eq!(names(programs(), &program), listed, "programs");
    assert_eq!(names(recordings(), &file(".tar.zst")), listed, "recordings");
    assert_eq!(names(recordings().with_file_name("findings"), &file(".snap")), listed, "findings");
}
