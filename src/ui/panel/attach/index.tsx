/** The button that adds files, and what listens for those that are dropped or pasted: fetched where files are taken. */
export { enAttach as words } from '../../strings/en-attach.ts'
export { Attach } from './Attach.tsx'
export { default as css } from './attach.css?inline'
