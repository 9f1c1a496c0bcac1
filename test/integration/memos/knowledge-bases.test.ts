import { knowledgeBasesContract } from '../../contract/knowledge-bases.contract.ts';
import { openService } from '../../support/in-memory-service.ts';

knowledgeBasesContract('SQLite', { open: () => openService() });
