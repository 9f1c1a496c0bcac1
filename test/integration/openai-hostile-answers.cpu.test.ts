import { describe, expect, it } from 'vitest';
import { answeredModel, asking, change, changesOf, good } from '../support/answered-model.ts';
import { blockOf } from '../support/turn-cpu.ts';

const { decideOn } = answeredModel();

describe('a hostile answer', () => {
  /** Fits an answer of 1 MB although every character is escaped. */
  const size = 500_000;
  const fill = (unit: string) => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);

  it.each(
    [
      '{',
      '[',
      '{"a":[',
      '{"a":"',
      '"',
      '" ',
      '" x',
      '", x',
      '\\',
      '\\"',
      '{/*',
      '//',
      "{'",
      '<think>',
      '</think>',
      'think>',
      '{"changes":[',
      '{"turn":1,"op":"ADD","text":"a"},',
      `${good}\n`,
      '[{"op":1},',
      '{a:',
      '9',
      ' ',
      '{"a b c":',
      `{"changes":[${JSON.stringify({ ...change, text: ['x'] })},`,
    ].map((unit) => [unit]),
  )('a hostile answer does not block the event loop: 500 kB of %j', async (unit) => {
    for (const content of [fill(unit), `{"changes":["${fill(unit)}`, `${good}${fill(unit)}`]) {
      const { ms } = await blockOf(() =>
        decideOn({ content }, { request: asking(fill(unit).slice(0, 200_000)) }),
      );

      expect(ms).toBeLessThan(100);
    }
  });

  const megabyte = 1_040_000;
  const filled = (start: string, unit: string, end: string) =>
    start + unit.repeat(Math.floor(megabyte / unit.length)) + end;
  const message = '{"choices":[{"message":';

  it.each([
    ['parts of the content', filled(`${message}{"content":[`, '0,', '0]}}]}')],
    ['empty parts of the content', filled(`${message}{"content":[`, '{},', '{}]}}]}')],
    ['tool calls', filled(`${message}{"tool_calls":[`, '{},', '{}]}}]}')],
    ['choices', filled('{"choices":[', '[],', '[]]}')],
    ['keys', filled(`${message}{`, '"a":0,', '"a":0}}]}')],
    ['levels', `{"choices":${'['.repeat(megabyte / 2)}${']'.repeat(megabyte / 2)}}`],
  ])('a hostile body is refused before it is parsed: 1 MB of %s', async (_, body) => {
    const { answer, ms } = await blockOf(() => decideOn({}, { body }));

    expect(answer.decision).toMatchObject({ ok: false, code: 'model_oversized', about: 'turn' });
    expect(ms).toBeLessThan(50);
  });

  it('of a content in thousands of parts the first are read, without a block', async () => {
    const content = [{ type: 'text', text: good }, ...Array.from({ length: 19_000 }, () => 0)];
    const { answer, ms } = await blockOf(() => decideOn({ content }));

    expect(ms).toBeLessThan(50);
    expect(changesOf(answer.decision)).toHaveLength(1);
  });

  it('an answer is aborted at 1 MB, as a failure of its turn', async () => {
    const { decision } = await decideOn({
      content: fill('x'),
      reasoning: fill('y'),
      more: fill('z'),
    });

    expect(decision).toMatchObject({ ok: false, code: 'model_oversized', about: 'turn' });
  });

  it('every field of an answer, and the number of changes, is bounded', async () => {
    const long = 'x'.repeat(50_000);
    const many = Array.from({ length: 700 }, () => ({ turn: 1, op: 'NONE', reason: 'y' }));
    const content = JSON.stringify({ changes: [{ ...change, text: long, reason: long }, ...many] });

    const { decision } = await decideOn({ content });

    const [first, ...others] = changesOf(decision);
    expect(first?.text?.length).toBe(8_000);
    expect(first?.reason?.length).toBe(500);
    expect(others.length).toBe(499);
  });
});
