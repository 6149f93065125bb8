'use strict';

/** feed -> (report "\n"):*   report -> station ";" millimetres */
function grammar(onReport) {
  const join = ([first, rest]) => first + rest;
  return {
    ParserRules: [
      { name: 'feed', symbols: [], postprocess: () => null },
      { name: 'feed', symbols: ['feed', 'report', { literal: '\n' }], postprocess: ([, report]) => { onReport(report); return null; } },
      { name: 'report', symbols: ['station', { literal: ';' }, 'millimetres'], postprocess: ([station, , millimetres]) => ({ station, millimetres: Number(millimetres) }) },
      { name: 'station', symbols: [/[A-Z]/], postprocess: ([letter]) => letter },
      { name: 'station', symbols: ['station', /[A-Z]/], postprocess: join },
      { name: 'millimetres', symbols: [/[0-9]/], postprocess: ([digit]) => digit },
      { name: 'millimetres', symbols: ['millimetres', /[0-9]/], postprocess: join },
    ],
    ParserStart: 'feed',
  };
}

module.exports = { grammar };
