//! The ways, and the places where they lead: in each, one Node.js process runs the app `source`.

use std::any::Any;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use leakhunt_rig::{APP_PORT, App, Cluster, Docker, FirWay, Machine, Options, Pod, Rig};

use crate::{Args, Result};

const SOURCE: &str = include_str!("../../../apps/source/server.js");
/// That of the app where nobody says another.
const PORT: u16 = 7070;

/// A way to a process. Where it leads lives as long as this.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    /// The tool's own command that does nothing there, where there is a tool.
    pub(crate) plain: Option<Command>,
    /// A hunt there, without its options.
    pub(crate) hunt: Command,
    /// A pull from there, but for the process, its port and the number of bytes.
    pub(crate) pull: Command,
    /// The app's port there.
    pub(crate) port: u16,
    _place: Box<dyn Any>,
}

/// Those that were asked for, up and running.
pub(crate) fn ways(args: &Args, machine: &Source) -> Result<Vec<Way>> {
    let mut ways = Vec::new();
    for name in &args.ways {
        crate::say(&format!("{name} comes up"));
        ways.push(match name.as_str() {
            "heroku" => dyno(args, "heroku", None)?,
            "fir-ssh" => dyno(args, "fir-ssh", Some(FirWay::Ssh))?,
            "fir-terminal" => dyno(args, "fir-terminal", Some(FirWay::Rendezvous))?,
            "ssh" => ssh(args, machine, "ssh", "")?,
            "ssh-relay" => ssh(args, machine, "ssh-relay", "AllowTcpForwarding no")?,
            "docker" => docker(args)?,
            "kubectl" => kubectl(args)?,
            "command" => command(args, machine)?,
            "local" => local(args, machine),
            _ => return Err(format!("find a way that is called {name}").into()),
        });
    }
    Ok(ways)
}

fn with<S: AsRef<OsStr>>(mut command: Command, args: impl IntoIterator<Item = S>) -> Command {
    command.args(args);
    command
}

fn dyno(args: &Args, name: &'static str, fir: Option<FirWay>) -> Result<Way> {
    let options = Options { app: App::Source, node: Some(args.node.clone()), fir, ..Options::default() };
    let rig = Rig::start_blocking(&options)?;
    let (app, dyno) = (rig.app_name().to_owned(), rig.name_of(&rig.dyno("web.1")?));
    let plain = match fir {
        None => with(rig.heroku(), ["ps:exec", "-a", &app, "-d", &dyno, "--", "true"]),
        Some(_) => with(rig.heroku(), ["run:inside", "--no-launcher", "-a", &app, &dyno, "--", "true"]),
    };
    let mut hunt = with(rig.command(&args.leakhunt), ["heroku", "-a", &app, "-d", &dyno]);
    if fir.is_some() {
        hunt.args(["--accept", "unverified-link"]);
    }
    let pull = with(rig.command(&args.pull), ["heroku", &app, &dyno]);
    Ok(Way { name, plain: Some(plain), hunt, pull, port: APP_PORT, _place: Box::new(rig) })
}

fn ssh(args: &Args, source: &Source, name: &'static str, lines: &str) -> Result<Way> {
    let machine = Machine::configured(lines)?;
    let target = machine.target()?;
    let there = |program: &Path, words: &[&str]| {
        let mut command = with(Command::new(program), words);
        command.env("HOME", machine.home()).env_remove("SSH_AUTH_SOCK");
        command
    };
    let pid = source.pid();
    Ok(Way {
        name,
        plain: Some(with(openssh(&machine)?, ["true"])),
        hunt: there(&args.leakhunt, &["ssh", &target, "--pid", &pid]),
        pull: there(&args.pull, &["ssh", &target]),
        port: source.port,
        _place: Box::new(machine),
    })
}

/// OpenSSH's client, up to the command that is to be run there.
pub(crate) fn openssh(machine: &Machine) -> Result<Command> {
    let (target, known) = (machine.target()?, machine.known_hosts());
    let (who, port) = target.rsplit_once(':').ok_or("find a port")?;
    let mut ssh = with(Command::new("ssh"), ["-F", "none", "-T", "-o", "BatchMode=yes", "-p", port, "-i"]);
    ssh.arg(machine.identity()).arg("-o").arg(format!("UserKnownHostsFile={}", known.display())).arg(who);
    Ok(ssh)
}

fn docker(args: &Args) -> Result<Way> {
    // It ends with this process.
    let docker: &'static Docker = Box::leak(Box::new(Docker::start(&args.node)?));
    let container = docker.container(SOURCE, &[])?;
    let there = |program: &Path, words: [&str; 2]| {
        let mut command = with(Command::new(program), words);
        command.env("DOCKER_HOST", docker.host());
        command
    };
    let mut plain = there(Path::new("docker"), ["exec", container.name()]);
    plain.arg("true");
    let name = container.name();
    Ok(Way {
        name: "docker",
        plain: Some(plain),
        hunt: there(&args.leakhunt, ["docker", name]),
        pull: there(&args.pull, ["docker", name]),
        port: PORT,
        _place: Box::new(container),
    })
}

fn kubectl(args: &Args) -> Result<Way> {
    let cluster = Cluster::start()?;
    cluster.run(Pod::named("shop-1").running("app", &args.node, SOURCE))?;
    let there = |program: &Path, words: &[&str]| {
        let mut command = with(Command::new(program), words);
        command.envs(cluster.env());
        command
    };
    Ok(Way {
        name: "kubectl",
        plain: Some(there(Path::new("kubectl"), &["exec", "shop-1", "--", "true"])),
        hunt: there(&args.leakhunt, &["kubectl", "shop-1"]),
        pull: there(&args.pull, &["kubectl", "prod", "shop-1", "app"]),
        port: PORT,
        _place: Box::new(cluster),
    })
}

fn command(args: &Args, source: &Source) -> Result<Way> {
    let machine = Machine::start()?;
    let plain = with(openssh(&machine)?, ["true"]);
    let words = plain.get_args().take(plain.get_args().len() - 1).map(OsStr::to_string_lossy);
    let template = format!("ssh {} {{}}", words.collect::<Vec<_>>().join(" "));
    let pid = source.pid();
    Ok(Way {
        name: "command",
        plain: Some(plain),
        hunt: with(Command::new(&args.leakhunt), ["command", "--exec", &template, "--pid", &pid]),
        pull: with(Command::new(&args.pull), ["command", &template]),
        port: source.port,
        _place: Box::new(machine),
    })
}

fn local(args: &Args, source: &Source) -> Way {
    Way {
        name: "local",
        plain: None,
        hunt: with(Command::new(&args.leakhunt), ["local", "--pid", &source.pid()]),
        pull: with(Command::new(&args.pull), ["local"]),
        port: source.port,
        _place: Box::new(()),
    }
}

/// The app on this machine, which its ways share.
pub(crate) struct Source {
    node: Child,
    pub(crate) port: u16,
    _folder: tempfile::TempDir,
}

impl Source {
    pub(crate) fn start(node: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let script = folder.path().join("server.js");
        std::fs::write(&script, SOURCE)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut node = Command::new(node)
            // Others may hunt on this machine.
            .arg("--inspect-port=0")
            .arg(script)
            .env("PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = node.stdout.take().ok_or("hear the app")?;
        let source = Self { node, port, _folder: folder };
        let mut said = String::new();
        BufReader::new(stdout).read_line(&mut said)?;
        match said.trim() {
            "ready" => Ok(source),
            _ => Err("start the app".into()),
        }
    }

    fn pid(&self) -> String {
        self.node.id().to_string()
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let _ = self.node.kill();
        let _ = self.node.wait();
    }
}
