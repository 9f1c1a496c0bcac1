/** A documented feature of another system, with the test that shows whether this service has it. */
export interface Feature {
  feature: string;
  /** Remark; of a missing feature what the service does instead. */
  note?: string;
  /** Routes of the feature, as the OpenAPI document names them; a feature without any route is part of others, or of the library. */
  routes?: readonly string[];
  /** Whether the service has the feature. */
  has: boolean;
  test: { file: string; name: string };
}

/** Table of features: each with its state and its test. `root`: path from the page to the root. */
export const featureTable = (features: readonly Feature[], root: string): string => {
  const rows = features.map(({ feature, note = '', has, test }) => [
    feature,
    has ? 'yes' : 'no',
    note,
    `[${test.name.replace(/[[\]|]/g, '')}](${root}/${test.file})`,
  ]);
  const head = ['Feature', '', 'Remarks', 'Test'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
};
