/**
 * The configuration: slipway.yml and the service files, checked against one set of schemas from which the JSON Schemas
 * for editors are made, laid over each other, and given on as the value that all other rooms start from. What is wrong
 * is told all at once, with file, line and column. Light to enter: parser and schemas are loaded when they are needed.
 */
export type { JsonSchema } from './json-schema.ts';
export type { LoadOptions } from './load.ts';
export { inlineConfig, jsonSchemas, loadConfig } from './read.ts';
