import { h } from './dom.ts';

/** Fills a list bit by bit, so that a long one does not hold the page up. */
interface Chunks {
  /** Starts over with other items. */
  show<Item>(items: readonly Item[], draw: (item: Item) => HTMLElement): void;
}

/**
 * The first items at once; more by a button, which says how many are left.
 *
 * @param list where the items go
 * @param more where the button goes; it stays one button, so that it keeps the focus
 * @param said told how many are shown of how many
 */
export function onRequest(
  list: HTMLElement,
  more: HTMLElement,
  size: number,
  said: (shown: number, all: number) => void,
): Chunks {
  let extend = () => {};
  const button = h('button', { type: 'button' });
  button.addEventListener('click', () => extend());
  more.append(button);
  return {
    show(items, draw) {
      let shown = 0;
      list.replaceChildren();
      extend = () => {
        list.append(...items.slice(shown, shown + size).map(draw));
        shown = Math.min(items.length, shown + size);
        const left = items.length - shown;
        button.hidden = left === 0;
        button.textContent = `Show ${Math.min(size, left)} more of ${left.toLocaleString('en')}`;
        said(shown, items.length);
      };
      extend();
    },
  };
}

/** All items, a frame's worth at a time, so that the browser's own search finds everything soon. */
export function byFrames(list: HTMLElement, size: number): Chunks {
  let turn = 0;
  return {
    show(items, draw) {
      turn += 1;
      const mine = turn;
      list.replaceChildren(...items.slice(0, size).map(draw));
      const extend = (from: number) => {
        if (mine !== turn || from >= items.length) return;
        list.append(...items.slice(from, from + size).map(draw));
        requestAnimationFrame(() => extend(from + size));
      };
      requestAnimationFrame(() => extend(size));
    },
  };
}
