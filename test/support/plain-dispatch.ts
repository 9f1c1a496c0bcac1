import type { Outbound } from '../../shared/ports/outbound.ts';
import type { SecretBox } from '../../shared/ports/secret-box.ts';

/** Where nobody answers. */
export const deafOutbound: Outbound = {
  check: async () => ({ ok: true }),
  post: async () => ({ error: 'connect_refused', message: 'Nobody is there.', timings: {} }),
  close: async () => {},
};

/** Seals nothing. */
export const plainSecretBox: SecretBox = {
  seal: async (secret) => secret,
  open: async (sealed) => sealed,
};
