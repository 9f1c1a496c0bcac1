import { describe, expect, it } from 'vitest';
import type { Message } from '../../../shared/domain/memory/turn.ts';
import { withoutSecrets } from '../../../shared/domain/sensitive/asked-secrets.ts';

const pause = async () => {};

/** Messages as they are kept: of the user, then of the assistant in turns. */
const kept = async (
  contents: readonly string[],
  roles: Message['role'][] = ['user', 'assistant'],
) => {
  const messages = contents.map((content, at) => ({ role: roles[at] ?? 'user', content }));
  const safe = await withoutSecrets(messages, pause);
  return { texts: safe.messages.map(({ content }) => content), redacted: safe.redacted };
};

const said = async (content: string, role: Message['role'] = 'user') =>
  (await kept([content], [role])).texts[0];

describe('of a secret only its kind is kept', () => {
  it.each([
    ['my pin is 4821', 'my pin is [redacted]'],
    ['the wifi code is sunny-dog-42', 'the wifi code is [redacted]'],
    ['the code for the front gate is 0417#', 'the code for the front gate is [redacted]'],
    ['netflix login: ana / Popcorn!99', 'netflix login: ana / [redacted]'],
    ['postgres://app:hunter2@db.host/prod', 'postgres://app:[redacted]@db.host/prod'],
    ['Authorization: Bearer abc.def.ghi123456789', 'Authorization: Bearer [redacted]'],
    ['my card number is 5555 5555 5555 4444', 'my card number is [redacted card number]'],
    ['my npm token is npm_abcdefghijklmnop1234', 'my npm token is [redacted key]'],
    ['card: 5555 5555 5555 4444, cvc 123', 'card: [redacted card number], cvc [redacted]'],
    ['my iban is DE89370400440532013000', 'my iban is [redacted IBAN]'],
    ['my social is 219-09-9999', 'my social is [redacted id number]'],
    ['The password for the router is "moss#77".', 'The password for the router is "[redacted]".'],
    ['{"user":"ana","password":"fern boat 7"}', '{"user":"ana","password":"[redacted]"}'],
    ['my password was changed to hunter22', 'my password was changed to [redacted]'],
    ['我的密码是 fern-boat-7。', '我的密码是 [redacted]。'],
    ['mot de passe : renard22', 'mot de passe : [redacted]'],
    ['Authorization: Basic YWxhZGRpbjpzZXNhbWU=', 'Authorization: Basic [redacted]'],
    ['my ssn is 219 09 9999', 'my ssn is [redacted id number]'],
    [
      "I can't remember anything. My pin is 4821.",
      "I can't remember anything. My pin is [redacted].",
    ],
    ["Don't save this, my pin is 4821", "Don't save this, my pin is [redacted]"],
    [
      'Please do not remember that my pin is 4821',
      'Please do not remember that my pin is [redacted]',
    ],
  ])('%j', async (content, safe) => {
    expect(await said(content)).toBe(safe);
  });
});

describe('a message stays as it was said', () => {
  it.each([
    'Remember that the wifi password is fern-boat-7',
    "Please don't forget: my pin is 4821",
    'Could you note my card number is 5555 5555 5555 4444?',
    'my locker number is 1234567890123456',
    'My password is too weak, and my PIN is lost.',
    'The secret is out.',
    'My e-mail address is ana@mail.example and my phone is +44 20 7946 0958.',
  ])('%j', async (content) => {
    expect(await said(content)).toBe(content);
  });
});

it('only the user may ask to keep a secret', async () => {
  expect(await said('Remember: the password is fern-boat-7', 'assistant')).toBe(
    'Remember: the password is [redacted]',
  );
});

describe('a secret that a message names', () => {
  it('goes from the other messages, too, before and behind it', async () => {
    const { texts, redacted } = await kept([
      'Is hunter22 a good one? My password is hunter22.',
      'I noted hunter22, not hunter221.',
      'And 4821? That is my pin: 4821',
      'Fine, 4821 it is.',
    ]);

    expect(texts).toEqual([
      'Is [redacted] a good one? My password is [redacted].',
      'I noted [redacted], not hunter221.',
      'And [redacted]? That is my pin: [redacted]',
      'Fine, [redacted] it is.',
    ]);
    expect(redacted).toEqual({ password: 6 });
  });

  it('that is a word or a year is replaced behind its name alone', async () => {
    const { texts } = await kept([
      'my pin is 1990 and my password is summer',
      'In 1990, in summer.',
    ]);

    expect(texts).toEqual([
      'my pin is [redacted] and my password is [redacted]',
      'In 1990, in summer.',
    ]);
  });

  it('stays where the user asks to remember it', async () => {
    const asked = 'Remember that my password is hunter22';
    const { texts } = await kept(
      ['My password is hunter22', 'ok', asked],
      ['user', 'assistant', 'user'],
    );

    expect(texts).toEqual(['My password is [redacted]', 'ok', asked]);
  });
});
