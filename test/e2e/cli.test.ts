import { describe, expect, it } from 'vitest';
import { runScript } from '../support/service.ts';
import { useProcesses } from '../support/use-processes.ts';

const key = 'a-key-of-my-own-choice';

const { start: startService, ending } = useProcesses(key);

const start = async () => {
  const service = await startService();
  const cli = async (...args: string[]) => {
    const running = ending(
      runScript('cli', { TURNSTONE_API_KEY: key }, ...args, '--url', service.url),
    );
    return { code: await running.ended, out: running.out(), err: running.err() };
  };
  return { service, cli };
};

describe('npm run cli', () => {
  it('a memory is added, found, listed, shown and erased from a terminal', async () => {
    const { cli } = await start();

    const added = await cli('add', 'I live in Oslo.', '--user', 'ana', '--wait');
    const found = await cli('search', 'where', 'does', 'she', 'live?', '--user', 'ana');
    const listed = await cli('list', '--user', 'ana', '--json');
    const { results } = JSON.parse(listed.out);
    const { id } = results[0];
    const shown = await cli('get', id);
    const erased = await cli('delete', id);
    const events = await cli('events', '--limit', '2');
    const after = await cli('list', '--user', 'ana');

    expect(added).toMatchObject({ code: 0, err: '' });
    expect(added.out).toMatch(/^SUCCEEDED .*\nADD User lives in Oslo\.\n$/);
    expect(found.out).toMatch(/^Score +Type +Memory +Created +Id\n\d\.\d\d +refined/);
    expect(found.out).toContain('User lives in Oslo.');
    expect(found.out).not.toContain('\u001B');
    expect(shown.out).toMatch(/memory +User lives in Oslo\./);
    expect(erased.out).toBe(`Erased ${id}.\n`);
    expect(events.out).toMatch(/DELETE +SUCCEEDED/);
    expect(after.out).toBe('Nothing is remembered.\n');
  });

  it('watch prints each event as it comes, and ends by an interrupt', async () => {
    const { service, cli } = await start();
    const args = ['watch', '--json', '--url', service.url];
    const watching = ending(runScript('cli', { TURNSTONE_API_KEY: key }, ...args));

    await cli('add', 'I play the cello.', '--user', 'ana', '--wait');
    const shown = await watching.shows('"SUCCEEDED"');
    watching.child.kill('SIGINT');

    expect(await watching.ended).toBe(0);
    expect(JSON.parse(shown.trim().split('\n').at(-1) ?? '')).toMatchObject({ event_type: 'ADD' });
  });

  it.each([
    [[], 'Name a command.'],
    [['fetch'], 'There is no command fetch.'],
    [['search', '--user', 'ana'], 'search needs a query.'],
    [['list'], 'list needs one of --user, --agent, --app and --run.'],
    [['events', '--limit', '0'], '--limit is a whole number from 1 to 200.'],
    [['get', 'x', '--url', 'http://127.0.0.1:1', '--key', 'k'], 'No Turnstone answers at'],
  ])('%j ends with one sentence', async (args, sentence) => {
    const running = runScript('cli', { TURNSTONE_API_KEY: key }, ...args);

    expect(await running.ended).toBe(1);
    expect(running.err()).toContain(sentence);
  });
});
