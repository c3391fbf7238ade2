/**
 * What a schema has against a value, on one line: `layers.0.size: expected a number`. It takes what zod calls an issue,
 * so that the model needs no schemas.
 */
export function formatIssue(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): string {
  if (issue === undefined) return '';
  const path = issue.path.map(String).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}
