import type { Turn } from '../domain/memory/turn.ts';
import type { Platform } from '../ports/platform.ts';
import type { Span, SpanOptions } from '../ports/tracing.ts';

type Deps = Pick<Platform, 'tracing'>;

/** Stands for the span of a platform without traces. */
const noSpan: Span = { set: () => {}, rename: () => {}, fail: () => {} };

/** Runs work as a span if the platform exports traces. A crash loses the span alone. */
export const traced = <T>(
  { tracing }: Deps,
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> => (tracing ? tracing.span(name, options, work) : work(noSpan));

/** The `traceparent` to store with an item from which work follows. */
export const traceOf = ({ tracing }: Deps): { trace?: string } => {
  const trace = tracing?.current();
  return trace === undefined ? {} : { trace };
};

/** Operations of the semantic conventions for generative AI. */
type MemoryOperation =
  | 'create_memory'
  | 'upsert_memory'
  | 'search_memory'
  | 'update_memory'
  | 'delete_memory';

/**
 * Runs an operation on memories as a span by the semantic conventions of OpenTelemetry for generative AI. The store of memories is the
 * project. Neither queries nor texts become attributes.
 */
export const memorySpan = <T>(
  platform: Deps,
  operation: MemoryOperation,
  { project, record }: { project: string; record?: string },
  work: (span: Span) => Promise<T>,
): Promise<T> =>
  traced(
    platform,
    operation,
    {
      kind: 'internal',
      attributes: {
        'gen_ai.operation.name': operation,
        'gen_ai.memory.store.id': project,
        'gen_ai.memory.record.id': record,
      },
    },
    work,
  );

/** Attribute with the number of memories that an operation is about. */
export const recordCount = (count: number) => ({ 'gen_ai.memory.record.count': count });

/** Runs the refinement of turns as a span of the trace that the oldest one came with, linked with those of the others. */
export const refineSpan = <T>(
  platform: Deps,
  turns: readonly Turn[],
  work: () => Promise<T>,
): Promise<T> => {
  const [parent, ...links] = [...new Set(turns.flatMap(({ trace }) => trace ?? []))];
  const attributes = {
    'turnstone.project.id': turns[0]?.project,
    'turnstone.event.id': turns[0]?.event,
    'turnstone.turns': turns.length,
  };
  return traced(platform, 'refine', { kind: 'consumer', attributes, parent, links }, work);
};
