/** Headers an endpoint asks to be sent with each of its deliveries. */
export type EndpointHeaders = { readonly [name: string]: string };

export type HeadersValidation =
  | { ok: true; headers: EndpointHeaders }
  | { ok: false; code: 'header_refused'; message: string };

const maxHeaders = 20;
const maxLength = 4_096;

const token = /^[\w!#$%&'*+.^`|~-]{1,128}$/;
const printable = /^[\t -~]*$/;

/** What the delivery itself says, or what would change how the message is framed or packed. */
const reserved =
  /^(host|content-.*|transfer-encoding|connection|keep-alive|proxy-.*|te|trailer|upgrade|expect|accept-encoding|user-agent|webhook-.*|svix-.*)$/;

const faultOf = (name: string, value: string): string | undefined => {
  if (!token.test(name)) return `The header name ${JSON.stringify(name)} is not valid.`;
  if (reserved.test(name.toLowerCase())) return `The header ${name} cannot be set.`;
  if (!printable.test(value)) return `The header ${name} must be printable ASCII on one line.`;
  return undefined;
};

/** The rules that custom headers are held to; names come back in lower case. */
export const validateHeaders = (headers: EndpointHeaders): HeadersValidation => {
  const refuse = (message: string): HeadersValidation => ({
    ok: false,
    code: 'header_refused',
    message,
  });
  const entries = Object.entries(headers);
  const length = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (entries.length > maxHeaders) return refuse(`There can be at most ${maxHeaders} headers.`);
  if (length > maxLength) return refuse(`The headers can have ${maxLength} characters in all.`);
  for (const [name, value] of entries) {
    const fault = faultOf(name, value);
    if (fault) return refuse(fault);
  }
  const folded = Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
  return Object.keys(folded).length === entries.length
    ? { ok: true, headers: folded }
    : refuse('A header is given twice.');
};
