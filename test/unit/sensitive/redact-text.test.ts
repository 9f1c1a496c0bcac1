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
    ['4111 1111 1111 1111 12/27, cvv 123', '[redacted card number] 12/27, cvv [redacted]'],
    ['No. 12 378282246310005 1234', 'No. 12 [redacted card number] 1234'],
    [
      '4111-1111-1111-1111 5500 0055 5555 5559 12 27',
      '[redacted card number] [redacted card number] 12 27',
    ],
    ['4111.1111.1111.1111', '[redacted card number]'],
    ['4111\u00A01111\u00A01111\u00A01111', '[redacted card number]'],
    ['IBAN DE89 3704 0044 0532 0130 00 is mine', 'IBAN [redacted IBAN] is mine'],
    ['iban: de89-3704-0044-0532-0130-00.', 'iban: [redacted IBAN].'],
    ['1-800-555-0199 or 138 1234 5678', '[redacted phone number] or [redacted phone number]'],
    [
      '-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-128-CBC,0A\n\nMIIE\n-----END RSA PRIVATE KEY-----.',
      '[redacted key].',
    ],
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
    'Rows 4111 1111 1111 1112 2024 11 30 and 1200 1300 1400 1500 1600 1700',
    'Dated 2026.11.30 2026.12.01 2026.12.02',
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
    '4111 ',
    '4111 1111 1111 1111 ',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY-----\n-',
    'password is "a',
    'my pin is 4821 ',
    '密码是是是',
    'ssn 21909999',
  ])('a text of 100 kB of %j takes less than 50 ms', async (unit) => {
    const text = unit.repeat(100_000 / unit.length);
    const { ms } = await cpuOf(async () => redactText(text, maskAll));

    expect(ms).toBeLessThan(50);
  });
});
