import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { checkFilters } from './check-filters.ts';

const { values } = parseArgs({
  options: {
    filters: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(randomInt(1, 2 ** 31)) },
  },
});

process.stdout.write(`${values.filters} filters from seed ${values.seed}\n`);
await checkFilters(Number(values.filters), Number(values.seed));
process.stdout.write('All of them agree with the naive evaluator.\n');
