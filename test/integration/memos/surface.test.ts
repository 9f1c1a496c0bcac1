import { memosSurfaceContract } from '../../contract/memos-surface.contract.ts';
import { openService } from '../../support/in-memory-service.ts';
import { createScriptedModel } from '../../support/scripted-model.ts';

memosSurfaceContract('SQLite', {
  async open() {
    const model = createScriptedModel();
    return { model, service: await openService({ languageModel: model, refines: false }) };
  },
});
