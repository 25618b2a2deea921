// A link within this page: a plain press stays here, every other press is the browser's own.

import type { ComponentChildren } from 'preact';
import { go } from './place';

interface Props {
  to: string;
  class?: string;
  children: ComponentChildren;
}

export function Link({ to, class: style = '', children }: Props) {
  const press = (event: MouseEvent): void => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return <a class={style} href={to} onClick={press}>{children}</a>;
}
