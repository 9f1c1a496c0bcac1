import { entityOfKey } from '../../domain/memory/entities.ts';
import type { OpenTask, ScopeTasks } from '../../domain/processing.ts';
import { eventKey } from '../../domain/table/keys.ts';
import { type Outbox, taskOutboxId } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { eventIsOpen } from '../conditions.ts';
import { newOutbox, update } from '../steps.ts';
import { retention } from '../ttl.ts';

/** The scope of a task. */
type Owner = Pick<ScopeTasks, 'project' | 'scope'>;

const entitiesOf = ({ scope }: Owner) => {
  const { kind, id } = entityOfKey(scope);
  return { [kind]: id };
};

/** Attributes of the event of a task that has ended. */
export const finalAttributes = (
  { clock, policy }: Pick<Platform, 'clock' | 'policy'>,
  { added, updated, error }: Pick<OpenTask, 'added' | 'updated' | 'error'>,
) => {
  const now = clock.now();
  return {
    status: error ? ('FAILED' as const) : ('SUCCEEDED' as const),
    stage: 'finished' as const,
    learnt: { added, updated },
    ...(error && { error }),
    completedAt: now,
    updatedAt: now,
    ...retention(policy.retainEventsDays, now),
  };
};

/** Outbox of the end of a task. A task that only follows what is refined anyway has none. */
export const taskOutbox = (
  { clock, ids }: Pick<Platform, 'clock' | 'ids'>,
  owner: Owner,
  { id, releases, added, updated, error }: OpenTask,
): Outbox[] => {
  if (!releases) return [];
  const ended = { event: id, added, updated };
  return [
    {
      id: taskOutboxId(id),
      project: owner.project,
      entities: entitiesOf(owner),
      facts: [
        error ? { type: 'task.failed', ...ended, error } : { type: 'task.succeeded', ...ended },
      ],
      order: ids.next(),
      createdAt: clock.now(),
    },
  ];
};

/** Writes that end a task: its event, and the outbox. */
export const endTask = (
  platform: Pick<Platform, 'clock' | 'ids' | 'policy'>,
  owner: Owner,
  task: OpenTask,
): Step[] => [
  update(eventKey(owner.project, task.id), finalAttributes(platform, task), eventIsOpen),
  ...taskOutbox(platform, owner, task).map((outbox) => newOutbox(owner.scope, outbox)),
];
