import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

describe('text of every kind', () => {
  it.each([
    ['emoji', 'I love 🍣 and 👩‍👩‍👧‍👦'],
    ['Chinese', '我喜欢绿茶'],
    ['Arabic, right to left', 'أحب الشاي الأخضر'],
    ['combining marks', 'cafe\u0301 Zürich'],
    ['quotes and braces', '"}]}; DROP TABLE memories; --'],
  ])('a text with %s is stored as it was sent', async (name, text) => {
    const id = `kept-${name}`;

    const added = await service.client('POST /v1/turns', { body: say(text, id) });
    await finalEvent(service.client, added.body.event_id);
    const listed = await service.client('POST /v3/memories/', {
      body: { filters: { user_id: id } },
    });

    expect(listed.body.results.map(({ memory }: { memory: string }) => memory)).toEqual([
      `Learnt: ${text}`,
    ]);
  });

  it('half an emoji becomes a replacement character, and no other text is lost', async () => {
    const body = `{"messages":[{"role":"user","content":"Hi \\ud83d there"}],"user_id":"half"}`;

    const added = await service.client('POST /v1/turns', { body });
    await finalEvent(service.client, added.body.event_id);
    const listed = await service.client('POST /v3/memories/', {
      body: { filters: { user_id: 'half' } },
    });

    expect(listed.body.results[0].memory).toBe('Learnt: Hi \ufffd there');
  });

  it('metadata keeps odd keys, and never overwrites a scope id', async () => {
    const body = `{"messages":[{"role":"user","content":"x"}],"user_id":"odd","infer":false,
      "metadata":{"__proto__":{"polluted":true},"constructor":1,"user_id":"someone-else","id":"0"}}`;

    const added = await service.client('POST /v3/memories/add/', { body });
    const listed = await service.client('POST /v3/memories/', {
      body: { filters: { user_id: 'odd' } },
    });
    const strangers = await service.client('POST /v3/memories/', {
      body: { filters: { user_id: 'someone-else' } },
    });

    expect(added.status).toBe(200);
    expect(listed.body.results[0]).toMatchObject({ user_id: 'odd', id: added.body.results[0].id });
    expect(JSON.stringify(listed.body.results[0].metadata)).toBe(
      '{"__proto__":{"polluted":true},"constructor":1,"user_id":"someone-else","id":"0"}',
    );
    expect(strangers.body.results).toEqual([]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('a body needs no content type', async () => {
    const answer = await service.client('POST /v1/turns', {
      body: JSON.stringify(say('untyped', 'untyped')),
      headers: { 'content-type': '' },
    });

    expect(answer.status).toBe(202);
  });
});
