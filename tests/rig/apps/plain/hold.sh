# Starts an app that hangs in its start-up, where Node.js has neither blocked SIGUSR1 nor installed its handler, so that the
# signal would kill it: the dynamic loader waits for a library to preload, which is a pipe that stays open and empty for
# HOLD_S seconds. Then the loader ignores it, and the app starts as ever.
mkfifo /tmp/held.so
# Opening the pipe waits for the loader to open it, so the time is counted from there.
(exec 3> /tmp/held.so; sleep "${HOLD_S:-6}"; rm /tmp/held.so) &
exec npm run held
