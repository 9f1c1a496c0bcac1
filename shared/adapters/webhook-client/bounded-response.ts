import type { EndpointHeaders } from '../../domain/webhooks/endpoint-headers.ts';

const maxBodyBytes = 16_384;
const maxHeaders = 50;
const maxHeaderLength = 8_192;

/** As text, of which the last character is whole. */
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes, { stream: true });

/** The beginning of a body as text; in UTF-8 it is at most 16 kB, also where bytes that are no text were replaced. */
const excerptOf = (chunks: readonly Buffer[]): string => {
  if (chunks.length === 0) return '';
  const text = decode(Buffer.concat(chunks).subarray(0, maxBodyBytes));
  return decode(Buffer.from(text).subarray(0, maxBodyBytes));
};

export interface Excerpt {
  bodyExcerpt: string;
  truncated: boolean;
}

/** Reads as much of a body as is kept, to its end if that comes before. A body that breaks off is a short one. */
export const readBoundedBody = async (body: AsyncIterable<Buffer>): Promise<Excerpt> => {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBodyBytes) return { bodyExcerpt: excerptOf(chunks), truncated: true };
    }
    return { bodyExcerpt: excerptOf(chunks), truncated: false };
  } catch {
    return { bodyExcerpt: excerptOf(chunks), truncated: true };
  }
};

type RawHeaders = { readonly [name: string]: string | readonly string[] | undefined };

/** Whole headers as long as they fit; the one that does not is cut. */
export const boundHeaders = (raw: RawHeaders): EndpointHeaders => {
  const kept: [string, string][] = [];
  let room = maxHeaderLength;
  for (const [name, value = ''] of Object.entries(raw).slice(0, maxHeaders)) {
    if (room <= name.length) break;
    const text = [value]
      .flat()
      .join(', ')
      .slice(0, room - name.length);
    kept.push([name, text]);
    room -= name.length + text.length;
  }
  return Object.fromEntries(kept);
};
