/** A day of the proleptic Gregorian calendar, in UTC; month 1 to 12. */
export interface Day {
  year: number;
  month: number;
  day: number;
}

const months =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

export const dayOf = (time: number): Day => {
  const date = new Date(time);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
};

export const addDays = ({ year, month, day }: Day, days: number): Day =>
  dayOf(Date.UTC(year, month - 1, day + days));

/** Negative when `a` is before `b`. */
export const compareDays = (a: Day, b: Day): number =>
  Date.UTC(a.year, a.month - 1, a.day) - Date.UTC(b.year, b.month - 1, b.day);

export const formatDay = (day: Day): string => `${day.day} ${formatMonth(day)}`;

export const formatMonth = ({ year, month }: Day): string => `${months[month - 1] ?? ''} ${year}`;
