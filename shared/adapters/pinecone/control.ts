import type { IndexModel } from '@pinecone-database/pinecone';
import { TerminalError } from '../../domain/errors.ts';
import { createCall, type PineconeSettings } from './client.ts';

const vendor = 'api.pinecone.io';
const metric = 'dotproduct';
const pollMs = 2_000;
const maxPolls = 150;

export interface IndexWanted {
  name: string;
  dimension: number;
}

const incompatibleIndex = (sentence: string): TerminalError =>
  new TerminalError('index_unfit', sentence);

const quoted = (text: string): string => JSON.stringify(text);

/** Dimension and metric of the index; empty for an index of another kind, which has neither. */
const shapeOf = (index: IndexModel): { dimension?: number; metric?: string } => {
  const field = index.schema.fields['_values'];
  return field && 'dimension' in field && 'metric' in field
    ? { dimension: Number(field.dimension), metric: String(field.metric) }
    : {};
};

const assertCompatible = (index: IndexModel, { name, dimension }: IndexWanted): void => {
  const shape = shapeOf(index);
  if (shape.dimension === undefined)
    throw incompatibleIndex(
      `The Pinecone index ${quoted(name)} holds no dense vectors of the vectors API.`,
    );
  if (shape.dimension !== dimension)
    throw incompatibleIndex(
      `The Pinecone index ${quoted(name)} has ${shape.dimension} dimensions where the embedding model makes ${dimension}.`,
    );
  if (shape.metric !== metric)
    throw incompatibleIndex(
      `The Pinecone index ${quoted(name)} compares by ${shape.metric}; only ${metric} takes words and meaning together.`,
    );
  if (!index.status.ready)
    throw incompatibleIndex(
      `The Pinecone index ${quoted(name)} is not ready yet: ${index.status.state}.`,
    );
};

/** Creates and checks an index through the control plane of the service. */
export const createIndexControl = (settings: PineconeSettings) => {
  const { controllerUrl } = settings;
  const host = controllerUrl ? new URL(controllerUrl).host : vendor;
  const call = createCall(settings, host);

  const find = async (name: string): Promise<IndexModel | undefined> => {
    const { result } = await call((sdk) => sdk.indexes.list());
    return result?.indexes?.find((index) => index.name === name);
  };

  const check = async (wanted: IndexWanted): Promise<{ host: string }> => {
    const index = await find(wanted.name);
    if (!index) throw incompatibleIndex(`There is no Pinecone index ${quoted(wanted.name)}.`);
    assertCompatible(index, wanted);
    return { host: index.host };
  };

  const checkWhenReady = async (wanted: IndexWanted): Promise<{ host: string }> => {
    for (let poll = 1; poll < maxPolls; poll++) {
      const index = await find(wanted.name);
      if (index?.status.ready) break;
      await settings.clock.sleep(pollMs);
    }
    return check(wanted);
  };

  return {
    /**
     * Returns the host of the index.
     * @throws TerminalError index_unfit for an index that is missing, not ready, or of another dimension or metric
     */
    check,
    /**
     * Creates the index if it is missing, waits until it is ready, and checks it. Idempotent: safe to repeat after a crash
     * or a lost response, and to run concurrently. `made` is false when the index existed before.
     */
    async create(wanted: IndexWanted & { cloud: string; region: string }) {
      const { name, dimension, cloud, region } = wanted;
      if (await find(name)) return { ...(await check(wanted)), made: false };
      await call((sdk) =>
        sdk.indexes.create({
          name,
          dimension,
          metric,
          spec: { serverless: { cloud, region } },
          deletionProtection: 'enabled',
          // An earlier attempt may have created the index and lost its response.
          suppressConflicts: true,
        }),
      );
      return { ...(await checkWhenReady(wanted)), made: true };
    },
  };
};
