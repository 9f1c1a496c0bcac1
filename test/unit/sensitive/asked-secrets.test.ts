import { describe, expect, it } from 'vitest';
import type { Message } from '../../../shared/domain/memory/turn.ts';
import { withoutSecrets } from '../../../shared/domain/sensitive/asked-secrets.ts';

const said = (content: string, role: Message['role'] = 'user') =>
  withoutSecrets({ role, content }).message.content;

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
    ['The password for the router is "moss#77".', 'The password for the router is [redacted]".'],
    [
      "I can't remember anything. My pin is 4821.",
      "I can't remember anything. My pin is [redacted].",
    ],
    ["Don't save this, my pin is 4821", "Don't save this, my pin is [redacted]"],
    [
      'Please do not remember that my pin is 4821',
      'Please do not remember that my pin is [redacted]',
    ],
  ])('%j', (content, safe) => {
    expect(said(content)).toBe(safe);
  });
});

describe('a message stays as it was said', () => {
  it.each([
    'Remember that the wifi password is fern-boat-7',
    "Please don't forget: my pin is 4821",
    'Could you note my card number is 5555 5555 5555 4444?',
    'my locker number is 1234567890123456',
    'My e-mail address is ana@mail.example and my phone is +44 20 7946 0958.',
  ])('%j', (content) => {
    expect(said(content)).toBe(content);
  });
});

it('only the user may ask to keep a secret', () => {
  expect(said('Remember: the password is fern-boat-7', 'assistant')).toBe(
    'Remember: the password is [redacted]',
  );
});
