/** Exception of the service, as the body and the header of its answer name it. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, exception: string, message: string) {
    super(message);
    this.name = exception;
    this.status = status;
  }
}

export const invalid = (message: string): Refusal =>
  new Refusal(400, 'ValidationException', message);

export const notFound = (message: string): Refusal =>
  new Refusal(404, 'NotFoundException', message);
