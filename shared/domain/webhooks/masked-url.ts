const mask = '***';
const maxPlainLength = 15;

/** Whether a path segment may be a secret: long, of middle length with a digit, or with a character of parameters. */
const isToken = (segment: string): boolean =>
  segment.length > maxPlainLength ||
  (segment.length > 7 && /\d/.test(segment)) ||
  /[;=@:%]/.test(segment);

/**
 * Masks the parts of a URL that may be secret: credentials, the query, and path segments that look like a token. The host
 * stays.
 */
export const maskedUrl = (text: string): string => {
  const url = URL.parse(text);
  if (!url) return mask;
  const credentials = url.username || url.password ? `${mask}@` : '';
  const path = url.pathname
    .split('/')
    .map((segment) => (isToken(segment) ? mask : segment))
    .join('/');
  return `${url.protocol}//${credentials}${url.host}${path}${url.search ? `?${mask}` : ''}`;
};
