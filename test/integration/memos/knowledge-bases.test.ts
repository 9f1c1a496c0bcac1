import { knowledgeBaseListsContract } from '../../contract/knowledge-base-lists.contract.ts';
import { knowledgeBasesContract } from '../../contract/knowledge-bases.contract.ts';
import { openService } from '../../support/in-memory-service.ts';

const services = { open: () => openService() };
knowledgeBasesContract('SQLite', services);
knowledgeBaseListsContract('SQLite', services);
