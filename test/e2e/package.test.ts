import { execFile } from 'node:child_process';
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemory } from '../../functions/library/index.ts';
import { codeBlocksOf, documents } from '../support/code-blocks.ts';
import { startPackageRegistry } from '../support/package-registry.ts';
import { root, scriptEnv } from '../support/repository.ts';
import { startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
const key = 'a-key-of-my-own-choice';
let folder: ReturnType<typeof temporaryFolder>;

/** Runs a command in the folder of a user, without settings of npm from the test run. */
const inFolder = (command: string, args: string[], cwd = folder.file('app')) => {
  const env = Object.fromEntries(
    Object.entries(scriptEnv()).filter(([name]) => !/^npm_/i.test(name)),
  );
  return run(command, args, { cwd, env });
};

const program = (open: string): string => `
${open}
const added = await memory.add('I live in Oslo.', { userId: 'ana', timeoutMs: 120_000 });
const texts: string[] = added.results.map((one) => one.memory ?? '');
const found = await memory.search('where does she live?', { userId: 'ana', topK: 1 });
const score: number = found.results[0]?.score ?? 0;
try {
  await memory.search(' ', { userId: 'ana' });
} catch (error) {
  if (error instanceof TurnstoneError) texts.push(error.code);
}
console.log(JSON.stringify([...texts, score > 0.3, found.results[0]?.type, found.degraded]));
`;

const inProcess = program(`
import { createMemory, TurnstoneError } from 'turnstone';
await using memory = await createMemory({ dataDir: 'data' });
`);

const overHttp = (url: string): string =>
  program(`
import { createClient, TurnstoneError, type MemoryClient } from 'turnstone';
const memory: MemoryClient = createClient({ url: '${url}', apiKey: '${key}' });
`);

const expected = JSON.stringify(['User lives in Oslo.', 'empty_query', true, 'refined', undefined]);

/** Blocks of the documents that import the package: their number, their page and their code. */
const blocksOfDocuments = documents()
  .flatMap(codeBlocksOf)
  .filter(({ language, code }) => language === 'ts' && code.includes("from 'turnstone'"))
  .map(({ page, code }, at) => [at + 1, page, code] as const);

beforeAll(async () => {
  folder = temporaryFolder();
  const registry = await startPackageRegistry();
  await inFolder('npm', ['pack', '--pack-destination', folder.path], root);
  const [tarball = ''] = globSync('*.tgz', { cwd: folder.path });
  await inFolder('mkdir', ['app'], folder.path);
  writeFileSync(folder.file('app/package.json'), '{"type":"module"}');
  await inFolder('npm', [
    ...['install', folder.file(tarball), 'ai', '--registry', registry.url],
    ...['--cache', folder.file('cache'), '--no-audit', '--no-fund'],
  ]);
  registry.close();
}, 300_000);

afterAll(() => folder.remove());

/** Returns the type errors of a program in the folder of a user, as the compiler prints them. */
const typeErrors = (file: string, ...options: string[]): Promise<string> =>
  inFolder(join(root, 'node_modules/.bin/tsc'), [
    ...['--strict', '--ignoreConfig', '--noEmit'],
    ...options,
    file,
  ]).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );

describe('the packed library in an empty folder', () => {
  it('a program with createMemory has its types and runs, embedded models included', async () => {
    writeFileSync(folder.file('app/local.ts'), inProcess);

    expect(await typeErrors('local.ts')).toBe('');
    const { stdout } = await inFolder('node', ['local.ts']);

    expect(stdout.trim()).toBe(expected);
  });

  it.each(blocksOfDocuments)('the block %s of %s has its types and runs', async (_, page, code) => {
    const service = await startService({
      TURNSTONE_DATA_DIR: folder.file(`service-${Math.random()}`),
      TURNSTONE_API_KEY: key,
    });
    const placed = code
      .replace('http://127.0.0.1:3000', service.url)
      .replace('ts_...', key)
      .replace("'memories'", `'memories-${Math.random()}'`);
    writeFileSync(folder.file('app/block.ts'), placed);

    // The declarations of the package `ai` import types that it does not install.
    const skips = code.includes('turnstone/ai-sdk') ? ['--skipLibCheck'] : [];
    const types = await typeErrors('block.ts', ...skips);
    const ran = types === '' ? await inFolder('node', ['block.ts']) : { stdout: '' };
    service.child.kill('SIGKILL');
    await service.ended;

    expect(types).toBe('');
    const printed = ran.stdout.trim().split('\n');
    expect(printed.length, page).toBe([...code.matchAll(/console\.log/g)].length);
    expect(printed.filter((line) => /undefined|FAILED/.test(line))).toEqual([]);
  });

  it('a program with createClient has its types and runs', async () => {
    const service = await startService({
      TURNSTONE_DATA_DIR: folder.file('service'),
      TURNSTONE_API_KEY: key,
    });
    writeFileSync(folder.file('app/http.ts'), overHttp(service.url));

    const types = await typeErrors('http.ts', '--module', 'nodenext', '--lib', 'es2022,dom');
    const ran = types === '' ? await inFolder('node', ['http.ts']) : { stdout: '' };
    service.child.kill('SIGKILL');
    await service.ended;

    expect(types).toBe('');
    expect(ran.stdout.trim()).toBe(expected);
  });

  it('a bundler for browsers takes the client alone', async () => {
    const { metafile } = await build({
      stdin: {
        contents: "export { createClient } from 'turnstone';",
        resolveDir: folder.file('app'),
      },
      bundle: true,
      platform: 'browser',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });

    const modules = Object.keys(metafile.inputs).map((path) => path.split('/').at(-1));
    expect(modules).toContain('client.js');
    expect(modules).not.toContain('open-memory.js');
    expect(modules.length).toBeLessThan(16);
  });

  it('a second process on a folder is refused in one sentence', async () => {
    const holder = await createMemory({ dataDir: folder.file('app/held') });
    writeFileSync(
      folder.file('app/second.ts'),
      "import { createMemory } from 'turnstone';\n" +
        "await createMemory({ dataDir: 'held' }).catch((error) => console.log(error.code, error.message));",
    );

    const { stdout } = await inFolder('node', ['second.ts']);
    await holder.close();

    expect(stdout).toMatch(/^data_in_use Another Turnstone service is running on \S+held: /);
  });

  it('neither Node, the CDK nor an SDK of AWS is installed with the library', async () => {
    const installed = globSync('node_modules/{*,@*/*}', { cwd: folder.file('app') });

    expect(installed).toContain('node_modules/turnstone');
    expect(installed.filter((name) => /\/(node|node-.*|aws-.*|@aws-sdk.*)$/.test(name))).toEqual(
      [],
    );
  });
});
