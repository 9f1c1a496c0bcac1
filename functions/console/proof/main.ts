// Entry of the simulation that the console loads on demand.

/** Parts of the simulation, each of which rests on those before it. The bundler runs a module when it is imported first. */
const parts: readonly (() => Promise<unknown>)[] = [
  () => import('../../../shared/domain/memory/analyzer.ts'),
  () => import('../../../shared/simulation/instant-reader.ts'),
  () => import('../../worker/handler.ts'),
  () => import('../../../shared/simulation/schedule.ts'),
];

/** Runs the modules in tasks of their own, so that the page stays usable, and returns the simulation. */
export const load = async () => {
  for (const part of parts) {
    await part();
    await new Promise((resolve) => setTimeout(resolve));
  }
  const { createRun } = await import('./run.ts');
  return { createRun };
};
