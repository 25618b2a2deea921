// A value that pages draw from: set it, and whoever listens is told.

export class Store<T extends object> {
  private listeners = new Set<() => void>();

  constructor(private value: T) {}

  get now(): T {
    return this.value;
  }

  /** Replaces the named fields. Nobody is told when nothing changed. */
  set(change: Partial<T>): void {
    const next = { ...this.value, ...change };
    const keys = Object.keys(change) as (keyof T)[];
    if (keys.every((key) => Object.is(next[key], this.value[key]))) return;
    this.value = next;
    for (const listener of [...this.listeners]) listener();
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
