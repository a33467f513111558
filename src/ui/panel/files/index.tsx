/** Files before they are sent and after: fetched with the first that is chosen or shown. */
export { enFiles as words } from '../../strings/en-files.ts'
export { Files } from './Files.tsx'
export { default as css } from './files.css?inline'
export { Tray } from './Tray.tsx'
