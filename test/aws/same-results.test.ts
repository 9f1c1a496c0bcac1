import { expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { readUsers, type User } from '../bench/relevance/dataset.ts';
import { addFacts } from '../bench/relevance/questionnaire.ts';
import { openSettledService, type SettledService } from '../bench/settled-service.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { openPineconeIndex } from '../support/pinecone-index.ts';

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

it('95 % of questions have the same ten results on DynamoDB and Pinecone as on SQLite', async () => {
  const table = await openTable();
  const { index, server } = await openPineconeIndex({ dimension });
  const local = await openSettledService();
  const aws = await openSettledService(undefined, (clock) => ({
    store: createDynamoDbStore({ ...table, clock, ids: createIds(clock) }),
    vectorIndex: index,
  }));

  const [one, other] = [await answersOf(local), await answersOf(aws)];
  await server.close();
  const same = one.filter((found, at) => JSON.stringify(found) === JSON.stringify(other[at]));

  expect(one.every((found) => found.length === 10)).toBe(true);
  expect(same.length / one.length).toBeGreaterThanOrEqual(0.95);
}, 300_000);
