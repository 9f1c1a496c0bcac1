/** Id of the index entry of one version of a memory. A rough turn is indexed as its version 0. */
export const vectorId = (id: string, version: number): string => `${id}#${version}`;

export const parseVectorId = (entry: string): { id: string; version: number } => {
  const cut = entry.lastIndexOf('#');
  return { id: entry.slice(0, cut), version: Number(entry.slice(cut + 1)) };
};
