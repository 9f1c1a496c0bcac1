import type {
  DynamoDBClient,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-dynamodb';

/** One request on its way to the table; the client's own retries are requests of their own. */
export interface Request {
  /** Such as `PutItemCommand`. */
  name: string;
  input: ServiceInputTypes;
  /** Counts from 1. */
  at: number;
}

/** What happens in place of sending, or around it: a throw takes the place of the answer. */
export type Interference = <T>(request: Request, send: () => Promise<T>) => Promise<T>;

/** Stands between the client and the wire, and keeps a list of what passed. */
export const interfere = (client: DynamoDBClient, interference: Interference): Request[] => {
  const requests: Request[] = [];
  client.middlewareStack.add(
    (next, context) => async (call) => {
      const name = String(context['commandName']);
      const request = { name, input: call.input, at: requests.length + 1 };
      requests.push(request);
      return await interference(request, () => next(call));
    },
    { step: 'deserialize', name: 'interfere', priority: 'low' },
  );
  return requests;
};

/** Changes what the client hands out, once it has it. */
export const rewriteAnswers = (
  client: DynamoDBClient,
  rewrite: (input: ServiceInputTypes, output: ServiceOutputTypes) => ServiceOutputTypes,
): void =>
  client.middlewareStack.add(
    (next) => async (call) => {
      const answer = await next(call);
      return { ...answer, output: rewrite(call.input, answer.output) };
    },
    { step: 'initialize', name: 'rewriteAnswers' },
  );

/** As when the connection breaks. */
export const lostConnection = (): Error =>
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
