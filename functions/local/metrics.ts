import { once } from 'node:events';
import { createServer } from 'node:http';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { LogFields, Telemetry } from '../../shared/ports/telemetry.ts';
import {
  createRegistry,
  durationBuckets,
  type Registry,
  requestBuckets,
} from './metrics-registry.ts';

/** Counters, gauges and histograms by the log event that they follow. Values of histograms are in seconds. */
const createMeters = (registry: Registry) => {
  const counter = registry.counter;
  const requests = counter('turnstone_requests_total', 'Requests answered.');
  const durations = registry.histogram(
    'turnstone_request_duration_seconds',
    'Time until the answer of a request.',
    requestBuckets,
  );
  const accepted = counter('turnstone_turns_accepted_total', 'Turns accepted.');
  const refined = counter('turnstone_turns_refined_total', 'Turns refined.');
  const failed = counter('turnstone_turns_failed_total', 'Turns given up, by code.');
  const memories = counter('turnstone_memory_changes_total', 'Changes of memories, by kind.');
  const tokens = counter('turnstone_model_tokens_total', 'Tokens of the language model, by kind.');
  const modelFailures = counter('turnstone_model_failures_total', 'Failed model calls, by code.');
  const queueTime = registry.histogram(
    'turnstone_queue_duration_seconds',
    'Time from the acceptance of a turn to the start of its refinement.',
    durationBuckets,
  );
  const endToEnd = registry.histogram(
    'turnstone_refinement_duration_seconds',
    'Time from the acceptance of a turn to its memories.',
    durationBuckets,
  );
  const oldest = registry.gauge(
    'turnstone_oldest_due_seconds',
    'How long the oldest due work has been due, at the last sweep.',
  );
  const warnings = counter('turnstone_log_events_total', 'Warnings and errors, by log event.');

  const number = (value: LogFields[string]): number => (typeof value === 'number' ? value : 0);
  const seconds = (value: LogFields[string]): number => number(value) / 1_000;
  const byEvent: { readonly [event: string]: (fields: LogFields) => void } = {
    request({ method = '', route = '', status = '', ms }) {
      requests.add(1, { method: String(method), route: String(route), status: String(status) });
      durations.observe(seconds(ms), { method: String(method), route: String(route) });
    },
    'turn.accepted': () => accepted.add(1),
    'turn.started': ({ queueLatencyMs }) => queueTime.observe(seconds(queueLatencyMs)),
    'turn.refined'({ endToEndMs, promptTokens, completionTokens, added, updated, deleted }) {
      refined.add(1);
      endToEnd.observe(seconds(endToEndMs));
      tokens.add(number(promptTokens), { kind: 'prompt' });
      tokens.add(number(completionTokens), { kind: 'completion' });
      memories.add(number(added), { kind: 'add' });
      memories.add(number(updated), { kind: 'update' });
      memories.add(number(deleted), { kind: 'delete' });
    },
    'turn.failed': ({ code = '' }) => failed.add(1, { code: String(code) }),
    'model.failed': ({ code = '' }) => modelFailures.add(1, { code: String(code) }),
    'sweep.done': ({ oldestMs }) => oldest.set(seconds(oldestMs)),
  };
  return { byEvent, warnings };
};

/** Adds what the process itself uses. */
const processMetrics = (registry: Registry): void => {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  registry.gauge('process_resident_memory_bytes', 'Resident memory.').set(rss);
  registry.gauge('nodejs_heap_size_used_bytes', 'Heap in use.').set(heapUsed);
  registry
    .counter('process_cpu_seconds_total', 'CPU time, user and system.')
    .set((user + system) / 1e6);
};

export interface Metrics {
  /** A log whose events are counted, whatever the log level. */
  telemetry: Telemetry;
  /** Metrics in the text format of Prometheus, version 0.0.4. */
  text(): string;
}

/** Counts the log events of a process. Labels have names of routes and codes, never ids and texts. */
export const createMetrics = (telemetry: Telemetry, version: string): Metrics => {
  const registry = createRegistry();
  const { byEvent, warnings } = createMeters(registry);
  registry.gauge('turnstone_info', 'Version of the service.').set(1, { version });
  return {
    telemetry: {
      log(level, event, fields = {}) {
        byEvent[event]?.(fields);
        if (level === 'warn' || level === 'error') warnings.add(1, { level, event });
        telemetry.log(level, event, fields);
      },
    },
    text() {
      processMetrics(registry);
      return registry.text();
    },
  };
};

/**
 * Serves `/metrics` on a port of its own, without a key.
 * @throws TerminalError cannot_listen
 */
export const serveMetrics = async (
  metrics: Pick<Metrics, 'text'>,
  host: string,
  port: number,
): Promise<{ url: string; close(): void }> => {
  const server = createServer((request, response) => {
    const isMetrics = request.url === '/metrics' && request.method === 'GET';
    response.writeHead(isMetrics ? 200 : 404, {
      'content-type': isMetrics ? 'text/plain; version=0.0.4; charset=utf-8' : 'text/plain',
    });
    response.end(isMetrics ? metrics.text() : 'There is only /metrics.\n');
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
