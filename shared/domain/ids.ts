/** UUID of any version, lower or upper case. */
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (text: string): boolean => uuid.test(text);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, a 12-bit counter, 62 random bits.
 * Ids of one factory strictly increase as strings, also within a millisecond and when the clock steps back.
 *
 * @param now milliseconds since 1970
 * @param random returns n random bytes
 */
export const uuidV7Factory = (now: () => number, random: (n: number) => Uint8Array) => {
  let last = 0;
  let counter = 0;
  return (): string => {
    const time = now();
    if (time > last) {
      last = time;
      counter = 0;
    } else if (++counter > 0xfff) {
      last += 1;
      counter = 0;
    }
    const tail = random(8);
    tail[0] = ((tail[0] ?? 0) & 0x3f) | 0x80;
    const ms = last.toString(16).padStart(12, '0');
    const rest = hex(tail);
    return `${ms.slice(0, 8)}-${ms.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${rest.slice(0, 4)}-${rest.slice(4)}`;
  };
};

/** The lowest UUIDv7 of a time: ids that were made at this time or later are not below it as strings. */
export const firstUuidV7At = (time: number): string => {
  const ms = Math.max(0, time).toString(16).padStart(12, '0');
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7000-8000-000000000000`;
};
