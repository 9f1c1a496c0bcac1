import type { SecretBox } from '../../shared/ports/secret-box.ts';

/** Seals nothing. */
export const plainSecretBox: SecretBox = {
  seal: async (secret) => secret,
  open: async (sealed) => sealed,
};
