import { rmSync } from 'node:fs';

export default function teardown() {
  const library = process.env.SLIPWAY_LIBRARY;
  if (library !== undefined) rmSync(library, { recursive: true, force: true });
}
