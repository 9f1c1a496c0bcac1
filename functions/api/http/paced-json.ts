import type { Context } from 'hono';
import { createPace, type Pace } from '../../../shared/core/yield-to-loop.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { ApiEnv } from './api-env.ts';
import { isRecord } from './is-record.ts';

/** Characters that are converted to bytes at a time. */
const chunkCharacters = 128 * 1024;

/** Collects text as bytes, which are stored outside of the JavaScript heap. */
const createByteCollector = () => {
  const chunks: Uint8Array[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') chunks.push(Buffer.from(text));
    text = '';
  };
  return {
    add(more: string): void {
      text += more;
      if (text.length >= chunkCharacters) flush();
    },
    concat(): Uint8Array<ArrayBuffer> {
      flush();
      return Buffer.concat(chunks);
    },
  };
};

type Add = (text: string) => void;

const addList = async (list: readonly unknown[], pace: Pace, add: Add): Promise<void> => {
  for (const [index, item] of list.entries()) {
    if (pace.isDue()) await pace.rest();
    add(`${index === 0 ? '[' : ','}${JSON.stringify(item) ?? 'null'}`);
  }
  add(list.length === 0 ? '[]' : ']');
};

const addObject = async (body: object, pace: Pace, add: Add): Promise<void> => {
  const fields = Object.entries(body).filter(([, value]) => value !== undefined);
  for (const [index, [name, value]] of fields.entries()) {
    add(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`);
    if (Array.isArray(value)) await addList(value, pace, add);
    else if (isRecord(value)) await addObject(value, pace, add);
    else add(JSON.stringify(value) ?? 'null');
  }
  add(fields.length === 0 ? '{}' : '}');
};

/**
 * Responds with a large list, or an object with large lists. Serialization yields to the event loop at intervals, so that
 * other requests are served in between.
 */
export const pacedJson = async (
  c: Context<ApiEnv>,
  platform: Pick<Platform, 'clock'>,
  body: object,
): Promise<Response> => {
  const pace = createPace(platform);
  const bytes = createByteCollector();
  if (Array.isArray(body)) await addList(body, pace, bytes.add);
  else await addObject(body, pace, bytes.add);
  return c.body(bytes.concat(), 200, { 'Content-Type': 'application/json' });
};
