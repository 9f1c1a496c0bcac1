import * as z from 'zod';
import { limits } from './limits.ts';

/** Text of a query or of a memory. The limit lets two texts fit into one item of the store. */
export const Text = z
  .string()
  .max(limits.textLength)
  .refine(
    (text) => Buffer.byteLength(JSON.stringify(text)) <= limits.textBytes,
    `must not be larger than ${limits.textBytes / 1_000} kB`,
  )
  .refine((text) => text.trim() !== '', 'must not be blank');
