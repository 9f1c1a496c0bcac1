import type { Principal } from '../../../shared/domain/project.ts';

/** What every handler may rely on; `principal` is set once a guard has let the request pass. `attachedBodyBytes`: the largest body there is. */
export interface Api {
  Variables: { requestId: string; principal: Principal; attachedBodyBytes: number };
}
