import { inspectorUrl } from '../../domain/webhooks/endpoint-url.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  HttpResponse,
  InspectedRequest,
  Post,
  WebhookClient,
  WebhookInspector,
} from '../../ports/webhook-client.ts';

/** Requests that are kept of each project, and projects of which any are. */
const maxRequests = 50;
const maxProjects = 100;
const maxUrlLength = 100;

/** Headers of the service. Values of all others, which the customer chose, are never shown by the API. */
const ownHeaders = /^(?:content-type|user-agent|webhook-.*|traceparent)$/;

const shownHeaders = (headers: Post['headers']): { [name: string]: string } =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      ownHeaders.test(name) ? value : '[redacted]',
    ]),
  );

/** Status to answer with: that of the query string, so that failures and retries can be tried out. Undefined for another URL. */
const statusOf = (text: string): number | undefined => {
  const url = text.length > maxUrlLength ? null : URL.parse(text);
  if (url?.hash !== '' || url.href.split('?', 1)[0] !== inspectorUrl) return undefined;
  const [[name, status] = ['status', '204'], ...others] = url.searchParams;
  const isKnown = name === 'status' && /^[2-5]\d\d$/.test(status) && others.length === 0;
  return isKnown ? Number(status) : undefined;
};

/**
 * Adds a receiver to a webhook client that is the service itself. Exactly its URL is answered in this process: no connection is opened,
 * so that the guard against requests to private addresses needs no exception. Any other URL goes to the client.
 */
export const createWebhookInspector = (
  client: WebhookClient,
  clock: Pick<Clock, 'now'>,
): { client: WebhookClient; inspector: WebhookInspector } => {
  const byProject = new Map<string, InspectedRequest[]>();

  const record = (project: string, request: InspectedRequest): void => {
    const requests = byProject.get(project) ?? [];
    byProject.delete(project);
    byProject.set(project, [...requests.slice(1 - maxRequests), request]);
    const [oldest] = byProject.keys();
    if (byProject.size > maxProjects && oldest !== undefined) byProject.delete(oldest);
  };

  const receive = ({ project, url, headers }: Post, status: number): HttpResponse => {
    const started = performance.now();
    if (project !== undefined)
      record(project, {
        at: clock.now(),
        url,
        notification: headers['webhook-id'] ?? '',
        headers: shownHeaders(headers),
        status,
      });
    return {
      status,
      headers: {},
      bodyExcerpt: '',
      truncated: false,
      timings: { total: Math.round((performance.now() - started) * 10) / 10 },
      remoteAddress: '127.0.0.1',
    };
  };

  return {
    client: {
      check: async (url) => (statusOf(url) === undefined ? client.check(url) : { ok: true }),
      async post(post) {
        const status = statusOf(post.url);
        return status === undefined ? client.post(post) : receive(post, status);
      },
      close: () => client.close(),
    },
    inspector: {
      list: (project) => (byProject.get(project) ?? []).toReversed(),
      clear: (project) => void byProject.delete(project),
    },
  };
};
