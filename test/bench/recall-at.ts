/** Sums over questions: recall@10 and recall@20 of each question's evidence, and the reciprocal rank of its first hit. */
export interface RecallCounter {
  questions: number;
  at10: number;
  at20: number;
  reciprocal: number;
}

const names: readonly string[] = ['all', 'multi-hop', 'temporal', 'open-domain', 'single-hop'];

const percent = (sum: number, questions: number): string =>
  `${((100 * sum) / Math.max(1, questions)).toFixed(1).padStart(5)}`;

/** Tallies how well a ranking finds the evidence, by category of question. */
export const createRecallCounter = () => {
  const rows = names.map((): RecallCounter => ({ questions: 0, at10: 0, at20: 0, reciprocal: 0 }));

  const share = (order: readonly number[], evidence: ReadonlySet<number>, k: number): number =>
    order.slice(0, k).filter((position) => evidence.has(position)).length / evidence.size;

  return {
    /** @param order positions of the results, best first */
    add(category: number, evidence: ReadonlySet<number>, order: readonly number[]): void {
      const first = order.findIndex((position) => evidence.has(position));
      for (const row of [rows[0], rows[category]]) {
        if (!row) continue;
        row.questions += 1;
        row.at10 += share(order, evidence, 10);
        row.at20 += share(order, evidence, 20);
        row.reciprocal += first < 0 ? 0 : 1 / (first + 1);
      }
    },
    /** Recall@10 of all questions, in percent. */
    at10: (): string => percent(rows[0]?.at10 ?? 0, rows[0]?.questions ?? 0).trim(),
    lines: (): string[] =>
      rows.map(
        ({ questions, at10, at20, reciprocal }, i) =>
          `  ${(names[i] ?? '').padEnd(12)}${String(questions).padStart(5)} questions` +
          `  recall@10 ${percent(at10, questions)} %  recall@20 ${percent(at20, questions)} %` +
          `  MRR ${(reciprocal / Math.max(1, questions)).toFixed(3)}`,
      ),
  };
};
