/** Sums over questions: recall@5, @10 and @20 of each question's evidence, and the reciprocal rank of its first hit. */
export interface RecallCounter {
  questions: number;
  at5: number;
  at10: number;
  at20: number;
  reciprocal: number;
}

const names: readonly string[] = ['all', 'multi-hop', 'temporal', 'open-domain', 'single-hop'];

const percent = (sum: number, questions: number): string =>
  `${((100 * sum) / Math.max(1, questions)).toFixed(1).padStart(5)}`;

const chartRow = (name: string, row: RecallCounter | undefined) => ({
  name,
  values: row
    ? [row.at5, row.at10, row.at20, row.reciprocal].map((sum) => (100 * sum) / row.questions)
    : [],
});

/** Tallies how well a ranking finds the evidence, by category of question. */
export const createRecallCounter = () => {
  const rows = names.map(
    (): RecallCounter => ({ questions: 0, at5: 0, at10: 0, at20: 0, reciprocal: 0 }),
  );

  const share = (order: readonly number[], evidence: ReadonlySet<number>, k: number): number =>
    new Set(order.slice(0, k).filter((position) => evidence.has(position))).size / evidence.size;

  return {
    /** @param order positions of the results, best first; of a repeated one only the first counts, but all take a place */
    add(category: number, evidence: ReadonlySet<number>, order: readonly number[]): void {
      const first = order.findIndex((position) => evidence.has(position));
      for (const row of [rows[0], rows[category]]) {
        if (!row) continue;
        row.questions += 1;
        row.at5 += share(order, evidence, 5);
        row.at10 += share(order, evidence, 10);
        row.at20 += share(order, evidence, 20);
        row.reciprocal += first < 0 ? 0 : 1 / (first + 1);
      }
    },
    /** Recall@10 of all questions, in percent. */
    at10: (): string => percent(rows[0]?.at10 ?? 0, rows[0]?.questions ?? 0).trim(),
    /** Mean reciprocal rank of the first hit. */
    mrr: (): string =>
      ((rows[0]?.reciprocal ?? 0) / Math.max(1, rows[0]?.questions ?? 0)).toFixed(3),
    /** Rows of a chart: recall@5, @10, @20 and the mean reciprocal rank, in percent. */
    chartRows: () => rows.map((row, i) => chartRow(names[i] ?? '', row)),
    /** The row of all questions, under another name. */
    totalRow: (name: string) => chartRow(name, rows[0]),
    lines: (): string[] =>
      rows.map(
        ({ questions, at5, at10, at20, reciprocal }, i) =>
          `  ${(names[i] ?? '').padEnd(12)}${String(questions).padStart(5)} questions` +
          `  recall@5 ${percent(at5, questions)} %  recall@10 ${percent(at10, questions)} %  recall@20 ${percent(at20, questions)} %` +
          `  MRR ${(reciprocal / Math.max(1, questions)).toFixed(3)}`,
      ),
  };
};

/** Tallies shares, each under a name, and prints their means in percent. */
export const createShares = () => {
  const sums = new Map<string, { sum: number; count: number }>();
  return {
    add(name: string, share: number): void {
      const { sum, count } = sums.get(name) ?? { sum: 0, count: 0 };
      sums.set(name, { sum: sum + share, count: count + 1 });
    },
    line: (): string =>
      [...sums]
        .map(([name, { sum, count }]) => `${name} ${percent(sum, count).trim()} %`)
        .join(', '),
  };
};
