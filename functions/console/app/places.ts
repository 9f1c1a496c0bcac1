/** Place in the console, from the fragment of the address: `#/events/<id>?status=FAILED`. */
export interface Place {
  page: string;
  id: string;
  query: URLSearchParams;
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

export const parsePlace = (fragment: string): Place => {
  const [path = '', query = ''] = fragment.replace(/^#?\/?/, '').split('?');
  const [page = '', ...rest] = path.split('/');
  return { page, id: decoded(rest.join('/')), query: new URLSearchParams(query) };
};

/** Fragment of a page, or of one thing on it. */
export const placeOf = (page: string, id?: string): string =>
  id === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;
