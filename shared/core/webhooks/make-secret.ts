import {
  formatKeyPair,
  formatSecret,
  isSecret,
  publicKeyOf,
} from '../../domain/webhooks/signature.ts';
import type { Ids } from '../../ports/ids.ts';
import { type EndpointError, refuse } from './endpoint-request.ts';

/** A secret in the clear; who made it is shown it. */
export interface PlaintextSecret {
  secret: string;
  /** What receivers verify with, when signatures are made with a key pair. */
  publicKey?: string;
}

/** A secret with its public half, if it has one. */
export const toPlaintextSecret = (secret: string): PlaintextSecret => {
  const publicKey = publicKeyOf(secret);
  return { secret, ...(publicKey === undefined ? {} : { publicKey }) };
};

/** A new secret for signatures of that version, or the customer's own if it is one. */
export const makeSecret = (
  ids: Ids,
  { secret, signing = 'v1' }: { secret?: string; signing?: 'v1' | 'v1a' },
): PlaintextSecret | EndpointError => {
  if (secret === undefined) {
    const random = Buffer.from(ids.secret(32), 'hex');
    return toPlaintextSecret(signing === 'v1' ? formatSecret(random) : formatKeyPair(random));
  }
  if (isSecret(secret)) return toPlaintextSecret(secret);
  return refuse(
    'secret',
    'bad_secret',
    'A secret is whsec_ and standard base64 of 24 to 64 bytes, or whsk_ and that of an Ed25519 key pair.',
  );
};
