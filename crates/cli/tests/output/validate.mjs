// As an editor does it: `node validate.mjs TOOLS SCHEMA FILE…` reads files of YAML, and prints as JSON what is wrong with each:
// as YAML, or by the schema.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [tools, schema, ...files] = process.argv.slice(2);
const require = createRequire(`${tools}/`);
const Ajv = require('ajv/dist/2020');
const { parse } = require('yaml');

const validate = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync(schema, 'utf8')));

function wrongWith(file) {
  let document;
  try {
    document = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return { yaml: error.message };
  }
  validate(document);
  return { schema: (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`) };
}

console.log(JSON.stringify(files.map(wrongWith)));
