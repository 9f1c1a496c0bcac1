import type { Principal } from '../../../shared/domain/project.ts';
import type { Work } from '../access/cost-units.ts';

/** What every handler may rely on; `principal` and the fields after it are set once a guard has let the request pass. */
export interface ApiEnv {
  Variables: {
    requestId: string;
    /** What links in answers begin with: the public URL without a slash at its end, or nothing. */
    linkBase: string;
    /** The largest body there is. */
    attachedBodyBytes: number;
    principal: Principal;
    work: Work;
    /** Cost units charged so far. */
    units: number;
    /** Takes further units. @throws HttpError 429 rate_limited */
    charge(units: number): void;
  };
}
