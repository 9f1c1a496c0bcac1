import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemory } from '../../../functions/library/index.ts';
import type { LocalMemory } from '../../../functions/library/memory-interface.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let memory: LocalMemory;
const unknown = { foo: 1, signal: undefined };
const unknownId = '01890a5d-ac96-774b-bcce-b302099a8057';

beforeEach(async () => {
  folder = temporaryFolder();
  memory = await createMemory({ dataDir: folder.file('data') });
});

afterEach(async () => {
  await memory.close();
  folder.remove();
});

describe('options', () => {
  it.each([
    ['add', () => memory.add('x', { userId: 'ana', ...unknown }), 'foo'],
    ['search', () => memory.search('x', { userId: 'ana', ...unknown }), 'foo'],
    ['context', () => memory.context('x', { userId: 'ana', ...unknown }), 'foo'],
    ['getAll', () => memory.getAll({ userId: 'ana', ...unknown }), 'foo'],
    ['get', () => memory.get(unknownId, { ...unknown }), 'foo'],
    ['delete', () => memory.delete(unknownId, { ...unknown }), 'foo'],
    ['deleteAll', () => memory.deleteAll({ userId: 'ana', ...unknown }), 'foo'],
    ['waitForEvent', () => memory.waitForEvent(unknownId, { ...unknown }), 'foo'],
    ['process', () => memory.process('ana', { ...unknown }), 'foo'],
    ['addExchange', () => memory.addExchange('ana', 'a', 'b', { ...unknown }), 'foo'],
    ['waitForProcessing', () => memory.waitForProcessing('ana', { ...unknown }), 'foo'],
  ])('an unknown option of %s is refused by its name', async (operation, call, field) => {
    await expect(call()).rejects.toMatchObject({
      name: 'ValidationError',
      code: 'unknown_option',
      operation,
      field,
      message: expect.stringContaining(`${operation} has no option "foo"`),
    });
  });

  it('an option in the spelling of the HTTP API is refused with the right one', async () => {
    const options = { userId: 'ana', ...{ expiration_date: '2030-01-01' } };

    await expect(memory.add('x', options)).rejects.toThrow(
      'add has no option "expiration_date": use expirationDate.',
    );
  });

  it.each([
    [
      'add',
      () => memory.add('x', { signal: undefined, ...{ user_id: 'al' } }),
      'user_id',
      'use userId.',
    ],
    [
      'update',
      () => memory.update(unknownId, { text: 'x', ...{ metdata: {} } }),
      'metdata',
      'use one of text, metadata.',
    ],
    [
      'update',
      () => memory.update(unknownId, { text: 'x', ...{ userId: 'al' } }),
      'userId',
      'use one of text, metadata.',
    ],
    [
      'update',
      () => memory.update(unknownId, { text: undefined, ...{ data: 'x' } }),
      'data',
      'use one of text, metadata.',
    ],
    [
      'update',
      () => memory.update(unknownId, { text: undefined, ...{ expirationDate: null } }),
      'expirationDate',
      'use one of text, metadata.',
    ],
  ])('%s names the right options for %s', async (operation, call, field, advice) => {
    await expect(call()).rejects.toMatchObject({
      code: 'unknown_option',
      operation,
      field,
      message: `${operation} has no option "${field}": ${advice}`,
    });
  });

  it.each([
    ['topK', () => memory.search('x', { userId: 'ana', topK: 0 })],
    ['diversity', () => memory.search('x', { userId: 'ana', diversity: 2 })],
    ['budget', () => memory.context('x', { userId: 'ana', budget: 1 })],
    ['threshold', () => memory.context('x', { userId: 'ana', threshold: -1 })],
    ['expirationDate', () => memory.add('x', { userId: 'ana', expirationDate: 'soon' })],
    [
      'customInstructions',
      () => memory.add('x', { userId: 'ana', customInstructions: 'x'.repeat(200_000) }),
    ],
    ['idempotencyKey', () => memory.add('x', { userId: 'ana', idempotencyKey: 'k'.repeat(5_000) })],
    ['userId', () => memory.add('x', { userId: ' ' })],
    ['id', () => memory.get('no-id')],
    ['id', () => memory.history('no-id')],
    ['id', () => memory.waitForEvent('no-id')],
  ])('a refusal of the service names %s as the library does', async (name, call) => {
    const error: unknown = await call().catch((refusal: unknown) => refusal);

    expect(error).toMatchObject({
      status: expect.any(Number),
      field: expect.stringContaining(name),
      message: expect.not.stringMatching(/[a-z]_[a-z]/),
    });
  });

  it('keys of filters stay as they are in refusals', async () => {
    const filters = { user_id: { between: 1 } };

    await expect(memory.search('x', { filters })).rejects.toMatchObject({
      field: expect.stringMatching(/^filters/),
      message: expect.not.stringContaining('userId'),
    });
  });

  it('the compiler refuses an unknown option', async () => {
    // @ts-expect-error
    const call = () => memory.search('x', { userId: 'ana', foo: 1 });

    await expect(call()).rejects.toThrow('foo');
  });

  it.each([
    [{ foo: 1 }, 'foo', 'createMemory has no option "foo"'],
    [{ openai: {} }, 'openai', 'openai needs an apiKey or a baseUrl.'],
    [{ openai: { apikey: 'x' } }, 'apikey', 'openai has no option "apikey"'],
    [{ openai: 'sk-x' }, 'openai', 'openai must be an object.'],
  ])('a memory with the options %j is not opened', async (options, field, sentence) => {
    const wrong: object = { dataDir: folder.file('other'), ...options };

    await expect(createMemory(wrong)).rejects.toMatchObject({
      name: 'ConfigurationError',
      code: 'bad_setting',
      field,
      message: expect.stringContaining(sentence),
    });
  });

  it('a data folder that is a file is refused with one sentence', async () => {
    writeFileSync(folder.file('file'), 'x');

    await expect(createMemory({ dataDir: folder.file('file') })).rejects.toMatchObject({
      code: 'data_unwritable',
      message: expect.stringMatching(/is a file, not a folder/),
    });
  });

  it('an add has the expiration date, the categories and the instructions that it is given', async () => {
    const { results, ignored, eventId } = await memory.add('I collect old maps.', {
      userId: 'ana',
      expirationDate: new Date('2999-12-31T00:00:00Z'),
      customCategories: [{ maps: 'maps and atlases' }],
      customInstructions: 'Only lasting facts.',
    });

    await expect(memory.get(results[0]?.id ?? '')).resolves.toMatchObject({
      expirationDate: expect.stringContaining('2999-12-31'),
      categories: ['maps'],
    });
    await expect(memory.waitForEvent(eventId)).resolves.toMatchObject({
      ignored: ['customInstructions'],
    });
    expect(ignored).toEqual(['customInstructions']);
  });

  it('an add says what was not read of its attachments', async () => {
    const content = [
      { type: 'text', text: 'I like tea.' },
      { type: 'pdf_url', pdf_url: 'data:application/pdf,%25PDF-1.4 damaged' },
    ];

    const added = await memory.add({ role: 'user', content }, { userId: 'ana' });

    expect(added.results).toHaveLength(1);
    expect(added.reason).toBe('attachment 0 (pdf): The PDF is damaged or protected.');
  });
});
