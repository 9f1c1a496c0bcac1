/** Whether a header `If-None-Match` names the tag, so that the caller has this version already. */
export const matchesTag = (header: string | undefined, tag: string): boolean =>
  header === '*' || (header ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === tag);
