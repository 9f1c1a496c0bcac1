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
    const { results, eventId } = await memory.add('I collect old maps.', {
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
      ignored: ['custom_instructions'],
    });
  });
});
