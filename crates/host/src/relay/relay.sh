# A relay in the target: it connects to a port of 127.0.0.1 there, and copies its stdin and stdout to and from that.
# `tell` and $lh_mark are the host's.
#
# Two lines come before the bytes of its input: the process whose port it is, 0 where that is not known, and the port, once somebody
# listens there. So it can be started long before, and be ready to connect by then.
#
# Before the first byte it tells `connected`, or else why not: `refused` where nobody listens, `none` where nothing that is
# installed can relay, `terminal` where bytes would not arrive as they are. What is tried: Node.js (the target's own, which is
# there wherever there is a process to be hunted), then socat, busybox, bash, python3, perl and any nc.
#
# With $lines a terminal does: it tells `connected lines`, and bytes are base64 in lines from then on, behind `<` on the way here and
# `>` on the way back. Only Node.js does that.
#
# A relay ends when the far side hangs up, and hangs up when its input ends. It reads no faster than the other side takes.
# Its exit status: 90 after a connection, or where the port was never told; 91 where it was refused; 92 where it knows the port and
# could not connect; with any other below 128 it could not run, nothing was read, and the next may.
LC_ALL=C; export LC_ALL
on=
if [ -t 0 ] || [ -t 1 ]; then
  [ "$lines" = 1 ] || { tell terminal; exit 0; }
  on=' lines'
fi
unset NODE_OPTIONS NODE_V8_COVERAGE NODE_EXTRA_CA_CERTS NODE_DEBUG PYTHONSTARTUP PYTHONINSPECT PERL5OPT PERL5DB BASH_ENV ENV

read -r pid || exit 0

has() { command -v "$1" >/dev/null 2>&1; }

ended() {
  case $1 in 90) exit 0;; 91) tell refused; exit 0;; 92) tell none; exit 0;; esac
  [ "$1" -lt 128 ] || exit 1
}

by_node() {
  "$1" --max-semi-space-size=1 -e '/* a relay of leakhunt */
    const [mark, on] = process.argv.slice(1), { stdin, stdout } = process, { Transform } = require("stream");
    const leave = () => process.exit(90);
    let rest = "", told = Buffer.alloc(0);
    const decode = new Transform({ transform(text, _, done) {
      const lines = (rest + text.toString("latin1")).split("\n");
      rest = lines.pop();
      for (const line of lines) if (line[0] === "<") this.push(Buffer.from(line.slice(1), "base64"));
      done();
    } });
    const encode = new Transform({ transform(bytes, _, done) {
      for (let at = 0; at < bytes.length; at += 24000) this.push(`>${bytes.subarray(at, at + 24000).toString("base64")}\n`);
      done();
    } });
    const connect = (port) => {
      let connected = false;
      const socket = require("net").connect({ port, host: "127.0.0.1" });
      socket.on("connect", () => {
        connected = true;
        socket.setNoDelay(true);
        stdout.write(`${mark}.connected${on}.${mark}\n`);
        (on ? stdin.pipe(decode) : stdin).pipe(socket);
        (on ? socket.pipe(encode) : socket).pipe(stdout, { end: false });
      });
      socket.on("error", (e) => { if (!connected) process.exit(e.code === "ECONNREFUSED" ? 91 : 92); });
      socket.on("close", () => on ? encode.end() : stdout.write("", leave));
      stdin.on("error", () => socket.end());
    };
    const hear = (bytes) => {
      told = Buffer.concat([told, bytes]);
      const end = told.indexOf(10);
      if (end < 0) return;
      stdin.off("data", hear).off("end", leave).off("error", leave).pause();
      if (told.length > end + 1) stdin.unshift(told.subarray(end + 1));
      connect(+told.toString("latin1", 0, end));
    };
    stdin.on("data", hear).on("end", leave).on("error", leave);
    encode.on("end", () => stdout.write("", leave));
    stdout.on("error", leave);' "$lh_mark" "$on"
  ended $?
}

# What cannot say that it is connected is started where somebody listens: that is looked up.
listening() {
  tail=$(printf '%04X' "$port")
  cat /proc/self/net/tcp /proc/self/net/tcp6 2>/dev/null | grep -q -E " (0100007F|0{8}|0{24}01000000|0{16}FFFF00000100007F|0{32}):$tail [0-9A-F]*:0000 0A "
}

by_another() {
  listening || { tell refused; exit 0; }
  tell connected
  "$@"
  exit 0
}

# OpenBSD's nc and the traditional one hang up at the end of their input only if they are told to. OpenBSD's goes on when the far
# side has hung up, for as long as its input does; so it comes last.
by_nc() {
  case $(nc -h 2>&1) in
    *OpenBSD*|*'[-46'*) by_another nc -N 127.0.0.1 "$port";;
    *'-q secs'*) by_another nc -q 1 127.0.0.1 "$port";;
    *) by_another nc 127.0.0.1 "$port";;
  esac
}

by_bash() {
  listening || { tell refused; exit 0; }
  bash --norc -c '
    exec 4<&0 3<>"/dev/tcp/127.0.0.1/$2" || exit 1
    printf "%s\n" "$1.connected.$1"
    cat <&3 4<&- & back=$!
    cat <&4 >&3 & there=$!
    exec 3<&- 4<&-
    while kill -0 $back && kill -0 $there; do sleep 0.2 || sleep 1; done
    kill $back $there
    exit 90' bash "$lh_mark" "$port" 2>/dev/null
  ended $?
}

by_python() {
  "$1" -c '
import os, socket, sys, threading
mark, port = sys.argv[1:]
try:
    far = socket.create_connection(("127.0.0.1", int(port)))
except ConnectionRefusedError:
    sys.exit(91)
far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
def write(data):
    while data:
        data = data[os.write(1, data):]
def back():
    try:
        while True:
            data = far.recv(65536)
            if not data:
                break
            write(data)
    finally:
        os._exit(90)
try:
    write(("%s.connected.%s\n" % (mark, mark)).encode())
    reader = threading.Thread(target=back)
    reader.start()
    while True:
        data = os.read(0, 65536)
        if not data:
            break
        far.sendall(data)
    far.shutdown(socket.SHUT_WR)
    reader.join()
finally:
    os._exit(90)' "$lh_mark" "$port"
  ended $?
}

by_perl() {
  perl -e '
    use Socket; use Errno;
    my ($mark, $port) = @ARGV;
    socket(my $far, PF_INET, SOCK_STREAM, 0) or exit 1;
    connect($far, sockaddr_in($port, INADDR_LOOPBACK)) or exit($!{ECONNREFUSED} ? 91 : 1);
    setsockopt($far, 6, 1, pack("i", 1));
    sub put {
      my ($to, $data) = @_;
      for (my $at = 0; $at < length $data;) {
        $at += syswrite($to, $data, length($data) - $at, $at) // exit 90;
      }
    }
    put(*STDOUT, "$mark.connected.$mark\n");
    my $up = $$;
    defined(my $back = fork) or exit 90;
    if (!$back) {
      put(*STDOUT, $_) while sysread($far, $_, 65536);
      kill "TERM", $up;
      exit 0;
    }
    $SIG{TERM} = sub { exit 90 };
    put($far, $_) while sysread(STDIN, $_, 65536);
    shutdown($far, 1);
    waitpid($back, 0);
    exit 90;' "$lh_mark" "$port"
  ended $?
}

# By its name: an executable that carries a program of its own would run that.
exe=$(readlink "/proc/$pid/exe" 2>/dev/null)
exe=${exe% (deleted)}
case ${exe##*/} in node|nodejs|node[0-9]*) by_node "/proc/$pid/exe";; esac
for name in node nodejs; do if has $name; then by_node $name; fi; done
[ -z "$on" ] || { tell none; exit 0; }
# The others are told by this shell.
read -r port || exit 0
if has socat; then by_another socat -t 2 - "TCP4:127.0.0.1:$port,nodelay"; fi
case $(nc --help 2>&1) in *BusyBox*) by_another nc 127.0.0.1 "$port";; esac
if busybox nc --help >/dev/null 2>&1; then by_another busybox nc 127.0.0.1 "$port"; fi
if has bash; then by_bash; fi
for name in python3 python; do if has $name; then by_python $name; fi; done
if has perl; then by_perl; fi
if has nc; then by_nc; fi
tell none
