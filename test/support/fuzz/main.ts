import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { startFuzzService } from './fuzz-service.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(randomInt(1, 2 ** 31)) },
  },
});

const whole = (text: string, name: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} is a whole number from 1 up, not ${text}`);
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const requests = whole(values.requests, 'requests');
const seed = whole(values.seed, 'seed');
say(`${requests} requests from seed ${seed}`);
const service = await startFuzzService();
const began = performance.now();
const fuzzed = await fuzz(service, { requests, seed });
const seconds = (performance.now() - began) / 1_000;
const statuses = [...fuzzed.statuses].sort().map(([status, times]) => `${status}: ${times}`);
say(`${fuzzed.requests} sent in ${seconds.toFixed(1)} s; ${statuses.join(', ')}`);
if (fuzzed.unexplained.length > 0)
  say(`blocks that did not come again, in ms of CPU: ${fuzzed.unexplained.join(', ')}`);
for (const finding of fuzzed.findings) say(finding);
if (fuzzed.findings.length > 0) {
  say(`again: npm run fuzz -- --requests ${requests} --seed ${seed}`);
  process.exitCode = 1;
}
await service.close();
