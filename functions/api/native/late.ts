/**
 * Code that a cold start does not need. One module is loaded late, since each one has a file of its own and shares parts with others.
 */
export { listNotifications } from '../../../shared/core/webhooks/poll-notifications.ts';
export * from '../../../shared/core/webhooks/recoveries.ts';
export * from '../../../shared/core/webhooks/rotate-secret.ts';
export { exportArchive } from './archive/export-handler.ts';
export { importRecords } from './archive/import-handler.ts';
export { readStages } from './event-stages.ts';
