/** Attributes of an element; false, null and undefined leave one out, true gives it without a value. */
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;
type Child = Node | string | null | undefined | false;

/**
 * Makes an element. Texts become text nodes, never markup: this is the only way in which anything of the ledger comes
 * into the page, beside {@link externalLink}.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter(isNode));
  return element;
}

const isNode = (child: Child): child is Node | string => child !== null && child !== undefined && child !== false;

/** A text of strangers: isolated, so that letters that turn the direction of writing turn only their own. */
export const foreign = (text: string, attributes: Attributes = {}): HTMLElement => h('bdi', attributes, text);

/** A link out of the page where the address is one of the web; the bare text otherwise (`javascript:` is no address). */
export function externalLink(url: string, text: string): Node {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'https:' && parsed?.protocol !== 'http:') return foreign(text);
  return h('a', { href: parsed.href, rel: 'noopener noreferrer', target: '_blank' }, text);
}

/** A control with its label above it. */
export function field(label: string, control: HTMLElement, hint?: string): HTMLElement {
  const id = control.id;
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    control,
    hint !== undefined && h('p', { class: 'hint', id: `${id}-hint` }, hint),
  );
}

/** A choice of one; the first option is the one that chooses nothing when `any` is given. */
export function select(id: string, options: readonly (readonly [string, string])[], chosen: string): HTMLSelectElement {
  const made = options.map(([value, text]) => h('option', { value, selected: value === chosen }, text));
  return h('select', { id }, ...made);
}

/** A table in a frame of its own that can be scrolled with the keyboard where it is wider than the screen. */
export function table(
  caption: string,
  headings: readonly (string | Node)[],
  body: HTMLElement,
  attributes: Attributes = {},
): HTMLElement {
  const head = headings.map((it) => h('th', { scope: 'col', role: 'columnheader' }, it));
  return h(
    'div',
    { class: 'frame', role: 'region', tabindex: 0, 'aria-label': caption },
    h(
      'table',
      { role: 'table', ...attributes },
      h('caption', {}, caption),
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...head)),
      body,
    ),
  );
}

/** A cell that carries its column's name, for screens where a row is a card. */
export const cell = (label: string, ...children: readonly Child[]): HTMLElement =>
  h('td', { role: 'cell', 'data-label': label }, ...children);

export const row = (...cells: readonly HTMLElement[]): HTMLElement => h('tr', { role: 'row' }, ...cells);
export const rowHeading = (...children: readonly Child[]): HTMLElement =>
  h('th', { scope: 'row', role: 'rowheader', class: 'name' }, ...children);
export const body = (): HTMLElement => h('tbody', { role: 'rowgroup' });
