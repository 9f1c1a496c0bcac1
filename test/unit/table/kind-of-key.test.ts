import { describe, expect, it } from 'vitest';
import type { Key } from '../../../shared/domain/table/items.ts';
import * as tableKeys from '../../../shared/domain/table/keys.ts';
import { kindOfKey } from '../../../shared/domain/table/kind-of-key.ts';
import * as usageKeys from '../../../shared/domain/table/usage-keys.ts';
import type { Delivery } from '../../../shared/domain/webhooks/delivery.ts';

const keys = { ...tableKeys, ...usageKeys };
const project = '0192-P#';
const subject = {
  entities: { user: 'LEASE', agent: 'a#MEM#x', app: '*', run: 'PEND' },
  extraEntities: [{ kind: 'run' as const, id: 'ENT' }],
};

const delivery: Delivery = {
  id: 'd',
  project,
  endpoint: 'w',
  notification: 'n',
  type: 'memory_add',
  state: 'pending',
  attempts: 0,
  scheduledAttempts: 0,
  trigger: 'schedule',
  createdAt: 1,
  updatedAt: 1,
};

/** Keys of every builder, with names that look like sort keys of other kinds. */
const made: { [builder in keyof typeof keys]?: Key[] } = {
  scopeLeaseKey: [keys.scopeLeaseKey(project, 'user#u')],
  pendingKey: [keys.pendingKey(project, 'user#u', 't')],
  planKey: [keys.planKey(project, 'user#u', 't')],
  turnKey: [keys.turnKey(project, 't')],
  filesKey: [keys.filesKey(project, 't')],
  eventKey: [keys.eventKey(project, 'e')],
  changesKey: [keys.changesKey(project, 'e')],
  memoryKey: [keys.memoryKey(project, 'm')],
  revisionKey: [keys.revisionKey(project, 'm', 7)],
  restatementKey: [keys.restatementKey(project, 'm', { turn: 't', position: 3 })],
  outboxKey: [keys.outboxKey(project, 'user#u', 't.end')],
  idempotencyKey: [keys.idempotencyKey(project, 'hash')],
  jobKey: [keys.jobKey(project, 'j')],
  apiKeyKey: [keys.apiKeyKey('k')],
  usageKey: [keys.usageKey(project, 0, 'LEASE')],
  spendKey: [keys.spendKey({ project }, 0, 7), keys.spendKey('installation', 0, 0)],
  projectKey: [keys.projectKey('P')],
  settingKey: [keys.settingKey('reindex'), keys.settingKey('LEASE'), keys.settingKey('MEM#m')],
  outageKey: [keys.outageKey()],
  epochKey: [keys.epochKey(project, 'user#u')],
  epochKeys: keys.epochKeys(project),
  endpointKey: [keys.endpointKey(project, 'w')],
  pollMarkerKey: [keys.pollMarkerKey(project)],
  projectSettingsKey: [keys.projectSettingsKey(project)],
  quotaKey: [keys.quotaKey(project, 'endpoints')],
  secretKey: [keys.secretKey(project, 'w', 1)],
  limiterKey: [keys.limiterKey(project, 'w')],
  orderingTailKey: [keys.orderingTailKey(project, 'w', 'user#u')],
  recoveryKey: [keys.recoveryKey(project, 'w', 'r')],
  backlogEntryKey: [keys.backlogEntryKey(delivery, 1)],
  notificationKey: [keys.notificationKey(project, 'n')],
  deliveryKey: [keys.deliveryKey(project, 'n', 'w')],
  attemptKey: [keys.attemptKey(project, 'd', 3)],
  entityRecordKey: [
    keys.entityRecordKey(project, { kind: 'user', id: 'LEASE' }),
    keys.entityRecordKey(project, { kind: 'run', id: '*' }),
  ],
  cutoffKeys: keys.cutoffKeys(project, subject),
  listingKeys: keys.listingKeys(project, subject, 'm'),
  recentKeys: keys.recentKeys(project, subject, 't'),
  wordsKeys: keys.wordsKeys(project, subject, 'm#1'),
  closedKeys: keys.closedKeys(project, subject, 'm'),
  listedTurnKeys: keys.listedTurnKeys(project, subject, 't'),
};

describe('the kind of a key', () => {
  it.each(Object.entries(made))('kindOfKey returns the kind of every key of %s', (_, built) => {
    const found = built.map(kindOfKey);

    expect(found).toEqual(built.map(({ kind }) => kind));
    expect(built.length).toBeGreaterThan(0);
  });

  it('every key builder is covered by this test', () => {
    const builders = Object.keys(keys).filter((name) => /Keys?$/.test(name));

    expect(Object.keys(made).sort()).toEqual(builders.sort());
  });

  it('kindOfKey returns undefined for keys that no builder makes', () => {
    const places = [
      { pk: 'Z#p#x', sk: 'LATER#1' },
      { pk: 'M#p#m', sk: 'constructor' },
      { pk: 'P#p', sk: 'ENDPOINTS' },
      { pk: '', sk: '' },
    ];

    expect(places.map(kindOfKey)).toEqual([undefined, undefined, undefined, undefined]);
  });
});
