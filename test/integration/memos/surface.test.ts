import { memosCopiesContract } from '../../contract/memos-copies.contract.ts';
import { memosResultsContract } from '../../contract/memos-results.contract.ts';
import { type MemosServices, memosSurfaceContract } from '../../contract/memos-surface.contract.ts';
import { memosTimesContract } from '../../contract/memos-times.contract.ts';
import { openService } from '../../support/in-memory-service.ts';
import { createScriptedModel } from '../../support/scripted-model.ts';

const services: MemosServices = {
  async open() {
    const model = createScriptedModel();
    return { model, service: await openService({ languageModel: model, refines: false }) };
  },
};

memosSurfaceContract('SQLite', services);
memosCopiesContract('SQLite', services);
memosResultsContract('SQLite', services);
memosTimesContract('SQLite', services);
