/** A request the service answers with an error; its body is a string where the service sends plain text. */
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

/** As the data plane says it. */
export const badRequest = (message: string): Refused =>
  new Refused(400, { code: 3, message, details: [] });

export const unknownNamespace = (): Refused =>
  new Refused(404, { code: 5, message: 'Namespace not found', details: [] });

/** As the control plane says it. */
export const controlRefusal = (status: number, code: string, message: string): Refused =>
  new Refused(status, { error: { code, message }, status });
