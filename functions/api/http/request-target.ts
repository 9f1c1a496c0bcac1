/**
 * The path that routes are matched on: as sent, still percent-encoded so that `%2F` stays inside its segment, with `//`
 * collapsed and without the last slash. Clients write hosts and paths in every variety and follow no redirect.
 */
export const rawPath = ({ url }: { url: string }): string => {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  if (start === -1) return '/';
  const end = url.slice(start).search(/[?#]/);
  const path = end === -1 ? url.slice(start) : url.slice(start, start + end);
  const collapsed = path.replace(/\/{2,}/g, '/');
  return collapsed.length > 1 && collapsed.endsWith('/') ? collapsed.slice(0, -1) : collapsed;
};
