import { createRequire } from 'node:module';
import { root } from './repository.ts';

/** Memory as the client returns it. */
export interface ClientMemory {
  id: string;
  memory: string;
  type: 'rough' | 'refined';
  eventId?: string;
  userId: string;
  runId: string | null;
  sessionId: string | null;
  score?: number;
  scoreBreakdown?: { semantic: number; bm25: number };
  metadata: object;
  structuredAttributes?: { dayOfWeek: string };
}

/** Webhook as the client returns it; only a new one has its secret. */
export interface ClientWebhook {
  webhookId: string;
  name: string;
  url: string;
  eventTypes: string[];
  project: string;
  isActive: boolean;
  secret?: string;
}

interface Filtered {
  filters: object;
  [option: string]: unknown;
}

/** Part of the published client that the tests use. */
export interface Mem0Client {
  ping(): Promise<void>;
  add(
    messages: object[],
    options: object,
  ): Promise<{ eventId: string; status: string; results?: object[] }>;
  search(query: string, options: Filtered): Promise<{ results: ClientMemory[] }>;
  getAll(options: Filtered): Promise<{ count: number; results: ClientMemory[] }>;
  get(id: string): Promise<ClientMemory>;
  update(id: string, changes: object): Promise<ClientMemory>;
  history(id: string): Promise<{ event: string; oldMemory: string | null; newMemory: string }[]>;
  delete(id: string): Promise<{ message: string }>;
  deleteAll(ids: object): Promise<{ message: string; eventId: string }>;
  users(page?: { page: number; pageSize: number }): Promise<{
    count: number;
    results: { name: string; type: string; totalMemories: number }[];
    totalUsers: number;
  }>;
  deleteUser(entity: { entity_id: string; entity_type: string }): Promise<{ message: string }>;
  deleteUsers(ids: object): Promise<{ message: string }>;
  batchUpdate(memories: { memoryId: string; text: string }[]): Promise<{ message: string }>;
  batchDelete(ids: string[]): Promise<{ message: string }>;
  getWebhooks(of?: { projectId: string }): Promise<ClientWebhook[]>;
  createWebhook(webhook: {
    name: string;
    url: string;
    eventTypes: string[];
  }): Promise<ClientWebhook>;
  updateWebhook(changes: {
    webhookId: string;
    name?: string;
    url?: string;
    eventTypes?: string[];
  }): Promise<{ message: string }>;
  getProject(options: { fields?: string[] }): Promise<{
    customInstructions?: string | null;
    customCategories?: { [name: string]: string }[] | null;
    multilingual?: boolean;
  }>;
  updateProject(settings: object): Promise<{ message: string; ignored?: string[] }>;
  deleteWebhook(webhook: { webhookId: string }): Promise<{ message: string }>;
}

interface Package {
  MemoryClient: new (options: { apiKey: string; host: string }) => Mem0Client;
  ValidationError: new () => Error;
  MemoryNotFoundError: new () => Error;
  AuthenticationError: new () => Error;
}

/**
 * Loads the published npm client, installed beside the tests, without telemetry.
 * @param home folder that the client may write to
 */
export const loadMem0 = (home: string): Package => {
  process.env['MEM0_TELEMETRY'] = 'false';
  process.env['MEM0_DIR'] = home;
  return createRequire(`${root}/test/peers/package.json`)('mem0ai');
};
