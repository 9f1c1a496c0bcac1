import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';

// Receives webhooks on three ports: the first answers at once, the second after 25 ms, as across a network, the third never.
// Prints the ports. A GET returns the arrivals since the GET before: webhook-id, time in ms of the machine's monotonic clock,
// which all processes share, and port.
let arrivals: [string, number, number][] = [];

const answer = (response: ServerResponse) => void response.writeHead(204).end();

const receive =
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
  const server = createServer({ keepAliveTimeout: 60_000 }, receive(reply)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address === 'object' && address) ports.push(address.port);
}
console.log(JSON.stringify(ports));
