import type { Components, Node } from './components.ts';

/** Webhooks of the document: one for each type of notification. */
export const webhooksOf = (_components: Components): Node => ({});
