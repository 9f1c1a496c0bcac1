/** Structured log of the service. Fields are ids, names and numbers; never texts of memories, never secrets. */
export interface Telemetry {
  log(level: 'debug' | 'info' | 'warn' | 'error', event: string, fields?: LogFields): void;
}

export type LogFields = { readonly [field: string]: string | number | boolean | undefined };
