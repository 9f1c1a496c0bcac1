/** HTTP headers by name. */
export type EndpointHeaders = { readonly [name: string]: string };

export type HeadersValidation =
  | { ok: true; headers: EndpointHeaders }
  | { ok: false; code: 'header_refused'; message: string };

const maxHeaders = 20;
const maxLength = 4_096;

const token = /^[\w!#$%&'*+.^`|~-]{1,128}$/;
const printable = /^[\t -~]*$/;

/** Headers that a delivery sets itself, or that would change the framing or encoding of the message. */
const reserved =
  /^(host|content-.*|transfer-encoding|connection|keep-alive|proxy-.*|te|trailer|upgrade|expect|accept-encoding|user-agent|webhook-.*|svix-.*)$/;

const headerError = (name: string, value: string): string | undefined => {
  if (!token.test(name)) return `The header name ${JSON.stringify(name)} is not valid.`;
  if (reserved.test(name.toLowerCase())) return `The header ${name} cannot be set.`;
  if (!printable.test(value)) return `The header ${name} must be printable ASCII on one line.`;
  return undefined;
};

/** Validates custom headers; names are returned in lower case. */
export const validateHeaders = (headers: EndpointHeaders): HeadersValidation => {
  const invalid = (message: string): HeadersValidation => ({
    ok: false,
    code: 'header_refused',
    message,
  });
  const entries = Object.entries(headers);
  const length = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (entries.length > maxHeaders) return invalid(`There can be at most ${maxHeaders} headers.`);
  if (length > maxLength) return invalid(`The headers can have ${maxLength} characters in all.`);
  for (const [name, value] of entries) {
    const error = headerError(name, value);
    if (error) return invalid(error);
  }
  const folded = Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
  return Object.keys(folded).length === entries.length
    ? { ok: true, headers: folded }
    : invalid('A header is given twice.');
};
