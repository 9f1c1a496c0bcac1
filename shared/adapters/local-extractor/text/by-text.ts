/** Texts of which a reading is kept. All are forgotten when there are more. */
const maxTexts = 4_000;

const readings: Map<string, unknown>[] = [];

/** Wraps a reader of texts so that it reads each text of a request once: a known fact is compared with many new ones. */
export const byText = <Reading>(read: (text: string) => Reading): ((text: string) => Reading) => {
  const known = new Map<string, Reading>();
  readings.push(known);
  return (text) => {
    const kept = known.get(text);
    if (kept !== undefined || known.has(text)) return kept as Reading;
    if (known.size >= maxTexts) known.clear();
    const reading = read(text);
    known.set(text, reading);
    return reading;
  };
};

/** Forgets the texts of the request before. */
export const forgetTexts = (): void => {
  for (const known of readings) known.clear();
};
