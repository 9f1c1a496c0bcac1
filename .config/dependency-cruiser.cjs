// Dependencies point one way: functions -> core -> ports -> domain; platform -> adapters -> ports, domain.
const only = (name, from, allowed) => ({ name, severity: 'error', from: { path: from }, to: { pathNot: allowed } });

module.exports = {
  forbidden: [
    only('domain-is-pure', '^shared/domain/', '^(shared/domain/|node_modules/(zod|porter2|@orama/stemmers)/|node:crypto|crypto$)'),
    only('ports-see-domain', '^shared/ports/', '^shared/(ports|domain)/'),
    only('core-sees-ports-and-domain', '^shared/core/', '^(shared/(core|ports|domain)/|node_modules/zod/)'),
    // The simulation plays the product without its surroundings, in tests and in the console's page of the proof.
    only('simulation-sees-core', '^shared/simulation/', '^shared/(simulation|core|ports|domain)/|^shared/adapters/(sqlite/condition|memory-blobs/memory-blobs)\\.ts$'),
    { name: 'simulation-is-not-the-product', severity: 'error', from: { pathNot: '^(shared/simulation/|functions/console/proof/|test/)' }, to: { path: '^shared/simulation/' } },
    only('infra-stands-apart', '^infra/', '^(infra/|shared/platform/config|shared/adapters/dynamodb/(client|adopted-table)\\.ts$|shared/adapters/s3vectors/layout\\.ts$|functions/console/bundle\\.ts$|functions/docs/site/build\\.ts$|node_modules/(aws-cdk-lib|constructs|cdk-nag|esbuild|@aws-sdk/client-cloudformation)/|node:|[a-z_/]+$)'),
    { name: 'ports-are-types', severity: 'error', from: { path: '^shared/core/' }, to: { path: '^shared/ports/', dependencyTypesNot: ['type-only'] } },
    { name: 'adapters-do-not-see-core', severity: 'error', from: { path: '^shared/adapters/' }, to: { path: '^(shared/(core|platform)|functions)/' } },
    { name: 'adapters-stand-alone', severity: 'error', from: { path: '^shared/adapters/([^/]+)' }, to: { path: '^shared/adapters/', pathNot: '^shared/adapters/$1' } },
    { name: 'platform-from-entry-points', severity: 'error', from: { pathNot: '^(functions/[^/]+/index\\.ts|functions/library/open-memory\\.ts|functions/cli/|shared/platform/|infra/|test/)' }, to: { path: '^shared/platform/' } },
    // The client of the library runs in browsers, so it imports nothing else.
    { name: 'library-client-stands-alone', severity: 'error', from: { path: '^functions/library/', pathNot: '^functions/library/(index|open-memory|pack|ai-sdk)\\.ts$' }, to: { pathNot: '^functions/library/' } },
    // The console runs in browsers and calls the public API alone.
    { name: 'console-stands-alone', severity: 'error', from: { path: '^functions/console/app/' }, to: { pathNot: '^(functions/console/app/|node_modules/(preact|@preact/signals|uplot)/)' } },
    { name: 'proof-runs-in-browsers', severity: 'error', from: { path: '^functions/console/proof/' }, to: { pathNot: '^(functions/console/(proof/|app/simulation\\.ts$)|functions/(worker|dispatcher)/handler\\.ts$|shared/(simulation|domain)/|node_modules/(@noble/hashes|buffer|zod)/)' } },
    { name: 'pages-are-loaded-lazily', severity: 'error', from: { path: '^functions/pages/(routes|serve)\\.ts$' }, to: { path: '^functions/(console|docs)/', dependencyTypesNot: ['dynamic-import'] } },
    { name: 'surfaces-are-closed', severity: 'error', from: { pathNot: '^(functions/api/(app\\.ts|mem0/|memos/)|test/.*(mem0|memos))' }, to: { path: '^functions/api/(mem0|memos)/' } },
    { name: 'surfaces-are-strangers', severity: 'error', from: { path: '^functions/api/(mem0|memos)/' }, to: { path: '^functions/api/(mem0|memos)/', pathNot: '^functions/api/$1/' } },
    { name: 'handlers-do-not-see-adapters', severity: 'error', from: { path: '^functions/', pathNot: '^functions/(cli|local)/' }, to: { path: '^shared/adapters/' } },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: { parser: 'swc', tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' }, tsConfig: { fileName: 'tsconfig.json' }, enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] } },
};
