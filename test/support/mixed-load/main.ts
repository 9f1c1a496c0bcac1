import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { temporaryFolder } from '../temporary-folder.ts';
import { runMixedLoad } from './mixed-load.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    clients: { type: 'string', default: '32' },
    seed: { type: 'string', default: String(randomInt(1, 2 ** 31)) },
  },
});

const whole = (text: string, name: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} is a whole number from 1 up, not ${text}`);
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const seconds = whole(values.seconds, 'seconds');
const clients = whole(values.clients, 'clients');
const seed = whole(values.seed, 'seed');
say(`${clients} clients for ${seconds} s on one user, then on many, from seed ${seed}`);
for (const oneUser of [true, false]) {
  const folder = temporaryFolder();
  const path = folder.file('mixed.db');
  const load = { seed, seconds, clients, oneUser };
  const { requests, answers, findings } = await runMixedLoad(load, { path });
  folder.remove();
  say(`${oneUser ? 'one user' : 'many users'}: ${requests} requests`);
  for (const [name, count] of [...answers].sort()) say(`  ${count} x ${name}`);
  for (const finding of findings) say(finding);
  if (findings.length > 0) process.exitCode = 1;
}
