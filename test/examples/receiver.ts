// Example of a webhook receiver: verifies each request, skips duplicates and prints the payloads.
//
//   WEBHOOK_SECRET=whsec_... npm run receiver        (listens on 127.0.0.1:3000, or on PORT)
import { createServer, type IncomingMessage } from 'node:http';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

const port = Number(process.env['PORT'] ?? 3000);
const secret = process.env['WEBHOOK_SECRET'];
if (!secret) {
  console.error('Set WEBHOOK_SECRET to the secret in the response that created the endpoint.');
  process.exit(1);
}
const webhook = new Webhook(secret);

/** Ids of processed notifications. Delivery is at least once, so a real receiver stores them in its database for a week. */
const seen = new Set<string>();

const maxBytes = 64_000;

/** Raw bytes of the body. The signature covers them, so a body that was parsed and serialized again does not verify. */
const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > maxBytes) throw new WebhookVerificationError('The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** Status of the response: 2xx acknowledges the delivery, any other status requests a retry. */
const receive = async (request: IncomingMessage): Promise<number> => {
  const { headers } = request;
  const header = (name: string): string => [headers[name]].flat().join();
  const id = header('webhook-id');
  try {
    const payload = webhook.verify(await bodyOf(request), {
      'webhook-id': id,
      'webhook-timestamp': header('webhook-timestamp'),
      'webhook-signature': header('webhook-signature'),
    });
    if (seen.has(id)) return 200;
    seen.add(id);
    console.log(id, JSON.stringify(payload, null, 2));
    return 200;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    console.error(`Rejected ${id || 'a request'}: ${error.message}`);
    return 401;
  }
};

const server = createServer((request, response) => {
  receive(request).then(
    (status) => response.writeHead(status).end(),
    () => response.destroy(),
  );
});
server.listen(port, '127.0.0.1', () => {
  console.log(`Receives webhooks on http://127.0.0.1:${port}/`);
});
