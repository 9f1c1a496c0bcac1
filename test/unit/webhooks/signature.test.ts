import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSecret, isSecret, sign } from '../../../shared/domain/webhooks/signature.ts';

const vector = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1_614_265_330,
  body: Buffer.from('{"test": 2432232314}'),
};
const vectorSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const secretOf = (bytes: number): string => `whsec_${randomBytes(bytes).toString('base64')}`;

const newKeyPair = () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const bytes = Buffer.concat([Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]);
  return {
    secret: `whsk_${bytes.toString('base64')}`,
    bytes,
    publicKey: createPublicKey(privateKey),
  };
};

describe('a signature', () => {
  it("a signature is the one of the specification's example", () => {
    expect(sign(vector, [vectorSecret])).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('a signature covers the exact bytes of the body', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 0, max: 2 ** 40 }), (body, timestamp) => {
        const key = Buffer.from(vectorSecret.slice(6), 'base64');
        const content = Buffer.concat([Buffer.from(`ntf_1.${timestamp}.`), body]);

        const signature = sign({ id: 'ntf_1', timestamp, body }, [vectorSecret]);

        expect(signature).toBe(`v1,${createHmac('sha256', key).update(content).digest('base64')}`);
      }),
    );
  });

  it('a message has a signature for each valid secret, newest first', () => {
    const secrets = Array.from({ length: 5 }, () => secretOf(32));

    const together = sign(vector, secrets);

    expect(together).toBe(secrets.map((secret) => sign(vector, [secret])).join(' '));
  });

  it('an Ed25519 signature is verified with the public key', () => {
    const { secret, publicKey } = newKeyPair();

    const [version, signature = ''] = sign(vector, [secret]).split(',');

    const content = Buffer.concat([Buffer.from(`${vector.id}.${vector.timestamp}.`), vector.body]);
    expect(version).toBe('v1a');
    expect(verify(null, content, publicKey, Buffer.from(signature, 'base64'))).toBe(true);
  });

  it.each([
    ['no secret', { secrets: [] }],
    ['six secrets', { secrets: Array.from({ length: 6 }, () => secretOf(32)) }],
    ['a secret that is none', { secrets: ['whsec_short'] }],
    ['an id with a dot', { id: 'msg.1' }],
    ['half a second', { timestamp: 1.5 }],
    ['no time', { timestamp: Number.NaN }],
  ])('no signature is made with %s', (_, { secrets = [vectorSecret], ...rest }: SignFault) => {
    expect(() => sign({ ...vector, ...rest }, secrets)).toThrow(TypeError);
  });
});

interface SignFault {
  secrets?: string[];
  id?: string;
  timestamp?: number;
}

describe('a secret', () => {
  it('a secret has 24 to 64 bytes', () => {
    const lengths = Array.from({ length: 81 }, (_, i) => i);

    const good = lengths.filter((bytes) => isSecret(secretOf(bytes)));

    expect([good[0], good.at(-1), good.length]).toEqual([24, 64, 41]);
  });

  it.each([
    ['nothing', ''],
    ['no key', 'whsec_'],
    ['no prefix', vectorSecret.slice(6)],
    ['another prefix', vectorSecret.replace('whsec_', 'WHSEC_')],
    ['base64url', `whsec_${Buffer.alloc(33, 0xfb).toString('base64url')}`],
    ['missing padding', `whsec_${randomBytes(25).toString('base64').replace(/=+$/, '')}`],
    ['stray bits at its end', `whsec_${'A'.repeat(33)}B==`],
    ['a line break', `${vectorSecret}\n`],
    ['a space', `whsec_ ${vectorSecret.slice(6)}`],
    ['a public key', `whpk_${randomBytes(32).toString('base64')}`],
    ['half an Ed25519 key', `whsk_${randomBytes(32).toString('base64')}`],
  ])('a secret is not %s', (_, text) => {
    expect(isSecret(text)).toBe(false);
  });

  it('an Ed25519 secret is a seed with its public key', () => {
    const { secret, bytes } = newKeyPair();
    const other = newKeyPair();
    const mixed = Buffer.concat([bytes.subarray(0, 32), other.bytes.subarray(32)]);

    expect(isSecret(secret)).toBe(true);
    expect(isSecret(`whsk_${mixed.toString('base64')}`)).toBe(false);
  });

  it('a secret is formatted from random bytes', () => {
    expect(isSecret(formatSecret(randomBytes(32)))).toBe(true);
    expect(() => formatSecret(randomBytes(23))).toThrow(TypeError);
    expect(() => formatSecret(randomBytes(65))).toThrow(TypeError);
  });
});
