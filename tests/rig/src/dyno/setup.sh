# Builds a dyno's world inside fresh namespaces, then becomes its init, as an ordinary user.
#
# Started by the rig under `unshare --mount --pid --net --ipc --fork`, with these variables: ROOT (an empty folder of the
# host that becomes the dyno's root), HOME_DIR, TMP_DIR and EXEC_DIR (folders of the host that become /app, /tmp and
# /run/exec), NODE, NPM, PACKAGES (or empty), CGROUP (or empty), DISK, GIVE_UP and the dyno's own PORT and DYNO.
set -eu

# The host's number of this process: /proc is still the host's.
read -r pid _ < /proc/self/stat
echo "pid $pid"
# The rig answers once the network is up and the memory limit is set.
read -r _

mount -t tmpfs -o mode=755 dyno "$ROOT"
cd "$ROOT"
mkdir -p etc dev proc sys/fs/cgroup tmp app run/bin run/exec old

for dir in bin sbin lib lib32 lib64 libx32; do
    if [ -L "/$dir" ]; then
        ln -s "$(readlink "/$dir")" "$dir"
    elif [ -d "/$dir" ]; then
        mkdir "$dir"
        mount --rbind "/$dir" "$dir"
    fi
done
mkdir usr
mount --rbind /usr usr

# What a program expects of /etc, and nothing of the host's users.
for name in ld.so.cache ld.so.conf ld.so.conf.d alternatives ssl; do
    if [ -d "/etc/$name" ]; then
        mkdir "etc/$name"
        mount --rbind "/etc/$name" "etc/$name"
    elif [ -e "/etc/$name" ]; then
        : > "etc/$name"
        mount --bind "/etc/$name" "etc/$name"
    fi
done
shell=/bin/sh
[ -x /bin/bash ] && shell=/bin/bash
echo "dyno:x:21000:21000::/app:$shell" > etc/passwd
# On Fir the user's own ssh comes in, under the name that its user has where the rig runs.
echo "root:x:21000:21000::/app:$shell" >> etc/passwd
echo "dyno:x:21000:" > etc/group
echo "127.0.0.1 localhost" > etc/hosts
echo "hosts: files" > etc/nsswitch.conf

mount -t tmpfs -o mode=755 devices dev
for name in null zero full random urandom tty; do
    : > "dev/$name"
    mount --bind "/dev/$name" "dev/$name"
done
mkdir -m 1777 dev/shm
shm_size=64m
[ "$DISK" != full ] || shm_size=64k
mount -t tmpfs -o size=$shm_size,mode=1777 shm dev/shm
mkdir dev/pts
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 terminals dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t proc proc proc
if [ -n "$CGROUP" ]; then
    mkdir sys/fs/cgroup/memory
    mount --bind "$CGROUP" sys/fs/cgroup/memory
fi

mount --bind "$EXEC_DIR" run/exec
case $DISK in
roomy)
    mount --bind "$HOME_DIR" app
    mount --bind "$TMP_DIR" tmp
    ;;
full | read-only)
    # Space for the app as it is and some kilobytes; then nothing, or nothing that may be written.
    mount -t tmpfs -o size=4m,mode=1777 home app
    cp -R "$HOME_DIR/." app/
    mount -t tmpfs -o size=64k,mode=1777 tmp tmp
    ;;
esac
bind_into() {
    mkdir -p "$(dirname "$2")"
    if [ -d "$1" ]; then mkdir -p "$2"; else : > "$2"; fi
    mount --bind "$1" "$2"
}
bind_into "$NODE" app/.heroku/node/bin/node
bind_into "$NPM" app/.heroku/node/lib/node_modules/npm
ln -sf ../lib/node_modules/npm/bin/npm-cli.js app/.heroku/node/bin/npm
[ -z "$PACKAGES" ] || bind_into "$PACKAGES" app/node_modules
case $DISK in
full)
    for dir in app tmp dev/shm; do
        dd if=/dev/zero of="$dir/filler" bs=64k 2>/dev/null || true
        dd if=/dev/zero of="$dir/filler.rest" bs=512 2>/dev/null || true
    done
    ;;
read-only)
    # Of the mount, not of the file system: in a user namespace the latter's options cannot be repeated.
    mount -o remount,bind,ro tmp
    mount -o remount,bind,ro app
    mount -o remount,bind,ro dev/shm
    ;;
esac

# Decoys are shells under another name, as agents on a dyno are.
cp "$EXEC_DIR/main" run/main
cp "$EXEC_DIR/agent" run/agent
ln -s /bin/sh run/bin/ps-run
ln -s /bin/sh run/bin/node_exporter

pivot_root . old
cd /
umount -l /old
rmdir /old
cd /app
unset ROOT HOME_DIR TMP_DIR EXEC_DIR NODE NPM PACKAGES CGROUP DISK OLDPWD PWD
give_up=$GIVE_UP
unset GIVE_UP
export PATH=/run/bin:/app/.heroku/node/bin:/app/node_modules/.bin:/usr/local/bin:/usr/bin:/bin
exec $give_up ps-run /run/main
