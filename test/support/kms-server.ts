import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { createSecretBox } from '../../shared/adapters/secret-box/secret-box.ts';

/** Starts a server with the part of KMS that encrypts and decrypts with one key and an encryption context. */
export const startKmsServer = async (keyId: string) => {
  const box = createSecretBox(new Uint8Array(32).fill(7));
  const calls: string[] = [];
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).replace('TrentService.', '');
    calls.push(operation);
    const body = JSON.parse(await text(request));
    const owner = { project: JSON.stringify(body.EncryptionContext ?? {}), endpoint: '' };
    const send = (status: number, answer: unknown) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer));
    };
    if (body.KeyId !== keyId)
      return send(400, { __type: 'NotFoundException', message: 'There is no such key.' });
    try {
      if (operation === 'Encrypt') {
        const sealed = await box.seal(body.Plaintext, owner);
        const CiphertextBlob = Buffer.from(sealed).toString('base64');
        return send(200, { CiphertextBlob, KeyId: keyId });
      }
      const sealed = Buffer.from(body.CiphertextBlob, 'base64').toString('utf8');
      return send(200, { Plaintext: await box.open(sealed, owner), KeyId: keyId });
    } catch {
      return send(400, { __type: 'InvalidCiphertextException', message: 'It cannot be read.' });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    calls,
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
