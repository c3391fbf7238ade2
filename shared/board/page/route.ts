/** The views of the page, in the order of its navigation. */
export const VIEWS = ['services', 'history', 'suspects', 'metrics', 'audit'] as const;
export type View = (typeof VIEWS)[number];

/** What the part of the address after `#` says: a view and what was asked of it, so that a question can be sent as a link. */
export interface Route {
  readonly view: View;
  readonly params: Readonly<Record<string, string>>;
}

const isView = (text: string): text is View => VIEWS.some((view) => view === text);

/** Reads `#history?service=cart`; undefined for anything that is no view, such as the target of the skip link. */
export function parseRoute(hash: string): Route | undefined {
  const [name = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  if (name === '') return { view: 'services', params: {} };
  if (!isView(name)) return undefined;
  return { view: name, params: Object.fromEntries(new URLSearchParams(query)) };
}

/** Empty parameters are left out. */
export function formatRoute({ view, params }: Route): string {
  const given = Object.entries(params).filter(([, value]) => value !== '');
  const query = new URLSearchParams(given).toString();
  return query === '' ? `#${view}` : `#${view}?${query}`;
}
