import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/**
 * Makes one file of a script that a page of the tests loads, and of all that it imports.
 *
 * @param folder In the project's cache; emptied first.
 * @returns Where the file lies.
 */
export async function bundlePage(entry: URL, folder: string): Promise<string> {
  const outDir = fileURLToPath(new URL(`../../node_modules/.cache/${folder}`, import.meta.url))
  const fileName = basename(entry.pathname).replace(/\.ts$/, '.js')
  await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': JSON.stringify('production') },
    build: {
      outDir,
      emptyOutDir: true,
      minify: false,
      lib: { entry: fileURLToPath(entry), formats: ['es'], fileName: () => fileName },
      rolldownOptions: { output: { codeSplitting: false } }
    }
  })
  return `${outDir}/${fileName}`
}
