export interface Project {
  id: string;
  organization: string;
  name: string;
  createdAt: number;
}

export type Permission = 'read' | 'write';

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
