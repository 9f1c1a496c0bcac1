import { readsDuringRefinementContract } from '../contract/reads-during-refinement.contract.ts';
import { openService } from '../support/in-memory-service.ts';

readsDuringRefinementContract('SQLite', { open: () => openService({ refines: false }) });
