/** Page of the documentation: a Markdown document of the repository. */
export interface DocsPage {
  /** Name in the address: `/docs/<name>`. */
  name: string;
  title: string;
  /** Path from the root of the repository. */
  source: string;
}

/** Groups of pages, in their order. */
export const docsGroups: readonly { title: string; pages: readonly DocsPage[] }[] = [
  {
    title: 'Begin',
    pages: [
      { name: 'quick-start', title: 'Quick start', source: 'README.md' },
      { name: 'console', title: 'Console', source: 'functions/console/README.md' },
      { name: 'library', title: 'Library', source: 'functions/library/README.md' },
      { name: 'mcp', title: 'Model Context Protocol', source: 'functions/api/mcp/README.md' },
      { name: 'import', title: 'Import and export', source: 'functions/cli/import/README.md' },
    ],
  },
  {
    title: 'Come from another service',
    pages: [
      { name: 'from-mem0', title: 'From mem0', source: 'functions/docs/clients.md' },
      {
        name: 'from-memos-and-memv',
        title: 'From MemOS and memv',
        source: 'functions/docs/memos-and-memv.md',
      },
      { name: 'memos', title: 'MemOS-compatible routes', source: 'functions/api/memos/README.md' },
    ],
  },
  {
    title: 'Call the API',
    pages: [
      { name: 'api', title: 'API', source: 'functions/api/README.md' },
      { name: 'webhooks', title: 'Webhooks', source: 'functions/api/native/webhooks/README.md' },
    ],
  },
  {
    title: 'Run it',
    pages: [
      { name: 'self-hosting', title: 'Self-hosting', source: 'functions/docs/self-hosting.md' },
      { name: 'settings', title: 'Settings', source: 'shared/platform/README.md' },
      { name: 'aws', title: 'AWS and operations', source: 'infra/README.md' },
      { name: 'security', title: 'Security', source: 'functions/docs/security.md' },
    ],
  },
  {
    title: 'Know it',
    pages: [
      { name: 'guarantees', title: 'Guarantees', source: 'functions/docs/guarantees.md' },
      { name: 'architecture', title: 'Architecture', source: 'shared/README.md' },
      { name: 'protocol', title: 'Protocol', source: 'shared/core/README.md' },
      { name: 'deliveries', title: 'Life of a delivery', source: 'shared/core/webhooks/README.md' },
      { name: 'tests', title: 'Tests', source: 'test/README.md' },
      { name: 'benchmarks', title: 'Benchmarks', source: 'test/bench/README.md' },
      { name: 'contributing', title: 'Contributing', source: '.github/CONTRIBUTING.md' },
    ],
  },
];

const pagesBySource = new Map(
  docsGroups.flatMap(({ pages }) => pages).map((page) => [page.source, page]),
);

/** The page that shows a document of the repository, if one does. */
export const pageOfSource = (source: string): DocsPage | undefined => pagesBySource.get(source);
