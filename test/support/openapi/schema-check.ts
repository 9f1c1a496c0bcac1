import { Ajv2020 } from 'ajv/dist/2020.js';
import { mapNodes } from '../../../functions/api/openapi/components.ts';
import type { Document } from './document.ts';

/** Closes each object that lists its fields, so that a field that the document does not have is found. */
const closed = (document: Document): unknown =>
  mapNodes(document, (node) =>
    node['type'] === 'object' && 'properties' in node && !('additionalProperties' in node)
      ? { ...node, additionalProperties: false }
      : node,
  );

const pointerOf = (keys: readonly string[]): string =>
  keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Checks values against schemas of the document. Fields that a schema does not list are errors. */
export const createSchemaCheck = (document: Document) => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(Object.assign({}, closed(document)), 'document');
  return {
    /**
     * Returns the errors of a value; none if it is valid.
     * @param keys place of the schema in the document
     */
    errors(keys: readonly string[], value: unknown): string[] {
      const validate = ajv.compile({ $ref: `document#${encodeURI(pointerOf(keys))}` });
      if (validate(value)) return [];
      return (validate.errors ?? []).map(
        ({ instancePath, message = '', params }) =>
          `${instancePath} ${message} ${JSON.stringify(params)}`,
      );
    },
  };
};
