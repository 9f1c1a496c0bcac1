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
const startedAt = performance.now();
const result = await fuzz(service, { requests, seed });
const seconds = (performance.now() - startedAt) / 1_000;
const statuses = [...result.statuses].sort().map(([status, times]) => `${status}: ${times}`);
say(`${result.requests} sent in ${seconds.toFixed(1)} s; ${statuses.join(', ')}`);
if (result.unreproduced.length > 0)
  say(`blocks that did not recur, in ms of CPU: ${result.unreproduced.join(', ')}`);
for (const finding of result.findings) say(finding);
if (result.findings.length > 0) {
  say(`again: npm run fuzz -- --requests ${requests} --seed ${seed}`);
  process.exitCode = 1;
}
await service.close();
