import type { IndexModel } from '@pinecone-database/pinecone';
import { TerminalError } from '../../domain/errors.ts';
import { createCall, type PineconeSettings } from './client.ts';

const vendor = 'api.pinecone.io';
const metric = 'dotproduct';
const lookAgainMs = 2_000;
const maxPolls = 150;

export interface IndexWanted {
  name: string;
  dimension: number;
}

const incompatibleIndex = (sentence: string): TerminalError =>
  new TerminalError('index_unfit', sentence);

const quoted = (text: string): string => JSON.stringify(text);

/** Indexes of other kinds refuse to tell a dimension. */
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

/** Makes and checks the index, through the service's control plane. */
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

  const ready = async (wanted: IndexWanted): Promise<{ host: string }> => {
    for (let look = 1; look < maxPolls; look++) {
      const index = await find(wanted.name);
      if (index?.status.ready) break;
      await settings.clock.sleep(lookAgainMs);
    }
    return check(wanted);
  };

  return {
    /** Its host. @throws TerminalError index_unfit: it is missing, of another dimension or metric, or not ready */
    check,
    /** Makes the index unless there is one, waits until it is ready, and checks it. Safe to repeat. */
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
          // Its answer may have been lost.
          suppressConflicts: true,
        }),
      );
      return { ...(await ready(wanted)), made: true };
    },
  };
};
