import { afterAll, beforeAll, expect, it } from 'vitest';
import { httpClient } from '../support/http-client.ts';
import { say } from '../support/in-memory-service.ts';
import { type RunningService, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const key = 'a-key-of-the-test-0123456789';
const folder = temporaryFolder();
let service: RunningService;
beforeAll(async () => {
  service = await startService({
    TURNSTONE_DATA_DIR: folder.path,
    TURNSTONE_API_KEY: key,
    TURNSTONE_LOG: 'silent',
  });
});
afterAll(() => {
  service.child.kill('SIGKILL');
  folder.remove();
});

it('frames arrive as events change, and a stream that is open does not delay the shutdown', async () => {
  const response = await fetch(`${service.url}/v1/events/stream`, {
    headers: { authorization: `Token ${key}` },
  });
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream());
  const texts = reader.getReader();
  const read = async (pattern: RegExp): Promise<string> => {
    let text = '';
    while (!pattern.test(text)) {
      const { done, value } = await texts.read();
      if (done) throw new Error(`The stream ended after ${text}`);
      text += value;
    }
    return text;
  };
  await read(/event: reset\n/);

  const { body } = await httpClient(service.url, key)('POST /v1/turns', {
    body: say('I like tea'),
  });
  const frames = await read(/"status":"SUCCEEDED"/);
  service.child.kill('SIGTERM');
  const code = await service.ended;

  expect(frames).toContain(`"id":"${body.event_id}"`);
  expect(code).toBe(0);
  // A request that the shutdown had to cut off would end in an error.
  expect((await texts.read()).done).toBe(true);
});
