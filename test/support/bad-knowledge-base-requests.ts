const base64 = (text: string): string => Buffer.from(text).toString('base64');
const unknownBase = '01990000-0000-7000-8000-000000000000';

/** Requests about knowledge bases that are refused: path, body, number of the error and the field that it names. */
export const badRequests: readonly [path: string, body: object, code: number, field: string][] = [
  ['create/knowledgebase', {}, 40002, 'knowledgebase_name'],
  ['create/knowledgebase', { knowledgebase_name: ' ' }, 40003, 'knowledgebase_name'],
  ['add/knowledgebase-file', { knowledgebase_id: unknownBase }, 40002, 'file'],
  ['add/knowledgebase-file', { knowledgebase_id: unknownBase, file: [] }, 40003, 'file'],
  [
    'add/knowledgebase-file',
    { knowledgebase_id: unknownBase, file: [{}] },
    40002,
    'file[0].content',
  ],
  [
    'add/knowledgebase-file',
    { knowledgebase_id: unknownBase, file: [{ content: '?' }] },
    40000,
    'file[0].content',
  ],
  [
    'add/knowledgebase-file',
    {
      knowledgebase_id: unknownBase,
      file: [{ content: base64('a skill of mine'), type: 'skill' }],
    },
    40000,
    'file[0].type',
  ],
  ['get/knowledgebase-file', {}, 40002, 'file_ids'],
  ['list/knowledgebase', { size: 101 }, 40000, 'size'],
  ['list/knowledgebase', { page: 0 }, 40000, 'page'],
  ['list/knowledgebase-file', {}, 40002, 'knowledgebase_id'],
  ['delete/knowledgebase-file', { file_ids: [] }, 40003, 'file_ids'],
  [
    'search/memory',
    { user_id: 'ana', query: 'x', knowledgebase_ids: [1] },
    40000,
    'knowledgebase_ids[0]',
  ],
];
