// No formatter of `Intl` writes these: its first one reads the data of ICU, which takes a cold start 10 ms.

/** Names of the months, in English. */
export const monthNames: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Month of a time (UTC) in words, such as "May 2026". Years before our era count back from 1, as `Intl` writes them. */
export const monthInWords = (at: number): string => {
  const date = new Date(at);
  const year = date.getUTCFullYear();
  return `${monthNames[date.getUTCMonth()]} ${year > 0 ? year : 1 - year}`;
};

/** Day of a time (UTC) in words, such as "13 May 2026". */
export const dayInWords = (at: number): string =>
  `${new Date(at).getUTCDate()} ${monthInWords(at)}`;
