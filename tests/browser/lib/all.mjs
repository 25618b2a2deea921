// What stories need, in one line.
export * from './browser.mjs';
export * from './server.mjs';
export * from './network.mjs';
