import { dirname, join } from 'node:path/posix';
import { nodesOf, text } from './syntax.ts';

export interface Module {
  path: string;
  source: string;
}

/** Modules that a module names by relative path: static and dynamic imports, re-exports, scripts of threads. */
const importsOf = ({ path, source }: Module): string[] =>
  nodesOf(source, path.endsWith('.tsx'))
    .filter(({ type }) => type === 'StringLiteral')
    .map((literal) => text(literal, 'value'))
    .filter((specifier) => /^\.\.?\/.*\.tsx?$/.test(specifier))
    .map((specifier) => join(dirname(path), specifier));

/** Modules by path, each with the paths of the modules that import it. */
const importersOf = (modules: readonly Module[]): Map<string, string[]> => {
  const importers = new Map(modules.map(({ path }): [string, string[]] => [path, []]));
  for (const module of modules)
    for (const imported of new Set(importsOf(module))) importers.get(imported)?.push(module.path);
  return importers;
};

/** Number of lines, without the empty one after the last line feed. */
export const linesOf = (source: string): number => source.replace(/\n$/, '').split('\n').length;

/**
 * Modules below `minLines` with exactly one importer in `modules`: candidates to merge into that importer. Entries have no
 * importer.
 */
export const fragmentsOf = (
  modules: readonly Module[],
  minLines: number,
): { path: string; lines: number; importer: string }[] => {
  const importers = importersOf(modules);
  return modules.flatMap(({ path, source }) => {
    const [importer = '', ...others] = importers.get(path) ?? [];
    const lines = linesOf(source);
    return importer !== '' && others.length === 0 && lines < minLines
      ? [{ path, lines, importer }]
      : [];
  });
};
