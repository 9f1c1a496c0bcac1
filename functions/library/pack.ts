import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'dist/package');
const library = 'lib/functions/library';

/** Modules that start the package: its entries, and the scripts of its threads, which no import names. */
const entries = [
  'functions/library/index.ts',
  'functions/library/ai-sdk.ts',
  'shared/adapters/documents/worker.ts',
  'shared/adapters/local-embedder/worker.ts',
  'shared/adapters/local-extractor/worker.ts',
  'shared/adapters/sqlite/worker.ts',
];

/** Packages that only some users need: installed by default, and the package works without them. */
const optional = new Set(['openai']);

/** Compiles the entries and all they import to JavaScript, since Node strips no types under `node_modules`. */
const compile = (): void => {
  const settings = {
    extends: '../../tsconfig.json',
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: '../..',
      outDir: 'lib',
    },
    include: [],
    files: entries.map((path) => `../../${path}`),
  };
  const file = join(folder, 'tsconfig.json');
  writeFileSync(file, JSON.stringify(settings));
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', file], {
    stdio: ['ignore', process.stderr, 'inherit'],
  });
  rmSync(file);
};

/** Points threads at their compiled scripts, which the compiler does not know as modules. */
const redirectThreads = (): void => {
  for (const path of globSync('lib/shared/adapters/*/*.js', { cwd: folder })) {
    const file = join(folder, path);
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace("URL('./worker.ts'", "URL('./worker.js'"),
    );
  }
};

/** Keeps the declarations that those of the entries import, directly or through others, and makes them import each other as JavaScript does. */
const trimDeclarations = (): void => {
  const kept = new Set([join(library, 'index.d.ts'), join(library, 'ai-sdk.d.ts')]);
  for (const path of kept) {
    const file = join(folder, path);
    const text = readFileSync(file, 'utf8').replace(/(from '\.[^']*)\.ts'/g, "$1.js'");
    for (const [, target = ''] of text.matchAll(/from '(\.[^']*)\.js'/g))
      kept.add(join(dirname(path), `${target}.d.ts`));
    writeFileSync(file, text);
  }
  for (const path of globSync('lib/**/*.d.ts', { cwd: folder }))
    if (!kept.has(path)) rmSync(join(folder, path));
};

/** Returns the names of the packages that the compiled modules import. */
const importedPackages = (): Set<string> => {
  const imports =
    /(?:^import |^(?:import|export) [^'"]*? from |^} from |\bimport\()'([^.'][^']*)'/gm;
  const names = globSync('lib/**/*.js', { cwd: folder })
    .flatMap((path) => [...readFileSync(join(folder, path), 'utf8').matchAll(imports)])
    .map(([, name = '']) => name)
    .filter((name) => !name.startsWith('node:'));
  return new Set(names.map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/')));
};

/** Returns the manifest of the package: of the dependencies of the repository, those that the library imports. */
const packageManifest = () => {
  const imported = importedPackages();
  // A secret of AWS cannot be named in the options of the library.
  const used = Object.entries(manifest.dependencies).filter(
    ([name]) => imported.has(name) && !name.startsWith('@aws-sdk/'),
  );
  const { name, version, description, license, type, engines } = manifest;
  const types = `./${library}/index.d.ts`;
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    exports: {
      '.': {
        types,
        browser: `./${library}/client.js`,
        default: `./${library}/index.js`,
      },
      './client': { types: `./${library}/client.d.ts`, default: `./${library}/client.js` },
      './ai-sdk': { types: `./${library}/ai-sdk.d.ts`, default: `./${library}/ai-sdk.js` },
      './package.json': './package.json',
    },
    types,
    sideEffects: false,
    files: ['lib'],
    peerDependencies: { ai: '>=7' },
    peerDependenciesMeta: { ai: { optional: true } },
    dependencies: Object.fromEntries(used.filter(([one]) => !optional.has(one))),
    optionalDependencies: Object.fromEntries(used.filter(([one]) => optional.has(one))),
  };
};

// Builds the package that users of the library install, in dist/package, and packs it. `npm pack` of the repository ends with
// this: the manifest of the repository also has what the service, its deployment and its tests need.
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
compile();
redirectThreads();
trimDeclarations();
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(packageManifest(), null, 2)}\n`);
cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
cpSync(join(import.meta.dirname, 'README.md'), join(folder, 'README.md'));
execFileSync('npm', ['pack', folder], { cwd: root, stdio: 'inherit' });
