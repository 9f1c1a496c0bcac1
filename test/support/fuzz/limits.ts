import type { HttpRequest } from './exchange.ts';

/** Longest event loop iteration, in ms of CPU. */
export const maxIterationMs = 50;
const maxLargeIterationMs = 100;
/** Size in bytes from which a body counts as large. */
const largeBytes = 100_000;

const sizeOf = ({ body = '' }: HttpRequest): number => Buffer.byteLength(body);

/** Longest event loop iteration that a request may cause, in ms of CPU. */
export const allowedMs = (request: HttpRequest): number =>
  sizeOf(request) >= largeBytes ? maxLargeIterationMs : maxIterationMs;
