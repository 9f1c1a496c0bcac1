/** Error response of the service; `body` is a string where the service sends plain text. */
export class Refused extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(`refused with ${status}`);
    this.name = 'Refused';
    this.status = status;
    this.body = body;
  }
}

/** Error response in the format of the data plane. */
export const badRequest = (message: string): Refused =>
  new Refused(400, { code: 3, message, details: [] });

export const unknownNamespace = (): Refused =>
  new Refused(404, { code: 5, message: 'Namespace not found', details: [] });

/** Error response in the format of the control plane. */
export const controlRefusal = (status: number, code: string, message: string): Refused =>
  new Refused(status, { error: { code, message }, status });
