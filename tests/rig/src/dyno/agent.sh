# An agent of the platform whose name begins with node's.
while :; do sleep 3600; done
