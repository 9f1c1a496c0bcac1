import { describe, expect, it } from 'vitest';
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

describe('the house', () => {
  it('imports in one direction only, without cycles', () => {
    const config = ['--config', '.config/dependency-cruiser.cjs', '--output-type', 'json'];

    const { modules, summary } = Cruise.parse(
      JSON.parse(runTool('depcruise', ...config, ...folders).out),
    );

    const own = modules.filter(({ source }) => /^(functions|shared|test)\/.*\.ts$/.test(source));
    expect(
      summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`),
    ).toEqual([]);
    // A parser that does not understand the sources sees none, and finds them flawless.
    expect(own.length).toBeGreaterThan(120);
  });

  it('is formatted and free of lint', () => {
    const { code, out } = runTool('biome', 'check', '--error-on-warnings');

    expect(code, out).toBe(0);
  });

  it('has sound types', () => {
    const { code, out } = runTool('tsc');

    expect(code, out).toBe(0);
  });

  it('keeps no file, export or dependency that nothing uses', () => {
    const { code, out } = runTool('knip', '--config', '.config/knip.json');

    expect(code, out).toBe(0);
  });
});
