// Answers of the API, as far as the console reads them.

export interface Page<Item> {
  count: number;
  results: Item[];
}

export interface CursorPage<Item> {
  results: Item[];
  cursor: string | null;
  next: string | null;
}

export interface Entities {
  user_id?: string | null;
  agent_id?: string | null;
  app_id?: string | null;
  run_id?: string | null;
}

export interface Message {
  role: string;
  content: string;
  name?: string;
}

interface Failure {
  code: string;
  message: string;
  retryable: boolean;
}

export interface Change {
  id: string | null;
  event: string;
  memory: string | null;
  previous_memory?: string;
  reason?: string;
}

export type StageState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped';

interface StageBody {
  state: StageState;
  at?: string | null;
  ms?: number | null;
}

/** A delivery as the stages of an event name it. */
export interface NamedDelivery {
  id: string;
  endpoint_id: string;
  event_type: string;
  status: string;
}

export interface Stages {
  accepted: StageBody;
  queued: StageBody;
  model: StageBody;
  applied: StageBody;
  indexed: StageBody & { memories: number; waiting: number };
  notified: StageBody & {
    succeeded: number;
    waiting: number;
    failed: number;
    cancelled: number;
    deliveries: NamedDelivery[];
    truncated?: boolean;
  };
}

export interface EventBody extends Entities {
  id: string;
  event_type: string;
  status: string;
  stage: string;
  payload: { messages: Message[]; metadata: object } | null;
  results: Change[];
  turn_id: string | null;
  waiting_for: string | null;
  attempts: number;
  timings: { [stage: string]: number };
  tokens: { prompt: number; completion: number };
  model: string | null;
  /** An object of one event, a sentence in a list. */
  error: Failure | string | null;
  error_detail?: Failure | null;
  counts: { memories: number; turns: number } | null;
  truncated?: boolean;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  latency: number | null;
  stages?: Stages;
}

export interface Memory extends Entities {
  id: string;
  memory: string;
  metadata: object;
  categories: string[] | null;
  created_at: string;
  updated_at: string;
  type: string;
  kind?: string;
  stage?: string;
  event_id?: string | null;
  role?: string;
  lifecycle_state?: string;
  valid_from?: string;
  valid_until?: string;
  replaced_by?: string | null;
  also_became?: string[];
  immutable?: boolean;
}

export interface FoundMemory extends Memory {
  score: number;
  score_breakdown: { [part: string]: number };
  source?: { id: string; memory: string };
  recent?: boolean;
}

export interface Revision {
  id: string;
  memory_id: string;
  input: Message[];
  old_memory: string | null;
  new_memory: string | null;
  event: string;
  created_at: string;
}

export interface Context {
  context: string;
  tokens: number;
  budget: number;
  truncated: boolean;
}

export interface Endpoint {
  id: string;
  url: string;
  name: string;
  status: string;
  status_reason: string | null;
  status_since: string | null;
  event_types: string[];
  filters: { [entity: string]: string[] };
  max_in_flight: number;
  ordered: boolean;
  created_at: string;
}

export interface InspectedRequest {
  received_at: string;
  notification_id: string;
  event_type: string | null;
  headers: { [name: string]: string };
  status: number;
  payload: object | null;
}

export interface Inspector {
  url: string;
  requests: InspectedRequest[];
}

export interface Delivery {
  id: string;
  notification_id: string;
  event_type: string;
  status: string;
  attempt_count: number;
  next_attempt_at: string | null;
  last_status: number | null;
  last_error: string | null;
  created_at: string;
}

export interface Attempt {
  number: number;
  trigger: string;
  started_at: string;
  url: string;
  request_headers: object;
  ok: boolean;
  error: string | null;
  message: string | null;
  status: number | null;
  response_headers: object | null;
  response_body: string | null;
  durations: { [phase: string]: number | null };
  remote_ip: string | null;
}

export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  permissions: string[];
  created_at: string;
  revoked_at: string | null;
}

export interface Counts {
  requests: number;
  units: number;
  adds: number;
  searches: number;
  errors: number;
  limited: number;
  redacted: number;
}

/** Work that the requests led to. */
export interface WorkCounts {
  refinements: number;
  tokens: { prompt: number; completion: number };
  /** Dollars; null where the service has no prices. */
  model_cost: number | null;
  deliveries: number;
  failed_deliveries: number;
}

export interface Usage {
  total: Counts & WorkCounts;
  results: ({ hour: string; keys: ({ id: string } & Counts)[] } & Counts & WorkCounts)[];
  next: string | null;
}

export interface Health {
  status: string;
  version: string;
  model: string;
  quality: string;
  embedder: string;
  health: { [part: string]: { status: string; code?: string; since?: string } };
}

export interface Stats {
  total_memories: number;
  total_users: number;
  total_agents: number;
  total_apps: number;
  total_runs: number;
}
