/**
 * Makes a text fit: the mark at its end says that it was cut. Half of a surrogate pair is never left over.
 *
 * @param limit in UTF-16 units, the mark counted in; at least 1
 */
export function clip(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** A text from elsewhere as one line without control and format characters, clipped. */
export function oneLine(text: string, limit: number): string {
  return clip(text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim(), limit);
}

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
