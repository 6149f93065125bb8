import { writeFile } from 'node:fs/promises';

const FILE = new URL('./tariffs.generated.js', import.meta.url);

/** The tariffs as they are now: whoever changes them writes the file anew. */
export async function tariffs(version) {
  const { default: table } = await import(`${FILE.href}?v=${version}`);
  return table;
}

export async function write(version) {
  const rows = Array.from({ length: 30 }, (_, zone) => `  { zone: ${zone}, cents: ${100 + ((zone * version) % 900)} },`);
  await writeFile(FILE, `export default [\n${rows.join('\n')}\n];\n`);
}
