import { dayMs } from '../../../shared/domain/time.ts';

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** Returns the ISO 8601 week number: a week belongs to the year of its Thursday. */
const weekOf = (day: number): number => {
  const weekday = new Date(day).getUTCDay() || 7;
  const thursday = new Date(day + (4 - weekday) * dayMs);
  const yearStart = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.floor((thursday.getTime() - yearStart) / (7 * dayMs)) + 1;
};

/** Splits a time into its parts, in UTC. */
export const structuredAttributes = (ms: number) => {
  const at = new Date(ms);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  const midnight = Date.UTC(year, month, day);
  const weekday = at.getUTCDay();
  return {
    day,
    hour: at.getUTCHours(),
    year,
    month: month + 1,
    minute: at.getUTCMinutes(),
    quarter: Math.floor(month / 3) + 1,
    is_weekend: weekday === 0 || weekday === 6,
    day_of_week: weekdays[weekday] ?? '',
    day_of_year: (midnight - Date.UTC(year, 0, 1)) / dayMs + 1,
    week_of_year: weekOf(midnight),
  };
};
