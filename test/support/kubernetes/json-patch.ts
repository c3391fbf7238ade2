interface Step {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}
type Node = Record<string, unknown> | unknown[];

/** RFC 6902 as the API server has it (evanphx/json-patch): a test that does not hold, or a path that is not there, is an error. */
export function applyJsonPatch(object: object, steps: readonly Step[]): object {
  const copy = structuredClone(object);
  for (const step of steps) applyStep(copy as Node, step);
  return copy;
}

function applyStep(root: Node, { op, path, value }: Step): void {
  const parts = path
    .split('/')
    .slice(1)
    .map((it) => it.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = parts.pop() ?? '';
  let at: Node = root;
  for (const part of parts) {
    const next: unknown = Reflect.get(at, part);
    if (typeof next !== 'object' || next === null)
      throw new Error(`${op} operation does not apply: doc is missing path: ${path}`);
    at = next as Node;
  }
  const there = Reflect.has(at, last);
  if (op === 'test') {
    const seen = there ? Reflect.get(at, last) : null;
    if (JSON.stringify(seen) !== JSON.stringify(value)) throw new Error(`testing path ${path} failed`);
    return;
  }
  if (op !== 'add' && !there) throw new Error(`${op} operation does not apply: doc is missing key: ${path}`);
  if (op === 'remove') Reflect.deleteProperty(at, last);
  else Reflect.set(at, last, structuredClone(value));
}
