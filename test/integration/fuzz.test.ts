import { expect, it } from 'vitest';
import { runScript } from '../support/service.ts';

it('2,000 mutated requests of all routes (seed 7) cause no 5xx, no blocked event loop and no growth', async () => {
  const { ended, out, err } = runScript('fuzz', {}, '--requests', '2000', '--seed', '7');

  const code = await ended;

  process.stdout.write(out());
  expect(code, `${out()}${err()}`).toBe(0);
  expect(out()).toMatch(/2000 requests from seed \d+\n2000 sent/);
}, 600_000);
