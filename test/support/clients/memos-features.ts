import type { Feature } from './feature.ts';

const at = (file: string) => (name: string) => ({ file, name });
const surface = at('test/contract/memos-surface.contract.ts');
const requests = at('test/integration/memos/requests.test.ts');
const models = at('test/integration/memos/models.test.ts');
const chat = at('test/integration/memos/chat.test.ts');
const errors = at('test/integration/memos/errors.test.ts');
const copies = at('test/contract/memos-copies.contract.ts');
const times = at('test/contract/memos-times.contract.ts');
const example = at('test/integration/memos/guangzhou.test.ts');
const bases = at('test/contract/knowledge-bases.contract.ts');
const baseLists = at('test/contract/knowledge-base-lists.contract.ts');
const reads = at('test/contract/reads-during-refinement.contract.ts');
const platforms = at('test/e2e/memos.contract.ts');

const prefix = '/api/openmem/v1';
const post = (...paths: readonly string[]) => paths.map((path) => `POST ${prefix}/${path}`);

/** Features of MemOS's cloud API. */
export const memosFeatures: readonly Feature[] = [
  {
    feature: '`add/message`, asynchronous',
    routes: post('add/message'),
    has: true,
    test: platforms(
      'an add of MemOS is found by the very next search, and keeps its id once it is refined',
    ),
  },
  {
    feature: '`async_mode: false`',
    note: '`running` with the same task after 25 s',
    has: true,
    test: requests('async_mode false answers completed once the messages are refined'),
  },
  {
    feature: 'Rough memory in the documented form',
    has: true,
    test: surface('the very next search finds one rough memory in the documented form'),
  },
  {
    feature: 'Refined memories replace the rough one in one step',
    has: true,
    test: reads('a search sees each turn once, rough or refined, at every moment'),
  },
  {
    feature: 'Titles, types and tags of memories',
    note: 'Tags of the caller are kept',
    has: true,
    test: surface('the refined memories replace the rough one, and the first keeps its id'),
  },
  {
    feature: 'Explicit and implicit preferences, `preference_note`',
    has: true,
    test: example('the embedded rules remember the trip and the choice, and say why'),
  },
  {
    feature: 'Tool memory from calls and results of tools',
    note: 'By a language model only; `tool_used_status` is empty',
    has: true,
    test: requests(
      'calls of tools and their results reach the model, and a tool memory is a list of its own',
    ),
  },
  {
    feature: '`chat_time` in the forms of its clients',
    has: true,
    test: requests('a chat_time is shown as it was given'),
  },
  {
    feature: 'A `chat_time` for each message',
    note: 'Also of what is drawn from the message',
    has: true,
    test: times('each memory has the time of the message that it was drawn from'),
  },
  {
    feature: 'Images and files of messages',
    note: 'The task fails with the reason, and the text is kept',
    has: true,
    test: requests(
      'a file that cannot be read fails its task with the reason, and the text beside it is remembered',
    ),
  },
  {
    feature: '`allow_public`, `allow_knowledgebase_ids`',
    note: 'Copies, each a turn of its own, under the task of the add',
    has: true,
    test: bases(
      'what is said with allow_knowledgebase_ids and allow_public is found by other users, and outlives its user',
    ),
  },
  {
    feature: 'Public memory and knowledge bases are marked apart from own memory',
    note: 'By `store` of each item; the own comes first where both are about as good',
    has: true,
    test: copies(
      'items say where they belong, and the own memory comes before a public one that is about as good',
    ),
  },
  {
    feature: '`get/status` with `memory_views`',
    note: 'Also by GET; besides with reason, stage and times',
    routes: [...post('get/status'), `GET ${prefix}/get/status`],
    has: true,
    test: surface('a completed task has the ids by view'),
  },
  {
    feature: '`search/memory`',
    routes: post('search/memory'),
    has: true,
    test: platforms(
      'an add of MemOS is found by the very next search, and keeps its id once it is refined',
    ),
  },
  {
    feature: '`relativity`',
    note: 'The default of 0.45 is the score 0.3',
    has: true,
    test: requests('a relativity of 1 finds nothing'),
  },
  {
    feature: 'Limits of lists, `include_*`, `include_memory_view`',
    has: true,
    test: requests('memory_limit_number bounds the list, and include_memory_view selects lists'),
  },
  {
    feature: '`conversation_id` as a priority',
    has: true,
    test: requests('a conversation lifts its memories and filters none'),
  },
  {
    feature: 'Filters, also by source',
    has: true,
    test: surface('a filter by %s holds in searches and lists'),
  },
  {
    feature: '`knowledgebase_ids`, and `all`',
    has: true,
    test: bases(
      'a file is read in the background and found by searches that name its knowledge base',
    ),
  },
  {
    feature: '`get/memory`, by list and by id',
    note: '`current` for `page`, too',
    routes: [...post('get/memory'), `GET ${prefix}/get/memory/{id}`],
    has: true,
    test: surface('get/memory lists by kind and counts the longest list'),
  },
  {
    feature: '`get/message`',
    routes: post('get/message'),
    has: true,
    test: surface('the messages of the conversation are kept as they were said'),
  },
  {
    feature: '`update/memory`',
    note: 'Of the statuses `activated` only',
    routes: post('update/memory'),
    has: true,
    test: surface('an update changes text and title, and a deletion is final'),
  },
  {
    feature: '`delete/memory`',
    note: 'By ids, owner or filter',
    routes: post('delete/memory'),
    has: true,
    test: surface('a deletion of a user hides everything at once'),
  },
  {
    feature: '`add/feedback`',
    routes: post('add/feedback'),
    has: true,
    test: models('feedback corrects a memory, as a task of its own'),
  },
  {
    feature: 'Feedback that replaces a word in all memories',
    has: true,
    test: surface('a feedback replaces a word in all memories, as a task'),
  },
  {
    feature: 'Several `user_id`s in one add (group chat)',
    note: 'A turn for each under one task',
    has: true,
    test: surface('several users have a turn each under one task, and a repeat makes none'),
  },
  {
    feature: '`chat`',
    note: 'Needs a language model',
    routes: post('chat'),
    has: true,
    test: chat('answers with what is remembered and what was said, and keeps the exchange'),
  },
  {
    feature: '`chat` as a stream of events',
    note: 'Arrives whole on AWS',
    has: true,
    test: chat('sends parts of the answer, keeps the exchange, and ends'),
  },
  {
    feature: '`extract/memory`',
    routes: post('extract/memory'),
    has: true,
    test: models('memories and preferences are drawn from messages, and nothing is kept'),
  },
  {
    feature: '`rerank`',
    note: 'By the embedding model of the service, which `model` names',
    routes: post('rerank'),
    has: true,
    test: models('documents are ordered by their likeness to the query, without an envelope'),
  },
  {
    feature: 'Knowledge bases: create, list, delete',
    routes: post('create/knowledgebase', 'list/knowledgebase', 'delete/knowledgebase'),
    has: true,
    test: baseLists('knowledge bases and their files are listed in pages, newest first'),
  },
  {
    feature: 'Files of knowledge bases: add, get, list, delete',
    note: 'Links, base64, data URLs and forms',
    routes: post(
      'add/knowledgebase-file',
      'get/knowledgebase-file',
      'list/knowledgebase-file',
      'delete/knowledgebase-file',
    ),
    has: true,
    test: baseLists('files are listed newest first and looked up by their ids, with their status'),
  },
  {
    feature: 'Envelope and numbers of errors',
    note: 'HTTP status 4xx or 5xx besides',
    has: true,
    test: platforms('errors have the numbers of MemOS'),
  },
  {
    feature: 'Rate limit as 40309',
    has: true,
    test: errors('a request above the rate limit is error 40309, and says so in words'),
  },
  {
    feature: 'Unknown keys, lists of one id',
    has: true,
    test: requests('unknown keys and ids in lists of one are accepted'),
  },
  {
    feature: 'Skills',
    note: 'The list is there and empty; files of the type `skill` are refused',
    has: false,
    test: bases('%s with %j is error %i of %s'),
  },
  {
    feature: 'Profiles and events as lists of their own',
    note: 'The lists are there and empty; [profiles](../api/README.md#exports-profiles-and-summaries) of users have other routes',
    has: false,
    test: requests('memory_limit_number bounds the list, and include_memory_view selects lists'),
  },
];
