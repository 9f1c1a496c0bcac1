/**
 * Routes that the APIs this service is compatible with document, and that it does not have. A parameter stands for one segment, a
 * final `*` for the rest of the path.
 */
export const unsupportedRoutes = [
  'POST /v1/users',
  'POST /v1/agents',
  'POST /v1/apps',
  'POST /v1/runs',
  'GET /v1/memories/user/:id',
  'GET /v1/memories/agent/:id',
  'GET /v1/memories/app/:id',
  'GET /v1/memories/run/:id',
  'POST /v1/feedback',
  'GET /v1/stats',
  'GET /api/v1/orgs/organizations/:org/members',
  'GET /api/v1/orgs/organizations/:org/projects/:project/members',
  'POST /api/v1/orgs/organizations',
  'POST /api/v1/orgs/organizations/*',
  'PUT /api/v1/orgs/organizations/*',
  'PATCH /api/v1/orgs/organizations/:org',
  'DELETE /api/v1/orgs/organizations/*',
  'POST /api/v1/auth/*',
  'POST /api/openmem/v1/add/message',
  'GET /api/openmem/v1/get/status',
  'POST /api/openmem/v1/get/status',
  'POST /api/openmem/v1/search/memory',
  'POST /api/openmem/v1/get/memory',
  'GET /api/openmem/v1/get/memory/:id',
  'POST /api/openmem/v1/update/memory',
  'POST /api/openmem/v1/get/message',
  'POST /api/openmem/v1/delete/memory',
  'POST /api/openmem/v1/add/feedback',
  'POST /api/openmem/v1/extract/memory',
  'POST /api/openmem/v1/rerank',
  'POST /api/openmem/v1/chat',
  'POST /api/openmem/v1/create/knowledgebase',
  'POST /api/openmem/v1/delete/knowledgebase',
  'POST /api/openmem/v1/add/knowledgebase-file',
  'POST /api/openmem/v1/get/knowledgebase-file',
  'POST /api/openmem/v1/delete/knowledgebase-file',
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
