// Stands in for curl in commands of the documents, so that tests need no curl: curl -s [-X <method>] <url>
// -H <header>... [-d <body>]
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: 'boolean', short: 's' },
    'show-error': { type: 'boolean', short: 'S' },
    header: { type: 'string', short: 'H', multiple: true, default: [] },
    data: { type: 'string', short: 'd' },
    request: { type: 'string', short: 'X' },
  },
});

const [url = ''] = positionals;
const headers = values.header.map((line): [string, string] => {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
});
const method = values.request ?? (values.data === undefined ? 'GET' : 'POST');
const body = values.data === undefined ? {} : { body: values.data };
const response = await fetch(url, { headers, method, ...body });
process.stdout.write(await response.text());
