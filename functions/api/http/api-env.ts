import type { Principal } from '../../../shared/domain/project.ts';
import type { Work } from '../access/cost-units.ts';

/** Parts of an error that its body is made of. */
export interface ErrorParts {
  status: number;
  code: string;
  message: string;
  /** `body`: further fields of the answer, of surfaces that show them. */
  details: { field?: string; body?: { readonly [key: string]: unknown } };
}

/** Hono environment of all routes. The guard sets `principal` and the fields after it. */
export interface ApiEnv {
  Variables: {
    requestId: string;
    /** Prefix of links in responses: the public URL without a trailing slash, or an empty string. */
    linkBase: string;
    /** Body of an error on a surface with error bodies of its own. */
    errorBody?: (error: ErrorParts) => { [field: string]: unknown };
    /** Largest body with attachments, in bytes. */
    attachedBodyBytes: number;
    principal: Principal;
    work: Work;
    /** Cost units charged so far. */
    units: number;
    /** Fields of the body that the schema of the route does not read. */
    unknownFields?: string[];
    /** Sensitive values that were masked or dropped in the texts of the request. */
    redacted: number;
    /** Charges further units. @throws HttpError 429 rate_limited */
    charge(units: number): void;
  };
}
