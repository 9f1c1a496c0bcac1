import type { EndpointHeaders } from '../../domain/webhooks/endpoint-headers.ts';

const maxBodyBytes = 16_384;
const maxHeaders = 50;
const maxHeaderLength = 8_192;

/** Decodes UTF-8 and drops an incomplete last character. */
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes, { stream: true });

/**
 * Decodes the beginning of a body. The result has at most 16 kB in UTF-8, even if invalid bytes were replaced by longer
 * ones.
 */
const toExcerpt = (chunks: readonly Buffer[]): string => {
  if (chunks.length === 0) return '';
  const text = decode(Buffer.concat(chunks).subarray(0, maxBodyBytes));
  return decode(Buffer.from(text).subarray(0, maxBodyBytes));
};

export interface Excerpt {
  bodyExcerpt: string;
  truncated: boolean;
}

/** Reads a body up to the size that is stored. A body that breaks off is returned as truncated. */
export const readBoundedBody = async (body: AsyncIterable<Buffer>): Promise<Excerpt> => {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBodyBytes) return { bodyExcerpt: toExcerpt(chunks), truncated: true };
    }
    return { bodyExcerpt: toExcerpt(chunks), truncated: false };
  } catch {
    return { bodyExcerpt: toExcerpt(chunks), truncated: true };
  }
};

type RawHeaders = { readonly [name: string]: string | readonly string[] | undefined };

/** Limits the headers that are stored to 50 headers and 8,192 characters; the last one is cut. */
export const limitHeaders = (raw: RawHeaders): EndpointHeaders => {
  const limited: [string, string][] = [];
  let remaining = maxHeaderLength;
  for (const [name, value = ''] of Object.entries(raw).slice(0, maxHeaders)) {
    if (remaining <= name.length) break;
    const text = [value]
      .flat()
      .join(', ')
      .slice(0, remaining - name.length);
    limited.push([name, text]);
    remaining -= name.length + text.length;
  }
  return Object.fromEntries(limited);
};
