import type { Outage } from '../domain/outage.ts';
import type { ProcessingSettings } from '../domain/processing.ts';
import type { QuotaKind } from '../domain/quota.ts';
import type { RedactionRules } from '../domain/sensitive/sensitive.ts';
import type { Blobs } from './blobs.ts';
import type { Clock } from './clock.ts';
import type { DocumentReader } from './document-reader.ts';
import type { Embedder } from './embedder.ts';
import type { FileFetcher } from './file-fetcher.ts';
import type { Ids } from './ids.ts';
import type { LanguageModel } from './language-model.ts';
import type { Queue } from './queue.ts';
import type { SecretBox } from './secret-box.ts';
import type { Store } from './store.ts';
import type { Telemetry } from './telemetry.ts';
import type { Tracing } from './tracing.ts';
import type { VectorIndex } from './vector-index.ts';
import type { WebhookClient, WebhookInspector } from './webhook-client.ts';

/** Settings of the operator that the core reads. */
export interface Policy {
  /** Seconds before each retry of a refinement; the length is the number of retries. */
  refineSchedule: readonly number[];
  /** Hours a turn waits for an unavailable language model before it fails. */
  modelGiveUpHours: number;
  /** Tokens of the language model that the installation may use in a day (UTC); 0: any number. */
  tokensPerDay: number;
  /** As `tokensPerDay`, of each project. */
  projectTokensPerDay: number;
  /** Seconds before each attempt of a delivery; the length is the number of attempts. */
  webhookSchedule: readonly number[];
  /** Timeout of a whole attempt: name resolution, connection, request and response. */
  webhookTimeoutMs: number;
  /** Days that notifications, deliveries and attempts are kept. */
  retainDeliveriesDays: number;
  /** Days that a final event is kept; 0: forever. */
  retainEventsDays: number;
  /** Days that the text of an applied turn is kept; 0: forever. */
  retainTurnsDays: number;
  /** Most of each kind per project. */
  quotas: { readonly [kind in QuotaKind]: number };
}

/** Vector of an entry of the index, by the embedder of this name. */
export interface EntryVector {
  model: string;
  vector: Float32Array;
}

/** State that a process keeps in memory across calls. Losing it costs reads and writes, never correctness. */
export interface ProcessCaches {
  /** Names of entities whose record this process has written. */
  recordedEntities: Set<string>;
  /** By project and id of the index entry: vectors of recent messages and memories, the oldest first. */
  entryVectors: Map<string, EntryVector>;
  /** Settings of processing and redaction, and whether a project is notified, as last read, by project and by entity; ms since 1970. */
  processing?: Map<
    string,
    {
      until: number;
      settings: Promise<ProcessingSettings & { redaction?: RedactionRules; isNotified?: boolean }>;
    }
  >;
  /** Outage of the language model as this process last read or wrote it, ms since 1970. */
  outage?: { readAt: number; outage: Outage | undefined };
  /** By the owner of a budget: tokens of the day that starts at `day`, as last read, with those counted since; ms since 1970. */
  spend?: Map<string, { day: number; readAt: number; tokens: number }>;
}

/** Dependencies of accepting, refining, searching and erasing memories. */
export interface Platform {
  store: Store;
  /** Hints for the worker. */
  turns: Queue;
  /** Hints for the dispatcher. */
  notifications: Queue;
  vectorIndex: VectorIndex;
  languageModel: LanguageModel;
  embedder: Embedder;
  /** Bytes of attachments. */
  blobs: Blobs;
  /** Client for links to attachments. */
  fileFetcher: FileFetcher;
  documentReader: DocumentReader;
  telemetry: Telemetry;
  /** Present if traces are exported. */
  tracing?: Tracing;
  clock: Clock;
  ids: Ids;
  policy: Policy;
  caches: ProcessCaches;
}

/** Dependencies of work that neither searches, nor asks a model, nor reads attachments. */
export type CorePlatform = Omit<
  Platform,
  'vectorIndex' | 'languageModel' | 'embedder' | 'blobs' | 'fileFetcher' | 'documentReader'
>;

/** Dependencies of webhooks. */
export interface WebhookPlatform extends CorePlatform {
  /** HTTP client for customers' URLs. */
  webhookClient: WebhookClient;
  /** Receiver of this process; absent on AWS. */
  inspector?: WebhookInspector;
  /** Encryption of webhook secrets. */
  secretBox: SecretBox;
}

/** All dependencies. */
export type FullPlatform = Platform & WebhookPlatform;
