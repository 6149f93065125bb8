//! Real series, to judge the rule by: bytes at one site of a program of `tests/leaks`, from the second of its six snapshots
//! on, as they were recorded under Node.js 18 to 26. Of each leak the site that gained most, of the other
//! programs each site that gained 1.5 kB a step.

/// The twenty leaks that are farthest from a straight line.
pub(super) const LEAKS: [(&str, [u64; 5]); 20] = [
    ("abort-signal", [0, 89280, 178560, 267840, 357120]),
    ("async-contexts", [159904, 284400, 306816, 324544, 558720]),
    ("audit-stream", [0, 51200, 102400, 153600, 204800]),
    ("banner-interval", [0, 39360, 117280, 258560, 445280]),
    ("bound-resources", [0, 281280, 562560, 843840, 1125120]),
    ("buffer-heads", [0, 1607360, 3214720, 4822080, 6429440]),
    ("bundled-memoize", [0, 20400, 40800, 61200, 81576]),
    ("chat-sockets", [0, 89520, 179040, 268560, 358080]),
    ("dataloader-global", [0, 22648, 45448, 68248, 91048]),
    ("error-log", [0, 19968, 39968, 59936, 79872]),
    ("kept-requests", [0, 390720, 781632, 1173696, 1565760]),
    ("latency-samples", [271184, 406888, 610448, 610448, 915784]),
    ("linked-queue", [0, 31872, 63872, 95872, 127872]),
    ("plugin-reload", [0, 221128, 445992, 670824, 895752]),
    ("response-cache", [0, 103120, 205600, 307600, 411520]),
    ("rx-subscriptions", [0, 111888, 220024, 327544, 448000]),
    ("shared-context", [0, 696320, 929280, 1162240, 1395200]),
    ("stuck-queue", [0, 61344, 122784, 184224, 245664]),
    ("unlinked-lru", [0, 42000, 85200, 128400, 171600]),
    ("winston-per-request", [0, 87544, 187744, 287944, 388144]),
];

/// Caches, tides and warm-ups: programs that are healthy.
pub(super) const OTHERS: [(&str, [u64; 5]); 28] = [
    ("healthy-debounce", [847080, 870800, 873216, 873336, 874648]),
    ("healthy-debounce", [4960, 11768, 11656, 11656, 11656]),
    ("healthy-lazy-data", [0, 600048, 600048, 600048, 600048]),
    ("healthy-lazy-data", [847008, 847928, 851080, 871832, 858720]),
    ("healthy-lru", [51296, 74560, 74624, 73888, 77344]),
    ("healthy-lru", [7552, 14720, 14720, 29056, 29056]),
    ("healthy-lru", [386264, 384680, 390224, 385672, 394832]),
    ("healthy-npm-lru", [883176, 900216, 908256, 909624, 909624]),
    ("healthy-npm-lru", [69168, 90256, 91184, 93232, 92080]),
    ("healthy-npm-lru", [7240, 14424, 14424, 14424, 14424]),
    ("healthy-npm-lru", [4960, 11768, 11656, 11656, 11656]),
    ("healthy-pool", [437200, 448056, 450688, 462432, 466072]),
    ("healthy-pool", [1344, 1344, 12400, 12400, 12400]),
    ("healthy-queue", [354408, 355024, 371216, 399960, 392632]),
    ("healthy-queue", [1160, 1160, 1160, 9016, 9016]),
    ("healthy-queue", [2752, 2752, 2752, 9032, 9032]),
    ("healthy-rare-keys", [30016, 49216, 62016, 64000, 64000]),
    ("healthy-rare-keys", [0, 5800, 9600, 11600, 13200]),
    ("healthy-rare-keys", [7240, 7240, 14408, 14408, 14408]),
    ("healthy-sessions", [1920, 0, 0, 0, 72000]),
    ("healthy-sessions", [926384, 941688, 951056, 952656, 973776]),
    ("healthy-sessions", [608, 0, 0, 0, 22800]),
    ("healthy-sessions", [536, 184, 184, 184, 7240]),
    ("healthy-templates", [344888, 351080, 355472, 355472, 355616]),
    ("healthy-warmup", [616848, 621280, 621408, 630888, 654128]),
    ("healthy-warmup", [3208, 3208, 3208, 3208, 12456]),
    ("healthy-warmup", [1536, 1912, 7592, 7592, 8672]),
    ("healthy-warmup", [3088, 9800, 9800, 9800, 9800]),
];
