import { describe, expect, it } from 'vitest';
import { runScript } from '../support/service.ts';

describe('mutated requests of every route', () => {
  it('find no 5xx, no block of the event loop and no growth (2,000 from seed 7)', async () => {
    const { ended, out, err } = runScript('fuzz', {}, '--requests', '2000', '--seed', '7');

    const code = await ended;

    process.stdout.write(out());
    expect(code, `${out()}${err()}`).toBe(0);
    expect(out()).toMatch(/2000 requests from seed \d+\n2000 sent/);
  }, 600_000);
});
