/**
 * What a token must allow, one action each: `repository:acme/shop:pull`. Sets of them are compared, so that a token for
 * pull and push also serves a pull.
 */
export type Grant = string;

export const pull = (path: string): Grant => `repository:${path}:pull`;
export const push = (path: string): Grant => `repository:${path}:push`;

/** Reads the `scope` of a challenge: scopes with a space between them, each with a list of actions. */
export function grantsOf(scope: string): readonly Grant[] {
  return scope.split(/\s+/).flatMap((one) => {
    const colon = one.lastIndexOf(':');
    if (colon < 1) return [];
    const actions = one.slice(colon + 1).split(',');
    return actions.filter((action) => action !== '').map((action) => `${one.slice(0, colon)}:${action}`);
  });
}

/** Writes grants as scopes, one for each resource, sorted: `repository:a:pull,push`. */
export function scopesOf(grants: Iterable<Grant>): readonly string[] {
  const actions = new Map<string, string[]>();
  for (const grant of [...new Set(grants)].sort()) {
    const colon = grant.lastIndexOf(':');
    const resource = grant.slice(0, colon);
    actions.set(resource, [...(actions.get(resource) ?? []), grant.slice(colon + 1)]);
  }
  return [...actions].map(([resource, list]) => `${resource}:${list.join(',')}`);
}
