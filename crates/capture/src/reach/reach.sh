# The far end of a hunt: one POSIX shell in the dyno that looks, signals when told to, and watches the inspector's port.
# It needs cat, ls, od, tr, grep, readlink and /proc, and runs in dash, busybox sh and bash.
#
# Its first act is a probe, which reads and never signals. Then it obeys one line at a time and ends when its input does:
#   probe                     look again
#   signal PID START          SIGUSR1, if PID still started at START and catches the signal at this moment
#   state PID START           is it alive, what does it listen on
#   held PID START            how many snapshot files of ours it holds open, and how many lie in its folders
#   closed PID START PORT N   wait up to N seconds until PID no longer listens on PORT
# Every answer is made of words and of hex; `tell` is the host's, and frames a line.
LC_ALL=C; export LC_ALL

hex() { od -An -v -tx1 | tr -d ' \n'; }

# first FILE: its first line in $v; fails when there is none.
first() { v=; { read -r v <"$1"; } 2>/dev/null; [ -n "$v" ]; }

less() { [ "${#1}" -lt "${#2}" ] || { [ "${#1}" -eq "${#2}" ] && [ "$1" -lt "$2" ]; }; }

# Splits /proc/PID/stat behind the name, which may hold blanks and brackets, into $state, $parent and $start.
stat_of() {
  line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  line=${line##*") "}; set -f; set -- $line; set +f
  state=$1; parent=$2; start=${20}
  [ "$state" != Z ]
}

# The chain of parents of PID up to the first process, comma-separated in $chain: a wrapper may start node through shells.
ancestors_of() {
  chain=; up=$1
  while up=$(stat_of "$up" && echo "$parent") && [ "${up:-0}" -gt 0 ]; do chain="$chain${chain:+,}$up"; done
  [ -n "$chain" ] || chain=-
}

# Is PID the very process that started at START?
same() { stat_of "$1" && [ "$start" = "$2" ]; }

# SIGUSR1 is signal 10, bit 0x200. The low twelve bits are enough, and fit the arithmetic of every shell.
has_usr1() { low=${1#?????????????}; [ -n "$low" ] && [ $((0x$low & 0x200)) -ne 0 ]; }

catches() { has_usr1 "$(while read -r k x _; do [ "$k" = SigCgt: ] && echo "$x"; done <"/proc/$1/status" 2>/dev/null)"; }

# The listening TCP ports of a process, by the inodes of its own sockets: lo:9229,any:3000 in $ports, "-" when none.
listens() {
  sockets=$(ls -l "/proc/$1/fd" 2>/dev/null) && readable=1 || readable=0
  ports=
  for net in tcp tcp6; do
    while read -r _ address _ kind _ _ _ _ _ inode _; do
      case $sockets in *"socket:[$inode]"*) ;; *) continue;; esac
      case ${address%:*} in
        0100007F|00000000000000000000000001000000|0000000000000000FFFF00000100007F) on=lo;;
        *) on=any;;
      esac
      ports="$ports${ports:+,}$on:$((0x${address##*:}))"
    done <<END
$(grep ' 0A ' "/proc/$1/net/$net" 2>/dev/null)
END
  done
  [ -n "$ports" ] || ports=-
}

# Why a process counts as node: its executable; else the names of V8's threads; else, unreadable, its first argument.
node_by() {
  exe=$(readlink "/proc/$1/exe" 2>/dev/null) || exe=
  name=${exe% (deleted)}; name=${name##*/}; by=; threads=0
  case $name in node|nodejs|node-*|node[0-9]*|*-node) by=exe;; esac
  for task in /proc/"$1"/task/[0-9]*; do
    threads=$((threads + 1))
    first "$task/comm" || continue
    case $v in SignalInspector|DelayedTaskSche*) by=${by:-thread};; esac
  done
  if [ -z "$by" ] && [ -z "$exe" ]; then
    argument=$({ tr '\0' '\n' <"/proc/$1/cmdline"; } 2>/dev/null | { read -r l; printf %s "$l"; })
    case ${argument##*/} in node|nodejs|'node '*) by=argv;; esac
  fi
  [ -n "$by" ]
}

# The variables that tell a worker from its primary, hex-coded in $vars. Secrets have other names and stay unread.
environment_of() {
  all=$({ tr '\n\0' '\001\n' <"/proc/$1/environ"; } 2>/dev/null) || all=
  all="
$all"; vars=
  for k in PORT DYNO NODE_UNIQUE_ID NODE_APP_INSTANCE pm_id NODE_OPTIONS; do
    case $all in *"
$k="*)
      value=${all#*"
$k="}; value=${value%%"
"*}
      vars="$vars${vars:+,}$k:$(printf %s "$value" | hex)";;
    esac
  done
}

# The smallest memory limit on the way to the root of the cgroups ($limit) and what is used there ($used), in bytes.
cgroup_of() {
  limit=-; used=-; v1=; v2=
  while IFS=: read -r _ controllers path; do
    case ",$controllers," in ,,) v2=$path;; *,memory,*) v1=$path;; esac
  done <<END
$(cat "/proc/$1/cgroup" 2>/dev/null)
END
  if [ -n "$v1" ]; then
    root=/sys/fs/cgroup/memory; max=memory.limit_in_bytes; now=memory.usage_in_bytes; at=$v1
  else
    root=/sys/fs/cgroup; max=memory.max; now=memory.current; at=$v2
  fi
  case $at in */../*|*/..) at=/;; esac
  while :; do
    # Nineteen digits are "no limit" in version 1, the word max in version 2.
    if first "$root$at/$max" && [ "$v" != max ] && [ "${#v}" -lt 19 ]; then
      if [ "$limit" = - ] || less "$v" "$limit"; then limit=$v; first "$root$at/$now" && used=$v; fi
    fi
    [ -n "$at" ] || break
    at=${at%/*}
  done
}

probe() {
  total=-; available=-
  while read -r k x _; do case $k in MemTotal:) total=$x;; MemAvailable:) available=$x;; esac; done </proc/meminfo
  here=$(readlink /proc/self/ns/net 2>/dev/null)
  first /proc/uptime; uptime=${v%% *}
  tell "host uid=$(id -u) memtotal_kb=$total memavail_kb=$available uptime=$uptime dyno=$(printf %s "$DYNO" | hex)"
  for folder in /proc/[0-9]*; do
    pid=${folder#/proc/}
    stat_of "$pid" || continue
    node_by "$pid" || continue
    caught=; blocked=; rss=0; uid=-
    while read -r k x y _; do case $k in
      SigCgt:) caught=$x;; SigBlk:) blocked=$x;; VmRSS:) rss=$x;; Uid:) uid=$y;;
    esac; done <<END
$(cat "$folder/status" 2>/dev/null)
END
    usr1=0; has_usr1 "$caught" && usr1=1
    usr1_blocked=0; has_usr1 "$blocked" && usr1_blocked=1
    may=0; kill -0 "$pid" 2>/dev/null && may=1
    # Unreadable counts as shared: what matters of it comes to light when the port is looked for.
    network=$(readlink "$folder/ns/net" 2>/dev/null); own=0; [ "${network:-$here}" = "$here" ] || own=1
    ancestors_of "$pid"; listens "$pid"; environment_of "$pid"; cgroup_of "$pid"
    tell "proc pid=$pid ancestors=$chain state=$state uid=$uid may_signal=$may by=$by usr1=$usr1" \
      "usr1_blocked=$usr1_blocked start=$start rss_kb=$rss threads=$threads own_network=$own sockets_readable=$readable" \
      "ports=$ports limit=$limit used=$used exe=$(printf %s "$exe" | hex) cwd=$(printf %s "$(readlink "$folder/cwd" 2>/dev/null)" | hex)" \
      "command=$({ head -c 1024 "$folder/cmdline"; } 2>/dev/null | hex) env=${vars:--}"
  done
  tell end
}

signal() {
  same "$1" "$2" || { tell "gone"; return; }
  catches "$1" || { tell "not-caught"; return; }
  listens "$1"; before=$ports
  kill -USR1 "$1" 2>/dev/null || { tell "not-permitted"; return; }
  tries=0
  while [ $tries -lt 100 ]; do
    same "$1" "$2" || { tell "gone"; return; }
    listens "$1"
    [ "$ports" != "$before" ] && { tell "opened before=$before ports=$ports"; return; }
    tries=$((tries + 1)); sleep 0.05 2>/dev/null || { sleep 1; tries=$((tries + 19)); }
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
  until_ticks=$(($4 * 10)); ticks=0
  while :; do
    same "$1" "$2" || { tell "gone"; return; }
    listens "$1"
    case ",$ports," in *":$3,"*) ;; *) tell "closed ports=$ports"; return;; esac
    [ $ticks -lt $until_ticks ] || { tell "still-open ports=$ports"; return; }
    ticks=$((ticks + 1)); sleep 0.1 2>/dev/null || { sleep 1; ticks=$((ticks + 9)); }
  done
}

probe
while read -r order a b c d; do
  case $order in
    probe) probe;;
    signal) signal "$a" "$b";;
    state) state "$a" "$b";;
    held) held "$a" "$b";;
    closed) closed "$a" "$b" "$c" "$d";;
    bye) break;;
  esac
done
