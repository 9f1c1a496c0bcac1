/** Health of one dependency, as this process saw it last. */
export interface PartHealth {
  status: 'ok' | 'degraded';
  /** Code of the latest failure. */
  code?: string;
  /** Time of the first failure since the last success, ms since 1970. */
  since?: number;
}
