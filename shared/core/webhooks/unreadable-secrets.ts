import { TerminalError } from '../../domain/errors.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import { listProjects } from '../projects/projects.ts';
import { updateWithLimiter } from './endpoints.ts';
import { decryptCached } from './open-sealed.ts';
import { listEndpoints } from './read-endpoints.ts';
import { rotateSecret } from './rotate-secret.ts';
import { decryptSecrets } from './signing-secrets.ts';

const canOpen = async (open: () => Promise<unknown>): Promise<boolean> => {
  try {
    await open();
    return true;
  } catch (error) {
    if (error instanceof TerminalError && error.code === 'secret_unreadable') return false;
    throw error;
  }
};

const canSign = (platform: WebhookPlatform, endpoint: Endpoint): Promise<boolean> =>
  canOpen(() => decryptSecrets(platform, endpoint));

const hasHeaders = (
  platform: WebhookPlatform,
  { project, id, headers }: Endpoint,
): Promise<boolean> =>
  canOpen(async () => headers && decryptCached(platform, headers, { project, endpoint: id }));

const isReadable = async (platform: WebhookPlatform, endpoint: Endpoint): Promise<boolean> =>
  (await canSign(platform, endpoint)) && (await hasHeaders(platform, endpoint));

/** Endpoints of all projects that nothing can be posted to, for what was sealed for them cannot be opened. */
export const unreadableEndpoints = async (platform: WebhookPlatform): Promise<Endpoint[]> => {
  const unreadable: Endpoint[] = [];
  for (const { id } of await listProjects(platform))
    for (const endpoint of await listEndpoints(platform, id))
      if (!(await isReadable(platform, endpoint))) unreadable.push(endpoint);
  return unreadable;
};

/**
 * Gives an endpoint whose seals cannot be opened a new secret, and takes away the headers whose values are lost. Safe to
 * repeat.
 */
export const renewSeals = async (platform: WebhookPlatform, endpoint: Endpoint): Promise<void> => {
  const { project, id } = endpoint;
  if (!(await canSign(platform, endpoint)))
    await rotateSecret(platform, project, id, { overlapMs: 0 });
  if (await hasHeaders(platform, endpoint)) return;
  await updateWithLimiter(platform, project, id, ({ headers: _, ...before }) => ({
    endpoint: { ...before, headerNames: [] },
    resetLimiter: false,
  }));
};
