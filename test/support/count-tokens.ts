/**
 * Estimates the tokens of a text: up to 10 Latin letters, up to 3 digits, up to 3 signs, or any other character count as
 * one. Within 15 % of o200k on English prose and JSON; for comparing prompts, not for billing.
 */
export const countTokens = (text: string): number => {
  const pieces = text.match(
    /\p{Script=Latin}{1,10}|\p{N}{1,3}|[\p{P}\p{S}]{1,3}|[^\p{Script=Latin}\p{N}\p{P}\p{S}\s]/gu,
  );
  return pieces?.length ?? 0;
};
