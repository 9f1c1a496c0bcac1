import { TerminalError } from '../../domain/errors.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import { listProjects } from '../projects/projects.ts';
import { updateWithLimiter } from './endpoints.ts';
import type { WithLimiterStore } from './limiter-store.ts';
import { rotateSecret } from './rotate-secret.ts';
import { decryptSecrets } from './signing-secrets.ts';
import { listEndpoints } from './subscribers.ts';

const canDecrypt = async (open: () => Promise<unknown>): Promise<boolean> => {
  try {
    await open();
    return true;
  } catch (error) {
    if (error instanceof TerminalError && error.code === 'secret_unreadable') return false;
    throw error;
  }
};

const canSign = (platform: WebhookPlatform, endpoint: Endpoint): Promise<boolean> =>
  canDecrypt(() => decryptSecrets(platform, endpoint));

const canSendHeaders = (
  platform: WebhookPlatform,
  { project, id, headers }: Endpoint,
): Promise<boolean> =>
  canDecrypt(async () => headers && platform.secretBox.open(headers, { project, endpoint: id }));

const isReadable = async (platform: WebhookPlatform, endpoint: Endpoint): Promise<boolean> =>
  (await canSign(platform, endpoint)) && (await canSendHeaders(platform, endpoint));

/** Returns the endpoints of all projects whose secrets or custom headers cannot be decrypted: nothing can be sent there. */
export const unreadableEndpoints = async (platform: WebhookPlatform): Promise<Endpoint[]> => {
  const unreadable: Endpoint[] = [];
  for (const { id } of await listProjects(platform))
    for (const endpoint of await listEndpoints(platform, id))
      if (!(await isReadable(platform, endpoint))) unreadable.push(endpoint);
  return unreadable;
};

/** Rotates a secret that cannot be decrypted, and removes custom headers whose values are lost, not those set since. Safe to repeat. */
export const replaceUnreadableSecrets = async (
  platform: WithLimiterStore<WebhookPlatform>,
  endpoint: Endpoint,
): Promise<void> => {
  const { project, id } = endpoint;
  if (!(await canSign(platform, endpoint)))
    await rotateSecret(platform, project, id, { overlapMs: 0 });
  if (await canSendHeaders(platform, endpoint)) return;
  await updateWithLimiter(platform, project, id, ({ headers, ...before }) =>
    headers === endpoint.headers
      ? { endpoint: { ...before, headerNames: [] }, resetLimiter: false }
      : undefined,
  );
};
