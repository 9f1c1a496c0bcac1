import { expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { readUsers, type User } from '../bench/relevance/dataset.ts';
import { addFacts } from '../bench/relevance/questionnaire.ts';
import { openSettledService, type SettledService } from '../bench/settled-service.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { openPineconeIndex } from '../support/pinecone-index.ts';
import { openS3VectorIndex } from '../support/s3-vector-index.ts';

/** Dimension of the vectors of the embedded model. */
const dimension = 384;

const users = readUsers('training').slice(0, 2);

/** Facts of the first ten results of each question, best first. */
const topTen = async (service: SettledService, { name, questions }: User): Promise<unknown[][]> => {
  const answers: unknown[][] = [];
  for (const { text } of questions) {
    const found = await service.search(text, name, { threshold: 0 });
    answers.push(found.map(({ metadata }) => metadata?.['fact']));
  }
  return answers;
};

const answersOf = async (service: SettledService): Promise<unknown[][]> => {
  await addFacts(service, 'verbatim', users);
  const answers: unknown[][] = [];
  for (const user of users) answers.push(...(await topTen(service, user)));
  await service.close();
  return answers;
};

/** Opens an index whose words, if it cannot search them, are in the store. */
const indexes = [
  {
    name: 'Pinecone',
    async open() {
      const { index, server } = await openPineconeIndex({ dimension });
      return { indexOn: () => index, close: server.close };
    },
  },
  {
    name: 'S3 Vectors',
    async open() {
      const { indexOn, close } = await openS3VectorIndex({ dimension });
      return { indexOn, close };
    },
  },
];

it.each(indexes)(
  '95 % of questions have the same ten results on DynamoDB and $name as on SQLite',
  async ({ open }) => {
    const table = await openTable();
    const { indexOn, close } = await open();
    const local = await openSettledService();
    const aws = await openSettledService(undefined, (clock) => {
      const store = createDynamoDbStore({ ...table, clock, ids: createIds(clock) });
      return { store, vectorIndex: indexOn(store) };
    });

    const [one, other] = [await answersOf(local), await answersOf(aws)];
    await close();
    const same = one.filter((found, at) => JSON.stringify(found) === JSON.stringify(other[at]));

    expect(one.every((found) => found.length === 10)).toBe(true);
    expect(same.length / one.length).toBeGreaterThanOrEqual(0.95);
  },
  600_000,
);
