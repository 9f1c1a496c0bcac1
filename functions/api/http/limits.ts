import { maxListedEvents } from '../../../shared/core/store-limits.ts';

/** Limits of a request. The table of the README is generated from these; tests send requests just above them. */
export const limits = {
  bodyBytes: 1_048_576,
  attachedBodyBytes: 5 * 1_048_576,
  bodyValues: 50_000,
  bodyDepth: 40,
  objectKeys: 1_000,
  targetLength: 8_192,
  queryParameters: 100,
  messages: 500,
  contentParts: 100,
  attachments: 50,
  deducedMemories: 500,
  customCategories: 100,
  categoryNameLength: 100,
  customCategoriesBytes: 60_000,
  descriptionLength: 2_000,
  instructionsLength: 20_000,
  includesLength: 2_000,
  schemaBytes: 20_000,
  metadataBytes: 32_000,
  metadataDepth: 32,
  deleteMetadataBytes: 2_000,
  deleteMetadataValues: 20,
  entityMetadataBytes: 2_000,
  feedbackReasonLength: 2_000,
  textLength: 50_000,
  textBytes: 64_000,
  batchMemories: 1_000,
  importRecords: 100,
  importFiles: 10,
  fields: 50,
  filterConditions: 200,
  filterDepth: 8,
  filterListLength: 100,
  filterIds: 1_000,
  filterOperandLength: 1_000,
  filterPartLength: 250,
  filterOwners: 50,
  endpointEventTypes: 50,
  endpointFilterIds: 100,
  pageSize: 200,
  cursorPageSize: 100,
  cursorLength: 2_000,
  listedEvents: maxListedEvents,
} as const;

type Name = keyof typeof limits;

const descriptions: { readonly [name in Name]: string } = {
  bodyBytes: 'Bytes of a request body, attachments not counted',
  attachedBodyBytes: 'Bytes of a request body with attachments (4.5 MB on AWS)',
  bodyValues: 'Values in a body, counted at any depth',
  bodyDepth: 'Levels of objects and lists in a body',
  objectKeys: 'Keys of one object',
  targetLength: 'Characters of a path with its query string',
  queryParameters: 'Parameters of a query string',
  messages: 'Messages of a turn',
  contentParts: 'Parts of the content of a message',
  attachments: 'Attachments of a turn',
  deducedMemories: 'Texts of `deduced_memories`',
  customCategories: 'Names in `custom_categories`',
  categoryNameLength: 'Characters of a name in `custom_categories`',
  customCategoriesBytes: 'Bytes of `custom_categories`',
  descriptionLength: 'Characters of the `description` of a project',
  instructionsLength: 'Characters of `custom_instructions` and of `agent_custom_instructions`',
  includesLength:
    'Characters of `includes` and of `excludes`, and of the `inclusion_prompt` and `exclusion_prompt` of a project',
  schemaBytes:
    'Bytes of the `schema` of an export, and of the profiles of a kind of entity, and of `structured_data_schema`',
  metadataBytes: 'Bytes of metadata',
  metadataDepth: 'Levels of metadata',
  deleteMetadataBytes: 'Bytes of the `metadata` of a delete-all',
  deleteMetadataValues: 'Values in the `metadata` of a delete-all, counted at any depth',
  entityMetadataBytes: 'Bytes of the `metadata` of a created user, agent, app or run',
  feedbackReasonLength: 'Characters of a `feedback_reason`',
  textLength: 'Characters of a query, or of a memory that is edited',
  textBytes: 'Bytes of a query, or of a memory that is edited',
  batchMemories: 'Memories of a batch',
  importRecords: 'Records of an import',
  importFiles: 'Files of an import',
  fields: 'Names in `fields`',
  filterConditions: 'Conditions of a filter, each entry of a list counted',
  filterDepth: 'Levels of AND, OR and NOT in a filter',
  filterListLength: 'Entries of a list in a filter',
  filterIds: 'Entries of `memory_ids`',
  filterOperandLength: 'Characters of a value in a filter',
  filterPartLength:
    'Characters that `contains`, `icontains`, `keywords` or a category without an operator looks for',
  filterOwners: 'User, agent, app and run ids that one request searches or lists',
  endpointEventTypes: 'Event types of an endpoint',
  endpointFilterIds: 'Ids for each filter of an endpoint',
  pageSize:
    'Entries of a page by number; larger values are reduced to this, or refused for a bare list',
  cursorPageSize: 'Entries of a page by cursor; larger values are reduced to this',
  cursorLength: 'Characters of a cursor',
  listedEvents: 'Events that a list by page number covers, newest first',
};

/** Returns the table of the README. */
export const limitsTable = (): string => {
  const values = new Map<string, number>(Object.entries(limits));
  const rows = Object.entries(descriptions).map(
    ([name, description]) => `| ${description} | ${values.get(name)?.toLocaleString('en')} |`,
  );
  return ['| Limit of a request | |', '|---|---|', ...rows].join('\n');
};
