import { describe, expect, it } from 'vitest';
import {
  answeredModel,
  change,
  changesOf,
  draft,
  good,
  learnt,
} from '../support/answered-model.ts';

const { decideOn } = answeredModel();

const shapes: [string, string][] = [
  ['as it is asked for', good],
  ['prose before it', `Sure! Here are the changes:\n${good}`],
  ['prose after it', `${good}\nLet me know if there is more (there isn't).`],
  ['braces before it', `I used {the format} you gave [1]: ${good}`],
  ['braces after it', `${good} {"confidence": 0.9} [1] {done}`],
  ['an open brace before it', `Format { and then ${good}`],
  ['a fence', `\`\`\`json\n${good}\n\`\`\``],
  ['two think blocks', `<think>one ${draft}</think><think>two</think>${good}`],
  ['a thinking block', `<thinking>${draft}</thinking>\n${good}`],
  ['a lone </think>', `so ${draft} or not?</think>${good}`],
  ['a lone think>', `so ${draft} or not?\nthink>\n${good}`],
  ['a tag inside the text', good.replace('tea.', 'the tag </think>.')],
  ['an earlier valid answer', `${draft}\nOr rather:\n${good}`],
  ['the bare list', `[${JSON.stringify(change)}]`],
  ['the bare change', JSON.stringify(change)],
  ['a bare change with prose around it', `Here: ${JSON.stringify(change)}. Done.`],
  ['a list around it', `[${good}]`],
  ['a JSON string', JSON.stringify(good)],
  ['a JSON string in a JSON string', JSON.stringify(JSON.stringify(good))],
  ['another key around it', `{"answer":${good}}`],
  ['another key around the list', `{"memory":[${JSON.stringify(change)}]}`],
  ['another key around a string of it', JSON.stringify({ output: good })],
  ['a thought beside it', `{"thought":"Ana likes tea","answer":${good}}`],
  ['one change instead of a list', JSON.stringify({ changes: change })],
  ['a string instead of a list', JSON.stringify({ changes: JSON.stringify([change]) })],
  ['a comma too many', good.replace('}]', '},]')],
  ['a comma too many at the end', good.replace(']}', '],}')],
  ['a comment', good.replace('[', '[ // the first\n /* and only */ ')],
  ['single quotes', good.replaceAll('"', "'")],
  [
    'single quotes around an apostrophe',
    good.replace('Ana likes', "Ana's dog likes").replaceAll('"', "'"),
  ],
  ['keys without quotes', good.replaceAll(/"(\w+)":/g, '$1:')],
  ['words of Python', good.replaceAll('null', 'None')],
  ['a raw newline in a string', good.replace('likes ', 'likes\n')],
  ['unescaped quotes in a string', good.replace('tea.', 'tea "Earl Grey" best.')],
  ['cut off after a change', good.slice(0, -2)],
  ['cut off in the next change', `${good.slice(0, -2)},{"turn":1,"op":"ADD","te`],
  [
    'cut off in a string of the next change',
    `${good.slice(0, -2)},{"turn":1,"op":"ADD","text":"Ana lik`,
  ],
  [
    'a fact instead of a text',
    JSON.stringify({ changes: [{ ...change, text: { fact: change.text } }] }),
  ],
  ['a list instead of a text', JSON.stringify({ changes: [{ ...change, text: [change.text] }] })],
  ['no turn', JSON.stringify({ changes: [{ op: 'ADD', text: change.text }] })],
  ['a turn in words', JSON.stringify({ changes: [{ ...change, turn: 'turn 1', op: 'add' }] })],
  ['a message that is none', JSON.stringify({ changes: [{ ...change, message: 'first' }] })],
  [
    'a change without a text beside it',
    JSON.stringify({ changes: [{ turn: 1, op: 'ADD' }, change] }),
  ],
  [
    'a change of nothing beside it',
    JSON.stringify({ changes: [change, { turn: 1, op: 'UPDATE', target: 'M9', text: 'x' }] }),
  ],
  ['a change of no turn beside it', JSON.stringify({ changes: [{ ...change, turn: 7 }, change] })],
  ['a string beside it', JSON.stringify({ changes: ['Ana likes tea.', change] })],
];

describe('an answer in another shape', () => {
  it.each(shapes)('an answer in this shape is read with one request: %s', async (_, content) => {
    const { decision, requests } = await decideOn({ content });

    expect(learnt(decision)).toEqual([expect.stringMatching(/^Ana('s dog)? likes\s(tea|the tag)/)]);
    expect(requests).toBe(1);
  });

  it('an unusable change is reported as a NONE', async () => {
    const content = JSON.stringify({ changes: [change, { turn: 1, op: 'DELETE', target: 'M9' }] });

    const { decision } = await decideOn({ content });

    expect(changesOf(decision)[1]).toEqual({
      turn: 0,
      type: 'NONE',
      reason: expect.stringContaining('DELETE needs a target'),
    });
  });

  it('several single changes in a row are one answer', async () => {
    const content = `${JSON.stringify(change)}\n${JSON.stringify({ ...change, text: 'Ana likes cake.' })}`;

    const { decision } = await decideOn({ content });

    expect(learnt(decision)).toEqual(['Ana likes tea.', 'Ana likes cake.']);
  });

  it('an answer may be an empty list of changes', async () => {
    for (const content of ['{"changes":[]}', '[]', '<think>hm</think> []']) {
      const { decision, requests } = await decideOn({ content });

      expect(changesOf(decision).map(({ type }) => type)).toEqual(['NONE']);
      expect(requests).toBe(1);
    }
  });
});

describe('an answer in another field', () => {
  const call = (given: unknown) => ({
    type: 'function',
    function: { name: 'changes', arguments: given },
  });

  it.each<[string, { [field: string]: unknown }]>([
    [
      'parts',
      {
        content: [
          { type: 'text', text: good.slice(0, 20) },
          { type: 'text', text: good.slice(20) },
        ],
      },
    ],
    [
      'parts, some without text',
      { content: [{ type: 'image' }, null, { type: 'text', text: good }] },
    ],
    ['a tool call', { content: null, tool_calls: [call(good)] }],
    ['a tool call with parsed arguments', { content: '', tool_calls: [call(JSON.parse(good))] }],
    ['a function call', { function_call: { name: 'changes', arguments: good } }],
    ['the thoughts', { content: '', reasoning_content: `First ${draft}, no: ${good}` }],
    ['the thoughts under another name', { content: null, reasoning: good }],
    ['the content, whatever the thoughts say', { content: good, reasoning_content: draft }],
    ['the content, whatever a tool is called with', { content: good, tool_calls: [call(draft)] }],
  ])('an answer is read from here: %s', async (_, message) => {
    const { decision, requests } = await decideOn(message);

    expect(learnt(decision)).toEqual(['Ana likes tea.']);
    expect(requests).toBe(1);
  });
});
