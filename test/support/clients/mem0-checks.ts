import type { Check } from './check.ts';
import * as second from './mem0-2-memories.ts';
import * as secondProject from './mem0-2-project.ts';
import { batchChecks, laterMemoryChecks } from './mem0-3-batches.ts';
import { memoryChecks } from './mem0-3-memories.ts';
import { profileChecks } from './mem0-3-profiles.ts';
import { projectChecks } from './mem0-3-project.ts';
import type { Mem0Version, PublishedMem0 } from './published-mem0.ts';

/** Checks of every method of each version of the npm client. */
export const mem0Checks: Readonly<Record<Mem0Version, readonly Check<PublishedMem0>[]>> = {
  '3.3.1': [
    ...memoryChecks,
    ...batchChecks,
    ...laterMemoryChecks,
    ...projectChecks,
    ...profileChecks,
  ],
  '3.0.7': [...memoryChecks, ...batchChecks, ...projectChecks],
  '2.4.6': [...second.memoryChecks, ...secondProject.projectChecks],
};
