import { expect, it } from 'vitest';
import { z } from 'zod';
import { runTool } from '../../support/repository.ts';

const Cruise = z.object({
  modules: z.array(z.object({ source: z.string() })),
  summary: z.object({
    violations: z.array(
      z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) }),
    ),
  }),
});

const folders = ['functions', 'infra', 'shared', 'test'];

/** Timeout of a tool that reads all sources, on a busy machine. */
const timeoutMs = 600_000;

it(
  'imports go in one direction, without cycles',
  () => {
    const config = ['--config', '.config/dependency-cruiser.cjs', '--output-type', 'json'];

    const { modules, summary } = Cruise.parse(
      JSON.parse(runTool('depcruise', ...config, ...folders).out),
    );

    const own = modules.filter(({ source }) => /^(functions|shared|test)\/.*\.ts$/.test(source));
    expect(
      summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
    ).toEqual([]);
    // A parser that cannot read the sources finds no modules and no violations.
    expect(own.length).toBeGreaterThan(120);
  },
  timeoutMs,
);

it(
  'biome finds no lint and no unformatted file',
  () => {
    const { code, out } = runTool('biome', 'check', '--error-on-warnings');

    expect(code, out).toBe(0);
  },
  timeoutMs,
);

it(
  'the compiler finds no type error',
  () => {
    const { code, out } = runTool('tsc');

    expect(code, out).toBe(0);
  },
  timeoutMs,
);

it('the compiler finds no type error in the console, which has the types of a browser', () => {
  const { code, out } = runTool('tsc', '-p', 'functions/console/app');

  expect(code, out).toBe(0);
});

it(
  'every file, export and dependency is used',
  () => {
    const { code, out } = runTool('knip', '--config', '.config/knip.json');

    expect(code, out).toBe(0);
  },
  timeoutMs,
);
