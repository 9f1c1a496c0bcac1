import { describe, expect, it } from 'vitest';
import { bytesDigest } from '../../../shared/domain/digest.ts';
import { redactText } from '../../../shared/domain/sensitive/redact-text.ts';
import { sensitiveKinds } from '../../../shared/domain/sensitive/sensitive.ts';
import { cpuOf } from '../../support/cpu-of.ts';

const maskAll = Object.fromEntries(sensitiveKinds.map((kind) => [kind, 'mask' as const]));

/** A UUID made of a number. */
const uuidOf = (number: number): string =>
  bytesDigest(Buffer.from(String(number))).replace(
    /^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/,
    '$1-$2-$3-$4-$5',
  );

describe('redaction and ids', () => {
  it('ids of other systems stay as they are, whatever digits these have', () => {
    const texts = Array.from({ length: 50_000 }, (_, number) => `Order ${uuidOf(number)} is mine.`);

    expect(texts.filter((text) => redactText(text, maskAll).text !== text)).toEqual([]);
  });
});

describe('redaction finds', () => {
  it.each([
    ['Pay with 4111 1111 1111 1111, please.', 'Pay with [redacted card number], please.'],
    ['IBAN DE89 3704 0044 0532 0130 00 is mine', 'IBAN [redacted IBAN] is mine'],
    ['GB82WEST12345698765432', '[redacted IBAN]'],
    ['Key: sk-abcdefghijklmnop1234', 'Key: [redacted key]'],
    ['My SSN is 219-09-9999.', 'My SSN is [redacted id number].'],
    ['NINO AB 12 34 56 C', 'NINO [redacted id number]'],
    ['DNI 12345678Z', 'DNI [redacted id number]'],
    ['CPF 529.982.247-25', 'CPF [redacted id number]'],
    ['NIR 2 55 08 14 168 025 38', 'NIR [redacted id number]'],
    ['RSSMRA85T10A562S', '[redacted id number]'],
    ['11010519491231002X', '[redacted id number]'],
    ['Write to ana.lopez+x@mail.example.org.', 'Write to [redacted e-mail address].'],
    [
      'Call +44 20 7946 0958 or (212) 555-0199',
      'Call [redacted phone number] or [redacted phone number]',
    ],
    ['Ruf 030 1234567 an', 'Ruf [redacted phone number] an'],
    ['The wifi password is fern-boat-7.', 'The wifi password is [redacted].'],
    ['DB_PASSWORD=hunter22', 'DB_PASSWORD=[redacted]'],
  ])('%j', (text, redacted) => {
    expect(redactText(text, maskAll).text).toBe(redacted);
  });
});

describe('redaction leaves', () => {
  it.each([
    'Order 4111 1111 1111 1112 arrived.',
    'DE89 3704 0044 0532 0130 01',
    'On 2026-11-29 at 10:30 we met 120 people.',
    'The ISBN is 978-3-16-148410-0.',
    'Version 1.22.333.4444 of 12345678A',
    'I forgot my password again.',
    'The team scored 101-999-100 points at 000-12-3456',
    'user@localhost is no address',
  ])('%j', (text) => {
    expect(redactText(text, maskAll)).toEqual({ text, counts: {} });
  });
});

describe('modes', () => {
  it('a value is masked, dropped or refused by the mode of its kind, and counted unless refused', () => {
    const text = 'a@b.example, 4111111111111111, +44 20 7946 0958';

    expect(redactText(text, { email: 'mask', card: 'drop', phone: 'refuse' })).toMatchObject({
      text: expect.stringMatching(/^\[redacted e-mail address\], , /),
      counts: { email: 1, card: 1 },
      refused: 'phone',
    });
  });

  it('a kind without a mode is kept', () => {
    expect(redactText('a@b.example', { card: 'mask' }).text).toBe('a@b.example');
  });

  it('a redacted text has nothing left to redact', () => {
    const { text } = redactText('password: sk-abcdefghijklmnop1234 for 4111111111111111', maskAll);

    expect(redactText(text, maskAll)).toEqual({ text, counts: {} });
  });
});

describe('cost', () => {
  it.each([
    '1',
    '1 ',
    'a@',
    'A',
    'AB12 ',
    '-1',
    'pin ',
    '+1 ',
    'DE89 3704 0044 0532 0130 00 ',
    'sk-a',
    'a.b@c.d ',
  ])('a text of 100 kB of %j takes less than 50 ms', async (unit) => {
    const text = unit.repeat(100_000 / unit.length);
    const { ms } = await cpuOf(async () => redactText(text, maskAll));

    expect(ms).toBeLessThan(50);
  });
});
