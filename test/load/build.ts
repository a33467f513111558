import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { BUILT } from './child.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Builds what runs in processes of its own as `npm run build` builds the server, so that nothing compiles when they start. */
export async function buildChildren(): Promise<void> {
  const files = ['server.ts', 'echo.ts', 'least.ts', 'client.ts', 'desk.ts', 'abuser.ts']
  await build({
    configFile: here('../../vite.config.ts'),
    mode: 'server',
    build: {
      outDir: BUILT,
      emptyOutDir: true,
      rolldownOptions: { input: Object.fromEntries(files.map(file => [file.slice(0, -3), here(file)])) }
    }
  })
}
