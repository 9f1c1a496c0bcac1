/** Name of a model with its dimension: vectors are comparable only under the same name. */
export const embedderName = (model: string, dimensions: number | undefined): string =>
  `${model}@${dimensions ?? 'auto'}`;
