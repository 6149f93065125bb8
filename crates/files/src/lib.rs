//! The one way of opening a file that comes from outside: from a session folder, among the journals, or named by a snapshot.
//!
//! Whoever made the folder or the snapshot may have put anything there: a pipe that nobody writes to, a device that never
//! ends, a link to what only this user may read, a file of the kernel's that looks like one and is endless. So a file is
//! opened without waiting and looked at before the first byte is read: a regular file of a real file system, or an error.
//! Below a [`Root`] nothing is opened that lies outside of it, whatever links say.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::OFlags;

/// Opens the file that a person named: links are followed.
///
/// # Errors
/// It cannot be opened, or is no regular file.
pub fn open(path: &Path) -> io::Result<File> {
    regular(OpenOptions::new().read(true).custom_flags(not_waiting()).open(path)?)
}

/// Opens a file for reading and appending, if it is one and no link.
///
/// # Errors
/// It cannot be opened, or is no regular file.
pub fn open_to_append(path: &Path) -> io::Result<File> {
    let flags = not_waiting() | flag(OFlags::NOFOLLOW);
    regular(OpenOptions::new().read(true).append(true).custom_flags(flags).open(path)?)
}

/// All of an open file, if that is no more than `most` bytes.
///
/// # Errors
/// It cannot be read, or is larger.
pub fn read(file: &File, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is larger than {} MB", most >> 20),
        ));
    }
    Ok(bytes)
}

/// A folder, and nothing but what is below it.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    folder: File,
}

impl Root {
    /// Opens a folder.
    ///
    /// # Errors
    /// It cannot be opened, or is none.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = not_waiting() | flag(OFlags::DIRECTORY);
        let folder = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        of_a_disk(&folder)?;
        Ok(Self { path: path.to_owned(), folder })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a file below it, by its path from there.
    ///
    /// # Errors
    /// It cannot be opened, is no regular file, or lies elsewhere.
    pub fn file(&self, path: &Path) -> io::Result<File> {
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        if !plain || path.as_os_str().is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not below the folder"));
        }
        regular(self.beneath(path)?)
    }

    #[cfg(target_os = "linux")]
    fn beneath(&self, path: &Path) -> io::Result<File> {
        use rustix::fs::{Mode, ResolveFlags, openat2};
        use rustix::io::Errno;

        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        match openat2(&self.folder, path, flags, Mode::empty(), resolve) {
            Ok(file) => Ok(File::from(file)),
            Err(Errno::XDEV) => {
                Err(io::Error::new(io::ErrorKind::InvalidInput, "a link leads out of the folder"))
            }
            // Linux before 5.6, and sandboxes that have not heard of the call.
            Err(Errno::NOSYS | Errno::PERM) => self.checked(path),
            Err(error) => Err(error.into()),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn beneath(&self, path: &Path) -> io::Result<File> {
        self.checked(path)
    }

    /// The same where the system cannot promise it: the path is resolved, looked at, and then opened without a last link.
    fn checked(&self, path: &Path) -> io::Result<File> {
        let whole = self.path.join(path).canonicalize()?;
        if !whole.starts_with(self.path.canonicalize()?) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a link leads out of the folder"));
        }
        OpenOptions::new().read(true).custom_flags(not_waiting() | flag(OFlags::NOFOLLOW)).open(whole)
    }
}

fn flag(flags: OFlags) -> i32 {
    flags.bits() as i32
}

/// A pipe without a writer is opened at once, and a terminal does not become ours.
fn not_waiting() -> i32 {
    flag(OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC)
}

fn regular(file: File) -> io::Result<File> {
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    of_a_disk(&file)?;
    Ok(file)
}

/// What the kernel makes up while it is read has no end and no size, though it is called a regular file.
#[cfg(target_os = "linux")]
fn of_a_disk(file: &File) -> io::Result<()> {
    /// The magic numbers of statfs(2): proc, sysfs, debugfs, tracefs, securityfs, cgroup, cgroup2, configfs, bpf, efivarfs, pstore.
    const MADE_UP: [u32; 11] = [
        0x9fa0,
        0x6265_6572,
        0x6462_6720,
        0x7472_6163,
        0x7363_6673,
        0x0027_e0eb,
        0x6367_7270,
        0x6265_6570,
        0xcafe_4a11,
        0xde5e_81e4,
        0x6165_676c,
    ];
    let kind = rustix::fs::fstatfs(file)?.f_type;
    if MADE_UP.iter().any(|made_up| i64::from(*made_up) == kind as i64) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a file of the kernel's"));
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn of_a_disk(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn only_regular_files_are_opened_and_nothing_waits() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let socket = folder.path().join("socket");
        let _listens = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in
            [pipe.as_path(), socket.as_path(), folder.path(), Path::new("/dev/zero"), Path::new("/dev/null")]
        {
            assert!(open(path).is_err(), "{}", path.display());
            assert!(open_to_append(path).is_err(), "{}", path.display());
        }
        let file = folder.path().join("file");
        fs::write(&file, "12345").unwrap();
        assert_eq!(read(&open(&file).unwrap(), 5).unwrap(), b"12345");
        assert_eq!(read(&open(&file).unwrap(), 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_kernel_makes_up_is_no_file() {
        for path in
            ["/proc/self/pagemap", "/proc/self/mem", "/proc/kmsg", "/proc/self/environ", "/sys/kernel/notes"]
        {
            assert!(open(Path::new(path)).is_err(), "{path}");
        }
        assert!(Root::open(Path::new("/proc/self")).is_err());
    }

    #[test]
    fn nothing_outside_of_a_root_is_opened() {
        let scratch = tempfile::tempdir().unwrap();
        let inside = scratch.path().join("inside");
        fs::create_dir_all(inside.join("deep")).unwrap();
        fs::write(inside.join("deep/a.js"), "a").unwrap();
        fs::write(scratch.path().join("secret"), "secret").unwrap();
        symlink("deep/a.js", inside.join("link.js")).unwrap();
        symlink("../secret", inside.join("out.js")).unwrap();
        symlink(scratch.path().join("secret"), inside.join("absolute.js")).unwrap();
        symlink("..", inside.join("up")).unwrap();
        symlink("/proc/self", inside.join("proc")).unwrap();
        let root = Root::open(&inside).unwrap();
        for path in ["deep/a.js", "link.js"] {
            assert_eq!(read(&root.file(path.as_ref()).unwrap(), 9).unwrap(), b"a", "{path}");
            assert!(root.checked(path.as_ref()).is_ok(), "{path}");
        }
        for path in ["out.js", "absolute.js", "up/secret", "proc/environ"] {
            assert!(root.file(path.as_ref()).is_err(), "{path}");
            assert!(root.checked(path.as_ref()).is_err(), "{path}");
        }
        for path in ["../secret", "/etc/passwd", "", "deep", "gone"] {
            assert!(root.file(path.as_ref()).is_err(), "{path}");
        }
    }
}
