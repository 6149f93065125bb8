# A process type that is no Node.js at all, whatever its agents are called.
while :; do sleep 1; done
