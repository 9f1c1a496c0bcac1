import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';

// Takes webhooks on three ports: one answers at once, one after 25 ms, as receivers across a network do, and one never.
// Prints the ports. A GET tells what has come since the last one: pairs of webhook-id and time, in ms of the machine's own
// clock, which all processes share.
let arrivals: [string, number, number][] = [];

const answer = (response: ServerResponse) => void response.writeHead(204).end();

const taking =
  (reply: (response: ServerResponse) => void): RequestListener =>
  (request, response) => {
    if (request.method === 'GET') {
      response.end(JSON.stringify(arrivals));
      arrivals = [];
      return;
    }
    const { localPort = 0 } = request.socket;
    const at = Number(process.hrtime.bigint()) / 1e6;
    arrivals.push([String(request.headers['webhook-id']), at, localPort]);
    request.resume();
    request.once('end', () => reply(response));
  };

const ports: number[] = [];
for (const reply of [
  answer,
  (response: ServerResponse) => void setTimeout(answer, 25, response),
  () => {},
]) {
  const server = createServer({ keepAliveTimeout: 60_000 }, taking(reply)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address === 'object' && address) ports.push(address.port);
}
console.log(JSON.stringify(ports));
