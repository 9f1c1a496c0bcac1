import { Buffer as BrowserBuffer } from 'buffer/index.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as replacement from '../../../functions/console/proof/sha256.ts';
import * as signatureReplacement from '../../../functions/console/proof/signature.ts';
import * as original from '../../../shared/domain/sha256.ts';
import * as signature from '../../../shared/domain/webhooks/signature.ts';

const texts = fc.string({ unit: 'binary', maxLength: 200 });

describe('the modules that stand for those of Node.js in a browser', () => {
  it('hashes are those of Node.js', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(replacement.sha256(text, 'hex')).toBe(original.sha256(text, 'hex'));
        expect(replacement.sha256(text, 'base64url')).toBe(original.sha256(text, 'base64url'));
        expect(replacement.sha256Start(text)).toBe(original.sha256Start(text));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(replacement.sha256(bytes, 'hex')).toBe(original.sha256(bytes, 'hex'));
      }),
    );
  });

  it('sizes and encodings of bytes are those of Node.js', () => {
    fc.assert(
      fc.property(texts, fc.uint8Array(), (text, bytes) => {
        const base64 = Buffer.from(bytes).toString('base64');
        expect(BrowserBuffer.byteLength(text)).toBe(Buffer.byteLength(text));
        expect(BrowserBuffer.from(bytes).toString('hex')).toBe(Buffer.from(bytes).toString('hex'));
        expect(BrowserBuffer.from(bytes).toString('base64')).toBe(base64);
        expect([...BrowserBuffer.from(base64, 'base64')]).toEqual([...bytes]);
      }),
    );
  });

  it('every function of the module of signatures has a stand-in, which refuses to sign', () => {
    expect(Object.keys(signatureReplacement).sort()).toEqual(Object.keys(signature).sort());
    expect(signatureReplacement.maxSecrets).toBe(signature.maxSecrets);
    expect(() => signatureReplacement.sign()).toThrow('signs no webhooks');
  });
});
