import type { SecretBox } from '../../shared/ports/secret-box.ts';

/** Secret box that stores secrets in the clear. */
export const plainSecretBox: SecretBox = {
  seal: async (secret) => secret,
  open: async (sealed) => sealed,
};
