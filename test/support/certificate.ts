import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A certificate and its key, as PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const hex = content.length.toString(16);
  const size = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const length = content.length < 128 ? [content.length] : [0x80 + size.length, ...size];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const oid = (...bytes: readonly number[]) => der(0x06, Buffer.from(bytes));
const yes = der(0x01, Buffer.from([0xff]));

const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const commonName = oid(0x55, 0x04, 0x03);
const subjectAltName = oid(0x55, 0x1d, 0x11);
const basicConstraints = oid(0x55, 0x1d, 0x13);

const nameOf = (text: string) =>
  sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from(text)))));

const timeOf = (ms: number) => {
  const digits = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(digits.slice(2)));
};

const altNameOf = (host: string) =>
  /^[\d.]+$/.test(host)
    ? der(0x87, Buffer.from(host.split('.').map(Number)))
    : der(0x82, Buffer.from(host));

const extensionsOf = (hosts: readonly string[]) => {
  const extensions =
    hosts.length > 0
      ? sequence(subjectAltName, der(0x04, sequence(...hosts.map(altNameOf))))
      : sequence(basicConstraints, yes, der(0x04, sequence(yes)));
  return der(0xa3, sequence(extensions));
};

const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;

const dayMs = 86_400_000;
let serial = 0;

const issue = (
  subject: string,
  hosts: readonly string[],
  issuer: { name: string; key: KeyObject } | undefined,
  from: number,
  until: number,
): Certificate & { privateKey: KeyObject } => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  serial += 1;
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([0x40, serial])),
    ecdsaWithSha256,
    nameOf(issuer?.name ?? subject),
    sequence(timeOf(from), timeOf(until)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    extensionsOf(hosts),
  );
  const signature = sign('sha256', content, issuer?.key ?? privateKey);
  const bytes = sequence(content, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return { cert: pem('CERTIFICATE', bytes), key, privateKey };
};

/** Creates a certificate authority. */
export const createAuthority = (name = 'Test Authority') => {
  const now = Date.now();
  const { cert, key } = issue(name, [], undefined, now - dayMs, now + dayMs);
  const issuer = { name, key: createPrivateKey(key) };
  return {
    cert,
    /** Issues a certificate for host names or IPv4 addresses. */
    issue: (...hosts: string[]): Certificate =>
      issue('a receiver', hosts, issuer, now - dayMs, now + dayMs),
    issueExpired: (...hosts: string[]): Certificate =>
      issue('a receiver', hosts, issuer, now - 2 * dayMs, now - dayMs),
    issueTooEarly: (...hosts: string[]): Certificate =>
      issue('a receiver', hosts, issuer, now + dayMs, now + 2 * dayMs),
  };
};

/** Creates a self-signed certificate. */
export const selfSigned = (...hosts: string[]): Certificate =>
  issue('a receiver', hosts, undefined, Date.now() - dayMs, Date.now() + dayMs);
