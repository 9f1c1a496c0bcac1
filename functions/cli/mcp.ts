import { parseArgs } from 'node:util';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import manifest from '../../package.json' with { type: 'json' };
import { TerminalError } from '../../shared/domain/errors.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { createCallApi } from '../api/mcp/call-api.ts';
import { createMcpServer } from '../api/mcp/server.ts';
import { runCommand } from '../run-command.ts';

const usage =
  'Serves the Model Context Protocol on standard input and output, for a running Turnstone.\nUsage: npm run -s mcp -- [--url <service>] [--key <API key>] [--user <id>] [--agent <id>] [--app <id>] [--run <id>]';

const readCommand = () => {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      options: { url: text, key: text, user: text, agent: text, app: text, run: text },
    });
    return values;
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    throw new TerminalError('bad_command', `${sentence}\n${usage}`);
  }
};

const readOptions = () => {
  const { url, key, user, agent, app, run } = readCommand();
  const { apiKey, host, port } = readConfig();
  const usedKey = key ?? apiKey;
  if (usedKey === undefined)
    throw new TerminalError('no_key', 'Set an API key with --key or TURNSTONE_API_KEY.');
  const service = url ?? `http://${host}:${port}`;
  if (!URL.canParse(service))
    throw new TerminalError('bad_command', `--url ${service} is not a URL.`);
  return {
    service: service.replace(/\/$/, ''),
    key: usedKey,
    scope: {
      ...(user !== undefined && { user_id: user }),
      ...(agent !== undefined && { agent_id: agent }),
      ...(app !== undefined && { app_id: app }),
      ...(run !== undefined && { run_id: run }),
    },
  };
};

/** Sends a request. Without an answer the response is an error that a model can act on. */
const sendTo =
  (service: string) =>
  async (request: Request): Promise<Response> => {
    try {
      return await fetch(request);
    } catch {
      const message = `No Turnstone answers at ${service}.`;
      return Response.json({ code: 'unreachable', message }, { status: 503 });
    }
  };

await runCommand(usage, async () => {
  const { service, key, scope } = readOptions();
  const call = createCallApi(sendTo(service), service, { Authorization: `Bearer ${key}` });
  serveStdio(() => createMcpServer(manifest.version, call, scope));
});
