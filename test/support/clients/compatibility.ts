import { type Check, isMissing } from './check.ts';
import { cliChecks } from './cli-checks.ts';
import { communityChecks, mastraChecks, providerChecks } from './frameworks.ts';
import { mem0Checks } from './mem0-checks.ts';
import { n8nChecks } from './n8n-node.ts';
import { pythonChecks } from './python-checks.ts';

type Row = Pick<Check<unknown>, 'method' | 'route'>;

const stateOf = (row: Row | undefined): string => {
  if (!row) return '';
  return isMissing(row) ? '501' : 'yes';
};

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Table of the npm client: a row for each method, a column for each version. An empty cell: that version has no such method. */
export const npmTable = (): string => {
  const versions: [string, readonly Row[]][] = Object.entries(mem0Checks);
  const methods = [...new Set(versions.flatMap(([, rows]) => rows.map(({ method }) => method)))];
  return tableOf(
    ['Method', ...versions.map(([version]) => version)],
    methods.map((method) => [
      `\`${method}\``,
      ...versions.map(([, rows]) => stateOf(rows.find((row) => row.method === method))),
    ]),
  );
};

const others: [string, readonly Row[]][] = [
  ['`mem0ai` 2.0.18 for Python', pythonChecks],
  ['`@mem0/cli` 0.2.13', cliChecks],
  ['`@mem0/vercel-ai-provider` 3.0.2', providerChecks],
  ['`@mastra/mem0` 0.1.4', mastraChecks],
  ['`@mem0/community` 0.0.1', communityChecks],
  ['`@mem0/n8n-nodes-mem0` 0.1.4', n8nChecks],
];

/** Table of the other clients: a row for each, with its methods by their state. */
export const otherClientsTable = (): string => {
  const namesOf = (rows: readonly Row[]): string =>
    rows.map(({ method }) => `\`${method}\``).join(', ');
  return tableOf(
    ['Client', 'yes', '501'],
    others.map(([client, rows]) => [
      client,
      namesOf(rows.filter((row) => !isMissing(row))),
      namesOf(rows.filter(isMissing)),
    ]),
  );
};
