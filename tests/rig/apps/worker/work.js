'use strict';

// Works on a queue that is always empty.
setInterval(() => {}, 1000);
