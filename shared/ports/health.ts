/** State of one part as this process last saw it. */
export interface PartHealth {
  status: 'ok' | 'degraded';
  /** Code of the failure that degraded it. */
  code?: string;
  /** Time of the first failure since it last worked, ms since 1970. */
  since?: number;
}
