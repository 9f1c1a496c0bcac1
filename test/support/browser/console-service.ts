import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { mountPages } from '../../../functions/pages/routes.ts';
import { countWork } from '../../../shared/core/projects/count-work.ts';
import { createUsageMeter, type UsageMeter } from '../../../shared/core/projects/usage-meter.ts';
import { RetryableError, TerminalError } from '../../../shared/domain/errors.ts';
import type { Permission } from '../../../shared/domain/project.ts';
import type { DecideRequest, Decision } from '../../../shared/ports/language-model.ts';
import { plainLanguageModel } from '../fake-models.ts';
import { finalEvent, say } from '../in-memory-service.ts';
import { rewriting } from '../scripted-model.ts';
import { openWebhookService, settled } from '../webhook-service.ts';

/** Text of a user that would run as a script or load an image if it were ever parsed as HTML. */
export const hostileText =
  '<img src=x onerror="globalThis.broken = true"><script>globalThis.broken = true</script>';

/** Learns what is said, a diet as a preference; "moved" rewrites what is known of a home. Words in capitals make the model fail or wait. */
const decide = async (request: DecideRequest, signal: AbortSignal): Promise<Decision> => {
  const said = JSON.stringify(request.turns);
  if (said.includes('FAIL')) throw new TerminalError('model_refused', 'The model refused.');
  if (said.includes('WAIT')) throw new RetryableError('model_unreachable', 'No answer.');
  if (said.includes('moved to Seattle'))
    return rewriting('Lisbon', 'User lives in Seattle.')(request, signal);
  const decision = await plainLanguageModel.decide(request, signal);
  return decision.ok && said.includes('vegetarian')
    ? { ...decision, changes: decision.changes.map((one) => ({ ...one, kind: 'preference' })) }
    : decision;
};

/** The service with its console on a free port, with memories, events of each state, and an endpoint with deliveries. */
export const openConsoleService = async () => {
  let usage: UsageMeter | undefined;
  const service = await openWebhookService({
    telemetry: countWork(
      { countWork: (project, counts) => usage?.countWork(project, counts) },
      { log: () => {} },
    ),
    refineSchedule: [3_600],
    webhookSchedule: [0],
    languageModel: { ...plainLanguageModel, decide },
    access: (platform) => {
      usage = createUsageMeter(platform);
      return { pages: mountPages, usage, modelPrices: { prompt: 2, completion: 10 } };
    },
  });
  const { client, receiver } = service;

  const add = async (text: string, user = 'ana', fields: object = {}): Promise<string> =>
    (await client('POST /v1/turns', { body: { ...say(text, user), ...fields } })).body.event_id;
  const learn = async (text: string, user = 'ana', fields: object = {}): Promise<string> => {
    const event = await add(text, user, fields);
    return (await finalEvent(client, event)).results[0]?.id ?? event;
  };

  receiver.usually({ status: 500, body: 'The receiver is broken.' });
  const endpoint: string = (await service.register({ name: 'audit log' })).id;
  const memory = await learn('I live in Lisbon.', 'ana', { metadata: { source: 'chat' } });
  // The acceptance, the memory and the end.
  await settled(client, endpoint, 3);
  receiver.usually({ status: 200, body: 'ok' });
  await learn('I moved to Seattle.');
  await learn('I am vegetarian, and I like jazz.');
  const hostile = await learn(hostileText, 'eve');
  const failed = await add('FAIL', 'ben');
  await finalEvent(client, failed);
  const waiting = await add('WAIT', 'cleo');
  await settled(client, endpoint);

  const server = createServer(getRequestListener(service.app.fetch));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    ...service,
    url: `http://127.0.0.1:${port}`,
    ids: { endpoint, memory, hostile, failed, waiting },
    keyWith: (...permissions: Permission[]) => service.keyOf('default', permissions),
    async close() {
      server.closeAllConnections();
      server.close();
      await service.close();
    },
  };
};
export type ConsoleService = Awaited<ReturnType<typeof openConsoleService>>;

/** Pages of the console by name, as fragments of its address. */
export const consolePages = ({ ids }: ConsoleService): { readonly [page: string]: string } => ({
  overview: '#/overview',
  playground: '#/playground',
  events: '#/events',
  event: `#/events/${ids.failed}`,
  memories: '#/memories',
  memory: `#/memories/${ids.memory}`,
  webhooks: '#/webhooks',
  endpoint: `#/webhooks/${ids.endpoint}`,
  keys: '#/keys',
  proof: '#/proof',
});
