import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sign } from '../../shared/domain/webhooks/signature.ts';
import { blocksIn, blockWith, codeBlocksOf, documents } from '../support/code-blocks.ts';
import { httpClient } from '../support/http-client.ts';
import { root } from '../support/repository.ts';
import { runScript } from '../support/service.ts';
import { useProcesses } from '../support/use-processes.ts';

const key = 'a-key-of-my-own-choice';
const { start, ending, file } = useProcesses(key);
const webhooksPage = 'functions/api/native/webhooks/README.md';

/** A shell without curl, in which a pause lasts until no event of the service is under way. */
const shellPrelude = `
  curl() { "${process.execPath}" "${join(root, 'test/support/curl-child.ts')}" "$@"; }
  sleep() {
    while curl -s "$URL/v1/events/" -H "Authorization: Token $KEY" | grep -qE '"status":"(PENDING|RUNNING)"'
    do command sleep 0.1; done
  }
`;

/** Runs shell code of a document against a service; its lines of output. */
const runShell = (code: string, url: string): string[] => {
  const placed = code.replace('KEY=ts_...', `KEY=${key}`).replace(/URL=http:\S+/, `URL=${url}`);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', shellPrelude + placed], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return stdout.trimEnd().split('\n');
};

/** The README's lines that set KEY and URL and define `post`. */
const postDefinition = (): string =>
  blockWith('README.md', 'sh', 'post() {')
    .split('\n')
    .filter((line) => /^(export|post\(\))/.test(line))
    .join('\n');

/** Runs a program that imports packages as a user's project would, from the packages of that folder. */
const runProgram = (
  code: string,
  packages: string,
  env: NodeJS.ProcessEnv,
): { status: number | null; stdout: string; stderr: string } => {
  symlinkSync(join(root, packages, 'node_modules'), file('node_modules'));
  writeFileSync(file('example.mts'), code);
  return spawnSync(process.execPath, [file('example.mts')], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

describe('the code of the documents', () => {
  it('every runnable block is in a document whose code these tests run', () => {
    const blocks = documents().flatMap(codeBlocksOf);

    const pagesWith = (...languages: string[]) => [
      ...new Set(
        blocks.filter(({ language }) => languages.includes(language)).map(({ page }) => page),
      ),
    ];

    expect(pagesWith('sh', 'ts', 'python', 'go', 'php', 'ruby')).toEqual([
      'README.md',
      'functions/api/README.md',
      webhooksPage,
      // Blocks of this page run in package.test.ts, with the packed library.
      'functions/library/README.md',
    ]);
    const known = ['', 'sh', 'ts', 'python', 'go', 'php', 'ruby', 'json', 'mermaid'];
    expect(blocks.filter(({ language }) => !known.includes(language))).toEqual([]);
  });

  it('every JSON block is JSON', () => {
    const blocks = documents().flatMap((page) => blocksIn(page, 'json'));

    expect(blocks.length).toBeGreaterThan(1);
    for (const code of blocks) expect(() => JSON.parse(code), code).not.toThrow();
  });
});

describe('the programs in TypeScript', () => {
  it.each([
    ['README.md', "from 'mem0ai'", 'test/peers'],
    [webhooksPage, "from 'standardwebhooks'", '.'],
  ])('the one of %s with %s has no type error under strict rules', (page, text, packages) => {
    symlinkSync(join(root, packages, 'node_modules'), file('node_modules'));
    writeFileSync(file('package.json'), '{"type":"module"}');
    writeFileSync(file('example.ts'), blockWith(page, 'ts', text));

    const options = ['--strict', '--ignoreConfig', '--noEmit', '--skipLibCheck', '--types', 'node'];
    const { status, stdout } = spawnSync(
      join(root, 'node_modules/.bin/tsc'),
      [...options, '--module', 'nodenext', '--target', 'es2024', 'example.ts'],
      { cwd: file('.'), encoding: 'utf8' },
    );

    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});

describe('README.md', () => {
  it('the service that the first block starts listens where the banner says', async () => {
    const block = blockWith('README.md', 'sh', 'npm start');
    const service = await start();

    expect(block).toMatch(/^npm ci\nnpm start\n?$/);
    expect(service.out()).toContain(`listens on ${service.url}`);
  });

  it('the session finds the add at once, and the refined memory later', async () => {
    const { url } = await start();

    const [added, rough, again, refined, events] = runShell(
      blockWith('README.md', 'sh', 'post() {'),
      url,
    );

    expect(JSON.parse(added ?? '')).toMatchObject({ status: 'PENDING' });
    expect(JSON.parse(rough ?? '').results[0]).toMatchObject({ type: 'rough' });
    expect(JSON.parse(again ?? '')).toMatchObject({ status: 'PENDING' });
    expect(JSON.parse(refined ?? '').results[0]).toMatchObject({
      memory: 'User lives in Seattle.',
    });
    expect(JSON.parse(events ?? '').results).toMatchObject([
      { status: 'SUCCEEDED' },
      { status: 'SUCCEEDED' },
    ]);
  });

  it('the further requests list a memory and erase all of the user', async () => {
    const { url } = await start();
    const say = `post /v1/turns '{"user_id":"ana","async":false,"messages":[{"role":"user","content":"I live in Oslo."}]}' > /dev/null`;
    const code = blockWith('README.md', 'sh', 'DELETE');

    const [listed, erased] = runShell(`${postDefinition()}\n${say}\n${code}`, url);

    expect(JSON.parse(listed ?? '').results).toMatchObject([{ memory: 'User lives in Oslo.' }]);
    expect(JSON.parse(erased ?? '')).toMatchObject({ event_id: expect.any(String) });
  });

  it('the program of a mem0 client runs against the service', async () => {
    const { url } = await start();
    const code = blockWith('README.md', 'ts', "from 'mem0ai'");

    const { status, stderr } = runProgram(
      code.replace('http://127.0.0.1:3000', url),
      'test/peers',
      { KEY: key, MEM0_TELEMETRY: 'false', MEM0_DIR: file('mem0') },
    );

    const { body } = await httpClient(url, key)('POST /v3/memories/search', {
      body: { query: 'vegetarian', filters: { user_id: 'ana' } },
    });
    expect(status, stderr).toBe(0);
    expect(body.results[0].memory).toContain('vegetarian');
  });
});

describe('functions/api/README.md', () => {
  it.each([
    ['?wait=25', { status: 'SUCCEEDED' }],
    ['/process?wait=20', { status: 'completed', knowledge_count: 1 }],
    ['mdx', { attachments: [{ status: 'read' }], results: [{ memory: 'User lives in Oslo.' }] }],
  ])('the example with %s answers with the end of the work', async (part, expected) => {
    const { url } = await start();
    const code = blockWith('functions/api/README.md', 'sh', part);

    const shown = runShell(`${postDefinition()}\n${code}`, url).at(-1);

    expect(JSON.parse(shown ?? '')).toMatchObject(expected);
  });

  it('the example saves the OpenAPI document of the service', async () => {
    const { url } = await start();
    const code = blockWith('functions/api/README.md', 'sh', 'openapi.json');
    const path = file('openapi.json');

    runShell(`${postDefinition()}\n${code.replace('> openapi.json', `> "${path}"`)}`, url);

    const { openapi, paths } = JSON.parse(readFileSync(path, 'utf8'));
    expect(openapi).toMatch(/^3\.1\./);
    expect(Object.keys(paths)).toContain('/v1/turns');
  });

  it('the example exports what a user said, and summarizes it', async () => {
    const { url } = await start();
    const code = blockWith('functions/api/README.md', 'sh', '/v1/exports/get');

    const lines = runShell(`${postDefinition()}\n${code}`, url).map((line) => JSON.parse(line));

    expect(lines[2]).toEqual({ favourite_tea: 'sencha' });
    expect(lines[3].summary).toContain('sencha');
  });

  it('the example of what is no longer true finds it by a question about the past', async () => {
    const { url } = await start();
    const code = blockWith('functions/api/README.md', 'sh', 'before?');

    const [, , now, before] = runShell(`${postDefinition()}\n${code}`, url);

    const refined = (line = '') =>
      JSON.parse(line).results.filter(({ type }: { type: string }) => type === 'refined');
    expect(refined(now)).toMatchObject([{ memory: 'User lives in Bergen.' }]);
    expect(refined(before)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ memory: 'User lives in Bergen.' }),
        expect.objectContaining({
          memory: 'User lives in Oslo.',
          lifecycle_state: 'superseded',
        }),
      ]),
    );
  });
});

describe(webhooksPage, () => {
  it('the receiver of the example prints what the service posts, in the documented form', async () => {
    const port = await freePort();
    const startBlock = blockWith(webhooksPage, 'sh', 'npm start');
    const [, allow = ''] = /^TURNSTONE_WEBHOOK_ALLOW=(\S+) npm start$/m.exec(startBlock) ?? [];
    const { url } = await start({ TURNSTONE_WEBHOOK_ALLOW: allow.replace('3000', String(port)) });
    const code = blockWith(webhooksPage, 'sh', 'post /v1/endpoints');
    const register = code.replace('3000', String(port));

    const [made = ''] = runShell(`${postDefinition()}\n${register}`, url);
    expect(blockWith(webhooksPage, 'sh', 'npm run receiver')).toMatch(/^WEBHOOK_SECRET=whsec_/);
    const receiver = ending(
      runScript('receiver', {
        WEBHOOK_SECRET: JSON.parse(made).secret,
        PORT: String(port),
      }),
    );
    await receiver.shows('Receives webhooks');
    runShell(blockWith('README.md', 'sh', 'post() {'), url);
    const shown = await receiver.shows(/"type": "memory_update"[\s\S]*\n}\n/);

    const [printed = ''] = /{\s+"type": "memory_update"[\s\S]*?\n}\n/.exec(shown) ?? [];
    const documented = JSON.parse(blockWith(webhooksPage, 'json', 'memory_update'));
    const delivered = JSON.parse(printed);
    expect(Object.keys(delivered)).toEqual(Object.keys(documented));
    expect(Object.keys(delivered.data)).toEqual(Object.keys(documented.data));
    expect(Object.keys(delivered.event_details)).toEqual(Object.keys(documented.event_details));
  });

  const secret = `whsec_${Buffer.from('a secret of thirty-two bytes !!!').toString('base64')}`;
  const body = JSON.stringify({ type: 'memory_add', data: { new_text: 'Grüße' } });
  const headersOf = (signed: string) => {
    const [id, timestamp] = ['ntf_1', Math.floor(Date.now() / 1_000)];
    return {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': sign({ id, timestamp, body: Buffer.from(signed) }, [secret]),
    };
  };

  it.each([
    ['accepts a signed body', body, 0],
    ['refuses another body', '{}', 1],
  ])('the TypeScript receiver %s', (_, signed, expected) => {
    const code = blockWith(webhooksPage, 'ts', "from 'standardwebhooks'");
    const given = `const rawBody = ${JSON.stringify(body)}; const headers = ${JSON.stringify(headersOf(signed))};\n`;

    const { status, stdout } = runProgram(
      `${given}${code}\nconsole.log(JSON.stringify(verify(rawBody, headers)));`,
      '.',
      { WEBHOOK_SECRET: secret },
    );

    expect(status).toBe(expected);
    expect(stdout).toBe(expected === 0 ? `${body}\n` : '');
  });
});
