import type { Outgoing } from './exchange.ts';

/** CPU that a turn of the event loop may take, in milliseconds. */
export const usualMs = 50;
const largeMs = 100;
/** A body from this size on is near the limits. */
const largeBytes = 100_000;

const sizeOf = ({ body = '' }: Outgoing): number => Buffer.byteLength(body);

/** How long a request may keep the event loop from everybody else. */
export const allowedMs = (request: Outgoing): number =>
  sizeOf(request) >= largeBytes ? largeMs : usualMs;
