import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** Starts a server with the part of Secrets Manager that reads and replaces secrets. */
export const startSecretServer = async () => {
  /** Values of the secrets; a missing secret gets the error of the service. */
  const secrets = new Map<string, string>();
  const reads: string[] = [];
  const server = createServer(async (request, response) => {
    const { SecretId: id, SecretString: next } = JSON.parse(await text(request));
    const action = String(request.headers['x-amz-target']).replace('secretsmanager.', '');
    if (action === 'GetSecretValue') reads.push(id);
    if (action === 'PutSecretValue' && secrets.has(id)) secrets.set(id, next);
    const secret = secrets.get(id);
    const known = ['GetSecretValue', 'PutSecretValue'].includes(action) && secret !== undefined;
    response.writeHead(known ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(
      JSON.stringify(
        known
          ? { ARN: id, Name: id, SecretString: secret, VersionId: '1' }
          : { __type: 'ResourceNotFoundException', Message: 'There is no such secret.' },
      ),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    secrets,
    reads,
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
