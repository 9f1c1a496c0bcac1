import { once } from 'node:events';
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';

// Floor of an add: a bare handler that stores the body with one INSERT, as durably as the service does.
const [file = ':memory:'] = process.argv.slice(2);
const database = new DatabaseSync(file);
database.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -65536;
  PRAGMA temp_store = MEMORY;
  PRAGMA journal_size_limit = 67108864;
  CREATE TABLE turns (id INTEGER PRIMARY KEY, body TEXT NOT NULL)`);
const insert = database.prepare('INSERT INTO turns (body) VALUES (?)');

const app = new Hono();
app.post('/v1/turns', async (c) => {
  const { lastInsertRowid } = insert.run(await c.req.text());
  return c.json({ event_id: String(lastInsertRowid), status: 'PENDING' }, 202);
});

const server = createServer(getRequestListener(app.fetch));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
