import type {
  DynamoDBClient,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-dynamodb';

/** A request to DynamoDB; each retry of the SDK is a separate request. */
export interface Request {
  /** Command name such as `PutItemCommand`. */
  name: string;
  input: ServiceInputTypes;
  /** Number of the request, from 1. */
  at: number;
}

/** Handles a request in place of the network. An exception replaces the response. */
export type Interference = <T>(request: Request, send: () => Promise<T>) => Promise<T>;

/** Installs an interference in a client and returns the list of requests. */
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

/** Changes the responses that a client returns. */
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

/** Builds the error of a broken connection. */
export const lostConnection = (): Error =>
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
