import { Console } from 'node:console';

const log = new Console(process.stderr);
const EMPTY = new Map(Array.from({ length: 300 }, (_, number) => [`BX-${number}`, 7000 + number * 10]));

async function settle(pressures) {
  return pressures.reduce((sum, pressure) => sum + pressure, 0);
}

/** What a lorry carries, in kilograms. */
export async function weigh(lorry) {
  const label = `weighing ${lorry.ticket} of ${lorry.plate}`;
  log.time(label);
  const gross = await settle(lorry.pressures);
  const empty = EMPTY.get(lorry.plate);
  if (empty === undefined) return { ticket: lorry.ticket, gross };
  const net = gross - empty;
  log.timeEnd(label);
  return { ticket: lorry.ticket, gross, net };
}
