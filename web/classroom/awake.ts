// Keeps the big screen from going dark while the page is open, where the browser can (Chromium 84 and later).

export function stayAwake(): void {
  const ask = (): void => {
    if (document.visibilityState === 'visible') void navigator.wakeLock?.request('screen').catch(() => {});
  };
  document.addEventListener('visibilitychange', ask);
  ask();
}
