import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Client,
  finalEvent,
  openService,
  type TestService,
} from '../../support/in-memory-service.ts';
import { emptyFields, everydayMemories, type FieldCase, filledFields } from './field-cases.ts';

let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await openService();
  client = service.client;
});
afterAll(() => service.close());

let users = 0;

/** Value of the field in an export of a user with this memory and the everyday ones. */
const exportedValue = async ({ name, schema, memory }: FieldCase): Promise<unknown> => {
  users += 1;
  const user_id = `user-${users}`;
  const messages = [...everydayMemories, memory].map((content) => ({ role: 'user', content }));
  const added = await client('POST /v3/memories/add/', {
    body: { messages, user_id, infer: false },
  });
  await finalEvent(client, added.body.event_id);
  const { body } = await client('POST /v1/exports/', {
    body: { schema: { type: 'object', properties: { [name]: schema } }, filters: { user_id } },
  });
  await finalEvent(client, body.id);
  const exported = await client('POST /v1/exports/get/', { body: { memory_export_id: body.id } });
  return exported.body[name];
};

const isEmpty = (value: unknown): boolean =>
  value === null || (Array.isArray(value) && value.length === 0);

/** The cases whose field did not get the expected value, with the value it got. */
const wrong = async (cases: readonly FieldCase[]) => {
  const found: unknown[] = [];
  for (const one of cases) {
    const value = await exportedValue(one);
    const isRight =
      one.value === null ? isEmpty(value) : JSON.stringify(value) === JSON.stringify(one.value);
    if (!isRight) found.push({ field: one.name, memory: one.memory, value });
  }
  return found;
};

describe('fields that are filled without a language model', () => {
  it('nine of ten fields that a memory fills get its value', async () => {
    const known = await wrong(filledFields.known);
    const unseen = await wrong(filledFields.unseen);

    expect(known.slice(2)).toEqual([]);
    expect(unseen.slice(1)).toEqual([]);
  }, 60_000);

  it('of the fields that no memory fills, one of twenty at most gets a value', async () => {
    const known = await wrong(emptyFields.known);
    const unseen = await wrong(emptyFields.unseen);

    expect(known.slice(1)).toEqual([]);
    expect(unseen).toEqual([]);
  }, 60_000);
});
