# The far end of a hunt: one POSIX shell in the dyno that looks, signals when told to, and watches the inspector's port.
# It needs cat, head, ls, od, tr, grep, readlink and /proc, and runs in dash, busybox sh and bash; with dd it knows more of Node.js.
#
# Its first act is a probe, which reads and never signals. Then it obeys one line at a time and ends when its input does:
#   probe                     look again
#   signal PID START PORT P   SIGUSR1, if PID still started at START, is proven to run Node.js (P is `proven`; with `unproven`
#                             somebody has agreed to do without), catches the signal, has room for an inspector, and nobody
#                             has PORT, where the inspector would listen (0: any), all of it at this moment
#   inspector PID START PORT  does it listen on PORT already, with whom attached, or does somebody else
#   configured PID START FILE which options for its inspector the file switches on that PID was told to read
#   state PID START           is it alive, what does it listen on
#   held PID START            how many snapshot files of ours it holds open, and how many lie in its folders
#   ooms PID                  how many of its cgroup the kernel had killed for memory when PID was first seen, and has now
#   closed PID START PORT N   wait up to N seconds until PID no longer listens on PORT
# Every answer is made of words and of hex; `tell` is the host's, and frames a line.
#
# A command takes a millisecond or more to start, and a machine has hundreds of processes: what the shell can read by itself it does,
# and of a process that cannot be Node.js it starts none.
LC_ALL=C; export LC_ALL

# Its input in hex, a blank before each byte.
hex() { od -An -v -tx1 | tr -d '\n'; }

# The same in one word, in $v.
joined() { set -f; set -- $1; set +f; IFS=; v="$*"; unset IFS; }

# first FILE: its first line in $v; fails when there is none.
first() { v=; { read -r v <"$1"; } 2>/dev/null; [ -n "$v" ]; }

less() { [ "${#1}" -lt "${#2}" ] || { [ "${#1}" -eq "${#2}" ] && [ "$1" -lt "$2" ]; }; }

# Splits /proc/PID/stat behind the name, which may hold blanks and brackets, into $state, $parent and $start.
stat_of() {
  line=
  { while read -r v; do line="$line$v "; done <"/proc/$1/stat"; } 2>/dev/null
  [ -n "$line" ] || return 1
  line=${line##*") "}; set -f; set -- $line; set +f
  state=$1; parent=$2; start=${20}
  [ "$state" != Z ]
}

# The chain of parents of PID up to the first process, comma-separated in $chain: a wrapper may start node through shells.
ancestors_of() {
  chain=; itself="$state $start"; up=$1
  while stat_of "$up" && [ "${parent:-0}" -gt 0 ]; do up=$parent; chain="$chain${chain:+,}$up"; done
  state=${itself%% *}; start=${itself#* }
  [ -n "$chain" ] || chain=-
}

# Is PID the very process that started at START?
same() { stat_of "$1" && [ "$start" = "$2" ]; }

# SIGUSR1 is signal 10, bit 0x200. The low twelve bits are enough, and fit the arithmetic of every shell.
has_usr1() { low=${1#?????????????}; [ -n "$low" ] && [ $((0x$low & 0x200)) -ne 0 ]; }

catches() {
  signals=
  { while read -r k v _; do [ "$k" != SigCgt: ] || { signals=$v; break; }; done <"/proc/$1/status"; } 2>/dev/null
  has_usr1 "$signals"
}

# The listening TCP ports of a process, by the inodes of its own sockets: lo:9229,any:3000 in $ports, "-" when none.
listens() {
  sockets=$(ls -l "/proc/$1/fd" 2>/dev/null) && readable=1 || readable=0
  ports=
  while read -r _ address _ kind _ _ _ _ _ inode _; do
    case $sockets in *"socket:[$inode]"*) ;; *) continue;; esac
    case ${address%:*} in
      0100007F|00000000000000000000000001000000|0000000000000000FFFF00000100007F) on=lo;;
      *) on=any;;
    esac
    ports="$ports${ports:+,}$on:$((0x${address##*:}))"
  done <<END
$(grep -h ' 0A ' "/proc/$1/net/tcp" "/proc/$1/net/tcp6" 2>/dev/null)
END
  [ -n "$ports" ] || ports=-
}

# Is it Node.js, and what proves it? A name proves nothing: what does not run Node.js may end at SIGUSR1, even where it catches it.
#   threads   one has a name that Node.js alone gives: the one that waits for SIGUSR1 (from 24), or V8's delayed tasks (from 22)
#   libnode   the executable is linked with Node.js as a library, as distributions build it (tried on Debian's nodejs 18)
#   symbols   the executable exports node::CreateEnvironment, as Node.js 18 to 26 and what embeds it do for native addons
#             (Bun and Deno, which export much of Node's C interface, do not); found 2.5 to 7.5 MB from its beginning, or where
#             patchelf has rewritten it (Nix, wheels of PyPI) 5 to 15 MB from its end
# Sets $exe, $threads, $named (an executable, or where that is unreadable a first argument, that is called node, or deno or bun, so
# that it can be said what those are) and $proof.
node_by() {
  exe=$(readlink "/proc/$1/exe" 2>/dev/null) || exe=
  name=${exe% (deleted)}; name=${name##*/}; named=0; proof=-; threads=0
  case $name in node|nodejs|node-*|node[0-9]*|*-node|deno|bun) named=1;; esac
  for task in /proc/"$1"/task/[0-9]*; do
    threads=$((threads + 1))
    first "$task/comm" || continue
    case $v in SignalInspector|DelayedTaskSche*) proof=threads;; esac
  done
  if [ -z "$exe" ]; then
    argument=$({ tr '\0' '\n' <"/proc/$1/cmdline"; } 2>/dev/null | { read -r l; printf %s "$l"; })
    case ${argument##*/} in node|nodejs|'node '*|deno|bun) named=1;; esac
  elif [ $proof = - ] && { [ $named = 1 ] || catches "$1"; }; then
    by_file "$1"
  fi
  [ $named = 1 ] || [ $proof != - ]
}

# Can it be, as far as is seen without a command? $executables is a list of all, in the order in which they are asked for; what has
# started since then is looked at closely.
may_be_node() {
  exe=; v=
  case $executables in
    *" /proc/$1/exe -> "*) executables=${executables#*" /proc/$1/exe -> "}; exe=${executables%%"
"*};;
    *" /proc/$1/exe
"*) { read -r v <"/proc/$1/cmdline"; } 2>/dev/null; case $v in *node*|*deno*|*bun*) return 0;; esac;;
    *) return 0;;
  esac
  name=${exe% (deleted)}
  case ${name##*/} in node|nodejs|node-*|node[0-9]*|*-node|deno|bun) return 0;; esac
  for task in /proc/"$1"/task/[0-9]*; do
    first "$task/comm" || continue
    case $v in SignalInspector|DelayedTaskSche*) return 0;; esac
  done
  [ -n "$exe" ] && catches "$1"
}

# What the executable itself proves. Node.js has 90 to 150 MB; a smaller one may have it as a library. The file is read, not the
# process's maps: those wait for a lock that an app short of memory may hold for long, and that it needs for itself. Looked at
# once a file: it is known by its path, its number and the mounts in which the path means it.
by_file() {
  file=$(ls -ilLn "/proc/$1/exe" 2>/dev/null) || return
  set -f; set -- "$1" $file; set +f
  size=$7
  key="$(readlink "/proc/$1/ns/mnt" 2>/dev/null) $2 $exe"
  case $looked_at in
    *"<$key>symbols"*) proof=symbols; return;;
    *"<$key>libnode"*) proof=libnode; return;;
    *"<$key>-"*) return;;
  esac
  if [ "${size:-0}" -lt 20000000 ]; then sign='^libnode\.so'; found=libnode; else sign=^_ZN4node17CreateEnvironment; found=symbols; fi
  if { head -c 20000000 "/proc/$1/exe" | tr '\0' '\n' | grep -q "$sign"; } 2>/dev/null; then
    proof=$found
  elif [ $found = symbols ]; then
    { dd if="/proc/$1/exe" bs=65536 skip=$((size / 65536 - 300)) | tr '\0' '\n' | grep -q "$sign"; } 2>/dev/null && proof=$found
  fi
  looked_at="$looked_at<$key>$proof
"
}
looked_at=

# The variables that tell a worker from its primary: NAME=VALUE in $vars, and a line end behind each. Secrets have other names and
# stay unread.
environment_of() {
  all=$({ tr '\n\0' '\001\n' <"/proc/$1/environ"; } 2>/dev/null) || all=
  all="
$all"; vars=
  for k in PORT DYNO NODE_UNIQUE_ID NODE_APP_INSTANCE pm_id NODE_OPTIONS; do
    case $all in *"
$k="*)
      v=${all#*"
$k="}
      vars="$vars$k=${v%%"
"*}
";;
    esac
  done
}

# The way of a process through the cgroups of a controller: from $root$at up. $version is 1, 2, or empty where there is none.
cgroup_of() {
  v1=; v2=; version=
  while IFS=: read -r _ controllers path; do
    case ",$controllers," in ,,) v2=$path; version=${version:-2};; *",$2,"*) v1=$path; version=1;; esac
  done 2>/dev/null <"/proc/$1/cgroup"
  if [ "$version" = 1 ]; then root=/sys/fs/cgroup/$2; at=$v1; else root=/sys/fs/cgroup; at=$v2; fi
  case $at in */../*|*/..) at=/;; esac
}

# A limit that is one: nineteen digits are "no limit" in version 1, the word max in version 2, `unlimited` among rlimits.
is_limit() { case $1 in ''|*[!0-9]*) return 1;; esac; [ "${#1}" -lt 19 ]; }

# The smallest memory limit on the way to the root of the cgroups ($limit) and what is used there ($used), in bytes. $spare is
# what the tightest of them has left. File pages that nobody has used lately count as free: the kernel takes them back at once.
# $events is the file in which the kernel counts the processes of the nearest group that it killed for memory.
memory_of() {
  limit=-; used=-; spare=-; spare_used=; spare_limit=; events=
  cgroup_of "$1" memory
  case $version in
    1) max=memory.limit_in_bytes; now=memory.usage_in_bytes; idle=total_inactive_file; kills=memory.oom_control;;
    *) max=memory.max; now=memory.current; idle=inactive_file; kills=memory.events;;
  esac
  while :; do
    [ -n "$events" ] || [ ! -r "$root$at/$kills" ] || events=$root$at/$kills
    if first "$root$at/$max" && is_limit "$v"; then
      here_limit=$v; here_used=-
      if first "$root$at/$now"; then
        here_used=$v; free=0
        while read -r k x; do [ "$k" = $idle ] && free=$x; done 2>/dev/null <"$root$at/memory.stat"
        here_used=$((here_used - free)); left=$((here_limit - here_used))
        if [ "$spare" = - ] || [ $left -lt "$spare" ]; then
          spare=$left; spare_used=$here_used; spare_limit=$here_limit
        fi
      fi
      if [ "$limit" = - ] || less "$here_limit" "$limit"; then limit=$here_limit; used=$here_used
      fi
    fi
    [ -n "$at" ] || break
    at=${at%/*}
  done
}

# within WHAT USED LIMIT NEED: notes in $short what has less than NEED left.
within() {
  is_limit "$3" || return
  [ $(($3 - $2)) -ge "$4" ] || short="$short${short:+,}$1:$2:$3"
}

# What process PID is short of, in $short: words WHAT:USED:LIMIT, or "-". An inspector that cannot be opened ends Node.js, whose
# InspectorIo asserts. Seen on Node.js 18 to 26: it takes 6 to 7 descriptors (dead with 3 free on 18 and 20, with 4 on 22 to 26),
# one thread (dead with none, whichever limit), 0.2 to 0.6 MB of memory (dead where the cgroup has none), and 139 MB of address
# space, a stack and an arena of malloc (dead with 64 MB on 24 and 26). Asked for is a multiple, for the app goes on meanwhile, and
# so does the hunt. What cannot be counted counts as missing.
room() {
  short=; files=; processes=; space=; data=; size=; datasize=; owner=
  # Of a file below /proc/sys a shell that reads byte by byte gets the first byte only.
  kernel=$(cat /proc/sys/fs/file-nr /proc/sys/kernel/threads-max /proc/sys/kernel/pid_max 2>/dev/null)
  while read -r _ a b x _; do case "$a $b" in
    'open files') files=$x;; processes\ *) processes=$b;; 'address space') space=$x;; 'data size') data=$x;;
  esac; done 2>/dev/null <"/proc/$1/limits"
  while read -r k x y _; do case $k in
    Uid:) owner=$x;; VmSize:) size=$x;; VmData:) datasize=$x;;
  esac; done 2>/dev/null <"/proc/$1/status"
  room_for_threads "$1"
  memory_of "$1"
  [ "$spare" = - ] || [ "$spare" -ge 16777216 ] || short="$short${short:+,}cgroup-memory:$spare_used:$spare_limit"
  total=; available=
  while read -r k x _; do case $k in MemTotal:) total=$x;; MemAvailable:) available=$x;; esac; done </proc/meminfo
  [ -z "$available" ] || within machine-memory $(((total - available) * 1024)) $((total * 1024)) 16777216
  # Of the first file: how many are open, and how many may be.
  set -- "$1" $kernel
  within machine-files "${2:-0}" "${4:-}" 256
  is_limit "$space" && within address-space $((${size:-0} * 1024)) "$space" 268435456
  is_limit "$data" && within data-size $((${datasize:-0} * 1024)) "$data" 67108864
  # Last, so that the count is the newest: what a leaking app runs out of first.
  case $files in '') short="$short${short:+,}descriptors:-:-";; esac
  set -- "$1" "/proc/$1/fd/"*
  case $2 in
    */fd/\*) short="$short${short:+,}descriptors:-:${files:--}";;
    *) within descriptors $(($# - 1)) "$files" 32;;
  esac
  short=${short:--}
}

# One thread is taken by the inspector, and more by what is asked of it. The user's threads are those that can be seen.
room_for_threads() {
  if is_limit "$processes" && ! { [ "$owner" = 0 ] && unmapped; }; then
    ours=0; mine=0
    while read -r k x _; do case $k in
      Uid:) mine=0; [ "$x" = "$owner" ] && mine=1;; Threads:) [ $mine = 1 ] && ours=$((ours + x));;
    esac; done <<END
$(grep -h -E '^(Uid|Threads):' /proc/[0-9]*/status 2>/dev/null)
END
    within user-threads $ours "$processes" 16
  fi
  cgroup_of "$1" pids
  while :; do
    if first "$root$at/pids.max" && is_limit "$v"; then
      max=$v; first "$root$at/pids.current" && within cgroup-threads "$v" "$max" 16
    fi
    [ -n "$at" ] || break
    at=${at%/*}
  done
  if { read -r _ _ _ x _ </proc/loadavg; } 2>/dev/null; then
    # Behind the three numbers of the first file.
    set -- $kernel
    for most in "${4:-}" "${5:-}"; do within machine-threads "${x#*/}" "$most" 16; done
  fi
}

# The first user namespace: its root is not bound by the number of processes a user may have.
unmapped() { read -r a b c </proc/self/uid_map && [ "$a $b $c" = '0 0 4294967295' ]; } 2>/dev/null

# The name of a user, in $user; empty where the number has none.
user_of() {
  user=
  while IFS=: read -r login _ x _; do
    if [ "$x" = "$1" ]; then user=$login; break; fi
  done 2>/dev/null </etc/passwd
}

# The kernel's count in a file of either version, which has it from Linux 4.13 on, in $kills.
killed_in() {
  kills=
  [ -z "$1" ] || { while read -r k x; do [ "$k" != oom_kill ] || kills=$x; done <"$1"; } 2>/dev/null
}

# When a process has ended nothing leads to its group any more: what was seen first is kept, in variables named by its pid.
remember_ooms() {
  eval "[ -n \"\$events_$1\" ]" && return
  killed_in "$events"
  eval "events_$1=\$events; ooms_$1=\$kills"
}

ooms() {
  eval "file=\$events_$1; before=\$ooms_$1"
  killed_in "$file"
  tell "ooms before=${before:--} now=$kills"
}

# What is text of process PID, in hex: $exe, $cwd, $user, the variables in $env, and $command. All in one go, with zeros between.
texts_of() {
  environment_of "$1"; user_of "$uid"
  all=$({
    printf '%s\000' "$exe" "$(readlink "/proc/$1/cwd" 2>/dev/null)" "$user"
    [ -z "$vars" ] || printf %s "$vars" | tr '\n' '\000'
    head -c 1024 "/proc/$1/cmdline" 2>/dev/null
  } | hex)
  for k in exe cwd user; do joined "${all%%" 00"*}"; all=${all#*" 00"}; eval "$k=\$v"; done
  env=
  while read -r k; do
    [ -n "$k" ] || continue
    k=${k%%=*}; joined "${all%%" 00"*}"; all=${all#*" 00"}
    v=${v#*3d}; env="$env${env:+,}$k:$v"
  done <<END
$vars
END
  joined "$all"; command=$v
}

probe() {
  total=-; available=-
  while read -r k x _; do case $k in MemTotal:) total=$x;; MemAvailable:) available=$x;; esac; done </proc/meminfo
  first /proc/uptime; uptime=${v%% *}
  uid=-; { while read -r k _ v _; do [ "$k" != Uid: ] || uid=$v; done </proc/self/status; } 2>/dev/null
  v=; [ -z "$DYNO" ] || joined "$(printf %s "$DYNO" | hex)"
  tell "host uid=$uid memtotal_kb=$total memavail_kb=$available uptime=$uptime dyno=$v"
  executables="$(ls -ln /proc/[0-9]*/exe 2>/dev/null)
"
  for folder in /proc/[0-9]*; do
    pid=${folder#/proc/}
    may_be_node "$pid" && stat_of "$pid" && node_by "$pid" || continue
    by=$proof; caught=; blocked=; rss=0; uid=-
    { while read -r k x y _; do case $k in
      SigCgt:) caught=$x;; SigBlk:) blocked=$x;; VmRSS:) rss=$x;; Uid:) uid=$y;;
    esac; done <"$folder/status"; } 2>/dev/null
    usr1=0; has_usr1 "$caught" && usr1=1
    usr1_blocked=0; has_usr1 "$blocked" && usr1_blocked=1
    may=0; kill -0 "$pid" 2>/dev/null && may=1
    # Unreadable counts as shared: what matters of it comes to light when the port is looked for.
    own=0; [ ! -e "$folder/ns/net" ] || [ "$folder/ns/net" -ef /proc/self/ns/net ] || own=1
    room "$pid"
    is_limit "$space" && space=$space/${size:-0} || space=-
    is_limit "$data" && data=$data/${datasize:-0} || data=-
    remember_ooms "$pid"; ancestors_of "$pid"; listens "$pid"; texts_of "$pid"
    tell "proc pid=$pid ancestors=$chain state=$state uid=$uid user=$user may_signal=$may proof=$by usr1=$usr1" \
      "usr1_blocked=$usr1_blocked start=$start rss_kb=$rss own_network=$own sockets_readable=$readable" \
      "ports=$ports short=$short limit=$limit used=$used address_space=$space data=$data" \
      "exe=$exe cwd=$cwd command=$command env=${env:--}"
  done
  tell end
}

# Does another process have PORT, where Node's inspector would listen (on 127.0.0.1, so that another address is no obstacle)?
taken() {
  tail=$(printf '%04X' "$2")
  grep -q -E " (0100007F|0{8}|0{32}|0{16}FFFF00000100007F|0{16}FFFF000000000000):$tail [0-9A-F]*:[0-9A-F]* 0A " \
    "/proc/$1/net/tcp" "/proc/$1/net/tcp6" 2>/dev/null
}

# The connections of PID at its own PORT: whoever is attached to the inspector there.
clients_of() {
  sockets=$(ls -l "/proc/$1/fd" 2>/dev/null); clients=0
  tail=$(printf '%04X' "$2")
  while read -r _ local _ kind _ _ _ _ _ inode _; do
    [ "$kind" = 01 ] && [ "${local##*:}" = "$tail" ] || continue
    case $sockets in *"socket:[$inode]"*) clients=$((clients + 1));; esac
  done <<END
$(grep -h " [0-9A-F]*:$tail " "/proc/$1/net/tcp" "/proc/$1/net/tcp6" 2>/dev/null)
END
}

# What is to be known of an inspector before it is opened or attached to.
inspector() {
  same "$1" "$2" || { tell "gone"; return; }
  listens "$1"
  case ",$ports," in
    *":$3,"*) clients_of "$1" "$3"; tell "open clients=$clients";;
    *) if [ "$3" != 0 ] && taken "$1" "$3"; then tell "taken"; else tell "closed"; fi;;
  esac
}

# The file is JSON, and what is not `true` is off. Where PID was started it may not be any more: then the file is not found.
configured() {
  same "$1" "$2" || { tell "gone"; return; }
  case $3 in /*) file=/proc/$1/root$3;; *) file=/proc/$1/cwd/$3;; esac
  options=
  [ ! -f "$file" ] || for option in $({ head -c 65536 "$file" | tr -d ' \t\r\n' |
    grep -o -E '"(disable-sigusr1|(experimental-)?permission|allow-inspector)":true' | tr -d '":'; } 2>/dev/null); do
    options="$options${options:+,}--${option%true}"
  done
  tell "configured options=${options:--}"
}

# A worker of Node's cluster among the children of PID, in $worker. Where the kernel does not list children nothing is found here.
worker_of() {
  for children in /proc/"$1"/task/*/children; do
    first "$children" || continue
    for worker in $v; do
      { tr '\0' '\n' <"/proc/$worker/environ" | grep -q '^NODE_UNIQUE_ID='; } 2>/dev/null && return
    done
  done
  return 1
}

# Whatever stands against the signal is told before it; each answer says whether it was sent. The last looks are the quickest.
signal() {
  same "$1" "$2" || { tell "gone-before"; return; }
  [ "$4" = unproven ] || { node_by "$1" && [ "$proof" != - ]; } || { tell "not-proven"; return; }
  if worker_of "$1"; then tell "primary worker=$worker"; return; fi
  listens "$1"; before=$ports
  case ",$before," in *":$3,"*) tell "open ports=$before"; return;; esac
  [ "$3" = 0 ] || ! taken "$1" "$3" || { tell "taken"; return; }
  room "$1"
  [ "$short" = - ] || { tell "short what=$short"; return; }
  same "$1" "$2" || { tell "gone-before"; return; }
  catches "$1" || { tell "not-caught"; return; }
  kill -USR1 "$1" 2>/dev/null || { if same "$1" "$2"; then tell "not-permitted"; else tell "gone-before"; fi; return; }
  tries=0; strange=0
  while [ $tries -lt 116 ]; do
    same "$1" "$2" || { tell "gone-after"; return; }
    listens "$1"
    case ",$ports," in *":$3,"*) tell "opened before=$before ports=$ports"; return;; esac
    # A port that is not the expected one may be the app's own: the inspector gets another second.
    [ "$ports" = "$before" ] || strange=$((strange + 1))
    if [ $strange -gt 36 ] || { [ $strange -gt 0 ] && [ "$3" = 0 ]; }; then
      tell "opened before=$before ports=$ports"; return
    fi
    # It opens in some hundredths of a second, mostly.
    tries=$((tries + 1)); pause=0.05; [ $tries -gt 20 ] || pause=0.01
    sleep $pause 2>/dev/null || { sleep 1; tries=$((tries + 19)); }
  done
  tell "not-opened before=$before ports=$ports"
}

state() {
  same "$1" "$2" || { tell "gone"; return; }
  listens "$1"; tell "alive ports=$ports"
}

held() {
  same "$1" "$2" || { tell "gone"; return; }
  open=$(ls -l "/proc/$1/fd" 2>/dev/null | grep -c '/\.leakhunt-')
  named=0
  for file in /tmp/.leakhunt-"$1"-* /var/tmp/.leakhunt-"$1"-* "$HOME"/.leakhunt-"$1"-* "/proc/$1/cwd"/.leakhunt-"$1"-*; do
    [ -e "$file" ] && named=$((named + 1))
  done
  tell "held open=${open:-0} named=$named"
}

closed() {
  # By the clock: a machine that is busy looks fewer times.
  first /proc/uptime; until=$((${v%%.*} + $4)); quiet=0
  while :; do
    listens "$1"
    same "$1" "$2" || { tell "gone"; return; }
    # A process that is going has closed its sockets before it is gone: it must still have files, at two looks in a row.
    case ",$ports," in
      *":$3,"*) quiet=0;;
      *) case $sockets in *" -> "*) quiet=$((quiet + 1));; *) quiet=0;; esac;;
    esac
    [ $quiet -lt 2 ] || { tell "closed ports=$ports"; return; }
    first /proc/uptime; [ $quiet -gt 0 ] || [ "${v%%.*}" -lt $until ] || { tell "still-open ports=$ports"; return; }
    sleep 0.1 2>/dev/null || sleep 1
  done
}

probe
while read -r order a b c d; do
  case $order in
    probe) probe;;
    inspector) inspector "$a" "$b" "$c";;
    signal) signal "$a" "$b" "$c" "$d";;
    configured) configured "$a" "$b" "$c";;
    state) state "$a" "$b";;
    held) held "$a" "$b";;
    ooms) ooms "$a";;
    closed) closed "$a" "$b" "$c" "$d";;
    bye) break;;
  esac
done
