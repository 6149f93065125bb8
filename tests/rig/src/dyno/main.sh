# A dyno's init: the platform's agents beside the app's own command. It ends with the app, and the dyno with it.
node_exporter /run/agent &
sh -c ': keeps an eye on node; while :; do sleep 3600; done' &
@SSHD@ -D -f /run/exec/sshd_config -o ListenAddress=127.0.0.1 -p 1092 2>/dev/null &
@COMMAND@ &
wait $!
exit $?
