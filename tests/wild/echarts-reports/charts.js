'use strict';
const echarts = require('echarts');

/** The rain of a week, as a picture for the page. */
function rainfall(station, days) {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 420, height: 240 });
  chart.setOption({
    animation: false,
    title: { text: `Rain in ${station}` },
    xAxis: { type: 'category', data: days.map(({ day }) => day) },
    yAxis: { type: 'value', name: 'mm' },
    series: [{ type: 'bar', data: days.map(({ millimetres }) => millimetres) }],
  });
  return chart.renderToSVGString();
}

module.exports = { rainfall };
