/** Result of an operation that starts a job or recovery; throws if a quota rejected it or its subject does not exist. */
export const begun = <T extends object>(answer: T | undefined): Exclude<T, { limit: number }> => {
  if (!isStarted(answer)) throw new Error(`not started: ${JSON.stringify(answer)}`);
  return answer;
};

const isStarted = <T extends object>(
  answer: T | undefined,
): answer is Exclude<T, { limit: number }> => answer !== undefined && !('limit' in answer);
