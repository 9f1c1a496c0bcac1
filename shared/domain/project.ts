export interface Project {
  id: string;
  organization: string;
  name: string;
  createdAt: number;
}

/** `read` and `write` concern memories and webhooks; `admin` concerns API keys, settings of the project and usage. No permission includes another. */
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
  /** Start of the key, which lists show to distinguish keys. */
  prefix: string;
  permissions: Permission[];
  createdAt: number;
  revokedAt?: number;
}

/** Authenticated caller of a request. */
export interface Principal {
  /** Id of the API key. */
  key: string;
  organization: string;
  project: string;
  permissions: readonly Permission[];
}
