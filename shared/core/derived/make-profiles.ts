import type {
  Derivation,
  DerivationTask,
  Profile,
  ProfileForm,
} from '../../domain/derived/derived.ts';
import { copiesOf, divided, rowsOf } from '../../domain/derived/memory-row.ts';
import type { ObjectShape } from '../../domain/derived/shape.ts';
import { fitTo, mergeShaped, type Shaped } from '../../domain/derived/shaped-value.ts';
import type { ErrorInfo } from '../../domain/errors.ts';
import type { Owner } from '../../domain/memory/entities.ts';
import type { ProfileRun } from '../../domain/memory/event.ts';
import type { MemoryView } from '../../domain/memory/memory.ts';
import { derivationKey, profileKey } from '../../domain/table/derived-keys.ts';
import type { Item } from '../../domain/table/items.ts';
import { eventKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import { holdsJob, resultIsAt } from '../conditions.ts';
import { check, put, update } from '../steps.ts';
import { jsonBytes } from '../store-limits.ts';
import { type FillLimits, filledByModel, type Made } from './by-model.ts';
import { filledByRules, groupedByCategory } from './by-rules.ts';
import { emptyExpiry } from './derived-records.ts';
import { endWrites, type StepResult } from './make-export.ts';
import { readProfileSettings } from './profile-settings.ts';
import { listSources, readSources } from './sources.ts';

type ProfilesTask = Extract<DerivationTask, { makes: 'profiles' }>;
type ProfilesJob = Derivation & { task: ProfilesTask };

/** Memories that a profile is made from, the newest ones. */
const maxMemories = 500;
/** Bytes of a profile. */
const maxBytes = 200_000;
const tooLarge: ErrorInfo = {
  code: 'profile_too_large',
  message: 'The profile is larger than 200 kB.',
  retryable: true,
};
/** Generations of one profile in a job: each is void when one of its memories is deleted meanwhile. */
const maxGenerations = 5;

const purpose = 'Profile: what is known, in the form of the schema.';

/** Shape of profiles without a schema, for a language model. Without one such profiles are grouped by category. */
const defaultShape: ObjectShape = {
  type: 'object',
  properties: {
    summary: { type: 'string', about: 'Two or three sentences about who this is.' },
    facts: {
      type: 'array',
      items: { type: 'string' },
      max: 20,
      about: 'Lasting facts: home, family, work, health.',
    },
    preferences: {
      type: 'array',
      items: { type: 'string' },
      max: 20,
      about: 'Likes, dislikes and habits.',
    },
    plans: { type: 'array', items: { type: 'string' }, max: 20, about: 'Goals and plans.' },
  },
};

/** Parts of the memories, each small enough for one request to the model. */
const batches = (memories: readonly MemoryView[], max: number): MemoryView[][] => {
  const all: MemoryView[][] = [];
  let bytes = 0;
  for (const memory of memories) {
    const size = jsonBytes(memory.text);
    if (all.length === 0 || bytes + size > max) {
      all.push([]);
      bytes = 0;
    }
    all.at(-1)?.push(memory);
    bytes += size;
  }
  return all;
};

const byModel = async (
  platform: Platform,
  fill: NonNullable<Platform['languageModel']['fill']>,
  { shape, instructions }: { shape: ObjectShape; instructions: string | undefined },
  memories: readonly MemoryView[],
  limits: FillLimits,
): Promise<Made> => {
  const values: Shaped[] = [];
  for (const some of batches(memories, platform.languageModel.batch.characters)) {
    const given = instructions === undefined ? {} : { instructions };
    const made = await filledByModel(
      platform,
      fill,
      { shape, purpose, memories: some, ...given },
      limits,
    );
    if (made.outcome !== 'made') return made;
    values.push(made.value);
  }
  return { outcome: 'made', value: mergeShaped(shape, values) };
};

const byRules = async (
  platform: Platform,
  memories: readonly MemoryView[],
  shape: ObjectShape,
  limits: FillLimits,
): Promise<Made> => {
  const value = await filledByRules(platform, memories, shape, limits);
  return value ? { outcome: 'made', value } : { outcome: 'stopped' };
};

/** Makes the value of a profile: arrays of memories are copied, the rest is filled by the model, or by rules. */
const makeValue = async (
  platform: Platform,
  { shape = defaultShape, instructions, schema }: ProfileForm,
  memories: readonly MemoryView[],
  limits: FillLimits,
): Promise<Made> => {
  const { fill } = platform.languageModel;
  if (!fill && schema === undefined) return { outcome: 'made', value: groupedByCategory(memories) };
  const { rows, rest } = divided(shape);
  // Measured before anything is copied: arrays of memories repeat their texts.
  const length = memories.reduce((sum, { text }) => sum + text.length, 0);
  if (length * copiesOf(rows) > maxBytes) return { outcome: 'failed', error: tooLarge };
  const filled = fill
    ? await byModel(platform, fill, { shape: rest, instructions }, memories, limits)
    : await byRules(platform, memories, rest, limits);
  if (filled.outcome !== 'made') return filled;
  const value = fitTo(shape, { ...rowsOf(rows, memories), ...filled.value });
  return { outcome: 'made', value };
};

type Outcome = 'succeeded' | 'failed' | 'skipped';

/** Writes that count the outcome of the next entity. */
const progressWrites = (
  platform: Platform,
  { project, id, token = '', task }: ProfilesJob,
  run: ProfileRun,
  outcome: Outcome,
): Step[] => [
  update(
    derivationKey(project, id),
    { task: { ...task, position: task.position + 1 } },
    holdsJob(token),
  ),
  update(eventKey(project, id), {
    profiles: { ...run, [outcome]: run[outcome] + 1 },
    updatedAt: platform.clock.now(),
  }),
];

type Stored = Item<'PROFILE'>;

const withoutReading = ({ reading: _, error: __, expiresAt: ___, ...kept }: Stored): Stored => kept;

/** State of a profile after a generation without a text. An older text stays. */
const unchanged = (
  profile: Stored,
  status: 'failed' | 'insufficient_data',
  now: number,
  error?: ErrorInfo,
): Stored => {
  const kept = { ...withoutReading(profile), version: profile.version + 1 };
  if (kept.value !== undefined && status === 'failed') return { ...kept, status: 'succeeded' };
  const { value: _, memories: __, ...empty } = kept;
  return { ...empty, status, ...(error && { error }), ...emptyExpiry(now) };
};

const failure = (code: string, message: string): ErrorInfo => ({ code, message, retryable: true });

type Attempt = StepResult | 'void';

/** Generates one profile; `void` when one of its memories was deleted meanwhile. */
const generate = async (
  platform: Platform,
  job: ProfilesJob,
  entity: Owner,
  run: ProfileRun,
  isLast: boolean,
  limits: FillLimits,
): Promise<Attempt> => {
  const { project, id, token = '' } = job;
  const key = profileKey(project, entity);
  const now = platform.clock.now();
  const stored: Stored = (await platform.store.get(key)) ?? {
    ...entity,
    version: 0,
    status: 'pending',
    generations: 0,
  };
  const filter = { entity: entity.kind, is: entity.id };
  const ids = (await listSources(platform, project, filter, maxMemories)).map((one) => one.id);
  const record = { ...stored, job: id, version: stored.version + 1 };

  const write = async (next: Stored, from: number, outcome: Outcome): Promise<Attempt> => {
    const result = await commit(platform, [
      put(key, next, resultIsAt(from)),
      ...progressWrites(platform, job, run, outcome),
    ]);
    if (result.committed) return { state: 'more' };
    return failedConditions(result).includes('resultIsAt') ? 'void' : { state: 'over' };
  };
  const fail = (from: Stored, error: ErrorInfo): Promise<Attempt> =>
    write(unchanged(from, 'failed', now, error), from.version, 'failed');

  const { enabled = true, forms = {} } = await readProfileSettings(platform, project);
  if (!enabled || ids.length === 0)
    return write(unchanged(stored, 'insufficient_data', now), stored.version, 'skipped');
  if (isLast) return fail(stored, failure('memories_changed', 'Its memories changed too often.'));
  // The names of the memories are committed before their texts are read: so a deletion finds the profile, or is seen by the read.
  const { committed } = await commit(platform, [
    put(key, { ...record, reading: ids }, resultIsAt(stored.version)),
    check(derivationKey(project, id), holdsJob(token)),
  ]);
  if (!committed) return 'void';
  const memories = await readSources(platform, project, ids);
  const form = forms[entity.kind] ?? {};
  const made = await makeValue(platform, form, memories, limits);
  if (made.outcome === 'waits') return { state: 'waits', ms: made.ms };
  if (made.outcome === 'stopped') return { state: 'waits', ms: 0 };
  if (made.outcome === 'failed') return fail(record, made.error);
  const value = JSON.stringify(made.value);
  if (Buffer.byteLength(value) > maxBytes) return fail(record, tooLarge);
  const next: Profile = {
    ...withoutReading(record),
    version: record.version + 1,
    status: 'succeeded',
    value,
    memories: memories.map((memory) => memory.id),
    generations: record.generations + 1,
    updatedAt: platform.clock.now(),
  };
  return write(next, record.version, 'succeeded');
};

/**
 * Does one step of a job: generates the profile of the next entity, or ends the job. Safe to repeat after a crash: a profile is
 * counted in the transaction that writes it, on condition of the lease and of the version of the profile.
 */
export const stepProfiles = async (
  platform: Platform,
  job: ProfilesJob,
  limits: FillLimits,
): Promise<StepResult> => {
  const { project, id, task } = job;
  const event = await platform.store.get(eventKey(project, id));
  const next = task.entities[task.position];
  if (next === undefined || !event?.profiles) {
    await commit(platform, endWrites(platform, job));
    return { state: 'over' };
  }
  for (let generation = 1; ; generation++) {
    const entity = { kind: task.of, id: next };
    const isLast = generation > maxGenerations;
    const attempt = await generate(platform, job, entity, event.profiles, isLast, limits);
    if (attempt !== 'void') return attempt;
  }
};
