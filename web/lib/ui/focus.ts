// Where the next key goes: browsers heed `autofocus` only for what is there when the page opens.

/** As a `ref`: the element has the keyboard from when it appears. */
export const focus = (element: HTMLElement | null): void => element?.focus();
