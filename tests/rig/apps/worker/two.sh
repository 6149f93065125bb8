# Two workers with the same parent, the same command line and no port.
node work.js &
node work.js &
wait
