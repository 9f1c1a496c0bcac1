// Stands in for curl in commands of the documents, so that tests need no curl: curl -s <url> -H <header>... [-d <body>]
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: 'boolean', short: 's' },
    'show-error': { type: 'boolean', short: 'S' },
    header: { type: 'string', short: 'H', multiple: true, default: [] },
    data: { type: 'string', short: 'd' },
  },
});

const [url = ''] = positionals;
const headers = values.header.map((line): [string, string] => {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
});
const post = values.data === undefined ? {} : { method: 'POST', body: values.data };
const response = await fetch(url, { headers, ...post });
process.stdout.write(await response.text());
