// Builds the pages into dist/: one folder a page, hashed code and style under assets/.
import { defineConfig } from 'vite';

const page = (name: string) => decodeURIComponent(new URL(`${name}/index.html`, import.meta.url).pathname);

export default defineConfig({
  base: '/',
  // The oldest browser on a classroom's big screen (docs/protocol.md is spoken by Chromium 80 and later).
  build: {
    target: 'chrome80',
    cssTarget: 'chrome80',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    rollupOptions: {
      input: {
        teach: page('teach'), classroom: page('classroom'), ops: page('ops'), login: page('login'), devices: page('devices'),
        timetable: page('timetable'), plan: page('plan'), refused: page('refused'),
      },
    },
  },
});
