/** Arrays of a search of one partition, by slot unless a comment says otherwise, with what the search before left. */
export interface Scratch {
  matching: Uint8Array;
  scores: Float64Array;
  /** By row of the codes. */
  cosines: Float32Array;
  /** Of one stem, from the first value on. */
  postings: Uint32Array;
}

const scratchOf = (slots: number): Scratch => ({
  matching: new Uint8Array(slots),
  scores: new Float64Array(slots),
  cosines: new Float32Array(slots),
  postings: new Uint32Array(slots),
});

/**
 * Creates the arrays that all searches of a thread use, one after the other: with new arrays for each search, the thread has those of
 * several searches at a time. Returns those of the partition at a position of a search.
 */
export const createScratch = () => {
  const positions: Scratch[] = [];
  return (position: number, slots: number): Scratch => {
    const known = positions[position];
    const largest =
      known && known.matching.length >= slots ? known : scratchOf(Math.ceil(slots * 1.05));
    positions[position] = largest;
    return {
      matching: largest.matching.subarray(0, slots),
      scores: largest.scores.subarray(0, slots),
      cosines: largest.cosines.subarray(0, slots),
      postings: largest.postings.subarray(0, slots),
    };
  };
};
