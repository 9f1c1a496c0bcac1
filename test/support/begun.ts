/** What was begun; throws when there was no room for it, or nothing to begin it on. */
export const begun = <T extends object>(answer: T | undefined): Exclude<T, { limit: number }> => {
  if (!isBegun(answer)) throw new Error(`not begun: ${JSON.stringify(answer)}`);
  return answer;
};

const isBegun = <T extends object>(
  answer: T | undefined,
): answer is Exclude<T, { limit: number }> => answer !== undefined && !('limit' in answer);
