import { readFileSync } from 'node:fs';

const read = (name: string): string => readFileSync(new URL(`../../fixtures/config/${name}`, import.meta.url), 'utf8');

/** The examples of the documentation, letter by letter: every key in them is a promise. */
export const SMALLEST = read('smallest.yml');
export const SLIPWAY = read('slipway.yml');
export const SERVICE = read('slipway.service.yml');
