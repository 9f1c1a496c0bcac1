import { once } from 'node:events';
import { createServer } from 'node:http';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { MetricFamily } from '../../shared/ports/metrics.ts';
import type { LogFields, Telemetry } from '../../shared/ports/telemetry.ts';
import {
  createRegistry,
  durationBuckets,
  prometheusText,
  type Registry,
  requestBuckets,
} from './metrics-registry.ts';

/** Upper bounds that the semantic conventions of OpenTelemetry for generative AI ask for. */
const durationBounds = Array.from({ length: 14 }, (_, power) => 2 ** power / 100);
const tokenBounds = Array.from({ length: 14 }, (_, power) => 4 ** power);

/**
 * Creates the meters of calls of models, by the semantic conventions for generative AI, and returns what counts an event `model.called`.
 * Tokens that a model does not count are not recorded.
 */
const createModelMeters = (registry: Registry) => {
  const durations = registry.histogram(
    {
      name: 'gen_ai.client.operation.duration',
      unit: 's',
      help: 'Time of a call of a model.',
    },
    durationBounds,
  );
  const tokens = registry.histogram(
    { name: 'gen_ai.client.token.usage', unit: '{token}', help: 'Tokens of a call of a model.' },
    tokenBounds,
  );

  return ({ operation, provider, model, ms, inputTokens, outputTokens, code }: LogFields): void => {
    const labels = {
      'gen_ai.operation.name': String(operation),
      'gen_ai.provider.name': String(provider),
      'gen_ai.request.model': String(model),
    };
    const error = code === undefined ? {} : { 'error.type': String(code) };
    durations.observe(Number(ms) / 1_000, { ...labels, ...error });
    for (const [type, count] of Object.entries({ input: inputTokens, output: outputTokens }))
      if (typeof count === 'number' && count > 0)
        tokens.observe(count, { ...labels, 'gen_ai.token.type': type });
  };
};

/** Counters, gauges and histograms by the log event that they follow. */
const createMeters = (registry: Registry) => {
  const counter = (name: string, help: string) => registry.counter({ name, help });
  const seconds = (name: string, help: string, bounds: readonly number[]) =>
    registry.histogram({ name, unit: 's', help }, bounds);
  const requests = counter('turnstone.requests', 'Requests answered.');
  const durations = seconds(
    'turnstone.request.duration',
    'Time until the answer of a request.',
    requestBuckets,
  );
  const accepted = counter('turnstone.turns.accepted', 'Turns accepted.');
  const refined = counter('turnstone.turns.refined', 'Turns refined.');
  const failed = counter('turnstone.turns.failed', 'Turns given up, by code.');
  const memories = counter('turnstone.memory.changes', 'Changes of memories, by kind.');
  const tokens = counter('turnstone.model.tokens', 'Tokens of the language model, by kind.');
  const modelFailures = counter('turnstone.model.failures', 'Failed model calls, by code.');
  const queueTime = seconds(
    'turnstone.queue.duration',
    'Time from the acceptance of a turn to the start of its refinement.',
    durationBuckets,
  );
  const endToEnd = seconds(
    'turnstone.refinement.duration',
    'Time from the acceptance of a turn to its memories.',
    durationBuckets,
  );
  const attempts = counter('turnstone.webhook.attempts', 'Attempts of webhooks, by outcome.');
  const attemptTime = seconds(
    'turnstone.webhook.duration',
    'Time of an attempt of a webhook.',
    requestBuckets,
  );
  const oldest = registry.gauge({
    name: 'turnstone.oldest.due',
    unit: 's',
    help: 'How long the oldest due work has been due, at the last sweep.',
  });
  const warnings = counter('turnstone.log.events', 'Warnings and errors, by log event.');

  const number = (value: LogFields[string]): number => (typeof value === 'number' ? value : 0);
  const inSeconds = (value: LogFields[string]): number => number(value) / 1_000;
  const byEvent: { readonly [event: string]: (fields: LogFields) => void } = {
    request({ method = '', route = '', status = '', ms }) {
      requests.add(1, { method: String(method), route: String(route), status: String(status) });
      durations.observe(inSeconds(ms), { method: String(method), route: String(route) });
    },
    'turn.accepted': () => accepted.add(1),
    'turn.started': ({ queueLatencyMs }) => queueTime.observe(inSeconds(queueLatencyMs)),
    'turn.refined'({ endToEndMs, promptTokens, completionTokens, added, updated, deleted }) {
      refined.add(1);
      endToEnd.observe(inSeconds(endToEndMs));
      tokens.add(number(promptTokens), { kind: 'prompt' });
      tokens.add(number(completionTokens), { kind: 'completion' });
      memories.add(number(added), { kind: 'add' });
      memories.add(number(updated), { kind: 'update' });
      memories.add(number(deleted), { kind: 'delete' });
    },
    'turn.failed': ({ code = '' }) => failed.add(1, { code: String(code) }),
    'model.called': createModelMeters(registry),
    'model.failed': ({ code = '' }) => modelFailures.add(1, { code: String(code) }),
    'delivery.attempted'({ error = 'none', ms }) {
      attempts.add(1, { error: String(error) });
      attemptTime.observe(inSeconds(ms));
    },
    'sweep.done': ({ oldestMs }) => oldest.set(inSeconds(oldestMs)),
  };
  return { byEvent, warnings };
};

/** Adds what the process itself uses. */
const processMetrics = (registry: Registry): void => {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  registry
    .gauge({ name: 'process.resident.memory', unit: 'By', help: 'Resident memory.' })
    .set(rss);
  registry.gauge({ name: 'nodejs.heap.size.used', unit: 'By', help: 'Heap in use.' }).set(heapUsed);
  registry
    .counter({ name: 'process.cpu', unit: 's', help: 'CPU time, user and system.' })
    .set((user + system) / 1e6);
};

export interface Metrics {
  /** Returns a log whose events are counted, whatever the log level, and passed on. */
  observe(log: Telemetry): Telemetry;
  /** Values of all metrics at this time. */
  families(): MetricFamily[];
}

/** Counts the log events of a process. Labels have names of routes, codes and models, never ids and texts. */
export const createMetrics = (version: string): Metrics => {
  const registry = createRegistry();
  const { byEvent, warnings } = createMeters(registry);
  registry.gauge({ name: 'turnstone.info', help: 'Version of the service.' }).set(1, { version });
  return {
    observe: (telemetry) => ({
      log(level, event, fields = {}) {
        byEvent[event]?.(fields);
        if (level === 'warn' || level === 'error') warnings.add(1, { level, event });
        telemetry.log(level, event, fields);
      },
    }),
    families() {
      processMetrics(registry);
      return registry.families();
    },
  };
};

/**
 * Serves `/metrics` on a port of its own, without a key.
 * @throws TerminalError cannot_listen
 */
export const serveMetrics = async (
  { families }: Pick<Metrics, 'families'>,
  host: string,
  port: number,
): Promise<{ url: string; close(): void }> => {
  const server = createServer((request, response) => {
    const isMetrics = request.url === '/metrics' && request.method === 'GET';
    response.writeHead(isMetrics ? 200 : 404, {
      'content-type': isMetrics ? 'text/plain; version=0.0.4; charset=utf-8' : 'text/plain',
    });
    response.end(isMetrics ? prometheusText(families()) : 'There is only /metrics.\n');
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const sentence = `Port ${port} of ${host} cannot be used for metrics: set TURNSTONE_METRICS_PORT.`;
    throw new TerminalError('cannot_listen', sentence, error);
  }
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/metrics`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
};
