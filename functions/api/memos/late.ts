/**
 * Code that a cold start does not need. One module is loaded late, since each one has a file of its own and shares parts with others.
 */
export { modelRequestsOf } from '../../../shared/core/model-requests.ts';
export { readFormBody } from '../http/form-body.ts';
export { answerChat } from './chat-answer.ts';
export * from './file-operations.ts';
export { replaceIfAsked } from './keyword-replacement.ts';
export { extractMemories, rerank } from './model-answers.ts';
export { copiesFor, copiesOf, searchOtherStores } from './other-stores.ts';
