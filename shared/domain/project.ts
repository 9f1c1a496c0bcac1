export interface Project {
  id: string;
  organization: string;
  name: string;
  createdAt: number;
}

/** `read` and `write` are about memories and webhooks; `admin` is about API keys and usage. None includes another. */
export const permissions = ['read', 'write', 'admin'] as const;
export type Permission = (typeof permissions)[number];

export const isPermission = (word: string): word is Permission =>
  permissions.some((permission) => permission === word);

/** An API key is `ts_<id>_<secret>`; only a hash of it is kept. */
export interface ApiKey {
  id: string;
  project: string;
  organization: string;
  name: string;
  /** SHA-256 of the whole key, hex. The key is 256 random bits, so a fast hash is enough. */
  hash: string;
  /** What lists show, to tell keys apart. */
  prefix: string;
  permissions: Permission[];
  createdAt: number;
  revokedAt?: number;
}

/** Who a request speaks for. */
export interface Principal {
  key: string;
  organization: string;
  project: string;
  permissions: readonly Permission[];
}
