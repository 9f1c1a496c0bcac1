import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import {
  allowsBlocks,
  renewBlock,
  withoutIdleSlots,
  withSuccesses,
} from '../../domain/webhooks/slot-block.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { FairShare } from './fair-share.ts';
import type { LimiterSnapshot, LimiterUpdateResult, WithLimiterStore } from './limiter-store.ts';
import { decryptSecrets } from './signing-secrets.ts';

type Deps = WithLimiterStore<WebhookPlatform> & { fairShare: FairShare };

/** Slots of an endpoint that this process gives to its attempts by itself, without a write of the limiter for each. */
export interface SlotBlock {
  /** The endpoint and the head of its backlog, as they were when the block was renewed. */
  readonly endpoint: Endpoint;
  readonly headPriority: number | undefined;
  /** No attempt of the block has a longer lease. */
  readonly until: number;
  /** Attempts that may start now. */
  free(): number;
  take(): void;
  release(): void;
  /** Secrets that sign for this version of the endpoint, as they were read once for the block; undefined for another version. */
  secrets(endpoint: Endpoint): Promise<readonly string[]> | undefined;
  /** Notes a success, for the next write of the limiter. */
  succeeded(): void;
  /** Returns the successes that were noted, and forgets them. */
  takeSuccesses(): number;
  /** Notes the head of the backlog as it was read since. */
  sawHead(priority: number | undefined): void;
  /** Makes the next round renew the block: the endpoint has changed. */
  expire(): void;
}

interface StoredBlock {
  token: string;
  count: number;
  inFlight: number;
  until: number;
  renewedAt: number;
  endpoint: Endpoint;
  headPriority: number | undefined;
  successes: number;
  /** The limiter counts failures that a success ends. */
  hasFailures: boolean;
  /** Decrypted secrets of the endpoint, since the block was renewed. */
  secrets?: Promise<readonly string[]> | undefined;
}

type NewBlock = Pick<StoredBlock, 'token' | 'count' | 'inFlight' | 'successes'>;

/** Time that a block and what it knows of the endpoint are used, ms. */
const freshMs = 2_000;
/** Pause of a process without slots, ms. */
const waitMs = 250;
/** Asked for at least: deliveries of one batch of hints come one after the other. */
const minSlots = 10;
/** Left of a block when an attempt starts, besides the timeout of the POST; a renewed one has 15 s. */
const startMs = 5_000;
/** Kept by a process without work: one part of so many of the endpoint's limit. */
const keptPart = 20;
/** A success is written so long after the last one that was, ms. */
const successMs = 3_600_000;

/** Blocks of a process. */
export interface SlotBlocks {
  /**
   * Returns the process's block of an endpoint, renewed if it is not fresh or too small; undefined unless several processes
   * send to the endpoint and its limiter allows blocks.
   * @param waiting attempts that the process would start now
   */
  refresh(project: string, endpoint: string, waiting: number): Promise<SlotBlock | undefined>;
  /** Returns slots that an idle process has no use for. After a crash a block expires. */
  leave(project: string, endpoint: string): Promise<void>;
}

/** Creates the blocks of a process: once per process. */
export const createSlotBlocks = (platform: Deps): SlotBlocks => {
  const { clock, ids, policy, limiterStore, fairShare } = platform;
  const blocks = new Map<string, StoredBlock>();
  const leaseMs = policy.webhookTimeoutMs + 15_000;

  const isUsable = ({ until }: StoredBlock): boolean =>
    until - clock.now() >= policy.webhookTimeoutMs + startMs;

  const toBlock = (block: StoredBlock): SlotBlock => ({
    endpoint: block.endpoint,
    get headPriority() {
      return block.headPriority;
    },
    until: block.until,
    free: () => (isUsable(block) ? Math.max(0, block.count - block.inFlight) : 0),
    take() {
      block.inFlight += 1;
    },
    release() {
      block.inFlight -= 1;
    },
    secrets(endpoint) {
      if (endpoint.version !== block.endpoint.version) return undefined;
      block.secrets ??= decryptSecrets(platform, endpoint).catch((error) => {
        block.secrets = undefined;
        throw error;
      });
      return block.secrets;
    },
    succeeded() {
      block.successes += 1;
    },
    takeSuccesses() {
      const { successes } = block;
      block.successes = 0;
      return successes;
    },
    sawHead(priority) {
      block.headPriority = priority;
    },
    expire() {
      block.renewedAt = 0;
    },
  });

  /** The block that may be renewed; a new one once attempts of the former one may be those of other processes. */
  const current = (name: string): StoredBlock | NewBlock => {
    const block = blocks.get(name);
    if (block && block.until > clock.now()) return block;
    return { token: ids.next(), count: 0, inFlight: 0, successes: block?.successes ?? 0 };
  };

  const renewIn =
    (own: NewBlock, successes: number, wanted: number) =>
    ({
      limiter,
      endpoint,
      now,
    }: LimiterSnapshot): LimiterUpdateResult<
      Omit<StoredBlock, 'inFlight' | 'successes'> | undefined
    > => {
      const counted = withSuccesses(limiter, successes, now);
      if (!endpoint || !allowsBlocks(limiter, endpoint))
        return { limiter: withoutIdleSlots(counted, own), value: undefined };
      const { token, inFlight } = own;
      const share = fairShare.limit(endpoint).maxInFlight;
      const until = now + leaseMs;
      const request = { token, until, wanted: Math.min(wanted, share), inFlight };
      const granted = renewBlock(counted, endpoint, request, now);
      const { breaker, health, headPriority } = granted.limiter;
      const hasFailures =
        breaker.consecutiveFailures > 0 ||
        health.failures > 0 ||
        now - health.lastSuccessAt > successMs;
      const { count } = granted;
      const value = { token, count, until, renewedAt: now, endpoint, headPriority, hasFailures };
      return { limiter: granted.limiter, value };
    };

  const renew = async (
    project: string,
    endpoint: string,
    wanted: number,
  ): Promise<SlotBlock | undefined> => {
    const name = `${project} ${endpoint}`;
    const own = current(name);
    const { successes } = own;
    own.successes = 0;
    // No further attempt starts until it is known how many the renewed block allows.
    own.count = own.inFlight;
    const updated = await limiterStore.update(project, endpoint, renewIn(own, successes, wanted));
    if (updated.outcome !== 'done' || !updated.value) {
      blocks.delete(name);
      return undefined;
    }
    const before = blocks.get(name);
    const block: StoredBlock =
      before?.token === own.token ? before : { ...updated.value, inFlight: 0, successes: 0 };
    Object.assign(block, updated.value, { secrets: undefined });
    blocks.set(name, block);
    return toBlock(block);
  };

  /** Removes a block without attempts in flight from the limiter. */
  const releaseBlock = async (
    project: string,
    endpoint: string,
    block: StoredBlock,
  ): Promise<void> => {
    const { successes } = block;
    blocks.delete(`${project} ${endpoint}`);
    block.count = 0;
    await limiterStore.update(project, endpoint, ({ limiter, now }) => ({
      limiter: withoutIdleSlots(withSuccesses(limiter, successes, now), block),
      value: undefined,
    }));
  };

  return {
    async refresh(project, endpoint, waiting) {
      const block = blocks.get(`${project} ${endpoint}`);
      const isContended = limiterStore.isContended(project, endpoint);
      if (!block && (waiting === 0 || !isContended)) return undefined;
      const age = clock.now() - (block?.renewedAt ?? 0);
      const usedMs = block?.count === 0 ? waitMs : freshMs;
      return block && isUsable(block) && age < usedMs
        ? toBlock(block)
        : renew(project, endpoint, Math.max(minSlots, (block?.inFlight ?? 0) + waiting));
    },
    async leave(project, endpoint) {
      const name = `${project} ${endpoint}`;
      const block = blocks.get(name);
      if (!block) return;
      block.secrets = undefined;
      if (block.count === 0) blocks.delete(name);
      const kept = Math.max(block.inFlight, Math.floor(block.endpoint.maxInFlight / keptPart));
      if (block.count <= kept && !(block.hasFailures && block.successes > 0)) return;
      if (kept > 0) await renew(project, endpoint, kept);
      else await releaseBlock(project, endpoint, block);
    },
  };
};
