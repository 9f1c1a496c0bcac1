import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createBufferedWriter } from '../../shared/adapters/system/buffered-writer.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { createJsonLogger } from '../../shared/adapters/system/json-logger.ts';
import { isUuid } from '../../shared/domain/ids.ts';
import { createManualClock } from '../support/manual-clock.ts';

describe('the system clock', () => {
  it('sleeps about as long as it is told', async () => {
    const start = systemClock.now();

    await systemClock.sleep(30);

    expect(systemClock.now() - start).toBeGreaterThanOrEqual(25);
  });

  it('wakes when the sleep is aborted, before or during it', async () => {
    const during = new AbortController();
    const sleeping = systemClock.sleep(60_000, during.signal);

    during.abort();

    await expect(sleeping).resolves.toBeUndefined();
    await expect(systemClock.sleep(60_000, AbortSignal.abort())).resolves.toBeUndefined();
  });
});

describe('ids', () => {
  it('are UUIDs that sort as they were made', () => {
    const ids = createIds(systemClock);

    const made = Array.from({ length: 5_000 }, ids.next);

    expect(made.every(isUuid)).toBe(true);
    expect(made).toEqual([...new Set(made)].sort());
  });

  it('come with secrets of the length asked for and numbers below one', () => {
    const ids = createIds(systemClock);

    const numbers = Array.from({ length: 1_000 }, ids.random);

    expect(ids.secret(32)).toMatch(/^[0-9a-f]{64}$/);
    expect(ids.secret(32)).not.toBe(ids.secret(32));
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
  });
});

describe('the log', () => {
  it('is one line of JSON per fact, down to its level', () => {
    const lines: string[] = [];
    const clock = createManualClock(Date.UTC(2026, 10, 21));
    const telemetry = createJsonLogger(clock, 'warn', (line) => lines.push(line));

    telemetry.log('info', 'request');
    telemetry.log('warn', 'hint.send_failed', { code: 'queue_down', project: 'proj\n1' });
    telemetry.log('error', 'sweep.failed');

    expect(lines).toEqual([
      '{"at":"2026-11-21T00:00:00.000Z","level":"warn","event":"hint.send_failed","code":"queue_down","project":"proj\\n1"}\n',
      '{"at":"2026-11-21T00:00:00.000Z","level":"error","event":"sweep.failed"}\n',
    ]);
  });

  it('names its facts whatever their fields are called', () => {
    const lines: string[] = [];
    const telemetry = createJsonLogger(systemClock, 'info', (line) => lines.push(line));

    telemetry.log('info', 'turn.failed', { event: 'an id', level: 'debug' });

    expect(JSON.parse(lines.join(''))).toMatchObject({ event: 'turn.failed', level: 'info' });
  });

  it('is nothing at all when silent', () => {
    const lines: string[] = [];
    const telemetry = createJsonLogger(systemClock, 'silent', (line) => lines.push(line));

    telemetry.log('error', 'sweep.failed');

    expect(lines).toEqual([]);
  });
});

describe('lines of a log', () => {
  it('that come in one turn of the event loop are written together, in order', async () => {
    const written: string[] = [];
    const write = createBufferedWriter({ write: (text) => written.push(text) });

    write('one\n');
    await Promise.resolve();
    write('two\n');
    const before = [...written];
    await setImmediate();
    write('three\n');
    await setImmediate();

    expect(before).toEqual([]);
    expect(written).toEqual(['one\ntwo\n', 'three\n']);
  });
});
