const mask = '***';
const longest = 15;

/** Long, or with a digit and not very short, or with a value of its own: such a part of a path is as good as a password. */
const isToken = (segment: string): boolean =>
  segment.length > longest || (segment.length > 7 && /\d/.test(segment)) || /[;=@:%]/.test(segment);

/**
 * A URL with all of it hidden that can be a password: credentials, the query, and parts of the path that look like a
 * token. The host stays.
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
