/**
 * Routes that the APIs this service is compatible with document, and that it does not have. A parameter stands for one segment, a
 * final `*` for the rest of the path.
 */
export const unsupportedRoutes = [
  'POST /api/v1/orgs/organizations',
  'POST /api/v1/orgs/organizations/*',
  'PUT /api/v1/orgs/organizations/*',
  'PATCH /api/v1/orgs/organizations/:org',
  'DELETE /api/v1/orgs/organizations/*',
  'POST /api/v1/auth/*',
  'POST /api/openmem/v1/:verb/profile_template',
  'POST /api/openmem/v1/edit/profile',
  'POST /api/openmem/v1/delete/profile',
] as const;

const segmentsOf = (path: string): string[] => path.split('/').slice(1);

const patterns = unsupportedRoutes.map((route) => {
  const [method = '', path = ''] = route.split(' ');
  const segments = segmentsOf(path);
  const isOpen = segments.at(-1) === '*';
  return { method, isOpen, segments: isOpen ? segments.slice(0, -1) : segments };
});

/** Whether the route is documented elsewhere and missing here, as opposed to one that nothing documents. */
export const isUnsupported = (method: string, path: string): boolean => {
  const asked = segmentsOf(path);
  return patterns.some(
    (pattern) =>
      pattern.method === method &&
      (pattern.isOpen || asked.length === pattern.segments.length) &&
      pattern.segments.every((segment, at) => segment.startsWith(':') || segment === asked[at]),
  );
};

/** Returns the sentence of the refusal, with what there is instead. */
export const unsupportedSentence = (path: string): string => {
  if (path.startsWith('/api/openmem/'))
    return 'There are no profile templates: GET /v2/entities/user/<id>/profile has the profile of a user.';
  if (!path.startsWith('/api/v1/orgs/')) return 'This service does not support this route.';
  return /\/members(?:\/|$)/.test(path)
    ? 'There are no members besides the owner: give another person an API key of their own (POST /v1/keys).'
    : 'A key belongs to one project, which the API neither creates nor deletes: the operator creates projects with `npm run keys -- create --project <name>`, and DELETE /v1/memories with all four ids `*` empties one.';
};
