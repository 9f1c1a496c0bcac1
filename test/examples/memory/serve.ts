import { Hono } from 'hono';
import {
  type MemoryOperations,
  NotFoundError,
  TurnstoneError,
  ValidationError,
} from '../../../functions/library/index.ts';

const statusOf = (error: TurnstoneError): 400 | 404 | 503 => {
  if (error instanceof ValidationError) return 400;
  return error instanceof NotFoundError ? 404 : 503;
};

/** HTTP routes of an application of its own around one memory. A real one takes the user from its session. */
export const memoryRoutes = (memory: MemoryOperations): Hono => {
  const app = new Hono();
  app.post('/users/:user/memories', async (c) => {
    const { text } = await c.req.json<{ text: string }>();
    return c.json(await memory.add(text, { userId: c.req.param('user') }), 201);
  });
  app.get('/users/:user/memories', async (c) => {
    const query = c.req.query('query') ?? '';
    return c.json(await memory.search(query, { userId: c.req.param('user') }));
  });
  app.delete('/memories/:id', async (c) => c.json(await memory.delete(c.req.param('id'))));
  app.onError((error, c) => {
    if (!(error instanceof TurnstoneError)) throw error;
    return c.json({ code: error.code, message: error.message }, statusOf(error));
  });
  return app;
};
