import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import { parsedUrl } from '../../domain/webhooks/endpoint-url.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import {
  type EndpointError,
  type EndpointPatch,
  sealHeaders,
  validateEndpoint,
} from './endpoint-request.ts';
import { updateWithLimiter } from './endpoints.ts';

const patched = (before: Endpoint, patch: Omit<EndpointPatch, 'headers'>): Endpoint => {
  const { rateLimit, ...rest } = patch;
  if (rateLimit === undefined) return { ...before, ...rest };
  const { rateLimit: _, ...unlimited } = before;
  return { ...unlimited, ...rest, ...(rateLimit === null ? {} : { rateLimit }) };
};

/** What is on its way goes to the endpoint as it is from now on; with another URL it gets a fresh start. */
export const updateEndpoint = async (
  platform: WebhookPlatform,
  project: string,
  id: string,
  { headers, ...asked }: EndpointPatch,
): Promise<
  { outcome: 'updated'; endpoint: Endpoint } | { outcome: 'not_found' } | EndpointError
> => {
  const all = { ...asked, ...(headers === undefined ? {} : { headers }) };
  const refusal = await validateEndpoint(platform, all);
  if (refusal) return refusal;
  const patch = asked.url === undefined ? asked : { ...asked, url: parsedUrl(asked.url) };
  const sealed = headers && (await sealHeaders(platform, headers, { project, endpoint: id }));
  const endpoint = await updateWithLimiter(platform, project, id, (before) => {
    const { headers: old, ...bare } = patched(before, patch);
    const kept = old === undefined ? {} : { headers: old };
    return {
      endpoint: { ...bare, ...(sealed ?? kept) },
      resetLimiter: patch.url !== undefined && patch.url !== before.url,
    };
  });
  return endpoint ? { outcome: 'updated', endpoint } : { outcome: 'not_found' };
};
