/** What only an answer needs that is written while it is read, such as an assistant's; fetched when there is one. */
export { enGrowing as words } from '../../strings/en-growing.ts'
export { Growing } from './Growing.tsx'
export { default as css } from './growing.css?inline'
