//! A machine behind SSH on which there is next to nothing: a real OpenSSH server before files, users and processes of its own, whose
//! commands are busybox's applets and no others.
//!
//! The libraries of this machine are mounted there for the server and for Node.js, which lies outside of the PATH. It needs root, for
//! its users are users to the kernel.

use std::os::unix::fs::{chown, symlink};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::error::{Named, shown};
use crate::machine::{Machine, set_mode};
use crate::namespace::Privilege;
use crate::{Error, tools};

/// Its users beside root, and their numbers.
const USERS: [(&str, u32); 2] = [("app", 1000), ("other", 1001)];

/// Mounts what the server and Node.js need, starts the program as its user, and becomes the server.
const BOOT: &str = r#"set -e
root=$1 node=$2 sshd=$3 uid=$4; shift 4
for config; do :; done
on() { mkdir -p "$root${2%/*}"; if [ -d "$1" ]; then mkdir -p "$root$2"; else : >"$root$2"; fi; mount --bind "$1" "$root$2"; }
for at in /usr/lib /usr/lib64 /lib /lib64; do
  if [ -L "$at" ]; then cp -P "$at" "$root$at"; elif [ -d "$at" ]; then on "$at" "$at"; fi
done
on /dev /dev
on "$node" /opt/node
on "$sshd" /opt/sshd
on "${config%/*}" "${config%/*}"
mkdir -p "$root/proc"
mount -t proc proc "$root/proc"
chroot --userspec="$uid:$uid" --groups= "$root" /opt/node --inspect-port=0 /srv/app.js </dev/null >/dev/null 2>&1 &
exec chroot "$root" /opt/sshd "$@"
"#;

impl Machine {
    /// One that runs this program by this Node.js, as `root`, `app` or `other`, which are its users. `lines` are more of sshd's
    /// configuration.
    ///
    /// # Errors
    /// This is not root, busybox is missing, or the machine does not come up.
    pub fn of_busybox(node: &Path, program: &str, user: &str, lines: &str) -> Result<Self, Error> {
        if Privilege::of_this_process()? != Privilege::Root {
            let reason = "a machine with users of its own needs root itself".to_owned();
            return Err(Error::Program { program: "a machine", reason });
        }
        let root = tempfile::Builder::new().prefix("lh-bare-").tempdir().named("a folder for a machine")?;
        fill(&root, program)?;
        let uid = USERS.iter().find(|(name, _)| *name == user).map_or(0, |(_, uid)| *uid);
        let mut server = Command::new("unshare");
        server.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", BOOT, "sh"]);
        server.arg(root.path()).arg(node).arg(tools::sshd()?).arg(uid.to_string());
        Self::with(server, lines, Some(root))
    }
}

/// Its own files.
fn fill(root: &TempDir, program: &str) -> Result<(), Error> {
    let at = |path: &str| root.path().join(path);
    set_mode(root.path(), 0o755)?;
    for folder in ["bin", "etc", "home", "root", "run/sshd", "srv", "tmp"] {
        std::fs::create_dir_all(at(folder)).named(shown(at(folder)))?;
    }
    set_mode(&at("tmp"), 0o1777)?;
    let mut users = "root:x:0:0::/root:/bin/sh\nsshd:x:74:74::/run/sshd:/bin/false\n".to_owned();
    for (name, uid) in USERS {
        users.push_str(&format!("{name}:x:{uid}:{uid}::/home/{name}:/bin/sh\n"));
        let home = at("home").join(name);
        std::fs::create_dir(&home).and_then(|()| chown(&home, Some(uid), Some(uid))).named(shown(&home))?;
    }
    std::fs::write(at("etc/passwd"), users).named("users")?;
    std::fs::write(at("srv/app.js"), program).named("a program")?;
    let busybox = tools::busybox()?;
    std::fs::copy(&busybox, at("bin/busybox")).named(shown(&busybox))?;
    let listed = Command::new(&busybox).arg("--list").output().named("busybox")?;
    for applet in String::from_utf8_lossy(&listed.stdout).lines().filter(|applet| *applet != "busybox") {
        symlink("busybox", at("bin").join(applet)).named(applet)?;
    }
    Ok(())
}
