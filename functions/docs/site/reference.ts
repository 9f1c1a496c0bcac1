import { z } from 'zod';

const Node = z.record(z.string(), z.unknown());

const Parameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().optional(),
  description: z.string().optional(),
  schema: Node.optional(),
  example: z.unknown().optional(),
});
const Content = z.record(z.string(), z.object({ schema: Node, example: z.unknown().optional() }));
const Response = z.object({ description: z.string(), content: Content.optional() });
const Operation = z.object({
  summary: z.string(),
  description: z.string().optional(),
  tags: z.array(z.string()),
  parameters: z.array(Parameter).optional(),
  requestBody: z.object({ content: Content }).optional(),
  responses: z.record(z.string(), z.union([Response, z.object({ $ref: z.string() })])),
});
type Operation = z.output<typeof Operation>;
const Document = z.object({
  info: z.object({ description: z.string() }),
  tags: z.array(z.object({ name: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.object({ schemas: z.record(z.string(), Node) }),
});
type Document = z.output<typeof Document>;

export interface ReferencePage {
  name: string;
  title: string;
  markdown: string;
}

const maxDepth = 4;

const nameOfReference = (reference: string): string => reference.split('/').at(-1) ?? '';

/** Fields of an object, a row each, with their descriptions. */
const fieldsOf = (
  properties: object,
  required: unknown,
  depth: number,
  formOfPart: (part: unknown) => string,
): string => {
  const indent = '  '.repeat(depth + 1);
  const needed: unknown[] = Array.isArray(required) ? required : [];
  const rows = Object.entries(properties).map(([name, property]) => {
    const about = Node.safeParse(property).data?.['description'];
    const comment = typeof about === 'string' ? `  // ${about.replaceAll('\n', ' ')}` : '';
    return `${indent}${name}${needed.includes(name) ? '' : '?'}: ${formOfPart(property)};${comment}`;
  });
  return `{\n${rows.join('\n')}\n${'  '.repeat(depth)}}`;
};

/** Form of a schema without parts. */
const plainForm = ({ enum: values, type, ...rest }: { [field: string]: unknown }): string => {
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ');
  if ('const' in rest) return JSON.stringify(rest['const']);
  if (Array.isArray(type)) return type.join(' | ');
  return typeof type === 'string' ? type : 'unknown';
};

/** Returns the form of a schema in the notation of TypeScript. */
const formOf = (schema: unknown, document: Document, depth = 0): string => {
  const node = Node.safeParse(schema).data ?? {};
  const within = (part: unknown) => formOf(part, document, depth + 1);
  if (typeof node['$ref'] === 'string') {
    const name = nameOfReference(node['$ref']);
    const target = document.components.schemas[name];
    return depth >= maxDepth || !target ? name : formOf(target, document, depth);
  }
  const union = node['anyOf'] ?? node['oneOf'];
  if (Array.isArray(union)) return [...new Set(union.map(within))].join(' | ');
  if (node['type'] === 'array') return `Array<${within(node['items'])}>`;
  const properties = Node.safeParse(node['properties']).data;
  return properties && depth < maxDepth
    ? fieldsOf(properties, node['required'], depth, within)
    : plainForm(node);
};

const fence = (language: string, code: string): string => `\`\`\`${language}\n${code}\n\`\`\``;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const parametersOf = ({ parameters = [] }: Operation, document: Document): string[] =>
  parameters.length === 0
    ? []
    : [
        [
          '| Parameter | In | Form | |',
          '|---|---|---|---|',
          ...parameters.map(
            ({ name, in: place, required, schema, description = '' }) =>
              `| \`${name}\`${required ? ', required' : ''} | ${place} | \`${cell(formOf(schema, document, maxDepth))}\` | ${cell(description)} |`,
          ),
        ].join('\n'),
      ];

/** The example of an operation as a command. */
const exampleOf = (method: string, path: string, operation: Operation): string => {
  const { parameters = [], requestBody } = operation;
  const query = new URLSearchParams();
  let target = path;
  for (const { name, in: place, example } of parameters) {
    if (example === undefined) continue;
    if (place === 'path') target = target.replace(`{${name}}`, String(example));
    if (place === 'query') query.set(name, String(example));
  }
  const body = Object.values(requestBody?.content ?? {})[0]?.example;
  const search = query.size === 0 ? '' : `?${query}`;
  const parts = [
    `curl -X ${method.toUpperCase()} "$URL${target}${search}" -H "Authorization: Bearer $KEY"`,
    ...(body === undefined
      ? []
      : [
          `  -H 'Content-Type: application/json' -d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`,
        ]),
  ];
  return fence('', parts.join(' \\\n'));
};

const responsesOf = ({ responses }: Operation, document: Document): string[] =>
  Object.entries(responses).flatMap(([status, response]) => {
    if ('$ref' in response || !status.startsWith('2')) return [];
    const schema = Object.values(response.content ?? {})[0]?.schema;
    const form = schema ? `\n\n${fence('', formOf(schema, document))}` : '';
    return [`${status} ${response.description}:${form}`];
  });

const operationMarkdown = (
  method: string,
  path: string,
  operation: Operation,
  document: Document,
): string => {
  const schema = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  return [
    `## ${operation.summary}`,
    `\`${method.toUpperCase()} ${path}\``,
    ...(operation.description ? [operation.description] : []),
    ...parametersOf(operation, document),
    ...(schema ? [`Body:\n\n${fence('', formOf(schema, document))}`] : []),
    exampleOf(method, path, operation),
    ...responsesOf(operation, document),
  ].join('\n\n');
};

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** Makes the pages of the API reference one by one, one for each group of routes, from the OpenAPI document. */
export function* referencePages(openApi: unknown): Generator<ReferencePage> {
  const document = Document.parse(openApi);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  for (const { name } of document.tags) {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    if (own.length === 0) continue;
    const parts = own.map(({ method, path, operation }) =>
      operationMarkdown(method, path, operation, document),
    );
    const title = `Reference: ${name}`;
    yield {
      name: `reference-${slug(name)}`,
      title,
      markdown: [`# ${title}`, ...parts].join('\n\n'),
    };
  }
}
