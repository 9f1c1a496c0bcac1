import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { filesOf, readSource } from '../../support/repository.ts';
import config from '../../vitest.config.ts';

const sources = filesOf('{functions,infra,shared,test}/**/*.{ts,tsx}');
const inShared = sources.filter((path) => path.startsWith('shared/'));

const Manifest = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

const Lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      optionalDependencies: z.record(z.string(), z.string()).default({}),
      integrity: z.string().optional(),
      inBundle: z.boolean().default(false),
      link: z.boolean().default(false),
      hasInstallScript: z.boolean().default(false),
      libc: z.array(z.string()).optional(),
    }),
  ),
});

const Allowed = z.object({ allowScripts: z.record(z.string(), z.boolean()) });

const Projects = z.object({
  test: z.object({
    projects: z.array(z.object({ test: z.object({ include: z.array(z.string()) }) })),
  }),
});

describe('the sources', () => {
  it('the sources are found by these tests', () => {
    expect(sources.length).toBeGreaterThan(120);
  });

  it('a source file has at most 300 lines', () => {
    const long = sources.filter((path) => readSource(path).split('\n').length > 301);

    expect(long).toEqual([]);
  });

  it('a source file has a kebab-case name that says what it holds', () => {
    const unnamed = sources.filter(
      (path) => !/^([a-z0-9]+[-.])*[a-z0-9]+\.tsx?$/.test(path.split('/').at(-1) ?? ''),
    );
    const vague = inShared.filter((path) =>
      /\/(utils?|helpers?|common|types|index)\.ts$/.test(path),
    );

    expect([...unnamed, ...vague]).toEqual([]);
  });

  it('no source in shared names a compatible surface', () => {
    const foreign = inShared.filter((path) => /mem0|memos|memv/i.test(readSource(path)));

    expect(foreign).toEqual([]);
  });

  it('no source has a TODO and no test is skipped', () => {
    const marks = /\b(TODO|FIXME|XXX)\b|\b(it|test|describe)\.(skip|only|todo)\b/;

    const later = sources
      .filter((path) => !path.startsWith('test/unit/house/'))
      .filter((path) => marks.test(readSource(path)));

    expect(later).toEqual([]);
  });

  it('one file reads the environment', () => {
    const readers = sources
      .filter((path) => !path.startsWith('test/'))
      .filter((path) => readSource(path).includes('process.env'));

    expect(readers).toEqual(['shared/platform/config/config.ts']);
  });
});

describe('the tests', () => {
  it('every test file belongs to a project that runs it', () => {
    const { projects } = Projects.parse(config).test;

    const run = [
      ...new Set(filesOf(...projects.flatMap((project) => project.test.include))),
    ].sort();

    expect(run).toEqual(filesOf('**/*.test.ts'));
    expect(run.length).toBeGreaterThan(20);
  });

  it('an integration test that measures CPU is named so, and runs alone', () => {
    const meters =
      /threadCpuUsage|support\/(?:loop-cpu|turn-cpu|cpu-of|fuzz\/(?:loop-meter|one-request))\.ts/;

    const measuring = filesOf('test/integration/**/*.test.ts').filter((path) =>
      meters.test(readSource(path)),
    );

    expect(measuring).toEqual(filesOf('test/integration/**/*.cpu.test.ts'));
  });
});

describe('the manifests', () => {
  const manifests = ['package.json', 'test/peers/package.json', 'test/dynamodb-local/package.json'];

  const lockfiles = manifests.map((path) => path.replace('package.json', 'package-lock.json'));

  it.each(manifests)('every version in %s is pinned', (path) => {
    const { dependencies, devDependencies, optionalDependencies } = Manifest.parse(
      JSON.parse(readSource(path)),
    );

    const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
    const loose = Object.entries(all).filter(
      ([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );

    expect(loose).toEqual([]);
  });

  it('package-lock.json has the native packages of every platform, or npm ci refuses', () => {
    const { packages } = Lockfile.parse(JSON.parse(readSource('package-lock.json')));

    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`${path}/node_modules/${name}`] && !packages[`node_modules/${name}`],
      ),
    );

    // When this fails: node .ci/complete-lockfile.cjs
    expect(missing).toEqual([]);
  });

  it.each(lockfiles)('every package in %s has an integrity hash', (path) => {
    const { packages } = Lockfile.parse(JSON.parse(readSource(path)));

    const installed = Object.entries(packages).filter(([name]) => name !== '');
    const unproven = installed
      .filter(([, { inBundle, link }]) => !inBundle && !link)
      .filter(([, { integrity = '' }]) => !/^sha512-[\w+/]{86}==$/.test(integrity))
      .map(([name]) => name);

    expect(installed.length).toBeGreaterThan(0);
    // When this fails: node .ci/complete-lockfile.cjs
    expect(unproven).toEqual([]);
  });

  it('no install script is allowed to run', () => {
    const { packages } = Lockfile.parse(JSON.parse(readSource('package-lock.json')));
    const { allowScripts } = Allowed.parse(JSON.parse(readSource('package.json')));

    const scripted = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([name]) => name.replace(/^.*node_modules\//, ''));

    expect(Object.fromEntries(scripted.map((name) => [name, false]))).toEqual(allowScripts);
  });

  it('Node linked with glibc is not installed on other systems', () => {
    const { packages } = Lockfile.parse(JSON.parse(readSource('package-lock.json')));

    const nodes = Object.entries(packages).filter(([name]) => name.includes('/node-linux-'));

    expect(nodes.map(([, { libc }]) => libc)).toEqual([['glibc'], ['glibc']]);
  });
});

describe('the workflows', () => {
  it('every action of a workflow is pinned by the hash of a commit', () => {
    const used = filesOf('.github/workflows/*.yml').flatMap((path) =>
      [...readSource(path).matchAll(/uses: (\S+)/g)].map(([, action = '']) => action),
    );

    expect(used.length).toBeGreaterThan(2);
    expect(used.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });
});
