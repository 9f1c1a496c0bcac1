import type { QuotaExceeded } from '../../../shared/core/projects/quota.ts';
import { HttpError } from './http-error.ts';

/** A running job may end within seconds. */
const retryAfter = { 'retry-after': '5' };
/** The record of a delete-all expires only after days. */
const retryLater = { 'retry-after': '3600' };

/** Builds the error for a full quota: 409 if the caller must delete something first, 429 if waiting helps. */
export const quotaExceeded = ({ of, limit }: QuotaExceeded): HttpError => {
  switch (of) {
    case 'endpoints':
      return new HttpError(
        409,
        'too_many_endpoints',
        `A project has at most ${limit} endpoints: delete one before you create another.`,
      );
    case 'keys':
      return new HttpError(
        409,
        'too_many_keys',
        `This project has ${limit} API keys, revoked ones of the last 90 days among them.`,
      );
    case 'recoveries':
      return new HttpError(
        429,
        'too_many_recoveries',
        `At most ${limit} recoveries of a project run at once: try again when one has ended.`,
        { headers: retryAfter },
      );
    case 'jobs':
      return new HttpError(
        429,
        'too_many_jobs',
        `At most ${limit} delete-alls of a project run at once: try again when one has ended.`,
        { headers: retryAfter },
      );
    case 'derivations':
      return new HttpError(
        429,
        'too_many_jobs',
        `At most ${limit} exports and profile jobs of a project run at once: try again when one has ended.`,
        { headers: retryAfter },
      );
    case 'cutoffs':
      return new HttpError(
        429,
        'too_many_cutoffs',
        `At most ${limit} delete-alls of parts of one entity (300 kB of ids, 100 values of metadata) are on record, each for 7 days after it ended: delete everything of that entity, or try again when one has expired.`,
        { headers: retryLater },
      );
  }
};
