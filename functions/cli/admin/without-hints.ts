import type { Platform } from '../../../shared/ports/platform.ts';

type Deps = Pick<Platform, 'store' | 'ids' | 'clock'>;

/** Queue that drops hints: the sweeper of the service finds the due work. */
const noHints = { send: async () => {} };

/** Dependencies of a command that starts work of a running service and sends it no hints. */
export const withoutHints = <D extends Deps>(deps: D) => ({
  ...deps,
  turns: noHints,
  notifications: noHints,
  telemetry: { log: () => {} },
});
