// @ts-expect-error The package has no types.
import parsePrometheus from 'parse-prometheus-text-format';
import { describe, expect, it } from 'vitest';
import { createMetrics, serveMetrics } from '../../../functions/local/metrics.ts';
import { createRegistry, prometheusText } from '../../../functions/local/metrics-registry.ts';

const silent = { log: () => {} };

interface Family {
  name: string;
  type: string;
  metrics: { value: string; labels?: object; count?: string; buckets?: object }[];
}

const familiesOf = (text: string) => {
  const families: Family[] = parsePrometheus(text);
  return new Map(families.map((family) => [family.name, family]));
};

describe('metrics', () => {
  it('log events become counters, gauges and histograms that a parser of the format reads', () => {
    const { observe, families: measured } = createMetrics('1.2.3');
    const telemetry = observe(silent);
    const text = () => prometheusText(measured());
    const request = { method: 'POST', route: '/v1/turns', status: 202 };

    telemetry.log('info', 'request', { ...request, ms: 3 });
    telemetry.log('info', 'request', { ...request, ms: 40 });
    telemetry.log('info', 'turn.refined', { endToEndMs: 700, added: 2, promptTokens: 10 });
    telemetry.log('warn', 'turn.failed', { code: 'model_refused' });
    telemetry.log('debug', 'sweep.done', { oldestMs: 1_500 });

    const families = familiesOf(text());
    expect(families.get('turnstone_requests_total')).toMatchObject({
      type: 'COUNTER',
      metrics: [{ value: '2', labels: { method: 'POST', route: '/v1/turns', status: '202' } }],
    });
    expect(families.get('turnstone_request_duration_seconds')).toMatchObject({
      type: 'HISTOGRAM',
      metrics: [{ buckets: { '0.005': '1', '0.05': '2', '+Inf': '2' } }],
    });
    const labels = '{method="POST",route="/v1/turns"}';
    expect(text()).toContain(`\nturnstone_request_duration_seconds_sum${labels} 0.043`);
    expect(text()).toContain(`\nturnstone_request_duration_seconds_count${labels} 2\n`);
    expect(families.get('turnstone_refinement_duration_seconds')?.metrics).toMatchObject([
      { count: '1', buckets: { '0.5': '0', '1': '1' } },
    ]);
    expect(families.get('turnstone_turns_failed_total')?.metrics).toEqual([
      { value: '1', labels: { code: 'model_refused' } },
    ]);
    expect(families.get('turnstone_oldest_due_seconds')?.metrics).toEqual([{ value: '1.5' }]);
    expect(families.get('turnstone_log_events_total')?.metrics).toEqual([
      { value: '1', labels: { level: 'warn', event: 'turn.failed' } },
    ]);
    expect(families.get('turnstone_info')?.metrics).toEqual([
      { value: '1', labels: { version: '1.2.3' } },
    ]);
    expect(
      Number(families.get('process_resident_memory_bytes')?.metrics[0]?.value),
    ).toBeGreaterThan(1e6);
  });

  it('calls of models become histograms by the conventions for generative AI', () => {
    const { observe, families } = createMetrics('1');
    const telemetry = observe(silent);
    const call = { operation: 'chat', provider: 'openai', model: 'small', ms: 700 };

    telemetry.log('debug', 'model.called', { ...call, inputTokens: 900, outputTokens: 30 });
    telemetry.log('debug', 'model.called', { ...call, code: 'model_refused', inputTokens: 0 });
    const text = prometheusText(families());

    const labels =
      'gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="small"';
    const [duration, tokens] = [
      'gen_ai_client_operation_duration_seconds',
      'gen_ai_client_token_usage',
    ];
    expect(text).toContain(`\n${duration}_bucket{${labels},le="0.64"} 0`);
    expect(text).toContain(`\n${duration}_bucket{${labels},le="1.28"} 1`);
    expect(text).toContain(`\n${duration}_count{error_type="model_refused",${labels}} 1`);
    expect(text).toContain(`\n${tokens}_sum{${labels},gen_ai_token_type="input"} 900`);
    expect(text).toContain(`\n${tokens}_count{${labels},gen_ai_token_type="input"} 1`);
    expect(text).toContain(`\n${tokens}_bucket{${labels},gen_ai_token_type="output",le="64"} 1`);
  });

  it('the log itself gets each event unchanged', () => {
    const logged: unknown[] = [];
    const telemetry = createMetrics('1').observe({ log: (...args) => void logged.push(args) });

    telemetry.log('info', 'model.back', { outageMs: 5 });

    expect(logged).toEqual([['info', 'model.back', { outageMs: 5 }]]);
  });

  it('label values are escaped, and their number is bounded', () => {
    const registry = createRegistry();
    const counter = registry.counter({ name: 'many', help: 'Many.' });

    counter.add(1, { name: 'a "quoted"\nback\\slash' });
    for (let n = 0; n < 5_000; n++) counter.add(1, { name: String(n) });

    const metrics =
      familiesOf(prometheusText(registry.families())).get('many_total')?.metrics ?? [];
    expect(prometheusText(registry.families())).toContain(
      'many_total{name="a \\"quoted\\"\\nback\\\\slash"} 1',
    );
    expect(metrics.length).toBeLessThanOrEqual(2_001);
    expect(metrics.reduce((sum, { value }) => sum + Number(value), 0)).toBe(5_001);
  });

  it('they are served at one path', async () => {
    const { url, close } = await serveMetrics(createMetrics('1'), '127.0.0.1', 0);

    const answer = await fetch(url);
    const other = await fetch(url.replace('/metrics', '/other'));
    close();

    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toContain('turnstone_info{version="1"} 1');
    expect(other.status).toBe(404);
  });
});
