/** The three forms of an HTTP date (RFC 9110, section 5.6.7). */
const httpDate =
  /^(?:\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT|\w{6,9}, \d{2}-\w{3}-\d{2} \d{2}:\d{2}:\d{2} GMT|\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/;

/**
 * Parses the value of a `Retry-After` header (RFC 9110, section 10.2.3): whole seconds or an HTTP date.
 * @param now ms since 1970
 * @returns ms to wait, 0 for a date that is past; undefined for a value of another form
 */
export const parseRetryAfter = (header: string, now: number): number | undefined => {
  const value = header.trim();
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  if (!httpDate.test(value)) return undefined;
  const date = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
};
