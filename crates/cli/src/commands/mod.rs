//! One file a command: its arguments, and what it does. What several share lies below, in `hunt`, `analysis` and beside them.

mod analyze;
mod cleanup;
mod command;
mod compare;
mod completions;
mod docker;
mod doctor;
mod export;
mod fly;
mod heroku;
mod kubectl;
mod local;
mod man;
mod report;
mod retainers;
mod run;
mod runbook;
mod ssh;
mod summary;
mod watch;

use clap::{CommandFactory as _, Parser, Subcommand};
use doctor::DoctorHost;

use crate::analysis::Format;
use crate::exit::{self, help};
use crate::failure::Failure;

/// Find the line that leaks, in the production process that leaks, and leave that process as it was found.
#[derive(Parser)]
#[command(name = "leakhunt", version, max_term_width = 100, arg_required_else_help = true, after_help = exit::help_of_all())]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Is one JSON document wanted on stdout?
    pub(crate) fn json(&self) -> bool {
        match &self.command {
            Command::Heroku(args) => args.hunt.json,
            Command::Ssh(args) => args.hunt.json,
            Command::Local(args) => args.hunt.json,
            Command::Docker(args) => args.hunt.json,
            Command::Kubectl(args) => args.hunt.json,
            Command::Fly(args) => args.hunt.json,
            Command::Exec(args) => args.hunt.json,
            Command::Doctor(args) => match &args.host {
                DoctorHost::Heroku { options, .. }
                | DoctorHost::Ssh { options, .. }
                | DoctorHost::Local { options }
                | DoctorHost::Docker { options, .. }
                | DoctorHost::Kubectl { options, .. }
                | DoctorHost::Fly { options, .. }
                | DoctorHost::Command { options, .. } => options.json,
            },
            Command::Cleanup(args) => args.json,
            Command::Analyze(args) => args.json || args.format == Format::Json,
            Command::Report(args) => args.format == Format::Json,
            Command::Compare(args) => args.json,
            Command::Summary(args) => args.json,
            Command::Retainers(args) => args.json,
            Command::Run(args) => args.json,
            Command::Runbook(args) => matches!(&args.act, runbook::Act::Lint { json: true, .. }),
            // A watch has no end, so it prints a line an act.
            Command::Watch(_) | Command::Export(_) | Command::Completions(_) | Command::Man(_) => false,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Hunt on a Heroku dyno, through your own Heroku CLI
    #[command(after_help = help(&["leakhunt heroku -a myapp", "leakhunt heroku -a myapp -d worker.1 --samples 4 --growth 10MB", "leakhunt heroku -a myapp --profile sampling --duration 2m"], exit::OF_A_HUNT))]
    Heroku(heroku::Args),

    /// Hunt on any machine by SSH: by your keys and agent, on a host key that is on record in known_hosts
    #[command(after_help = help(&["leakhunt ssh deploy@app.example.com", "leakhunt ssh deploy@10.0.0.7:2222 --identity ~/.ssh/deploy --pid 4242", "leakhunt ssh app1.example.com app2.example.com app3.example.com --worst 1"], exit::OF_A_HUNT))]
    Ssh(ssh::Args),

    /// Hunt on this machine
    ///
    /// The process that would be signalled is said first: its pid, command line, folder, user and age. Unless --pid names it, a
    /// person at a terminal is asked; a script goes on where exactly one process fits. Another user's process, a package manager,
    /// a build, an editor's server and a test runner never fit: --pid can name them.
    #[command(after_help = help(&["leakhunt local", "leakhunt local --pid 4242 --sources ~/src/myapp"], exit::OF_A_HUNT))]
    Local(local::Args),

    /// Hunt in a container, through your own docker, podman or nerdctl
    ///
    /// Everything goes through `docker exec -i`: no port is published, none is opened on this machine. The image needs a shell; what the
    /// inspector is reached by is the program's own Node.js.
    #[command(after_help = help(&["leakhunt docker shop", "leakhunt docker shop --program podman", "DOCKER_HOST=unix:///run/user/1000/docker.sock leakhunt docker shop"], exit::OF_A_HUNT))]
    Docker(docker::Args),

    /// Hunt in a pod of Kubernetes, through your own kubectl
    ///
    /// Everything goes through `kubectl exec -i`: no port is forwarded, none is opened on this machine. It takes the verbs get on pods
    /// and create on pods/exec (of a Deployment or labels also list on pods, and get on deployments), and a shell in the image. A
    /// container that restarts in the midst of a hunt ends it with 33, and how it ended is what Kubernetes says.
    #[command(after_help = help(&["leakhunt kubectl shop-5d4f8c7b9-x2x7k -n prod", "leakhunt kubectl deploy/shop -n prod -c app", "leakhunt kubectl -l app=shop --context staging"], exit::OF_A_HUNT))]
    Kubectl(kubectl::Args),

    /// Hunt in a machine of Fly.io, through your own flyctl
    ///
    /// Everything goes through `flyctl ssh console`: no port is opened, neither there nor here. The image needs a shell. A machine that
    /// ends in the midst of a hunt ends it with 33, and how is what Fly.io says. It has been tried with a stand-in that plays flyctl's
    /// argument forms, and not on Fly.io yet.
    #[command(after_help = help(&["leakhunt fly -a myapp", "leakhunt fly -a myapp --machine 3d8d9014b32d68"], exit::OF_A_HUNT))]
    Fly(fly::Args),

    /// Hunt in any place where a command can be run with stdin and stdout, by a command of your own
    ///
    /// Everything goes through that command: what is said to a shell there, and the connection to the inspector, by a relay that is
    /// started there. No port is opened on this machine. It is run twice a hunt, and again
    /// where a connection is lost.
    #[command(name = "command", after_help = help(&["leakhunt command --exec 'docker exec -i shop sh -c {}'", "leakhunt command --exec 'ssh -T bastion.example.com {}'", "leakhunt command --exec 'ssh -T app1 {}' --forward 'ssh -W 127.0.0.1:{} app1'"], exit::OF_A_HUNT))]
    Exec(command::Args),

    /// Go or no-go, and why: what a hunt would take and what it would cost; changes nothing, signals nothing
    #[command(after_help = help(&["leakhunt doctor heroku -a myapp", "leakhunt doctor ssh deploy@app.example.com --json"], exit::OF_A_LOOK))]
    Doctor(doctor::Args),

    /// Follow an app's alarms, and hunt on the dyno that complains
    ///
    /// It reads the platform's own lines of the app's log: errors (R14, R15, H12), the memory of dynos, their restarts and
    /// releases. What the app prints itself sets nothing off.
    #[command(after_help = help(&["leakhunt watch heroku -a myapp --on R14,R15"], watch::CODES))]
    Watch(watch::Args),

    /// Run a runbook: what is to be done at an incident, written down as steps
    ///
    /// A runbook is a file of YAML: `name`, `host`, `inputs`, `env` and `steps`. A step `uses` a command of leakhunt as on
    /// the command line (`hunt` is one on the `host`: heroku, ssh, local, docker, kubectl, fly or command), `with` that command's own options under their
    /// long names; or it `run`s a shell command, by sh, in the folder where this was started. It can have an `id`, a
    /// `name`, and `if`, `timeout`, `continue-on-error`, `always` and `env`, as in a CI workflow, and `retry`: so many more
    /// tries, for commands that change nothing, such as doctor and analyze. `leakhunt runbook new` writes one to begin
    /// with.
    ///
    /// An input is `required` or has a `default`; its `type` is string, int, size, duration, bool, or enum with `values`.
    ///
    /// In `with`, `env`, `name` and `if`, {{ expressions }} ask for inputs.NAME, env.NAME, steps.ID.FACT and trigger.FIELD.
    /// The facts are outcome (success, failure, timeout, interrupted, skipped), exit_code, verdict (leak, healthy, not-heap,
    /// inconclusive), sentence, suspects, folder (the session), file (what it printed), memory (resident, in bytes, where
    /// doctor looked) and error; what is not known, as of a step that was skipped, is none. An option that comes to nothing
    /// is left out. The trigger is the alarm that set the run off, as `leakhunt watch --runbook` tells it: code, dyno, at, mem and
    /// quota (in bytes), line. By hand it is given with --trigger; a field that is not, or was not logged, needs a default:
    /// {{ trigger.dyno | default('web.1') }}.
    ///
    /// Nothing is filled in in a shell command: it gets what is known as variables, LEAKHUNT_INPUT_NAME,
    /// LEAKHUNT_STEP_ID_FACT and LEAKHUNT_TRIGGER_FIELD, and the run's folder as LEAKHUNT_RUN_FOLDER.
    ///
    /// After a step that failed or took longer than its timeout, and after Ctrl-C, only steps with `always` run. How each
    /// ended is kept in run.json, in the run's folder, where the sessions of its hunts are, too.
    #[command(after_help = help(&["leakhunt run incident.yaml --input app=myapp", "leakhunt run incident.yaml --input app=myapp --dry-run"], exit::ALL))]
    Run(run::Args),

    /// Begin a runbook, check one, or print the schema of them
    #[command(after_help = help(&["leakhunt runbook new r14-web", "leakhunt runbook lint r14-web.yaml"], &[exit::DONE, exit::INTERNAL, exit::USAGE]))]
    Runbook(runbook::Args),

    /// Finish the teardown of hunts that were killed
    #[command(after_help = help(&["leakhunt cleanup"], &[exit::DONE, exit::INTERNAL, exit::USAGE, exit::NOT_CONFIRMED]))]
    Cleanup(cleanup::Args),

    /// What leaks, who holds it and on which line: the diagnosis of a hunt, or of snapshots of any tool
    #[command(after_help = help(&["leakhunt analyze leakhunt-myapp-web.1-20260131T120000Z", "leakhunt analyze 1.heapsnapshot 2.heapsnapshot 3.heapsnapshot --sources .", "leakhunt analyze SESSION --baseline EARLIER_SESSION --fail-on-leak"], &[exit::DONE, exit::INTERNAL, exit::USAGE, exit::LEAK, exit::INCONCLUSIVE, exit::UNREADABLE]))]
    Analyze(analyze::Args),

    /// A hunt's report once more, in any format, from what its analysis found then
    #[command(after_help = help(&["leakhunt report SESSION --format html > report.html"], exit::OF_A_READER))]
    Report(report::Args),

    /// What is new and what is gone between two snapshots: DevTools' Comparison, exactly
    #[command(after_help = help(&["leakhunt compare 1.heapsnapshot 6.heapsnapshot", "leakhunt compare 1.heapsnapshot 6.heapsnapshot --json"], exit::OF_A_READER))]
    Compare(compare::Args),

    /// What is in a snapshot, class by class: DevTools' Summary and Statistics
    #[command(after_help = help(&["leakhunt summary 6.heapsnapshot --all"], exit::OF_A_READER))]
    Summary(summary::Args),

    /// Who holds an object, up to the global objects
    #[command(after_help = help(&["leakhunt retainers 6.heapsnapshot DiscountBanner", "leakhunt retainers 6.heapsnapshot @94505 --depth 5"], exit::OF_A_READER))]
    Retainers(retainers::Args),

    /// The node table, one JSON array a line: id, class key, self size, retained size, distance, id of the dominator
    #[command(after_help = help(&["leakhunt export 6.heapsnapshot > nodes.ndjson"], exit::OF_A_READER))]
    Export(export::Args),

    /// Completions for a shell, on stdout
    #[command(after_help = help(&["leakhunt completions bash > ~/.local/share/bash-completion/completions/leakhunt"], &[exit::DONE, exit::INTERNAL, exit::USAGE]))]
    Completions(completions::Args),

    /// The manual page, on stdout; of one command if it is named
    #[command(after_help = help(&["leakhunt man heroku > leakhunt-heroku.1"], &[exit::DONE, exit::INTERNAL, exit::USAGE]))]
    Man(man::Args),
}

/// Runs a command; gives its exit code.
pub(crate) fn run(cli: Cli) -> Result<u8, Failure> {
    match cli.command {
        Command::Analyze(args) => analyze::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Cleanup(args) => cleanup::run(&args),
        Command::Exec(args) => command::run(&args, &Cli::command()),
        Command::Compare(args) => compare::run(&args),
        Command::Completions(args) => completions::run(&args, Cli::command()),
        Command::Docker(args) => docker::run(&args, &Cli::command()),
        Command::Kubectl(args) => kubectl::run(&args, &Cli::command()),
        Command::Fly(args) => fly::run(&args, &Cli::command()),
        Command::Doctor(args) => doctor::run(&args),
        Command::Heroku(args) => heroku::run(&args, &Cli::command()),
        Command::Local(args) => local::run(&args, &Cli::command()),
        Command::Man(args) => man::run(&args, Cli::command()),
        Command::Run(args) => run::run(&args, Cli::command()),
        Command::Runbook(args) => runbook::run(&args, Cli::command()),
        Command::Ssh(args) => ssh::run(&args, &Cli::command()),
        Command::Summary(args) => summary::run(&args),
        Command::Watch(args) => watch::run(&args, &Cli::command()),
        Command::Retainers(args) => retainers::run(&args),
        Command::Export(args) => export::run(&args),
    }
}
