/** Names model and dimension, by which vectors are told from those of another. */
export const embedderName = (model: string, dimensions: number | undefined): string =>
  `${model}@${dimensions ?? 'auto'}`;
