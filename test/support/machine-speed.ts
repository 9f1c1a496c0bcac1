const documents = JSON.stringify(
  Array.from({ length: 400 }, (_, at) => ({
    id: `memory-${at}`,
    text: `User ${at} likes green tea and plays chess on Tuesdays.`,
    at: at * 1.5,
    tags: ['a', `b${at}`],
  })),
);

/** Work like that of a request: parses, sorts, splits and counts the words of 400 documents, and serializes them. */
const referenceWork = (): number => {
  const parsed: { id: string; text: string }[] = JSON.parse(documents);
  parsed.sort((a, b) => (b.id < a.id ? -1 : 1));
  const counts = new Map<string, number>();
  for (const { text } of parsed)
    for (const word of text
      .normalize('NFKC')
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u))
      counts.set(word, (counts.get(word) ?? 0) + 1);
  return JSON.stringify(parsed).length + counts.size;
};

/** CPU of the reference work in ms, once compiled, on the machine that the limits are given for: two cores of 2.6 GHz, otherwise idle. */
const nominalMs = 0.55;
const warmUps = 10;
/** Enough for a clock of the scheduler that ticks every 4 ms. */
const repetitions = 60;
/** Blocks below this, in ms of CPU, are within every limit. */
const irrelevantMs = 30;

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** How much more CPU the machine takes now than the one that the limits are given for; at least 1. */
const slowness = (): number => {
  for (let time = 0; time < warmUps; time += 1) referenceWork();
  const before = cpuMs();
  for (let time = 0; time < repetitions; time += 1) referenceWork();
  return Math.max(1, (cpuMs() - before) / repetitions / nominalMs);
};

/**
 * Converts CPU that was just measured, in ms, to that of the machine that the limits are given for. A virtual machine whose host is
 * busy, or whose two cores are one, takes two or three times the CPU for the same work.
 */
export const atNominalSpeed = (ms: number): number => (ms < irrelevantMs ? ms : ms / slowness());
