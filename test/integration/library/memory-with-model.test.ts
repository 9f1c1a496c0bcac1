import { expect, it } from 'vitest';
import { createMemory, type PendingError } from '../../../functions/library/index.ts';
import { failing } from '../../support/openai-faults.ts';
import { startOpenAiServer } from '../../support/openai-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

it('the model of a memory in process refines, and an add while it is down is pending and goes on', async () => {
  const folder = temporaryFolder();
  const server = await startOpenAiServer();
  const openai = { apiKey: 'k', baseUrl: server.url };
  const modelled = await createMemory({ dataDir: folder.file('modelled'), openai });

  const { results } = await modelled.add('I live in Oslo.', { userId: 'ana' });
  const chats = server.chats().length;
  server.chatNext(failing(503));
  const late = await modelled
    .add('I play the cello.', { userId: 'ana', timeoutMs: 100 })
    .catch((error: unknown) => error);
  const found = await modelled.search('cello', { userId: 'ana' });

  expect([results.length, chats]).toEqual([1, 1]);
  expect(late).toMatchObject({ name: 'PendingError', code: 'pending', operation: 'add' });
  expect(found.results[0]).toMatchObject({ type: 'rough' });
  const { eventId } = late as PendingError;
  await expect(modelled.waitForEvent(eventId, { timeoutMs: 60_000 })).resolves.toMatchObject({
    status: 'SUCCEEDED',
  });
  await modelled.close();
  await server.close();
  folder.remove();
});
