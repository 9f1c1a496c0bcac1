import { createRequire } from 'node:module';
import { root } from '../repository.ts';
import { until } from './check.ts';

/** Versions of the npm client, by the names that they are installed under. */
export const mem0Packages = {
  '3.3.1': 'mem0ai',
  '3.0.7': 'mem0ai-3.0',
  '2.4.6': 'mem0ai-2',
} as const;
export type Mem0Version = keyof typeof mem0Packages;

// biome-ignore lint/suspicious/noExplicitAny: arguments and results of published JavaScript are examined, not trusted
type Call = (...args: any[]) => Promise<any>;

/** The client as published. An earlier version lacks the methods for profiles. */
export interface PublishedMem0 {
  organizationId: string | null;
  projectId: string | null;
  /** HTTP client that applications use for routes without a method. */
  client: { get: Call };
  ping: Call;
  add: Call;
  update: Call;
  get: Call;
  getAll: Call;
  search: Call;
  delete: Call;
  deleteAll: Call;
  history: Call;
  users: Call;
  deleteUser: Call;
  deleteUsers: Call;
  batchUpdate: Call;
  batchDelete: Call;
  getProject: Call;
  updateProject: Call;
  getWebhooks: Call;
  createWebhook: Call;
  updateWebhook: Call;
  deleteWebhook: Call;
  feedback: Call;
  createMemoryExport: Call;
  getMemoryExport: Call;
  getProfile: Call;
  generateProfile: Call;
  getProfileJob: Call;
  getProfileSettings: Call;
  updateProfileSettings: Call;
  sampleProfiles: Call;
}

type PublishedClass = new (options: { apiKey: string; host: string }) => PublishedMem0;

/** `require` of the packages that are installed beside the tests. */
export const requirePeer = createRequire(`${root}/test/peers/package.json`);

/**
 * Turns the telemetry of all published clients off.
 * @param home folder that they may write to
 */
export const silenceTelemetry = (home: string): void => {
  process.env['MEM0_TELEMETRY'] = 'false';
  process.env['MEM0_DIR'] = home;
};

const loadClass = (version: Mem0Version): PublishedClass => {
  const { MemoryClient }: { MemoryClient: PublishedClass } = requirePeer(mem0Packages[version]);
  return MemoryClient;
};

/** Opens the published client of that version. Call `silenceTelemetry` before. */
export const openMem0 = (
  version: Mem0Version,
  options: { apiKey: string; host: string },
): PublishedMem0 => new (loadClass(version))(options);

/** Public methods of the published class. */
export const methodsOfMem0 = (version: Mem0Version): string[] =>
  Object.getOwnPropertyNames(loadClass(version).prototype).filter(
    (name) => name !== 'constructor' && !name.startsWith('_'),
  );

/** Waits for an add that the service did not finish within 25 s, as on AWS behind many deletions. */
export const finalEvent = async (client: PublishedMem0, eventId: string) => {
  const { data } = await until(
    () => client.client.get(`/v1/event/${eventId}/`),
    (answer) => answer.data.status === 'SUCCEEDED',
  );
  return data;
};
