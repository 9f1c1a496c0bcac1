/** Facts about the service itself. Fields are ids, names and numbers; never memory text, never secrets. */
export interface Telemetry {
  log(level: 'debug' | 'info' | 'warn' | 'error', event: string, fields?: LogFields): void;
}

export type LogFields = { readonly [field: string]: string | number | boolean | undefined };
