// What the scripts of the page share: numbers as people read them, and the address, which keeps what is shown.
'use strict';

function count(number) {
  return number.toLocaleString('en');
}

function size(bytes) {
  if (bytes < 1e3) return `${bytes} B`;
  const [unit, divisor] = bytes < 1e6 ? ['kB', 1e3] : bytes < 1e9 ? ['MB', 1e6] : ['GB', 1e9];
  return `${(bytes / divisor).toFixed(1)} ${unit}`;
}

function time(microseconds) {
  return microseconds < 1e6 ? `${(microseconds / 1e3).toFixed(1)} ms` : `${(microseconds / 1e6).toFixed(1)} s`;
}

function addressed() {
  return new URLSearchParams(location.hash.slice(1));
}

/** Keeps values in the address; what is empty is taken out of it. */
function toAddress(values) {
  const hash = addressed();
  for (const [key, value] of Object.entries(values)) {
    if (value === '' || value === null) hash.delete(key);
    else hash.set(key, value);
  }
  try {
    history.replaceState(null, '', `#${hash}`);
  } catch {
    // A page that is shown in a frame has no address of its own.
  }
}
