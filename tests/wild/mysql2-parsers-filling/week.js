'use strict';

/** The mean temperatures of a week, a column for each of its days. */
async function week(pool, monday) {
  const columns = Array.from({ length: 7 }, (_, n) => {
    const day = new Date(monday + n * 86_400_000).toISOString().slice(0, 10);
    return `avg(if(day = '${day}', celsius, NULL)) AS d${day.replaceAll('-', '_')}`;
  });
  const [rows] = await pool.query(`SELECT ${columns.join(', ')} FROM readings`);
  return Object.values(rows[0]);
}

module.exports = { week };
