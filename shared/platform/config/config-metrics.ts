/** CloudWatch namespace of all metrics. The only dimension of a metric is `stage`. */
export const metricNamespace = 'Turnstone';

/**
 * Metrics by log event. The value is the number in `field`, or 1 per event without `field`. Dashboard and alarms refer to
 * these names.
 */
export const metricTable = {
  'turn.accepted': [{ name: 'TurnsAccepted', unit: 'Count' }],
  'turn.started': [{ name: 'QueueLatency', unit: 'Milliseconds', field: 'queueLatencyMs' }],
  'turn.refined': [
    { name: 'TurnsRefined', unit: 'Count' },
    { name: 'EndToEnd', unit: 'Milliseconds', field: 'endToEndMs' },
    { name: 'ModelLatency', unit: 'Milliseconds', field: 'modelMs' },
    { name: 'PromptTokens', unit: 'Count', field: 'promptTokens' },
    { name: 'CompletionTokens', unit: 'Count', field: 'completionTokens' },
    { name: 'MemoriesAdded', unit: 'Count', field: 'added' },
    { name: 'MemoriesUpdated', unit: 'Count', field: 'updated' },
    { name: 'MemoriesDeleted', unit: 'Count', field: 'deleted' },
    { name: 'NoopChanges', unit: 'Count', field: 'none' },
  ],
  'turn.failed': [{ name: 'TurnsFailed', unit: 'Count' }],
  'plan.outdated': [{ name: 'Conflicts', unit: 'Count' }],
  'model.failed': [{ name: 'ModelFailures', unit: 'Count' }],
  'index.sync_failed': [{ name: 'IndexFailures', unit: 'Count' }],
  'store.failed': [{ name: 'StoreFailures', unit: 'Count' }],
  'hint.send_failed': [{ name: 'HintsSendFailed', unit: 'Count' }],
  'hint.failed': [{ name: 'HintsFailed', unit: 'Count' }],
  'hint.retry': [{ name: 'HintsDeferred', unit: 'Count' }],
  'sweep.done': [
    { name: 'Sweeps', unit: 'Count' },
    { name: 'OldestDue', unit: 'Milliseconds', field: 'oldestMs' },
    { name: 'OldestDeliveryDue', unit: 'Milliseconds', field: 'oldestDeliveryDueMs' },
    { name: 'SweptHints', unit: 'Count', field: 'hints' },
  ],
} as const;
