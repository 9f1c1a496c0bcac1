import type { Principal } from '../../../shared/domain/project.ts';

/** What every handler may rely on; `principal` is set once a guard has let the request pass. */
export interface Api {
  Variables: { requestId: string; principal: Principal };
}
